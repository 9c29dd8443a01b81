"""Programs in which random search found a bug, cut down; each must be right in every form from now on."""

import pytest
from random_programs.checks import check
from random_programs.generator import RandomProgram

try:
    import torch
except ImportError:
    torch = None

FOUND = {
    "contributions that cancel to rounding": (
        [("w", (3,), True)],
        "u = F.kl_div(torch.log_softmax(w, -1), torch.softmax(w, -1), reduction='sum')\nout = u * 1.5",
    ),
    "terms of a sum that cancel": ([("a", (2, 2), True)], "p = F.l1_loss(a, a)\nout = p * 1.5"),
    "a name that only a comparison uses": (
        [("w", (3, 3), True)],
        "h = torch.erf(w)\nu = torch.where(h > 0, w, w * w)\nout = (u * u).mean()",
    ),
    "a factor that a sum repeats": (
        [("w", (), True), ("u", (2, 2), True)],
        "p = torch.reciprocal(torch.addcmul(w, w, u, value=0.5) ** 2 + 1)\nout = (p * p).mean()",
    ),
    "rules that undo each other": (
        [("a", (1,), True)],
        "h = F.binary_cross_entropy_with_logits(a, torch.sigmoid(a))\nout = (h * h).mean()",
    ),
    "one function of two equal arguments": ([("a", (), True)], "u = torch.logaddexp(a, a)\nout = u.sum()"),
    "masks put where an entry is taken twice": ([("b", (3, 2), True)], "h = torch.relu(b[..., [0, 0]])\nout = h.sum()"),
    "a slope at a kink": (
        [("a", (3,), True)],
        "h = torch.sinh(a) - torch.sinh(a)\nq = F.leaky_relu(h, 0.1)\nout = q.sum()",
    ),
    "a number as an operand of structure": (
        [("a", (2,), True)],
        "h = a[0]\nu = torch.sin(h)\nr = F.hardtanh(3 / (u * u + 1))\nout = r.sum()",
    ),
    "0/0 at every point tried": (
        [("b", (2, 2), True)],
        "h = torch.masked_fill(b, b > -9, 0.25) + b * 0\nu = h.std(dim=-1, keepdim=True)\nout = (u + b).sum()",
    ),
    "a vector spread into a matrix isn't symmetric": (
        [("a", (3, 2), True)],
        "h = a @ a.T\nu = torch.atan(h)\nr = F.softplus(h.max(dim=0).values)\nout = (r * r).mean()",
    ),
    "a sum of truths is a number": (
        [("w", (2, 1), True), ("b", (2, 2, 3), True)],
        "s = 2 / (b * b + 1)\np = torch.where(s > 0, w, b)\nq = torch.where(p > -9, w, w * 0)\nout = p.sum() + q.sum()",
    ),
}


@pytest.mark.parametrize("found", FOUND)
def test_found(found):
    leaves, source = FOUND[found]
    check(RandomProgram(tuple(leaves), tuple(source.split("\n")), 1), torch)

"""Programs in which random search found a bug, cut down; each must be right in every form from now on."""

import pytest
from random_programs.checks import Refused, check
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
    "a vector spread into a matrix isn't symmetric": (
        [("a", (3, 2), True)],
        "h = a @ a.T\nu = torch.atan(h)\nr = F.softplus(h.max(dim=0).values)\nout = (r * r).mean()",
    ),
    "denominators that divide one another": (
        [("a", (2,), True)],
        "h = torch.tanh(a)\nq = torch.rsqrt(torch.rsqrt(h * h + 1) ** 2 + 1)\nout = torch.log2(q ** 2 + 1).sum()",
    ),
    "a name of a larger shape than its definition": (
        [("a", (2, 1), True)],
        "out = (torch.inner(a, a) * torch.inner(a, a)).sum()",
    ),
    "a number where code needs an array": (
        [("a", (3,), True)],
        "p = a * 1; p[..., -1] *= 3\nh = torch.cumprod(p, dim=0)\nout = h * 1.5",
    ),
    "a definition that is zero everywhere": (
        [("a", (2, 2, 3), True)],
        "h = a[0]\np = torch.linalg.cross(h, h, dim=-1)\nout = (p * p).mean()",
    ),
    "a function and one that it uses bear one name": (
        [("a", (2,), True)],
        "h = torch.remainder(a, a * a + 1)\nout = (h * h).sum()",
    ),
    "infinity as a parameter": (
        [("a", (3,), True)],
        "h = torch.linalg.vector_norm(a, float('inf'), dim=0)\nout = h * h",
    ),
    "constants that are truths": (
        [("a", (1,), True), ("b", (2,), False)],
        "h = F.hinge_embedding_loss(a + 3, torch.sign(a).detach())\nh = torch.clamp(h, max=a)\nout = (h * h).mean()",
    ),
    "minus a truth": (
        [("w", (2, 2), True)],
        "r = torch.rsqrt(F.softshrink(w, 0.3) ** 2 + 1)\nout = -r.sum() - (w > 0).sum()",
    ),
    "a dtype in JSON": (
        [("a", (2, 2), True)],
        "h = a * (a >= 0.1).to(torch.float64)\nout = (F.hardswish(h) * 1.5).sum()",
    ),
    "settings with letters are put in order": (
        [("a", (3, 3), True)],
        "s = torch.vstack([a, a])\nr = F.max_pool1d(s.unsqueeze(0), s.shape[-1])\nout = (torch.sigmoid(r) ** 2).mean()",
    ),
    "a matrix of truths at other sizes": (
        [("a", (3, 3), True)],
        "h = torch.masked_fill(a, a > 0.5, 0.25)\nu = torch.square(torch.tril(h))\nout = (u * u).mean()",
    ),
    "sizes that are doubled along a diagonal": ([("a", (2,), True)], "h = torch.diag_embed(a)\nout = (h * h).mean()"),
    "conditions of conditions by entries": (
        [("b", (1, 3), True), ("w", (2, 3), True)],
        "h = torch.reciprocal(torch.minimum(b, w) ** 2 + 1)\nout = h * 1.5",
    ),
    "halves of what was put together": (
        [("a", (3,), True)],
        "h = F.glu(torch.cat([a, a * 2], -1), -1) ** 3\nout = (h * a).sum()",
    ),
    "a product that is shared whole": (
        [("a", (1, 3), True)],
        "h = F.layer_norm(a, a.shape[-1:])\nout = torch.reciprocal(h * h + 1).swapaxes(0, -1).sum()",
    ),
    "a sum of truths is a number": (
        [("w", (2, 1), True), ("b", (2, 2, 3), True)],
        "s = 2 / (b * b + 1)\np = torch.where(s > 0, w, b)\nq = torch.where(p > -9, w, w * 0)\nout = p.sum() + q.sum()",
    ),
    "an image of a summed one, with letters": (
        [("a", (2, 2), True)],
        "p = F.interpolate(a[None], scale_factor=2)\nout = p.sum()",
    ),
    "an order as numbers": (
        [("a", (2, 1), True)],
        "u = F.interpolate(a[None, None], scale_factor=2, mode='bilinear')\nout = (u.argsort(dim=-1) * u).sum()",
    ),
    "as many entries as a mask holds": (
        [("a", (2, 3), True), ("w", (1,), True)],
        "h = torch.sinh(a[a > -9.0]) - w\nout = (h * h).sum()",
    ),
    "numbers that SymPy can't work out are compared": (
        [("b", (2, 3), True)],
        "u = F.gelu(torch.linalg.cross(b, b, dim=-1), approximate='tanh').nansum(dim=-1)\np = torch.inner(u, u)\n"
        "q = torch.minimum(p, p)\nout = (q * q).mean()",
    ),
    "a function that is steep within a step": (
        [("a", (2, 1), True)],
        "h = torch.clamp(a * torch.all(a > 9), -0.5, 0.8)\nq = F.rms_norm(h, h.shape[-1:])\nout = q * q + h",
    ),
    "contributions that cancel within a normalisation": (
        [("h", (2, 2), True)],
        "u = F.batch_norm(h * h, None, None, training=True)\nout = u.sum()",
    ),
    "the real part of what is real": (
        [("a", (2, 1), True)],
        "s = torch.exp2(torch.atanh(torch.tanh(a) / 2) / 2)\nout = F.softsign(s).sum()",
    ),
}


@pytest.mark.parametrize("found", FOUND)
def test_found(found):
    leaves, source = FOUND[found]
    check(RandomProgram(tuple(leaves), tuple(source.split("\n")), 1), torch)


@pytest.mark.parametrize(
    "leaf, source",
    [
        (
            ("b", (2, 2), True),
            "h = torch.masked_fill(b, b > -9, 0.25) + b * 0\nu = h.std(dim=-1, keepdim=True)\nout = (u + b).sum()",
        ),
        (("a", (2, 3), True), "h = torch.linalg.cross(a, a, dim=-1)\nout = torch.sinc(h) * 1.5"),
    ],
    ids=["0/0 at every point tried", "a slope at nothing over nothing in code"],
)
def test_0_over_0_everywhere_is_refused(leaf, source):
    """Where nothing could be compared, or a step divides by zero whatever the values, nothing is shown."""
    with pytest.raises(Refused, match="nothing could be compared|has no formula, since"):
        check(RandomProgram((leaf,), tuple(source.split("\n")), 1), torch)

"""Explanations of several variables share work; each is what it would be alone."""

import pytest

import engine as torch
from explain import explain


def network(depth):
    """The loss of a perceptron of named layers, its parameters, and all names."""
    x, target = torch.randn(4, 3), torch.randn(4, 3)
    names, h, parameters = {"X": x, "T": target}, x, []
    for at in range(depth):
        w, b = torch.randn(3, 3).requires_grad_(), torch.zeros(3, requires_grad=True)
        h = torch.tanh(h @ w + b)
        names |= {f"W{at}": w, f"b{at}": b, f"h{at}": h}
        parameters += [w, b]
    return ((h - target) ** 2).mean(), parameters, names


def recurrence(steps):
    """Shared weights, used at every step."""
    W, U = torch.randn(3, 3).mul(0.4).requires_grad_(), torch.randn(2, 3, requires_grad=True)
    xs, h = torch.randn(steps, 2, 2), torch.zeros(2, 3)
    for at in range(steps):
        h = torch.tanh(xs[at] @ U + h @ W)
    return (h * h).sum(), [W, U], {"W": W, "U": U, "xs": xs}


def attention():
    q, k, v = (torch.randn(3, 2, requires_grad=True) for _ in range(3))
    s = q @ k.T / 2
    p = torch.softmax(s, dim=-1)
    return p @ v, [q, k, v], {"q": q, "k": k, "v": v, "s": s, "p": p}


def shown(explanation):
    """What a reader is shown, and how many points and equations stand behind it."""
    e, checked = explanation, explanation.certificate
    steps = [(step.kind, step.left, repr(step.forms), step.rule, step.words, step.path) for step in e.steps]
    evidence = checked.points, checked.equations, checked.notes
    return e.formula, repr(e.where), e.rewrites, steps, evidence


@pytest.mark.parametrize("program", [lambda: network(2), lambda: network(9), lambda: recurrence(12), attention])
@pytest.mark.parametrize("turned", [False, True])
def test_an_explanation_among_several_is_what_it_is_alone(program, turned):
    torch.manual_seed(0)
    out, parameters, names = program()
    together = explain(out, wrt=parameters[::-1] if turned else parameters, names=names)
    for one in parameters:
        assert shown(together[one]) == shown(explain(out, wrt=one, names=names))

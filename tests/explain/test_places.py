"""Slices, new axes, reshapes and joined arrays in formulas: what only moves entries doesn't stand in the way."""

import numpy as np
import pytest

import engine as torch
from explain import explain
from explain.render.notation import text

RANDOM = np.random.default_rng(2)


def leaf(*shape):
    return torch.tensor(RANDOM.standard_normal(shape), requires_grad=True)


def by_hand(x, detach):
    m = x.max().detach() if detach else x.max()
    return torch.log(torch.exp(x - m).sum()) + m


def by_hand_in_rows(x):
    m = x.max(dim=1, keepdim=True).values.detach()
    e = torch.exp(x - m)
    return (e / e.sum(1, keepdim=True))[:, 0].log().sum()


def overwritten(x):
    y = x * 1
    y[0] = 0.0
    return (y * y).sum()


@pytest.mark.parametrize(
    "shape, program, formula",
    [
        ((4,), lambda x: ((x[:, None] - x[None, :]) ** 2 * 0.5 + x[:, None]).sum(), None),
        ((4,), lambda x: (x[:, None] * torch.ones(4, 3, dtype=torch.float64)).sum(), "Σ₁(k)"),
        ((3,), lambda x: torch.stack([x, 2 * x]).exp().sum(), "2exp(2x) + exp(x)"),
        ((2, 3), lambda x: x.reshape(6).reshape(2, 3).exp().sum(), "exp(x)"),
        ((2, 3), lambda x: x.view(1, 2, 3).exp().view(2, 1, 3).sum(), "exp(x)"),
        ((3,), lambda x: x.reshape(3, 1).tanh().reshape(3).sum(), "1 − tanh(x)²"),
        ((3,), lambda x: by_hand(x, True), "softmax(x)"),
        ((3,), lambda x: by_hand(x, False), "softmax(x)"),
        ((3,), overwritten, "2set(x, [0], 0)"),
        ((2, 3), by_hand_in_rows, "put(1[2], [:, 0]) − softmax₁(x)"),
    ],
)
def test_formula(shape, program, formula):
    x = leaf(*shape)
    found = explain(program(x), wrt=x, names={"x": x})
    if formula is not None:
        assert text(found.formula) == formula
    values = RANDOM.standard_normal(shape)
    again = torch.tensor(values, requires_grad=True)
    program(again).backward()
    arguments = {"x": values, "k": np.ones((4, 3))}
    names = found.function().__code__.co_varnames[: found.function().__code__.co_argcount]
    assert np.allclose(found.function()(*(arguments[name] for name in names)), again.grad.numpy())


def test_a_shift_is_named_where_it_is_used():
    x, c = leaf(3, 4), leaf(3, 1)
    found = explain(torch.logsumexp(x + c, dim=1).sum(), wrt=x, names={"x": x, "c": c})
    assert text(found.formula) == "softmax₁(x)"
    assert "a softmax is the same if a constant is added" in found.text()

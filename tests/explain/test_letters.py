"""Sizes as letters: carried through a program, told apart where equal by accident, refused where they clash."""

import numpy as np
import pytest

import engine as torch
from explain import explain
from explain.render.notation import text

RANDOM = np.random.default_rng(4)


def leaf(*shape, grad=True):
    return torch.tensor(RANDOM.standard_normal(shape), requires_grad=grad)


def test_leaves_that_dims_leaves_out_where_two_sizes_are_equal_by_accident():
    X, w, y = leaf(4, 4, grad=False), leaf(4), leaf(4, grad=False)
    loss = ((X @ w - y) ** 2).mean()
    found = explain(loss, wrt=w, dims={"X": "n d"})
    assert text(found.formula) == "(2/n) Xᵀ (X w − y)"
    assert found.code().count("X (n, d), w (d,), y (n,)") == 1


def test_constants_have_the_sizes_of_what_they_were_computed_from():
    X, V, W = leaf(3, 3, grad=False), leaf(3, 3, grad=False), leaf(3, 3)
    a = X @ V
    loss = (a * (X @ W)).sum()
    found = explain(loss, wrt=W, dims={"X": "n d", "V": "d h", "W": "d h"})
    assert text(found.formula) == "Xᵀ a"
    assert "also at the sizes n = 4, d = 5, h = 6" in str(found.certificate)


def test_axes_of_size_one_by_accident_are_no_broadcasting():
    z = leaf(1, 1)
    e = z.exp()
    p = e / e.sum(1, keepdim=True)
    loss = (p * p).sum()
    found = explain(loss, wrt=z, dims={"z": "n c"})
    p, g = (lambda x: (p := np.exp(x) / np.exp(x).sum(1, keepdims=True), 2 * p))(x := RANDOM.standard_normal((2, 3)))
    assert np.allclose(found.function()(x), p * (g - (p * g).sum(1, keepdims=True)))


def test_one_entry_whose_size_is_a_letter_has_an_upstream_gradient():
    x = leaf(1)
    y = torch.sigmoid(x)
    found = explain(y, wrt=x, dims={"x": "n"})
    assert "G" in {symbol.name for symbol in found.formula.free_symbols}
    y.backward()
    assert np.allclose(found.value, x.grad.numpy())


def test_a_size_that_only_another_leaf_tells_is_an_argument_of_the_code():
    X, W, b = leaf(4, 3, grad=False), leaf(3, 2), leaf(2)
    loss = (X @ W + b).sum()
    found = explain(loss, wrt=b, dims={"X": "n d", "W": "d h", "b": "h"})
    assert np.allclose(found.function()(np.zeros((7, 3)), np.zeros(2)), 7)


def test_a_reshape_keeps_the_letters_of_axes_that_it_leaves_alone():
    x = leaf(5, 12)
    y = (x.reshape(5, 3, 4) ** 2).mean(dim=2)
    found = explain(y, wrt=x, dims={"x": "n 12"})
    assert "also at the sizes n = 6" in str(found.certificate)


PROGRAMS = {
    "stack": lambda a, b: torch.stack([a, b]).exp().sum(),
    "linear": lambda a, b: torch.nn.functional.linear(a, b).exp().sum(),
    "soft_cross_entropy": lambda a, b: torch.nn.functional.cross_entropy(a, torch.softmax(b, 1)),
    "solve": lambda a, b: torch.linalg.solve(a.T @ a, b).sum(),
    "layer_norm": lambda a, b: torch.nn.functional.layer_norm(a, (3,), b[0]).exp().sum(),
    "addmm": lambda a, b: torch.addmm(a, b, b).exp().sum(),
    "matmul": lambda a, b: (a @ b).exp().sum(),
    "einsum": lambda a, b: torch.einsum("ij,jk->ik", a, b).exp().sum(),
    "where": lambda a, b: torch.where(a > 0, a, b).exp().sum(),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_letters_that_clash_are_refused_at_any_operation(name):
    a, b = leaf(3, 3), leaf(3, 3)
    with pytest.raises(ValueError, match=f"A: n d; B: m k.* contradict the program at {name}.* is the size of axis"):
        explain(PROGRAMS[name](a, b), wrt=a, names={"A": a, "B": b}, dims={"A": "n d", "B": "m k"})


def test_the_sentence_names_both_uses():
    X, w, y = leaf(4, 4, grad=False), leaf(4), leaf(4, grad=False)
    loss = ((X @ w - y) ** 2).mean()
    with pytest.raises(ValueError, match="n meets m; n is the size of axis 0 of X and m is the size of axis 0 of y"):
        explain(loss, wrt=w, dims={"X": "n d", "w": "d", "y": "m"})


def test_a_constant_whose_size_is_a_letters_by_accident():
    Q, V = leaf(4, 3), leaf(4, 4)
    m = torch.triu(torch.ones(4, 4), 1).bool()
    P = torch.softmax((Q @ Q.T).masked_fill(m, float("-inf")), dim=1)
    found = explain((P @ V).sum(), wrt=V, names={"Q": Q, "V": V}, dims={"Q": "4 3", "V": "4 k"})
    assert "also at the sizes k = 5" in str(found.certificate)


def test_letters_of_what_constants_were_computed_from():
    x, mu, sigma = leaf(5, grad=False), leaf(grad=False), torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    r = x - mu
    loss = (-(r**2) / (2 * sigma**2) - sigma.log()).sum()
    found = explain(loss, wrt=sigma, names={"x": x, "r": r, "sigma": sigma}, dims={"x": "n"})
    assert "n" in {str(letter) for letter in found.formula.free_symbols}

"""Explanation.check: what is right, what is wrong, what isn't understood."""

import numpy as np
import pytest
import sympy

import engine as torch
from explain import explain

N = 3


@pytest.fixture(scope="module")
def regression():
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    y = torch.tensor([1.0, 0.0, 1.0])
    w = torch.zeros(2, requires_grad=True)
    p = torch.sigmoid(X @ w)
    loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    return explain(loss, wrt=w)


RIGHT = [
    "X.T @ (p - y) / 3",
    "X.T @ (sigmoid(X@w) - y) / len(y)",
    "(p-y) @ X / X.shape[0]",
    "np.dot(X.T, p - y) / y.size",
    "X.T@p/3 - X.T@y/3",
    "np.einsum('ij,i->j', X, p - y) / 3",
    "((p - y)[:, None] * X).mean(axis=0)",
    "np.sum((p - y)[:, np.newaxis] * X, axis=0, keepdims=False) / 3",
    "-X.T @ (1/(1+np.exp(-X@w)) - y)*-1/3",
    "X.T @ (p - (y > 0.5).astype(float)) / 3",
    "((p - y).reshape(1, -1) @ X / 3).ravel()",
]


@pytest.mark.parametrize("candidate", RIGHT)
def test_right(regression, candidate):
    assert regression.check(candidate)


def test_other_kinds_of_candidates(regression):
    assert regression.check(regression.formula)
    assert regression.check(regression.value)
    assert regression.check(torch.tensor(regression.value))
    assert regression.check(lambda X, p, y: X.T @ (p - y) / 3)
    assert regression.check(lambda data, target, weights: data.T @ (1 / (1 + np.exp(-data @ weights)) - target) / 3)


def test_a_size_may_be_a_variable_of_the_caller(regression):
    n = len(regression.given[0][1])
    assert regression.check(f"X.T @ (p - y) / {'n'}")
    assert n == N


def test_sympy_by_names():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    e = explain(((a + 5) ** 2).sum(), wrt=a)
    A = sympy.Symbol("a")
    assert e.check(2 * (A + 5)) and e.check(sympy.expand(2 * (A + 5))) and not e.check(2 * A + 5)
    assert "not a variable" in str(e.check(sympy.Symbol("q")))


def test_a_proof_and_the_rewrite():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a + 5
    verdict = explain((b**2).sum(), wrt=a).check("2*a + 10")
    assert verdict and verdict.proof and "another form" in str(verdict)


@pytest.mark.parametrize(
    "candidate, words",
    [
        ("", "empty"),
        ("zz", "unknown name"),
        ("w + [0]", "a list may stand only"),
        ("__import__('os')", "not a name"),
        ("w.backward()", "unknown method"),
        ("rand(2)", "unknown function"),
        ("a = 3", "no '='"),
        ("9**9**9*w", "exponent"),
        ("ones(10**9)", "elements"),
        ("var(w)", "np.var"),
    ],
)
def test_not_understood_is_a_sentence(regression, candidate, words):
    verdict = regression.check(candidate)
    assert not verdict and not verdict.understood
    assert words in str(verdict) and "\n" not in str(verdict)


def test_letters():
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    w = torch.ones(2, requires_grad=True)
    loss = ((X @ w) ** 2).mean()
    e = explain(loss, wrt=w, dims={"X": "n d"})
    assert e.check("2 / n * X.T @ X @ w")
    assert not e.check("2 / 3 * X.T @ X @ w")
    assert not e.check("2 / n * X.T @ X @ w / 3 * n") and e.check("2 / len(X) * X.T @ X @ w")


def test_right_here_is_not_right():
    a = torch.ones(2, requires_grad=True)
    e = explain((a**3).sum(), wrt=a)
    assert not e.check("3") and not e.check("3 * a") and e.check("3*a*a") and e.check([3, 3])


def test_signs_elsewhere_are_tried():
    a = torch.ones(3, requires_grad=True)
    e = explain(torch.relu(a).sum(), wrt=a)
    assert not e.check("1") and e.check("a > 0") and e.check("(a > 0) * 1.0")

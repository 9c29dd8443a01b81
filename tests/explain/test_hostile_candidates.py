"""Candidates as hostile input: never a crash, a hang, or anything run."""

import time

import numpy as np
import pytest
import sympy
from candidates.hostile import texts

import engine as torch
from explain import explain
from explain.verdict import Verdict

LONGEST = 5.0  # seconds for one candidate


@pytest.fixture(scope="module")
def explanations():
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    y = torch.tensor([1.0, 0.0, 1.0])
    w = torch.tensor([0.1, 0.2], requires_grad=True)
    z = X @ w
    p = torch.sigmoid(z)
    loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * a
    return explain(loss, wrt=w), explain(torch.sin(b) * a, wrt=a)


def judged(explanation, candidate):
    start = time.monotonic()
    verdict = explanation.check(candidate)
    assert isinstance(verdict, Verdict) and str(verdict) and "\n" not in str(verdict)
    assert str(verdict).encode("utf-8")
    assert time.monotonic() - start < LONGEST, candidate
    return verdict


def tried(explanations, seed, count):
    before = [node.output.copy() for e in explanations for node in e._derivation.program.nodes]
    found = [judged(explanations[at % 2], text) for at, text in enumerate(texts(seed, count))]
    after = [node.output for e in explanations for node in e._derivation.program.nodes]
    assert all(np.array_equal(one, two) for one, two in zip(before, after))
    return found


def test_random_texts(explanations):
    found = tried(explanations, 1, 300)
    assert any(not verdict.understood for verdict in found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_many_random_texts(explanations, seed):
    tried(explanations, 100 + seed, 10_000)


@pytest.mark.parametrize(
    "candidate",
    [
        "(" * 5000,
        "x" * 100_000,
        "+".join(["w"] * 5000),
        "-" * 3000 + "w",
        "w" + "**2" * 300,
        "w" + ".T" * 3000,
        "ones(10**5, 10**5) @ w",
        "ones(3000, 3000) @ ones(3000, 3000)",
        "((w + 1)**64 + w)**64",
        "[" * 90 + "w" + "]" * 90,
        "__import__('os').system('touch hacked')",
        "().__class__.__bases__[0].__subclasses__()",
        "open('hacked', 'w')",
        "exec('1')",
        "w.__array_interface__",
        "(lambda: 1)()",
        "w.requires_grad_(False)",
        "X.zero_()",
        r"\frac" * 500,
        r"\input{/etc/passwd}",
        r"\write18{touch hacked}",
        "^" * 1000,
        "{" * 1400,
        "\\left" * 200,
        "a^" * 300,
        "\ud800",
        "\x00",
        "w\nw",
        "𝐰",
    ],
)
def test_texts_meant_badly(explanations, candidate, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not judged(explanations[0], candidate)
    assert list(tmp_path.iterdir()) == []


class Odd:
    def __array__(self, *_args, **_kwargs):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


def raising(w):
    raise KeyError("w")


@pytest.mark.parametrize(
    "candidate",
    [
        None, {}, object(), Odd(), b"w", 1j, [[1.0], [1.0, 2.0]], np.array(["a", "b"]), np.array([object()]),
        np.array([1 + 2j, 0]), np.array([np.nan, np.inf]), np.zeros((0,)), np.zeros((2, 0)), [], (), True, float("nan"),
        raising, lambda: 1, lambda q, r, s: q, lambda w: None, lambda w: "w", lambda w: [1, "a"], lambda *w: w, print,
        int, Verdict, sympy.zoo, sympy.nan, sympy.Symbol("w") ** sympy.Symbol("nothing"), sympy.Matrix([1, 2]),
        sympy.Function("f")(sympy.Symbol("w")), sympy.Integral(sympy.Symbol("w"), sympy.Symbol("w")),
        sympy.Eq(sympy.Symbol("w"), 1), sympy.MatrixSymbol("X", 3, 2), sympy.I, sympy.Symbol("w") ** 10**6,
        sympy.Piecewise((sympy.Symbol("w"), sympy.Symbol("w") > 0), (0, True)),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_objects_of_every_kind(explanations, candidate):
    assert not judged(explanations[0], candidate)


def test_sympy_that_is_large(explanations):
    w = sympy.Symbol("w")
    assert not judged(explanations[0], sympy.Add(*[w**k for k in range(2000)]))
    assert not judged(explanations[0], sum((sympy.sin(w) + k) ** 30 for k in range(20)))


def test_a_function_may_not_change_the_program(explanations):
    def careless(w):
        w += 1
        return w

    before = explanations[0].value.copy()
    assert not judged(explanations[0], careless)
    assert np.array_equal(before, explanations[0].value) and explanations[0].check("X.T @ (p - y) / 3")

"""Formulas as text, LaTeX and MathML: every operation of the registry, and what would otherwise be ambiguous."""

import math
from xml.dom.minidom import parseString

import numpy as np
import pytest
import sympy

import engine  # noqa: F401 - declares the operations
from engine.op import REGISTRY
from engine.symbols import Sym, letter, lift, symbol
from engine.symbols.sym import apply
from explain.render.notation import latex, mathml, text

A, B, X = symbol("A", (3, 3)), symbol("B", (3, 3)), symbol("X", (4, 3))
u, v = symbol("u", (3,)), symbol("v", (3,))
q = symbol("q", ())
n = lift(letter("n"))


def made(name, *args, **params):
    return apply(REGISTRY[name], args, params)


def matmul(a, b):
    return made("matmul", a, b)


@pytest.mark.parametrize(
    ("sym", "plain", "tex"),
    [
        (2 / n * matmul(made("permute", X, dims=(1, 0)), symbol("r", (4,))), "(2/n) Xᵀ r",
         r"\frac{2}{n} \, X^{\mathsf{T}} \, r"),
        (matmul(A, B) * A, "A ⊙ A B", r"A \odot A \, B"),
        (matmul(A + B, u), "(A + B) u", r"(A + B) \, u"),
        (matmul(A * B, u), "(A ⊙ B) u", r"(A \odot B) \, u"),
        (made("outer", u, v), "u vᵀ", r"u \, v^{\mathsf{T}}"),
        (matmul(u, v), "uᵀ v", r"u^{\mathsf{T}} \, v"),
        (made("sum", X * X, dim=(0, 1), keepdim=False), "Σ(X²)", r"\sum X^{2}"),
        (made("sum", X + 1, dim=(1,), keepdim=True), "Σ₍₁₎(X + 1)", r"\sum_{(1)} (X + 1)"),
        (made("mean", X, dim=(0,), keepdim=False), "mean₀(X)", r"\operatorname{mean}_{0}(X)"),
        (made("softmax", X, dim=(1,)), "softmax₁(X)", r"\operatorname{softmax}_{1}(X)"),
        (made("gt", X, lift(0)), "[X > 0]", "[X > 0]"),
        (made("unsqueeze", u, dim=(1,)), "u[:, None]", r"u[:, \mathrm{None}]"),
        (q * (u + 1), "q · (u + 1)", r"q \cdot (u + 1)"),
        (u - (v - 1) * q, "u − q · (v − 1)", r"u - q \cdot (v - 1)"),
        (2 * (u + v), "2(u + v)", "2 (u + v)"),
        (-(u + v), "−(u + v)", "-(u + v)"),
        (u / (2 * q), "u/(2q)", r"\frac{u}{2 q}"),
        ((u + 1) / 3**0.5, "(u + 1) / √3", r"\frac{u + 1}{\sqrt{3}}"),
        (symbol("x_hat", ()) * 1e-5, "10⁻⁵ · x_hat", r"10^{-5} \cdot \hat{x}"),
        (symbol("W1", ()) / symbol("sigma", ()), "W1/sigma", r"\frac{W_{1}}{\sigma}"),
        (symbol("∂L/∂h1", ()) * 2, "2∂L/∂h1", r"2 \frac{\partial L}{\partial h_{1}}"),
        (symbol("_{}^", ()) + 0, "_{}^", r"\mathrm{\text{\_\{\}{\textasciicircum}}}"),
        (Sym(sympy.Abs(u.expr), (3,)), "|u|", r"\left\vert u \right\vert"),
        (symbol("u", ()) ** 2 * 3 / 4, "3u²/4", r"\frac{3 u^{2}}{4}"),
    ],
)  # fmt: skip
def test_as_a_person_writes_it(sym, plain, tex):
    assert text(sym.expr) == plain
    assert latex(sym.expr) == tex


def test_numbers_in_place_of_symbols():
    b = symbol("b", ()).expr
    assert text((3 * (symbol("b", ()) ** 2 + 1)).expr, {b: 3.0}) == "3 · (3² + 1)"
    assert text(b**2 * 2, {b: -3.0}) == "2 · (−3)²"
    assert text(b - 1, {b: -0.5}) == "−0.5 − 1"
    assert latex(2 * b, {b: 1e-7}) == r"2 \cdot 10^{-7}"


def symbols_of(sample):
    args, params = sample
    made = []
    for at, arg in enumerate(args):
        shape = arg if type(arg) is tuple else getattr(arg, "shape", None)
        made.append(arg if shape is None else symbol("xyzuvw"[at], shape))
    return made, params


def samples():
    return [
        pytest.param(op, sample, id=f"{name}-{at}")
        for name, op in REGISTRY.items()
        for at, sample in enumerate(op.samples)
    ]


def listed(args):
    """Samples that contain lists of operands, for operations with any number of them, are taken as they are."""
    return all(not isinstance(arg, (list, np.ndarray)) for arg in args)


@pytest.mark.parametrize("op, sample", samples())
def test_every_operation_is_written(op, sample):
    args, params = symbols_of(sample)
    if not listed(args):
        pytest.skip("a sample by values")
    found = apply(op, args, params)
    for sym in found if isinstance(found, tuple) else [found]:
        if not isinstance(sym, Sym):
            continue
        plain = text(sym.expr)
        assert plain and "{" not in plain and "array(" not in plain
        tex = latex(sym.expr)
        assert tex.count("{") == tex.count("}") and tex.count(r"\left") == tex.count(r"\right")
        assert not set(tex) & set("Σᵀ⊙∂₀₁²−")
        parseString(f"<math>{mathml(sym.expr)}</math>")


@pytest.mark.parametrize(
    "number, shown",
    [
        (math.sqrt(2 * math.pi), "√(2π) · x"),
        (1 / math.sqrt(2 * math.pi), "x/√(2π)"),
        (math.sqrt(2 / math.pi), "√(2/π) · x"),
        (0.044715, "0.044715 · x"),
        (0.07, "0.07 · x"),
        (3 / 16, "(3/16) x"),
        (1 / 200, "x/200"),
        (2 / 3, "(2/3) x"),
        (1 / math.sqrt(3), "x/√3"),
    ],
)
def test_a_number_is_read_as_a_person_writes_it(number, shown):
    import engine as torch
    from explain import explain

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert text(explain((number * x * x / 2).sum(), wrt=x).formula) == shown

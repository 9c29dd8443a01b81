"""Small arrays written entry by entry, where a program takes single places: ∂f/∂x = [2x[0], 1]."""

import numpy as np
import pytest
import sympy

import engine as torch
from engine.ops.indexing import ALL, Key, getitem, put_slice
from engine.symbols import Sym, symbol
from engine.symbols.evaluate import evaluate
from explain import explain
from explain.rewrite import simplify

RANDOM = np.random.default_rng(8)
PROGRAMS = {
    "rosenbrock": (2, lambda x, m: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2),
    "product": (3, lambda x, m: x[0] * x[1] * x[2] + m.sin(x[0])),
    "length": (2, lambda x, m: (x[0] ** 2 + x[1] ** 2) ** 0.5),
    "determinant": ((2, 2), lambda x, m: x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0]),
    "from the end": (4, lambda x, m: x[-1] * m.exp(x[0] * x[-3])),
    "some of nine": ((3, 3), lambda x, m: x[0, 2] * x[1, 1] ** 2 + x[2, 0]),
    "one of six": (6, lambda x, m: x[3] ** 3),
}


@pytest.mark.parametrize("shape, program", PROGRAMS.values(), ids=PROGRAMS)
def test_each_entry_is_what_sympy_differentiates(shape, program):
    values = RANDOM.uniform(0.5, 1.5, shape)
    x = torch.tensor(values, requires_grad=True)
    explanation = explain(program(x, torch), wrt=x)
    letters = np.array(sympy.symbols(f"x:{values.size}"), dtype=object).reshape(values.shape)
    scalar = program(letters, sympy)
    at = dict(zip(letters.flat, values.flat))
    want = np.vectorize(lambda letter: float(sympy.diff(scalar, letter).subs(at)))(letters)
    np.testing.assert_allclose(explanation.function()(values), want, rtol=1e-12)
    assert explanation.text().partition("= ")[2].startswith("[")
    assert "put(" not in explanation.text() and "put_slice" not in explanation.code()
    for index in np.ndindex(values.shape):
        np.testing.assert_allclose(np.asarray(explanation.at(*index).value, float), want[index], rtol=1e-12)


def test_what_the_page_says():
    x = torch.tensor([1.2, 0.5], requires_grad=True)
    f = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    explanation = explain(f, wrt=x)
    first = explanation.text().splitlines()[0]
    assert first == "∂f/∂x = [2(x[0] − 200x[0] · (x[1] − x[0]²) − 1), 200(x[1] − x[0]²)]"
    assert "return np.array([2 * (t1 - 200 * t2 * t1 - 1), 200 * t2])" in explanation.code()
    assert "∂f/∂x[1] = 200(x[1] − x[0]²) = 200 · (0.5 − 1.2²) = −188" in explanation.text()
    assert explanation.text().count("∂f/∂x = [451.6, -188]") == 1  # in one piece, besides the headline's line
    y = torch.ones(2, 2, requires_grad=True)
    out = y[0, 0] * y[1, 1] - y[0, 1] * y[1, 0]
    assert explain(out, wrt=y).text().startswith("∂out/∂y = [[y[1, 1], −y[1, 0]], [−y[0, 1], y[0, 0]]]")
    assert "np.array([[y[1, 1], -y[1, 0]], [-y[0, 1], y[0, 0]]])" in explain(out, wrt=y).code()


def test_integers_alone_are_floats_in_code():
    x = torch.tensor([1.2, 0.5], requires_grad=True)
    out = x[0] - x[1]
    assert "np.array([1.0, -1.0])" in explain(out, wrt=x).code()


def test_long_arrays_and_slices_keep_their_places():
    for taken in (lambda x: x[3] * x[2], lambda x: (x[1:] * x[:-1]).sum()):
        x = torch.ones(12, requires_grad=True)
        assert "put(" in explain(taken(x), wrt=x).text()


@pytest.mark.parametrize("shape", [(2,), (3,), (2, 2), (1, 3)])
def test_sums_of_places_keep_their_value(shape):
    """Random sums of scalars times numbers at single places, times an array now and then."""
    scalars = [symbol(name, ()) for name in "abc"]
    array = symbol("A", shape)
    for _ in range(40):
        total = Sym(sympy.S.Zero, shape)
        for _term in range(RANDOM.integers(1, 5)):
            key = Key(int(RANDOM.integers(-n, n)) for n in shape)
            term = put_slice(scalars[RANDOM.integers(3)] * int(RANDOM.integers(1, 4)), key=key, size=shape)
            for scalar in RANDOM.choice(scalars, RANDOM.integers(0, 3)):
                term = term * scalar
            total = total + (term * array if RANDOM.random() < 0.2 else term)
        env = {scalar.expr: RANDOM.uniform(0.5, 2) for scalar in scalars} | {array.expr: RANDOM.uniform(0.5, 2, shape)}
        place = Key(int(RANDOM.integers(0, n)) for n in shape)
        for sym in (total, getitem(total, key=place)):
            made = simplify(sym)[0]
            np.testing.assert_allclose(
                np.broadcast_to(np.asarray(evaluate(made.expr, env, {}), float), made.shape),
                np.broadcast_to(np.asarray(evaluate(sym.expr, env, {}), float), sym.shape), rtol=1e-12,
            )  # fmt: skip


@pytest.mark.parametrize(
    "shape, key",
    [((3, 1), (ALL, 0)), ((1, 3), (0,)), ((1, 3, 1), (-1, ALL, 0)), ((1, 1), (0, 0)), ((3, 1), (1, 0)),
     ((3, 2), (ALL, 0)), ((2, 1), (ALL, slice(0, 1)))],
)  # fmt: skip
def test_the_only_entry_of_an_axis(shape, key):
    """Taken or put, it is an axis of size one that goes or comes; what isn't the only entry stays where it is."""
    values = RANDOM.uniform(0.5, 2, shape)
    x = symbol("x", shape)
    inner = values[key].shape
    v = symbol("v", inner)
    env = {x.expr: values, v.expr: RANDOM.uniform(0.5, 2, inner)}
    for sym in (getitem(x, key=Key(key)), put_slice(v, key=Key(key), size=shape)):
        made = simplify(sym)[0]
        assert made.shape == sym.shape
        np.testing.assert_array_equal(*(np.broadcast_to(evaluate(one.expr, env, {}), one.shape) for one in (made, sym)))


def test_a_gaussian_kernel_between_rows_divides_by_no_distance():
    """The distance of a row from itself is zero: (a ⊙ n)[:, :, None] / n[:, :, None] must lose it."""
    X = torch.tensor(RANDOM.standard_normal((4, 2)), requires_grad=True)
    y = torch.tensor(RANDOM.standard_normal(4))
    K = torch.exp(-0.5 * torch.cdist(X, X) ** 2)
    loss = y @ K @ y
    explanation = explain(loss, wrt=X)
    assert "norm" not in str(explanation.formula)
    values = X.detach().numpy()
    apart = values[:, None] - values[None]
    weights = np.exp(-0.5 * (apart**2).sum(-1)) * np.outer(y.numpy(), y.numpy())
    np.testing.assert_allclose(explanation.value, -2 * (weights[:, :, None] * apart).sum(1), rtol=1e-10)


def test_a_transposed_system_is_written_as_the_book_has_it():
    S = torch.tensor([[2.0, 0.3], [0.1, 1.0]], requires_grad=True)
    d = torch.tensor([1.0, 2.0])
    out = d @ torch.linalg.solve(S, d)
    assert explain(out, wrt=S).text().startswith("∂out/∂S = −(S⁻ᵀ d) (S⁻¹ d)ᵀ")
    assert r"S^{-\mathsf{T}} \, d" in explain(out, wrt=S).latex()


CANDIDATES = {
    "[2 * s * x[0] * x[1], s * x[0] ** 2]": "Right",
    r"[2 s x[0] \cdot x[1], s x[0]^2]": "Right",
    r"\bigl[2 s \cdot x[0] \cdot x[1], s \cdot x[0]^{2}\bigr]": "Right",
    r"s \cdot x[0] \cdot [2 x[1], x[0]]": "Right",
    "[2 * s * x[0] * x[1], s * x[0]]": "Wrong",
    r"[s x[0]^2, 2 s x[0] \cdot x[1]]": "Wrong",
    "[2 * s * x[0] * x[1]]": "Wrong",
    r"[2 s x[0] \cdot x[1], s x]": "Not understood",
    r"[2 s x[0] \cdot x[1], ]": "Not understood",
    r"x[0][0]^{2}": "Not understood",
    "[2 * s * x[0] * x[2], s]": "Not understood",
}


@pytest.mark.parametrize("candidate, verdict", CANDIDATES.items())
def test_candidates_entry_by_entry(candidate, verdict):
    x, s = torch.tensor([1.2, 0.5], requires_grad=True), torch.tensor(2.0)
    f = x[0] ** 2 * x[1] * s
    assert str(explain(f, wrt=x).check(candidate)).startswith(verdict)


@pytest.mark.parametrize("shape, program", PROGRAMS.values(), ids=PROGRAMS)
def test_what_the_page_writes_is_read_again(shape, program):
    x = torch.tensor(RANDOM.uniform(0.5, 1.5, shape), requires_grad=True)
    explanation = explain(program(x, torch), wrt=x)
    lines = explanation.latex(document=False).splitlines()
    formula = next(line for line in lines if "partial" in line and "=" in line).partition("=")[2].rstrip("\\ ")
    assert str(explanation.check(formula.partition(" = ")[0])).startswith("Right")

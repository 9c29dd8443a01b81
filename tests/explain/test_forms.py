"""The same formula in the leaves alone, by entries and as NumPy code."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import sympy
from sympy import KroneckerDelta

import engine as torch
import explain.code as generated
import explain.entries as indexed
from explain import explain
from explain.certify import CertificateError
from explain.code import compiled

RANDOM = np.random.default_rng(1)


def leaf(*shape, grad=True):
    return torch.tensor(RANDOM.standard_normal(shape), dtype=torch.float64, requires_grad=grad)


def least_squares():
    X, w, y = leaf(4, 3, grad=False), leaf(3), leaf(4, grad=False)
    loss = ((X @ w - y) ** 2).mean()
    return explain(loss, wrt=w, dims={"X": "n d", "w": "d", "y": "n"})


def attention():
    Q, K, V = leaf(4, 3), leaf(5, 3), leaf(5, 2)
    P = torch.softmax(Q @ K.T / 3**0.5, dim=1)
    O = P @ V  # noqa: E741
    return explain(O, wrt=Q)


def test_code_of_least_squares():
    explanation = least_squares()
    assert explanation.code() == (
        "import numpy as np\n\n\n"
        "def grad_w(X, w, y):\n"
        '    """The gradient with respect to w. Shapes: X (n, d), w (d,), y (n,)."""\n'
        "    n = X.shape[0]\n"
        "    return 2 / n * (X.T @ (X @ w - y))\n"
    )
    X, w, y = (RANDOM.standard_normal(shape) for shape in ((7, 2), (2,), (7,)))
    slope = (np.mean((X @ (w + [0, 1e-6]) - y) ** 2) - np.mean((X @ (w - [0, 1e-6]) - y) ** 2)) / 2e-6
    assert np.isclose(explanation.function()(X, w, y)[1], slope)


def test_what_is_used_twice_is_computed_once():
    code = attention().code()
    assert code.count("G @ V.T") == 1
    assert code.count("softmax(") == 2  # its definition and one call


def test_code_needs_numpy_alone():
    code = attention().code() + "\nimport sys\nassert 'engine' not in sys.modules and 'sympy' not in sys.modules\n"
    subprocess.run([sys.executable, "-I", "-c", code], check=True)


def test_a_factor_without_shape_never_copies_a_matrix():
    x, A = leaf(3), leaf(3, 3)
    q = -(x @ (A @ x))
    assert "return -((A + A.T) @ x)" in explain(q, wrt=x).code()


def test_wrong_code_is_never_returned(monkeypatch):
    explanation = least_squares()
    monkeypatch.setattr("explain.code.compiled", lambda text, name: compiled(text.replace("2 /", "3 /"), name))
    with pytest.raises(CertificateError, match="generated code"):
        explanation.code()


def test_another_target_is_refused():
    with pytest.raises(ValueError, match="no target 'fortran'"):
        least_squares().code("fortran")


def test_entries_are_sympy_sums():
    found = least_squares().entries()
    n, d = sympy.Symbol("n", integer=True, positive=True), sympy.Symbol("d", integer=True, positive=True)
    i, j, k = sympy.symbols("i j k", integer=True)
    X, w, y = (sympy.IndexedBase(name, real=True) for name in "Xwy")
    inner = sympy.Sum(X[j, k] * w[k], (k, 0, d - 1))
    assert found == 2 * sympy.Sum((inner - y[j]) * X[j, i], (j, 0, n - 1)) / n


def test_softmax_by_entries_is_its_definition():
    z = leaf(3)
    out = torch.logsumexp(z, dim=0)
    i, j = sympy.symbols("i j", integer=True)
    base = sympy.IndexedBase("z", real=True)
    assert explain(out, wrt=z).entries() == sympy.exp(base[i]) / sympy.Sum(sympy.exp(base[j]), (j, 0, 2))


ENTRIES = {
    "x.cumsum(0) @ y": "Sum(y[j], (j, i, 3))",
    "torch.tril(A).sum()": "Piecewise((1, i >= j), (0, True))",
    "torch.triu(A, 1).sum()": "Piecewise((1, j >= i + 1), (0, True))",
    "(x.flip(0) * y).sum()": "y[3 - i]",
    "(A.diagonal() ** 2).sum()": "2*KroneckerDelta(i, j)*A[i, j]",
    "A.trace() ** 2": "2*KroneckerDelta(i, j)*Sum(A[k, k], (k, 0, 2))",
    "torch.linalg.norm(x)": "x[i]/sqrt(Sum(x[j]**2, (j, 0, 3)))",
    "A[1].exp().sum()": "exp(A[1, j])*KroneckerDelta(1, i)",
    "(y * x[1]).sum()": "KroneckerDelta(1, i)*Sum(y[j], (j, 0, 3))",
    "torch.logdet(A)": "inv(A)[j, i]",
    "A.det()": "det(A)*inv(A)[j, i]",
}


@pytest.mark.parametrize("program", ENTRIES)
def test_entries(program):
    x, y = torch.tensor([1.0, 2.0, -1.0, 3.0], requires_grad=True), torch.tensor([2.0, 1.0, 5.0, -2.0])
    A = torch.tensor([[3.0, 1.0, 0.5], [-1.0, 4.0, 2.0], [0.5, 1.0, 5.0]], requires_grad=True)
    e = explain(eval(program, {"torch": torch, "x": x, "y": y, "A": A}), wrt=A if "A" in program else x)
    found = e.entries()
    assert str(found) == ENTRIES[program]
    for level in (e.text("entries"), e.latex("entries"), e.html("entries"), e.markdown("entries")):
        assert level


def test_expanded_has_leaves_alone():
    explanation = attention()
    assert {str(atom) for atom in explanation.expanded.free_symbols} == {"Q", "K", "V", "G"}


def test_a_sum_of_masks_counts_them():
    x = torch.tensor([1.0, 2.0, -3.0], requires_grad=True)
    m = torch.tensor([3.0, -1.0, 1.0])
    out = (torch.where(m > 0, x, x * 0) + torch.where(x > 0, x, x * 0)).sum()
    e = explain(out, wrt=x)
    np.testing.assert_array_equal(e.function()(m=m.numpy(), x=x.detach().numpy()), [2.0, 1.0, 1.0])


def truths(a):
    return torch.masked_select(a, a > 0.1).exp().sum()


@pytest.mark.parametrize(
    "shape, program",
    [
        ((4,), lambda a: (a * (a > 0)).sum()),
        ((4,), lambda a: (a * ((a > 0) | (a < -1))).sum()),
        ((4,), lambda a: (a * ~(a > 0)).sum()),
        ((4,), lambda a: a[a > 0].sum()),
        ((4,), lambda a: a[(a > 0) & (a < 1)].exp().sum()),
        ((4,), truths),
        ((4,), lambda a: a.cumsum(0).pow(2).sum()),
        ((4,), lambda a: a.cumprod(0).sum()),
        ((2,), lambda a: a.digamma().sum() + a[0].lgamma()),
        ((3, 1), lambda a: torch.linalg.vector_norm(a.expand(3, 2) + 2, dim=-1).prod()),
        ((3,), lambda a: ((2 * a + 1).expand(3, 3) * torch.ones(3, 3)).sum() + ((2 * a + 1) ** 2).sum()),
    ],
)
def test_code_and_entries_at_values_elsewhere(shape, program):
    """At values whose signs are others than those of the program that was explained."""
    a = leaf(*shape)
    found = explain(program(a), wrt=a, names={"a": a})
    values = RANDOM.standard_normal(shape)
    again = torch.tensor(values, requires_grad=True)
    program(again).backward()
    value = found.function()(*[values, np.ones((3, 3))][: found.function().__code__.co_argcount])
    assert np.allclose(value, again.grad.numpy()) and value.dtype == float
    found.entries()


def test_a_name_for_something_repeated_isnt_put_in_its_place():
    a, M = leaf(3), leaf(3, 3)
    b = (2 * a + 1).expand(3, 3)
    loss = (b * M).sum() + ((2 * a + 1) ** 2).sum()
    assert set(explain(loss, wrt=a).definitions) <= {"b"}


def test_a_product_that_stands_once_more_with_a_number():
    a, b = leaf(3), leaf(3)
    u = a**2 / (b**2 + 1)
    loss = (u * u.mean() + (2 - u) * b).sum() ** 2
    found = explain(loss, wrt=b, names={"a": a, "b": b})
    x, y = RANDOM.standard_normal((2, 3))
    again = torch.tensor(y, requires_grad=True)
    v = torch.tensor(x) ** 2 / (again**2 + 1)
    ((v * v.mean() + (2 - v) * again).sum() ** 2).backward()
    assert np.allclose(found.function()(x, y), again.grad.numpy())


def test_sharing_never_gives_a_product_as_its_own_part():
    from engine.symbols import symbol
    from explain.sharing import Sharing

    x, y = symbol("x", (3,)), symbol("y", (3,))
    shared = Sharing([(x * y + (x * y) * 3 + 1).expr, (x * y * 3).expr, ((x * y * -0.5) ** 2 + x * y).expr])
    assert all(part != whole for whole, part in shared.inside.items())


def test_a_complement_that_is_there_already_is_not_lost():
    """σ(z) σ(−z) (1 − σ(z)) has the complement twice."""
    from engine.op import REGISTRY
    from engine.symbols import evaluate, symbol
    from explain.rewrite import simplify
    from explain.rewrite.facts import Facts

    z = symbol("z", (3,))
    s = REGISTRY["sigmoid"](z)
    expr = (1 - s) * (s + z * s * (1 - s)) + s * (s + z * s * (1 - s))
    values = np.array([0.3, -1.2, 2.0])
    sigma = 1 / (1 + np.exp(-values))
    made, _rewrites = simplify(expr, Facts())
    np.testing.assert_allclose(evaluate(made.expr, {z.expr: values}), sigma + values * sigma * (1 - sigma))


def test_code_of_a_comparison_of_what_is_repeated():
    a = torch.tensor([0.5, -1.2, 0.3], requires_grad=True)
    u = torch.cat([a, a.detach()])
    s = u.expand(2, 6)
    e = explain((torch.where(u <= s, u, s) ** 2).mean(), wrt=a)
    np.testing.assert_allclose(e.function("numpy")(*(value for _name, value in e.given)), e.value, rtol=1e-6)


def sines():
    x = torch.tensor([0.5, 1.5, 2.5], dtype=torch.float64, requires_grad=True)
    loss = torch.sin(x).sum()
    return explain(loss, wrt=x)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("return np.cos(x)", "return np.where(x > 1, np.cos(x), np.nan)"),  # no number where there is one
        ("return np.cos(x)", "return np.cos(x)[None]"),  # another shape
        ("return np.cos(x)", "x -= 1\n    return np.cos(x + 1)"),  # the caller's array
    ],
)
def test_code_that_loses_entries_or_writes_into_its_arguments_is_found(monkeypatch, right, wrong):
    original = generated.source

    def sabotaged(*given):
        made = original(*given)
        assert right in made
        return made.replace(right, wrong)

    monkeypatch.setattr(generated, "source", sabotaged)
    with pytest.raises((ArithmeticError, ValueError), match="isn't shown|read-only"):
        sines().code()


def test_an_entry_at_the_end_of_an_axis_is_checked(monkeypatch):
    x = torch.tensor(np.linspace(0.1, 0.9, 60), requires_grad=True)
    loss = (x.cumsum(0) ** 2).sum()
    explanation = explain(loss, wrt=x)
    explanation.entries()
    explanation = explain(loss, wrt=x)
    right = indexed.entry

    def wrong_at_the_end(sym):
        found = right(sym)
        return replace(found, expr=found.expr + KroneckerDelta(found.indices[0], 59))

    monkeypatch.setattr(indexed, "entry", wrong_at_the_end)
    with pytest.raises(ArithmeticError, match="the formula by entries"):
        explanation.entries()

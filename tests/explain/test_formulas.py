"""Formulas come out in a textbook's form, from programs written by hand; each is certified as it is made."""

import numpy as np
import pytest
import sympy

import engine as torch
from engine.symbols import symbol
from explain import explain
from explain.render.notation import text
from explain.rewrite.collect import factored

RANDOM = np.random.default_rng(0)


def leaf(*shape, grad=True):
    return torch.tensor(RANDOM.standard_normal(shape), dtype=torch.float64, requires_grad=grad)


def least_squares():
    X, w, y = leaf(4, 3, grad=False), leaf(3), leaf(4, grad=False)
    loss = ((X @ w - y) ** 2).mean()
    return explain(loss, wrt=w)


def quadratic_form():
    A, x = leaf(3, 3), leaf(3)
    q = x @ (A @ x)
    return explain(q, wrt=x)


def cross_entropy():
    z, t = leaf(4, 3), torch.tensor(np.eye(3)[[0, 2, 1, 1]])
    e = z.exp()
    s = e.sum(1, keepdim=True)
    p = e / s
    loss = -(t * p.log()).sum() / 4
    return explain(loss, wrt=z)


def log_sum_exp():
    z = leaf(3)
    out = z.exp().sum().log()
    return explain(out, wrt=z)


def layer_norm():
    x, gamma, beta = leaf(4, 5), leaf(5), leaf(5)
    mu = x.mean(1, keepdim=True)
    xc = x - mu
    var = (xc * xc).mean(1, keepdim=True)
    sigma = (var + 1e-5).sqrt()
    xh = xc / sigma
    y = gamma * xh + beta
    return explain(y, wrt=x)


def attention():
    Q, K, V = leaf(4, 3), leaf(5, 3), leaf(5, 2)
    S = Q @ K.T / 3**0.5
    E = S.exp()
    P = E / E.sum(1, keepdim=True)
    O = P @ V  # noqa: E741
    return explain(O, wrt=Q)


def normalised():
    u = leaf(4)
    n = (u * u).sum().sqrt()
    v = u / n
    return explain(v, wrt=u)


@pytest.mark.parametrize(
    ("program", "formula"),
    [
        (least_squares, "Xᵀ (X w − y) / 2"),
        (quadratic_form, "(A + Aᵀ) x"),
        (cross_entropy, "(softmax₁(z) ⊙ Σ₍₁₎(t) − t) / 4"),
        (log_sum_exp, "softmax(z)"),
        (layer_norm, "(G ⊙ gamma − xh ⊙ mean₍₁₎(G ⊙ gamma ⊙ xh)"
                     " − mean₍₁₎(G ⊙ gamma)) / sigma"),
        (attention, "(P ⊙ (∂L/∂P − Σ₍₁₎(P ⊙ ∂L/∂P))) K / √3"),
        (normalised, "(G − (Gᵀ v) · v) / n"),
    ],
)  # fmt: skip
def test_textbook_form(program, formula):
    assert text(program().formula) == formula


def test_facts_are_named():
    """That the entries of a normalised row sum to zero is said where it is used."""
    reasons = {rewrite.reason for rewrite in layer_norm().rewrites}
    assert "xc sums to 0 along the axis 1, by its definition" in reasons


def test_sizes_as_letters():
    X, w, y = leaf(4, 3, grad=False), leaf(3), leaf(4, grad=False)
    loss = ((X @ w - y) ** 2).mean()
    found = explain(loss, wrt=w, dims={"X": "n d", "w": "d", y: "n"})
    assert text(found.formula) == "(2/n) Xᵀ (X w − y)"
    assert "also at the sizes n = 5, d = 4" in str(found.certificate)


@pytest.mark.parametrize(
    ("dims", "sentence"),
    [
        ({"X": "n n"}, "the size n is 4 on axis 0 of X but 3 on axis 1 of X; give them two letters"),
        ({"X": "n d", "y": "d"}, "the size d is 3 on axis 1 of X but 4 on axis 0 of y; give them two letters"),
        ({"X": "n d", "w": "e"}, r"\(X: n d; w: e\) contradict the program at matmul: .* d meets e"),
        ({"X": "n"}, "gives X 1 sizes"),
    ],
)
def test_contradicting_sizes_are_refused(dims, sentence):
    X, w, y = leaf(4, 3, grad=False), leaf(3), leaf(4, grad=False)
    loss = ((X @ w - y) ** 2).mean()
    with pytest.raises(ValueError, match=sentence):
        explain(loss, wrt=w, dims=dims)


def test_assumed_symmetry():
    half, x = leaf(3, 3, grad=False), leaf(3)
    A = half + half.T
    q = x @ (A @ x)
    assert text(explain(q, wrt=x).formula) == "(A + Aᵀ) x"
    assert text(explain(q, wrt=x, assume={"A": "symmetric"}).formula) == "2A x"


def test_assumed_one_hot_is_named_where_it_is_used():
    z, t = leaf(4, 3), torch.tensor(np.eye(3)[[0, 2, 1, 1]])
    e = z.exp()
    p = e / e.sum(1, keepdim=True)
    loss = -(t * p.log()).sum(1).mean()
    found = explain(loss, wrt=z, dims={z: "n c", t: "n c"}, assume={"t": "one_hot"})
    assert text(found.formula) == "(softmax₁(z) − t) / n"
    assert "t is one-hot: its last axis sums to one" in {rewrite.reason for rewrite in found.rewrites}


def test_an_assumption_that_the_data_refutes():
    A, x = leaf(3, 3), leaf(3)
    q = x @ (A @ x)
    with pytest.raises(ValueError, match="A was assumed to be symmetric, but its values are not equal"):
        explain(q, wrt=x, assume={"A": "symmetric"})
    with pytest.raises(ValueError, match="no assumption 'nice'"):
        explain(q, wrt=x, assume={"A": "nice"})


def logistic_loss():
    X, w, y = leaf(4, 3, grad=False), leaf(3), torch.tensor([1.0, 0.0, 1.0, 0.0], dtype=torch.float64)
    p = 1 / (1 + (-(X @ w)).exp())
    loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    return explain(loss, wrt=w)


def test_terms_cancel_against_denominators():
    assert text(logistic_loss().formula) == "Xᵀ (sigmoid(X w) − y) / 4"


def test_a_sum_that_repeats_a_factor_in_front():
    """-g(u + 2) - g u(u + 2)/2 is -g(u + 2)²/2: the second u + 2 isn't lost."""
    g, u = symbol("g", ()).expr, symbol("u", ()).expr
    expr = -g * u * (u + 2) / 2 - g * (u + 2)
    assert sympy.expand(factored(expr) - expr) == 0


def one_output():
    X, y, W, b = leaf(4, 3, grad=False), leaf(4, 1, grad=False), leaf(3, 1), leaf(1)
    p = X @ W + b
    loss = ((p - y) ** 2).mean()
    return explain(loss, wrt=W)


def low_rank():
    U, V, M = leaf(3, 1), leaf(4, 1), leaf(3, 4, grad=False)
    R = U @ V.T - M
    loss = (R * R).sum() / 2
    return explain(loss, wrt=U)


def one_row():
    x, W = leaf(1, 3), leaf(3, 2)
    loss = ((x @ W) ** 2).sum()
    return explain(loss, wrt=x)


@pytest.mark.parametrize(
    ("program", "formula"),
    [(one_output, "Xᵀ (X W + b − y) / 2"), (low_rank, "(U Vᵀ − M) V"), (one_row, "2x W Wᵀ")],
)
def test_columns_and_rows_stay_matrices(program, formula):
    assert text(program().formula) == formula


def test_axes_are_the_same_however_they_were_named():
    """x.mean(0) and the mean that a rule takes are one expression, so a definition is found again."""
    x, g = leaf(6, 3), leaf(3)
    mu = x.mean(0)
    var = ((x - mu) ** 2).mean(0)
    xh = (x - mu) / torch.sqrt(var + 1e-5)
    y = g * xh
    found = explain(y, wrt=x)
    assert text(found.formula) == "g ⊙ (G − xh ⊙ mean₀(G ⊙ xh) − mean₀(G)) / √(var + 10⁻⁵)"


def test_a_sum_that_a_definition_tells_isnt_folded_into_itself():
    z = leaf(4)
    p = torch.softmax(z, dim=0)
    H = -(p * torch.log(p)).sum()
    assert text(explain(H, wrt=z, names={"z": z, "p": p}).formula) == "p ⊙ (log(p)ᵀ p − log(p))"


@pytest.mark.parametrize(
    ("program", "formula"),
    [
        (lambda Q, v: ((Q @ v) ** 2).sum(), "2v"),
        (lambda Q, v: torch.linalg.inv(Q) @ v @ v, "(Q + Qᵀ) v"),
        (lambda Q, v: torch.linalg.solve(Q, v).pow(3).sum(), "3Q (Qᵀ v)²"),
    ],
)
def test_assumed_orthogonal(program, formula):
    Q = torch.tensor(np.linalg.qr(RANDOM.standard_normal((3, 3)))[0], requires_grad=True)
    v = leaf(3)
    found = explain(program(Q, v), wrt=v, names={"Q": Q, "v": v}, assume={"Q": "orthogonal"})
    assert text(found.formula) == formula
    assert "Q is orthogonal" in found.text()

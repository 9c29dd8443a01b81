"""Masks, identities and centred rows in formulas."""

import numpy as np
import pytest

import engine as torch
from explain import CertificateError, explain
from explain.render.notation import text

RANDOM = np.random.default_rng(6)


def leaf(*shape, grad=True):
    return torch.tensor(RANDOM.standard_normal(shape), requires_grad=grad)


def test_a_mask_that_was_compared_is_a_bracket():
    x, y = leaf(5), leaf(5)
    e = x - y
    loss = torch.where(e.abs() < 1, 0.5 * e**2, e.abs() - 0.5).sum()
    assert text(explain(loss, wrt=x).formula) == "e ⊙ [|e| < 1] + sign(e) ⊙ [|e| ≥ 1]"


def test_a_named_mask_that_was_compared_is_told():
    x = leaf(5)
    keep = x > 0
    loss = torch.where(keep, x, 0.1 * x).sum()
    found = explain(loss, wrt=x)
    assert "keep" not in found.function().__code__.co_varnames[:1]
    values = -x.detach().numpy()
    assert np.allclose(found.function()(values), np.where(values > 0, 1, 0.1))


def test_masked_attention_needs_no_mask_in_its_gradient():
    Q, K, V = leaf(4, 3), leaf(4, 3), leaf(4, 2)
    m = torch.triu(torch.ones(4, 4), 1).bool()
    S = (Q @ K.T / 3**0.5).masked_fill(m, float("-inf"))
    P = torch.softmax(S, dim=-1)
    O = P @ V  # noqa: E741
    assert text(explain(O, wrt=Q).formula) == "(P ⊙ (∂L/∂P − Σ₍₁₎(P ⊙ ∂L/∂P))) K / √3"


def test_the_identity_is_written_as_one():
    A, S = leaf(3, 3), leaf(4, 4)
    loss = ((A.T @ A - torch.eye(3, dtype=torch.float64)) ** 2).sum()
    assert text(explain(loss, wrt=A, dims={"A": "n n"}).formula) == "4A (Aᵀ A − I)"
    loss = -torch.log_softmax(S, dim=1).diagonal().mean()
    assert text(explain(loss, wrt=S).formula) == "(softmax₁(S) − I) / 4"


def test_an_identity_that_was_changed_is_no_identity():
    A, E = leaf(3, 3), torch.eye(3, dtype=torch.float64)
    E[0, 1] = 2.0
    loss = (A @ E).sum()
    found = explain(loss, wrt=A, names={"A": A})
    assert "I" not in text(found.formula)


def test_centred_rows_stay_centred_in_a_product():
    x, M = leaf(4, 3), leaf(3, 3)
    xc = x - x.mean(0)
    loss = ((xc @ M) ** 2).sum()
    assert text(explain(loss, wrt=x).formula) == "2(x − mean₀(x)) M Mᵀ"


@pytest.mark.parametrize("eps", [0.1, 0.25])
def test_smoothed_labels_computed_from_one_hot_ones_are_told(eps):
    z, t = leaf(4, 3), torch.tensor(np.eye(3)[[0, 2, 1, 1]])
    q = (1 - eps) * t + eps / 3
    loss = -(q * torch.log_softmax(z, dim=1)).sum(1).mean()
    found = explain(loss, wrt=z, assume={"t": "one_hot"})
    assert "Σ" not in text(found.formula) and text(found.formula).startswith("(softmax₁(z) − ")


def test_a_matrix_of_distances_is_symmetric():
    X, y = leaf(4, 3), leaf(4, grad=False)
    s = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    D = ((X[:, None] - X[None]) ** 2).sum(2)
    K = torch.exp(-D / 2) + s * torch.eye(4, dtype=torch.float64)
    loss = 0.5 * y @ torch.linalg.solve(K, y) + 0.5 * torch.logdet(K)
    assert text(explain(loss, wrt=s).formula) == "tr(K⁻¹ − (K⁻¹ y) (K⁻¹ y)ᵀ) / 2"


def test_distances_between_two_sets_are_not():
    X, Y = leaf(3, 3), leaf(3, 3)
    D = ((X[:, None] - Y[None]) ** 2).sum(2)
    loss = torch.trace(D @ torch.tensor(np.arange(9.0).reshape(3, 3)) @ D)
    assert explain(loss, wrt=X).certificate.points == 3


def test_the_covariance_of_centred_data_is_symmetric():
    x = leaf(4, 3)
    xc = x - x.mean(0)
    C = xc.T @ xc / 4
    loss = 0.5 * ((C**2).sum() - (torch.diagonal(C) ** 2).sum())
    assert text(explain(loss, wrt=x).formula) == "xc (xcᵀ xc ⊙ (1 − I)) / 8"


def test_a_program_that_gives_nan_is_said_to():
    X = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64, requires_grad=True)
    with pytest.raises(CertificateError, match="out is nan at these values"):
        explain(torch.logdet(X), wrt=X)

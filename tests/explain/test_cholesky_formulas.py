"""Programs by way of a Cholesky factor, as Gaussian processes are written: formulas against books, and triangles."""

import numpy as np
import pytest

import engine as torch
from explain import explain
from explain.findings import CertificateError

RANDOM = np.random.default_rng(6)


def positive(n=3):
    A = RANDOM.standard_normal((n, n))
    return torch.tensor(A @ A.T + n * np.eye(n), requires_grad=True)


@pytest.mark.parametrize("upper", [False, True])
def test_the_log_determinant_ends_at_the_inverse(upper):
    K = positive()
    L = torch.linalg.cholesky(K, upper=upper)
    out = 2 * L.diagonal().log().sum()
    explanation = explain(out, wrt=K, assume={K: "symmetric"})
    assert upper or explanation.text().startswith("∂out/∂K = K⁻¹\n")
    np.testing.assert_allclose(explanation.value, np.linalg.inv(K.detach().numpy()), rtol=1e-10)


def test_without_the_assumption_it_is_made_symmetric():
    K = positive()
    L = torch.linalg.cholesky(K)
    out = L.diagonal().log().sum()
    assert explain(out, wrt=K).text().startswith("∂out/∂K = (K⁻¹ + K⁻ᵀ) / 4")


def test_through_what_the_matrix_is_made_of():
    K, x = positive().detach(), torch.tensor(0.7, requires_grad=True)
    C = x * K + torch.eye(3)
    L = torch.linalg.cholesky(C)
    out = 2 * L.diagonal().log().sum()
    explanation = explain(out, wrt=x)
    assert "chol" not in explanation.text().partition("\n\n")[0]
    inverse = np.linalg.inv(0.7 * K.numpy() + np.eye(3))
    np.testing.assert_allclose(float(explanation.value), np.trace(inverse @ K.numpy()), rtol=1e-6)


def test_a_gaussian_process():
    """½ (K⁻¹ - α αᵀ): Rasmussen & Williams, 5.9. The factor's triangle alone is moved where it is checked."""
    K, y = positive(), torch.tensor(RANDOM.standard_normal(3))
    L = torch.linalg.cholesky(K)
    alpha = torch.cholesky_solve(y[:, None], L)[:, 0]
    nll = 0.5 * y @ alpha + L.diagonal().log().sum()
    explanation = explain(nll, wrt=K, assume={K: "symmetric"})
    inverse = np.linalg.inv(K.detach().numpy())
    a = inverse @ y.numpy()
    np.testing.assert_allclose(explanation.value, (inverse - np.outer(a, a)) / 2, rtol=1e-9)
    factor = explain(nll, wrt=L).text()
    assert factor.startswith("∂nll/∂L = diag(1/diagonal(L)) − (L Lᵀ)⁻¹ y[:, None] ((L Lᵀ)⁻¹")
    np.testing.assert_allclose(explanation.function()(K.detach().numpy(), y.numpy()), explanation.value, rtol=1e-9)


@pytest.mark.parametrize("upper", [False, True])
def test_factors_that_are_leaves(upper):
    """Of a triangle only its own entries are checked: the others' slopes are PyTorch's."""
    values = np.tril(RANDOM.standard_normal((3, 3))) + 2 * np.eye(3)
    L = torch.tensor(values.T.copy() if upper else values, requires_grad=True)
    b = torch.tensor(RANDOM.standard_normal((3, 2)))
    for out in (torch.cholesky_solve(b, L, upper=upper).sum(), (torch.cholesky_inverse(L, upper=upper) ** 2).sum()):
        assert explain(out, wrt=L).certificate.difference_error < 1e-6


def test_a_wrong_rule_for_the_factor_is_still_refused(monkeypatch):
    from engine.op import REGISTRY

    op = REGISTRY["cholesky_solve"]
    right = op.vjp[1]
    for wrong in (lambda *operands, **params: right(*operands, **params) * 1.01, lambda g, y, b, L, upper: L * 0):
        monkeypatch.setattr(op, "vjp", (op.vjp[0], wrong))
        L = torch.tensor(np.tril(RANDOM.standard_normal((3, 3))) + 2 * np.eye(3), requires_grad=True)
        out = torch.cholesky_solve(torch.tensor(RANDOM.standard_normal((3, 2))), L).sum()
        with pytest.raises(CertificateError):
            explain(out, wrt=L)

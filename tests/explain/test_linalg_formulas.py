"""Linear algebra in the form that the books print: The Matrix Cookbook, Magnus and Neudecker, Giles."""

import numpy as np
import pytest

import engine as torch
from explain import explain

RNG = np.random.default_rng(5)


def tensor(*shape, plus=0.0, grad=False):
    values = RNG.standard_normal(shape)
    return torch.tensor(values + plus * np.eye(shape[-1]) if plus else values, requires_grad=grad)


A, B, a, b = tensor(3, 3), tensor(3, 3), tensor(3), tensor(3)
X, x = tensor(3, 3, plus=3.0, grad=True), tensor(3, grad=True)

BOOK = {
    "x'Ax": (lambda: x @ A @ x, "x", "(A + Aᵀ) x"),
    "x'Ax by einsum": (lambda: torch.einsum("i,ij,j", x, A, x), "x", "(A + Aᵀ) x"),
    "tr AXB": (lambda: torch.trace(A @ X @ B), "X", "Aᵀ Bᵀ"),
    "tr AXB by einsum": (lambda: torch.einsum("ij,jk,ki->", A, X, B), "X", "Aᵀ Bᵀ"),
    "tr X'AX": (lambda: torch.trace(X.T @ A @ X), "X", "(A + Aᵀ) X"),
    "tr AX⁻¹B": (lambda: torch.trace(A @ torch.linalg.inv(X) @ B), "X", "−X⁻ᵀ Aᵀ Bᵀ X⁻ᵀ"),
    "det": (lambda: torch.det(X), "X", "det(X) · X⁻ᵀ"),
    "log det": (lambda: torch.logdet(X), "X", "X⁻ᵀ"),
    "log of det": (lambda: torch.log(torch.det(X)), "X", "X⁻ᵀ"),
    "log |det|": (lambda: torch.linalg.slogdet(X)[1], "X", "X⁻ᵀ"),
    "a'X⁻¹b": (lambda: a @ torch.linalg.inv(X) @ b, "X", "−(X⁻ᵀ a) (X⁻¹ b)ᵀ"),
    "norm": (lambda: torch.linalg.norm(X), "X", "X/‖X‖"),
    "tr exp": (lambda: torch.trace(torch.matrix_exp(X)), "X", "expm(X)ᵀ"),
    "tr X³": (lambda: torch.trace(torch.linalg.matrix_power(X, 3)), "X", None),
    "nuclear norm": (lambda: torch.linalg.matrix_norm(X, "nuc"), "X", None),
    "solve": (lambda: a @ torch.linalg.solve(X, b), "X", None),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", BOOK)
def test_form(name):
    program, leaf, form = BOOK[name]
    explained = explain(program(), wrt=leaf)
    if form is not None:
        assert f"= {form} =" in " ".join(str(explained).split())

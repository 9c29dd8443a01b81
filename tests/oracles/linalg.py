"""PyTorch's calls for products of matrices and for linear algebra."""

import numpy as np


def _identity_like(torch, x):
    return torch.eye(*x.shape[-2:], dtype=x.dtype).expand(x.shape)


def _addmm(torch, c, a, b, beta, alpha):
    product = {1: torch.addmv, 2: torch.addmm, 3: torch.baddbmm}[a.ndim + b.ndim - 2 if a.ndim < 3 else 3]
    return product(c, a, b, beta=beta, alpha=alpha)


def _solve(torch, a, b, vector):
    return torch.linalg.solve(a, b.unsqueeze(-1)).squeeze(-1) if vector else torch.linalg.solve(a, b)


def _half_lower(torch, x):
    return (torch.tril(x) + torch.tril(x, -1)) / 2


def _signs(torch, theirs, ours):
    """±1 a column: the signs that turn their columns to ours, which nothing else fixes."""
    return torch.sign((theirs.detach() * torch.tensor(ours)).sum(-2, keepdim=True))


def _eigh(torch, x, uplo):
    values, vectors = torch.linalg.eigh(x, UPLO=uplo)
    return values, vectors * _signs(torch, vectors, np.linalg.eigh(x.detach().numpy(), uplo)[1])


def _svd(torch, x):
    u, s, vh = torch.linalg.svd(x, full_matrices=False)
    signs = _signs(torch, u, np.linalg.svd(x.detach().numpy(), full_matrices=False)[0])
    return u * signs, s, vh * signs.mT


def _norm(torch, x, ord, dim, keepdim):
    return torch.linalg.vector_norm(x, ord, dim or None, keepdim)


def _exp_change(torch, x, e):
    return torch.autograd.functional.jvp(torch.linalg.matrix_exp, x, e, create_graph=True)[1]


TORCH = {
    "vector_norm": _norm,
    "exp_change": _exp_change,
    "matrix_exp": lambda torch, x: torch.linalg.matrix_exp(x),
    "matrix_power": lambda torch, x, n: torch.linalg.matrix_power(x, n),
    "half_lower": _half_lower,
    "eigh": _eigh,
    "svd": _svd,
    "pinv": lambda torch, x, **how: torch.linalg.pinv(x, **how),
    "cholesky": lambda torch, x: torch.linalg.cholesky(x),
    "qr": lambda torch, x: torch.linalg.qr(x),
    "solve": _solve,
    "inv": lambda torch, x: torch.linalg.inv(x),
    "det": lambda torch, x: torch.linalg.det(x),
    "slogdet": lambda torch, x: torch.linalg.slogdet(x),
    "solve_triangular": lambda torch, a, b, **params: torch.linalg.solve_triangular(a, b, **params),
    "addmm": _addmm,
    "cross": lambda torch, a, b, dim: torch.linalg.cross(a, b, dim=dim),
    "identity_like": _identity_like,
    "einsum": lambda torch, *operands, equation: torch.einsum(equation, *operands),
    "outer": lambda torch, u, v: u.unsqueeze(-1) * v,
}

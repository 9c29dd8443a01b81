"""Factorisations of matrices: Cholesky, QR, symmetric eigenvalues, singular values."""

import numpy as np

from engine import return_types
from engine.op import call, first_shape, lower, op, public, spd, symmetric
from engine.ops.constants import identity_like
from engine.ops.inverse import BATCH, MATRIX
from engine.ops.linalg_checks import LinAlgError, failed, indefinite, require_matrix, require_square, square_shape
from engine.ops.matrix import column, matmul, row
from engine.ops.shape import swap_last
from engine.ops.solving import solve_triangular
from engine.tape import Outputs

TALL = [[2.0, 1.0], [0.5, -3.0], [1.0, 0.4]]
WIDE = [[2.0, 0.5, 1.0], [1.0, -3.0, 0.4]]


def _halved(x):
    kept = np.tril(x)
    at = np.arange(min(x.shape[-2:]))
    kept[..., at, at] /= 2
    return kept


half_lower = op(
    "half_lower",
    numpy=_halved,
    vjp=[lambda g, y, x: half_lower(g)],
    shape=first_shape,
    types=None,
    saves=False,
    text="Φ({0})",
    latex=r"\Phi\left({0}\right)",
    rule="lower triangle with half the diagonal",
    says="Each entry is kept, halved or dropped, so its cotangent is kept, halved or dropped.",
    law="y = Φ(x): the lower triangle of x, its diagonal halved",
    source="Murray, Differentiation of the Cholesky decomposition (2016)",
    samples=[call((3, 3)), call((2, 2, 2))],
    linear=(0,),
)


def right_solved(x, triangular, upper):
    """x t⁻ᵀ for a triangular t."""
    return swap_last(solve_triangular(triangular, swap_last(x), upper=upper, unitriangular=False))


# Cholesky


def _cholesky_numbers(x):
    try:
        return np.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        where, order = failed(x, indefinite)
        raise LinAlgError(
            f"linalg.cholesky: {where}The factorization could not be completed because the input is not "
            f"positive-definite (the leading minor of order {order} is not positive-definite)."
        ) from None


def _cholesky_pullback(g, y, x):
    """L⁻ᵀ Φ(Lᵀ L̄) L⁻¹, made symmetric since x is."""
    upper = swap_last(y)
    left = solve_triangular(upper, half_lower(matmul(upper, g)), upper=True, unitriangular=False)
    both = right_solved(left, upper, upper=True)
    return (both + swap_last(both)) / 2


cholesky = op(
    "cholesky",
    numpy=_cholesky_numbers,
    vjp=[_cholesky_pullback],
    shape=square_shape,
    domain=("symmetric",),
    types=None,
    text="chol {0}",
    latex=r"\operatorname{{chol}} {0}",
    torch="LinalgCholeskyExBackward0",
    rule="Cholesky factor",
    says="The factor changes by L Φ(L⁻¹ dx L⁻ᵀ), since x = L Lᵀ; the pullback is its transpose, made symmetric.",
    law="x = L Lᵀ;  x̄ = sym(L⁻ᵀ Φ(Lᵀ g) L⁻¹)",
    source="Murray, Differentiation of the Cholesky decomposition (2016)",
    samples=[call(spd(3)), call(spd(2, 3)), call(spd(0))],
)


@public("linalg.cholesky")
def _cholesky(A, *, upper=False):
    """L with A = L Lᵀ, lower triangular (or upper, with A = Lᵀ L);  Ā = sym(L⁻ᵀ Φ(Lᵀ g) L⁻¹).

    A is symmetric positive definite; only its lower (or upper) triangle is read, and Ā is symmetric. LinAlgError if A
    isn't positive definite. Source: Murray (2016).

    >>> import engine as torch
    >>> torch.linalg.cholesky(torch.tensor([[4., 2.], [2., 5.]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    require_square("linalg.cholesky", A)
    return swap_last(cholesky(swap_last(A))) if upper else cholesky(A)


@public("cholesky", "Tensor.cholesky")
def _torch_cholesky(input, upper=False):
    """As linalg.cholesky."""
    return _cholesky(input, upper=upper)


def _gram_pullback(symmetric, factor, upper):
    """The cotangent of L in A = L Lᵀ (or Lᵀ L) from the one of A."""
    both = symmetric + swap_last(symmetric)
    return matmul(factor, both) if upper else matmul(both, factor)


def _cholesky_solve_numbers(b, factor, upper):
    first, second = (np.swapaxes(factor, -1, -2), factor) if upper else (factor, np.swapaxes(factor, -1, -2))
    half = solve_triangular(first, b, upper=False, unitriangular=False)
    return solve_triangular(second, half, upper=True, unitriangular=False)


def _cholesky_solve_factor(g, y, b, factor, upper):
    z = cholesky_solve(g, factor, upper=upper)
    return _gram_pullback(-matmul(z, swap_last(y)), factor, upper)


cholesky_solve = op(
    "cholesky_solve",
    numpy=_cholesky_solve_numbers,
    vjp=[lambda g, y, b, factor, upper: cholesky_solve(g, factor, upper=upper), _cholesky_solve_factor],
    shape=lambda b, factor, upper: solve_triangular.shape(factor, b, upper=upper, unitriangular=False),
    types="alike",
    text="({1} {1}ᵀ)⁻¹ {0}",
    latex=r"\left({1} {1}^\top\right)^{{-1}} {0}",
    rule="linear system with a Cholesky factor",
    says=(
        "The matrix is symmetric, so the right-hand side's cotangent solves the same system.",
        "The factor's cotangent follows from the matrix's, which is the one of a linear system, as from L Lᵀ.",
    ),
    law="y = (L Lᵀ)⁻¹ b;  b̄ = (L Lᵀ)⁻¹ g,  L̄ = -(b̄ yᵀ + y b̄ᵀ) L",
    domain=("real", "triangle"),
    linear=(0,),
    samples=[call((3, 2), lower(3), upper=False), call((2, 3, 1), lower(3, 2), upper=False),
             call((0, 2), lower(0), upper=False)],
)


def _cholesky_inverse_numbers(factor, upper):
    return _cholesky_solve_numbers(np.eye(factor.shape[-1], dtype=factor.dtype), factor, upper)


cholesky_inverse = op(
    "cholesky_inverse",
    numpy=_cholesky_inverse_numbers,
    vjp=[lambda g, y, factor, upper: _gram_pullback(-matmul(matmul(y, g), y), factor, upper)],
    shape=lambda shape, upper: square_shape(shape),
    types=None,
    text="({0} {0}ᵀ)⁻¹",
    latex=r"\left({0} {0}^\top\right)^{{-1}}",
    rule="inverse from a Cholesky factor",
    says="The matrix's cotangent is the one of an inverse; the factor's follows from it, as from L Lᵀ.",
    law="y = (L Lᵀ)⁻¹;  L̄ = -y (g + gᵀ) y L",
    domain=("triangle",),
    samples=[call(lower(3), upper=False), call(lower(2, 3), upper=False), call(lower(0), upper=False)],
)


@public("cholesky_solve", "Tensor.cholesky_solve")
def _cholesky_solve(B, L, upper=False):
    """y = (L Lᵀ)⁻¹ B for a lower triangular L (or (Lᵀ L)⁻¹ B for an upper one);  B̄ = (L Lᵀ)⁻¹ g.

    >>> import engine as torch
    >>> torch.cholesky_solve(torch.tensor([[4.], [4.]]), torch.tensor([[2., 0.], [0., 1.]]))
    tensor([[1.],
            [4.]])
    """
    require_square("cholesky_solve", L)
    return cholesky_solve(B, L, upper=bool(upper))


@public("cholesky_inverse", "Tensor.cholesky_inverse")
def _cholesky_inverse(L, upper=False):
    """y = (L Lᵀ)⁻¹ for a lower triangular L (or (Lᵀ L)⁻¹ for an upper one);  L̄ = -y (g + gᵀ) y L.

    >>> import engine as torch
    >>> torch.cholesky_inverse(torch.tensor([[2., 0.], [0., 1.]]))
    tensor([[0.2500, 0.0000],
            [0.0000, 1.0000]])
    """
    require_square("cholesky_inverse", L)
    return cholesky_inverse(L, upper=bool(upper))


# QR


def _qr_pullback(g, y, x):
    """(Q̄ + Q (Φ + Φᵀ)) R⁻ᵀ with Φ = Φ(R R̄ᵀ - Q̄ᵀ Q)."""
    q, r = y
    found = 0
    if 1 in g:
        found = matmul(r, swap_last(g[1]))
    if 0 in g:
        found = found - matmul(swap_last(g[0]), q)
    half = half_lower(found)
    inner = matmul(q, half + swap_last(half))
    return right_solved(g[0] + inner if 0 in g else inner, r, upper=True)


qr = op(
    "qr",
    numpy=lambda x: Outputs(np.linalg.qr(x)),
    vjp=[_qr_pullback],
    shape=lambda shape: (shape, (*shape[:-2], shape[-1], shape[-1])),
    types=None,
    torch="LinalgQrBackward0",
    rule="QR factors",
    says="From x = Q R with orthonormal columns and a triangle: what would leave these kinds is projected away.",
    law="x = Q R;  x̄ = (Q̄ + Q (Φ + Φᵀ)) R⁻ᵀ,  Φ = Φ(R R̄ᵀ - Q̄ᵀ Q)",
    source="Walter, Lehmann and Lamour, On higher-order derivatives of the QR decomposition (2012)",
    samples=[call(MATRIX), call(BATCH), call(TALL), call((0, 0))],
)


@public("linalg.qr", "qr", "Tensor.qr")
def _qr(A, mode="reduced"):
    """(Q, R) with A = Q R;  Ā = (Q̄ + Q (Φ + Φᵀ)) R⁻ᵀ with Φ = Φ(R R̄ᵀ - Q̄ᵀ Q).

    `mode`: "reduced", "complete" (derivatives only where it is the same) or "r" (no derivatives).
    Where A has more columns than rows, R's further columns are Qᵀ times A's.

    >>> import engine as torch
    >>> torch.linalg.qr(torch.tensor([[0., 2.], [-1., 3.]])).Q
    tensor([[0., 1.],
            [1., 0.]])
    """
    if isinstance(mode, bool):
        mode = "reduced" if mode else "complete"
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    require_matrix("linalg.qr", A)
    rows, columns = A.shape[-2:]
    if mode == "r" or (mode == "complete" and rows > columns):
        return return_types.linalg_qr(*_without_derivative(A, mode))
    if columns <= rows:
        return return_types.linalg_qr(*qr(A))
    q, left = qr(A[..., :rows])
    return return_types.linalg_qr(q, _beside(left, matmul(swap_last(q), A[..., rows:])))


def _beside(left, right):
    from engine.ops.joining import cat

    return cat(left, right, dim=left.ndim - 1)


def _without_derivative(A, mode):
    if A.requires_grad:
        raise RuntimeError(
            f"The QR decomposition is not differentiable when mode='{mode}'"
            + (" and nrows > ncols" if mode == "complete" else "; please use mode='reduced'")
        )
    from engine.tensor import wrap

    found = np.linalg.qr(A.numpy(), mode)
    return (wrap(np.empty(0, found.dtype)), wrap(found)) if mode == "r" else map(wrap, found)


# symmetric eigenvalues


def skew_quotient(x, values):
    """(x - xᵀ) / (values_j - values_i), zeros on the diagonal."""
    return (x - swap_last(x)) / (row(values) - column(values) + identity_like(x))


def _eigh_pullback(g, y, x, uplo):
    """V (diag λ̄ + (VᵀV̄ - V̄ᵀV) / (2 (λ_j - λ_i))) Vᵀ, the quotient off the diagonal."""
    values, vectors = y
    left = 0
    if 0 in g:
        left = vectors * row(g[0])
    if 1 in g:
        left = matmul(vectors, skew_quotient(matmul(swap_last(vectors), g[1]), values) / 2) + left
    return matmul(left, swap_last(vectors))


eigh = op(
    "eigh",
    numpy=lambda x, uplo: Outputs(np.linalg.eigh(x, uplo)),
    vjp=[_eigh_pullback],
    shape=lambda shape, uplo: (square_shape(shape)[:-1], shape),
    domain=("symmetric",),
    types=None,
    torch="LinalgEighBackward0",
    rule="eigenvalues of a symmetric matrix",
    says="In the basis of eigenvectors the diagonal moves the eigenvalues, the rest turns the eigenvectors, each pair "
    "by one over the gap between its eigenvalues.",
    law="x = V diag(λ) Vᵀ;  x̄ = V (diag λ̄ + [i ≠ j] (VᵀV̄ - V̄ᵀV)_ij / (2 (λ_j - λ_i))) Vᵀ",
    source="Giles, Collected matrix derivative results (2008), section 3.1",
    samples=[call(symmetric(3), uplo="L"), call(symmetric(2, 3), uplo="U"), call(symmetric(0), uplo="L")],
)


@public("linalg.eigh")
def _eigh(A, UPLO="L"):
    """(λ, V) with A = V diag(λ) Vᵀ, λ ascending;  Ā = V (diag λ̄ + skew(VᵀV̄) / (λ_j - λ_i)) Vᵀ.

    A is symmetric; one triangle is read. Eigenvectors of equal eigenvalues have no derivative: inf or nan there, as in
    PyTorch, unless only λ is used. Source: Giles (2008).

    >>> import engine as torch
    >>> torch.linalg.eigh(torch.tensor([[2., 0.], [0., 1.]])).eigenvalues
    tensor([1., 2.])
    """
    require_square("linalg.eigh", A)
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return return_types.linalg_eigh(*eigh(A, uplo=UPLO.upper()))


@public("linalg.eigvalsh")
def _eigvalsh(A, UPLO="L"):
    """λ, the eigenvalues of a symmetric matrix, ascending;  Ā = V diag(λ̄) Vᵀ.

    >>> import engine as torch
    >>> torch.linalg.eigvalsh(torch.tensor([[2., 0.], [0., 1.]]))
    tensor([1., 2.])
    """
    return _eigh(A, UPLO).eigenvalues


@public("linalg.eig", "linalg.eigvals")
def _eig(A):
    """Refused: the eigenvalues of a general matrix are complex numbers."""
    raise NotImplementedError(
        "linalg.eig: the eigenvalues of a general matrix are complex, and complex numbers aren't supported; "
        "for a symmetric matrix use linalg.eigh"
    )

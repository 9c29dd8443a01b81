"""Singular values and what is made of them: svd, pinv, lstsq, matrix_rank."""

import numpy as np

from engine import return_types
from engine.op import call, op, public, symmetric
from engine.ops.constants import identity_like
from engine.ops.decompositions import TALL, WIDE, skew_quotient
from engine.ops.inverse import BATCH, MATRIX
from engine.ops.joining import cat
from engine.ops.linalg_checks import require_matrix, shorter
from engine.ops.matrix import column, matmul, row
from engine.ops.reduction import sum_
from engine.ops.shape import swap_last
from engine.ops.typing import dtype_name, dtype_of
from engine.tape import Outputs
from engine.tensor import wrap


def _svd_pullback(g, y, x):
    """U (diag S̄ + skew(UᵀŪ)/E S + S skew(VᵀV̄)/E) Vᵀ, and what Ū and V̄ have outside of U and V."""
    u, s, vh = y
    if 0 not in g and 2 not in g:
        return matmul(u * row(g[1]), vh)
    inner = 0
    if 0 in g:
        inner = skew_quotient(matmul(swap_last(u), g[0]), s * s) * row(s)
    if 2 in g:
        inner = column(s) * skew_quotient(matmul(vh, swap_last(g[2])), s * s) + inner
    if 1 in g:
        inner = identity_like(inner) * row(g[1]) + inner
    made = matmul(matmul(u, inner), vh)
    if 0 in g and x.shape[-2] != s.shape[-1]:
        scaled = g[0] / row(s)
        made = made + matmul(scaled - matmul(u, matmul(swap_last(u), scaled)), vh)
    if 2 in g and x.shape[-1] != s.shape[-1]:
        scaled = g[2] / column(s)
        made = made + matmul(u, scaled - matmul(matmul(scaled, swap_last(vh)), vh))
    return made


def _svd_shape(shape):
    *batch, m, n = shape
    k = shorter(m, n)
    return ((*batch, m, k), (*batch, k), (*batch, k, n))


svd = op(
    "svd",
    numpy=lambda x: Outputs(np.linalg.svd(x, full_matrices=False)),
    vjp=[_svd_pullback],
    shape=_svd_shape,
    types=None,
    torch="LinalgSvdBackward0",
    rule="singular values",
    says="Between singular vectors the diagonal moves the singular values, the skew rest turns the vectors, each pair "
    "by one over the gap between its squared singular values.",
    law="x = U diag(S) Vᵀ;  x̄ = U diag(S̄) Vᵀ where only S is used",
    source="Townsend, Differentiating the singular value decomposition (2016)",
    samples=[call(MATRIX), call(BATCH), call(TALL), call(WIDE), call((0, 0)), call((0, 3))],
)
complement = op(
    "complement",
    numpy=lambda u: np.linalg.qr(u, mode="complete")[0][..., u.shape[-1] :],
    vjp=[lambda g, y, u: -matmul(y, matmul(swap_last(g), u))],
    shape=lambda shape: (*shape[:-1], shape[-2] - shape[-1]),
    types=None,
    text="{0}^⊥",
    latex=r"{0}^{{\perp}}",
    rule="orthogonal complement",
    says="The complement stays orthogonal to the columns that it completes, and turns as they do.",
    law="y = an orthonormal basis of what is orthogonal to the columns of u;  ū = -y gᵀ u",
    internal="its basis turns freely, so single entries have no derivative; tried with svd through projections",
)


@public("linalg.svd")
def _svd(A, full_matrices=True, *, driver=None):
    """(U, S, Vh) with A = U diag(S) Vh, S descending;  Ā = U diag(S̄) Vh where only S is used.

    With full_matrices, U and Vh are square: further columns of U and rows of Vh complete the bases. These turn freely,
    so their derivative is right for whatever doesn't depend on how they turn, such as U₂U₂ᵀ; PyTorch ignores it.
    Singular vectors of equal singular values have no derivative: inf or nan, as in PyTorch.

    >>> import engine as torch
    >>> torch.linalg.svd(torch.tensor([[2., 0.], [0., 3.]])).S
    tensor([3., 2.])
    """
    require_matrix("linalg.svd", A)
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
        )
    u, s, vh = svd(A)
    if full_matrices:
        u, vh = _completed(u), swap_last(_completed(swap_last(vh)))
    return return_types.linalg_svd(u, s, vh)


def _completed(u):
    """Orthonormal columns with what completes them to a basis."""
    return u if u.shape[-1] == u.shape[-2] else cat(u, complement(u), dim=u.ndim - 1)


@public("svd", "Tensor.svd")
def _torch_svd(input, some=True, compute_uv=True):
    """(U, S, V) with x = U diag(S) Vᵀ; see linalg.svd."""
    u, s, vh = _svd(input, full_matrices=not some)
    if not compute_uv:
        *batch, m, n = input.shape
        zeros = [wrap(np.zeros((*batch, size, size), dtype_of(s))) for size in (m, n)]
        return return_types.svd(zeros[0], s, zeros[1])
    return return_types.svd(u, s, swap_last(vh))


@public("linalg.svdvals")
def _svdvals(A, *, driver=None):
    """S, the singular values of A, descending;  Ā = U diag(S̄) Vᵀ.

    >>> import engine as torch
    >>> torch.linalg.svdvals(torch.tensor([[2., 0.], [0., 3.]]))
    tensor([3., 2.])
    """
    return _svd(A, full_matrices=False, driver=driver).S


# pseudoinverse


def _cutoff(s, shape, rtol, atol):
    """Singular values up to this one count as zero: PyTorch's default is max(m, n) ε times the largest."""
    if rtol is None:
        default = max(shape[-2:]) * np.finfo(s.dtype).eps
        rtol = default if atol is None else np.where(np.asarray(atol) > 0, 0.0, default)
    largest = s[..., :1] if s.shape[-1] else np.zeros((*s.shape[:-1], 1), s.dtype)
    rtol, atol = (np.asarray(0.0 if tolerance is None else tolerance)[..., None] for tolerance in (rtol, atol))
    return np.maximum(atol, rtol * largest)


def _pinv_numbers(x, rtol, atol, hermitian=False):
    if hermitian:
        x = np.tril(x) + np.swapaxes(np.tril(x, -1), -1, -2)
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    large = s > _cutoff(s, x.shape, rtol, atol)
    inverse = np.where(large, 1 / np.where(large, s, 1), 0).astype(x.dtype)
    return np.swapaxes(vh, -1, -2) @ (inverse[..., None] * np.swapaxes(u, -1, -2))


def _pinv_pullback(g, y, x, rtol, atol, hermitian=False):
    """-yᵀ g yᵀ + (I - x y) gᵀ y yᵀ + yᵀ y gᵀ (I - y x)."""
    turned, back = swap_last(y), swap_last(g)
    inner = -matmul(matmul(turned, g), turned)
    left = matmul(matmul(back, y), turned)
    right = matmul(matmul(turned, y), back)
    return inner + left - matmul(matmul(x, y), left) + right - matmul(matmul(right, y), x)


pinv = op(
    "pinv",
    numpy=_pinv_numbers,
    vjp=[_pinv_pullback],
    shape=lambda shape, rtol, atol, hermitian=False: (*shape[:-2], shape[-1], shape[-2]),
    types=None,
    text="{0}⁺",
    latex="{0}^{{+}}",
    torch="LinalgPinvBackward0",
    rule="pseudoinverse",
    says="As for an inverse, and what leaves the column and row spaces adds two terms, which vanish for an invertible "
    "matrix.",
    law="y = x⁺;  x̄ = -yᵀ g yᵀ + (I - x y) gᵀ y yᵀ + yᵀ y gᵀ (I - y x)",
    source="Golub and Pereyra, The differentiation of pseudo-inverses (1973)",
    samples=[call(MATRIX, rtol=None, atol=None), call(TALL, rtol=None, atol=None), call(WIDE, rtol=1e-9, atol=None),
             call(BATCH, rtol=None, atol=1e-9), call((0, 2), rtol=None, atol=None),
             call(symmetric(3), rtol=None, atol=None, hermitian=True)],
)  # fmt: skip


@public("linalg.pinv")
def _pinv(A, rcond=None, hermitian=False, *, atol=None, rtol=None):
    """y = A⁺, the pseudoinverse;  Ā = -yᵀ g yᵀ + (I - A y) gᵀ y yᵀ + yᵀ y gᵀ (I - y A), the rank being constant.

    Singular values up to max(atol, rtol σ₁) count as zero; rtol is max(m, n) ε by default. Of a
    hermitian A only the lower triangle is read, and the derivative is that at a symmetric A. Source: Golub and Pereyra
    (1973).

    >>> import engine as torch
    >>> torch.linalg.pinv(torch.tensor([[2., 0.], [0., 0.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    if A.ndim < 2 or dtype_of(A).kind != "f" or dtype_of(A).itemsize < 4:
        raise RuntimeError(
            f"linalg.pinv({dtype_name(A)}{{{list(A.shape)}}}): expected a tensor with 2 or more dimensions of float, "
            "double, cfloat or cdouble types"
        )
    how = {"rtol": _tolerance(rcond if rtol is None else rtol), "atol": _tolerance(atol)}
    return pinv(A, **how, hermitian=True) if hermitian else pinv(A, **how)


@public("pinverse", "Tensor.pinverse")
def _pinverse(input, rcond=1e-15):
    """As linalg.pinv with rtol=rcond."""
    return _pinv(input, rtol=rcond)


def _tolerance(value):
    """A tolerance as a number, or an array of one a matrix."""
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    return float(value) if value is not None and np.ndim(value) == 0 else value


# least squares, rank


@public("linalg.lstsq")
def _lstsq(A, B, rcond=None, *, driver=None):
    """(solution, residuals, rank, singular_values) of min ‖A X - B‖;  the solution is A⁺ B, and so is its derivative.

    Residuals are the squared column norms of A X - B where A has full rank and more rows than columns and a driver
    other than the default "gelsy" is named, else empty; singular values come with "gelsd" and "gelss", as in PyTorch.

    >>> import engine as torch
    >>> A = torch.tensor([[1., 0.], [0., 2.], [0., 0.]])
    >>> torch.linalg.lstsq(A, torch.tensor([[1.], [2.], [3.]])).solution
    tensor([[1.],
            [1.]])
    """
    require_matrix("torch.linalg.lstsq", A)
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            f"torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), but got {driver}"
        )
    if dtype_of(A) != dtype_of(B):
        raise RuntimeError("torch.linalg.lstsq: input.dtype must be the same as other.dtype")
    vector = B.ndim == A.ndim - 1
    right = column(B) if vector else B
    if right.ndim != A.ndim or right.shape[-2] != A.shape[-2]:
        raise RuntimeError("torch.linalg.lstsq: input.size(-2) should match other.size(-2)")
    rows, columns = A.shape[-2:]
    rtol = max(rows, columns) * float(np.finfo(dtype_of(A)).eps) if rcond is None else float(rcond)
    solution = matmul(pinv(A, rtol=rtol, atol=None), right)
    s = np.linalg.svd(A.detach().numpy(), compute_uv=False)
    rank = np.asarray((s > _cutoff(s, A.shape, rtol, None)).sum(-1))
    residuals = wrap(np.empty(0, s.dtype))
    if rows > columns and driver not in (None, "gelsy") and (rank == columns).all():
        error = matmul(A, solution) - right
        residuals = sum_(error * error, dim=(A.ndim - 2,), keepdim=False)
    if vector:
        from engine.ops.shape import squeeze

        solution = squeeze(solution, dim=(A.ndim - 1,))
    no_rank, with_values = driver == "gels", driver in ("gelsd", "gelss")
    return return_types.linalg_lstsq(
        solution,
        residuals,
        wrap(np.empty(0, np.int64) if no_rank else rank),
        wrap(s if with_values else np.empty(0, s.dtype)),
    )


@public("linalg.matrix_rank")
def _matrix_rank(A, tol=None, hermitian=False, *, atol=None, rtol=None):
    """The number of singular values above max(atol, rtol σ₁), as an integer without derivative.

    >>> import engine as torch
    >>> torch.linalg.matrix_rank(torch.ones(2, 3))
    tensor(1)
    """
    if A.ndim < 2:
        raise RuntimeError("torch.linalg.matrix_rank: The input tensor input must have at least 2 dimensions.")
    if dtype_of(A).kind != "f" or dtype_of(A).itemsize < 4:
        raise RuntimeError("This function doesn't handle types other than float and double")
    s = np.linalg.svd(A.detach().numpy(), compute_uv=False)
    if tol is not None:
        atol, rtol = tol, 0.0
    return wrap(np.asarray((s > _cutoff(s, A.shape, _tolerance(rtol), _tolerance(atol))).sum(-1)))

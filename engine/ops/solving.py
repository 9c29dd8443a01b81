"""Linear systems, with a general matrix or a triangular one."""

import numpy as np

from engine.op import broadcast_shapes, call, op, public
from engine.ops.diagonals import tril, triu
from engine.ops.inverse import BATCH, MATRIX
from engine.ops.linalg_checks import LinAlgError, failed, require_square, square_shape, zero_pivot
from engine.ops.matrix import column, matmul, outer, row
from engine.ops.product_forms import NEIGHBOURS, identity_of, is_identity, made, same
from engine.ops.shape import swap_last
from engine.ops.typing import dtype_name, dtype_of


def _solve_numbers(a, b, vector):
    try:
        return np.linalg.solve(a, b[..., None])[..., 0] if vector else np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        where, _order = failed(a, zero_pivot)
        raise LinAlgError(
            f"torch.linalg.solve: {where}The solver failed because the input matrix is singular."
        ) from None


def against(z, y, vector):
    """z yᵀ, of matrices or of vectors in batches."""
    if not vector:
        return matmul(z, swap_last(y))
    return outer(z, y) if len(z.shape) == len(y.shape) == 1 else column(z) * row(y)


def _solve_shape(a, b, vector):
    square_shape(a)
    if vector:
        return (*broadcast_shapes(a[:-2], b[:-1]), b[-1])
    return (*broadcast_shapes(a[:-2], b[:-2]), *b[-2:])


def _solve_form(a, b, vector):
    if is_identity(a):
        return b.filled(b.expr, _solve_shape(a.shape, b.shape, vector))
    if made(b, "matmul") and same(b.operands[0], a):
        return b.operands[1]
    if not vector and same(a, b):
        return identity_of(a)
    scalar, rest = a.split_scalar()
    return None if scalar is None else solve(rest, b, vector=vector) / scalar


solve = op(
    "solve",
    numpy=_solve_numbers,
    vjp=[
        lambda g, y, a, b, vector: -against(solve(swap_last(a), g, vector=vector), y, vector),
        lambda g, y, a, b, vector: solve(swap_last(a), g, vector=vector),
    ],
    shape=_solve_shape,
    normal=_solve_form,
    types="alike",
    text="{0}⁻¹ {1}",
    latex="{0}^{{-1}} {1}",
    torch="LinalgSolveExBackward0",
    rule="linear system",
    says=(
        "The matrix's cotangent is minus that of the right-hand side times the solution transposed.",
        "The right-hand side's cotangent solves the transposed system.",
    ),
    law="y = a⁻¹ b;  b̄ = a⁻ᵀ g,  ā = -b̄ yᵀ",
    linear=(1,),
    samples=[call(MATRIX, (3,), vector=True), call(MATRIX, (3, 2), vector=False), call(BATCH, (3, 2), vector=True),
             call(BATCH, (3, 2, 4), vector=False), call(BATCH, (2, 4), vector=False), call(BATCH, (2,), vector=True),
             call(MATRIX, (5, 3, 2), vector=False), call((0, 0), (0, 2), vector=False)],
)  # fmt: skip


@NEIGHBOURS.append
def _solved(a, b):
    """A (A⁻¹ B) = B."""
    return b.operands[1] if made(b, "solve") and same(b.operands[0], a) else None


@public("linalg.solve")
def _solve(A, B, *, left=True):
    """y = A⁻¹ B (left) or B A⁻¹, B a vector, a matrix or batches of them;  B̄ = A⁻ᵀ g, Ā = -B̄ yᵀ.

    RuntimeError where shapes don't fit, LinAlgError if A is singular.

    >>> import engine as torch
    >>> torch.linalg.solve(torch.tensor([[2., 0.], [0., 4.]]), torch.tensor([2., 2.]))
    tensor([1.0000, 0.5000])
    """
    require_square("linalg.solve", A)
    if dtype_of(A) != dtype_of(B):
        raise RuntimeError(
            f"linalg.solve: Expected A and B to have the same dtype, but found A of type {dtype_name(A)} and B of "
            f"type {dtype_name(B)} instead"
        )
    vector = B.ndim == 1 or (A.ndim - 1 == B.ndim and tuple(A.shape[:-1]) == tuple(B.shape))
    require_fitting("linalg.solve", A, (*B.shape, 1) if vector else tuple(B.shape), left)
    if left:
        return solve(A, B, vector=vector)
    return swap_last(solve(swap_last(A), swap_last(B), vector=False))


def require_fitting(name, A, b, left):
    """Refuse a right-hand side of shape b that doesn't fit the square matrices A."""
    n = A.shape[-1]
    if b[-2 if left else -1] != n:
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {equation} "
            f"({n}x{n} and {b[-2]}x{b[-1]})"
        )


def _substituted(a, b, upper, unitriangular):
    """The triangular system by substitution, one row after another; a zero on the diagonal gives inf or nan."""
    n = a.shape[-1]
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    y = np.array(np.broadcast_to(b, (*batch, *b.shape[-2:])))
    with np.errstate(all="ignore"):
        for at in reversed(range(n)) if upper else range(n):
            known = slice(at + 1, n) if upper else slice(0, at)
            y[..., at, :] -= (a[..., at : at + 1, known] @ y[..., known, :])[..., 0, :]
            if not unitriangular:
                y[..., at, :] /= a[..., at : at + 1, at]
    return y


def _triangle(x, upper, unitriangular):
    if upper:
        return triu(x, diagonal=1 if unitriangular else 0)
    return tril(x, diagonal=-1 if unitriangular else 0)


def _transposed_solution(g, a, upper, unitriangular):
    return solve_triangular(swap_last(a), g, upper=not upper, unitriangular=unitriangular)


def _triangular_pullback(g, y, a, b, upper, unitriangular):
    z = _transposed_solution(g, a, upper, unitriangular)
    return -_triangle(matmul(z, swap_last(y)), upper, unitriangular)


solve_triangular = op(
    "solve_triangular",
    numpy=_substituted,
    vjp=[
        _triangular_pullback,
        lambda g, y, a, b, upper, unitriangular: _transposed_solution(g, a, upper, unitriangular),
    ],
    shape=lambda a, b, upper, unitriangular: (*broadcast_shapes(a[:-2], b[:-2]), *b[-2:]),
    normal=lambda a, b, upper, unitriangular: (
        b.filled(b.expr, (*broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:])) if is_identity(a) else None
    ),
    types="alike",
    text="{0}⁻¹ {1}",
    latex="{0}^{{-1}} {1}",
    torch="LinalgSolveTriangularBackward0",
    rule="triangular system",
    says=(
        "The matrix's cotangent is its triangle of minus that of the right-hand side times the solution transposed.",
        "The right-hand side's cotangent solves the transposed system.",
    ),
    law="y = a⁻¹ b, a triangular;  b̄ = a⁻ᵀ g,  ā = the triangle of -b̄ yᵀ",
    linear=(1,),
    samples=[call(MATRIX, (3, 2), upper=True, unitriangular=False),
             call(BATCH, (2, 4), upper=False, unitriangular=False),
             call(MATRIX, (4, 3, 2), upper=False, unitriangular=True),
             call(BATCH, (3, 2, 1), upper=True, unitriangular=True),
             call((0, 0), (0, 2), upper=True, unitriangular=False)],
)  # fmt: skip


@public("linalg.solve_triangular")
def _solve_triangular(A, B, *, upper, left=True, unitriangular=False):
    """y = A⁻¹ B (left) or B A⁻¹ with A's upper or lower triangle;  B̄ = A⁻ᵀ g, Ā = that triangle of -B̄ yᵀ.

    >>> import engine as torch
    >>> A = torch.tensor([[2., 1.], [0., 4.]])
    >>> torch.linalg.solve_triangular(A, torch.tensor([[4.], [8.]]), upper=True)
    tensor([[1.],
            [2.]])
    """
    name = "linalg.solve_triangular"
    require_square(name, A)
    if B.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor B must have at least 2 dimensions.")
    require_fitting(name, A, tuple(B.shape), left)
    if left:
        return solve_triangular(A, B, upper=bool(upper), unitriangular=bool(unitriangular))
    turned = solve_triangular(swap_last(A), swap_last(B), upper=not upper, unitriangular=bool(unitriangular))
    return swap_last(turned)

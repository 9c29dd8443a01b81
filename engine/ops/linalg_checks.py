"""What linear algebra shares: PyTorch's refusals, singular matrices found, sizes. Imported by its families."""

import numpy as np

from engine.op import PUBLIC, ShapeError
from engine.ops.shape import unsqueeze
from engine.ops.typing import dtype_name, dtype_of


class LinAlgError(RuntimeError):
    """A matrix that an operation of linear algebra can't work with, such as a singular one that is to be inverted."""


PUBLIC["linalg.LinAlgError"] = LinAlgError


def require_matrix(name, x):
    """Refuse what has no rows and columns, or isn't floating."""
    if x.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor A must have at least 2 dimensions.")
    if dtype_of(x).kind != "f":
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {dtype_name(x)}")
    if dtype_of(x).itemsize < 4:
        raise RuntimeError(f"{name}: Low precision dtypes not supported. Got {dtype_name(x)}")


def require_square(name, x):
    """As require_matrix, and refuse matrices that aren't square."""
    if x.ndim > 1 and x.shape[-1] != x.shape[-2]:
        raise RuntimeError(
            f"{name}: A must be batches of square matrices, but they are {x.shape[-2]} by {x.shape[-1]} matrices"
        )
    require_matrix(name, x)


def square_shape(shape):
    """The shape rule of a function of square matrices that keeps the shape."""
    if shape[-1] != shape[-2]:
        raise ShapeError(f"a square matrix is needed, not {shape[-2]} by {shape[-1]}")
    return shape


def shorter(m, n):
    """The smaller of two sizes, letters included.

    >>> shorter(2, 3)
    2
    """
    if m == n:
        return m
    if isinstance(m, int) and isinstance(n, int):
        return min(m, n)
    return (m + n - abs(m - n)) / 2


def over_matrices(g):
    """One number a matrix, with two axes of size one so that it broadcasts over the matrices."""
    rank = len(g.shape)
    return unsqueeze(g, dim=(rank, rank + 1)) if rank else g


def failed(x, broken):
    """(where, order) of the first matrix of a batch for which broken(matrix) names an order, else ("", 0)."""
    for at, matrix in enumerate(x.reshape(-1, *x.shape[-2:])):
        order = broken(matrix)
        if order:
            return (f"(Batch element {at}): " if x.ndim > 2 else ""), order
    return "", 0


def zero_pivot(matrix):
    """The place, counted from one, of the first zero pivot of Gaussian elimination with row exchanges; 0 if none."""
    left = np.array(matrix)
    for at in range(len(left)):
        pivot = at + np.argmax(np.abs(left[at:, at]))
        if left[pivot, at] == 0:
            return at + 1
        left[[at, pivot]] = left[[pivot, at]]
        left[at + 1 :] -= np.outer(left[at + 1 :, at] / left[at, at], left[at])
    return 0


def indefinite(matrix):
    """The order of the first leading minor of a symmetric matrix that isn't positive definite; 0 if none."""
    for order in range(1, len(matrix) + 1):
        try:
            np.linalg.cholesky(matrix[:order, :order])
        except np.linalg.LinAlgError:
            return order
    return 0

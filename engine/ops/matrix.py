"""Products of matrices and vectors."""

import numpy as np

from engine.op import ShapeError, broadcast_shapes, call, op, public
from engine.ops.reduction import sum_
from engine.ops.shape import squeeze, swap_last, unsqueeze


def _matmul_shape(a, b):
    if not a or not b:
        raise ShapeError("both arguments to matmul need to be at least 1D")
    inner = b[-2] if len(b) > 1 else b[0]
    if a[-1] != inner:
        raise ShapeError(f"the matrix product's inner sizes differ: {a[-1]} meets {inner}")
    batch = broadcast_shapes(a[:-2], b[:-2])
    return (*batch, *(a[-2:-1] if len(a) > 1 else ()), *(b[-1:] if len(b) > 1 else ()))


def _column(v):
    return unsqueeze(v, dim=(len(v.shape),))


def _row(v):
    return unsqueeze(v, dim=(len(v.shape) - 1,))


def left_pullback(g, y, a, b):
    """ā = g bᵀ, with vectors as the rows or columns that they stand for."""
    if len(a.shape) == 1:
        if len(b.shape) == 1:
            return g * b
        if len(b.shape) == 2:
            return matmul(b, g)
        return sum_batch(squeeze(matmul(b, _column(g)), dim=(len(b.shape) - 1,)), 1)
    if len(b.shape) == 1:
        return _column(g) * b
    return matmul(g, swap_last(b))


def right_pullback(g, y, a, b):
    """b̄ = aᵀ g, with vectors as the rows or columns that they stand for."""
    if len(b.shape) == 1:
        if len(a.shape) == 1:
            return g * a
        return matmul(swap_last(a), g) if len(a.shape) == 2 else sum_batch(_column(g) * a, 1)
    if len(a.shape) == 1:
        return _column(a) * _row(g)
    return matmul(swap_last(a), g)


def sum_batch(x, rank):
    """x summed over all but its last `rank` axes."""
    batch = tuple(range(len(x.shape) - rank))
    return sum_(x, dim=batch, keepdim=False) if batch else x


matmul = op(
    "matmul",
    numpy=np.matmul,
    vjp=[left_pullback, right_pullback],
    shape=_matmul_shape,
    types="alike",
    torch="MmBackward0",
    rule="matrix product",
    says="The cotangent meets the other factor, transposed, on the side where that factor stood.",
    law="y = a b;  ā = g bᵀ,  b̄ = aᵀ g",
    linear=(0, 1),
    samples=[call((2, 3), (3, 4)), call((2, 3), (3,)), call((3,), (3, 4)), call((3,), (3,)), call((5, 2, 3), (3, 4)),
             call((5, 2, 3), (5, 3, 4)), call((2, 3), (5, 3, 4)), call((5, 2, 3), (3,)), call((3,), (5, 3, 4))],
)


@public("matmul", "Tensor.matmul", "Tensor.__matmul__")
def _matmul(input, other):
    """y = a b, the matrix product, over broadcast batches;  ā = g bᵀ, b̄ = aᵀ g.

    >>> import engine as torch
    >>> torch.matmul(torch.ones(2, 3), torch.ones(3))
    tensor([3., 3.])
    """
    return matmul(input, other)

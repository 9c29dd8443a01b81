"""Diagonals and triangles of matrices."""

import numpy as np

from engine.op import ShapeError, call, first_shape, op, public
from engine.ops.reshaping import _movedim
from engine.ops.shape import axis


def _length(rows, columns, offset):
    """The number of entries of a diagonal of a matrix, sizes being ints or letters.

    >>> _length(3, 4, 1), _length(3, 4, -3)
    (3, 0)
    """
    if isinstance(rows, int) and isinstance(columns, int):
        return max(0, min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns))
    if rows == columns:
        return rows + -abs(offset) if offset else rows
    raise ShapeError(f"the length of a diagonal of a {rows} by {columns} matrix isn't known; give both sizes a number")


def _embed(x, offset, size):
    """Matrices of the last two sizes of `size`, zero but for a diagonal."""
    out = np.zeros(size, x.dtype)
    at = np.arange(x.shape[-1])
    out[..., at + max(0, -offset), at + max(0, offset)] = x
    return out


diagonal = op(
    "diagonal",
    numpy=lambda x, offset: np.diagonal(x, offset, -2, -1),
    vjp=[lambda g, y, x, offset: diag_embed(g, offset=offset, size=x.shape)],
    shape=lambda shape, offset: (*shape[:-2], _length(shape[-2], shape[-1], offset)),
    types=None,
    saves=False,
    rule="diagonal of a matrix",
    says="Only the entries on the diagonal count, so the cotangent goes back onto the diagonal of a zero matrix.",
    law="y_i = x_(i, i + offset)",
    source="the adjoint of a selection puts entries back among zeros",
    samples=[call((3, 3), offset=0), call((2, 3, 3), offset=-1), call((3, 3), offset=1), call((0, 0), offset=0)],
    linear=(0,),
    moves=True,
)

diag_embed = op(
    "diag_embed",
    numpy=_embed,
    vjp=[lambda g, y, x, offset, size: diagonal(g, offset=offset)],
    shape=lambda shape, offset, size: size,
    types=None,
    saves=False,
    rule="diagonal matrix",
    says="The entries stand on the diagonal, so the cotangent's diagonal comes back.",
    law="y_(i, i + offset) = x_i, and zero elsewhere",
    source="the adjoint of putting entries among zeros is their selection",
    samples=[call((3,), offset=0, size=(3, 3)), call((2, 2), offset=1, size=(2, 3, 3)),
             call((2,), offset=-1, size=(3, 4)), call((0,), offset=0, size=(0, 0))],
    linear=(0,),
)  # fmt: skip


def _triangle(name, numpy, where):
    made = op(
        name,
        numpy=lambda x, diagonal: numpy(x, diagonal),
        vjp=[lambda g, y, x, diagonal: made(g, diagonal=diagonal)],
        normal=lambda x, diagonal: (
            x if x.made_by(made) and x.params["diagonal"] == diagonal else x if x.expr == 0 else None
        ),
        shape=first_shape,
        types=None,
        saves=False,
        rule=f"{where} triangle",
        says=f"Only the entries of the {where} triangle count, so the cotangent keeps that triangle.",
        law=f"y_ij = x_ij in the {where} triangle, and zero elsewhere",
        source="a selection is its own adjoint",
        samples=[call((3, 3), diagonal=0), call((2, 3, 4), diagonal=1), call((3, 2), diagonal=-1),
                 call((0, 2), diagonal=0)],
        linear=(0,),
    )  # fmt: skip

    def triangle(input, diagonal=0):
        if input.ndim < 2:
            raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")
        return made(input, diagonal=int(diagonal))

    triangle.__name__ = triangle.__qualname__ = name
    triangle.__doc__ = (
        f"y = the {where} triangle of x from the given diagonal on, zero elsewhere;  x̄ = that triangle of g."
    )
    public(name, f"Tensor.{name}")(triangle)
    return made


tril = _triangle("tril", np.tril, "lower")
triu = _triangle("triu", np.triu, "upper")


@public("diagonal", "Tensor.diagonal")
def _diagonal(input, offset=0, dim1=0, dim2=1):
    """y_i = x_(i, i + offset) over the axes dim1 and dim2, as y's last axis;  x̄ = g on that diagonal.

    >>> import engine as torch
    >>> torch.diagonal(torch.tensor([[1., 2.], [3., 4.]]))
    tensor([1., 4.])
    """
    first, second = axis(dim1, input.ndim), axis(dim2, input.ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    last = input.ndim - 1
    x = input if (first, second) == (last - 1, last) else _movedim(input, (first, second), (last - 1, last))
    return diagonal(x, offset=int(offset))


@public("linalg.diagonal")
def _linalg_diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """y_i = A_(i, i + offset) over the last two axes; see diagonal."""
    return _diagonal(A, offset, dim1, dim2)


@public("diag_embed", "Tensor.diag_embed")
def _diag_embed(input, offset=0, dim1=-2, dim2=-1):
    """y = square matrices with x's last axis on a diagonal, zero elsewhere;  x̄ = that diagonal of g.

    >>> import engine as torch
    >>> torch.diag_embed(torch.tensor([1., 2.]))
    tensor([[1., 0.],
            [0., 2.]])
    """
    rank = input.ndim + 1
    first, second = axis(dim1, rank), axis(dim2, rank)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    side = input.shape[-1] + abs(offset)
    if first > second:
        first, second, offset = second, first, -offset
    made = diag_embed(input, offset=int(offset), size=(*input.shape[:-1], side, side))
    return made if (first, second) == (rank - 2, rank - 1) else _movedim(made, (-2, -1), (first, second))


@public("diag", "Tensor.diag")
def _diag(input, diagonal=0):
    """y = the matrix with x on a diagonal if x is a vector, that diagonal if x is a matrix.

    >>> import engine as torch
    >>> torch.diag(torch.tensor([[1., 2.], [3., 4.]]))
    tensor([1., 4.])
    """
    if input.ndim == 1:
        return _diag_embed(input, diagonal)
    if input.ndim == 2:
        return _diagonal(input, diagonal)
    raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")


@public("diagflat", "Tensor.diagflat")
def _diagflat(input, offset=0):
    """y = the matrix with all of x, in reading order, on a diagonal;  x̄ = that diagonal of g, in x's shape."""
    return _diag_embed(input.reshape(-1), offset)

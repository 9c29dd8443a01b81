"""Operations that put many entries into one."""

import numpy as np

from engine.op import call, op, public
from engine.ops.shape import axes, backward_of, size_of, unsqueeze
from engine.ops.typing import averageable, summable


def reduced_shape(shape, dim, keepdim=False, **_params):
    """The shape rule of a reduction over the axes `dim`."""
    if keepdim:
        return tuple(1 if at in dim else size for at, size in enumerate(shape))
    return tuple(size for at, size in enumerate(shape) if at not in dim)


def restored(reduced, x, dim, keepdim):
    """A reduced array with its lost axes back as ones, so that it broadcasts against x."""
    if keepdim or not dim or len(dim) == len(x.shape):
        return reduced
    return unsqueeze(reduced, dim=dim)


sum_ = op(
    "sum",
    numpy=lambda x, dim, keepdim: np.add.reduce(x, axis=dim, keepdims=keepdim),
    vjp=[lambda g, y, x, dim, keepdim: restored(g, x, dim, keepdim)],
    shape=reduced_shape,
    normal=lambda x, dim, keepdim: (
        x.filled(x.expr * size_of(x, dim), reduced_shape(x.shape, dim, keepdim)) if x.uniform else None
    ),
    types=None,
    saves=False,
    torch=backward_of("Sum"),
    rule="sum of entries",
    says="Every entry of a sum counts once, so each gets the sum's cotangent.",
    law="y = Σ x over the axes `dim`",
    samples=[
        call((2, 3), dim=(0, 1), keepdim=False),
        call((2, 3), dim=(1,), keepdim=True),
        call((0, 2), dim=(0,), keepdim=False),
    ],
    linear=(0,),
)

mean = op(
    "mean",
    numpy=lambda x, dim, keepdim: np.add.reduce(x, axis=dim, keepdims=keepdim) / size_of(x, dim),
    vjp=[lambda g, y, x, dim, keepdim: restored(g, x, dim, keepdim) / size_of(x, dim)],
    shape=reduced_shape,
    normal=lambda x, dim, keepdim: x.filled(x.expr, reduced_shape(x.shape, dim, keepdim)) if x.uniform else None,
    types=None,
    saves=False,
    torch=backward_of("Mean"),
    rule="mean",
    says="Each of n entries counts for one n-th of their mean.",
    law="y = (1/n) Σ x over the axes `dim`, n entries",
    samples=[call((2, 3), dim=(0, 1), keepdim=False), call((2, 3), dim=(1,), keepdim=True)],
    linear=(0,),
)


@public("sum", "Tensor.sum")
def _sum(input, dim=None, keepdim=False, *, dtype=None):
    """y = Σ x over `dim` (all axes by default);  x̄ = g, spread back over them.

    >>> import engine as torch
    >>> torch.sum(torch.ones(2, 3), dim=1)
    tensor([3., 3.])
    """
    x = summable(input, dtype)
    return sum_(x, dim=axes(dim, x.ndim), keepdim=bool(keepdim))


@public("mean", "Tensor.mean")
def _mean(input, dim=None, keepdim=False, *, dtype=None):
    """y = (1/n) Σ x over `dim` (all axes by default);  x̄ = g / n, spread back over them.

    >>> import engine as torch
    >>> torch.mean(torch.tensor([1., 2., 6.]))
    tensor(3.)
    """
    x = averageable(input, dtype)
    return mean(x, dim=axes(dim, x.ndim), keepdim=bool(keepdim))

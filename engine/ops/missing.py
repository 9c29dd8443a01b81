"""Sums and means that leave out what isn't a number."""

import numpy as np

from engine.op import call, op, public
from engine.ops.logic import isnan
from engine.ops.reduction import reduced_shape, restored, sum_
from engine.ops.shape import axes
from engine.ops.typing import summable

nansum = op(
    "nansum",
    numpy=lambda x, dim, keepdim: np.nansum(x, axis=dim, keepdims=keepdim),
    vjp=[lambda g, y, x, dim, keepdim: restored(g, x, dim, keepdim) * (1 - isnan(x))],
    numeric=[lambda g, y, x, dim, keepdim: np.where(np.isnan(x), 0, restored(g, x, dim, keepdim))],
    shape=reduced_shape,
    types=None,
    rule="sum of the numbers",
    says="Every entry that is a number counts once; NaN counts for nothing.",
    law="y = Σ x over the axes `dim`, NaN taken as 0",
    edges=[call([1.0, np.nan, 2.0], dim=(0,), keepdim=False), call([np.nan], dim=(0,), keepdim=False)],
    samples=[call((2, 3), dim=(0, 1), keepdim=False), call((2, 3), dim=(1,), keepdim=True)],
)


@public("nansum", "Tensor.nansum")
def _nansum(input, dim=None, keepdim=False, *, dtype=None):
    """y = Σ x over `dim`, NaN taken as 0;  x̄ = g where x is a number, 0 elsewhere.

    >>> import engine as torch
    >>> torch.nansum(torch.tensor([1., float("nan"), 2.]))
    tensor(3.)
    """
    x = summable(input, dtype)
    return nansum(x, dim=axes(dim, x.ndim), keepdim=bool(keepdim))


@public("nanmean", "Tensor.nanmean")
def _nanmean(input, dim=None, keepdim=False, *, dtype=None):
    """y = the mean of the entries over `dim` that are numbers;  x̄ = g/n there, 0 elsewhere.

    >>> import engine as torch
    >>> torch.nanmean(torch.tensor([1., float("nan"), 2.]))
    tensor(1.5000)
    """
    x = summable(input, dtype)
    dims = axes(dim, x.ndim)
    count = sum_(1 - isnan(x.detach()).to(x.dtype), dim=dims, keepdim=bool(keepdim))
    return nansum(x, dim=dims, keepdim=bool(keepdim)) / count

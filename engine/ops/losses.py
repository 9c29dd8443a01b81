"""What all losses share: the reduction of one loss an entry, and PyTorch's older spelling of it."""

import warnings

import numpy as np

from engine.ops.fitting import count
from engine.ops.reduction import mean, sum_
from engine.ops.shape import axes

REDUCE = {"none": lambda x: x, "sum": np.sum, "mean": lambda x: np.sum(x) / x.size}
"""Reduction -> NumPy function."""


def reduced_as(shape, reduction):
    """The shape of a loss whose entries have `shape`."""
    return shape if reduction == "none" else ()


def per_entry(g, shape, reduction):
    """The cotangent of each of the entries, of `shape`, that a reduction puts together."""
    return g / count(shape) if reduction == "mean" else g


def reduced(x, reduction):
    """The loss from its entries: their mean, their sum, or all of them."""
    if reduction == "none":
        return x
    return (mean if reduction == "mean" else sum_)(x, dim=axes(None, x.ndim), keepdim=False)


def reduction_of(reduction, size_average=None, reduce=None):
    """The reduction that a loss was asked for; ValueError if there is no such one.

    >>> reduction_of("mean", size_average=False)
    'sum'
    """
    if size_average is not None or reduce is not None:
        size_average, reduce = size_average in (None, True), reduce in (None, True)
        reduction = ("mean" if size_average else "sum") if reduce else "none"
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
            UserWarning,
            stacklevel=3,
        )
    if reduction not in REDUCE:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction

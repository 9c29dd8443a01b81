"""What all losses share: the reduction of one loss an entry, and PyTorch's older spelling of it."""

import warnings

import numpy as np

from engine.errors import first_clash
from engine.op import broadcast_shapes, op
from engine.ops.fitting import count
from engine.ops.reduction import mean, sum_

REDUCE = {"none": lambda x: x, "sum": np.sum, "mean": lambda x: np.sum(x) / np.size(x)}
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
    return (mean if reduction == "mean" else sum_)(x, dim=tuple(range(x.ndim)), keepdim=False)


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


def entrywise_loss(name, numpy, slopes, **fields):
    """A loss with a value for each pair of entries, then reduced, as one operation.

    `numpy(x, t, *more, **params)` gives the loss of each pair; `slopes` are its derivatives in x and t, None
    where there is none, functions of the same arguments written in our operations.
    """

    def forward(x, t, *more, reduction, **params):
        return REDUCE[reduction](numpy(x, t, *more, **params))

    def rule_of(slope):
        def pullback(g, y, x, t, *more, reduction, **params):
            return per_entry(g, broadcast_shapes(x.shape, t.shape), reduction) * slope(x, t, *more, **params)

        return slope and pullback

    return op(
        name,
        numpy=forward,
        vjp=[rule_of(slope) for slope in slopes],
        shape=lambda x, t, *more, reduction, **_params: reduced_as(broadcast_shapes(x, t), reduction),
        **fields,
    )


def same_size(input, target):
    """PyTorch's warning where a target has another size than the input, and its error where they don't broadcast."""
    if input.shape != target.shape:
        clash = first_clash(input.shape, target.shape)
        if clash is not None:
            at, first, second = clash
            raise RuntimeError(
                f"The size of tensor a ({first}) must match the size of tensor b ({second}) "
                f"at non-singleton dimension {at}"
            )
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This will "
            "likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            UserWarning,
            stacklevel=3,
        )

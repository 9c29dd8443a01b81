"""Losses of a difference: squared, absolute, and what lies between them."""

import numpy as np

from engine.op import call, public
from engine.ops.elementwise import absolute
from engine.ops.losses import entrywise_loss, reduced, reduction_of, same_size
from engine.ops.reduction import sum_
from engine.ops.selecting import clamp_both
from engine.ops.shape import axes

PAIRS = [
    call((2, 3), (2, 3), reduction="mean"),
    call((2, 3), (2, 3), reduction="sum"),
    call((3,), (2, 1), reduction="none"),
    call((), (), reduction="mean"),
]


def _squares(x, t):
    d = x - t
    return d * d


mse_loss = entrywise_loss(
    "mse_loss",
    _squares,
    [lambda x, t: (x - t) * 2, lambda x, t: (t - x) * 2],
    normal=lambda x, t, reduction: reduced((x - t) ** 2, reduction),
    rule="squared error",
    says="A squared difference's slope is twice the difference; the mean divides it by the number of entries.",
    law="y = (x - t)², averaged over n entries",
    samples=PAIRS,
)


def weighted(losses, weight, reduction):
    """A loss whose entries are weighted; its mean is over the weights."""
    if tuple(weight.shape) != tuple(losses.shape):
        raise ValueError("Weights and input must have the same size.")
    if reduction == "mean":
        everything = axes(None, losses.ndim)
        return sum_(losses * weight, dim=everything, keepdim=False) / sum_(weight, dim=everything, keepdim=False)
    return reduced(losses * weight, reduction)


@public("nn.functional.mse_loss")
def _mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """y = mean((x - t)²);  x̄ = (2/n) g (x - t), t̄ = -x̄.

    With weights, the mean is over the weights. Source: Bishop, equation 3.12.

    >>> import engine as torch
    >>> torch.nn.functional.mse_loss(torch.tensor([1., 2.]), torch.tensor([3., 2.]))
    tensor(2.)
    """
    same_size(input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    if weight is None:
        return mse_loss(input, target, reduction=reduction)
    return weighted(mse_loss(input, target, reduction="none"), weight, reduction)


smooth_l1_loss = entrywise_loss(
    "smooth_l1_loss",
    lambda x, t, beta: _rounded(x - t, beta) / beta,
    [lambda x, t, beta: _limited(x - t, beta) / beta, lambda x, t, beta: _limited(t - x, beta) / beta],
    rule="smooth absolute error",
    says="A difference's slope is the difference over β, kept between minus one and one.",
    law="y = d²/(2β) where |d| < β, |d| - β/2 elsewhere, d = x - t, averaged over n entries",
    source="Girshick, Fast R-CNN, equation 3",
    edges=[call([1.0, -1.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0], reduction="none", beta=1.0)],
    samples=[call(*sample[0], **sample[1], beta=0.7) for sample in PAIRS],
)

huber_loss = entrywise_loss(
    "huber_loss",
    lambda x, t, delta: _rounded(x - t, delta),
    [lambda x, t, delta: _limited(x - t, delta), lambda x, t, delta: _limited(t - x, delta)],
    rule="Huber loss",
    says="A difference's slope is the difference itself, kept between minus δ and δ.",
    law="y = d²/2 where |d| ≤ δ, δ (|d| - δ/2) elsewhere, d = x - t, averaged over n entries",
    source="Huber, Robust Estimation of a Location Parameter, 1964",
    edges=[call([1.0, -1.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0], reduction="none", delta=1.0)],
    samples=[call(*sample[0], **sample[1], delta=0.7) for sample in PAIRS],
)


def _rounded(d, width):
    """d²/2 where |d| < width, width (|d| - width/2) elsewhere."""
    size = np.abs(d)
    near = np.minimum(size, width)
    return near * (size - near / 2)


def _limited(d, width):
    """d between -width and width."""
    return clamp_both(d, -width, width)


@public("nn.functional.l1_loss")
def _l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """y = mean |x - t|;  x̄ = g sign(x - t) / n, t̄ = -x̄. With weights, the mean is over the weights.

    >>> import engine as torch
    >>> torch.nn.functional.l1_loss(torch.tensor([1., 2.]), torch.tensor([3., 2.]))
    tensor(1.)
    """
    same_size(input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    losses = absolute(input - target)
    return reduced(losses, reduction) if weight is None else weighted(losses, weight, reduction)


@public("nn.functional.smooth_l1_loss")
def _smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """y = mean of d²/(2β) where |d| < β, |d| - β/2 elsewhere;  x̄ = g clamp(d/β, -1, 1) / n, t̄ = -x̄, d = x - t.

    Source: Girshick, Fast R-CNN, equation 3.

    >>> import engine as torch
    >>> torch.nn.functional.smooth_l1_loss(torch.tensor([1., 3.]), torch.tensor([0., 0.]), reduction="none")
    tensor([0.5000, 2.5000])
    """
    same_size(input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    if beta == 0:
        return reduced(absolute(input - target), reduction)
    return smooth_l1_loss(input, target, reduction=reduction, beta=float(beta))


@public("nn.functional.huber_loss")
def _huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """y = mean of d²/2 where |d| ≤ δ, δ (|d| - δ/2) elsewhere;  x̄ = g clamp(d, -δ, δ) / n, t̄ = -x̄, d = x - t.

    Source: Huber, Robust Estimation of a Location Parameter, 1964.

    >>> import engine as torch
    >>> torch.nn.functional.huber_loss(torch.tensor([1., 3.]), torch.tensor([0., 0.]), reduction="none", delta=2.)
    tensor([0.5000, 4.0000])
    """
    same_size(input, target)
    reduction = reduction_of(reduction)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    if weight is None:
        return huber_loss(input, target, reduction=reduction, delta=float(delta))
    if weight.shape != input.shape:
        raise ValueError("Weights and input must have the same size.")
    return reduced(huber_loss(input, target, reduction="none", delta=float(delta)) * weight, reduction)

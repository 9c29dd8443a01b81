"""Negative log-likelihoods and divergences of distributions, as sums and products of elementwise functions."""

import math
import warnings

import numpy as np

from engine.op import public
from engine.ops.elementwise import exp, log, where, xlogy
from engine.ops.losses import reduced, reduction_of
from engine.ops.shape import unsqueeze
from engine.tensor import wrap


@public("nn.functional.kl_div", "kl_div")
def _kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """y = mean of t (log t - x), x log-probabilities;  x̄ = -g t / n, t̄ = g (log t + 1 - x) / n.

    With log_target, t is given as its logarithm. "batchmean" divides by the first size, as the divergence's
    definition does; "mean" by the number of entries. Source: Kullback & Leibler, On Information and Sufficiency, 1951.

    >>> import engine as torch
    >>> p = torch.tensor([[0.5, 0.5]])
    >>> torch.nn.functional.kl_div(p.log(), p, reduction="batchmean")
    tensor(0.)
    """
    batch = reduction == "batchmean"
    if size_average is not None or reduce is not None:
        batch, reduction = False, reduction_of(reduction, size_average, reduce)
    elif reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
            "'mean' will be changed to behave the same as 'batchmean' in the next major release.",
            UserWarning,
            stacklevel=2,
        )
    losses = exp(target) * (target - input) if log_target else xlogy(target, target) - target * input
    total = reduced(losses, "sum" if batch else reduction_of(reduction))
    return total / input.shape[0] if batch and input.ndim else total


@public("nn.functional.poisson_nll_loss", "poisson_nll_loss")
def _poisson_nll_loss(
    input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"
):
    """y = mean of exp(x) - t x, or of x - t log(x + ε);  x̄ = g (exp(x) - t) / n, or g (1 - t / (x + ε)) / n.

    With `full`, Stirling's approximation of log t! is added where t > 1.

    >>> import engine as torch
    >>> torch.nn.functional.poisson_nll_loss(torch.tensor([0.]), torch.tensor([2.]))
    tensor(1.)
    """
    reduction = reduction_of(reduction, size_average, reduce)
    losses = exp(input) - target * input if log_input else input - target * log(input + eps)
    if full:
        stirling = target * log(target) - target + 0.5 * log(2 * math.pi * target)
        losses = losses + where(target <= 1, 0.0, stirling)
    return reduced(losses, reduction)


@public("nn.functional.gaussian_nll_loss")
def _gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """y = mean of ½ (log v + (μ - t)²/v);  μ̄ = g (μ - t) / (n v), v̄ = g (1 - (μ - t)²/v) / (2 n v).

    A variance below ε counts as ε, yet passes its cotangent on, PyTorch's convention. With `full`, ½ log 2π is
    added. ValueError for a negative variance or one of another size. Source: Bishop, equation 1.54.

    >>> import engine as torch
    >>> torch.nn.functional.gaussian_nll_loss(torch.tensor([1.]), torch.tensor([3.]), torch.tensor([1.]))
    tensor(2.)
    """
    reduction = reduction_of(reduction)
    if isinstance(var, float):
        var = wrap(np.full_like(input._node.output, var))
    values = var._node.output
    if (values < 0).any():
        raise ValueError("var has negative entry/entries")
    if var.shape != input.shape:
        if tuple(input.shape[:-1]) == tuple(var.shape):
            var = unsqueeze(var, dim=(var.ndim,))
        elif var.ndim != input.ndim or sum(m for n, m in zip(input.shape, var.shape) if n != m) != 1:
            raise ValueError("var is of incorrect size")
    low = var._node.output < eps
    if low.any():
        var = var + np.where(low, eps - var._node.output, 0).astype(values.dtype)
    losses = (log(var) + (input - target) ** 2 / var) * 0.5
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced(losses, reduction)

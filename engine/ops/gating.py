"""Entries let through by a gate: dropout, whose gate is random, and the gated linear unit."""

import numpy as np

from engine.op import PUBLIC, public
from engine.ops.elementwise import sigmoid
from engine.ops.shape import axis
from engine.random import numbers
from engine.tensor import wrap


def _dropped(name, input, p, training, shape):
    """input times a mask of `shape`, whose entries are 0 with probability p and 1 / (1 - p) otherwise."""
    if not 0 <= p <= 1:
        raise ValueError(f"{name} probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or input._node.output.size == 0:
        return input
    kept = numbers().random(shape) >= p
    mask = kept / (1 - p) if p < 1 else np.zeros(shape)
    return input * wrap(mask.astype(input.dtype.numpy))


@public("nn.functional.dropout", "dropout")
def dropout(input, p=0.5, training=True, inplace=False):
    """y = m ⊙ x, m = 0 with probability p and 1/(1 - p) otherwise;  x̄ = m ⊙ g. Without `training`, y = x.

    torch.manual_seed makes the mask repeatable. ValueError unless 0 ≤ p ≤ 1. Source: Srivastava and others, Dropout,
    2014.

    >>> import engine as torch
    >>> torch.nn.functional.dropout(torch.ones(3), p=1.)
    tensor([0., 0., 0.])
    """
    y = _dropped("dropout", input, p, training, tuple(input.shape))
    return _in_place(input, y) if inplace else y


def _in_place(input, y):
    from engine.inplace import assign

    return input if y is input else assign(input, y)


def _channel_dropout(name, axes):
    def channel_dropout(input, p=0.5, training=True, inplace=False):
        batched = input.ndim == axes + 2
        shape = tuple(size if at < 1 + batched else 1 for at, size in enumerate(input.shape))
        y = _dropped("dropout", input, p, training, shape)
        return _in_place(input, y) if inplace else y

    channel_dropout.__name__ = channel_dropout.__qualname__ = name
    channel_dropout.__doc__ = "y = m ⊙ x, one random entry of m for each channel, as in dropout;  x̄ = m ⊙ g."
    return public(f"nn.functional.{name}")(channel_dropout)


for _axes in (1, 2, 3):
    _channel_dropout(f"dropout{_axes}d", _axes)


@public("rrelu", "nn.functional.rrelu")
def rrelu(input, lower=1 / 8, upper=1 / 3, training=False, inplace=False):
    """y = m ⊙ x, m = 1 where x ≥ 0, else drawn from [lower, upper), or their mean without `training`;  x̄ = m ⊙ g.

    torch.manual_seed makes the slopes repeatable. Source: Xu and others, Empirical Evaluation of Rectified
    Activations in Convolution Network, 2015.

    >>> import engine as torch
    >>> torch.rrelu(torch.tensor([-8., 1.]), 0.25, 0.5)
    tensor([-3.,  1.])
    """
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    x = input._node.output
    drawn = lower + (upper - lower) * numbers().random(x.shape) if training else (lower + upper) / 2
    y = input * wrap(np.where(x >= 0, 1, drawn).astype(x.dtype))
    return _in_place(input, y) if inplace else y


@public("nn.functional.glu")
def _glu(input, dim=-1):
    """y = a ⊙ σ(b), a and b the halves of x along `dim`;  ā = g ⊙ σ(b), b̄ = g ⊙ y ⊙ (1 - σ(b)).

    RuntimeError if the size along `dim` is odd. Source: Dauphin and others, Language Modeling with Gated
    Convolutional Networks, equation 1.

    >>> import engine as torch
    >>> torch.nn.functional.glu(torch.tensor([4., 0.]))
    tensor([2.])
    """
    if input.ndim == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    at = axis(int(dim), input.ndim)
    if input.shape[at] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {at} is size {input.shape[at]}")
    a, b = PUBLIC["chunk"](input, 2, at)
    return a * sigmoid(b)

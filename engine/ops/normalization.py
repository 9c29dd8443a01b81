"""Normalisation layers: standardised entries, then a factor γ and a shift β for each feature or channel.

Layer, group and root mean square normalisation; engine.ops.batch_normalization has those with statistics of a batch.
"""

import numpy as np

from engine.op import call, op, public
from engine.ops.reduction import sum_
from engine.ops.shape import reshape, size_of
from engine.ops.standardize import (
    average,
    inverse_deviation,
    inverse_rms,
    rescale,
    scaled,
    standardize,
    standardized,
)

# how each layer sees its operand: the array to standardise, over which axes, and γ or β beside it


def _trailing(x, rank, eps):
    """Layer normalisation: over the last `rank` axes."""
    return x, tuple(range(len(x.shape) - rank, len(x.shape)))


def _groups(x, groups, eps):
    """Group normalisation: each group of channels in a row."""
    count = size_of(x, range(1, len(x.shape)))
    width = count // groups if isinstance(count, int) else count / groups
    return reshape(x, size=(x.shape[0], groups, width)), (2,)


def beside_features(weight, x):
    """γ of the last axes stands beside x as it is."""
    return weight


def beside_channels(weight, x):
    """One γ a channel, so that it broadcasts along the second axis."""
    if len(x.shape) == 2:
        return weight
    return reshape(weight, size=(weight.shape[0], *(1,) * (len(x.shape) - 2)))


def summed_over_features(g, x):
    """The sweep itself sums over the leading axes."""
    return g


def summed_over_channels(g, x):
    """The cotangent of one γ or β a channel."""
    return sum_(g, dim=(0, *range(2, len(x.shape))), keepdim=False)


def is_one(weight):
    """Whether γ is the number 1, which stands for none."""
    return weight.__class__ is int


def normalizing_layer(name, arranged, beside, summed, **fields):
    """A layer y = γ ⊙ x̂ + β as an operation; γ and β may be left out."""

    def numpy(x, weight=1, bias=None, **params):
        seen, dim = arranged(x, **params)
        y = standardized(seen, dim, params["eps"])[0].reshape(x.shape)
        y = y if is_one(weight) else y * beside(weight, x)
        return y if bias is None else y + beside(bias, x)

    def h_of(g, x, weight):
        return g if is_one(weight) else g * beside(weight, x)

    def operand_pullback(g, y, x, weight=1, bias=None, **params):
        """x̄ = (1/σ)(h - mean h - x̂ mean(h ⊙ x̂)), h = γ ⊙ g."""
        seen, dim = arranged(x, **params)
        eps = params["eps"]
        hat = standardize(seen, dim=dim, eps=eps)
        h = fitting(h_of(g, x, weight), seen)
        d = inverse_deviation(seen, dim=dim, eps=eps) * (h - average(h, dim) - hat * average(h * hat, dim))
        return fitting(d, x)

    def operand_numbers(g, y, x, weight=1, bias=None, **params):
        seen, dim = arranged(x, **params)
        hat, scale = standardized(seen, dim, params["eps"])
        h = h_of(g, x, weight).reshape(seen.shape)
        return (scale * (h - average(h, dim) - hat * average(h * hat, dim))).reshape(x.shape)

    def weight_pullback(g, y, x, weight, bias=None, **params):
        seen, dim = arranged(x, **params)
        return summed(g * fitting(standardize(seen, dim=dim, eps=params["eps"]), x), x)

    def bias_pullback(g, y, x, weight, bias, **params):
        return summed(g, x)

    return op(
        name,
        numpy=numpy,
        vjp=[operand_pullback, weight_pullback, bias_pullback],
        numeric=[operand_numbers, weight_pullback, bias_pullback],
        shape=lambda shape, *_others, **_params: shape,
        types=None,
        torch=f"Native{''.join(word.capitalize() for word in name.split('_'))}Backward0",
        says="The cotangent, times the factors, loses its mean and its part along the standardised entries, and is "
        "divided by the deviation.",
        **fields,
    )


def fitting(x, like):
    """x in another array's shape."""
    return x if x.shape == like.shape else reshape(x, size=like.shape)


layer_norm = normalizing_layer(
    "layer_norm",
    _trailing,
    beside_features,
    summed_over_features,
    rule="layer normalisation",
    law="y = γ ⊙ (x - μ)/σ + β, mean and deviation over the last axes",
    source="Ba, Kiros & Hinton, Layer Normalization, equation 4",
    samples=[
        call((2, 3), rank=1, eps=1e-5),
        call((2, 3), (3,), (3,), rank=1, eps=1e-5),
        call((2, 3), (3,), rank=1, eps=0.1),
        call((2, 3, 4), (3, 4), (3, 4), rank=2, eps=1e-5),
        call((2, 3), 1, (3,), rank=1, eps=1e-5),
    ],
)

group_norm = normalizing_layer(
    "group_norm",
    _groups,
    beside_channels,
    summed_over_channels,
    rule="group normalisation",
    law="y = γ ⊙ (x - μ)/σ + β, mean and deviation over each group of channels",
    source="Wu & He, Group Normalization, section 3",
    samples=[
        call((2, 6), groups=2, eps=1e-5),
        call((2, 4, 3), (4,), (4,), groups=2, eps=1e-5),
        call((2, 4, 2, 2), (4,), groups=4, eps=0.1),
        call((2, 4), (4,), (4,), groups=1, eps=1e-5),
    ],
)


def _rms_pullback(g, y, x, weight=1, *, rank, eps):
    """x̄ = (1/r)(h - x̂ mean(h ⊙ x̂)), h = γ ⊙ g, x̂ = x/r."""
    _seen, dim = _trailing(x, rank, eps)
    hat = rescale(x, dim=dim, eps=eps)
    h = g if is_one(weight) else g * weight
    return inverse_rms(x, dim=dim, eps=eps) * (h - hat * average(h * hat, dim))


def _rms_numbers(g, y, x, weight=1, *, rank, eps):
    _seen, dim = _trailing(x, rank, eps)
    hat, scale = scaled(x, dim, eps)
    h = g if is_one(weight) else g * weight
    return scale * (h - hat * average(h * hat, dim))


def _rms_norm(x, weight=1, *, rank, eps):
    y = scaled(x, _trailing(x, rank, eps)[1], eps)[0]
    return y if is_one(weight) else y * weight


def _rms_weight_pullback(g, y, x, weight, *, rank, eps):
    return g * rescale(x, dim=_trailing(x, rank, eps)[1], eps=eps)


rms_norm = op(
    "rms_norm",
    numpy=_rms_norm,
    vjp=[_rms_pullback, _rms_weight_pullback],
    numeric=[_rms_numbers, _rms_weight_pullback],
    shape=lambda shape, *_weight, **_params: shape,
    types=None,
    torch="MulBackward0",
    rule="root mean square normalisation",
    says="The cotangent, times the factors, loses its part along the output, and is divided by the root mean square.",
    law="y = γ ⊙ x/r, with r = √(mean x² + ε) over the last axes",
    source="Zhang & Sennrich, Root Mean Square Layer Normalization, section 4",
    samples=[
        call((2, 3), rank=1, eps=1e-5),
        call((2, 3), (3,), rank=1, eps=0.1),
        call((2, 3, 4), (3, 4), rank=2, eps=1e-5),
    ],
)


# PyTorch's functions


def affine(weight, bias):
    """γ and β as operands, leaving out what isn't given; γ is 1 where only β is."""
    if bias is not None:
        return (1 if weight is None else weight, bias)
    return () if weight is None else (weight,)


def _rank_of(input, normalized_shape, weight, bias=None):
    size = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(int(n) for n in normalized_shape)
    if not size:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    for name, given in (("weight", weight), ("bias", bias)):
        if given is not None and tuple(given.shape) != size:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(given.shape)} and normalized_shape = {list(size)}"
            )
    if tuple(input.shape[-len(size) :]) != size:
        raise RuntimeError(
            f"Given normalized_shape={list(size)}, expected input with shape [*, {', '.join(map(str, size))}], but got "
            f"input of size{list(input.shape)}"
        )
    return len(size)


@public("nn.functional.layer_norm", "layer_norm")
def _layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5, cudnn_enable=True):
    """y = γ ⊙ (x - μ)/σ + β over the last axes;  x̄ = (1/σ)(h - mean h - x̂ mean(h ⊙ x̂)), h = γ ⊙ g.

    σ = √(var + ε), the variance without correction. Source: Ba, Kiros & Hinton, equation 4.

    >>> import engine as torch
    >>> torch.nn.functional.layer_norm(torch.tensor([[1., 3.]]), (2,), eps=0.)
    tensor([[-1.,  1.]])
    """
    rank = _rank_of(input, normalized_shape, weight, bias)
    return layer_norm(input, *affine(weight, bias), rank=rank, eps=float(eps))


@public("nn.functional.rms_norm", "rms_norm")
def _rms_normalized(input, normalized_shape, weight=None, eps=None):
    """y = γ ⊙ x/r over the last axes;  x̄ = (1/r)(h - x̂ mean(h ⊙ x̂)), h = γ ⊙ g, x̂ = x/r.

    r = √(mean x² + ε); ε is the spacing of the dtype at one unless given. Source: Zhang & Sennrich, section 4.

    >>> import engine as torch
    >>> torch.nn.functional.rms_norm(torch.tensor([[3., 3.]]), (2,))
    tensor([[1., 1.]])
    """
    rank = _rank_of(input, normalized_shape, weight)
    eps = float(np.finfo(input.dtype.numpy).eps if eps is None else eps)
    return rms_norm(input, *affine(weight, None), rank=rank, eps=eps)


@public("nn.functional.group_norm", "group_norm")
def _group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """y = γ ⊙ (x - μ)/σ + β over each group of channels;  x̄ = (1/σ)(h - mean h - x̂ mean(h ⊙ x̂)), h = γ ⊙ g.

    Source: Wu & He, Group Normalization, section 3.

    >>> import engine as torch
    >>> torch.nn.functional.group_norm(torch.tensor([[1., 3., 5., 9.]]), 2, eps=0.)
    tensor([[-1.,  1., -1.,  1.]])
    """
    if input.ndim < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {input.ndim}")
    if num_groups <= 0:
        raise RuntimeError(f"Expected num groups to be greater than 0, got {num_groups}")
    if input.shape[1] % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(input.shape)} and num_groups={num_groups}"
        )
    return group_norm(input, *affine(weight, bias), groups=int(num_groups), eps=float(eps))

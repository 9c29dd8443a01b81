"""Sliding blocks as columns and back (unfold, fold), and pixels from channels (pixel_shuffle)."""

from math import prod

import numpy as np

from engine.op import ShapeError, call, op, public
from engine.ops.shape import squeeze, unsqueeze
from engine.ops.windows import from_windows, per_axis, window_counts, windows


def _unfold(x, kernel, stride, padding, dilation):
    seen = windows(x, kernel, stride, padding, dilation)
    places = prod(seen.shape[2 + len(kernel) :])
    return np.array(seen).reshape(len(x), x.shape[1] * prod(kernel), places)


def _fold(x, size, kernel, stride, padding, dilation):
    counts = window_counts(size, kernel, stride, padding, dilation)
    blocks = x.reshape(len(x), x.shape[1] // prod(kernel), *kernel, *counts)
    return from_windows(blocks, size, kernel, stride, padding, dilation)


def _unfold_shape(x, kernel, stride, padding, dilation):
    places = 1
    for count in window_counts(x[2:], kernel, stride, padding, dilation):
        places = places * count
    return (x[0], x[1] * prod(kernel), places)


def _how(kernel, stride=1, padding=0, dilation=1):
    rank = len(kernel)
    return {"kernel": kernel, "stride": (stride,) * rank, "padding": (padding,) * rank, "dilation": (dilation,) * rank}


unfold = op(
    "unfold",
    numpy=_unfold,
    vjp=[lambda g, y, x, **how: fold(g, size=x.shape[2:], **how)],
    shape=_unfold_shape,
    types=None,
    torch="Im2ColBackward0",
    rule="sliding blocks",
    says="An entry stands in every block that covers it, so the cotangents of all its copies are added.",
    law="y[n, (c, k), p] = x[n, c, stride p + dilation k - padding]",
    linear=(0,),
    samples=[
        call((2, 3, 4, 5), **_how((2, 3))),
        call((1, 2, 5, 4), **_how((3, 2), stride=2, padding=1)),
        call((1, 2, 5, 5), **_how((2, 2), dilation=2)),
    ],
)

fold = op(
    "fold",
    numpy=_fold,
    vjp=[lambda h, y, g, size, **how: unfold(h, **how)],
    shape=lambda x, size, kernel, **_how: (x[0], x[1] // prod(kernel), *size),
    types=None,
    torch="Col2ImBackward0",
    rule="sum of sliding blocks",
    says="Blocks are added where they overlap, so each block's cotangent is read off where it was put.",
    law="y[n, c, q] = Σ x[n, (c, k), p] over all k and p with stride p + dilation k - padding = q",
    linear=(0,),
    samples=[
        call((2, 12, 6), size=(4, 3), **_how((2, 2))),
        call((1, 8, 9), size=(4, 5), **_how((2, 2), stride=2, padding=1)),
    ],
)


@public("nn.functional.unfold")
def _unfold_blocks(input, kernel_size, dilation=1, padding=0, stride=1):
    """y = the sliding blocks of x as columns, (N, C K L, places);  x̄ = the blocks of g, added where they overlap.

    >>> import engine as torch
    >>> torch.nn.functional.unfold(torch.ones(1, 1, 3, 3), 2).shape
    torch.Size([1, 4, 4])
    """
    if input.ndim not in (3, 4):
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
            f"input, but got: {list(input.shape)}"
        )
    kernel, how = _settings(kernel_size, dilation, padding, stride)
    sizes = tuple(input.shape[-2:])
    counts = window_counts(sizes, kernel, *how.values())
    if min(counts) < 1:
        raise RuntimeError(
            f"Given input with spatial size {sizes}, kernel_size={kernel}, dilation={how['dilation']}, "
            f"padding={how['padding']}, calculated shape of the array of sliding blocks as {counts}, but its "
            "components must be at least one."
        )
    alone = input.ndim == 3
    y = unfold(unsqueeze(input, dim=(0,)) if alone else input, kernel=kernel, **how)
    return squeeze(y, dim=(0,)) if alone else y


@public("nn.functional.fold")
def _fold_blocks(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """y = the columns of x, (N, C K L, places), as blocks added up;  x̄ = the blocks of g as columns.

    >>> import engine as torch
    >>> torch.nn.functional.fold(torch.ones(1, 4, 4), (3, 3), 2)
    tensor([[[[1., 2., 1.],
              [2., 4., 2.],
              [1., 2., 1.]]]])
    """
    if input.ndim not in (2, 3):
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {list(input.shape)}"
        )
    kernel, how = _settings(kernel_size, dilation, padding, stride)
    size = per_axis(output_size, 2, "output_size")
    alone = input.ndim == 2
    x = unsqueeze(input, dim=(0,)) if alone else input
    if x.shape[1] % prod(kernel):
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={x.shape[1]} and kernel_size={kernel}."
        )
    counts = window_counts(size, kernel, *how.values())
    if x.shape[2] != prod(counts):
        raise RuntimeError(
            f"Given output_size={size}, kernel_size={kernel}, dilation={how['dilation']}, padding={how['padding']}, "
            f"stride={how['stride']}, expected size of input's dimension 2 to match the calculated number of sliding "
            f"blocks {' * '.join(map(str, counts))} = {prod(counts)}, but got input.size(2)={x.shape[2]}."
        )
    y = fold(x, size=size, kernel=kernel, **how)
    return squeeze(y, dim=(0,)) if alone else y


def _settings(kernel_size, dilation, padding, stride):
    how = {
        "stride": per_axis(stride, 2, "stride"),
        "padding": per_axis(padding, 2, "padding"),
        "dilation": per_axis(dilation, 2, "dilation"),
    }
    return per_axis(kernel_size, 2, "kernel_size"), how


def _shuffle(x, factor):
    *lead, channels, height, width = x.shape
    parts = x.reshape(*lead, channels // factor**2, factor, factor, height, width)
    rank = len(lead)
    order = (*range(rank + 1), rank + 3, rank + 1, rank + 4, rank + 2)
    return parts.transpose(order).reshape(*lead, channels // factor**2, height * factor, width * factor)


def _unshuffle(x, factor):
    *lead, channels, height, width = x.shape
    parts = x.reshape(*lead, channels, height // factor, factor, width // factor, factor)
    rank = len(lead)
    order = (*range(rank + 1), rank + 2, rank + 4, rank + 1, rank + 3)
    return parts.transpose(order).reshape(*lead, channels * factor**2, height // factor, width // factor)


def _divided(size, by, name):
    if isinstance(size, int) and size % by:
        raise ShapeError(f"{name} {size} is not divisible by {by}")
    return size // by


pixel_shuffle = op(
    "pixel_shuffle",
    numpy=_shuffle,
    vjp=[lambda g, y, x, factor: pixel_unshuffle(g, factor=factor)],
    shape=lambda x, factor: (
        *x[:-3], _divided(x[-3], factor**2, "channels"), x[-2] * factor, x[-1] * factor),
    types=None,
    rule="channels to pixels",
    says="Every entry moves to another place, so its cotangent moves back.",
    law="y[c, f i + a, f j + b] = x[(c, a, b), i, j]",
    linear=(0,),
    moves=True,
    samples=[call((2, 4, 2, 3), factor=2), call((9, 1, 2), factor=3)],
)  # fmt: skip

pixel_unshuffle = op(
    "pixel_unshuffle",
    numpy=_unshuffle,
    vjp=[lambda g, y, x, factor: pixel_shuffle(g, factor=factor)],
    shape=lambda x, factor: (
        *x[:-3], x[-3] * factor**2, _divided(x[-2], factor, "height"), _divided(x[-1], factor, "width")),
    types=None,
    rule="pixels to channels",
    says="Every entry moves to another place, so its cotangent moves back.",
    law="y[(c, a, b), i, j] = x[c, f i + a, f j + b]",
    linear=(0,),
    moves=True,
    samples=[call((2, 1, 4, 6), factor=2), call((2, 3, 3), factor=3)],
)  # fmt: skip


@public("pixel_shuffle", "nn.functional.pixel_shuffle")
def _pixel_shuffle(input, upscale_factor):
    """y[c, f i + a, f j + b] = x[(c, a, b), i, j];  x̄ = g moved back. (..., C f², H, W) to (..., C, H f, W f).

    >>> import engine as torch
    >>> torch.pixel_shuffle(torch.tensor([[[0]], [[1]], [[2]], [[3]]]), 2)
    tensor([[[0, 1],
             [2, 3]]])
    """
    _check_pixels(input, upscale_factor, "pixel_shuffle", "upscale_factor")
    if input.shape[-3] % upscale_factor**2:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, "
            f"but input.size(-3)={input.shape[-3]} is not divisible by {upscale_factor**2}"
        )
    return pixel_shuffle(input, factor=int(upscale_factor))


@public("pixel_unshuffle", "nn.functional.pixel_unshuffle")
def _pixel_unshuffle(input, downscale_factor):
    """y[(c, a, b), i, j] = x[c, f i + a, f j + b];  x̄ = g moved back. (..., C, H f, W f) to (..., C f², H, W).

    >>> import engine as torch
    >>> torch.pixel_unshuffle(torch.ones(1, 4, 4), 2).shape
    torch.Size([4, 2, 2])
    """
    _check_pixels(input, downscale_factor, "pixel_unshuffle", "downscale_factor")
    for at, name in ((-2, "height"), (-1, "width")):
        if input.shape[at] % downscale_factor:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
                f"input.size({at})={input.shape[at]} is not divisible by {downscale_factor}"
            )
    return pixel_unshuffle(input, factor=int(downscale_factor))


def _check_pixels(x, factor, name, what):
    if x.ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {x.ndim} dimension(s)"
        )
    if factor < 1:
        raise RuntimeError(f"{name} expects a positive {what}, but got {factor}")

"""Convolution over any number of axes, with its two adjoints: three operations, each the others' derivative.

⟨g, x ⋆ w⟩ is linear in g, in x and in w. convolution, convolution_input and convolution_weight are what is left
when one of the three is taken away, so their rules are written in each other and all derivatives close.
"""

from math import prod

import numpy as np

from engine.op import ShapeError, call, op
from engine.ops.reduction import sum_
from engine.ops.shape import unsqueeze
from engine.ops.windows import blocks, from_windows, window_counts, windows


def _convolve(x, w, b=None, *, stride, padding, dilation, groups):
    """One matrix product an image and group: filters times what they see."""
    seen = windows(x, w.shape[2:], stride, padding, dilation)
    counts = seen.shape[w.ndim :]
    places, depth = prod(counts), prod(w.shape[1:])
    filters = w.reshape(groups, w.shape[0] // groups, depth)
    out = np.empty((len(x), *filters.shape[:2], places), np.result_type(x, w))
    for images in blocks(len(x), groups * depth * places):
        columns = seen[images].reshape(-1, groups, depth, places)
        np.matmul(filters, columns, out=out[images])
    out = out.reshape(len(x), w.shape[0], *counts)
    if b is not None:
        out += b.reshape(-1, *(1,) * len(counts))
    return out


def _to_input(g, w, *, size, stride, padding, dilation, groups):
    """What each filter spread, added up where it looked."""
    depth, places = prod(w.shape[1:]), prod(g.shape[2:])
    filters = w.reshape(groups, w.shape[0] // groups, depth).swapaxes(1, 2)
    out = np.empty((len(g), w.shape[1] * groups, *size), np.result_type(g, w))
    for images in blocks(len(g), groups * depth * places):
        cotangents = g[images].reshape(-1, groups, w.shape[0] // groups, places)
        columns = np.matmul(filters, cotangents)
        columns = columns.reshape(len(cotangents), out.shape[1], *w.shape[2:], *g.shape[2:])
        out[images] = from_windows(columns, size, w.shape[2:], stride, padding, dilation)
    return out


def _to_weight(x, g, *, size, stride, padding, dilation, groups):
    """The cotangents times what the filters saw, summed over images."""
    seen = windows(x, size, stride, padding, dilation)
    channels, places = x.shape[1] // groups, prod(g.shape[2:])
    depth = channels * prod(size)
    out = np.zeros((groups, g.shape[1] // groups, depth), np.result_type(x, g))
    for images in blocks(len(x), groups * depth * places):
        columns = seen[images].reshape(-1, groups, depth, places)
        cotangents = g[images].reshape(-1, groups, out.shape[1], places)
        out += np.matmul(cotangents, columns.swapaxes(2, 3)).sum(axis=0)
    return out.reshape(g.shape[1], channels, *size)


def _convolution_shape(x, w, b=None, *, stride, padding, dilation, groups):
    if isinstance(x[1], int) and isinstance(w[1], int) and x[1] != w[1] * groups:  # letters can't tell
        raise ShapeError(f"{x[1]} channels meet filters for {w[1]} in each of {groups} groups")
    return (x[0], w[0], *window_counts(x[2:], w[2:], stride, padding, dilation))


def _weight_shape(x, g, *, size, groups, **_how):
    return (g[1], x[1] if groups == 1 else x[1] // groups, *size)


def input_pullback(g, y, x, w, b=None, **how):
    """x̄: g sent back through the filters."""
    return convolution_input(g, w, size=x.shape[2:], **how)


def weight_pullback(g, y, x, w, b=None, **how):
    """w̄: g against what the filters saw."""
    return convolution_weight(x, g, size=w.shape[2:], **how)


def bias_pullback(g, y, x, w, b, **how):
    """b̄: g summed over images and places."""
    return sum_(g, dim=(0, *range(2, len(g.shape))), keepdim=False)


def _bias_in_place(b, rank):
    """The bias, so that it broadcasts against images."""
    return unsqueeze(b, dim=tuple(range(1, rank + 1)))


def _how(rank=2, stride=1, padding=0, dilation=1, groups=1):
    return {
        "stride": (stride,) * rank,
        "padding": (padding,) * rank,
        "dilation": (dilation,) * rank,
        "groups": groups,
    }


SAYS = (
    "An entry of the input was seen from several places: from each it gets the cotangent there times the weight that "
    "it met.",
    "A weight was used at every place: its cotangent is the sum, over the places, of the entry that it met there times "
    "the cotangent there.",
    "The bias was added at every place, so its cotangent is the sum over images and places.",
)

convolution = op(
    "convolution",
    numpy=_convolve,
    vjp=[input_pullback, weight_pullback],
    shape=_convolution_shape,
    types="alike",
    text="conv({0}, {1})",
    torch="ConvolutionBackward0",
    rule="convolution",
    says=SAYS[:2],
    law="y[n, o, p] = Σ x[n, c, stride p + dilation k - padding] w[o, c, k] over c and k",
    linear=(0, 1),
    samples=[
        call((2, 3, 4, 5), (2, 3, 2, 3), **_how()),
        call((2, 2, 5, 4), (3, 2, 3, 2), **_how(stride=2, padding=1)),
        call((1, 4, 5, 5), (4, 2, 2, 2), **_how(dilation=2, groups=2)),
        call((2, 2, 6), (3, 2, 3), **_how(rank=1, padding=(0, 1))),
        call((1, 2, 3, 3, 3), (2, 2, 2, 2, 2), **_how(rank=3)),
        call((0, 2, 4), (3, 2, 2), **_how(rank=1)),
    ],
)

convolution_bias = op(
    "convolution_bias",
    numpy=_convolve,
    vjp=[input_pullback, weight_pullback, bias_pullback],
    shape=_convolution_shape,
    normal=lambda x, w, b, **how: convolution(x, w, **how) + _bias_in_place(b, len(w.shape) - 2),
    types="alike",
    torch="ConvolutionBackward0",
    rule="convolution",
    says=SAYS,
    law="y[n, o, p] = b[o] + Σ x[n, c, stride p + dilation k - padding] w[o, c, k] over c and k",
    samples=[
        call((2, 3, 4, 5), (2, 3, 2, 3), (2,), **_how()),
        call((2, 4, 5), (2, 2, 3), (2,), **_how(rank=1, stride=2, groups=2)),
    ],
)

convolution_input = op(
    "convolution_input",
    numpy=_to_input,
    vjp=[
        lambda h, y, g, w, size, **how: convolution(h, w, **how),
        lambda h, y, g, w, size, **how: convolution_weight(h, g, size=w.shape[2:], **how),
    ],
    shape=lambda g, w, *, size, groups, **_how: (g[0], w[1] * groups, *size),
    types="alike",
    text="conv_input({0}, {1})",
    torch="ConvolutionBackward0",
    rule="transposed convolution",
    says="What a convolution gathers, its adjoint spreads; the adjoint's own adjoint is the convolution again.",
    law="⟨y, x⟩ = ⟨g, conv(x, w)⟩ for every x of spatial size `size`",
    linear=(0, 1),
    samples=[
        call((2, 2, 3, 3), (2, 3, 2, 3), size=(4, 5), **_how()),
        call((2, 3, 3, 2), (3, 2, 3, 2), size=(6, 3), **_how(stride=2, padding=1)),
        call((1, 4, 3), (4, 2, 2), size=(5,), **_how(rank=1, dilation=2, groups=2)),
    ],
)

transposed_bias = op(
    "convolution_input_bias",
    numpy=lambda g, w, b, **how: _to_input(g, w, **how) + b.reshape(-1, *(1,) * (w.ndim - 2)),
    vjp=[
        lambda h, y, g, w, b, size, **how: convolution(h, w, **how),
        lambda h, y, g, w, b, size, **how: convolution_weight(h, g, size=w.shape[2:], **how),
        bias_pullback,
    ],
    shape=lambda g, w, b, *, size, groups, **_how: (g[0], w[1] * groups, *size),
    normal=lambda g, w, b, **how: convolution_input(g, w, **how) + _bias_in_place(b, len(w.shape) - 2),
    types="alike",
    torch="ConvolutionBackward0",
    rule="transposed convolution",
    says="What a convolution gathers, its adjoint spreads; the bias, added everywhere, collects all cotangents.",
    law="y = b + what conv(·, w) sends back of g",
    samples=[call((2, 2, 3, 3), (2, 3, 2, 3), (3,), size=(4, 5), **_how())],
)

convolution_weight = op(
    "convolution_weight",
    numpy=_to_weight,
    vjp=[
        lambda v, y, x, g, size, **how: convolution_input(g, v, size=x.shape[2:], **how),
        lambda v, y, x, g, size, **how: convolution(x, v, **how),
    ],
    shape=_weight_shape,
    types="alike",
    text="conv_weight({0}, {1})",
    torch="ConvolutionBackward0",
    rule="correlation of an input with cotangents",
    says="A weight's cotangent is the input that it met times the cotangent where they met, over all places.",
    law="⟨y, w⟩ = ⟨g, conv(x, w)⟩ for every w of kernel size `size`",
    linear=(0, 1),
    samples=[
        call((2, 3, 4, 5), (2, 2, 3, 3), size=(2, 3), **_how()),
        call((2, 2, 5, 4), (2, 3, 3, 3), size=(3, 2), **_how(stride=2, padding=1)),
        call((1, 4, 5), (1, 4, 3), size=(2,), **_how(rank=1, dilation=2, groups=2)),
    ],
)

"""Entries of convolutions and of what goes back through them, as sums of products. Imported by explain.numbers."""

import itertools
from math import prod


def places(shape):
    return itertools.product(*map(range, shape))


def met(at, weight, how):
    """Where in the input, along each axis, a place of the output meets a weight."""
    return tuple(s * p + d * k - pad for p, k, s, d, pad in
                 zip(at, weight, how["stride"], how["dilation"], before(how["padding"])))  # fmt: skip


def before(padding):
    """The padding in front of each axis; one may be told as (before, after)."""
    return [pad[0] if isinstance(pad, tuple) else pad for pad in padding]


def inside(at, shape):
    return all(0 <= one < size for one, size in zip(at, shape))


def convolved(expr, index):
    """((index into x, index into w), ...) whose products add up to an entry of conv(x, w)."""
    (x, w), how = expr.operand_shapes[:2], expr.params
    image, filter_, *at = index
    first = filter_ // (w[0] // how["groups"]) * w[1]
    for channel in range(w[1]):
        for weight in places(w[2:]):
            seen = met(at, weight, how)
            if inside(seen, x[2:]):
                yield (image, first + channel, *seen), (filter_, channel, *weight)


def to_weight(expr, index):
    """The same for conv_weight(x, g): every place where the weight was applied."""
    (x, g), how = expr.operand_shapes[:2], expr.params
    filter_, channel, *weight = index
    first = filter_ // (g[1] // how["groups"]) * (x[1] // how["groups"])
    for image in range(x[0]):
        for at in places(g[2:]):
            seen = met(at, weight, how)
            if inside(seen, x[2:]):
                yield (image, first + channel, *seen), (image, filter_, *at)


def to_input(expr, index):
    """The same for conv_input(g, w): every place that saw the entry."""
    (g, w), how = expr.operand_shapes[:2], expr.params
    image, channel, *seen = index
    filters = w[0] // how["groups"]
    group = channel // w[1]
    for filter_ in range(group * filters, (group + 1) * filters):
        for weight in places(w[2:]):
            steps = [i + pad - d * k for i, k, d, pad in zip(seen, weight, how["dilation"], before(how["padding"]))]
            at = tuple(step // s for step, s in zip(steps, how["stride"]))
            if all(step % s == 0 for step, s in zip(steps, how["stride"])) and inside(at, g[2:]):
                yield (image, filter_, *at), (filter_, channel - group * w[1], *weight)


WINDOWS = {
    "convolution": (convolved, lambda shapes, own: prod(shapes[1][1:])),
    "convolution_weight": (to_weight, lambda shapes, own: prod(shapes[1]) // max(shapes[1][1], 1)),
    "convolution_input": (to_input, lambda shapes, own: prod(shapes[1]) // max(shapes[1][1], 1)),
}

"""Average pooling and its adjoint. Imported by engine.ops.pooling."""

from functools import lru_cache

import numpy as np

from engine.op import call, op
from engine.ops.max_pooling import overhang
from engine.ops.windows import ends, inner_part, padded, sights, window_counts


@lru_cache(maxsize=256)
def _divisor(sizes, counts, kernel, stride, padding, inside, override):
    """How many entries each window's sum is divided by: one number, or an array of `counts`.

    With `inside`, padding doesn't count.
    """
    if override is not None:
        return override
    total = np.ones((), int)
    for size, count, length, step, pad in zip(sizes, counts, kernel, stride, padding):
        starts = np.arange(count) * step - pad
        if inside:
            covered = np.minimum(starts + length, size) - np.maximum(starts, 0)
        else:
            covered = np.minimum(starts + length, size + pad) - starts
        total = total[..., None] * covered
    return int(total.flat[0]) if total.size and (total == total.flat[0]).all() else total


def _layout(sizes, kernel, stride, padding, ceil):
    """(numbers of windows, padding) of the window axes."""
    once = (1,) * len(kernel)
    counts = window_counts(sizes, kernel, stride, padding, once, ceil)
    return counts, tuple(map(overhang, sizes, counts, kernel, stride, padding, once))


def _over(sums, divisor):
    return sums / (divisor.astype(sums.dtype) if isinstance(divisor, np.ndarray) else divisor)


def _average(x, kernel, stride, padding, ceil, inside, divisor):
    lead = x.ndim - len(kernel)
    sizes = x.shape[lead:]
    counts, pairs = _layout(sizes, kernel, stride, padding, ceil)
    sums = padded(x, pairs)
    for at, settings in enumerate(zip(kernel, stride, (1,) * len(kernel), counts)):
        before = (slice(None),) * (lead + at)
        rows = [sums[(*before, *seen)] for _place, seen in sights(*((entry,) for entry in settings))]
        sums = rows[0]
        for row in rows[1:]:
            sums = sums + row
    return _over(sums, _divisor(sizes, counts, kernel, stride, padding, inside, divisor))


def _spread(g, size, kernel, stride, padding, ceil, inside, divisor):
    counts, pairs = _layout(size, kernel, stride, padding, ceil)
    share = _over(g, _divisor(size, counts, kernel, stride, padding, inside, divisor))
    full = [length + sum(ends(pair)) for length, pair in zip(size, pairs)]
    out = np.zeros((*g.shape[: g.ndim - len(size)], *full), share.dtype)
    for _place, seen in sights(kernel, stride, (1,) * len(kernel), counts):
        out[(..., *seen)] += share
    return out[(..., *inner_part(size, pairs))]


def _shape(shape, kernel, stride, padding, ceil, **_how):
    lead = len(shape) - len(kernel)
    return (*shape[:lead], *window_counts(shape[lead:], kernel, stride, padding, (1,) * len(kernel), ceil))


def _grad_name(node):
    rank = len(node.params["kernel"])
    return f"AvgPool{rank}DBackward0" if rank > 1 else "SqueezeBackward1"


def _how(kernel, stride=None, padding=0, ceil=False, inside=False, divisor=None):
    rank = len(kernel)
    stride = kernel if stride is None else (stride,) * rank
    return {"kernel": kernel, "stride": stride, "padding": (padding,) * rank, "ceil": ceil,
            "inside": inside, "divisor": divisor}  # fmt: skip


avg_pool = op(
    "avg_pool",
    numpy=_average,
    vjp=[lambda g, y, x, **how: avg_spread(g, size=x.shape[len(x.shape) - len(how["kernel"]) :], **how)],
    shape=_shape,
    types=None,
    torch=_grad_name,
    rule="mean of each window",
    says="Each entry of a window counts for an equal share of its mean, and gets that share from every window.",
    law="y = the mean of each window of x",
    linear=(0,),
    samples=[
        call((2, 3, 4, 5), **_how((2, 2))),
        call((1, 2, 5, 6), **_how((3, 2), stride=2, padding=1)),
        call((1, 2, 5, 6), **_how((3, 2), stride=2, padding=1, inside=True)),
        call((1, 2, 5, 7), **_how((2, 2), ceil=True)),
        call((1, 2, 5, 7), **_how((3, 3), stride=2, padding=1, ceil=True, inside=True)),
        call((1, 2, 4, 4), **_how((2, 2), divisor=3)),
        call((2, 2, 7), **_how((3,), stride=2, padding=1)),
        call((1, 2, 4, 4, 4), **_how((2, 2, 2), stride=1)),
        call((0, 2, 4), **_how((2,))),
    ],
)

avg_spread = op(
    "avg_spread",
    numpy=_spread,
    vjp=[lambda h, y, g, size, **how: avg_pool(h, **how)],
    shape=lambda shape, size, **_how: (*shape[: len(shape) - len(size)], *size),
    types=None,
    rule="the adjoint of window means",
    says="What is shared out to the entries of each window is gathered back as the window's mean.",
    law="⟨y, x⟩ = ⟨g, avg_pool(x)⟩ for every x of spatial size `size`",
    linear=(0,),
    samples=[
        call((2, 3, 2, 2), size=(4, 5), **_how((2, 2))),
        call((1, 2, 3, 4), size=(5, 6), **_how((3, 2), stride=2, padding=1)),
        call((2, 2, 4), size=(7,), **_how((2,), ceil=True)),
    ],
)

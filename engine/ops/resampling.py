"""Resampling an axis at other places: interpolation and adaptive means, each a sparse matrix an axis, with its adjoint.

Along an axis of n entries, output i is a weighted sum of a few inputs; Rows holds which and how much.
"""

from collections import namedtuple
from functools import lru_cache

import numpy as np

from engine.op import call, op

Rows = namedtuple("Rows", "indices weights starts")  # of all outputs in turn; weights is None if all are one


def _nearest(n, m, scale, _align, shift=0.0):
    """PyTorch finds places in float32, so that ties fall as there."""
    step = np.float32(1 / scale) if scale else np.float32(n) / np.float32(m)
    at = np.floor((np.arange(m, dtype=np.float32) + np.float32(shift)) * step).astype(int)
    return np.minimum(at, n - 1)[:, None], None


def _nearest_exact(n, m, scale, align):
    return _nearest(n, m, scale, align, 0.5)


def _places(n, m, scale, align):
    """Where each output lies among the inputs: corners on corners, or pixel centres on pixel centres."""
    if align:
        return np.arange(m) * ((n - 1) / (m - 1) if m > 1 else 0.0)
    return (np.arange(m) + 0.5) * (1 / scale if scale else n / m) - 0.5


def _linear(n, m, scale, align):
    at = np.maximum(_places(n, m, scale, align), 0.0)
    low = np.minimum(at.astype(int), n - 1)
    high = np.minimum(low + 1, n - 1)
    part = np.clip(at - low, 0.0, 1.0)
    return np.stack([low, high], 1), np.stack([1 - part, part], 1)


def _cubic(n, m, scale, align, a=-0.75):
    at = _places(n, m, scale, align)
    low = np.floor(at).astype(int)
    t = (at - low)[:, None]

    def near(d):
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d):
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

    weights = np.hstack([far(t + 1), near(t), near(1 - t), far(2 - t)])
    return np.clip(low[:, None] + np.arange(-1, 3), 0, n - 1), weights


METHODS = {"nearest": _nearest, "nearest-exact": _nearest_exact, "linear": _linear, "cubic": _cubic}


@lru_cache(maxsize=256)
def rows(method, n, m, scale=None, align=False):
    """The sparse matrix that takes n entries to m."""
    if method == "mean":
        first = np.arange(m) * n // m
        lengths = -(-(np.arange(1, m + 1) * n) // m) - first
        starts = np.cumsum(lengths) - lengths
        indices = np.arange(lengths.sum()) - np.repeat(starts - first, lengths)
        return Rows(indices, np.repeat(1 / lengths, lengths), starts)
    indices, weights = METHODS[method](n, m, scale, align)
    starts = np.arange(m) * indices.shape[1]
    return Rows(indices.ravel(), None if weights is None else weights.ravel(), starts)


@lru_cache(maxsize=256)
def columns(method, n, m, scale=None, align=False):
    """The transposed matrix, m to n, and the inputs that have any output."""
    indices, weights, starts = rows(method, n, m, scale, align)
    outputs = np.repeat(np.arange(m), np.diff(np.append(starts, len(indices))))
    order = np.argsort(indices, kind="stable")
    present, first = np.unique(indices[order], return_index=True)
    return Rows(outputs[order], None if weights is None else weights[order], first), present


def _weighted(x, table, axis):
    """The sparse matrix times x along an axis."""
    taken = np.take(x, table.indices, axis)
    if table.weights is not None:
        weights = table.weights.astype(x.dtype if x.dtype.kind in "fc" else float)  # of an order, not cut to integers
        taken = np.multiply(taken, weights.reshape(-1, *(1,) * (x.ndim - 1 - axis)))
    return taken if len(table.starts) == len(table.indices) else np.add.reduceat(taken, table.starts, axis)


def _resample(x, size, method, scales, align):
    lead = x.ndim - len(size)
    for at, (m, scale) in enumerate(zip(size, scales or (None,) * len(size))):
        axis = lead + at
        x = _weighted(x, rows(method, x.shape[axis], m, scale, align), axis)
    return x


def _resample_back(g, size, method, scales, align):
    lead = g.ndim - len(size)
    for at, (n, scale) in enumerate(zip(size, scales or (None,) * len(size))):
        axis = lead + at
        table, present = columns(method, n, g.shape[axis], scale, align)
        sums = _weighted(g, table, axis)
        if len(present) == n:
            g = sums
        else:
            g = np.zeros((*g.shape[:axis], n, *g.shape[axis + 1 :]), g.dtype)
            g[(*(slice(None),) * axis, present)] = sums
    return g


def spatial(x, size):
    """The sizes of as many last axes as `size` has."""
    return tuple(x.shape[len(x.shape) - len(size) :])


def resampled_shape(shape, size, **_how):
    return (*shape[: len(shape) - len(size)], *size)


NAMES = {
    ("nearest", 1): "UpsampleNearest1D", ("nearest", 2): "UpsampleNearest2D", ("nearest", 3): "UpsampleNearest3D",
    ("nearest-exact", 1): "UpsampleNearestExact1D", ("nearest-exact", 2): "UpsampleNearestExact2D",
    ("nearest-exact", 3): "UpsampleNearestExact3D",
    ("linear", 1): "UpsampleLinear1D", ("linear", 2): "UpsampleBilinear2D", ("linear", 3): "UpsampleTrilinear3D",
    ("cubic", 2): "UpsampleBicubic2D",
}  # fmt: skip


def _grad_name(node):
    return NAMES[node.params["method"], len(node.params["size"])] + "Backward0"


def _how(method, scales=None, align=False):
    return {"method": method, "scales": scales, "align": align}


resample = op(
    "resample",
    numpy=_resample,
    vjp=[lambda g, y, x, size, **how: resample_back(g, size=spatial(x, size), **how)],
    shape=resampled_shape,
    types=None,
    torch=_grad_name,
    rule="interpolation",
    says="Each output is a weighted sum of inputs nearby; each input gets back its weight's share of the cotangent.",
    law="y[i] = Σ w[i, j] x[j], with the weights of the method, along each axis of `size`",
    linear=(0,),
    samples=[
        call((2, 3, 4), size=(7,), **_how("nearest")),
        call((1, 2, 5, 3), size=(3, 7), **_how("nearest")),
        call((1, 2, 5, 3), size=(12, 7), **_how("nearest", scales=(2.5, 2.5))),
        call((1, 2, 5, 3), size=(3, 7), **_how("nearest-exact")),
        call((2, 2, 4), size=(7,), **_how("linear")),
        call((2, 2, 4), size=(7,), **_how("linear", align=True)),
        call((1, 2, 4, 5), size=(6, 3), **_how("linear")),
        call((1, 2, 4, 5), size=(6, 1), **_how("linear", align=True)),
        call((1, 2, 4, 5), size=(10, 12), **_how("linear", scales=(2.5, 2.5))),
        call((1, 1, 3, 2, 2), size=(4, 3, 5), **_how("linear")),
        call((1, 2, 4, 5), size=(7, 3), **_how("cubic")),
        call((1, 2, 4, 5), size=(7, 3), **_how("cubic", align=True)),
    ],
)

resample_back = op(
    "resample_back",
    numpy=_resample_back,
    vjp=[lambda h, y, g, size, **how: resample(h, size=spatial(g, size), **how)],
    shape=resampled_shape,
    types=None,
    rule="the adjoint of interpolation",
    says="What interpolation gathers with weights, its adjoint sends back with the same weights.",
    law="y[j] = Σ w[i, j] g[i], with the weights of the method, along each axis of `size`",
    linear=(0,),
    samples=[
        call((1, 2, 3, 7), size=(5, 3), **_how("nearest")),
        call((1, 2, 6, 3), size=(4, 5), **_how("linear")),
        call((1, 2, 7, 3), size=(4, 5), **_how("cubic", align=True)),
    ],
)


def _adaptive_name(node):
    rank = len(node.params["size"])
    return f"AdaptiveAvgPool{rank}DBackward0" if rank > 1 else "SqueezeBackward1"


adaptive_avg_pool = op(
    "adaptive_avg_pool",
    numpy=lambda x, size: _resample(x, size, "mean", None, False),
    vjp=[lambda g, y, x, size: adaptive_avg_spread(g, size=spatial(x, size))],
    shape=resampled_shape,
    types=None,
    torch=_adaptive_name,
    rule="mean of each window",
    says="Each entry of a window counts for an equal share of its mean, and gets that share from every window.",
    law="y = the means of `size` windows that cover x evenly; window i is [⌊i n / m⌋, ⌈(i + 1) n / m⌉)",
    linear=(0,),
    samples=[
        call((2, 3, 5, 4), size=(2, 3)),
        call((2, 2, 7), size=(3,)),
        call((2, 2, 3), size=(5,)),
        call((1, 2, 4, 3, 2), size=(2, 2, 1)),
    ],
)

adaptive_avg_spread = op(
    "adaptive_avg_spread",
    numpy=lambda g, size: _resample_back(g, size, "mean", None, False),
    vjp=[lambda h, y, g, size: adaptive_avg_pool(h, size=spatial(g, size))],
    shape=resampled_shape,
    types=None,
    rule="the adjoint of window means",
    says="What is shared out to the entries of each window is gathered back as the window's mean.",
    law="⟨y, x⟩ = ⟨g, adaptive_avg_pool(x)⟩ for every x of spatial size `size`",
    linear=(0,),
    samples=[call((2, 3, 2, 3), size=(5, 4)), call((2, 2, 5), size=(3,))],
)

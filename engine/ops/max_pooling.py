"""Max pooling: the largest entry of each window, and where it stands.

A position is an index into the flattened window axes, as in PyTorch. Imported by engine.ops.pooling.
"""

from functools import lru_cache
from math import prod

import numpy as np

from engine.op import call, ints, op
from engine.ops.windows import ends, padded, sights, window_counts

TIES = "Of equal entries, the first in reading order counts as the largest, as in PyTorch."


def _lead(x, rank):
    return x.ndim - rank


def _pooled_shape(shape, kernel, stride, padding, dilation, ceil):
    lead = len(shape) - len(kernel)
    return (*shape[:lead], *window_counts(shape[lead:], kernel, stride, padding, dilation, ceil))


def overhang(size, count, kernel, stride, padding, dilation):
    """The padding of an axis, as much longer at its end as its last window needs."""
    before, after = ends(padding)
    return before, max(after, (count - 1) * stride + (kernel - 1) * dilation + 1 - size - before)


def lowest(dtype):
    """What no entry is below."""
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _surrounded(x, kernel, stride, padding, dilation, ceil):
    """(x with enough of the lowest value around it, the numbers of windows, the padding)."""
    sizes = x.shape[_lead(x, len(kernel)) :]
    counts = window_counts(sizes, kernel, stride, padding, dilation, ceil)
    pairs = tuple(map(overhang, sizes, counts, kernel, stride, padding, dilation))
    return padded(x, pairs, lowest(x.dtype)), counts, pairs


def _max_pool(x, kernel, stride, padding, dilation, ceil):
    """Axis after axis, since the maximum of a box is the maximum of its rows' maxima."""
    lead = _lead(x, len(kernel))
    x, counts, _pairs = _surrounded(x, kernel, stride, padding, dilation, ceil)
    for at, settings in enumerate(zip(kernel, stride, dilation, counts)):
        rows = [x[(*(slice(None),) * (lead + at), *seen)] for _place, seen in sights(*((entry,) for entry in settings))]
        x = rows[0] if len(rows) > 1 else rows[0].copy()
        for row in rows[1:]:
            x = np.maximum(x, row)
    return x


def _to_largest(g, y, x, kernel, stride, padding, dilation, ceil):
    """x̄ without positions: in reading order, the first entry of a window that equals its maximum takes all."""
    # nan equals nothing, -inf is what surrounds x, and an infinite cotangent times "no" is nan.
    if not (np.isfinite(y).all() and np.isfinite(g).all()):
        return max_pullback(g, y, x, kernel, stride, padding, dilation, ceil)
    around, counts, pairs = _surrounded(x, kernel, stride, padding, dilation, ceil)
    out = np.zeros(around.shape, g.dtype)
    free = np.ones(y.shape, bool)
    apart = all(step >= (length - 1) * by + 1 for length, step, by in zip(kernel, stride, dilation))
    for _place, seen in sights(kernel, stride, dilation, counts):
        seen = (..., *seen)
        hit = around[seen] == y
        hit &= free
        free ^= hit
        if apart:
            np.multiply(g, hit, out=out[seen])
        else:
            out[seen] += g * hit
    sizes = x.shape[_lead(x, len(kernel)) :]
    return out[(..., *(slice(before, before + size) for size, (before, _after) in zip(sizes, pairs)))]


@lru_cache(maxsize=256)
def _window_table(size, count, kernel, stride, padding, dilation):
    """The entries that each window sees along an axis, (count, kernel); beyond the axis, its nearest one within."""
    before, _after = ends(padding)
    seen = np.arange(count)[:, None] * stride - before + np.arange(kernel) * dilation
    within = (seen >= 0) & (seen < size)
    first = np.take_along_axis(seen, within.argmax(1)[:, None], 1)
    last = np.take_along_axis(seen, kernel - 1 - within[:, ::-1].argmax(1)[:, None], 1)
    return np.clip(seen, first, last)


@lru_cache(maxsize=256)
def _adaptive_table(size, count):
    """The entries of `count` windows that cover an axis evenly; shorter ones repeat their last entry."""
    starts = np.arange(count) * size // count
    stops = -(-(np.arange(1, count + 1) * size) // count)
    longest = (stops - starts).max(initial=0)
    return np.minimum(starts[:, None] + np.arange(longest), stops[:, None] - 1)


def _positions(x, tables):
    """Where each window's largest entry is; as in PyTorch the first of equals, and the last nan if there is any."""
    rank = len(tables)
    lead = _lead(x, rank)
    counts = tuple(len(table) for table in tables)
    kernel = tuple(table.shape[1] for table in tables)
    places = []
    for at, table in enumerate(tables):
        places.append(table.reshape(*(1,) * at, -1, *(1,) * (rank - 1), table.shape[1], *(1,) * (rank - 1 - at)))
    seen = x[(..., *places)].reshape(*x.shape[:lead], *counts, prod(kernel))
    largest = seen.argmax(axis=-1)
    if seen.dtype.kind == "f":
        missing = np.isnan(seen)
        if missing.any():
            last = prod(kernel) - 1 - missing[..., ::-1].argmax(axis=-1)
            largest = np.where(missing.any(axis=-1), last, largest)
    where = 0
    for at, (table, local) in enumerate(zip(tables, np.unravel_index(largest, kernel))):
        window = np.arange(counts[at]).reshape(-1, *(1,) * (rank - 1 - at))
        where = where * x.shape[lead + at] + table[window, local]
    return where.astype(np.int64)


def _max_positions(x, kernel, stride, padding, dilation, ceil):
    sizes = x.shape[_lead(x, len(kernel)) :]
    counts = window_counts(sizes, kernel, stride, padding, dilation, ceil)
    return _positions(x, tuple(map(_window_table, sizes, counts, kernel, stride, padding, dilation)))


def _flat(positions, size, rank):
    """Positions within each item as positions within the whole array."""
    items = prod(positions.shape[: positions.ndim - rank])
    each = positions.reshape(items, prod(positions.shape[positions.ndim - rank :]))
    return each + np.arange(items)[:, None] * prod(size)


def _put(g, positions, size):
    rank = len(size)
    lead = g.shape[: g.ndim - rank]
    out = np.zeros(prod(lead) * prod(size), g.dtype)
    np.add.at(out, _flat(positions, size, rank).ravel(), g.ravel())
    return out.reshape(*lead, *size)


def _take(x, positions, rank):
    size = x.shape[_lead(x, rank) :]
    return np.reshape(x, -1)[_flat(positions, size, rank)].reshape(positions.shape)


put_positions = op(
    "put_positions",
    numpy=_put,
    vjp=[lambda h, y, g, positions, size: take_positions(h, positions, rank=len(size)), None],
    shape=lambda g, positions, size: (*g[: len(g) - len(size)], *size),
    types=None,
    text="put({0}, {1})",
    rule="sent to positions",
    says="Each entry goes to its position, where those that meet are added; so each gets the cotangent found there.",
    law="y[..., p] = Σ of the entries of g whose position is p",
    linear=(0,),
    samples=[
        call((2, 3, 2), ints((2, 3, 2), high=5), size=(5,)),
        call((2, 2, 2), ints((2, 2, 2), high=12), size=(3, 4)),
    ],
)

take_positions = op(
    "take_positions",
    numpy=_take,
    vjp=[lambda g, y, x, positions, rank: put_positions(g, positions, size=x.shape[len(x.shape) - rank :]), None],
    shape=lambda x, positions, rank: positions,
    types=None,
    text="take({0}, {1})",
    rule="taken from positions",
    says="An entry that was taken gets its cotangent back; all others get zero.",
    law="y = the entries of x at these positions of its last `rank` axes, flattened",
    linear=(0,),
    samples=[
        call((2, 3, 5), ints((2, 3, 2), high=5), rank=1),
        call((2, 3, 4), ints((2, 2, 2), high=12), rank=2),
    ],
)


def max_pullback(g, y, x, kernel, stride, padding, dilation, ceil):
    """x̄: each window's cotangent goes to where its largest entry stands."""
    where = max_positions(x, kernel=kernel, stride=stride, padding=padding, dilation=dilation, ceil=ceil)
    return put_positions(g, where, size=x.shape[len(x.shape) - len(kernel) :])


def _grad_name(node):
    rank = len(node.params["kernel"])
    return f"MaxPool{rank}DWithIndicesBackward0" if rank > 1 else "SqueezeBackward1"


def _how(kernel, stride=None, padding=0, dilation=1, ceil=False):
    rank = len(kernel)
    return {
        "kernel": kernel,
        "stride": kernel if stride is None else (stride,) * rank,
        "padding": (padding,) * rank,
        "dilation": (dilation,) * rank,
        "ceil": ceil,
    }


_samples = [
    call((2, 3, 4, 5), **_how((2, 2))),
    call((1, 2, 5, 6), **_how((3, 2), stride=2, padding=1)),
    call((1, 2, 6, 5), **_how((2, 2), stride=1, dilation=2)),
    call((1, 2, 5, 7), **_how((2, 2), ceil=True)),
    call((2, 2, 7), **_how((3,), stride=2, padding=1, ceil=True)),
    call((1, 2, 4, 4, 4), **_how((2, 2, 2))),
    call((0, 2, 4), **_how((2,))),
]

max_pool = op(
    "max_pool",
    numpy=_max_pool,
    vjp=[max_pullback],
    numeric=[_to_largest],
    shape=_pooled_shape,
    types=None,
    torch=_grad_name,
    rule="largest of each window",
    says=f"Only a window's largest entry moves its maximum, so it gets all of the cotangent. {TIES}",
    law="y = the largest entry of each window of x",
    samples=_samples,
    edges=[
        call([[[1.0, 1.0, 1.0, 1.0]]], **_how((2,))),
        call([[[1.0, 1.0, 1.0, 1.0]]], **_how((3,), stride=1, padding=1)),
        call([[[1.0, 2.0, 2.0, 0.0], [2.0, 1.0, 2.0, 2.0]]], **_how((2, 2))),
    ],
)

max_positions = op(
    "max_positions",
    numpy=_max_positions,
    shape=_pooled_shape,
    types=None,
    rule="where the largest of each window is",
    says=f"A position is a whole number: it jumps or stays, so it has no derivative. {TIES}",
    law="y = the position of the largest entry of each window of x",
    samples=_samples[:-1],
)


def adaptive_max_pullback(g, y, x, size):
    """x̄: each window's cotangent goes to where its largest entry stands."""
    return put_positions(g, adaptive_max_positions(x, size=size), size=x.shape[len(x.shape) - len(size) :])


def _adaptive_positions(x, size):
    return _positions(x, tuple(map(_adaptive_table, x.shape[_lead(x, len(size)) :], size)))


def _adaptive_shape(shape, size):
    return (*shape[: len(shape) - len(size)], *size)


def _adaptive_name(node):
    rank = len(node.params["size"])
    return f"AdaptiveMaxPool{rank}DBackward0" if rank > 1 else "SqueezeBackward1"


adaptive_max_pool = op(
    "adaptive_max_pool",
    numpy=lambda x, size: _take(x, _adaptive_positions(x, size), len(size)),
    vjp=[adaptive_max_pullback],
    shape=_adaptive_shape,
    types=None,
    torch=_adaptive_name,
    rule="largest of each window",
    says=f"Only a window's largest entry moves its maximum, so it gets all of the cotangent. {TIES}",
    law="y = the largest entry of each of `size` windows that cover x evenly",
    samples=[call((2, 3, 5, 4), size=(2, 3)), call((2, 2, 7), size=(3,)), call((1, 2, 4, 3, 2), size=(2, 2, 1))],
    edges=[call([[[1.0, 1.0, 1.0]]], size=(2,))],
)

adaptive_max_positions = op(
    "adaptive_max_positions",
    numpy=_adaptive_positions,
    shape=_adaptive_shape,
    types=None,
    rule="where the largest of each window is",
    says=f"A position is a whole number: it jumps or stays, so it has no derivative. {TIES}",
    law="y = the position of the largest entry of each of `size` windows that cover x evenly",
    samples=[call((2, 3, 5, 4), size=(2, 3)), call((2, 2, 7), size=(3,))],
)

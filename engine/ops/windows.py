"""Windows that slide over the last axes of an array: how many there are, where each looks, and back.

A setting is a tuple with an entry an axis: `stride`, `dilation`, and `padding`, whose entry is one number for both
ends or a pair. Imported by engine.ops.convolution, pooling, max_pooling and unfolding.
"""

from itertools import product

import numpy as np

BLOCK = 1 << 19  # entries of columns at a time, so that they stay in the processor's cache


def ends(padding):
    """What is added before and after one axis.

    >>> ends(1), ends((0, 1))
    ((1, 1), (0, 1))
    """
    return padding if isinstance(padding, tuple) else (padding, padding)


def window_count(size, kernel, stride=1, padding=0, dilation=1, ceil=False):
    """How many windows of `kernel` entries, `dilation` apart, there are along an axis; sizes may be letters.

    With `ceil`, a last window may hang over the end, provided it starts within the axis or the padding before it.

    >>> window_count(5, 3), window_count(5, 2, stride=2), window_count(5, 2, stride=2, ceil=True)
    (3, 2, 3)
    """
    before, after = ends(padding)
    places = size + before + after - dilation * (kernel - 1)
    if stride == 1:
        return places
    count = (places - 1 + (stride - 1 if ceil else 0)) // stride + 1
    if ceil and isinstance(count, int) and (count - 1) * stride >= size + before:
        count -= 1
    return count


def window_counts(sizes, kernel, stride, padding, dilation, ceil=False):
    """window_count along several axes."""
    settings = zip(sizes, kernel, stride, padding, dilation)
    return tuple(window_count(*setting, ceil=ceil) for setting in settings)


def padded(x, padding, value=0):
    """x with `value` around its last axes."""
    pairs = [ends(amount) for amount in padding]
    if not any(before or after for before, after in pairs):
        return x
    lead = x.shape[: x.ndim - len(pairs)]
    inner = x.shape[len(lead) :]
    full = [size + before + after for size, (before, after) in zip(inner, pairs)]
    out = np.full((*lead, *full), value, x.dtype)
    out[(..., *inner_part(inner, pairs))] = x
    return out


def inner_part(sizes, pairs):
    """Where an array lies within its padding."""
    return tuple(slice(before, before + size) for size, (before, _after) in zip(sizes, pairs))


def sights(kernel, stride, dilation, counts):
    """For each place in the kernel: the place, and the slices of the padded array that the windows see there."""
    for place in product(*map(range, kernel)):
        yield (
            place,
            tuple(
                slice(at * apart, at * apart + step * count, step)
                for at, apart, step, count in zip(place, dilation, stride, counts)
            ),
        )


def windows(x, kernel, stride, padding, dilation):
    """A view, without copying the entries again: (*lead, *kernel, *counts)."""
    counts = window_counts(x.shape[x.ndim - len(kernel) :], kernel, stride, padding, dilation)
    x = padded(x, padding)
    lead = x.ndim - len(kernel)
    steps = x.strides[lead:]
    return np.lib.stride_tricks.as_strided(
        x,
        (*x.shape[:lead], *kernel, *counts),
        (
            *x.strides[:lead],
            *(step * apart for step, apart in zip(steps, dilation)),
            *(step * by for step, by in zip(steps, stride)),
        ),
        writeable=False,
    )


def from_windows(columns, size, kernel, stride, padding, dilation):
    """The adjoint of `windows`: what the windows (*lead, *kernel, *counts) hold is added up where they look."""
    rank = len(size)
    counts = columns.shape[columns.ndim - rank :]
    lead = columns.shape[: columns.ndim - 2 * rank]
    pairs = [ends(amount) for amount in padding]
    full = tuple(length + before + after for length, (before, after) in zip(size, pairs))
    if full == counts and all(length == 1 for length in kernel):
        return columns.reshape(*lead, *size)
    out = np.zeros((*lead, *full), columns.dtype)
    everywhere = (slice(None),) * len(lead)
    for place, seen in sights(kernel, stride, dilation, counts):
        out[(..., *seen)] += columns[(*everywhere, *place)]
    return out if full == tuple(size) else np.ascontiguousarray(out[(..., *inner_part(size, pairs))])


def blocks(count, entries):
    """Slices of a batch of `count`, each so large that its columns, `entries` an item, fill a block."""
    step = max(1, BLOCK // max(entries, 1))
    return (slice(at, at + step) for at in range(0, count, step))


def per_axis(value, rank, name):
    """A setting given as one number, or one an axis, as a tuple of ints.

    >>> per_axis(2, 3, "stride")
    (2, 2, 2)
    """
    if isinstance(value, (int, np.integer)):
        return (int(value),) * rank
    given = tuple(int(entry) for entry in value)
    if len(given) == 1:
        return given * rank
    if len(given) != rank:
        raise RuntimeError(f"{name} must be an int or {rank} of them, one an axis, but got {list(given)}")
    return given

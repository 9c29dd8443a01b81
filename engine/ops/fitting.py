"""Giving a cotangent its primal's shape and dtype: what broadcasting spread forward is summed backward.

Imported by engine.tape (broadcasting is undone once, in the sweep) and by rules that spread or sum.
"""

import numpy as np

from engine.op import call, op


def spread_axes(shape, target):
    """The axes over which `shape` must be summed to fit `target`.

    >>> spread_axes((4, 2, 3), (2, 1))
    (0, 2)
    """
    extra = len(shape) - len(target)
    ones = (at + extra for at, size in enumerate(target) if size == 1 and shape[at + extra] != 1)
    return (*range(extra), *ones)


def count(shape):
    """The number of entries of a shape: an int, or a product of letters."""
    total = 1
    for size in shape:
        total = total * size
    return total


def _sum_to(x, size):
    return np.add.reduce(x, axis=spread_axes(x.shape, size), keepdims=True).reshape(size)


sum_to = op(
    "sum_to",
    numpy=_sum_to,
    vjp=[lambda g, y, x, size: expand(g, size=x.shape)],
    shape=lambda shape, size: size,
    normal=lambda x, size: x.filled(x.expr * count(x.shape) / count(size), size) if x.uniform else None,
    types=None,
    saves=False,
    text="sum_to({0})",
    torch="SumToSizeBackward0",
    rule="the adjoint of broadcasting",
    says="What broadcasting spread over several entries is summed back to the one they came from.",
    law="y = x summed over the axes that `size` lacks or has as 1",
    samples=[call((2, 3), size=(3,)), call((2, 3), size=(2, 1)), call((4, 2, 3), size=(1, 3)), call((3,), size=())],
    linear=(0,),
)

def _expand(x, size):
    """As np.broadcast_to, a view that can't be written; quicker for what lies in one piece."""
    x = np.asarray(x)
    if not x.flags.c_contiguous or len(size) < x.ndim or x.size == 0:
        return np.broadcast_to(x, size)
    strides = [0] * (len(size) - x.ndim)
    for have, want, stride in zip(x.shape, size[len(strides) :], x.strides):
        if have != want != 1 != have:
            return np.broadcast_to(x, size)  # raises
        strides.append(stride if have == want else 0)
    view = np.ndarray(size, x.dtype, x, 0, strides)
    view.flags.writeable = False
    return view


expand = op(
    "expand",
    numpy=_expand,
    vjp=[lambda g, y, x, size: sum_to(g, size=x.shape)],
    shape=lambda shape, size: size,
    types=None,
    saves=False,
    text="expand({0})",
    rule="the adjoint of a sum",
    says="Each copy of an entry passes its cotangent back, so they are summed.",
    law="y = x repeated along the axes that `size` adds or enlarges",
    samples=[call((3,), size=(2, 3)), call((2, 1), size=(2, 3)), call((), size=(2,)), call((1, 0), size=(3, 0))],
    moves=True,
    linear=(0,),
)

cast = op(
    "cast",
    numpy=lambda x, dtype: np.asarray(x).astype(dtype),
    vjp=[lambda g, y, x, dtype: g],
    shape=lambda shape, dtype: shape,
    types=None,
    saves=False,
    text="{0}",
    torch="ToCopyBackward0",
    rule="a change of dtype",
    says="A change of dtype changes no value, so its derivative is one.",
    law="y = x in another dtype",
    samples=[call((2, 3), dtype=np.dtype("float64"))],
    moves=True,
    linear=(0,),
)


def fit_shape(d, shape):
    """A cotangent summed or spread to its primal's shape."""
    if d.__class__ is np.ndarray:
        extra = d.ndim - len(shape)
        if 0 < extra < d.ndim and d.shape[extra:] == shape:  # a bias, say
            return np.add.reduce(d, axis=0 if extra == 1 else tuple(range(extra)))
    total, spread = (_sum_to, _expand) if isinstance(d, (np.ndarray, np.generic)) else (sum_to, expand)
    covered = _overlap(d.shape, shape)
    if d.shape != covered:
        d = total(d, size=covered)
    return d if d.shape == shape else spread(d, size=shape)


def _overlap(have, shape):
    """The part of `shape` that `have` covers: sizes it has where shape isn't 1, else 1."""
    trailing = shape[len(shape) - min(len(have), len(shape)) :]
    sizes = have[len(have) - len(trailing) :]
    return tuple(1 if want == 1 else size for size, want in zip(sizes, trailing))

"""Operations behind x[key]: entries taken by slices or by index arrays, put among zeros, and replaced.

Slices and integers are parameters, index arrays are operands, so that a formula can name them: X[idx].
Imported by engine.ops.subscript, which reads the keys that users write, and by rules that take parts.
"""

import numpy as np

from engine.op import REGISTRY, broadcast_shapes, call, op

ALL = slice(None)


class Key(tuple):
    """What stands between brackets: integers, slices, None, Ellipsis; the text "{1}" is operand 1.

    >>> print(Key((ALL, slice(1, None), None, "{1}")))
    :, 1:, None, {1}
    """

    __slots__ = ()

    def __str__(self):
        return ", ".join(map(_written, self))


class Piece(Key):
    """The key of one of the pieces that split() cuts; PyTorch names the node after the call."""

    __slots__ = ()
    torch = "SplitBackward0"


class Sized(Key):
    """The key of one of the pieces whose sizes were listed."""

    __slots__ = ()
    torch = "SplitWithSizesBackward0"


class Layer(Key):
    """The key of one of the layers that unbind() gives."""

    __slots__ = ()
    torch = "UnbindBackward0"


def _written(item):
    if item is Ellipsis:
        return "..."
    if not isinstance(item, slice):
        return str(item)
    start, stop, step = ("" if part is None else str(part) for part in (item.start, item.stop, item.step))
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def _length(item, size):
    """How many entries a slice takes from an axis, its size being an int or a letter."""
    if isinstance(size, int) and all(n is None or isinstance(n, int) for n in (item.start, item.stop)):
        return len(range(*item.indices(size)))
    start, stop = _from_start(item.start, 0, size), _from_start(item.stop, size, size)
    step = item.step or 1
    length = stop + start * -1 if step == 1 else (stop + start * -1 + (step - 1)) // step
    return max(0, length) if isinstance(length, int) else length


def _from_start(place, default, size):
    """A place counted from the start of an axis; a letter is one already."""
    if place is None:
        return default
    return size + place if isinstance(place, int) and place < 0 else place


def without_ellipsis(key, rank):
    """The key with its Ellipsis, or what it leaves out at the end, as slices."""
    used = sum(1 for item in key if item is not None and item is not Ellipsis)
    for at, item in enumerate(key):
        if item is Ellipsis:
            return (*key[:at], *[ALL] * (rank - used), *key[at + 1 :])
    return (*key, *[ALL] * (rank - used))


def sliced_shape(shape, key):
    """The shape of x[key] for a key without arrays.

    >>> sliced_shape((4, 5, 6), (0, ..., None, slice(1, None)))
    (5, 1, 5)
    """
    sizes = iter(shape)
    found = []
    for item in without_ellipsis(key, len(shape)):
        if item is None:
            found.append(1)
        elif isinstance(item, slice):
            found.append(_length(item, next(sizes)))
        else:
            next(sizes)
    return tuple(found)


def _sliced(x, key):
    taken = x[key]
    return taken if taken.__class__ is np.ndarray else x[(*key, Ellipsis)]


def _slice_name(node):
    """PyTorch takes a key apart, from left to right: the name is that of its last part."""
    if hasattr(node.params["key"], "torch"):
        return node.params["key"].torch
    for item in reversed(node.params["key"]):
        if item is None:
            return "UnsqueezeBackward0"
        if isinstance(item, int):
            return "SelectBackward0"
        if isinstance(item, slice) and item != ALL:
            return "SliceBackward0"
    return "AliasBackward0"


def _taken_back(x, key):
    """What was put at this key, or the array that stands there in a row or a stack of arrays."""
    if x.made_by(put_slice):
        return x.operands[0] if x.params["key"] == key else None
    for joint in ("cat", "stack"):
        if joint in REGISTRY and x.made_by(REGISTRY[joint]):
            dim = x.params["dim"]
            if len(key) == dim + 1 and all(item == ALL for item in key[:dim]):
                return _stretch_of(x, dim, key[dim]) if joint == "cat" else _layer_of(x, key[dim])
    return None


def _stretch_of(x, dim, item):
    """The operand of a row of arrays that a slice takes, if it takes one exactly."""
    if not isinstance(item, slice) or item.step not in (None, 1):
        return None
    start, stop = _from_start(item.start, 0, x.shape[dim]), _from_start(item.stop, x.shape[dim], x.shape[dim])
    place = 0
    for operand in x.operands:
        end = place + operand.shape[dim]
        if place == start and end == stop:
            return operand
        place = end
    return None


def _layer_of(x, item):
    return x.operands[item] if isinstance(item, int) else None


getitem = op(
    "getitem",
    numpy=lambda x, key: _sliced(x, key),
    vjp=[lambda g, y, x, key: put_slice(g, key=key, size=x.shape)],
    normal=lambda x, key: _taken_back(x, key),
    shape=sliced_shape,
    text="{0}[{key}]",
    types=None,
    saves=False,
    torch=_slice_name,
    rule="part of an array",
    says="Only the entries that were taken count: their cotangents go back to their places, the others get zero.",
    law="y = x[key]",
    source="the adjoint of a selection puts entries back among zeros",
    samples=[
        call((4, 3), key=Key((0,))), call((4, 3), key=Key((slice(1, None), None))), call((4, 3), key=Key((..., -1))),
        call((5,), key=Key((slice(0, 5, 2),))), call((2, 3), key=Key((1, 2))), call((2, 0), key=Key((1,))),
        call((), key=Key((None,))), call((4, 3), key=Key((slice(3, 1),))),
    ],
    linear=(0,),
    moves=True,
)  # fmt: skip


def _put_slice(x, key, size):
    out = np.zeros(size, x.dtype)
    out[key] = x
    return out


put_slice = op(
    "put_slice",
    numpy=_put_slice,
    vjp=[lambda g, y, x, key, size: getitem(g, key=key)],
    normal=lambda x, key, size: x.filled(0, size) if x.expr == 0 else None,
    shape=lambda shape, key, size: size,
    text="put({0}, [{key}])",
    types=None,
    saves=False,
    rule="entries among zeros",
    says="The zeros depend on nothing, so only the cotangents of the places that were filled come back.",
    law="y[key] = x, and zero elsewhere",
    source="the adjoint of putting entries among zeros is their selection",
    samples=[call((3,), key=Key((0,)), size=(4, 3)), call((2, 3), key=Key((slice(0, 4, 2),)), size=(4, 3))],
    linear=(0,),
)


def _set_slice(x, value, key):
    out = np.array(x)
    out[key] = value
    return out


set_slice = op(
    "set_slice",
    numpy=_set_slice,
    vjp=[lambda g, y, x, value, key: set_slice(g, 0, key=key), lambda g, y, x, value, key: getitem(g, key=key)],
    shape=lambda shape, _value, key: shape,
    text="set({0}, [{key}], {1})",
    types=None,
    saves=False,
    torch="CopySlices",
    rule="part of an array replaced",
    says="What was overwritten gets no cotangent; the new entries get the cotangents of their places.",
    law="y = x, but y[key] = v",
    source="each output entry depends on one input entry alone",
    samples=[call((4, 3), (3,), key=Key((0,))), call((4, 3), (2, 1), key=Key((slice(1, 3),))),
             call((4,), (), key=Key((slice(0, 4, 2),))), call((2, 3), (), key=Key((1, 2)))],
)  # fmt: skip


# index arrays


def with_arrays(key, arrays):
    """The key with its operands in place."""
    return tuple(arrays[int(item[1:-1]) - 1] if isinstance(item, str) else item for item in key)


def indexed_shape(shape, *arrays, key, counts=()):
    """The shape of x[key]; `counts` has the number of true entries of each array that is a mask, else None."""
    axes_left = list(shape)
    before, arrays_at, after, parts = [], None, [], []
    apart = False
    for item in key:
        if isinstance(item, str):
            at = int(item[1:-1]) - 1
            mask = counts[at] if counts else None
            rank = 1 if mask is None else len(arrays[at])
            del axes_left[:rank]
            parts.append(arrays[at] if mask is None else (mask,))
            apart = apart or bool(after)
            arrays_at = len(before) if arrays_at is None else arrays_at
        else:
            size = axes_left.pop(0)
            (before if arrays_at is None else after).append(size)
    taken = broadcast_shapes(*parts)
    rest = [*before, *after, *axes_left]
    place = 0 if apart else arrays_at or 0
    return (*rest[:place], *taken, *rest[place:])


def _put(x, *arrays, key, size, counts=()):
    if len(arrays) == 1 and arrays[0].dtype.kind != "b":
        at = key.index("{1}")
        return _rows_added(x, arrays[0], at, size)
    out = np.zeros(size, x.dtype)
    if len(arrays) == 1:
        out[with_arrays(key, arrays)] = x
    else:
        np.add.at(out, with_arrays(key, arrays), x)
    return out


def _rows_added(x, index, at, size):
    """Slices of x added into zeros at places along one axis; sorting first is faster than np.add.at."""
    out = np.zeros(size, x.dtype)
    if x.size == 0:
        return out
    rest = (*size[:at], *size[at + 1 :])
    axes = tuple(range(at, at + index.ndim))
    rows = np.moveaxis(x, axes, tuple(range(index.ndim))).reshape(index.size, *rest)
    flat = index.reshape(-1) % size[at]
    order = np.argsort(flat, kind="stable")
    flat = flat[order]
    starts = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
    np.moveaxis(out, at, 0)[flat[starts]] = np.add.reduceat(rows[order], starts, axis=0)
    return out


def _index_pullback(g, y, x, *arrays, key, counts=()):
    return put(g, *arrays, key=key, counts=counts, size=x.shape)


index = op(
    "index",
    numpy=lambda x, *arrays, key, counts=(): x[with_arrays(key, arrays)],
    vjp=[_index_pullback, None, None],
    shape=indexed_shape,
    text="{0}[{key}]",
    types=None,
    torch="IndexBackward0",
    rule="entries by index",
    says="Each entry's cotangent goes back to where it was taken from; an entry taken several times gets their sum.",
    law="y = x[i]",
    source="the adjoint of a selection adds entries back among zeros",
    samples=[
        call((4, 3), np.array([0, 2, 2, -1]), key=Key(("{1}",))),
        call((4, 3), np.array([[0, 2], [1, 1]]), key=Key((ALL, "{1}"))),
        call((4, 3), np.array([0, 2]), np.array([1, 1]), key=Key(("{1}", "{2}"))),
        call((2, 3, 4), np.array([0, 1]), np.array([[3], [0]]), key=Key(("{1}", ALL, "{2}"))),
        call((3,), np.array([True, False, True]), key=Key(("{1}",)), counts=(2,)),
        call((4, 3), np.array([], int), key=Key(("{1}",))),
    ],
    linear=(0,),
    moves=True,
)


put = op(
    "put",
    numpy=_put,
    vjp=[lambda g, y, x, *arrays, key, size, counts=(): index(g, *arrays, key=key, counts=counts), None, None],
    normal=lambda x, *arrays, key, size, counts=(): x.filled(0, size) if x.expr == 0 else None,
    shape=lambda shape, *arrays, key, size, counts=(): size,
    text="put({0}, [{key}])",
    types=None,
    rule="entries added among zeros",
    says="Each entry was added at one place, so it gets the cotangent of that place.",
    law="y[i] += x, starting from zeros",
    source="the adjoint of adding entries among zeros is their selection",
    samples=[call((3, 2), np.array([0, 2, 2]), key=Key(("{1}",)), size=(4, 2)),
             call((2, 3), np.array([0, 0, 1]), key=Key((ALL, "{1}")), size=(2, 5))],
    linear=(0,),
)  # fmt: skip


def _set_index(x, value, *arrays, key, counts=()):
    out = np.array(x)
    out[with_arrays(key, (None, *arrays))] = value
    return out


def _kept(g, y, x, value, *arrays, key, counts=()):
    return set_index(g, 0, *arrays, key=key, counts=counts)


def _replaced(g, y, x, value, *arrays, key, counts=()):
    return index(g, *arrays, key=shifted(key, -1), counts=counts[1:])


def shifted(key, by):
    """The key with its operands renumbered."""
    return Key(f"{{{int(item[1:-1]) + by}}}" if isinstance(item, str) else item for item in key)


set_index = op(
    "set_index",
    numpy=_set_index,
    vjp=[_kept, _replaced, None, None],
    shape=lambda shape, *_others, **_params: shape,
    text="set({0}, [{key}], {1})",
    types=None,
    torch="IndexPutBackward0",
    rule="entries by index replaced",
    says="What was overwritten gets no cotangent; the new entries get the cotangents of their places.",
    law="y = x, but y[i] = v",
    source="each output entry depends on one input entry alone",
    samples=[call((4, 3), (2, 3), np.array([0, 2]), key=Key(("{2}",))),
             call((4, 3), (), np.array([0, 2]), np.array([1, 1]), key=Key(("{2}", "{3}")))],
)  # fmt: skip


def pick(x, places, dim):
    """Slices of x at places along one axis, as public functions use it."""
    return index(x, places, key=Key((*[ALL] * dim, "{1}")), counts=())

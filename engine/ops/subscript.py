"""x[key] and x[key] = value as users write them: keys read with PyTorch's meaning and errors."""

from operator import index as as_int

import numpy as np

from engine import inplace
from engine.errors import first_clash
from engine.mode import mode
from engine.op import public
from engine.ops.indexing import ALL, Key, getitem, index, put, put_slice, set_index, set_slice, shifted, with_arrays
from engine.ops.typing import converted
from engine.origin import computed
from engine.tape import Node, constant
from engine.tensor import Tensor, leaf, wrap
from engine.views import follow, note_write, refresh

PLACES = (int, type(None))
ONLY = "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices"
ZERO_DIM = (
    "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim "
    "tensor to a number"
)


@public("Tensor.__getitem__")
def subscript(self, key):
    """y = x[key];  x̄ = g put back among zeros, added up where an entry was taken several times.

    Keys have PyTorch's meaning: integers are applied before index arrays. IndexError for a bad key.

    >>> import engine as torch
    >>> torch.tensor([[1., 2.], [3., 4.]])[:, 0]
    tensor([1., 3.])
    """
    items = key if key.__class__ is tuple else (key,)
    for item in items:
        kind = item.__class__
        if kind is int or item is None or item is Ellipsis:
            continue
        if kind is slice and item.step is None and item.start.__class__ in PLACES and item.stop.__class__ in PLACES:
            continue
        return _general(self, key)
    return _basic(self, items)


def _basic(self, items):
    """A key of integers, slices, None and Ellipsis: a view."""
    node = self._node
    try:
        output = node.output[items]
        if output.__class__ is not np.ndarray:
            output = node.output[(*items, Ellipsis)]
    except IndexError as error:
        raise bad_key(error, node.output, items) from None
    new = Tensor.__new__(Tensor)
    if node.needs and mode.enabled:
        new._node = Node(getitem, (node,), output, {"key": Key(items)})
    else:
        new._node = computed(getitem, (node,), {"key": Key(items)}, output)
    follow(new, self, items)
    return new


def bad_key(error, array, items):
    """PyTorch's words for NumPy's IndexError."""
    if np.ndim(array) == 0 and any(isinstance(item, int) for item in items):
        return IndexError(ZERO_DIM)
    text = str(error)
    if text.startswith("too many indices"):
        return IndexError(f"too many indices for tensor of dimension {np.ndim(array)}")
    return IndexError(text.replace("for axis", "for dimension"))


def _general(self, key):
    items, arrays, places, counts = read_key(key, self.shape)
    taken = self if items is None else _basic(self, items)
    if not arrays:
        return taken if items is not None else _basic(self, ())
    check_arrays(taken.shape, arrays, places, counts)
    return index(taken, *arrays, key=places, counts=counts)


def read_key(key, shape):
    """A key as (slices and integers or None, index arrays, the key of those arrays, counts of masks).

    PyTorch applies integers and slices first and index arrays to what they leave.
    """
    items = [_item(item) for item in (key if isinstance(key, tuple) else _as_tuple(key))]
    used = sum(_rank(item) for item in items)
    rank = len(shape)
    if rank == 0 and any(isinstance(item, int) for item in items):
        raise IndexError(ZERO_DIM)
    if used > rank:
        raise IndexError(f"too many indices for tensor of dimension {rank}")
    if not any(_is_array(item) for item in items):
        return tuple(items), (), None, ()
    for at, item in enumerate(items):
        if item is Ellipsis:
            items[at : at + 1] = [ALL] * (rank - used)
            break
    return _parted(items)


def _parted(items):
    basic, arrays, places, counts = [], [], [], []
    for item in items:
        if _is_array(item):
            basic += [ALL] * _rank(item)
            arrays.append(item)
            places.append(f"{{{len(arrays)}}}")
            values = item._node.output if isinstance(item, Tensor) else item
            counts.append(int(np.count_nonzero(values)) if values.dtype.kind == "b" else None)
        else:
            basic.append(item)
            if not isinstance(item, int):
                places.append(ALL)
    while places and places[-1] == ALL:
        places.pop()
    trivial = all(isinstance(item, slice) and item == ALL for item in basic)
    counts = () if all(count is None for count in counts) else tuple(counts)
    return (None if trivial else tuple(basic)), tuple(arrays), Key(places), counts


def _is_array(item):
    return isinstance(item, (np.ndarray, Tensor))


def _rank(item):
    """How many axes an item of a key stands for."""
    if item is None or item is Ellipsis:
        return 0
    if _is_array(item):
        values = item._node.output if isinstance(item, Tensor) else item
        return values.ndim if values.dtype.kind == "b" else 1
    return 1


def _as_tuple(key):
    """PyTorch reads a list as a tuple if anything in it is a sequence, a slice or a tensor."""
    if isinstance(key, list) and any(
        isinstance(item, (list, tuple, slice, Tensor, np.ndarray)) or item is None or item is Ellipsis for item in key
    ):
        return tuple(key)
    return (key,)


def _item(item):
    """One item of a key: an int, a slice of ints, None, Ellipsis, or an array of integers or booleans."""
    if item is None or item is Ellipsis:
        return item
    if isinstance(item, slice):
        return _slice(item)
    if isinstance(item, (bool, np.bool_)):
        return np.asarray(bool(item))
    if isinstance(item, (int, np.integer)):
        return int(item)
    if isinstance(item, (list, tuple, range)):
        item = _listed(item)
    if isinstance(item, (Tensor, np.ndarray, np.generic)):
        return _array(item)
    raise IndexError(f"{ONLY} (got {type(item).__name__})")


def _listed(item):
    plain = [x.item() if isinstance(x, Tensor) and x.ndim == 0 else x for x in item]
    values = np.array(plain)
    if values.size == 0:
        return values.astype(np.int64)
    if values.dtype.kind in "OUS":
        raise TypeError(f"an index is made of integers or booleans, not {item!r}"[:200])
    return values


def _array(item):
    values = item._node.output if isinstance(item, Tensor) else item
    kind = values.dtype.kind
    if kind not in "iub":
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    if values.dtype == np.uint8:
        return np.asarray(values, bool)
    if values.ndim == 0 and kind in "iu":
        return int(values)
    return item if isinstance(item, Tensor) else np.asarray(values)


def _slice(item):
    parts = [None if part is None else as_int(part) for part in (item.start, item.stop, item.step)]
    if parts[2] is not None and parts[2] < 1:
        raise ValueError("step must be greater than zero")
    return slice(*parts)


def check_arrays(shape, arrays, places, counts):
    """PyTorch's errors for index arrays that don't fit the shape that they index."""
    axis_at, found = 0, []
    for item in places:
        if not isinstance(item, str):
            axis_at += 1
            continue
        at = int(item[1:-1]) - 1
        values = arrays[at]._node.output if isinstance(arrays[at], Tensor) else arrays[at]
        if values.dtype.kind == "b":
            for mask_axis, size in enumerate(values.shape):
                if size != shape[axis_at + mask_axis]:
                    raise IndexError(
                        f"The shape of the mask {list(values.shape)} at index {mask_axis} does not match the shape of "
                        f"the indexed tensor {list(shape)} at index {axis_at + mask_axis}"
                    )
            axis_at += values.ndim
            found.append((counts[at],))
            continue
        size = shape[axis_at]
        if values.size and not (-size <= values.min() and values.max() < size):
            wrong = values[(values < -size) | (values >= size)][0]
            raise IndexError(f"index {wrong} is out of bounds for dimension {axis_at} with size {size}")
        found.append(values.shape)
        axis_at += 1
    for first, second in zip(found, found[1:]):
        if first_clash(first, second) is not None:
            listed = ", ".join(str(list(one)) for one in found)
            raise IndexError(
                f"shape mismatch: indexing tensors could not be broadcast together with shapes {listed}"
            )


# assignment


@public("Tensor.__setitem__")
def replace(self, key, value):
    """x[key] = v: of the old x what isn't overwritten keeps its cotangent, v̄ = g[key].

    A constant's memory is written; a tensor with history, or one that gets a value with history, moves on to a
    new node. RuntimeError on a leaf that requires grad, as in PyTorch.

    >>> import engine as torch
    >>> x = torch.zeros(3)
    >>> x[1:] = 5
    >>> x
    tensor([0., 5., 5.])
    """
    items, arrays, places, counts = read_key(key, self.shape)
    if self._node.needs and self._node.op is None and mode.enabled:
        view = "" if arrays else "a view of "
        raise RuntimeError(view + inplace.ON_LEAF)
    value = _value(self, value, arrays)
    needs = mode.enabled and (self._node.needs or (isinstance(value, Tensor) and value._node.needs))
    if needs and isinstance(value, Tensor) and inplace.already_replaced(self, value, items, arrays):
        return
    view = self if items is None else _basic(self, items)
    if arrays:
        check_arrays(view.shape, arrays, places, counts)
    _check_fit(self, view, value, arrays, places, counts)
    if not needs and self._node.op is None:
        _write(self, view, value, arrays, places)
    elif arrays:
        _check_distinct(view, value, arrays, places)
        replaced = set_index(view, value, *arrays, key=shifted(places, 1), counts=(None, *counts) if counts else ())
        if items is not None:
            replaced = set_slice(self, replaced, key=Key(items))
        inplace.assign(self, replaced)
    else:
        inplace.assign(self, set_slice(self, value, key=Key(items)))


@public("index_put", "Tensor.index_put")
def index_put(input, indices, values, accumulate=False):
    """y = x but y[indices] = values, or += with `accumulate`;  x̄ = g but for what was replaced, v̄ = g[indices].

    >>> import engine as torch
    >>> torch.index_put(torch.zeros(3), (torch.tensor([2, 2]),), torch.tensor([1., 4.]), accumulate=True)
    tensor([0., 0., 5.])
    """
    y = input.clone()
    if not accumulate:
        y[tuple(indices)] = values
        return y
    items, arrays, places, counts = read_key(tuple(indices), input.shape)
    taken = y if items is None else _basic(y, items)
    check_arrays(taken.shape, arrays, places, counts)
    _check_fit(input, taken, values, arrays, places, counts)
    values = values.expand(y[tuple(indices)].shape)
    added = put(values, *arrays, key=places, counts=counts, size=tuple(taken.shape))
    return input + (added if items is None else put_slice(added, key=Key(items), size=tuple(input.shape)))


@public("masked_scatter", "Tensor.masked_scatter")
def _masked_scatter(input, mask, source):
    """y = x, but where the mask holds the entries of `source` in order;  x̄ = g elsewhere, s̄ = g there.

    >>> import engine as torch
    >>> torch.masked_scatter(torch.zeros(3), torch.tensor([True, False, True]), torch.tensor([5., 6., 7.]))
    tensor([5., 0., 6.])
    """
    if source.dtype is not input.dtype:
        raise RuntimeError(
            "masked_scatter: expected self and source to have same dtypes but got"
            f"{inplace.C_TYPE[input.dtype.name]} and {inplace.C_TYPE[source.dtype.name]}"
        )
    shape = np.broadcast_shapes(tuple(input.shape), tuple(mask.shape))
    y, mask = input.expand(shape).clone(), mask.expand(shape)
    count = int(mask.sum())
    if count > source.numel():
        raise RuntimeError(
            f"masked_scatter: expected source to have at least {count} entries, but it has {source.numel()}"
        )
    y[mask] = source.reshape(-1)[:count]
    return y


def _value(self, value, arrays):
    """The value in x's dtype; a number stays one."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = wrap(np.asarray(value))
    elif not isinstance(value, (Tensor, int, float)):
        from engine.ops.repeating import _c_type

        raise TypeError(
            f"can't assign a {type(value).__name__} to a {_c_type(self)}; make a tensor of it with torch.tensor(...)"
        )
    if not isinstance(value, Tensor):
        return self.dtype.numpy.type(value).item()
    return converted(value, self.dtype)


def _check_fit(self, view, value, arrays, places, counts):
    """PyTorch's errors for a value that doesn't broadcast to the part that it replaces."""
    if not isinstance(value, Tensor):
        return
    shape = tuple(value.shape)
    if arrays:
        from engine.ops.indexing import indexed_shape

        target = indexed_shape(tuple(view.shape), *(tuple(array.shape) for array in arrays), key=places, counts=counts)
        while len(shape) > len(target) and shape[0] == 1:
            shape = shape[1:]
        if len(shape) > len(target) or any(n not in (1, m) for n, m in zip(reversed(shape), reversed(target))):
            raise RuntimeError(
                f"shape mismatch: value tensor of shape {list(value.shape)} cannot be broadcast to indexing result of "
                f"shape {list(target)}"
            )
        return
    from engine.ops.repeating import expanded

    while len(shape) > view.ndim and shape[0] == 1:
        shape = shape[1:]
    if shape != tuple(view.shape):
        expanded(wrap(np.broadcast_to(np.zeros((), value.dtype.numpy), shape)), tuple(view.shape))


def _write(self, view, value, arrays, places):
    """The values into memory; what the tape recorded before stays as it was."""
    node, output = self._node, self._node.output
    if node.needs or not isinstance(output, np.ndarray) or not output.flags.writeable:
        fresh = np.array(output)  # recorded views of a leaf's memory stay as they were
        self._node = leaf(self, fresh) if node.needs else constant(fresh)
        refresh(self, node)
        view = wrap(fresh) if view is self else _basic(self, view._base[1])
    else:
        inplace.settle(self)
    raw = value._node.output if isinstance(value, Tensor) else value
    plain = tuple(array._node.output if isinstance(array, Tensor) else array for array in arrays)
    note_write(view._node.output)
    view._node.output[with_arrays(places, plain) if arrays else ...] = raw


def _check_distinct(view, value, arrays, places):
    """A value that requires grad may not be written twice to one place: which one stays isn't defined."""
    if not isinstance(value, Tensor) or not value._node.needs:
        return
    plain = tuple(array._node.output if isinstance(array, Tensor) else array for array in arrays)
    hits = np.zeros(view._node.output.shape, np.intp)
    np.add.at(hits, with_arrays(places, plain), 1)
    if (hits > 1).any():
        raise RuntimeError(
            "x[index] = value writes to one place several times, so the gradient of value isn't defined; use an "
            "index without repetitions, or add the values up with index_add or scatter_add"
        )

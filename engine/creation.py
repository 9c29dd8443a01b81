"""Tensors from numbers, lists and shapes. Imported by engine."""

import numpy as np

from engine import dtypes
from engine.devices import on_cpu
from engine.op import public
from engine.ops.constants import identity
from engine.origin import Recipe
from engine.tensor import Tensor, tensor_of_leaf


def _shape(size, name=None):
    if len(size) == 1 and not hasattr(size[0], "__index__"):
        if isinstance(size[0], (float, np.floating)):
            raise TypeError(
                f"{name or 'size'}(): argument 'size' (position 1) must be tuple of ints, not {type(size[0]).__name__}"
            )
        size = tuple(size[0])
    found = []
    for n in size:
        if not hasattr(n, "__index__"):
            raise TypeError(f"a shape is made of integers, not {type(n).__name__}: {n!r}")
        found.append(n.__index__())
        if found[-1] < 0:
            if name == "zeros":
                raise RuntimeError("zeros: Dimension size must be non-negative.")
            raise RuntimeError(f"Trying to create tensor with negative dimension {found[-1]}: {list(size)}")
    return tuple(found)


@public("tensor")
def tensor(data, *, dtype=None, device=None, requires_grad=False):
    """A leaf tensor with a copy of `data`: numbers, nested lists or an ndarray.

    >>> tensor([[1., 2.], [3., 4.]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    on_cpu(device)
    return tensor_of_leaf(array_of(data, dtype), requires_grad)


def array_of(data, dtype=None):
    """`data` copied into an ndarray, floats in the default dtype unless it comes with one."""
    if isinstance(data, Tensor):
        array = np.array(data._node.output)
    elif isinstance(data, (np.ndarray, np.generic)):
        array = np.array(data)
    else:
        array = _from_lists(data, dtype)
    if dtype is not None:
        return array.astype(dtypes.as_numpy(dtype))
    dtypes.of(array)  # refuses dtypes that aren't supported
    return array


def _from_lists(data, dtype):
    """Numbers and nested lists as an array, floats in the default dtype unless they come with one of their own."""
    typed = set()  # the dtypes that entries come with
    if isinstance(data, (list, tuple)):
        data = _plain(data, typed)
    try:
        array = np.array(data)
    except ValueError as error:
        raise ValueError(_uneven(data) or str(error)) from error
    if array.dtype.kind in "OUS":
        _refuse_entries(array, data)
    if dtype is not None:
        target = dtypes.as_numpy(dtype)
        if array.dtype.kind == "i" and target.kind in "iu" and array.size:
            low = np.iinfo(target).min if target.kind == "i" else -np.iinfo(target).max
            if array.min() < low or array.max() > np.iinfo(target).max:
                raise RuntimeError(f"value cannot be converted to type {target} without overflow")
        return array
    if array.dtype.kind == "f" or array.size == 0:
        kinds = [*typed, *([] if typed and FLOAT not in typed else [dtypes.as_numpy(dtypes.get_default_dtype())])]
        return array.astype(np.result_type(*(kind for kind in kinds if kind is not FLOAT)))
    return array


FLOAT = "a Python float"


def _plain(data, typed):
    """Nested lists without tensors; the floating dtypes that entries come with are entered in `typed`."""
    found = []
    for x in data:
        if isinstance(x, (list, tuple)):
            x = _plain(x, typed)
        elif isinstance(x, Tensor):
            typed |= {x._node.output.dtype} if x.is_floating_point() else set()
            x = x.item() if x.ndim == 0 else x.tolist()
        elif isinstance(x, (np.ndarray, np.floating)):
            typed |= {x.dtype} if x.dtype.kind == "f" else set()
        elif x.__class__ is float:
            typed.add(FLOAT)
        found.append(x)
    return found


def _refuse_entries(array, data):
    """The entries of an array that aren't numbers, refused in PyTorch's words."""
    first = next((x for x in array.flat if not isinstance(x, (int, float, complex, np.number))), None)
    if isinstance(first, str):
        raise TypeError("new(): invalid data type 'str'")
    if first is None and not any(x is None for x in array.flat):
        raise ValueError("Overflow when unpacking long long")
    raise RuntimeError(f"Could not infer dtype of {type(first).__name__}")


def _uneven(data):
    """PyTorch's words for nested lists of unequal lengths: the first of each depth tells the length."""
    first, rows, dim = data, [data], 0
    while isinstance(first, list):
        for row in rows:
            if not isinstance(row, list) or len(row) != len(first):
                got = len(row) if isinstance(row, list) else "a number"
                return f"expected sequence of length {len(first)} at dim {dim} (got {got})"
        rows = [item for row in rows for item in row]
        first, dim = first[0] if first else None, dim + 1
    return None


@public("as_tensor", "asarray")
def as_tensor(data, dtype=None, device=None):
    """`data` as a tensor, sharing memory with an ndarray; a tensor is returned as it is.

    >>> as_tensor([1, 2])
    tensor([1, 2])
    """
    on_cpu(device)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    return from_numpy(data) if isinstance(data, np.ndarray) and dtype is None else tensor(data, dtype=dtype)


@public("from_numpy")
def from_numpy(ndarray):
    """A tensor that shares memory with an ndarray.

    >>> from_numpy(np.ones(2))
    tensor([1., 1.], dtype=torch.float64)
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtypes.of(ndarray)
    return tensor_of_leaf(ndarray, False)


# filled


def _filled(name, value, first):
    def make(*size, dtype=None, device=None, requires_grad=False, **more):
        on_cpu(device)
        shape = _shape((more.pop("size"),) if "size" in more else size, name)
        if more.keys() - {"layout", "pin_memory", "memory_format"}:
            raise TypeError(f"{name}() got an unexpected keyword argument {next(iter(more))!r}")
        return tensor_of_leaf(np.full(shape, value, dtypes.as_numpy(dtype)), requires_grad)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = first
    return public(name)(make)


ones = _filled("ones", 1, "A tensor of ones, its shape given as integers or as a tuple.")
zeros = _filled("zeros", 0, "A tensor of zeros, its shape given as integers or as a tuple.")
empty = _filled("empty", 0, "A tensor whose values mean nothing; here they are zeros, so that programs repeat.")


@public("full")
def full(size, fill_value, *, dtype=None, device=None, requires_grad=False):
    """A tensor of one value; of its kind (bool, int64, the default float dtype) unless a dtype is given.

    >>> full((2,), 7.)
    tensor([7., 7.])
    """
    on_cpu(device)
    if not hasattr(size, "__iter__"):
        raise TypeError(f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}")
    if isinstance(fill_value, Tensor):
        dtype = fill_value.dtype if dtype is None else dtype
        fill_value = fill_value.item()
    elif dtype is None and isinstance(fill_value, (bool, int)):
        dtype = dtypes.bool if isinstance(fill_value, bool) else dtypes.int64
    return tensor_of_leaf(np.full(_shape((size,)), fill_value, dtypes.as_numpy(dtype)), requires_grad)


@public("scalar_tensor")
def scalar_tensor(s, *, dtype=None, device=None, requires_grad=False):
    """A tensor of one number, of the default float dtype unless one is given.

    >>> scalar_tensor(2)
    tensor(2.)
    """
    on_cpu(device)
    return full((), s, dtype=dtype or dtypes.get_default_dtype(), requires_grad=requires_grad)


def _like(name, make):
    def like(input, *, dtype=None, device=None, requires_grad=False, layout=None, memory_format=None):
        on_cpu(device)
        if not isinstance(input, Tensor):
            kind = type(input).__name__
            raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {kind}")
        return make(tuple(input.shape), dtype=dtype or input.dtype, requires_grad=requires_grad)

    like.__name__ = like.__qualname__ = name
    like.__doc__ = f"As {make.__name__}, with the shape and dtype of `input`."
    return public(name)(like)


def _new(name, make):
    def new(self, *size, dtype=None, device=None, requires_grad=False, **more):
        on_cpu(device)
        size = (more["size"],) if "size" in more else size
        return make(*size, dtype=dtype or self.dtype, requires_grad=requires_grad)

    new.__name__ = new.__qualname__ = name
    new.__doc__ = f"As {make.__name__}, with the dtype of the tensor unless one is given."
    return public(f"Tensor.{name}")(new)


ones_like, zeros_like, empty_like = _like("ones_like", ones), _like("zeros_like", zeros), _like("empty_like", empty)
new_ones, new_zeros, new_empty = _new("new_ones", ones), _new("new_zeros", zeros), _new("new_empty", empty)


@public("full_like")
def full_like(input, fill_value, *, dtype=None, device=None, requires_grad=False, memory_format=None):
    """As full, with the shape and dtype of `input`.

    >>> full_like(ones(2), 7)
    tensor([7., 7.])
    """
    on_cpu(device)
    return full(tuple(input.shape), fill_value, dtype=dtype or input.dtype, requires_grad=requires_grad)


@public("Tensor.new_full")
def new_full(self, size, fill_value, *, dtype=None, device=None, requires_grad=False):
    """As full, with the dtype of the tensor unless one is given."""
    on_cpu(device)
    return full(size, fill_value, dtype=dtype or self.dtype, requires_grad=requires_grad)


@public("Tensor.new_tensor")
def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
    """As tensor, with the dtype of the tensor unless one is given."""
    on_cpu(device)
    return tensor(data, dtype=dtype or self.dtype, requires_grad=requires_grad)


# sequences


@public("arange")
def arange(*bounds, start=0, end=None, step=1, dtype=None, device=None, requires_grad=False):
    """Numbers from `start` (0 if only one is given) up to `end`, which is left out.

    RuntimeError if the step is zero or leads away from the end.

    >>> arange(3), arange(1, 2, 0.5)
    (tensor([0, 1, 2]), tensor([1.0000, 1.5000]))
    """
    on_cpu(device)
    if len(bounds) == 1 and end is None:
        end = bounds[0]
    elif bounds:
        start, end, step = (*bounds, *(end, step)[len(bounds) - 1 :])
    start, end, step = map(_number, (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    if dtype is None and not any(isinstance(x, float) for x in (start, end, step)):
        dtype = dtypes.int64
    return tensor_of_leaf(np.arange(start, end, step).astype(dtypes.as_numpy(dtype)), requires_grad)


def _number(value):
    """A Python number, also from a tensor or NumPy scalar of one entry."""
    return value.item() if hasattr(value, "item") else value


@public("linspace")
def linspace(start, end, steps, *, dtype=None, device=None, requires_grad=False):
    """`steps` numbers at equal distances, both ends included.

    >>> linspace(0, 1, 3)
    tensor([0.0000, 0.5000, 1.0000])
    """
    on_cpu(device)
    return tensor_of_leaf(_spaced(start, end, steps).astype(dtypes.as_numpy(dtype)), requires_grad)


def _spaced(start, end, steps):
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return np.linspace(_number(start), _number(end), steps)


@public("logspace")
def logspace(start, end, steps, base=10.0, *, dtype=None, device=None, requires_grad=False):
    """`steps` powers of `base`, their exponents at equal distances from `start` to `end`.

    >>> logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    on_cpu(device)
    values = np.power(float(base), _spaced(start, end, steps))
    return tensor_of_leaf(values.astype(dtypes.as_numpy(dtype)), requires_grad)


@public("eye")
def eye(n, m=None, *, dtype=None, device=None, requires_grad=False):
    """The identity matrix, or its first n rows and m columns.

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    on_cpu(device)
    for name, size in (("n", n), ("m", m)):
        if size is not None and size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    made = tensor_of_leaf(np.eye(n, m, dtype=dtypes.as_numpy(dtype)), requires_grad)
    if not requires_grad:
        made._node.owner = Recipe(identity, (), {"rows": n, "columns": n if m is None else m}, 1)
    return made


def _indices(name, pick, side):
    def indices(row, col, offset=0, *, dtype=None, device=None):
        on_cpu(device)
        for size, which in ((row, "row"), (col, "col")):
            if size < 0:
                raise RuntimeError(f"{which} must be non-negative, got{size}")
        places = np.array(pick(row, offset, col), dtype=np.int64 if dtype is None else dtypes.as_numpy(dtype))
        return tensor_of_leaf(places, False)

    indices.__name__ = indices.__qualname__ = name
    indices.__doc__ = f"The row and column numbers of the {side} triangle, in reading order."
    return public(name)(indices)


tril_indices = _indices("tril_indices", np.tril_indices, "lower")
triu_indices = _indices("triu_indices", np.triu_indices, "upper")


@public("is_tensor")
def is_tensor(obj):
    """Whether something is a tensor.

    >>> is_tensor(1.0)
    False
    """
    return isinstance(obj, Tensor)

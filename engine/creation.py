"""Tensors from numbers, lists and shapes. Imported by engine."""

import numbers

import numpy as np

from engine import dtypes
from engine.op import public
from engine.tensor import Tensor, tensor_of_leaf


def _shape(size):
    if len(size) == 1 and not isinstance(size[0], (int, np.integer)):
        size = tuple(size[0])
    for n in size:
        if not isinstance(n, (int, np.integer)):
            raise TypeError(f"a shape is made of integers, not {type(n).__name__}: {n!r}")
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(size)}")
    return tuple(int(n) for n in size)


@public("tensor")
def tensor(data, *, dtype=None, device=None, requires_grad=False):
    """A leaf tensor with a copy of `data`: numbers, nested lists or an ndarray.

    >>> tensor([[1., 2.], [3., 4.]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    return tensor_of_leaf(array_of(data, dtype), requires_grad)


def array_of(data, dtype=None):
    """`data` copied into an ndarray, floats in the default dtype unless it comes with one."""
    if isinstance(data, Tensor):
        array = np.array(data._node.output)
    elif isinstance(data, (np.ndarray, np.generic)):
        array = np.array(data)
    else:
        array = _from_lists(data)
    if dtype is not None:
        return array.astype(dtypes.as_numpy(dtype))
    dtypes.of(array)  # refuses dtypes that aren't supported
    return array


def _from_lists(data):
    if isinstance(data, (list, tuple)):
        data = _plain(data)
    try:
        array = np.array(data)
    except ValueError as error:
        raise ValueError(f"the nested lists don't have one length at each depth: {error}") from error
    if array.dtype.kind == "f" or array.size == 0:
        return array.astype(dtypes.as_numpy(dtypes.get_default_dtype()))
    if array.dtype.kind in "OUS":
        first = next((x for x in array.flat if not isinstance(x, numbers.Number)), array)
        raise TypeError(f"a tensor is made of numbers, not {type(first).__name__}; got {data!r}"[:300])
    return array


def _plain(data):
    return [_plain(x) if isinstance(x, (list, tuple)) else x.item() if isinstance(x, Tensor) and x.ndim == 0
            else x.tolist() if isinstance(x, Tensor) else x for x in data]  # fmt: skip


@public("as_tensor", "asarray")
def as_tensor(data, dtype=None, device=None):
    """`data` as a tensor, sharing memory with an ndarray; a tensor is returned as it is.

    >>> as_tensor([1, 2])
    tensor([1, 2])
    """
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


@public("ones")
def ones(*size, dtype=None, device=None, requires_grad=False):
    """A tensor of ones.

    >>> ones(2, 2)
    tensor([[1., 1.],
            [1., 1.]])
    """
    return tensor_of_leaf(np.ones(_shape(size), dtypes.as_numpy(dtype)), requires_grad)


@public("zeros")
def zeros(*size, dtype=None, device=None, requires_grad=False):
    """A tensor of zeros.

    >>> zeros(3)
    tensor([0., 0., 0.])
    """
    return tensor_of_leaf(np.zeros(_shape(size), dtypes.as_numpy(dtype)), requires_grad)


@public("full")
def full(size, fill_value, *, dtype=None, device=None, requires_grad=False):
    """A tensor of one value.

    >>> full((2,), 7.)
    tensor([7., 7.])
    """
    if dtype is None and isinstance(fill_value, (bool, int)):
        dtype = dtypes.bool if isinstance(fill_value, bool) else dtypes.int64
    return tensor_of_leaf(np.full(_shape((size,)), fill_value, dtypes.as_numpy(dtype)), requires_grad)


@public("arange")
def arange(start, end=None, step=1, *, dtype=None, device=None, requires_grad=False):
    """Numbers from `start` (0 if only one is given) up to `end`, which is left out.

    >>> arange(3)
    tensor([0, 1, 2])
    """
    if end is None:
        start, end = 0, start
    if dtype is None:
        dtype = dtypes.float32 if any(isinstance(x, float) for x in (start, end, step)) else dtypes.int64
    return tensor_of_leaf(np.arange(start, end, step).astype(dtypes.as_numpy(dtype)), requires_grad)


@public("linspace")
def linspace(start, end, steps, *, dtype=None, device=None, requires_grad=False):
    """`steps` numbers at equal distances, both ends included.

    >>> linspace(0, 1, 3)
    tensor([0.0000, 0.5000, 1.0000])
    """
    return tensor_of_leaf(np.linspace(start, end, steps).astype(dtypes.as_numpy(dtype)), requires_grad)


@public("eye")
def eye(n, m=None, *, dtype=None, device=None, requires_grad=False):
    """The identity matrix.

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    return tensor_of_leaf(np.eye(n, m, dtype=dtypes.as_numpy(dtype)), requires_grad)


def _like(name, make):
    def like(input, *, dtype=None, device=None, requires_grad=False):
        return make(*input.shape, dtype=input.dtype if dtype is None else dtype, requires_grad=requires_grad)

    like.__name__ = like.__qualname__ = name
    like.__doc__ = f"As {make.__name__}, with the shape and dtype of `input`."
    return public(name)(like)


ones_like = _like("ones_like", ones)
zeros_like = _like("zeros_like", zeros)


@public("is_tensor")
def is_tensor(obj):
    """Whether something is a tensor.

    >>> is_tensor(1.0)
    False
    """
    return isinstance(obj, Tensor)

"""PyTorch's dtypes, as thin names over NumPy's, with PyTorch's promotion rules.

Whatever makes or combines arrays asks here which dtype comes out; NumPy's own answer
differs (int64 with float32 is float64 there, float32 here). Imports nothing but NumPy.
The aliases `float`, `int` and `bool` hide Python's types, hence `builtins` below.
"""

import builtins
import threading
from contextlib import contextmanager

import numpy as np

_BOOL, _INTEGER, _FLOATING = range(3)  # PyTorch's categories; a later one outranks an earlier one


class dtype:
    """The type of a tensor's entries. There is one object for each type, so compare with `is` or `==`.

    `itemsize` is in bytes; `numpy` is the NumPy dtype; `category` ranks bool < integer < floating.

    >>> float32
    torch.float32
    >>> float32.is_floating_point, float32.itemsize, float32.numpy
    (True, 4, dtype('float32'))
    """

    __slots__ = ("category", "is_complex", "is_floating_point", "is_signed", "itemsize", "name", "numpy")

    def __init__(self, name):
        self.name = name
        self.numpy = np.dtype(name)
        self.category = {"b": _BOOL, "f": _FLOATING}.get(self.numpy.kind, _INTEGER)
        self.itemsize = self.numpy.itemsize
        self.is_floating_point = self.category == _FLOATING
        self.is_signed = self.numpy.kind in "if"
        self.is_complex = False

    def __repr__(self):
        return f"torch.{self.name}"

    def __reduce__(self):
        return self.name  # copies and pickles come back as this very object


float16 = half = dtype("float16")
float32 = float = dtype("float32")
float64 = double = dtype("float64")
int8 = dtype("int8")
int16 = short = dtype("int16")
int32 = int = dtype("int32")
int64 = long = dtype("int64")
uint8 = dtype("uint8")
bool = dtype("bool")

_SUPPORTED = (float64, float32, float16, int64, int32, int16, int8, uint8, bool)
_BY_NUMPY = {d.numpy: d for d in _SUPPORTED}
_default = float32


def of(array):
    """The dtype of an ndarray or a NumPy scalar.

    TypeError for a NumPy dtype that has no counterpart here, such as complex128.

    >>> of(np.arange(3)), of(np.float32(1))
    (torch.int64, torch.float32)
    """
    return _from_numpy(array.dtype)


def as_numpy(dtype_like):
    """The NumPy dtype for a dtype, a NumPy dtype or one of Python's `bool`, `int`, `float`; None is the default.

    TypeError for anything else, strings included, as in PyTorch.

    >>> as_numpy(float64), as_numpy(None), as_numpy(builtins.int)
    (dtype('float64'), dtype('float32'), dtype('int64'))
    """
    return (get_default_dtype() if dtype_like is None else _as_dtype(dtype_like)).numpy


def get_default_dtype():
    """The dtype that new floating tensors get.

    >>> get_default_dtype()
    torch.float32
    """
    return _within.default or _default


class _Within(threading.local):
    default = None


_within = _Within()


@contextmanager
def default_dtype(d):
    """Within a `with` block, in this thread alone, new floating tensors get the dtype `d`.

    >>> with default_dtype(float64):
    ...     get_default_dtype()
    torch.float64
    """
    before = _within.default
    try:
        _within.default = d
        yield
    finally:
        _within.default = before


def set_default_dtype(d):
    """Make `d` the dtype that new floating tensors get. TypeError unless it is a floating dtype.

    >>> set_default_dtype(float64)
    >>> result_type(np.array([1, 2]), 0.5)
    torch.float64
    >>> set_default_dtype(float32)
    """
    global _default
    if not isinstance(d, dtype):
        raise TypeError("invalid dtype object: only floating-point types are supported as the default type")
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d


def promote_types(type1, type2):
    """The smallest dtype that holds both: the higher category's, and within one category NumPy's choice.

    >>> promote_types(int64, float16), promote_types(uint8, int8)
    (torch.float16, torch.int16)
    """
    first, second = _as_dtype(type1), _as_dtype(type2)
    if first.category != second.category:
        return _outranked(first, second)
    return _BY_NUMPY[np.promote_types(first.numpy, second.numpy)]


def result_type(*operands):
    """The dtype in which PyTorch computes on these operands: ndarrays, NumPy scalars and Python numbers.

    Arrays with dimensions decide, then those without, then Python numbers; one that comes
    later counts only if its category (bool < integer < floating) is higher. A Python float
    has the default dtype. TypeError for a complex number, or anything that is no number.

    >>> result_type(np.ones(2, np.float32), np.float64(1)), result_type(np.ones(2, np.int8), 300)
    (torch.float32, torch.int8)
    >>> result_type(np.ones(2, np.int8), 0.5), result_type(np.ones(2, np.int8), np.float64(1))
    (torch.float32, torch.float64)
    """
    with_dimensions = without_dimensions = numbers = None
    for operand in operands:
        if not isinstance(operand, (np.ndarray, np.generic)):
            numbers = _joined(numbers, _of_number(operand))
        elif operand.ndim:
            with_dimensions = _joined(with_dimensions, of(operand))
        else:
            without_dimensions = _joined(without_dimensions, of(operand))
    return _outranked(with_dimensions, _outranked(without_dimensions, numbers))


class finfo:
    """Limits of a floating dtype (the default one if none is given), as Python numbers.

    TypeError for another dtype.

    >>> finfo(float32).eps, finfo(float64).bits
    (1.1920928955078125e-07, 64)
    """

    __slots__ = ("bits", "dtype", "eps", "max", "min", "resolution", "smallest_normal", "tiny")

    def __init__(self, type=None):
        d = get_default_dtype() if type is None else _as_dtype(type, "finfo(): argument 'type' (position 1)")
        if not d.is_floating_point:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        limits = np.finfo(d.numpy)
        self.bits, self.dtype = limits.bits, d.name
        self.eps, self.min, self.max = (x.item() for x in (limits.eps, limits.min, limits.max))
        self.tiny = self.smallest_normal = limits.smallest_normal.item()
        self.resolution = builtins.float(f"1e-{limits.precision}")

    def __eq__(self, other):
        return isinstance(other, finfo) and self.dtype == other.dtype

    def __repr__(self):
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )


class iinfo:
    """Limits of an integer dtype, as Python integers. TypeError for another dtype.

    >>> iinfo(int8).min, iinfo(uint8).max
    (-128, 255)
    """

    __slots__ = ("bits", "dtype", "max", "min")

    def __init__(self, type):
        d = _as_dtype(type, "iinfo(): argument 'type' (position 1)")
        if d.is_floating_point:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        if d is bool:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        limits = np.iinfo(d.numpy)
        self.bits, self.dtype, self.min, self.max = limits.bits, d.name, limits.min, limits.max

    def __eq__(self, other):
        return isinstance(other, iinfo) and self.dtype == other.dtype

    def __repr__(self):
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


def _from_numpy(numpy_dtype):
    try:
        return _BY_NUMPY[numpy_dtype]
    except KeyError:
        *names, last = [d.name for d in _SUPPORTED]
        remedy = (
            "take its .real and .imag parts" if numpy_dtype.kind == "c" else "convert it with .astype(numpy.float64)"
        )
        raise TypeError(
            f"can't convert np.ndarray of type {numpy_dtype}. "
            f"The only supported types are: {', '.join(names)}, and {last}; {remedy} first."
        ) from None


def _as_dtype(dtype_like, where="argument 'dtype'"):
    if isinstance(dtype_like, dtype):
        return dtype_like
    if isinstance(dtype_like, (np.dtype, type)):
        try:
            return _BY_NUMPY[np.dtype(dtype_like)]
        except (KeyError, TypeError):
            raise TypeError(
                f"{where} must be torch.dtype, not {dtype_like!r}; use one of: {', '.join(map(repr, _SUPPORTED))}."
            ) from None
    raise TypeError(f"{where} must be torch.dtype, not {type(dtype_like).__name__}")


def _of_number(number):
    if isinstance(number, builtins.bool):
        return bool
    if isinstance(number, builtins.int):
        return int64
    if isinstance(number, builtins.float):
        return get_default_dtype()
    if isinstance(number, complex):
        raise TypeError(f"complex numbers are not supported: use the .real and .imag parts of {number!r} instead")
    raise TypeError(
        f"result_type() takes ndarrays, NumPy scalars and Python numbers, not {type(number).__name__}; "
        "convert it first, for example with numpy.asarray"
    )


def _joined(one, other):
    """The dtype of two operands of equal priority; None stands for no operand."""
    return other if one is None or one is other else promote_types(one, other)


def _outranked(first, second):
    """`first`, unless `second` has a higher category; None stands for no operand."""
    if first is None or second is None:
        return first or second
    return second if second.category > first.category else first

"""NumPy's functions called on tensors: np.exp(t), np.sum(t, axis=0), np.linalg.inv(t) are recorded like PyTorch's.

NumPy asks its operands through __array_ufunc__ and __array_function__. Imported by engine.
"""

import numpy as np

from engine.creation import from_numpy, tensor
from engine.op import PUBLIC, public
from engine.tensor import Tensor

UFUNCS = {
    "absolute": "abs", "fabs": "abs", "power": "pow", "equal": "eq", "not_equal": "ne", "greater": "gt", "less": "lt",
    "greater_equal": "ge", "less_equal": "le", "degrees": "rad2deg", "radians": "deg2rad", "rint": "round",
    "divide": "div", "conjugate": "positive", "invert": "bitwise_not",
    "matvec": "mv", "vecdot": "linalg.vecdot",
}  # fmt: skip
REDUCTIONS = {
    "add": "sum", "multiply": "prod", "maximum": "amax", "minimum": "amin", "logical_and": "all", "logical_or": "any",
    "logaddexp": "logsumexp",
}  # fmt: skip
ACCUMULATIONS = {"add": "cumsum", "multiply": "cumprod"}

OPERANDS = ("a", "x", "x1", "m", "v", "A", "array", "arr", "arrays", "tup", "a1", "b", "x2", "a2")
HARMLESS = {"order": ("K", "C", "A"), "subok": (True, False), "casting": ("same_kind",)}


def operand(value):
    """An operand as a tensor, or as the Python number that it is."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return from_numpy(value)
    return tensor(value) if isinstance(value, (list, tuple)) else value


def left_alone(value):
    """Whether an argument says nothing: None, or NumPy's mark for no value."""
    return value is None or value is np._NoValue


def _idle(key, value):
    """Whether an argument is left alone, or has a value that changes nothing for a tensor."""
    return left_alone(value) or (value is True and key == "where") or any(value is x for x in HARMLESS.get(key, ()))


@public("Tensor.__array_ufunc__")
def _array_ufunc(self, ufunc, method, *inputs, out=None, **more):
    """NumPy's elementwise functions on tensors, as PyTorch's functions of the same meaning.

    >>> import engine as torch
    >>> np.exp(torch.zeros(2)), np.ones(2) * torch.tensor([1., 2.])
    (tensor([1., 1.]), tensor([1., 2.], dtype=torch.float64))
    """
    name = ufunc.__name__
    if out is not None:
        return _into(ufunc, method, inputs, out, more)
    more = {key: value for key, value in more.items() if key == "axis" or not _idle(key, value)}
    if method == "__call__":
        if more:
            raise TypeError(f"np.{name}() on a tensor takes no {next(iter(more))!r}; do that in a step of its own")
        return _called(UFUNCS.get(name, name), f"np.{name}")(*map(operand, inputs))
    if method == "outer":
        return _outer(_called(UFUNCS.get(name, name), f"np.{name}.outer"), *map(operand, inputs))
    table = {"reduce": REDUCTIONS, "accumulate": ACCUMULATIONS}.get(method, {})
    if name not in table:
        raise TypeError(refusal(f"np.{name}.{method}"))
    return _reduced(PUBLIC[table[name]], f"np.{name}.{method}", *inputs, **more)


def _called(path, name):
    if path not in PUBLIC:
        raise TypeError(refusal(name))
    return PUBLIC[path]


def _reduced(function, name, x, axis=0, dtype=None, out=None, keepdims=False, **more):
    if more or out is not None or dtype is not None:
        raise TypeError(f"{name}() on a tensor takes only axis and keepdims; do the rest in steps of its own")
    if name.endswith("accumulate"):
        return function(x, axis)
    axis = tuple(range(x.ndim)) if axis is None else axis
    return function(x, axis, keepdim=keepdims)


def _outer(function, a, b):
    """Every entry of a with every entry of b."""
    rank = getattr(b, "ndim", 0)
    return function(a.reshape(*a.shape, *(1,) * rank) if rank and isinstance(a, Tensor) else a, b)


def _into(ufunc, method, inputs, out, more):
    """`array += tensor` writes into an array, which can't remember a gradient."""
    if any(isinstance(x, Tensor) and x.requires_grad for x in inputs) or any(isinstance(x, Tensor) for x in out):
        raise TypeError(
            f"np.{ufunc.__name__}() can't write its result into `out` and record it; write y = y + ... instead of "
            "y += ..., or use tensor.detach().numpy() for values without gradient"
        )
    plain = [x._node.output if isinstance(x, Tensor) else x for x in inputs]
    return getattr(ufunc, method)(*plain, out=out, **more)


@public("Tensor.__array_function__")
def _array_function(self, func, types, args, kwargs):
    """NumPy's other functions on tensors, with NumPy's argument names.

    >>> import engine as torch
    >>> np.sum(torch.ones(2, 3), axis=0, keepdims=True)
    tensor([[2., 2., 2.]])
    """
    from engine.numpy_table import FUNCTIONS

    if func not in FUNCTIONS:
        raise TypeError(refusal(_name(func)))
    name, made, arguments = FUNCTIONS[func]
    if arguments is None:
        return made(*args, **kwargs)
    operands, settings = _bound(name, arguments.split(), list(args), dict(kwargs))
    return _called(made, f"np.{name}")(*operands, **settings)


def _bound(name, words, args, kwargs):
    """NumPy's arguments as operands in order and settings by PyTorch's names."""
    operands, settings = [], {}
    for word in words:
        if word in ("x", "*x"):
            named = next((key for key in OPERANDS if key in kwargs), None)
            value = args.pop(0) if args else kwargs.pop(named)
            operands.append([operand(item) for item in value] if word == "*x" else operand(value))
            continue
        theirs, _colon, ours = word.partition(":")
        value = args.pop(0) if args else kwargs.pop(theirs, None)
        if left_alone(value):
            continue
        if ours:
            settings[ours] = value
        elif _colon == "":
            raise TypeError(f"np.{name}() on a tensor takes no {theirs!r}; do that in a step of its own")
    for theirs, value in kwargs.items():
        if not _idle(theirs, value):
            raise TypeError(f"np.{name}() on a tensor takes no {theirs!r}; do that in a step of its own")
    if args:
        raise TypeError(f"np.{name}() on a tensor takes fewer arguments; name those that follow the operands")
    return operands, settings


def _name(func):
    module = (getattr(func, "__module__", None) or "numpy").replace("numpy", "np", 1).replace("np.lib.", "np.")
    return f"{module}.{getattr(func, '__name__', func)}"


def refusal(name):
    return (
        f"{name}() isn't recorded on tensors; use PyTorch's function of that meaning, or call it on "
        "tensor.detach().numpy() for values without gradient"
    )

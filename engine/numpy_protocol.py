"""NumPy's functions called on tensors: np.exp(t), np.sum(t, axis=0), np.linalg.inv(t) are recorded like PyTorch's.

NumPy asks its operands through __array_ufunc__ and __array_function__. The table has a line a function: the public
function that it is, and NumPy's arguments in NumPy's order. Imported by engine.
"""

import numpy as np

from engine import numpy_statistics  # noqa: F401 (enters its functions)
from engine.creation import from_numpy, tensor
from engine.numpy_functions import ADAPTED
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
# NumPy function -> (public function, arguments in NumPy's order). "x" is an operand, "*x" a sequence of operands,
# "axis:dim" an argument with PyTorch's name for it; an argument that isn't listed is refused unless left alone.
TABLE = {
    "sum": ("sum", "x axis:dim dtype:dtype out keepdims:keepdim"),
    "prod": ("prod", "x axis:dim dtype:dtype out keepdims:keepdim"),
    "mean": ("mean", "x axis:dim dtype:dtype out keepdims:keepdim"),
    "nansum": ("nansum", "x axis:dim dtype:dtype out keepdims:keepdim"),
    "nanmean": ("nanmean", "x axis:dim dtype:dtype out keepdims:keepdim"),
    "max": ("amax", "x axis:dim out keepdims:keepdim"),
    "amax": ("amax", "x axis:dim out keepdims:keepdim"),
    "min": ("amin", "x axis:dim out keepdims:keepdim"),
    "amin": ("amin", "x axis:dim out keepdims:keepdim"),
    "all": ("all", "x axis:dim out keepdims:keepdim"),
    "any": ("any", "x axis:dim out keepdims:keepdim"),
    "argmax": ("argmax", "x axis:dim out keepdims:keepdim"),
    "argmin": ("argmin", "x axis:dim out keepdims:keepdim"),
    "count_nonzero": ("count_nonzero", "x axis:dim"),
    "argsort": ("argsort", "x axis:dim"),
    "swapaxes": ("swapaxes", "x axis1:dim0 axis2:dim1"),
    "moveaxis": ("movedim", "x source:source destination:destination"),
    "broadcast_to": ("broadcast_to", "x shape:size"),
    "fliplr": ("fliplr", "x"),
    "flipud": ("flipud", "x"),
    "roll": ("roll", "x shift:shifts axis:dims"),
    "rot90": ("rot90", "x k:k axes:dims"),
    "stack": ("stack", "*x axis:dim out"),
    "vstack": ("vstack", "*x"),
    "hstack": ("hstack", "*x"),
    "dstack": ("dstack", "*x"),
    "column_stack": ("column_stack", "*x"),
    "diagonal": ("diagonal", "x offset:offset axis1:dim1 axis2:dim2"),
    "diag": ("diag", "x k:diagonal"),
    "diagflat": ("diagflat", "x k:offset"),
    "tril": ("tril", "x k:diagonal"),
    "triu": ("triu", "x k:diagonal"),
    "round": ("round", "x decimals:decimals out"),
    "around": ("round", "x decimals:decimals out"),
    "nan_to_num": ("nan_to_num", "x copy: nan:nan posinf:posinf neginf:neginf"),
    "sinc": ("sinc", "x"),
    "isneginf": ("isneginf", "x out"),
    "isposinf": ("isposinf", "x out"),
    "copy": ("clone", "x"),
    "zeros_like": ("zeros_like", "x dtype:dtype"),
    "ones_like": ("ones_like", "x dtype:dtype"),
    "empty_like": ("empty_like", "x dtype:dtype"),
    "full_like": ("full_like", "x fill_value:fill_value dtype:dtype"),
    "allclose": ("allclose", "x x rtol:rtol atol:atol equal_nan:equal_nan"),
    "isclose": ("isclose", "x x rtol:rtol atol:atol equal_nan:equal_nan"),
    "array_equal": ("equal", "x x"),
    "inner": ("inner", "x x"),
    "kron": ("kron", "x x"),
    "tensordot": ("tensordot", "x x axes:dims"),
    "linalg.inv": ("linalg.inv", "x"),
    "linalg.det": ("linalg.det", "x"),
    "linalg.slogdet": ("linalg.slogdet", "x"),
    "linalg.solve": ("linalg.solve", "x x"),
    "linalg.cholesky": ("linalg.cholesky", "x upper:upper"),
    "linalg.qr": ("linalg.qr", "x mode:mode"),
    "linalg.eigh": ("linalg.eigh", "x UPLO:UPLO"),
    "linalg.eigvalsh": ("linalg.eigvalsh", "x UPLO:UPLO"),
    "linalg.svdvals": ("linalg.svdvals", "x"),
    "linalg.norm": ("linalg.norm", "x ord:ord axis:dim keepdims:keepdim"),
    "linalg.matrix_norm": ("linalg.matrix_norm", "x ord:ord keepdims:keepdim"),
    "linalg.vector_norm": ("linalg.vector_norm", "x ord:ord axis:dim keepdims:keepdim"),
    "linalg.matrix_power": ("linalg.matrix_power", "x n:n"),
    "linalg.matrix_rank": ("linalg.matrix_rank", "x"),
    "linalg.pinv": ("linalg.pinv", "x rcond:rtol hermitian:hermitian rtol:rtol"),
    "linalg.multi_dot": ("linalg.multi_dot", "*x out"),
    "linalg.cond": ("linalg.cond", "x p:p"),
    "linalg.cross": ("linalg.cross", "x x axis:dim"),
    "linalg.matmul": ("matmul", "x x"),
    "linalg.outer": ("outer", "x x"),
    "linalg.tensordot": ("tensordot", "x x axes:dims"),
    "linalg.vecdot": ("linalg.vecdot", "x x axis:dim"),
}


def _function(name):
    """NumPy's function of a dotted name, None where this version of NumPy lacks it."""
    found = np
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


FUNCTIONS = {
    _function(name): (name, *line) for name, line in [*TABLE.items(), *((name, (made, None)) for name, made in ADAPTED)]
}


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

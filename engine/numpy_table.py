"""NumPy's functions and what each is here: the public function, and NumPy's arguments in NumPy's order.

Imported by engine.numpy_protocol when NumPy first asks.
"""

import numpy as np

from engine import numpy_statistics  # noqa: F401 (enters its functions)
from engine.numpy_functions import ADAPTED

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

"""What an expression that someone else wrote may call: our functions, by PyTorch's names and NumPy's.

Imported by the command line and by verdicts.
"""

import math

import engine  # noqa: F401 - declares the operations
from engine.aliases import accepting
from engine.op import PUBLIC

# Public names that do more, or less, than compute a tensor from their arguments.
LEFT_OUT = {
    "from_numpy", "as_tensor", "asarray", "manual_seed", "is_tensor", "empty", "empty_like", "set_printoptions",
    "device", "get_num_threads", "set_num_threads", "initial_seed", "seed", "broadcast_shapes",
}  # fmt: skip
METHODS_LEFT_OUT = {
    "to", "numpy", "backward", "device", "type", "cpu", "cuda", "element_size", "stride", "is_complex",
    "is_contiguous", "is_floating_point", "to_sparse", "to_sparse_csr", "cfloat", "cdouble", "bfloat16",
    "new_empty", "register_hook",
}  # fmt: skip
ATTRIBUTES = {"shape", "ndim", "values", "indices"}
NUMPY_NAMES = {
    "array": "tensor", "asarray": "tensor", "concatenate": "cat", "power": "pow", "absolute": "abs",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "expand_dims": "unsqueeze", "multiply": "mul", "subtract": "sub",
    "divide": "div", "negative": "neg", "max": "amax", "min": "amin",
}  # fmt: skip


def functions():
    """name -> callable or constant, for explain.parse.evaluate.

    >>> "exp" in functions(), "manual_seed" in functions()
    (True, False)
    """
    table = {"pi": math.pi, "e": math.e, "inf": math.inf}
    for path, made in PUBLIC.items():
        if path.startswith("Tensor.") or path.rpartition(".")[2].startswith("_") or path.endswith("_"):
            continue
        name = path.removeprefix("nn.functional.").removeprefix("special.")
        if name in LEFT_OUT or name.endswith("Tensor") or isinstance(made, type):
            continue
        if name.startswith(("autograd.", "nn.", "optim.", "func.", "utils.")):
            continue
        table.setdefault(name, accepting(path, made))
    for numpy_name, name in NUMPY_NAMES.items():
        if name in table:
            table.setdefault(numpy_name, table[name])
    return table


def methods():
    """The attributes that a value in an expression may be asked for."""
    names = {path.removeprefix("Tensor.") for path in PUBLIC if path.startswith("Tensor.")}
    computing = {name for name in names if not name.startswith("_") and not name.endswith("_")}
    return computing - METHODS_LEFT_OUT | ATTRIBUTES


"""NumPy's argument names, which PyTorch's functions take beside their own. Imported by engine.op."""

from functools import cache

NAMES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}
FIRST = {"A", "B", "L", "tensor"}  # the documents' names of a first argument that PyTorch also takes as input
OTHERS = {
    "swapaxes": {"axis0": "dim0", "axis1": "dim1"},
    "heaviside": {"values": "other"},
    "tensor_split": {"sections": "indices_or_sections", "indices": "indices_or_sections"},
    "split": {"split_size": "split_size_or_sections"},
    "pow_": {"exponent": "other"},
    "cholesky_solve": {"input2": "L"},
}
OWN = ("nn.functional.", "autograd.", "func.", "utils.", "optim.", "Tensor.__")  # Python functions in PyTorch too


def accepting(path, function):
    """The public function under this name, as users call it: with NumPy's names for dim, keepdim, input and other too.

    >>> accepting("sum", lambda input, dim=None: dim)(0, axis=1)
    1
    """
    code = getattr(function, "__code__", None)
    if code is None or hasattr(function, "aliased") or path.startswith(OWN) or path in ("norm", "Tensor.norm"):
        return function
    own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    others = names_for(own, path.endswith("split")) | OTHERS.get(path.rpartition(".")[2], {})
    return renaming(function, others) if others else function


@cache
def names_for(own, plain):
    """Other names -> the function's own, from its arguments; `plain` is a Python function in PyTorch too."""
    names = {} if plain else {alias: name for alias, name in NAMES.items() if name in own and alias not in own}
    if own and own[0] in FIRST and "input" not in own:
        names["input"] = own[0]
    return names


def renaming(function, names):
    """The function, called with other names for some of its keyword arguments too.

    >>> renaming(lambda dim=0: dim, {"axis": "dim"})(axis=1)
    1
    """

    def renamed(*args, **named):
        if named and not named.keys().isdisjoint(names):
            given = {}
            for alias, value in named.items():
                name = names.get(alias, alias)
                if alias in names and name in named:
                    raise TypeError(f"{function.__qualname__}() got an unexpected keyword argument '{alias}'")
                given[name] = value
            named = given
        return function(*args, **named)

    renamed.__name__, renamed.__qualname__ = function.__name__, function.__qualname__
    renamed.__doc__, renamed.__module__ = function.__doc__, function.__module__
    renamed.__wrapped__ = function  # as functools.wraps does, in a quarter of its time: there are hundreds
    return renamed

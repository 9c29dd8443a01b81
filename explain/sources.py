"""The NumPy source of an operation's forward function, with everything that it calls, for generated code.

Imported by explain.code, whose modules need NumPy alone.
"""

import ast
import builtins
import copy
import dis
import inspect
import types
from functools import lru_cache

import numpy as np

from engine.op import Op

HELPERS = {
    "softmax": """def softmax(x, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    e /= e.sum(axis=axis, keepdims=True)
    return e""",
    "log_softmax": """def log_softmax(x, axis):
    d = x - np.max(x, axis=axis, keepdims=True)
    return d - np.log(np.sum(np.exp(d), axis=axis, keepdims=True))""",
    "logsumexp": """def logsumexp(x, axis, keepdims=False):
    top = np.max(x, axis=axis, keepdims=True)
    out = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return out if keepdims else np.squeeze(out, axis=axis)""",
    "sigmoid": """def sigmoid(x):
    with np.errstate(over="ignore"):  # 1/∞ is 0
        return 1 / (1 + np.exp(-x))""",
    "ratio": """def ratio(a, b):
    a, b = np.broadcast_arrays(a, b)
    return np.divide(a, b, out=np.zeros(a.shape), where=b != 0)  # 0/0 is 0: the slope of a norm at 0""",
}


NUMPY = {"np": np, "np.linalg": np.linalg}  # where a name of NumPy's is looked for
LIBRARY = ("numpy", "math", "operator", "itertools", "functools")  # modules that a source may import
MOST = 64  # entries of an array that is written out


class NoSource(NotImplementedError):
    """A function that can't be written out."""


class Sources:
    """Definitions of functions under names of their own, in an order in which they can be run.

    found     name -> Python; a name that stands for two things in different modules becomes two names
    reserved  names that stand for something else

    >>> import math
    >>> made = Sources({})
    >>> made.enter("height", math.sin), made.found
    ('height', {'height': 'from math import sin as height'})
    """

    def __init__(self, found, reserved=()):
        self.found, self.reserved = found, {"np", *reserved}
        self.values = {}  # name -> what it stands for

    def enter(self, name, value):
        """The name under which `value` stands in the module, written out with what it needs."""
        if isinstance(value, Op):
            value = value.forward
        if hasattr(value, "cache_info"):
            value = value.__wrapped__  # a cache changes no result
        name, stem, at = name, name, 1
        while name in self.found or name in self.reserved or hasattr(builtins, name):
            if name in self.values and _same(self.values[name], value):
                return name
            name, at = f"{stem}_{at}", at + 1
        self.values[name] = value
        self.found[name] = None  # its place, should it call itself
        try:
            text = self._written(name, value)
        except NoSource:
            del self.found[name], self.values[name]
            raise
        del self.found[name]
        self.found[name] = text
        return name

    def _written(self, name, value):
        """The statement that makes `name` what `value` is."""
        if isinstance(value, types.FunctionType) and not of_numpy(value):
            return self._function(name, value)
        known = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
        if known in LIBRARY:
            own = value.__name__
            renamed = f" as {name}" if name != own else ""
            return f"import {own}{renamed}" if own == known else f"from {known} import {own}{renamed}"
        if isinstance(value, type) and hasattr(value, "_fields"):
            return f"from collections import namedtuple\n{name} = namedtuple({name!r}, {value._fields!r})"
        return f"{name} = {self._literal(name, value)}"

    def _literal(self, name, value):
        """An expression for a value."""
        place = of_numpy(value)
        if place:
            return place
        if isinstance(value, types.FunctionType):
            return self.enter(value.__name__ if value.__name__.isidentifier() else f"{name}_item", value)
        if isinstance(value, np.dtype):
            return f"np.dtype({value.name!r})"
        if isinstance(value, np.ndarray) and value.size <= MOST:
            return f"np.array({value.tolist()!r}, dtype=np.{value.dtype.name})"
        if isinstance(value, dict):
            pairs = (f"{self._literal(name, key)}: {self._literal(name, item)}" for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        if type(value) in (tuple, list):
            inner = ", ".join(self._literal(name, item) for item in value)
            return f"[{inner}]" if type(value) is list else f"({inner},)" if len(value) == 1 else f"({inner})"
        if isinstance(value, type) and issubclass(value, BaseException):
            return next(base.__name__ for base in value.__mro__ if base.__module__ == "builtins")
        if isinstance(value, type) and issubclass(value, tuple) and not hasattr(value, "_fields"):
            return "tuple"
        if _plain(value):
            return repr(value)
        raise NoSource(f"it uses {name}, which is not a plain function or a number")

    def _function(self, name, function):
        """A function's definition, its globals and the variables that it closes over written out before it."""
        made = _definition(function, name)
        scope = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
        renamed = {}
        for other in sorted(_outside(function) | _in_defaults(made)):
            value = scope.get(other, scope)
            if value is scope or value is np and other == "np":  # a builtin
                continue
            if isinstance(value, types.ModuleType) and value.__name__ not in LIBRARY:
                made = _Opened(other, value, self).visit(made)
                continue
            placed = name if value is function else self.enter(other, value)
            if placed != other:
                renamed[other] = placed
        if renamed:
            made = _Renamed(renamed).visit(made)
        return ast.unparse(ast.fix_missing_locations(made))


class _Renamed(ast.NodeTransformer):
    """Names from outside a function under the names that they got."""

    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)

    def visit_arg(self, node):
        if node.arg in self.names:
            raise NoSource(f"it uses {node.arg} for two things")
        return node


class _Opened(ast.NodeTransformer):
    """module.function as function, for a module that isn't NumPy's."""

    def __init__(self, label, module, sources):
        self.label, self.module, self.sources = label, module, sources

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == self.label:
            return ast.Name(self.sources.enter(node.attr, getattr(self.module, node.attr)), node.ctx)
        return node


def of_numpy(value):
    """Where NumPy has a function, such as np.linalg.det, else None.

    >>> of_numpy(np.linalg.det)
    'np.linalg.det'
    """
    name = getattr(value, "__name__", None)
    if isinstance(getattr(value, "__self__", None), np.ufunc):
        return f"np.{value.__self__.__name__}.{name}"
    for module, names in NUMPY.items():
        if isinstance(name, str) and getattr(names, name, None) is value and callable(value):
            return f"{module}.{name}"
    return None


def _plain(value):
    """Whether a value's repr is Python for it."""
    try:
        return ast.literal_eval(repr(value)) == value
    except (ValueError, SyntaxError):
        return False


def _same(one, other):
    return one is other or type(one) is type(other) and _plain(one) and one == other


def _outside(function):
    """The names that a function, or one within it, takes from outside itself."""
    found, stack = set(), [function.__code__]
    for code in stack:  # which grows
        found |= {each.argval for each in dis.get_instructions(code) if each.opname == "LOAD_GLOBAL"}
        stack += [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return found | set(function.__code__.co_freevars)


def _in_defaults(definition):
    defaults = [*definition.args.defaults, *filter(None, definition.args.kw_defaults)]
    return {node.id for each in defaults for node in ast.walk(each) if isinstance(node, ast.Name)}


def _definition(function, name):
    """The syntax of a function's definition under another name, without docstring or decorators."""
    try:
        lines, _at = inspect.findsource(function)
        tree = _parsed("".join(lines))
    except (OSError, SyntaxError) as error:
        raise NoSource("its source isn't at hand") from error
    code = function.__code__
    places = [(line, column) for line, _end, column, _last in code.co_positions() if line is not None and column]
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            start, end = (node.body.lineno, node.body.col_offset), (node.body.end_lineno, node.body.end_col_offset)
            if node.lineno == code.co_firstlineno and all(start <= place <= end for place in places):
                return _made(name, node.args, [ast.Return(node.body)])
        elif isinstance(node, ast.FunctionDef) and code.co_firstlineno in (
            node.lineno, *(each.lineno for each in node.decorator_list)
        ):  # fmt: skip
            documented = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
            return _made(name, node.args, node.body[documented:] or [ast.Pass()])
    raise NoSource("its source isn't at hand")


@lru_cache(maxsize=64)
def _parsed(text):
    return ast.parse(text)


def _made(name, args, body):
    """A definition of its own, which may be changed."""
    made = ast.FunctionDef(name=name, args=args, body=body, decorator_list=[], type_params=[])
    return copy.deepcopy(made)

"""The NumPy source of an operation's forward function, with everything that it calls, for generated code.

Imported by explain.code, whose modules need NumPy alone.
"""

import ast
import inspect
import textwrap
import types

import numpy as np


class NoSource(NotImplementedError):
    """A function that can't be written out."""


def with_dependencies(function, name):
    """Definitions, in order, that make `name` a function as `function` is; it may call NumPy and plain functions.

    >>> def double(x):
    ...     return np.add(x, x)
    """
    found = {}
    _gather(function, name, found)
    return found


def _gather(function, name, found):
    if name in found:
        return
    source, tree = _source(function, name)
    found[name] = None  # its place, should it call itself
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for other in sorted(used):
        if other in function.__globals__ and other not in ("np", name):
            _gather_global(other, function.__globals__[other], found)
    closed = inspect.getclosurevars(function).nonlocals
    for other, value in closed.items():
        _gather_global(other, value, found)
    del found[name]
    found[name] = source


def _gather_global(name, value, found):
    if isinstance(value, types.FunctionType):
        _gather(value, name, found)
    elif isinstance(value, (int, float, str, tuple)) or value is None:
        found.setdefault(name, f"{name} = {value!r}")
    elif isinstance(value, np.ufunc):
        found.setdefault(name, f"{name} = np.{value.__name__}")
    elif isinstance(value, np.ndarray) and value.size <= 64:
        found.setdefault(name, f"{name} = np.array({value.tolist()!r})")
    elif isinstance(value, types.ModuleType) and value.__name__ in ("math", "operator", "itertools", "functools"):
        found.setdefault(name, f"import {value.__name__} as {name}" if value.__name__ != name else f"import {name}")
    else:
        raise NoSource(f"it uses {name}, which is not a plain function or a number")


def _source(function, name):
    """The function's definition under another name, without docstring or decorators."""
    if not isinstance(function, types.FunctionType):
        raise NoSource("its forward function isn't written in Python")
    try:
        text = textwrap.dedent(inspect.getsource(function))
        tree = ast.parse(text)
    except (OSError, SyntaxError) as error:
        if function.__name__ == "<lambda>":
            tree = _fragment(function)
        else:
            raise NoSource("its source isn't at hand") from error
    made = _definition(tree, function, name)
    return ast.unparse(ast.fix_missing_locations(made)), made


def _fragment(function):
    """The syntax of a lambda whose source line doesn't stand alone."""
    text = textwrap.dedent(inspect.getsource(function)).strip()
    start = text.find("lambda")
    for end in range(len(text), start, -1):
        try:
            return ast.parse(text[start:end], mode="eval")
        except SyntaxError:
            continue
    raise NoSource("its source isn't at hand")


def _definition(tree, function, name):
    wanted = ast.Lambda if function.__name__ == "<lambda>" else ast.FunctionDef
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    for node in ast.walk(tree):
        if not isinstance(node, wanted) or tuple(arg.arg for arg in node.args.args) != names:
            continue
        if isinstance(node, ast.Lambda):
            body = [ast.Return(node.body)]
        else:
            body = node.body
            if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                body = body[1:] or [ast.Pass()]
        return ast.FunctionDef(name=name, args=node.args, body=body, decorator_list=[], type_params=[])
    raise NoSource("its source isn't at hand")

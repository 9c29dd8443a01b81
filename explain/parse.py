"""Expressions that someone else wrote: a grammar that allows what is listed and nothing else, never `eval`.

`ast.parse` makes a tree after explain.tokens has looked at the text; the tree is checked node by node; `evaluate`
walks it over values, functions and methods that the caller passes in. Every complaint is an InputError.
Imported by explain.cli and explain.verdict.
"""

import ast
import difflib
import inspect
import keyword
import operator
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.limits import LIMITS, Guard, Limits
from explain.tokens import ALLOWED, InputError, check_text, check_tokens, first_line, is_name, quoted, wrong


@dataclass(frozen=True, slots=True)
class Tree:
    """A checked expression. `start` is where its text begins in what was given, for columns."""

    text: str
    root: ast.expr
    start: int = 0
    limits: Limits = LIMITS


OPERATORS = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.Pow: ("**", operator.pow),
    ast.MatMult: ("@", operator.matmul),
    ast.UAdd: ("+", operator.pos),
    ast.USub: ("-", operator.neg),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
}

# Where other programs keep the same functions: the first prefix that fits is dropped.
PREFIXES = ("torch.nn.functional.", "nn.functional.", "torch.", "numpy.", "math.", "np.", "F.")
MODULES = ("torch", "numpy", "math", "np", "F", "nn", "linalg")

# The texts that a keyword may have.
TEXTS = {
    "reduction": ("mean", "sum", "none"),
    "approximate": ("none", "tanh"),
    "indexing": ("ij", "xy"),
    "ord": ("fro", "nuc"),
    "padding": ("same", "valid"),
    "mode": ("constant", "reflect", "replicate", "circular", "same", "valid", "full"),
}
EINSUM = re.compile(r"[A-Za-z,.>\- ]{1,200}")


# Text to tree


def parse(text: str, limits: Limits = LIMITS, *, role: str = "value") -> Tree:
    """The checked tree of an expression; a list that is all of it stands for a tensor, or for itself as an "argument".

    >>> parse("X.T @ (p - y) / 3").text
    'X.T @ (p - y) / 3'
    >>> parse("a if a > 0 else 0")
    Traceback (most recent call last):
    explain.tokens.InputError: column 3, 'if': not allowed; write where(condition, a, b)
    """
    check_text(text, limits)
    line = re.sub(r"\s", " ", text)
    check_tokens(line, limits)
    start = len(line) - len(line.lstrip())
    root = _syntax_tree(line.strip(), start)
    if role == "value" and isinstance(root, ast.List):  # [a, b] is tensor([a, b])
        call = ast.Call(ast.Name("tensor", ast.Load()), [root], [])
        root = ast.fix_missing_locations(ast.copy_location(call, root))
    tree = Tree(line.strip(), root, start, limits)
    if sum(isinstance(node, ast.expr) for node in ast.walk(tree.root)) > limits.nodes:
        raise InputError(f"more than {limits.nodes} numbers, names and operations; shorten the expression")
    _check(tree, tree.root, role, 1)
    return tree


def parse_let(text: str, functions: Collection[str] = (), limits: Limits = LIMITS) -> tuple[str, Tree]:
    """Name and tree of one assignment; the name may not be one of `functions`.

    >>> name, tree = parse_let("a=ones(2, 2)")
    >>> name, tree.text
    ('a', 'ones(2, 2)')
    """
    check_text(text, limits)
    left, equals, right = text.partition("=")
    name = unicodedata.normalize("NFKC", left.strip())
    if not equals:
        raise InputError(f"{quoted(text)}: there is no '='; write NAME=VALUE, such as a=ones(2,2)")
    if not is_name(left.strip()) or keyword.iskeyword(name):
        raise InputError(f"{quoted(left.strip())}: not a name; write NAME=VALUE, such as a=ones(2,2)")
    if name in functions:
        raise InputError(f"{quoted(name)}: this is a function's name; choose another")
    return name, parse(" " * (len(left) + 1) + right, limits, role="argument")


def _syntax_tree(source, start):
    if not source:
        raise InputError("the expression is empty; write one, such as mean(a * a)")
    try:
        return ast.parse(source, mode="eval").body
    except SyntaxError as error:
        at = error.offset - 1 if error.offset and error.lineno == 1 else len(source)
        reason = first_line(error.msg).replace(" or ':='", "").rstrip(".")
        what = f"not an expression ({reason}); check operators, commas and brackets"
        raise wrong(start + at, source[at:] or "end", what) from None
    except (ValueError, MemoryError, RecursionError, OverflowError):
        raise InputError(f"{quoted(source)}: nested too deep; drop brackets or name parts") from None


def _check(tree, node, role, level):
    """Refuse what isn't listed. Lists, None and slices stand only in some roles: value, argument, index."""
    limits = tree.limits
    if level > limits.depth:
        raise _wrong(tree, node, f"nested more than {limits.depth} deep; drop brackets or name parts")
    match node:
        case ast.Name():
            pass
        case ast.Constant():
            _check_constant(tree, node, role)
        case ast.BinOp():
            while isinstance(node, ast.BinOp):  # a + b + c is flat
                if type(node.op) not in OPERATORS:
                    raise _wrong(tree, node, f"this operator is not allowed; {ALLOWED}")
                _check(tree, node.right, "value", level + 1)
                node = node.left
            _check(tree, node, "value", level + 1)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub()):
            _check(tree, node.operand, "value", level + 1)
        case ast.Compare():
            if len(node.ops) > 1:
                raise _wrong(tree, node, "a chain of comparisons; write logical_and(a < b, b < c)")
            _check(tree, node.left, "value", level + 1)
            _check(tree, node.comparators[0], "value", level + 1)
        case ast.Attribute():
            if node.attr.startswith("_") or node.attr.endswith("_"):
                raise _wrong(tree, node, "no attribute may begin or end with '_'; use the one without")
            _check(tree, node.value, "value", level + 1)
        case ast.Call():
            _check_call(tree, node, level)
        case ast.Subscript():
            _check(tree, node.value, "value", level + 1)
            _check(tree, node.slice, "index", level + 1)
        case ast.Slice() if role == "index":
            for part in filter(None, (node.lower, node.upper, node.step)):
                _check(tree, part, "value", level + 1)
        case ast.Tuple() | ast.List():
            if role == "value":
                raise _wrong(tree, node, "a list may stand only as an argument or in [ ]; write tensor([...])")
            inside = role if isinstance(node, ast.Tuple) else "argument"
            for item in node.elts:
                _check(tree, item, inside, level + 1)
        case _:
            raise _wrong(tree, node, f"not allowed; {ALLOWED}")


def _check_constant(tree, node, role):
    match node.value:
        case bool() | None:
            if role == "value":
                raise _wrong(tree, node, "this may stand only as an argument or in [ ]; write a number")
        case int():
            if node.value >= tree.limits.integer:
                raise _wrong(tree, node, f"an integer must stay below {tree.limits.integer}; write 1e20 or the like")
        case float():
            if node.value == float("inf"):
                raise _wrong(tree, node, "too large for a float; write less than 1.8e308")
        case str():
            raise _wrong(tree, node, "text may stand only in einsum(...) or after a keyword, as in reduction='sum'")
        case _:
            if role != "index":
                raise _wrong(tree, node, "'...' may stand only in [ ]; write the value out")


def _check_call(tree, node, level):
    if not isinstance(node.func, (ast.Name, ast.Attribute)):
        raise _wrong(tree, node, "only a function can be called; write * for a product")
    _check(tree, node.func, "value", level + 1)
    arguments = node.args
    if (_dotted(node.func) or "").rpartition(".")[2] == "einsum":
        spec = arguments[0].value if arguments and isinstance(arguments[0], ast.Constant) else None
        if not (isinstance(spec, str) and EINSUM.fullmatch(spec)) or node.keywords:
            raise _wrong(tree, node, "einsum takes a text of letters, then arrays; write einsum('ij,jk->ik', A, B)")
        arguments = arguments[1:]
    for argument in arguments:
        _check(tree, argument, "argument", level + 1)
    for word in node.keywords:
        if word.arg is None or word.arg.startswith("_") or word.arg == "out":
            raise _wrong(tree, word, "this keyword is not allowed; leave it out")
        if isinstance(word.value, ast.Constant) and isinstance(word.value.value, str):
            if word.value.value not in TEXTS.get(word.arg, ()):
                known = ", ".join(map(repr, TEXTS.get(word.arg, ()))) or "a number"
                raise _wrong(tree, word, f"this text is not known here; write {known}")
        else:
            _check(tree, word.value, "argument", level + 1)


def _wrong(tree, node, what):
    """The InputError about a node."""
    line = tree.text.encode()  # Python counts columns in bytes
    at = len(line[: node.col_offset].decode())
    return wrong(tree.start + at, line[node.col_offset : node.end_col_offset].decode(), what)


def _dotted(node):
    """The name 'a.b.c' that a chain of attributes spells, or None where it begins with another expression."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


# Tree to value


@dataclass(frozen=True, slots=True)
class _Scope:
    tree: Tree
    names: Mapping[str, Any]
    functions: Mapping[str, Any]
    methods: Collection[str]
    guard: Guard


def evaluate(
    tree: Tree,
    names: Mapping[str, Any],
    functions: Mapping[str, Any],
    methods: Collection[str],
    *,
    guard: Guard | None = None,
) -> Any:
    """The value of a tree, by Python's operators on the values of `names`.

    `functions` has the functions and the constants, such as pi, by name, dotted ones ("linalg.inv") too; np., torch.,
    F. and the like are dropped before the look-up. `methods` are the attributes that a value may be asked for.
    One guard for several trees bounds them all together.

    >>> evaluate(parse("np.mean(2 * (a + 5)**2)"), {"a": np.ones((2, 2))}, {"mean": np.mean}, {"T"})
    np.float64(72.0)
    >>> evaluate(parse("aa + 5"), {"a": 1}, {}, {})
    Traceback (most recent call last):
    explain.tokens.InputError: column 1, 'aa': unknown name; did you mean a?
    """
    scope = _Scope(tree, names, functions, methods, guard or Guard(tree.limits))
    with np.errstate(all="ignore"):
        return _value(scope, tree.root)


def _value(scope, node):
    _attempt(scope, node, scope.guard.tick)
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return scope.names[node.id] if node.id in scope.names else _constant(scope, node, node.id)
        case ast.BinOp():
            chain = []  # a + b + c is flat
            while isinstance(node, ast.BinOp):
                chain.append(node)
                node = node.left
            value = _value(scope, node)
            for node in reversed(chain):
                value = _operation(scope, node, node.op, value, _value(scope, node.right))
            return value
        case ast.UnaryOp():
            return _operation(scope, node, node.op, _value(scope, node.operand))
        case ast.Compare():
            left, right = _value(scope, node.left), _value(scope, node.comparators[0])
            return _operation(scope, node, node.ops[0], left, right)
        case ast.Call():
            return _call(scope, node)
        case ast.Attribute():
            return _attribute(scope, node)
        case ast.Subscript():
            value, index = _value(scope, node.value), _value(scope, node.slice)
            _attempt(scope, node, scope.guard.before_index, value, index)
            return _attempt(scope, node, lambda: scope.guard.after(value[index]))
        case ast.Slice():
            return slice(*(part and _value(scope, part) for part in (node.lower, node.upper, node.step)))
        case ast.Tuple():
            return tuple(_value(scope, item) for item in node.elts)
        case ast.List():
            return [_value(scope, item) for item in node.elts]
    raise _wrong(scope.tree, node, f"not allowed; {ALLOWED}")


def _operation(scope, node, kind, *operands):
    symbol, function = OPERATORS[type(kind)]
    for operand in operands:
        if operand is None or isinstance(operand, (str, list, tuple)):
            what = f"{symbol} takes numbers and arrays, not a {type(operand).__name__}; take an entry of it"
            raise _wrong(scope.tree, node, what)
    if len(operands) == 2:
        _attempt(scope, node, scope.guard.before_operator, symbol, *operands)
    return _attempt(scope, node, lambda: scope.guard.after(function(*operands)))


def _call(scope, node):
    name = _function_name(scope, node.func)
    if name is None:
        value = _value(scope, node.func.value)
        name, args = node.func.attr, [value]
        function = _member(scope, node.func, value)
    else:
        args, function = [], _function(scope, node, name)
    if not callable(function):
        raise _wrong(scope.tree, node, "this is a value, not a function; leave out the ( ), or write * for a product")
    own = len(args)
    args += [_value(scope, argument) for argument in node.args]
    kwargs = {word.arg: _value(scope, word.value) for word in node.keywords}
    _attempt(scope, node, scope.guard.before_call, name, args, kwargs)
    return _attempt(scope, node, lambda: scope.guard.after(scope.guard.in_time(function, args[own:], kwargs)))


def _attribute(scope, node):
    name = _function_name(scope, node)
    if name is not None:
        return _constant(scope, node, name)
    value = _member(scope, node, _value(scope, node.value))
    if inspect.isroutine(value):
        raise _wrong(scope.tree, node, f"this is a method; call it as .{node.attr}()")
    return _attempt(scope, node, scope.guard.after, value)


def _function_name(scope, node):
    """The name by which `functions` may have a node, its prefix dropped; None for an attribute of a value."""
    dotted = _dotted(node)
    root, dot, _rest = (dotted or "").partition(".")
    if dotted is None or (dot and root in scope.names):
        return None
    name = next((dotted.removeprefix(prefix) for prefix in PREFIXES if dotted.startswith(prefix)), dotted)
    return name if not dot or root in MODULES or name in scope.functions else None


def _function(scope, node, name):
    if name in scope.functions:
        return scope.functions[name]
    if name in scope.names:
        raise _wrong(scope.tree, node, "this is a variable, not a function; write * for a product")
    raise _wrong(scope.tree, node, f"unknown function; {_nearest(name, sorted(scope.functions))}")


def _constant(scope, node, name):
    if name not in scope.functions:
        constants = [known for known, made in scope.functions.items() if not callable(made)]
        values = [*scope.names, *constants]
        # A function of two letters is near to any letter, and seldom what a missing variable was meant to be.
        known = _nearest(name, values if len(name) < 3 else [*scope.names, *scope.functions], values)
        raise _wrong(scope.tree, node, f"unknown name; {known}")
    if callable(scope.functions[name]):
        raise _wrong(scope.tree, node, f"this is a function; call it as {name}(...)")
    return scope.functions[name]


def _member(scope, node, value):
    if node.attr not in scope.methods:
        raise _wrong(scope.tree, node, f"unknown method {node.attr!r}; {_nearest(node.attr, sorted(scope.methods))}")
    return _attempt(scope, node, getattr, value, node.attr)


def _nearest(name, known, listed=None):
    """Which known name was meant, or the first of those that are `listed`."""
    close = difflib.get_close_matches(name, known, n=5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    known = known if listed is None else listed
    return f"known are {', '.join(known[:12])}{', ...' * (len(known) > 12)}" if known else "none are known here"


def _attempt(scope, node, function, *args):
    """Call something whose complaint, of whatever kind, becomes an InputError about the node."""
    try:
        return function(*args)
    except InputError:
        raise
    except Exception as error:
        raise _wrong(scope.tree, node, first_line(error) or type(error).__name__) from error

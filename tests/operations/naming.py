"""Where users find an operation: its public names, and the family whose module declares it."""

import ast
import inspect
import sys
from functools import cache

import engine  # noqa: F401  (declares all operations)
from engine.op import PUBLIC, REGISTRY, Op

PLUMBING = {"cast", "reshape", "unsqueeze", "squeeze", "clone", "expand"}  # which a function may use besides
DECLARING = {"numpy", "law", "says"}  # keywords of a declaration


@cache
def families():
    """{first line of a module of engine.ops: its operations}, both in alphabetical order."""
    modules = {name: module for name, module in sys.modules.items() if name.startswith("engine.ops.")}
    owner = {"part": modules["engine.ops.joining"]}  # declared with the tape
    for _name, module in sorted(modules.items()):
        for op_name in declared(module):
            owner[op_name] = module
    for _name, module in sorted(modules.items()):  # those declared in a loop
        for value in vars(module).values():
            if isinstance(value, Op):
                owner.setdefault(value.name, module)
    found = {}
    for op_name in sorted(REGISTRY, key=lambda op_name: (owner[op_name].__name__, op_name)):
        found.setdefault(title(owner[op_name]), []).append(REGISTRY[op_name])
    return dict(sorted(found.items()))


def declared(module):
    """The names of the operations that a module's text declares."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and node.args and DECLARING & {keyword.arg for keyword in node.keywords}:
            first = node.args[0]
            if isinstance(first, ast.Constant) and first.value in REGISTRY:
                yield first.value


def title(module):
    return inspect.getdoc(module).splitlines()[0].rstrip(".")


def public_names(op):
    """Where PyTorch's users find it: functions that are it, else those that run it alone, else among others."""
    same, alone, among_others = callers()[op]
    return same or alone or among_others


@cache
def callers():
    """{operation: (public paths that are it, those that run it alone, those that run it and others)}."""
    found = {op: ([], [], []) for op in REGISTRY.values()}
    documented = {op.__doc__: op for op in REGISTRY.values()}
    for path, made in PUBLIC.items():
        last = path.rpartition(".")[2]
        if last.endswith("_") or last.startswith("_"):
            continue
        if made.__doc__ in documented:
            found[documented[made.__doc__]][0].append(path)
            continue
        direct, besides = operations(made)
        for op in direct or besides:
            alone = len(direct) == 1 and {other.name for other in besides} <= PLUMBING | {op.name}
            found[op][1 if alone else 2].append(path)
    return found


def operations(made):
    """(the operations that a public function refers to, those of its helpers)."""
    if isinstance(made, Op):
        return {made}, set()
    function = made.fget if isinstance(made, property) else made
    if not inspect.isfunction(function):
        return set(), set()
    helpers = [value for value in values(function) if inspect.isfunction(value)]
    return refers(function), {op for helper in helpers for op in refers(helper)}


def refers(function):
    return {value for value in values(function) if isinstance(value, Op)}


def values(function):
    """What a function refers to: globals, what it closes over, defaults."""
    names = function.__code__.co_names
    known = [function.__globals__[name] for name in names if name in function.__globals__]
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    return [*known, *cells, *(function.__defaults__ or ())]

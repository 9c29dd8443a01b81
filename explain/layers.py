"""What layers returned, by the layers' names: conv1 for the result of the module net.conv1.

Where a program is written in modules, its variables are gone when forward() returns. Imported by explain.explanation.
"""

from collections import Counter

from engine.origin import RETURNED_BY
from explain.naming import plain


def layers_of(nodes, variables, frame):
    """node -> name for those of `nodes` that a module with parameters returned which a variable holds.

    The name is the module's own, features_3 for net.features[3]; where two modules have the same, that of its place
    in the variable's module, and at last with the variable's name.
    """
    made = {node: by for node in nodes if (by := RETURNED_BY.get(node, _nothing)()) is not None}
    if not made:
        return {}
    paths = {}
    for scope in _scopes(variables, frame):
        for name, value in list(scope.items()):
            if plain(name) and hasattr(value, "named_modules"):
                _enter(paths, name, value)
    called = {by: paths[id(by)] for by in made.values() if id(by) in paths}
    names = _told_apart(called, _own, lambda path: "_".join(path[1:] or path), "_".join)
    return {node: names[by] for node, by in made.items() if by in called}


def _told_apart(paths, *ways):
    """The name of each, made from its path in the first of `ways` in which no other of them has the same.

    >>> _told_apart({1: ("net", "a", "fc"), 2: ("net", "b", "fc"), 3: ("net", "out")}, _own, "_".join)
    {1: 'net_a_fc', 2: 'net_b_fc', 3: 'out'}
    """
    first, *others = ways
    names = {key: first(path) for key, path in paths.items()}
    count = Counter(names.values())
    alike = {key: path for key, path in paths.items() if count[names[key]] > 1}
    return names | _told_apart(alike, *others) if alike and others else names


def _nothing():
    return None


def _scopes(variables, frame):
    yield variables
    while frame is not None:
        yield frame.f_locals
        if frame.f_globals is not frame.f_locals:
            yield frame.f_globals
        frame = frame.f_back


def _enter(paths, name, module):
    """id of a module -> the parts of its path, for a variable's module and all within."""
    try:
        within = list(module.named_modules())
    except TypeError:  # a class, not a module
        return
    for path, one in within:
        paths.setdefault(id(one), (name, *(path.split(".") if path else ())))


def _own(path):
    """The last part of a path that is a word, with the numbers after it.

    >>> _own(("net", "features", "3"))
    'features_3'
    """
    words = [at for at, part in enumerate(path) if part.isidentifier()]
    return "_".join(path[words[-1] :])

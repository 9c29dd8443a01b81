"""What layers returned, by the layers' names: conv1 for the result of the module net.conv1.

Where a program is written in modules, its variables are gone when forward() returns. Imported by explain.explanation.
"""

from collections import Counter

from engine.origin import RETURNED_BY
from explain.naming import attributes_of, plain, scopes


def layers_of(nodes, variables, frame):
    """node -> name for those of `nodes` that a module with parameters returned which a variable holds.

    The name is the module's own, features_3 for net.features[3]; where two modules have the same, that of its place
    in the variable's module, and at last with the variable's name.
    """
    made = {node: by for node in nodes if (by := RETURNED_BY.get(node, _nothing)()) is not None}
    if not made:
        return {}
    paths = {}
    for scope in (variables, *scopes(frame)):
        for name, value in list(scope.items()):
            if plain(name):
                _enter(paths, (name,), value)
                for key, item in () if hasattr(type(value), "named_modules") else attributes_of(value):
                    _enter(paths, (name, key), item)
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


def _enter(paths, path, value):
    """id of a module -> the parts of its path, for a module and all within; nothing for any other value."""
    for inner, one in value.named_modules() if hasattr(type(value), "named_modules") else ():
        paths.setdefault(id(one), (*path, *(inner.split(".") if inner else ())))


def _own(path):
    """The last part of a path that is a word, with the numbers after it.

    >>> _own(("net", "features", "3"))
    'features_3'
    """
    words = [at for at, part in enumerate(path) if part.isidentifier()]
    return "_".join(path[words[-1] :])

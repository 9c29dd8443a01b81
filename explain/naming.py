"""Names of tensors: the variables in the caller's frames that hold them. Imported by explain.explanation."""

import sys
from types import ModuleType
from weakref import ref

from engine.tape import Outputs
from engine.tensor import Tensor


class Nodes(set):
    """The nodes of a program, and which of them a tensor stands for.

    A leaf that was updated since, as by an optimizer, goes by its tensor's name and with the values that it had.
    """

    def __init__(self, nodes):
        super().__init__(nodes)
        self.former = {}
        for node in sorted((node for node in self if node.op is None), key=lambda node: node.seq):
            tensor = node.owner() if node.owner.__class__ is ref else None
            if tensor is not None and tensor._node not in self:
                self.former[id(tensor)] = node

    def of(self, tensor):
        """The node that a tensor stands for, None if it takes no part."""
        return tensor._node if tensor._node in self else self.former.get(id(tensor))


def is_a(value, kind):
    """As isinstance; but whatever stands in a frame isn't asked what it is, since it may object."""
    return issubclass(type(value), kind)


CONTAINER_BOUND = 10_000  # larger lists and dicts of tensors aren't searched for names


def names_in_frames(frame, nodes):
    """node -> name for those of `nodes` that a variable of `frame`, or of a frame outside it, holds.

    Inner frames win over outer ones, a variable over an entry of a list, and an older variable over a newer.
    """
    found = {}
    for scope in scopes(frame):
        take_names(scope, nodes, found)
    return found


def scopes(frame):
    """The variables of a frame and of those outside it."""
    while frame is not None:
        yield frame.f_locals
        if frame.f_globals is not frame.f_locals:
            yield frame.f_globals
        frame = frame.f_back


def asked_for(keys, names, frame, nodes):
    """node -> name for the names among `keys`: what the reader calls a tensor is its name, whatever else holds it."""
    found = {}
    for key in keys:
        if isinstance(key, str):
            holders = (value for scope in (names, *scopes(frame)) for value in _called(key, scope))
            node = next((nodes.of(value) for value in holders if nodes.of(value) is not None), None)
            if node is not None:
                found.setdefault(node, key)
    return found


def _called(key, variables):
    """The tensors that go by a name, or by a path such as net.fc1.weight, among variables."""
    if is_a(variables.get(key), Tensor):
        yield variables[key]
    elif not key.isidentifier():
        for name, value in list(variables.items()):
            if key.startswith(name) and not is_a(value, Tensor):
                inside = _members(name, value) if _holds_tensors(value) else _attributes(name, value)
                yield from (item for path, item in inside if path == key)


def _holds_tensors(value):
    if is_a(value, ModuleType):  # of Python, such as torch itself
        return False
    return is_a(value, (list, tuple, dict)) or hasattr(type(value), "named_parameters")


def take_names(variables, nodes, found, given=False):
    """Add the names that a frame's variables give to `nodes`, keeping the names that there are.

    A name that the user gave may be any text; a frame's must be one that a program can write: pytest's own are not.
    """
    taken = set(found.values())
    later = []
    for name, value in list(variables.items()):
        if name in taken or not (given or plain(name)):
            continue
        if is_a(value, Tensor):
            enter(found, taken, nodes, name, value)
        elif _holds_tensors(value):
            later.append((name, value))
    for name, value in later:
        for path, item in _members(name, value):
            enter(found, taken, nodes, path, item)


def take_attributes(variables, frame, nodes, found):
    """Where a leaf has no name yet, add those that objects' attributes give: model.w."""
    taken = set(found.values())
    if all(node in found for node in nodes if node.op is None and node.needs):
        return
    for scope in (variables, *scopes(frame)):
        for name, value in list(scope.items()):
            if plain(name) and not _holds_tensors(value):
                for path, item in _attributes(name, value):
                    enter(found, taken, nodes, path, item)


def _attributes(name, value):
    """The tensors in an object's attributes, and in the modules, lists and dicts there, with the paths to them."""
    for key, item in attributes_of(value):
        if is_a(item, Tensor):
            yield f"{name}.{key}", item
        elif _holds_tensors(item):
            yield from _members(f"{name}.{key}", item)


def attributes_of(value):
    """(name, value) of an object's attributes, without running any code of its own."""
    if is_a(value, (Tensor, ModuleType, type)):
        return []
    try:
        return list(object.__getattribute__(value, "__dict__").items())
    except AttributeError:
        return []


def plain(name):
    """Whether a variable of this name is one of the program's own, to be shown by it."""
    return name.isidentifier() and not name.startswith("_")


def enter(found, taken, nodes, name, tensor):
    node = nodes.of(tensor)
    if node is not None and node not in found and name not in taken:
        found[node] = name
        taken.add(name)


def _members(name, value):
    """The tensors in a list, a dict or a module, with the path that leads to each."""
    if hasattr(type(value), "named_parameters"):
        yield from ((f"{name}.{path}", item) for path, item in value.named_parameters() if is_a(item, Tensor))
    elif 0 < len(value) <= CONTAINER_BOUND:
        pairs = list(value.items() if is_a(value, dict) else enumerate(value))
        if is_a(pairs[0][1], Tensor):
            yield from ((f"{name}[{key!r}]", item) for key, item in pairs if is_a(item, Tensor))


def beside(nodes, names, variables, frame):
    """node -> name of outputs that `nodes` leave out of an operation with several: the lam of lam, V = eigh(A)."""
    several = {node for node in nodes if isinstance(node.output, Outputs)}
    if not several:
        return {}
    found, others = {}, Others(several)
    take_names(variables, others, found)
    for node, name in names_in_frames(frame, others).items():
        found.setdefault(node, name)
    taken = set(names.values())
    return {node: name for node, name in found.items() if node not in names and name not in taken}


class Others:
    """The nodes that pick an output of these nodes, as Nodes has those of a program."""

    def __init__(self, several):
        self.several = several

    def of(self, tensor):
        """The node of a tensor, None if it is none of these."""
        node = tensor._node
        return node if node.op is not None and node.op.name == "part" and node.inputs[0] in self.several else None


def call_with_locals(function, args):
    """(result, locals): a function's result, and its own variables when it returned."""
    code = getattr(function, "__code__", None) or getattr(getattr(function, "forward", None), "__code__", None)
    caught = {}

    def watch(frame, event, argument):
        if event == "return" and frame.f_code is code:
            caught.clear()
            caught.update(frame.f_locals)
        if callable(before):
            before(frame, event, argument)

    before = sys.getprofile()
    paused = before if hasattr(before, "disable") else None  # a profiler in C, as cProfile is before Python 3.12
    if paused is not None:
        paused.disable()
    try:
        sys.setprofile(watch)
        result = function(*args)
    finally:
        sys.setprofile(None if paused is not None else before)
        if paused is not None:
            paused.enable()
    return result, caught


def last_scalar(variables):
    """The scalar with a derivative that was computed last among a program's variables, None if there is none."""
    tensors = [value for value in variables.values() if is_a(value, Tensor)]
    scalars = [value for value in tensors if value.requires_grad and value._node.output.size == 1 and not value.is_leaf]
    return max(scalars, key=lambda value: value._node.seq, default=None)


def fresh(name, taken):
    """A name like `name` that isn't taken yet.

    >>> fresh("t", {"t", "t1"})
    't2'
    """
    if name not in taken:
        return name
    at = 1
    while f"{name}{at}" in taken:
        at += 1
    return f"{name}{at}"

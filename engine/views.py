"""Views of a tensor's memory: what happens in place to one of a family happens to all, as in PyTorch.

A view knows its base, and a base its views. Imported by engine.recording and engine.ops.subscript, which make
views, by engine.inplace, which changes them, and by engine.autograd, which refuses values that were overwritten.
"""

from weakref import ref

import numpy as np

from engine.memory import unshared
from engine.mode import enable_grad
from engine.op import REGISTRY
from engine.tape import Node, constant, now

VIEWS = frozenset({"getitem", "reshape", "permute", "unsqueeze", "squeeze", "expand", "diagonal"})
UNDONE = frozenset({"reshape", "permute", "unsqueeze", "squeeze"})  # whose pullback is their inverse
ON_VIEW = (
    "an in-place operation on a view ({}) of a tensor with history isn't supported; write y = y + ... instead, "
    "or clone() the view first"
)
MODIFIED = (
    "one of the variables needed for gradient computation has been modified by an inplace operation: an operand of "
    "{} was overwritten after it was used; clone() it before it is used, or write x = x + ... instead"
)


def follow(view, base, made):
    """Let `view` and `base` know each other; `made` is the key of base[key], or (operation, parameters) in a list."""
    view._base = (base, made)
    views = getattr(base, "_views", None)
    if views is None:
        base._views = [ref(view)]
        return
    views.append(ref(view))
    if not len(views) & 63:
        base._views = [one for one in views if one() is not None]


def base_of(tensor):
    """(base, operation, parameters) of a view that still shares its base's memory, else None."""
    base, made = getattr(tensor, "_base", None) or (None, None)
    if base is None:
        return None
    op, params = _maker(made)
    node, held = tensor._node, base._node
    if node.op is not None and (node.op is not op or node.first is not held):
        return None
    return (base, op, params) if np.may_share_memory(node.output, held.output) else None


def _maker(made):
    if made.__class__ is list:
        return made
    from engine.ops.indexing import Key

    return REGISTRY["getitem"], {"key": Key(made)}


def replaced(base, op, params, result):
    """The base after its view op(base, **params) became `result`."""
    if op.name == "getitem":
        return REGISTRY["set_slice"](base, result, key=params["key"])
    if op.name in UNDONE:
        return op.vjp[0](result, None, base, **params)
    raise RuntimeError(ON_VIEW.format(op.name))


def views_of(base, before):
    """The live views of a base whose node was `before`, as (view, operation, parameters)."""
    for one in getattr(base, "_views", None) or ():
        view = one()
        if view is None:
            continue
        op, params = _maker(view._base[1])
        node = view._node
        of_history = node.op is op and node.first is before
        of_constant = node.op is None and not node.needs
        if (of_history or of_constant) and np.may_share_memory(node.output, before.output):
            yield view, op, params


def refresh(base, before):
    """Make the views of a base that moved on from the node `before` views of what it is now."""
    if getattr(base, "_views", None) is None:
        return
    with enable_grad():
        for view, op, params in list(views_of(base, before)):
            old, new = view._node, op(base, **params)._node
            detached = old.op is None and before.needs  # made while nothing was recorded
            view._node = constant(new.output) if detached else new
            refresh(view, old)


# memory that was overwritten although the tape may hold views of it

_written = {}  # id of an array that owns memory -> (weak reference to it, when)


def _owner(array):
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def note_write(array):
    """Remember that memory was written which something else refers to as well."""
    owner = _owner(array)
    if unshared(owner, holders=1):
        return
    key = id(owner)
    _written[key] = (ref(owner, lambda _gone: _written.pop(key, None)), now())


def refuse_overwritten(nodes):
    """PyTorch's error if an operation's operands or output were overwritten since it was recorded."""
    if not _written:
        return
    for node in nodes:
        if node.op is not None and node.op.saves:
            for x in (node, *node.inputs):
                if x.__class__ is Node and isinstance(x.output, np.ndarray):
                    written = _written.get(id(_owner(x.output)))
                    if written is not None and written[1] > node.seq:
                        raise RuntimeError(MODIFIED.format(node.op.name))

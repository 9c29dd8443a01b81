"""Tensor.register_hook: what is called with a gradient on its way, and may change it.

The sweep asks `among` for the nodes with hooks. Imported by engine.autograd.
"""

from itertools import count
from weakref import WeakKeyDictionary, ref

import numpy as np

from engine.op import public
from engine.tensor import Tensor, wrap

ON_NODES = WeakKeyDictionary()  # node with history -> {number: hook}
ON_LEAVES = {}  # id of a leaf tensor -> (weak reference, {number: hook}): its node changes with every step
_numbers = count()


class RemovableHandle:
    """What takes a hook away again."""

    def __init__(self, hooks, number):
        self.hooks, self.id = hooks, number

    def remove(self):
        """Take the hook away."""
        self.hooks.pop(self.id, None)


@public("Tensor.register_hook")
def _register_hook(self, hook):
    """Call hook(gradient) whenever this tensor's gradient is computed; a tensor that it returns replaces the gradient.

    RuntimeError for a tensor that doesn't require grad. The handle's remove() takes the hook away.

    >>> import engine as torch
    >>> x = torch.ones(2, requires_grad=True)
    >>> handle = x.register_hook(lambda g: g * 10)
    >>> x.sum().backward()
    >>> x.grad
    tensor([10., 10.])
    """
    node = self._node
    if not node.needs:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if node.op is not None:
        hooks = ON_NODES.setdefault(node, {})
    else:
        key = id(self)
        if key not in ON_LEAVES:
            ON_LEAVES[key] = (ref(self, lambda _gone: ON_LEAVES.pop(key, None)), {})
        hooks = ON_LEAVES[key][1]
    number = next(_numbers)
    hooks[number] = hook
    return RemovableHandle(hooks, number)


def among(nodes):
    """{node: its hooks as one function of the gradient} for those of `nodes` that have some, or None."""
    if not ON_NODES and not ON_LEAVES:
        return None
    found = {}
    for node in nodes:
        if node.op is not None:
            hooks = ON_NODES.get(node)
        else:
            owner = node.owner and node.owner()
            hooks = ON_LEAVES[id(owner)][1] if id(owner) in ON_LEAVES else None
        if hooks:
            found[node] = _one(tuple(hooks.values()))
    return found or None


def _one(hooks):
    def changed(g):
        as_array = not isinstance(g, Tensor)
        for hook in hooks:
            got = hook(wrap(np.asarray(g)) if as_array else g)
            if got is not None:
                if not isinstance(got, Tensor):
                    raise TypeError(f"hook returned {type(got).__name__}; return a tensor, or None to leave it")
                if tuple(got.shape) != tuple(g.shape):
                    raise RuntimeError(
                        f"hook has changed the size of value: it was {list(g.shape)} and is {list(got.shape)}"
                    )
                g = got._node.output if as_array else got
        return g

    return changed

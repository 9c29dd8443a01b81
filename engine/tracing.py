"""Trees of tensors, and what a transform of functions differentiates with respect to. Imported by engine.func."""

from contextlib import contextmanager
from weakref import WeakKeyDictionary

from engine.mode import enable_grad
from engine.ops.typing import clone
from engine.tape import order
from engine.tensor import Tensor, wrap

# trees of tensors


def leaves(tree):
    """The tensors of a tree, in order."""
    if isinstance(tree, Tensor):
        return [tree]
    if isinstance(tree, (tuple, list)):
        return [leaf for part in tree for leaf in leaves(part)]
    if isinstance(tree, dict):
        return [leaf for part in tree.values() for leaf in leaves(part)]
    raise TypeError(f"expected tensors, or tuples, lists and dicts of them, but got {type(tree).__name__}")


def mapped(function, tree, *others):
    """The tree with `function` applied to each tensor, along with what stands there in other trees."""
    if isinstance(tree, dict):
        return {key: mapped(function, part, *(other[key] for other in others)) for key, part in tree.items()}
    if isinstance(tree, (tuple, list)):
        parts = [mapped(function, *parts) for parts in zip(tree, *others)]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return function(tree, *others)


def rebuilt(tree, values):
    """The tree with its tensors replaced, in order."""
    values = iter(values)
    return mapped(lambda _leaf: next(values), tree)


# where a derivative starts, and what leaves it


depths = WeakKeyDictionary()  # node of a traced tensor -> how many transforms were running, its own included
running = [0]


@contextmanager
def transform():
    """While a transform runs, so that what it traces is told apart from what those around it trace."""
    running[0] += 1
    try:
        with enable_grad():
            yield
    finally:
        running[0] -= 1


def traced_copy(x):
    """A tensor to differentiate with respect to: linked to x if x is itself being differentiated, else on its own."""
    if not isinstance(x, Tensor):
        raise TypeError(f"a derivative is taken with respect to tensors, not {type(x).__name__}; use torch.tensor(...)")
    if x.requires_grad:
        return clone(x)
    fresh = wrap(x._node.output).requires_grad_()
    depths[fresh._node] = running[0]
    return fresh


def released(y, own, depth=None):
    """y without its history, unless that leads to tensors of the user's or of a transform further out.

    `own` is what the transform traced; `depth` how many transforms are running, it included.
    """
    if not isinstance(y, Tensor) or not y.requires_grad:
        return y
    own = {x._node for x in own}
    depth = running[0] if depth is None else depth
    kept = any(
        node.op is None and node not in own and depths.get(node, -1) < depth for node in order(y._node)
    )
    return y if kept else y.detach()


def freed(tree, traced):
    """A tree of anything, its tensors without the history that ends in the traced tensors alone."""
    if isinstance(tree, dict):
        return {key: freed(part, traced) for key, part in tree.items()}
    if isinstance(tree, (tuple, list)) and not hasattr(tree, "_fields"):
        return type(tree)(freed(part, traced) for part in tree)
    return released(tree, traced)

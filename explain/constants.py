"""Constants that the program computed, such as -y or 1 - y, put back on the tape by their recipes.

They need no gradient, so the tape has them as leaves; a reader would rather see what they are.
Imported by explain.explanation.
"""

import numpy as np

from engine.origin import Recipe
from engine.tape import Node


def with_constants(nodes, names, wrt=(), assumed=()):
    """node -> node that stands for it: copies of what depends on computed constants whose recipes still hold.

    A computed node in `wrt` is a variable of its own here: a leaf stands for it. Nodes that stay as they are aren't
    in the result. An array that the user named is given, unless it was compared with what has a gradient, or something
    is assumed of what it was computed from, of which a fact about it may follow.
    """
    stands = {node: _placed(Node(None, (), node.output), node.seq) for node in wrt if node.op is not None}
    for node in nodes:
        if node in stands:
            continue
        if node.op is None:
            _stand_in(node, names, assumed, stands)
        elif any(x in stands for x in node.inputs if x.__class__ is Node):
            inputs = tuple(stands.get(x, x) if x.__class__ is Node else x for x in node.inputs)
            stands[node] = _placed(Node(node.op, inputs, node.output, node.params, node.needs), node.seq)
    return stands


def _stand_in(node, names, assumed, stands):
    """What stands for a constant, itself if nothing does."""
    computed = node not in stands and node.op is None and isinstance(node.owner, Recipe)
    if computed and (node not in names or node.output.size == 1 or told(node, assumed)):
        made = _remade(node.owner, node.output, names, assumed, stands)
        if made is not None:
            stands[node] = made
    return stands.get(node, node)


def told(node, assumed):
    """Whether a named array is told by what it was computed from."""
    return any(x in assumed or x.needs for x in behind([node]))


def behind(nodes):
    """The nodes that the recipes of constants lead to, as far as they are still there."""
    found, stack = set(), [node.owner for node in nodes if node.op is None and isinstance(node.owner, Recipe)]
    while stack:
        for operand in stack.pop().operands:
            if isinstance(operand, tuple):
                weak, inner = operand
                node = weak()
                if node is not None:
                    found.add(node)
                if inner is not None:
                    stack.append(inner)
    return found


def _placed(node, seq):
    """A copy takes its original's place in the order of recording."""
    node.seq = seq
    return node


def _remade(recipe, output, names, assumed, stands):
    """The node of a recipe, if its operands are still there and give the same values; else None."""
    inputs, values = [], []
    for operand in recipe.operands:
        if not isinstance(operand, tuple):
            inputs.append(operand)
            values.append(operand)
            continue
        weak, inner = operand
        node = weak()
        if node is not None and (node in names or inner is None or node.needs):
            made = _stand_in(node, names, assumed, stands)
        elif inner is not None:
            made = _remade(inner, None if node is None else node.output, names, assumed, stands)
        else:
            return None
        if made is None:
            return None
        inputs.append(made)
        values.append(made.output)
    with np.errstate(all="ignore"):
        try:
            again = recipe.op.forward(*values, **recipe.params)
        except (TypeError, ValueError):
            return None
    if not isinstance(again, np.ndarray | np.generic) or 0 in np.shape(again):
        return None
    if output is not None and not np.array_equal(again, output, equal_nan=again.dtype.kind == "f"):
        close = again.dtype.kind == "f" and np.allclose(again, output, 1e-5, 1e-6)
        if not close:
            return None
    node = Node(recipe.op, tuple(inputs), np.asarray(again if output is None else output), recipe.params, False)
    # It comes after its operands, and before whatever was recorded after them.
    last = max((x.seq for x in inputs if x.__class__ is Node), default=-1)
    return _placed(node, last + (1 - last % 1) / 2)

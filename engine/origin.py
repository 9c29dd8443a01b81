"""Where a tensor came from: the recipe of one that was computed but needs no gradient, and the module that returned it.

Imported by engine.recording, which writes recipes, by engine.nn, and by explain, which writes -y rather than k for such
a constant and calls a layer's result by the layer's name.
A recipe holds no array alive: it has weak references to the nodes that it was made from.
"""

from typing import NamedTuple
from weakref import WeakKeyDictionary, ref

from engine.mode import mode
from engine.tape import Node, constant

DEEPEST = 6  # recipes within recipes; a running average would otherwise remember its whole life


RECORDED = 3  # operations behind what was compared: in e.abs() < 1 nothing but the recipe keeps e.abs()


RETURNED_BY = WeakKeyDictionary()  # node -> weak reference to the innermost module with parameters that returned it


class Recipe(NamedTuple):
    """An operation, its operands and parameters. An operand is a number or (weak node, its own recipe or None)."""

    op: object
    operands: tuple
    params: dict
    depth: int


def computed(op, inputs, params, output):
    """The node of a constant, with its recipe as `owner`."""
    node = constant(output)
    if mode.enabled:
        depth = 1
        operands = []
        for x in inputs:
            if x.__class__ is not Node:
                operands.append(x)
                continue
            inner = _recorded(x, RECORDED) if x.needs and not op.vjp else None if x.needs else x.owner
            if inner is not None:
                depth = max(depth, inner.depth + 1)
            elif x.needs and op.vjp:
                return node  # its gradient was refused or switched off
            operands.append((ref(x), inner))
        if depth <= DEEPEST:
            node.owner = Recipe(op, tuple(operands), params, depth)
    return node


def _recorded(node, depth):
    """The recipe of a node on the tape, which may be gone when somebody asks; None for a leaf."""
    if node.op is None or depth == 0:
        return None
    operands = []
    for x in node.inputs:
        if x.__class__ is not Node:
            operands.append(x)
        else:
            operands.append((ref(x), _recorded(x, depth - 1) if x.needs else x.owner))
    return Recipe(node.op, tuple(operands), node.params, RECORDED - depth + 1)

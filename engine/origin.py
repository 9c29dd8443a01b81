"""Where a constant came from: the recipe of a tensor that was computed but needs no gradient.

Imported by engine.recording, which writes recipes, and by explain, which writes -y rather than k for such a constant.
A recipe holds no array alive: it has weak references to the nodes that it was made from.
"""

from typing import NamedTuple
from weakref import ref

from engine.mode import mode
from engine.tape import NO_PARAMS, Node

DEEPEST = 6  # recipes within recipes; a running average would otherwise remember its whole life


class Recipe(NamedTuple):
    """An operation, its operands and parameters. An operand is a number or (weak node, its own recipe or None)."""

    op: object
    operands: tuple
    params: dict
    depth: int


def computed(op, inputs, params, output):
    """The node of a constant, with its recipe as `owner`."""
    node = Node(None, (), output, NO_PARAMS, False)
    if mode.enabled:
        depth = 1
        operands = []
        for x in inputs:
            if x.__class__ is not Node:
                operands.append(x)
                continue
            inner = None if x.needs else x.owner
            if inner is not None:
                depth = max(depth, inner.depth + 1)
            elif x.needs and op.vjp:
                return node  # its gradient was refused or switched off
            operands.append((ref(x), inner))
        if depth <= DEEPEST:
            node.owner = Recipe(op, tuple(operands), params, depth)
    return node

"""A tape read as symbols: node.expr, and the reader that the symbolic sweep uses."""

from engine.symbols.sym import Sym, apply, lift, symbol
from engine.tape import Node, Outputs, Reader


def node_expression(node):
    """The expression of one node in symbols for its inputs, named x, y, z or x1, x2, ..."""
    inputs = [x for x in node.inputs if x.__class__ is Node]
    names = "xyz" if len(inputs) <= 3 else [f"x{at + 1}" for at in range(len(inputs))]
    named = {}
    for x, name in zip(dict.fromkeys(inputs), names):
        named[x] = symbol(name, x.output.shape)
    if node.op is None:
        return symbol("x", node.output.shape).expr
    return forward(node, named.get).expr


def forward(node, value):
    """A node's definition as a Sym: its operation read on its inputs' symbols."""
    args = [value(x) if x.__class__ is Node else lift(x) for x in node.inputs]
    return apply(node.op, args, node.params)


def reader(value):
    """The symbolic reader of the sweep over `value`: node -> Sym."""
    return Reader(value, lift, lambda op: op.vjp)


__all__ = ["Outputs", "Sym", "forward", "node_expression", "reader"]

"""The tape: nodes, topological order, and the one reverse sweep, whose parameter is the reader.

A node is data (operation, inputs, output), never a closure, since a closure can't be explained.
Imported by engine.tensor, engine.autograd and everything in explain.
"""

from itertools import count
from operator import attrgetter

from engine.op import Every, op  # noqa: F401  (rules find Every beside Outputs and Parts)
from engine.ops.fitting import cast, fit_shape

_clock = count()
NO_PARAMS = {}


class Node:
    """One recorded operation, or a leaf (op is None). Inputs are nodes or Python numbers."""

    __slots__ = ("op", "inputs", "output", "params", "seq", "needs", "spent", "owner", "__weakref__")

    def __init__(self, op, inputs, output, params=NO_PARAMS, needs=True):
        self.op = op
        self.inputs = inputs
        self.output = output
        self.params = params
        self.needs = needs  # requires grad
        self.spent = False  # PyTorch would have freed its saved tensors
        self.owner = None  # weak reference to the tensor whose .grad a sweep fills
        self.seq = next(_clock)

    @property
    def shape(self):
        return self.output.shape

    @property
    def dtype(self):
        return self.output.dtype

    def vjp(self, g):
        """The numeric pullback: the cotangent of each input from the output's, None where there is none."""
        found = {}
        pull(self, g, NUMBERS, found)
        return tuple(found.get(x) if x.__class__ is Node else None for x in self.inputs)

    @property
    def expr(self):
        """This node's SymPy expression in its parents' symbols."""
        from engine.symbols.reading import node_expression

        return node_expression(self)


class Outputs(tuple):
    """The outputs of an operation with several; `part` picks one."""

    __slots__ = ()
    shape = None
    dtype = None


class Parts(dict):
    """The cotangent of several outputs: index -> cotangent; a missing one is zero."""

    __slots__ = ()
    shape = None
    dtype = None

    def __add__(self, other):
        merged = Parts(self)
        for index, g in other.items():
            merged[index] = merged[index] + g if index in merged else g
        return merged

    def of(self, index, output):
        """The cotangent of one output, zeros where nothing depends on it."""
        return self[index] if index in self else output * 0


part = op(
    "part",
    numpy=lambda outputs, index: outputs[index],
    vjp=[lambda g, y, outputs, index: Parts({index: g})],
    shape=lambda shapes, index: shapes[index],
    types=None,
    saves=False,
    rule="one of several outputs",
    says="Picks one output of an operation that has several.",
    law="y = one of the outputs",
    internal="tried with each operation that has several outputs",
)


class Reader:
    """What a rule runs on: `value(node)` gives the ndarray, the symbol or the tensor of a node."""

    __slots__ = ("value", "number", "rules")

    def __init__(self, value, number, rules):
        self.value = value
        self.number = number  # of a Python number
        self.rules = rules  # of an operation


NUMBERS = Reader(attrgetter("output"), lambda number: number, lambda op: op.numeric or op.vjp)


def order(root, needed=True):
    """The nodes that root depends on, itself last; with `needed`, only those that require grad.

    The time of recording is a topological order, so neither recursion nor a depth-first search is needed.
    """
    seen = {root}
    stack = [root]
    while stack:
        for node in stack.pop().inputs:
            if node.__class__ is Node and (node.needs or not needed) and node not in seen:
                seen.add(node)
                stack.append(node)
    return sorted(seen, key=attrgetter("seq"))


def pull(node, g, reader, found, wanted=None):
    """Add what one node passes back to the cotangents `found` of its inputs, each of its input's shape."""
    value = reader.value
    inputs = node.inputs
    primals = [value(x) if x.__class__ is Node else reader.number(x) for x in inputs]
    y = value(node)
    rules = reader.rules(node.op)
    params = node.params
    for at, x in enumerate(inputs):
        if x.__class__ is not Node or not x.needs or (wanted is not None and x not in wanted):
            continue
        rule = rules[at]
        if rule is None:
            raise NotImplementedError(no_derivative(node, at))
        d = rule(g, y, *primals, **params) if params else rule(g, y, *primals)
        primal = primals[at]
        if d.shape != primal.shape:
            d = fit_shape(d, primal.shape)
        if d.dtype is not primal.dtype:
            d = cast(d, primal.dtype)
        found[x] = found[x] + d if x in found else d


def sweep(nodes, seeds, reader, wanted=None):
    """The reverse sweep over `nodes` in recording order; `seeds`: node -> cotangent. Returns all cotangents.

    `wanted` limits it to nodes on a path to what is asked for.
    """
    found = dict(seeds)
    for node in reversed(nodes):
        if node.op is not None and node in found:
            pull(node, found[node], reader, found, wanted)
    return found


def leading_to(nodes, targets):
    """Those of `nodes` (in recording order) that depend on one of `targets`, targets included."""
    targets = set(targets)
    leading = set()
    for node in nodes:
        if node in targets or any(x in leading for x in node.inputs if x.__class__ is Node):
            leading.add(node)
    return leading


def no_derivative(node, at):
    return (
        f"the operation {node.op.name} has no derivative with respect to its operand {at + 1}; "
        "detach() that operand, or use an operation that has one"
    )

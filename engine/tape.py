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


def now():
    """The time on the tape: later than all that was recorded."""
    return next(_clock)

_new = object.__new__
_recorded = attrgetter("seq")


class Node:
    """One recorded operation, or a leaf (op is None). Inputs are nodes or Python numbers.

    One or two inputs lie in the node itself, as `first` and `second` (None if there is one): a tuple for each node
    would cost the garbage collector as much again. Otherwise `first` is the tuple of all.
    """

    __slots__ = ("op", "first", "second", "output", "params", "seq", "needs", "spent", "owner", "__weakref__")

    def __init__(self, op, inputs, output, params=NO_PARAMS, needs=True):
        self.op = op
        if 0 < len(inputs) < 3:
            self.first = inputs[0]
            self.second = inputs[1] if len(inputs) == 2 else None
        else:
            self.first = tuple(inputs)
            self.second = None
        self.output = output
        self.params = params
        self.needs = needs  # requires grad
        self.spent = False  # PyTorch would have freed its saved tensors
        self.owner = None  # weak reference to the tensor whose .grad a sweep fills; a constant's recipe
        self.seq = next(_clock)

    @property
    def inputs(self):
        first = self.first
        if first.__class__ is tuple:
            return first
        return (first,) if self.second is None else (first, self.second)

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


def recorded(op, first, second, output):
    """As Node(op, (first, second), output), quicker; `second` is None for an operation of one operand."""
    node = _new(Node)
    node.op = op
    node.first = first
    node.second = second
    node.output = output
    node.params = NO_PARAMS
    node.needs = True
    node.spent = False
    node.owner = None
    node.seq = next(_clock)
    return node


def constant(output):
    """The node of an array that needs no gradient, as Node(None, (), output, NO_PARAMS, False), quicker."""
    node = _new(Node)
    node.op = node.second = node.owner = None
    node.first = ()
    node.output = output
    node.params = NO_PARAMS
    node.needs = node.spent = False
    node.seq = next(_clock)
    return node


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
    nodes = [root]
    seen = {root}
    for node in nodes:  # which grows
        x = node.first
        if x.__class__ is Node:
            if x not in seen and (x.needs or not needed):
                seen.add(x)
                nodes.append(x)
        elif x.__class__ is tuple:
            for one in x:
                if one.__class__ is Node and one not in seen and (one.needs or not needed):
                    seen.add(one)
                    nodes.append(one)
        x = node.second
        if x.__class__ is Node and x not in seen and (x.needs or not needed):
            seen.add(x)
            nodes.append(x)
    nodes.sort(key=_recorded)
    return nodes


def pull(node, g, reader, found, wanted=None):
    """Add what one node passes back to the cotangents `found` of its inputs, each of its input's shape."""
    value = reader.value
    inputs = node.inputs
    primals = [value(x) if x.__class__ is Node else reader.number(x) for x in inputs]
    y = value(node)
    rules = reader.rules(node.op)
    params = node.params
    for at, x in enumerate(inputs):
        if asks(x, wanted):
            rule = rules[at] or refuse(node, at)
            d = rule(g, y, *primals, **params) if params else rule(g, y, *primals)
            arrive(found, x, d, primals[at])


def asks(x, wanted):
    """Whether an operand is to get a cotangent."""
    return x.__class__ is Node and x.needs and (wanted is None or x in wanted)


def arrive(found, x, d, primal, ours=None):
    """Add a contribution to x's cotangent, in its primal's shape and dtype.

    A sum of arrays that was made here belongs to nobody else, so the next contribution is added in place;
    `ours` holds the nodes with such a sum.
    """
    if d.shape != primal.shape:
        d = fit_shape(d, primal.shape)
    if d.dtype is not primal.dtype:
        d = cast(d, primal.dtype)
    before = found.get(x)
    if before is None:
        found[x] = d
    elif ours is None:
        found[x] = before + d
    elif x in ours:
        before += d
        found[x] = before
    else:
        found[x] = before + d
        ours.add(x)


def sweep(nodes, seeds, reader, wanted=None, keep=None, hooks=None):
    """The reverse sweep over `nodes` in recording order; `seeds`: node -> cotangent. Returns all cotangents.

    `wanted` limits it to nodes on a path to what is asked for. With `keep`, an inner node's cotangent is let go
    once it has been passed on, unless the node is in `keep` or its tensor retains its gradient. `hooks`: node -> what
    changes its whole cotangent.
    """
    found = dict(seeds)
    if reader is NUMBERS and not hooks:
        return sweep_numbers(nodes, found, wanted, keep)
    for node in reversed(nodes):
        if hooks and node in hooks and node in found:
            found[node] = hooks[node](found[node])
        if node.op is not None and node in found:
            g = found[node] if keeps(node, keep) else found.pop(node)
            pull(node, g, reader, found, wanted)
    return found


def sweep_numbers(nodes, found, wanted, keep):
    """As sweep with any other reader, quicker for the one or two operands that most operations have."""
    ours = set()
    for node in reversed(nodes):
        op = node.op
        if op is None or node not in found:
            continue
        g = found[node] if keep is None or node.owner is not None or node in keep else found.pop(node)
        x = node.first
        z = node.second
        if node.params or x.__class__ is tuple:
            pull(node, g, NUMBERS, found, wanted)
            continue
        y = node.output
        rules = op.numeric or op.vjp
        if z is None:
            if x.needs and (wanted is None or x in wanted):
                a = x.output
                arrive(found, x, (rules[0] or refuse(node, 0))(g, y, a), a, ours)
            continue
        a = x.output if x.__class__ is Node else x
        b = z.output if z.__class__ is Node else z
        if x.__class__ is Node and x.needs and (wanted is None or x in wanted):
            arrive(found, x, (rules[0] or refuse(node, 0))(g, y, a, b), a, ours)
        if z.__class__ is Node and z.needs and (wanted is None or z in wanted):
            arrive(found, z, (rules[1] or refuse(node, 1))(g, y, a, b), b, ours)
    return found


def keeps(node, keep):
    return keep is None or node.owner is not None or node in keep


def leading_to(nodes, targets):
    """Those of `nodes` (in recording order) that depend on one of `targets`, targets included."""
    targets = set(targets)
    leading = set()
    for node in nodes:
        if node in targets or not leading.isdisjoint(node.inputs):
            leading.add(node)
    return leading


def refuse(node, at):
    raise NotImplementedError(
        f"the operation {node.op.name} has no derivative with respect to its operand {at + 1}; "
        "detach() that operand, or use an operation that has one"
    )

"""grad_fn and next_functions: PyTorch's view of the tape. Imported by engine.tensor when asked for."""

from engine.tape import Node, part

_classes = {}


class GradFn:
    """A node as PyTorch shows it; equal for equal nodes."""

    __slots__ = ("node",)

    def __init__(self, node):
        self.node = node

    def name(self):
        """PyTorch's name of this node, such as AddBackward0."""
        return type(self).__name__

    @property
    def next_functions(self):
        """The nodes that this one passes cotangents to, with the index of their output."""
        return tuple(_next(x) for x in self.node.inputs)

    @property
    def expr(self):
        """The SymPy expression of this operation in its inputs' symbols."""
        return self.node.expr

    def __eq__(self, other):
        return isinstance(other, GradFn) and other.node is self.node

    def __hash__(self):
        return id(self.node)

    def __repr__(self):
        where = "torch.autograd.function." if self.node.op and self.node.op.name == "user_function" else ""
        return f"<{where}{self.name()} object at {hex(id(self.node))}>"


class AccumulateGrad(GradFn):
    """Where a leaf's cotangents are added up."""

    __slots__ = ()

    @property
    def variable(self):
        """The leaf tensor."""
        owner = self.node.owner
        return owner() if owner is not None else None


def grad_fn(node):
    """The view of a node; None for a leaf."""
    if node.op is None:
        return None
    shown = node.inputs[0] if node.op is part else node
    return _class(backward_name(shown))(node)


def backward_name(node):
    """PyTorch's name, which for pow, say, depends on which operands are numbers."""
    name = node.op.torch
    return name(node) if callable(name) else name


def _class(name):
    if name not in _classes:
        _classes.setdefault(name, type(name, (GradFn,), {"__slots__": ()}))  # another thread may have been first
    return _classes[name]


def _next(x):
    if x.__class__ is not Node or not x.needs:
        return (None, 0)
    if x.op is None:
        return (AccumulateGrad(x), 0)
    return (grad_fn(x), x.params["index"] if x.op is part else 0)

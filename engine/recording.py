"""Recording: what runs an operation on tensors and puts it on the tape. Imported by engine and engine.autograd."""

from types import NoneType

import numpy as np

from engine.aliases import accepting
from engine.deferred import Deferred
from engine.errors import as_pytorch
from engine.mode import mode
from engine.op import PUBLIC, READERS, Op
from engine.origin import computed
from engine.promotion import TYPES
from engine.tape import NO_PARAMS, Node, Outputs, constant, part, recorded
from engine.tensor import Tensor, of_node, wrap
from engine.views import VIEWS, follow

MISSING = object()
NUMBER = (int, float)
new_object = object.__new__


def record(op, args, params):
    """Run an operation on tensors, numbers and arrays; put it on the tape if a gradient may be asked for."""
    inputs = []
    values = []
    needs = False
    for at, arg in enumerate(args):
        if isinstance(arg, Tensor):
            node = arg._node
            inputs.append(node)
            values.append(node.output)
            needs = needs or node.needs
        elif isinstance(arg, NUMBER):
            inputs.append(arg)
            values.append(arg)
        elif isinstance(arg, (np.ndarray, np.generic)):
            inputs.append(constant(arg))
            values.append(arg)
        else:
            raise TypeError(
                f"{op.name}(): argument {at + 1} must be Tensor, not {type(arg).__name__}; "
                "make a tensor of it with torch.tensor(...)"
            )
    if op.types is not None:
        values = TYPES[op.types](values)
    recording = needs and op.vjp and mode.enabled
    try:
        output = (recording and op.keeping or op.forward)(*values, **params)
    except (ValueError, IndexError, TypeError, np.linalg.LinAlgError) as error:
        raise as_pytorch(error, op, values) from error
    if recording:
        node = Node(op, tuple(inputs), output, params or NO_PARAMS)
    else:
        node = computed(op, inputs, params, output)
    if output.__class__ is Outputs:
        return Outputs(part_of(node, output, index) for index in range(len(output)))
    new = of_node(node)
    if op.moves and op.name in VIEWS and isinstance(args[0], Tensor):
        follow(new, args[0], [op, params])
    return new


def part_of(node, outputs, index):
    """One output of an operation with several, as a tensor."""
    if node.op is None or outputs[index].dtype.kind != "f":
        return wrap(outputs[index])
    return of_node(Node(part, (node,), outputs[index], {"index": index}))


def unary(op):
    """The operation as a function of one tensor: one with floating entries goes straight onto the tape."""
    forward = op.forward
    differentiable = bool(op.vjp)

    def careful(input):
        return apply(input)

    def apply(input=MISSING, *others, **named):
        if others or named or input is MISSING:
            return accepting(op.name, careful)(*(() if input is MISSING else (input, *others)), **named)
        if input.__class__ is not Tensor:
            return op(tensor_like(op.name, input))
        x = input._node
        value = x.output
        if not (x.needs or value.dtype.kind == "f"):
            return record(op, (input,), NO_PARAMS)
        output = forward(value)
        new = new_object(Tensor)
        if x.needs and differentiable and mode.enabled:
            new._node = recorded(op, x, None, output)
        else:
            new._node = computed(op, (x,), NO_PARAMS, output)
        return new

    for function in (careful, apply):
        function.__name__ = function.__qualname__ = op.name
        function.__doc__ = op.__doc__
    apply.__wrapped__ = careful  # whose signature it has
    apply.aliased = True  # a wrapper around it would cost a tenth of a short operation
    return apply


def tensor_like(name, value):
    """What an operation takes in place of a tensor: a subclass, a symbol, an array, a number; else TypeError."""
    if value.__class__ in READERS or isinstance(value, (*NUMBER, np.ndarray, np.generic)):
        return value
    raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(value).__name__}")


def of_one_operand(op):
    """Whether an operation is elementwise in one operand and takes nothing else."""
    plain = op.types in ("arithmetic", "float") and op.elementwise
    return plain and len(op.vjp) == 1 and not any(params for _args, params in op.samples)


def binary(op, reflected=False):
    """The operation as a method of two operands: equal float dtypes or a Python number, else record."""
    forward = op.forward
    differentiable = bool(op.vjp)

    def apply(self, other):
        x = self._node
        value = x.output
        kind = other.__class__
        if kind is Tensor:
            y = other._node
            second = y.output
            needs = x.needs or y.needs
            if value.dtype is not second.dtype or not needs and value.dtype.kind != "f":
                return record(op, (other, self) if reflected else (self, other), NO_PARAMS)
        elif (kind is float or kind is int) and (x.needs or value.dtype.kind == "f"):
            y = second = other
            needs = x.needs
        elif operand(other):
            return record(op, (other, self) if reflected else (self, other), NO_PARAMS)
        else:
            return NotImplemented
        try:
            output = forward(second, value) if reflected else forward(value, second)
        except ValueError as error:
            raise as_pytorch(error, op, (value, second)) from error
        new = new_object(Tensor)
        if needs and differentiable and mode.enabled:
            new._node = recorded(op, y, x, output) if reflected else recorded(op, x, y, output)
        else:
            new._node = computed(op, (y, x) if reflected else (x, y), NO_PARAMS, output)
        return new

    apply.__name__ = op.name
    return apply


def of_arrays(op):
    """As binary, for an operation that takes no numbers: Python raises its TypeError for what has no shape."""
    compute = binary(op)

    def apply(self, other):
        return compute(self, other) if other.__class__ is Tensor or hasattr(other, "shape") else NotImplemented

    apply.__name__ = op.name
    return apply


def operand(value):
    return isinstance(value, (Tensor, int, float, np.ndarray, np.generic))


READERS[Tensor] = record


def as_functions(public):
    """Put a quick function in the place of each operation of one operand."""
    for path, made in public.items():
        if made.__class__ is Op and of_one_operand(made):
            public[path] = unary(made)


def operators():
    """Give Tensor its operators; engine does this once arithmetic is declared."""
    from engine.ops import arithmetic as a
    from engine.ops.matrix import matmul

    for name, op in {"add": a.add, "sub": a.sub, "mul": a.mul, "truediv": a.div, "pow": a.pow_}.items():
        setattr(Tensor, f"__{name}__", binary(op))
        setattr(Tensor, f"__r{name}__", binary(op, reflected=True))
    for name, op in {"lt": a.lt, "le": a.le, "gt": a.gt, "ge": a.ge, "eq": a.eq, "ne": a.ne}.items():
        setattr(Tensor, f"__{name}__", binary(op))
    Tensor.__matmul__ = of_arrays(matmul)


def install():
    """Give Tensor the methods that are declared by now: engine does so, and engine.rest when all are."""
    as_functions(PUBLIC)
    own = vars(Tensor)
    for path, made in PUBLIC.items():
        if path.startswith("Tensor."):
            name = path.removeprefix("Tensor.")
            if own.get(name).__class__ in (NoneType, Deferred):
                setattr(Tensor, name, accepting(path, made))

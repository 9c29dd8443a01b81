"""Changes of dtype, and which dtypes a reduction takes."""

import numpy as np

from engine import dtypes
from engine.op import call, op, public
from engine.ops.fitting import cast


def dtype_of(x):
    return x.dtype.numpy if isinstance(x.dtype, dtypes.dtype) else x.dtype


def refuse_numbers(name, **arguments):
    """Refuse Python numbers where PyTorch takes tensors only."""
    for position, (argument, value) in enumerate(arguments.items(), 1):
        if isinstance(value, (int, float)):
            raise TypeError(
                f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {type(value).__name__}"
            )


_NAMES = {
    "float64": "Double", "float32": "Float", "float16": "Half", "int64": "Long", "int32": "Int", "int16": "Short",
    "int8": "Char", "uint8": "Byte", "bool": "Bool",
}  # fmt: skip
C_TYPES = {
    "Double": "double", "Float": "float", "Half": "c10::Half", "Long": "long int", "Int": "int", "Short": "short int",
    "Char": "signed char", "Byte": "unsigned char", "Bool": "bool",
}  # fmt: skip


def dtype_name(x):
    """What PyTorch's messages call an operand's dtype."""
    return _NAMES[str(dtype_of(x))]


def converted(x, dtype):
    """x in another dtype; itself where it has it already."""
    target = dtypes.as_numpy(dtype)
    return x if dtype_of(x) == target else cast(x, dtype=target)


def summable(x, dtype):
    """The operand of a sum: integers and booleans are summed as int64."""
    if dtype is not None:
        return converted(x, dtype)
    return converted(x, np.dtype(np.int64)) if dtype_of(x).kind in "biu" else x


def averageable(x, dtype):
    """The operand of a mean, which must be floating."""
    if dtype is not None:
        return converted(x, dtype)
    if dtype_of(x).kind != "f":
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {dtype_name(x)}"
        )
    return x


clone = op(
    "clone",
    numpy=lambda x: np.array(x),
    sympy=lambda x: x,
    vjp=[lambda g, y, x: g],
    types=None,
    saves=False,
    rule="copy",
    says="A copy passes its cotangent on unchanged.",
    law="y = x",
    samples=[call((2, 3))],
    linear=(0,),
    moves=True,
)


copied = op(
    "copied",
    numpy=lambda x: np.array(x),
    vjp=[lambda g, y, x: g],
    types=None,
    saves=False,
    text="{0}",
    torch="CopyBackwards",
    rule="copy",
    says="A copy passes its cotangent on unchanged.",
    law="y = x",
    linear=(0,),
    moves=True,
    internal="what backward(create_graph=True) leaves in .grad",
)


@public("clone", "Tensor.clone")
def _clone(input, *, memory_format=None):
    """y = x in new memory;  x̄ = g.

    >>> import engine as torch
    >>> torch.clone(torch.ones(2))
    tensor([1., 1.])
    """
    return clone(input)


@public("Tensor.type_as")
def type_as(self, other):
    """The tensor in the dtype of another one."""
    return converted(self, other.dtype)


@public("Tensor.to")
def to(self, *args, dtype=None, device=None, copy=False, non_blocking=False, memory_format=None):
    """The tensor in another dtype; a device is accepted if it is the CPU."""
    flags = [arg for arg in args if isinstance(arg, bool)]  # non_blocking, copy
    copy = flags[1] if len(flags) == 2 else copy
    for arg in args[: len(args) - len(flags)]:
        if isinstance(arg, dtypes.dtype):
            dtype = arg
        elif hasattr(arg, "dtype"):
            dtype = arg.dtype
        else:
            device = arg
    if device is not None and not str(device).startswith("cpu"):
        raise RuntimeError(f"there is no device {device!s} here; NumPy computes on the CPU, so leave the device out")
    moved = self if dtype is None else converted(self, dtype)
    return clone(self) if copy and moved is self else moved


def _conversion(name, dtype):
    def convert(self, memory_format=None):
        return converted(self, dtype)

    convert.__name__ = name
    convert.__doc__ = f"The tensor as {dtype!r}."
    return public(f"Tensor.{name}")(convert)


for _name in ("half", "float", "double", "int", "long", "bool", "short"):
    _conversion(_name, getattr(dtypes, _name))


@public("result_type")
def _result_type(tensor1, tensor2):
    """The dtype that an operation on both would have: tensors with axes decide before those without, and numbers.

    >>> import engine as torch
    >>> torch.result_type(torch.tensor([1, 2]), 1.0)
    torch.float32
    """
    return dtypes.result_type(*(x._node.output if hasattr(x, "_node") else x for x in (tensor1, tensor2)))


@public("can_cast")
def _can_cast(from_, to):
    """Whether PyTorch lets a result of one dtype be written into a tensor of another.

    >>> import engine as torch
    >>> torch.can_cast(torch.float64, torch.float32), torch.can_cast(torch.float32, torch.int64)
    (True, False)
    """
    order = "bif"
    kinds = [{"u": "i"}.get(d.numpy.kind, d.numpy.kind) for d in (from_, to)]
    return order.index(kinds[0]) <= order.index(kinds[1])

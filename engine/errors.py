"""NumPy's complaints in PyTorch's words. Imported by engine.tensor."""

import math

import numpy as np


def as_pytorch(error, op, values):
    """The error that PyTorch raises where NumPy raised `error`."""
    shapes = [np.shape(value) for value in values]
    if op.name == "matmul":
        return RuntimeError(matmul_message(*shapes))
    if op.elementwise and len(shapes) > 1:
        clash = first_clash(shapes[0], shapes[1])
        if clash is not None:
            return RuntimeError(size_message(*clash))
    if isinstance(error, TypeError) and (op.name.startswith("bitwise_") or op.name in ("sub", "neg")):
        return _of_booleans_and_bits(op.name, values)
    if op.name == "pow" and "negative integer powers" in str(error):
        return RuntimeError(str(error))
    kind = IndexError if isinstance(error, IndexError) else RuntimeError
    return kind(f"{op.name}(): {error}")


def _of_booleans_and_bits(name, values):
    """PyTorch's errors for arithmetic with Booleans, and for the bits of floats."""
    if name == "sub":
        return RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
            "operator instead."
        )
    if name == "neg":
        return RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use "
            "the `~` or `logical_not()` operator instead."
        )
    if name == "bitwise_not":
        return TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    kernel = {"bitwise_left_shift": "lshift", "bitwise_right_shift": "rshift"}.get(name, name)
    dtype = {"float16": "Half", "float32": "Float", "float64": "Double"}.get(str(values[0].dtype), "Bool")
    return NotImplementedError(f'"{kernel}_cpu" not implemented for \'{dtype}\'')


def matmul_message(a, b):
    """PyTorch's words for shapes that have no matrix product, which tell how it would have computed it."""
    if not a or not b:
        return f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D"
    if len(a) == 1 and len(b) == 1:
        return (
            f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same number of elements, "
            f"but got {a[0]} and {b[0]} elements respectively"
        )
    if len(b) == 1:
        rows = math.prod(a[:-1])
        return f"size mismatch, got input ({rows}), mat ({rows}x{a[-1]}), vec ({b[0]})"
    if len(b) > 2:
        clash = first_clash(a[:-2], b[:-2])
        if clash is not None:
            return size_message(*clash)
        batch = math.prod(np.broadcast_shapes(a[:-2], b[:-2]))
        return (
            f"Expected size for first two dimensions of batch2 tensor to be: [{batch}, {a[-1]}] "
            f"but got: [{batch}, {b[-2]}]."
        )
    rows = math.prod(a[:-1])
    return f"mat1 and mat2 shapes cannot be multiplied ({rows}x{a[-1]} and {b[0]}x{b[1]})"


def size_message(at, first, second):
    return (
        f"The size of tensor a ({first}) must match the size of tensor b ({second}) "
        f"at non-singleton dimension {at}"
    )


def first_clash(a, b):
    """The last axis where two shapes don't broadcast, as PyTorch counts it, with both sizes."""
    rank = max(len(a), len(b))
    a = (1,) * (rank - len(a)) + tuple(a)
    b = (1,) * (rank - len(b)) + tuple(b)
    for at in reversed(range(rank)):
        if a[at] != b[at] and 1 not in (a[at], b[at]):
            return at, a[at], b[at]
    return None

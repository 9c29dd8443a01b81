"""NumPy's complaints in PyTorch's words. Imported by engine.tensor."""

import numpy as np


def as_pytorch(error, op, values):
    """The error that PyTorch raises where NumPy raised `error`."""
    shapes = [np.shape(value) for value in values]
    if op.name == "matmul":
        return RuntimeError(matmul_message(*shapes))
    if op.elementwise and len(shapes) > 1:
        clash = first_clash(shapes[0], shapes[1])
        if clash is not None:
            at, first, second = clash
            return RuntimeError(
                f"The size of tensor a ({first}) must match the size of tensor b ({second}) "
                f"at non-singleton dimension {at}"
            )
    kind = IndexError if isinstance(error, IndexError) else RuntimeError
    return kind(f"{op.name}(): {error}")


def matmul_message(a, b):
    if not a or not b:
        dims = f"{len(a)}D and {len(b)}D"
        return f"both arguments to matmul need to be at least 1D, but they are {dims}"
    if len(a) == 1 and len(b) == 1:
        return f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same number of elements, but got {a[0]} and {b[0]} elements respectively"  # noqa: E501
    if len(a) == 2 and len(b) == 1:
        return f"size mismatch, got input ({a[0]}), mat ({a[0]}x{a[1]}), vec ({b[0]})"
    rows = a if len(a) > 1 else (1, *a)
    columns = b if len(b) > 1 else (*b, 1)
    return (
        f"mat1 and mat2 shapes cannot be multiplied ({'x'.join(map(str, rows[-2:]))} and "
        f"{'x'.join(map(str, columns[-2:]))})"
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

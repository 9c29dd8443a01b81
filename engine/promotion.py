"""PyTorch's type promotion, applied to the operands of one operation. Imported by engine.tensor."""

import numpy as np

from engine import dtypes


def arithmetic(values):
    """All operands in their common dtype."""
    if in_one_floating_dtype(values):
        return values
    target = dtypes.as_numpy(dtypes.result_type(*values))
    return [_to(value, target) for value in values]


def floating(values):
    """As arithmetic; integers become the default float dtype."""
    if in_one_floating_dtype(values):
        return values
    target = dtypes.as_numpy(dtypes.result_type(*values))
    if target.kind != "f":
        target = dtypes.as_numpy(dtypes.get_default_dtype())
    return [_to(value, target) for value in values]


def in_one_floating_dtype(values):
    """Whether all operands are arrays of the same floating dtype, as they mostly are."""
    first = getattr(values[0], "dtype", None)
    if first is None or first.kind != "f":
        return False
    return len(values) == 1 or all(getattr(value, "dtype", None) is first for value in values)


def alike(values):
    """Operands that must come in one dtype, as in matrix products."""
    if in_one_floating_dtype(values):
        return values
    arrays = [value for value in values if hasattr(value, "dtype")]
    first = arrays[0].dtype
    for other in arrays[1:]:
        if other.dtype != first:
            raise RuntimeError(
                f"expected m1 and m2 to have the same dtype, but got: {_c_name(first)} != {_c_name(other.dtype)}"
            )
    return values


def _to(value, target):
    if hasattr(value, "dtype"):
        return value if value.dtype == target else value.astype(target)
    return np.asarray(value, dtype=target)[()]


_C_NAMES = {"float32": "float", "float64": "double", "int64": "long long", "int32": "int", "bool": "bool"}


def _c_name(dtype):
    return _C_NAMES.get(str(dtype), str(dtype))


def choice(values):
    """A condition as it is; the branches in their common dtype."""
    return [values[0], *arithmetic(values[1:])]


def filling(values):
    """What is put into an array takes its dtype; the mask stays."""
    array, mask, value = values
    return [array, mask, _to(value, array.dtype)]


TYPES = {"choice": choice, "filling": filling, "arithmetic": arithmetic, "float": floating, "alike": alike}

"""Arrays abridged for a page. Imported by renderers."""

import numpy as np

from explain.render.notation import short_number

LARGEST = 9  # entries shown in full


def abridged(value):
    """An array in a few words: one number if all entries agree, small arrays whole, large ones by shape and range.

    >>> abridged(np.full((2, 2), 6.0)), abridged(np.array([1.0, 2.5]))
    ('6', '[1, 2.5]')
    """
    array = np.asarray(value)
    if array.dtype == bool:
        array = array.astype(int)
    if not array.size:
        return f"an empty {shape_text(array.shape)} array"
    first = array.flat[0]
    if array.size == 1 or np.all(array == first):
        return short_number(float(first))
    if array.size <= LARGEST:
        return _nested(array)
    least, largest = short_number(float(array.min())), short_number(float(array.max()))
    return f"{shape_text(array.shape)} entries from {least} to {largest}"


def shape_text(shape):
    """(2, 3) -> 2×3."""
    return "×".join(map(str, shape)) if shape else "scalar"


def _nested(array):
    if array.ndim == 1:
        return "[" + ", ".join(short_number(float(x)) for x in array) + "]"
    return "[" + ", ".join(map(_nested, array)) + "]"

"""Arrays abridged for a page. Imported by renderers."""

import numpy as np

from explain.render.notation import short_number

LARGEST = 9  # entries shown in full


def abridged(value, digits=6):
    """An array in a few words: small vectors whole, one number for a matrix whose entries agree, small ones whole.

    Larger ones by shape and range.

    >>> abridged(np.full((2, 2), 6.0)), abridged(np.array([1.0, 2.5])), abridged(np.array([-0.0, 0.0]))
    ('6', '[1, 2.5]', '[0, 0]')
    """
    array = np.asarray(value)
    if array.dtype == bool:
        array = array.astype(int)
    if not array.size:
        return f"an empty {shape_text(array.shape)} array"
    first = array.flat[0]
    vector = array.ndim == 1 and 1 < array.size <= LARGEST
    if array.size == 1 or not vector and np.all(array == first):
        return _number(first, digits)
    if array.size <= LARGEST:
        return _nested(array, digits)
    least, largest = _number(array.min(), digits), _number(array.max(), digits)
    return f"{shape_text(array.shape)} entries from {least} to {largest}"


def shape_text(shape):
    """(2, 3) -> 2×3."""
    return "×".join(map(str, shape)) if shape else "scalar"


def shape_words(shape):
    """What stands beside an equation: scalar, length 3, 2×3.

    >>> shape_words(()), shape_words((3,)), shape_words((2, 3))
    ('scalar', 'length 3', '2×3')
    """
    return f"length {shape[0]}" if len(shape) == 1 else shape_text(shape)


def _number(value, digits):
    return short_number(float(value) + 0.0, digits)  # -0 is 0


def _nested(array, digits):
    if array.ndim == 1:
        return "[" + ", ".join(_number(x, digits) for x in array) + "]"
    return "[" + ", ".join(_nested(part, digits) for part in array) + "]"

"""Sizes of values and of what indexing takes, told from shapes alone. Imported by explain.sizes and explain.limits.

A value is known by its `shape`, so arrays, tensors and symbols are alike; an axis whose size is a symbol counts as 1.
"""

import math
import numbers


def shape(value):
    """A shape as ints; () where a value has none.

    >>> import numpy as np
    >>> shape(np.ones((2, 3))), shape([[1, 2], [3, 4]]), shape(5)
    ((2, 3), (2, 2), ())
    """
    if isinstance(value, (list, tuple)):
        return (len(value), *shape(value[0])) if value else (0,)
    try:
        return tuple(int(n) if isinstance(n, numbers.Integral) else 1 for n in getattr(value, "shape", ()))
    except Exception:  # a `shape` that is a method, or one that a symbol can't tell
        return ()


def elements(value):
    return math.prod(shape(value))


def broadcast(*shapes):
    """The shape that shapes broadcast to; where they clash the larger size, and the operation will complain.

    >>> broadcast((3, 1), (4,), ())
    (3, 4)
    """
    rank = max(map(len, shapes), default=0)
    aligned = [(1,) * (rank - len(sizes)) + tuple(sizes) for sizes in shapes]
    return tuple(map(max, *aligned)) if len(aligned) > 1 else tuple(*aligned)


def indexed_size(value, index):
    """At most so many elements has value[index]: the kept axes, times the places that index arrays name.

    >>> import numpy as np
    >>> indexed_size(np.ones((5, 6, 7)), (slice(None), [0, 0]))
    70
    """
    items = index if isinstance(index, tuple) else (index,)
    sizes, axis, kept, arrays = shape(value), 0, 1, []
    for item in items:
        taken = _axes_taken(item)
        if item is Ellipsis:
            taken = max(0, len(sizes) - sum(map(_axes_taken, items)))
        if item is Ellipsis or isinstance(item, slice):
            kept *= math.prod(sizes[axis : axis + taken])
        elif taken:
            arrays.append(shape(item) if taken == 1 else (elements(item),))
        axis += taken
    return kept * math.prod(sizes[axis:]) * math.prod(broadcast(*arrays))


def _axes_taken(item):
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    is_mask = str(getattr(item, "dtype", "")).endswith("bool")
    return len(shape(item)) if is_mask else 1

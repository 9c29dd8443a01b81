"""What a forward pass computed besides its output, and its numeric pullback would compute again.

It is kept with the output's array and lives as long. A pullback that doesn't find it computes it, so nothing but time
depends on it. Imported by operations that are declared with `keeping=`.
"""

from weakref import ref

_kept = {}  # id of an output -> (weak reference to it, what was computed besides)


def keep(output, value):
    """The output, an array that nobody else has seen, with `value` kept for as long as it lives.

    >>> import numpy as np
    >>> y = keep(np.zeros(2), "what its pullback needs")
    >>> kept(y)
    'what its pullback needs'
    """
    key = id(output)
    _kept[key] = (ref(output, lambda _gone, forget=_kept.pop: forget(key, None)), value)
    return output


def kept(output):
    """What is kept with an output; None if nothing is.

    >>> import numpy as np
    >>> kept(np.zeros(2)) is None
    True
    """
    found = _kept.get(id(output))
    return found[1] if found is not None and found[0]() is output else None

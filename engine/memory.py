"""Whose memory an array is: what nobody else can see may be taken over. Imported by engine, its autograd and inplace.

CPython counts references; an array that only the caller's variable holds can't be seen from elsewhere. NumPy
itself reuses temporaries on the same ground. A count that is too high only means a copy.
"""

import gc
from contextlib import contextmanager
from sys import getrefcount

import numpy as np


def unshared(array, holders=0):
    """Whether nothing but the caller's variable and `holders` other places refers to an array that owns its memory.

    >>> x = np.ones(3)
    >>> y = x[:2]
    >>> unshared(x), unshared(y)
    (False, False)
    """
    return (
        array.__class__ is np.ndarray
        and array.base is None
        and array.flags.writeable
        and getrefcount(array) <= _ALONE + holders
    )


def _references(array):
    return getrefcount(array)


def _of_a_variable():
    array = np.empty(0)
    return _references(array)


_ALONE = min(_of_a_variable() for _ in range(20))


@contextmanager
def uncollected():
    """Keep the garbage collector at rest where much is made and none of it garbage.

    >>> with uncollected():
    ...     gc.isenabled()
    False
    """
    collecting = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if collecting:
            gc.enable()

"""Array symbols, size letters, and the shape of an expression."""

from functools import lru_cache

import sympy
from sympy.core.symbol import Symbol

from engine.op import broadcast_shapes


class ArraySymbol(Symbol):
    """A real symbol that stands for a whole array and carries its shape; equal if name and shape are.

    >>> ArraySymbol("a", (2, 3)).shape
    (2, 3)
    """

    __slots__ = ("shape",)

    def __new__(cls, name, shape=(), **assumptions):
        assumptions.setdefault("real", True)
        new = Symbol.__xnew__(cls, name, **assumptions)
        new.shape = tuple(shape)
        return new

    def _hashable_content(self):
        return (self.name, self.shape, *sorted(self.assumptions0.items()))

    def __getnewargs_ex__(self):
        return (self.name, self.shape), self._assumptions_orig


@lru_cache(maxsize=256)
def letter(name):
    """A size as a letter: a positive integer symbol.

    >>> letter("n").is_positive
    True
    """
    return Symbol(name, integer=True, positive=True)


@lru_cache(maxsize=1 << 16)
def shape_of(expr):
    """The shape that an expression has as an array; () for what is the same in every entry.

    >>> shape_of(ArraySymbol("a", (2, 1)) * ArraySymbol("b", (3,)))
    (2, 3)
    """
    shape = getattr(expr, "shape", None)
    if isinstance(shape, tuple):
        return shape
    args = expr.args
    if not args:
        return ()
    if len(args) == 1:
        return shape_of(args[0])
    return broadcast_shapes(*map(shape_of, args))


def is_number(expr):
    return isinstance(expr, sympy.Number)

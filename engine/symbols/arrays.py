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

    __slots__ = ("shape", "key", "__weakref__")

    def __new__(cls, name, shape=(), **assumptions):
        assumptions.setdefault("real", True)
        new = Symbol.__xnew__(cls, name, **assumptions)
        new.shape = tuple(shape)
        new.key = (name, new.shape, *sorted(new.assumptions0.items()))
        leave_open(new._assumptions)
        return new

    def _hashable_content(self):
        return self.key  # SymPy asks whenever it orders terms or factors

    def __eq__(self, other):
        if self is other:
            return True
        if other.__class__ is not ArraySymbol:
            return NotImplemented if not isinstance(other, sympy.Basic) else False
        return self.key == other.key

    def __ne__(self, other):
        return not self == other

    __hash__ = Symbol.__hash__

    def __getnewargs_ex__(self):
        return (self.name, self.shape), self._assumptions_orig


def leave_open(assumptions):
    """Say of all that doesn't follow from what is assumed that it is unknown: SymPy takes long to find out."""
    for fact in assumptions.rules.defined_facts:
        assumptions.setdefault(fact)


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


def real(expr):
    """An expression without re and im, which SymPy writes in |2**x| where it doesn't know x real: all here is.

    >>> real(sympy.re(sympy.Symbol("x")) + 1)
    x + 1
    """
    if not expr.has(sympy.re, sympy.im):
        return expr
    return expr.replace(sympy.re, lambda x: x).replace(sympy.im, lambda x: sympy.S.Zero)


NONE = frozenset()


@lru_cache(maxsize=1 << 16)
def symbols_in(expr):
    """The symbols of an expression, remembered, as those of its parts are.

    >>> sorted(map(str, symbols_in(ArraySymbol("a") * ArraySymbol("b") + 1)))
    ['a', 'b']
    """
    if expr.is_Symbol:
        return frozenset((expr,))
    args = expr.args
    if len(args) == 1:
        return symbols_in(args[0])
    return NONE.union(*map(symbols_in, args))


@lru_cache(maxsize=1 << 16)
def is_number(expr):
    """Whether an expression is a number, however it is written: without symbols and without structure.

    >>> is_number(sympy.sqrt(2) + 1), is_number(ArraySymbol("a") + 1)
    (True, False)
    """
    args = expr.args
    return all(map(is_number, args)) and bool(expr.is_number)


@lru_cache(maxsize=1 << 16)
def is_undefined(expr):
    """Whether something in an expression is infinite whatever the variables are, or no number at all: 1/0, 0/0.

    >>> is_undefined(ArraySymbol("a") + sympy.zoo), is_undefined(ArraySymbol("a") + 1)
    (True, False)
    """
    return expr is sympy.zoo or expr is sympy.nan or any(map(is_undefined, expr.args))


def applied(function, *args):
    """A function of SymPy's on real arguments: no re and im are left, and tanh of an array or a sum is made at once.

    There SymPy would look long for multiples of i π, and for whether the terms are zero together. Without numbers
    among them neither can be.

    >>> a, b = ArraySymbol("a"), ArraySymbol("b")
    >>> applied(sympy.tanh, a + b) == sympy.tanh(a + b), applied(sympy.tanh, -a - b)
    (True, -tanh(a + b))
    """
    if function is sympy.tanh:
        (x,) = args
        plain = x.is_Add and not x.could_extract_minus_sign() and not any(map(is_number, x.args))
        if plain or isinstance(getattr(x, "shape", None), tuple):
            return function(x, evaluate=False)
    made = function(*args)
    return real(made) if function is sympy.Abs else made

"""Sym: an expression with its shape, on which a rule is read for formulas.

The gradient of a sum is 1 as an expression but an array as a value, so the two travel together.
"""

import numbers
from weakref import WeakValueDictionary

import numpy as np
import sympy
from sympy import Add, Mul, S

from engine.op import READERS, broadcast_shapes
from engine.ops import arithmetic
from engine.symbols.arrays import ArraySymbol, applied, shape_of
from engine.symbols.exact import exact
from engine.symbols.structure import Structure, structure


class Sym:
    """An array as a formula: a SymPy expression and the shape that it has as a value.

    >>> x = symbol("x", (2, 3))
    >>> (x * x).expr, (x / x).shape
    (x**2, (2, 3))
    """

    __slots__ = ("expr", "shape")
    dtype = None

    def __init__(self, expr, shape):
        self.expr = expr
        self.shape = shape

    @property
    def ndim(self):
        return len(self.shape)

    def __add__(self, other):
        other = lift(other)
        return Sym(self.expr + other.expr, self._with(other))

    def __sub__(self, other):
        other = lift(other)
        return Sym(self.expr + times(S.NegativeOne, other.expr), self._with(other))

    def __mul__(self, other):
        other = lift(other)
        return Sym(times(self.expr, other.expr), self._with(other))

    def __truediv__(self, other):
        other = lift(other)
        return Sym(times(self.expr, other.expr**-1), self._with(other))

    def __pow__(self, other):
        other = lift(other)
        return Sym(power(self.expr, other.expr), self._with(other))

    def __neg__(self):
        return Sym(times(S.NegativeOne, self.expr), self.shape)

    def __radd__(self, other):
        return lift(other) + self

    def __rsub__(self, other):
        return lift(other) - self

    def __rmul__(self, other):
        return lift(other) * self

    def __rtruediv__(self, other):
        return lift(other) / self

    def __rpow__(self, other):
        return lift(other) ** self

    def _with(self, other):
        mine, theirs = self.shape, other.shape
        return mine if mine == theirs else broadcast_shapes(mine, theirs)

    def __lt__(self, other):
        return arithmetic.lt(self, other)

    def __le__(self, other):
        return arithmetic.le(self, other)

    def __gt__(self, other):
        return arithmetic.gt(self, other)

    def __ge__(self, other):
        return arithmetic.ge(self, other)

    def __repr__(self):
        return f"Sym({self.expr}, {self.shape})"

    # what a rule of normalisation asks

    @property
    def uniform(self):
        """Whether every entry is the same by the look of the expression."""
        return shape_of(self.expr) == ()

    def made_by(self, op):
        """Whether this is a structure node of `op`."""
        return isinstance(self.expr, Structure) and self.expr.operation == op.name

    @property
    def operands(self):
        """The operands of a structure node, as Syms."""
        return [Sym(expr, shape) for expr, shape in zip(self.expr.operands, self.expr.operand_shapes)]

    @property
    def params(self):
        return self.expr.params

    def filled(self, expr, shape):
        """An array of this shape with the same expression in every entry."""
        return Sym(sympy.sympify(expr), shape)

    def nullary(self, op, **params):
        """A symbol of an operation without operands, such as the identity matrix."""
        return apply(op, [], params)

    @property
    def operation(self):
        """The name of the operation that this structure node is of; None if it isn't one."""
        return self.expr.operation if isinstance(self.expr, Structure) else None

    @property
    def terms(self):
        """The terms of a sum, each with the shape that it has by itself."""
        return [Sym(term, shape_of(term)) for term in Add.make_args(self.expr)]

    @property
    def factors(self):
        """The factors of a Hadamard product, each with the shape that it has by itself."""
        return [Sym(factor, shape_of(factor)) for factor in Mul.make_args(self.expr)]

    def split_scalar(self):
        """(c, rest): the factor that is the same in every entry, and the rest of the product."""
        expr = self.expr
        if isinstance(expr, Mul):
            same = [factor for factor in expr.args if shape_of(factor) == ()]
            if same:
                rest = [factor for factor in expr.args if shape_of(factor) != ()]
                return Sym(Mul(*same), ()), Sym(Mul(*rest), self.shape)
        return None, self


def symbol(name, shape, **assumptions):
    """An array symbol, with its shape, as a Sym."""
    key = name, tuple(shape), tuple(assumptions.items())
    found = _alive.get(key)
    if found is None:
        found = _alive[key] = ArraySymbol(name, shape, **assumptions)
    return Sym(found, found.shape)


_alive = WeakValueDictionary()  # one object a symbol: SymPy compares symbols often, and tells the same object at once


def lift(value):
    """A number, an expression without shape, or an array, as a Sym."""
    if value.__class__ is Sym:
        return value
    if isinstance(value, sympy.Expr):
        return Sym(value, shape_of(value))
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, numbers.Real):
        return Sym(exact(value), ())
    if isinstance(value, np.ndarray):
        return literal(value)
    raise TypeError(f"a formula can't contain a {type(value).__name__}; make it an operand of the operation")


def literal(array):
    """A constant array written out by its values, since no variable holds it."""
    from engine.ops.constants import constant

    if array.size and (array == array.flat[0]).all():
        return Sym(exact(array.flat[0].item()), array.shape)
    return Sym(structure(constant, (), (), {"values": array}, array.shape), array.shape)


def times(a, b):
    """a b, without SymPy's habit of spreading a number over a sum: 2 (a + 5) stays."""
    number, rest = (a, b) if a.is_Number else (b, a)
    if number.is_Number:
        if isinstance(rest, Add):
            return _scaled(number, rest)
        factors = rest.args if rest.is_Mul else (rest,)
        if number.is_Rational and number.p and not any(map(_meets_numbers, factors)):
            return rest if number is S.One else Mul._from_args((number, *factors))  # without flattening it again
    product = a * b
    if isinstance(product, Add) and not isinstance(a, Add) and not isinstance(b, Add):
        return _undistributed(a, b, product)
    return product


def _meets_numbers(factor):
    """Whether a number in front of a product may join this factor of it: 2 √2, 2 · 3, 2 · ∞."""
    return factor.is_Number or factor is S.ComplexInfinity or factor.is_Pow and factor.base.is_Number


def _undistributed(a, b, product):
    number, rest = product.as_content_primitive()
    return rest if number is S.One else _scaled(number, rest)


def _scaled(number, total):
    if number is S.One:
        return total
    if number is S.Zero:
        return S.Zero
    return Mul._from_args((number, total))


def power(base, exponent):
    return base**exponent


def apply(op, args, params):
    """An operation read on symbols: SymPy's own algebra if elementwise, else a structure node."""
    syms = [lift(arg) for arg in args]
    if op.sympy is not None:
        if callable(op.sympy):
            return op.sympy(*syms, **params)
        made = applied(getattr(sympy, op.sympy), *(x.expr for x in syms))
        return Sym(made, broadcast_shapes(*(x.shape for x in syms)))
    if op.normal is not None:
        simpler = op.normal(*syms, **params)
        if simpler is not None:
            return simpler
    shape = op.shape(*(x.shape for x in syms), **params)
    if op.moves and syms[0].uniform:
        return Sym(syms[0].expr, shape)
    if op.linear:
        scalars, syms = _factors_out(op.linear, syms)
        if scalars:
            rest = apply(op, syms, params)
            return Sym(times(Mul(*scalars), rest.expr), rest.shape)
    return Sym(structure(op, [x.expr for x in syms], [x.shape for x in syms], params, shape), shape)


def _factors_out(positions, syms):
    """The factors without shape of the operands in which an operation is linear, and what is left."""
    scalars = []
    rest = list(syms)
    for at in positions:
        scalar, rest[at] = rest[at].split_scalar()
        if scalar is not None:
            scalars.append(scalar.expr)
    return scalars, rest


READERS[Sym] = apply

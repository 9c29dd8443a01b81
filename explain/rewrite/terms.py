"""Sums as terms and products as powers of bases: how the passes look at SymPy's Add and Mul.

Nothing here lets SymPy spread a number over a sum. Imported by every module of explain.rewrite.
"""

from functools import lru_cache

import sympy
from sympy import Add, Mul, S

from engine.symbols import shape_of, symbols_in
from engine.symbols.substitute import product_of

CACHED = 1 << 14  # expressions whose parts are remembered


def powers(expr):
    """(number, {base: exponent}) of a product; exponents are rational numbers, exp(x) is a base.

    >>> from engine.symbols import symbol
    >>> a, b = symbol("a", ()).expr, symbol("b", ()).expr
    >>> powers(2 * a / b) == (2, {a: 1, b: -1})
    True
    """
    number, found = _powers(expr)
    return number, dict(found)


@lru_cache(maxsize=CACHED)
def _powers(expr):
    number, found = S.One, {}
    for factor in Mul.make_args(expr):
        if factor.is_Number:
            number *= factor
            continue
        base, exponent = power(factor)
        if base.is_Mul and base.args[0].is_Number and exponent.is_Integer:
            inner, rest = _powers(base)
            number *= inner**exponent
            for part, inside in rest.items():
                found[part] = found.get(part, S.Zero) + inside * exponent
            continue
        found[base] = found.get(base, S.Zero) + exponent
    return number, {base: exponent for base, exponent in found.items() if exponent != 0}


def power(factor):
    """(base, exponent) with a rational exponent."""
    if factor.is_Pow and factor.args[1].is_Rational:
        return factor.args
    return factor, S.One


def product(number, found):
    """The expression of a number and powers."""
    return product_of([number, *(base if exponent == 1 else base**exponent for base, exponent in found.items())])


def scaled(number, expr):
    """number · expr, without spreading."""
    return expr if number is S.One else product_of([number, expr])


def terms(expr):
    """{term without its number: number} of a sum.

    >>> from engine.symbols import symbol
    >>> a = symbol("a", ()).expr
    >>> terms(2 * a - 1) == {a: 2, S.One: -1}
    True
    """
    return dict(_terms(expr))


@lru_cache(maxsize=CACHED)
def _terms(expr):
    found = {}
    stack = [(S.One, expr)]
    while stack:
        outer, part = stack.pop()
        if part.is_Add:
            stack.extend((outer, term) for term in part.args)
            continue
        number, rest = part.as_coeff_Mul()
        number *= outer
        if rest.is_Add:
            stack.extend((number, term) for term in rest.args)
            continue
        total = found.get(rest, S.Zero) + number
        if total == 0:
            found.pop(rest, None)
        else:
            found[rest] = total
    return found


def total(found):
    """The sum of {term: number}."""
    return Add(*(scaled(number, term) for term, number in found.items()))


def signs_inverted(expr):
    """-expr, term by term."""
    return total({term: -number for term, number in terms(expr).items()})


def constant_along(expr, rank, dim):
    """Whether an expression, as an array of this rank, is the same all along an axis by its look.

    >>> from engine.symbols import symbol
    >>> constant_along(symbol("r", (3, 1)).expr, 2, 1), constant_along(symbol("r", (4,)).expr, 2, 0)
    (True, True)
    """
    shape = shape_of(expr)
    at = dim - (rank - len(shape))
    return at < 0 or shape[at] == 1


def varies(expr, rank):
    """The axes of an array of this rank along which an expression varies."""
    return frozenset(dim for dim in range(rank) if not constant_along(expr, rank, dim))


def numeric(expr):
    """Whether an expression has no array in it: a number, or letters for sizes."""
    return not shape_of(expr) and all(symbol.is_integer for symbol in symbols_in(expr))


__all__ = [
    "constant_along", "numeric", "power", "powers", "product", "scaled", "signs_inverted", "sympy", "terms", "total",
    "varies",
]  # fmt: skip

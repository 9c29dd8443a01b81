"""Substitution that keeps the form: xreplace would spread numbers over sums as it rebuilds."""

from functools import lru_cache

from sympy import Add, Mul

from engine.symbols.arrays import applied, symbols_in
from engine.symbols.sym import times


def substitute(expr, replacements, memo=None):
    """The expression with symbols replaced; 2 b with b = a + 5 stays 2 (a + 5).

    >>> from engine.symbols import symbol
    >>> a, b = symbol("a", ()).expr, symbol("b", ()).expr
    >>> substitute(2 * b, {b: a + 5})
    2*(a + 5)
    """
    memo = {} if memo is None else memo
    if expr in memo:
        return memo[expr]
    if expr in replacements:
        result = replacements[expr]
    elif not expr.args or symbols_in(expr).isdisjoint(replacements):
        return expr
    else:
        args = [substitute(arg, replacements, memo) for arg in expr.args]
        if expr.is_Mul:
            result = product_of(args)
        elif expr.is_Add:
            result = Add(*args)
        else:
            result = applied(expr.func, *args)
        result = one_object(result)
    memo[expr] = result
    return result


def product_of(factors):
    """The product of factors, a number kept in front of a sum."""
    numbers = [factor for factor in factors if factor.is_Number]
    others = [factor for factor in factors if not factor.is_Number]
    rest = Mul(*others)
    if not numbers:
        return rest
    number = Mul(*numbers)
    return times(number, rest) if others else number


@lru_cache(maxsize=1 << 14)
def one_object(expr):
    """The same object for equal expressions, so that they are met again without being compared part by part."""
    return expr

"""Python numbers as the exact SymPy numbers that a person would write: 0.5 is 1/2, 0.7071... is √2/2.

A float is given a closed form only if that form rounds to exactly this float.
"""

import math
from fractions import Fraction
from functools import lru_cache

import sympy


@lru_cache(maxsize=4096)
def exact(number):
    """A Python number as an exact SymPy number where it is exactly that, else as a Float.

    >>> exact(0.5), exact(1 / math.sqrt(2 * math.pi)), exact(3.0)
    (1/2, sqrt(2)/(2*sqrt(pi)), 3)
    """
    if isinstance(number, (bool, int)):
        return sympy.Integer(int(number))
    if math.isnan(number) or math.isinf(number):
        return sympy.Float(number)
    if number == int(number) and abs(number) < 2**53:
        return sympy.Integer(int(number))
    decimal = Fraction(repr(number))
    if len(str(decimal.numerator)) <= 6 and decimal.denominator <= 10**12:
        return sympy.Rational(decimal.numerator, decimal.denominator)
    near = Fraction(number).limit_denominator(5000)
    if near.numerator / near.denominator == number:
        return sympy.Rational(near.numerator, near.denominator)
    closed = _closed_forms().get(abs(number))
    if closed is not None:
        return closed() if number > 0 else -closed()
    return sympy.Float(repr(number), 17)


@lru_cache(maxsize=1)
def _closed_forms():
    """float -> function that makes the closed form, for constants that people write with math.sqrt, pi and log."""
    forms = {}
    pi, sqrt, log = sympy.pi, sympy.sqrt, sympy.log

    def enter(form, *spellings):
        for value in spellings:
            forms.setdefault(value, form)

    for k in range(2, 2050):
        root = math.sqrt(k)
        enter(lambda k=k: sqrt(k), root, k**0.5)
        enter(lambda k=k: 1 / sqrt(k), 1 / root, k**-0.5)
        if k <= 64:
            enter(lambda k=k: log(k), math.log(k))
            enter(lambda k=k: 1 / log(k), 1 / math.log(k))
            enter(lambda k=k: k * pi, k * math.pi)
            enter(lambda k=k: pi / k, math.pi / k)
    for a in range(1, 13):
        for b in range(1, 13):
            enter(lambda a=a, b=b: sqrt(sympy.Rational(a, b)), math.sqrt(a / b))
            enter(lambda a=a, b=b: sqrt(a / (b * pi)), math.sqrt(a / (b * math.pi)), math.sqrt(a / b / math.pi))
            enter(lambda a=a, b=b: sqrt(a * pi / b), math.sqrt(a * math.pi / b))
    enter(lambda: pi, math.pi)
    enter(lambda: 1 / pi, 1 / math.pi)
    enter(lambda: 2 / pi, 2 / math.pi)
    enter(lambda: sympy.E, math.e)
    enter(lambda: 2 / sqrt(pi), 2 / math.sqrt(math.pi), 2 / math.pi**0.5)
    enter(lambda: 1 / sqrt(2 * pi), 1 / math.sqrt(2 * math.pi), 0.5 * 2 / math.sqrt(2 * math.pi))
    enter(lambda: log(2 * pi), math.log(2 * math.pi))
    enter(lambda: log(2 * pi) / 2, 0.5 * math.log(2 * math.pi))
    enter(lambda: log(pi), math.log(math.pi))
    return forms

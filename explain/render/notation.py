"""Expressions as a person writes them: by one walk, in the vocabulary of text, LaTeX or MathML.

`*` of arrays is ⊙, of scalars juxtaposition; a matrix product is juxtaposition too. Imported by renderers.
"""

import re

import numpy as np
import sympy
from sympy.tensor.indexed import IndexException

from engine.symbols import Structure
from engine.symbols import shape_of as shape_of_arrays
from explain.render.indices import WRITERS as INDEXED
from explain.render.mathml import MATHML
from explain.render.structures import structure
from explain.render.templates import ATOM, OPEN, POWER, PRODUCT, SUM
from explain.render.tex import LATEX
from explain.render.vocabulary import TEXT

MOST_TERMS = 12  # a longer sum is shown by its beginning and its end
MOST_ALIKE = 6  # and so is one of more terms that are alike
NAMES = {"Abs": "abs", "Max": "max", "Min": "min", "DiracDelta": "δ", "Heaviside": "H"}  # of SymPy's functions


def text(expr, numbers=None):
    """An expression in Unicode; `numbers` replaces symbols by values.

    >>> from engine.symbols import symbol
    >>> a = symbol("a", (2, 2)).expr
    >>> text(4 * (a + 5) ** 2)
    '4(a + 5)²'
    """
    return Writer(TEXT, numbers).write(expr)[0]


def latex(expr, numbers=None):
    """An expression in LaTeX's mathematics mode.

    >>> from engine.symbols import symbol
    >>> latex(symbol("a", (2, 2)).expr / 4)
    '\\\\frac{a}{4}'
    """
    return Writer(LATEX, numbers).write(expr)[0]


def mathml(expr, numbers=None):
    """An expression as MathML's elements.

    >>> from engine.symbols import symbol
    >>> mathml(symbol("a", ()).expr + 1)
    '<mi>a</mi><mo>+</mo><mn>1</mn>'
    """
    return Writer(MATHML, numbers).write(expr)[0]


class Writer:
    """One walk over an expression; every method returns (text, how tightly it holds)."""

    def __init__(self, words, numbers=None):
        self.words = words
        self.numbers = numbers or {}

    def write(self, expr):
        if expr in self.numbers:
            return self.number(self.numbers[expr])
        if expr.is_Symbol:
            return self.words.symbol(expr.name), ATOM
        if expr.is_Number or expr is sympy.nan:
            return self.exact(expr)
        if expr.is_Add:
            return self.sum(expr)
        if expr.is_Mul:
            return self.product(expr)
        if expr.is_Pow:
            return self.power(expr)
        if isinstance(expr, Structure):
            return structure(self, expr)
        if expr.is_NumberSymbol:
            return self.words.constant({"E": "exp1"}.get(str(expr), str(expr))), ATOM
        if isinstance(expr, sympy.exp):
            inner, holds = self.write(expr.args[0])
            return self.words.exp(inner, holds >= ATOM), POWER
        if isinstance(expr, sympy.Abs):
            return self.words.bars(self.write(expr.args[0])[0]), ATOM
        special = INDEXED.get(type(expr))
        return special(self, expr) if special is not None else self.function(expr)

    def function(self, expr):
        name = type(expr).__name__
        name = self.words.functions.get(name) or NAMES.get(name) or name.lower()
        return self.words.call(self.words.function(name), [self.write(arg)[0] for arg in expr.args]), ATOM

    def at(self, expr, level):
        """An expression in brackets if it holds together less tightly than `level`."""
        written, holds = self.write(expr)
        return written if holds >= level else self.words.brackets(written)

    def tight(self, expr, at, level):
        """An operand of a structure; one that is the same in every entry, where an array is meant, shows its shape."""
        operand, shape = expr.operands[at], expr.operand_shapes[at]
        if shape and not isinstance(shape[0], tuple) and not shape_of(operand):
            return self.words.filled(self.at(operand, ATOM), tuple(map(str, shape)))
        return self.at(operand, level)

    # numbers

    def number(self, value):
        shown = short_number(value)
        return self.words.decimal(shown), SUM if shown.startswith("-") else POWER if "e" in shown else ATOM

    def exact(self, expr):
        if expr.is_Integer:
            return self.number(float(expr)) if abs(expr) < 10**15 else (str(expr), ATOM if expr > 0 else SUM)
        if expr.is_Rational:
            digits = short_number(float(expr))
            if expr.q > 12 and float(digits) == float(expr) and len(digits) <= 9:
                return self.number(float(expr))
            shown = self.words.fraction(self.words.decimal(str(abs(expr.p))), self.words.decimal(str(expr.q)))
            return (self.words.negative(shown), SUM) if expr < 0 else (shown, PRODUCT)
        if expr.is_finite is False or expr is sympy.nan:
            return self.words.constant(str(expr)), ATOM if expr != -sympy.oo else SUM
        return self.number(float(expr))

    # sums and products

    def sum(self, expr):
        signed = []
        terms = sorted(counted(expr.as_ordered_terms()), key=place)
        left_out = len(terms) - 4 if len(terms) > (MOST_ALIKE if alike(terms) else MOST_TERMS) else 0
        if left_out > 1:
            terms = [*terms[:3], terms[-1]]
        for term in terms:
            minus = leading_minus(term)
            term = negated(term) if minus else term
            alone = not signed and not minus  # nothing stands before it
            signed.append((-1 if minus else 1, self.write(term)[0] if alone else self.at(term, OPEN)))
        if signed[0][0] < 0:
            signed[0] = (1, self.words.negative(signed[0][1]))
        if left_out > 1:
            signed.insert(-1, (1, self.words.plain(f"… {left_out} more terms …")))
        return self.words.sum(signed), SUM

    def product(self, expr):
        words = self.words
        coefficient, rest = expr.as_coeff_Mul()
        if coefficient.is_negative:
            return words.negative(self.at(negated(expr), OPEN)), SUM
        above, below = self.parts(coefficient, rest)
        if not below:
            return self.joined(above)
        arrays = [part for part in above if shape_of(part)]
        plain = [part for part in above if not shape_of(part)]
        if arrays and plain and not any(map(shape_of, below)):
            # (2/n) Xᵀ r: what is one number is one fraction in front.
            top = words.within_fraction(*self.joined(plain), True)
            fraction = words.fraction(top, self.bracketed(below))
            return words.front(fraction, self.factors(arrays)), PRODUCT
        shown, holds = self.joined(above)
        under, numbers = self.bracketed(below), [part for part in above if part.is_Integer]
        if words.breaks(shown, under) and 0 < len(numbers) < len(above):
            fraction = words.fraction(self.joined(numbers)[0], under)
            return words.front(fraction, self.factors([part for part in above if part not in numbers])), PRODUCT
        return words.over(words.within_fraction(shown, holds, True), under, holds), PRODUCT

    def parts(self, coefficient, rest):
        """The factors above and below the line of a fraction."""
        above, below = [], []
        if coefficient.is_Rational and coefficient != 1:
            for factor in sympy.Mul.make_args(rest):
                root = factor.is_Pow and factor.exp == sympy.S.Half and factor.base.is_Integer and factor.base
                if root and coefficient.q % root == 0:
                    # SymPy's √3/3 is 1/√3.
                    coefficient, rest = coefficient * root, _without(rest, factor)
                    below.append(factor)
                    break
            if _as_decimal(coefficient):
                above.append(coefficient)
            elif coefficient.p != 1:
                above.append(sympy.Integer(coefficient.p))
            if coefficient.q != 1 and coefficient not in above:
                below.insert(0, sympy.Integer(coefficient.q))
        elif coefficient != 1:
            above.append(coefficient)
        for factor in self.ordered(rest):
            if factor == 1:
                continue
            base, exponent = factor.args if factor.is_Pow else (factor, sympy.S.One)
            if exponent.is_Rational and exponent.is_negative:
                below.append(sympy.Pow(base, -exponent, evaluate=exponent != -HALF))
            else:
                above.append(factor)
        return above, list(_roots_together(below))

    def factors(self, parts):
        """A product that goes on behind something: in brackets if it is a sum."""
        shown, holds = self.joined(parts)
        return shown if holds >= PRODUCT else self.words.brackets(shown)

    def bracketed(self, parts):
        written, holds = self.joined(parts)
        return self.words.within_fraction(written, holds if len(parts) == 1 else PRODUCT, False)

    def ordered(self, rest):
        """Factors in the order of a textbook: scalars, then arrays, sums last."""
        factors = _roots_together(sympy.Mul.make_args(rest))

        def place(factor):
            return bool(shape_of(factor)), factor.is_Add, sympy.default_sort_key(factor)

        return sorted(factors, key=place)

    def joined(self, parts):
        """A product of parts: ⊙ between arrays, juxtaposition with numbers and scalars."""
        if not parts:
            return self.words.decimal("1"), ATOM
        if len(parts) == 1:
            return self.write(parts[0])
        words = self.words
        arrays = any(map(shape_of, parts))
        out = self.factor(parts[0], arrays)
        for before, part in zip(parts, parts[1:]):
            piece = self.factor(part, arrays)
            if shape_of(before) and shape_of(part) and not self.numbers:
                out = words.hadamard(out, piece)
            elif before.is_Integer and not self.numbers and not words.starts_with_digit(piece):
                out = words.beside(out, piece)
            else:
                out = words.times(out, piece)
        return out, PRODUCT

    def factor(self, part, arrays):
        """A factor among others; a number that is a product of vectors stands in brackets beside arrays: (uᵀ v) · w."""
        written, holds = self.write(part)
        inner = arrays and isinstance(part, Structure) and part.operation == "matmul" and not shape_of(part)
        return self.words.brackets(written) if holds < PRODUCT or inner and part not in self.numbers else written

    def power(self, expr):
        base, exponent = expr.args
        if exponent == sympy.Rational(1, 2):
            written, holds = self.write(base)
            return self.words.root(written, holds >= ATOM), ATOM
        if exponent.is_Rational and exponent.is_negative:
            return self.words.over(self.words.decimal("1"), self.bracketed([base**-exponent])), PRODUCT
        return self.words.superscript(self.at(base, ATOM), self.write(exponent)[0]), POWER


HALF = sympy.S.Half


def shape_of(expr):
    """The shape of an expression; one in index notation is a number."""
    try:
        return shape_of_arrays(expr)
    except IndexException:
        return ()


def alike(terms):
    """Whether all terms but one differ in the numbers in their variables' names alone."""
    patterns = [_pattern(term) for term in terms]
    return len(terms) > 3 and max(map(patterns.count, patterns)) >= len(terms) - 2


def _pattern(term):
    return tuple(sorted(re.sub(r"\d+", "#", symbol.name) for symbol in term.free_symbols))


def counted(terms):
    """Terms in their order; those whose variables differ in numbers alone, such as h9 and h10, by these numbers."""
    if len(terms) < 3:
        return terms
    groups = {}
    for at, term in enumerate(terms):
        names = sorted(symbol.name for symbol in term.free_symbols)
        numbers = tuple(int(digits) for name in names for digits in re.findall(r"\d+", name))
        groups.setdefault(_pattern(term), []).append((sorted(numbers), at))
    out = list(terms)
    for members in groups.values():
        for (_numbers, source), place in zip(sorted(members), sorted(at for _numbers, at in members)):
            out[place] = terms[source]
    return out


def short_number(value, digits=6):
    """A number as a person writes it: six digits at most unless it is exact.

    >>> short_number(6.0), short_number(1 / 3), short_number(-0.0)
    ('6', '0.333333', '-0')
    """
    if np.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return ("-" if np.signbit(value) else "") + str(abs(int(value)))
    return f"{value:.{digits}g}"


def _roots_together(factors):
    """√2 · √π as √(2π), and √2/√π as √(2/π): roots of numbers, as a person writes them."""
    roots = [each for each in factors if each.is_Pow and each.exp in (HALF, -HALF) and each.base.is_number]
    if len(roots) < 2:
        return factors
    inside = sympy.Mul(*(each.base if each.exp == HALF else 1 / each.base for each in roots))
    sign = -HALF if all(each.exp == -HALF for each in roots) else HALF
    return [*(each for each in factors if each not in roots), sympy.Pow(inside**(2 * sign), sign, evaluate=False)]


def _as_decimal(coefficient):
    """Whether a factor is written as 0.07 or 10⁻⁵ rather than as a fraction with a power of ten below."""
    shown = short_number(float(coefficient))
    plain = coefficient.p != 1 and coefficient.q >= 50 and coefficient.q & (coefficient.q - 1)
    return (coefficient.q > 12 and "e" in shown or plain) and sympy.Rational(shown) == coefficient


def place(term):
    """Where a term stands in a sum: what is subtracted last, products of matrices first, as in X w + b."""
    products = any(getattr(factor, "operation", None) == "matmul" for factor in sympy.Mul.make_args(term))
    return leading_minus(term), not products


def leading_minus(term):
    """Whether a term would be written with a minus in front."""
    return bool(term.could_extract_minus_sign()) if not term.is_Add else False


def negated(term):
    """A term without its leading minus."""
    coefficient, rest = term.as_coeff_Mul()
    if coefficient == -1:
        return rest
    return sympy.Mul(-coefficient, rest, evaluate=False) if rest.is_Add else -coefficient * rest


def _without(product, factor):
    factors = list(sympy.Mul.make_args(product))
    factors.remove(factor)
    return sympy.Mul._from_args(factors) if len(factors) != 1 else factors[0]

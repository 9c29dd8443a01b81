"""Expressions as a person writes them: Unicode text and LaTeX, by one walk with two vocabularies.

`*` of arrays is ⊙, of scalars juxtaposition; a matrix product is juxtaposition too. Imported by renderers.
"""

import numpy as np
import sympy

from engine.symbols import Structure, shape_of
from explain.render.vocabulary import LATEX, TEXT

SUM, PRODUCT, UNARY, POWER, ATOM = range(5)  # how tightly a piece holds together


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
            return self.structure(expr)
        if expr.is_NumberSymbol:
            return self.words.symbols.get(str(expr), str(expr)), ATOM
        if isinstance(expr, sympy.exp):
            return self.words.exp(self.write(expr.args[0])[0]), POWER
        name = self.words.functions.get(type(expr).__name__, type(expr).__name__.lower())
        if isinstance(expr, sympy.Abs):
            return self.words.bars(self.write(expr.args[0])[0]), ATOM
        return self.call(name, [self.write(arg)[0] for arg in expr.args]), ATOM

    def at(self, expr, level):
        """An expression in brackets if it holds together less tightly than `level`."""
        written, holds = self.write(expr)
        return written if holds >= level else self.words.brackets(written)

    def call(self, name, args):
        return self.words.function(name) + self.words.brackets(", ".join(args))

    def number(self, value):
        shown = self.words.decimal(short_number(value))
        return shown, ATOM if value >= 0 else SUM

    def exact(self, expr):
        if expr.is_Integer:
            return self.words.decimal(str(expr)), ATOM if expr >= 0 else SUM
        if expr.is_Rational:
            digits = short_number(float(expr))
            if expr.q > 12 and float(digits) == float(expr) and len(digits) <= 7:
                return self.words.decimal(digits), ATOM if expr >= 0 else SUM
            return self.words.fraction(str(abs(expr.p)), str(expr.q), expr < 0), PRODUCT
        if expr.is_finite is False:
            return self.words.infinity(expr), ATOM
        return self.number(float(expr))

    def sum(self, expr):
        terms = sorted(expr.as_ordered_terms(), key=_leading_minus)
        out = self.write(terms[0])[0]
        for term in terms[1:]:
            if _leading_minus(term):
                out += f" {self.words.minus} " + self.at(_negated(term), PRODUCT)
            else:
                out += " + " + self.at(term, PRODUCT)
        return out, SUM

    def product(self, expr):
        coefficient, rest = expr.as_coeff_Mul()
        if coefficient.is_negative:
            inner = self.at(_negated(expr), PRODUCT)
            return self.words.minus + inner, SUM
        above, below = [], []
        if coefficient.is_Rational and coefficient != 1:
            if coefficient.p != 1:
                above.append(sympy.Integer(coefficient.p))
            if coefficient.q != 1:
                below.append(sympy.Integer(coefficient.q))
        elif coefficient != 1:
            above.append(coefficient)
        for factor in self.ordered(rest):
            base, exponent = factor.as_base_exp() if not isinstance(factor, sympy.exp) else (factor, sympy.S.One)
            if exponent.is_Rational and exponent.is_negative:
                below.append(base**-exponent)
            else:
                above.append(factor)
        if not below:
            return self.joined(above)
        arrays = [part for part in above if shape_of(part)]
        plain = [part for part in above if not shape_of(part)]
        if arrays and len(plain) and not any(map(shape_of, below)):
            # (2/n) Xᵀ r: what is one number is one fraction in front.
            front = self.words.fraction(self.joined(plain)[0], self.bracketed(below), False)
            return self.words.scaled(front, self.joined(arrays)), PRODUCT
        top = self.joined(above)[0] if len(above) != 1 else self.over(above[0])
        return self.words.over(top or "1", self.bracketed(below)), PRODUCT

    def over(self, part):
        return self.words.numerator(*self.write(part))

    def bracketed(self, parts):
        written, holds = self.joined(parts)
        return self.words.denominator(written, holds if len(parts) == 1 else PRODUCT)

    def ordered(self, rest):
        """Factors in the order of a textbook: scalars, then arrays, sums last."""
        factors = sympy.Mul.make_args(rest)

        def place(factor):
            return bool(shape_of(factor)), factor.is_Add, sympy.default_sort_key(factor)

        return sorted(factors, key=place)

    def joined(self, parts):
        """A product of parts: ⊙ between arrays, juxtaposition with numbers and scalars."""
        if not parts:
            return "1", ATOM
        if len(parts) == 1:
            return self.write(parts[0])
        out = self.at(parts[0], PRODUCT)
        for before, part in zip(parts, parts[1:]):
            piece = self.at(part, PRODUCT)
            if shape_of(before) and shape_of(part):
                out += self.words.hadamard + piece
            elif (before.is_Number or before in self.numbers) and not _starts_with_digit(piece):
                out += piece
            else:
                out += self.words.times(before.is_Number or part.is_Number) + piece
        return out, PRODUCT

    def power(self, expr):
        base, exponent = expr.args
        if exponent == sympy.Rational(1, 2):
            written, holds = self.write(base)
            return self.words.root(written, holds >= ATOM), ATOM
        if exponent.is_Rational and exponent.is_negative:
            return self.words.over("1", self.bracketed([base**-exponent])), PRODUCT
        shown = self.at(base, ATOM)
        return self.words.superscript(shown, self.write(exponent)[0]), POWER

    def structure(self, expr):
        write = getattr(self, "write_" + expr.operation, None)
        if write is not None:
            return write(expr)
        template = getattr(self.words.templates, expr.operation, None)
        if template is None:
            template = expr.op.text if self.words is TEXT else expr.op.latex
        if template:
            inner = [self.at(operand, POWER) for operand in expr.operands]
            return template.format(*inner, **expr.params), PRODUCT if " " in template else ATOM
        inner = [self.operand(expr, at) for at in range(len(expr.operands))]
        settings = [f"{name}={self.words.setting(value)}" for name, value in sorted(expr.params.items())]
        return self.call(self.words.functions.get(expr.operation, expr.operation), [*inner, *settings]), ATOM

    def operand(self, expr, at):
        """An operand; one that is the same in every entry, where an array is meant, shows its shape."""
        operand, shape = expr.operands[at], expr.operand_shapes[at]
        written = self.write(operand)[0]
        if shape and not shape_of(operand):
            return self.words.filled(written, shape)
        return written

    def tight(self, expr, at, level):
        operand, shape = expr.operands[at], expr.operand_shapes[at]
        if shape and not shape_of(operand):
            return self.words.filled(self.write(operand)[0], shape)
        return self.at(operand, level)

    def write_matmul(self, expr):
        left, right = self.tight(expr, 0, PRODUCT), self.tight(expr, 1, POWER)
        if expr.operands[0].is_Mul:
            left = self.words.brackets(left)
        if len(expr.operand_shapes[0]) == 1:  # a vector on the left is a row
            left = self.words.transpose(self.tight(expr, 0, ATOM))
        return f"{left}{self.words.juxtaposed}{right}", PRODUCT

    def write_permute(self, expr):
        dims = expr.params["dims"]
        rank = len(dims)
        if rank >= 2 and dims == (*range(rank - 2), rank - 1, rank - 2):
            return self.words.transpose(self.tight(expr, 0, ATOM)), POWER
        inner = [self.operand(expr, 0), f"dims={self.words.setting(dims)}"]
        return self.call("permute", inner), ATOM

    def write_sum(self, expr):
        return self.reduction(expr, "sum")

    def write_mean(self, expr):
        return self.reduction(expr, "mean")

    def reduction(self, expr, name):
        dim, keepdim = expr.params["dim"], expr.params["keepdim"]
        whole = len(dim) == len(expr.operand_shapes[0])
        return self.words.reduction(name, self.operand(expr, 0), None if whole else dim, keepdim), ATOM

    def write_unsqueeze(self, expr):
        rank = len(expr.shape)
        picks = ", ".join("None" if at in expr.params["dim"] else ":" for at in range(rank))
        return self.words.indexed(self.tight(expr, 0, ATOM), picks), ATOM


def short_number(value):
    """A number as a person writes it: six digits at most unless it is exact.

    >>> short_number(6.0), short_number(1 / 3), short_number(-0.0)
    ('6', '0.333333', '-0')
    """
    if np.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return ("-" if np.signbit(value) else "") + str(abs(int(value)))
    return f"{value:.6g}"


def _leading_minus(term):
    return bool(term.could_extract_minus_sign()) if not term.is_Add else False


def _negated(term):
    coefficient, rest = term.as_coeff_Mul()
    if coefficient == -1:
        return rest
    return sympy.Mul(-coefficient, rest, evaluate=False) if rest.is_Add else -coefficient * rest


def _starts_with_digit(piece):
    return piece[:1].isdigit()

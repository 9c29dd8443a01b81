"""What makes a formula short: distinct operations, then length, then round numbers. Imported by explain.rewrite."""

from functools import lru_cache

from sympy import S

from engine.symbols import Structure, is_number
from engine.symbols.arrays import NONE

# Notation rather than operations: they move entries, and a book writes them as a mark or not at all.
NOTATION = {"permute", "unsqueeze", "squeeze", "expand", "cast"}


def children(expr):
    """The operands of an expression, without a structure node's settings."""
    return expr.operands if isinstance(expr, Structure) else expr.args


def distinct_operations(exprs):
    """How many different operations the expressions take if each shared part is computed once.

    A sum or product of k parts counts k - 1; a sign or a division counts as part of its product; a transpose
    and axes of size one are notation and don't count.
    """
    counts = {}
    for expr in exprs:
        counts.update(_operations(expr))
    return sum(counts.values()) - _saved([_factors(expr) for expr in counts if expr.is_Mul])


@lru_cache(maxsize=1 << 12)
def _operations(expr):
    """{part: how many operations it takes itself} of an expression's distinct parts."""
    found = {}
    stack = [expr]
    while stack:
        expr = stack.pop()
        if expr in found:
            continue
        taken = _taken(expr)
        if taken is not None:
            found[expr], parts = taken
            stack.extend(parts)
    return found


def _taken(expr):
    """(how many operations an expression takes itself, the parts that take others); None for symbols and numbers."""
    parts = children(expr)
    if not parts:
        return None
    if expr.is_Add or expr.is_Mul:
        return len(parts) - 1 - (1 if expr.is_Mul and parts[0] == -1 else 0), map(_inverse_of, parts)
    if isinstance(expr, Structure):
        return int(expr.operation not in NOTATION), parts
    return None if is_number(expr) else (1, parts)


def _factors(product):
    return frozenset(product.args) - {S.NegativeOne}


def _saved(products):
    """How many multiplications a product saves because another is part of it: a b within a b c; each as its factors."""
    long = [factors for factors in products if len(factors) > 2]
    return sum(
        max((len(other) - 1 for other in products if 2 <= len(other) < len(one) and other < one), default=0)
        for one in long
    )


def _inverse_of(part):
    """x for 1/x inside a product, whose division is the product's own; x² for 1/x²."""
    if part.is_Pow and part.exp.is_Rational and part.exp < 0:
        return part.base if part.exp == -1 else part.base**-part.exp
    return part


@lru_cache(maxsize=1 << 14)
def length(expr):
    """The number of symbols, numbers and operations, repetitions included; a sign is free."""
    if expr is S.NegativeOne:
        return 0
    sign = expr.is_Mul and len(expr.args) == 2 and expr.args[0] is S.NegativeOne
    return 1 - sign + sum(map(length, children(expr)))


@lru_cache(maxsize=1 << 14)
def digits(expr):
    """How many digits numbers of more than three take: 0.134145x² + 1 reads better than 26829x² + 200000."""
    if expr.is_Rational:
        return max(0, len(str(abs(expr.p))) - 3) + (0 if expr.q == 1 else max(0, len(str(expr.q)) - 3))
    return sum(map(digits, children(expr)))


@lru_cache(maxsize=1 << 14)
def cost(expr):
    """The order in which forms compete: (distinct operations, length, digits)."""
    return distinct_operations([expr]), length(expr), digits(expr)


class Tally:
    """The operations of sets of expressions that have most of their parts in common, as formulas and definitions have.

    Each part is known by a number, so that it is met again without being compared.
    """

    def __init__(self):
        self.takes = []  # by number: how many operations the part takes itself
        self.products = {}  # number -> the factors of a part that is a product of several
        self.known = {}  # expression -> the numbers of its parts

    def operations(self, expr):
        """The numbers of an expression's parts, its own among them."""
        found = self.known.get(expr)
        if found is None:
            taken = _taken(expr)
            found = NONE if taken is None else self._numbered(expr, *taken)
            self.known[expr] = found
        return found

    def _numbered(self, expr, count, parts):
        number = len(self.takes)
        self.takes.append(count)
        if expr.is_Mul and len(factors := _factors(expr)) > 1:
            self.products[number] = factors
        return frozenset((number,)).union(*map(self.operations, parts))

    def distinct(self, operations):
        """How many different operations expressions take, each given by its numbers, as distinct_operations does."""
        together = NONE.union(*operations)
        saved = _saved([self.products[number] for number in self.products.keys() & together])
        return sum(map(self.takes.__getitem__, together)) - saved

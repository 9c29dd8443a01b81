"""Rewrite passes with a name and a reason each; the cheapest form wins. Imported by explain.derive."""

from dataclasses import dataclass

import sympy

from engine.symbols import Sym
from engine.symbols.sym import times
from explain.cost import cost


@dataclass(frozen=True)
class Rewrite:
    """What a pass did: its name, the reason, and the expressions before and after."""

    name: str
    reason: str
    before: Sym
    after: Sym


def factored(expr):
    """Common factors of a sum taken out: 2x + 2y -> 2(x + y)."""
    return sympy.factor_terms(expr)


def expanded(expr):
    """Products multiplied out, where terms then cancel: (x + 1)y - y -> xy."""
    return sympy.expand_mul(expr)


def cancelled(expr):
    """A number in front of a sum that its terms have in common: 2(a/2 + 5/2) -> a + 5."""
    if expr.is_Mul and len(expr.args) == 2 and expr.args[0].is_Number and expr.args[1].is_Add:
        number, total = expr.args
        inside, primitive = total.as_content_primitive()
        return times(number * inside, primitive)
    return expr


PASSES = (
    ("common factor", "a number shared by all terms is taken out", cancelled),
    ("factoring", "a factor shared by all terms is taken out", factored),
    ("expanding", "products are multiplied out so that terms cancel", expanded),
)


def simplify(sym, definitions=()):
    """(the cheapest form, the rewrites that led there)."""
    best, rewrites = sym, []
    improved = True
    while improved:
        improved = False
        for name, reason, rewrite in PASSES:
            after = rewrite(best.expr)
            if after != best.expr and cost(after) < cost(best.expr):
                after = Sym(after, best.shape)
                rewrites.append(Rewrite(name, reason, best, after))
                best, improved = after, True
    return best, tuple(rewrites)

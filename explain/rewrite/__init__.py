"""Formulas as short as a textbook's: named passes over expressions, each with its reason.

Imported by explain.derive. A pass is declared in the module of its topic and entered by a decorator.
"""

from engine.symbols import Sym
from explain.rewrite import axes, collect, functions, literals, orthogonal, places, products, selections, triangular  # noqa: F401  (they enter passes)
from explain.rewrite.facts import Facts
from explain.rewrite.walk import Rewrite, flat, walk


def simplify(sym, facts=None, explore=True):
    """(the cheapest form found, the rewrites that led there).

    >>> from engine.symbols import symbol
    >>> a = symbol("a", (2, 2))
    >>> simplify(a * 2 + a * 2 * a)[0]
    Sym(2*a*(a + 1), (2, 2))
    """
    facts = Facts() if facts is None else facts
    expr, trace = walk(sym.expr, facts, explore)
    return Sym(expr, sym.shape), flat(trace)


__all__ = ["Facts", "Rewrite", "simplify"]

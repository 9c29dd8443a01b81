"""What makes a formula short: distinct operations first, then length. Imported by simplify and derive."""

from engine.symbols import Structure


def children(expr):
    """The operands of an expression, without a structure node's settings."""
    return expr.operands if isinstance(expr, Structure) else expr.args


def distinct_operations(exprs):
    """How many different operations the expressions take if each shared part is computed once.

    A sum or product of k parts counts k - 1; a sign or a division counts as part of its product.
    """
    seen = set()
    stack = list(exprs)
    count = 0
    while stack:
        expr = stack.pop()
        if expr in seen or not children(expr):
            continue
        seen.add(expr)
        parts = children(expr)
        if expr.is_Add or expr.is_Mul:
            count += len(parts) - 1 - (1 if expr.is_Mul and parts[0] == -1 else 0)
            stack.extend(_inverse_of(part) for part in parts)
        else:
            count += 1
            stack.extend(parts)
    return count


def _inverse_of(part):
    """x for 1/x inside a product, whose division is the product's own."""
    return part.base if part.is_Pow and part.exp == -1 else part


def length(expr):
    """The number of symbols, numbers and operations, repetitions included."""
    total = 0
    stack = [expr]
    while stack:
        part = stack.pop()
        total += 1
        stack.extend(children(part))
    return total


def cost(expr, definitions=()):
    """The order in which forms compete: (distinct operations, length), definitions included."""
    exprs = [expr, *definitions]
    return distinct_operations(exprs), sum(map(length, exprs)) + len(exprs) - 1

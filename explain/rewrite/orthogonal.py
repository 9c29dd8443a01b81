"""Passes over matrices that were assumed to be orthogonal: QᵀQ = QQᵀ = I and Q⁻¹ = Qᵀ."""

from engine.ops.constants import identity
from engine.ops.matrix import matmul
from engine.ops.shape import swap_last
from explain.rewrite.axes import operand
from explain.rewrite.products import chain_of, chained, operands, plain
from explain.rewrite.walk import rule


def base_of(x, facts):
    """(Q, whether transposed) where x is an orthogonal matrix or its transpose, else (None, False)."""
    turned = x.operation == "permute" and x.expr.shape == x.shape
    inner = x.operands[0] if turned else x
    return (inner.expr, turned) if "orthogonal" in facts.assumptions.get(inner.expr, ()) else (None, False)


@rule("matmul", name="orthogonal matrix", reason="Q is orthogonal: QᵀQ = QQᵀ = I")
def cancelled(expr, facts):
    if not any("orthogonal" in words for words in facts.assumptions.values()) or not plain(*operands(expr)):
        return None
    chain = chain_of(expr)
    for at in range(len(chain) - 1):
        (one, turned), (other, again) = base_of(chain[at], facts), base_of(chain[at + 1], facts)
        if one is not None and one == other and turned != again:
            rest = [*chain[:at], *chain[at + 2 :]]
            size = chain[at].shape[0]
            return chained(rest).expr if rest else chain[at].nullary(identity, rows=size, columns=size).expr
    return None


@rule("inv", name="orthogonal matrix", reason="Q is orthogonal: Q⁻¹ = Qᵀ")
def inverted(expr, facts):
    x = operand(expr)
    return swap_last(x).expr if base_of(x, facts)[0] is not None else None


@rule("solve", name="orthogonal matrix", reason="Q is orthogonal: Q⁻¹ = Qᵀ")
def solved(expr, facts):
    a, b = operands(expr)
    return matmul(swap_last(a), b).expr if base_of(a, facts)[0] is not None and len(b.shape) <= 2 else None

"""Passes over a Cholesky factor, A = L Lᵀ: the determinant's way through it ends at A⁻¹, as in books."""

from engine.ops.decompositions import cholesky
from engine.ops.diagonals import diag_embed, diagonal
from engine.ops.inverse import inv
from engine.ops.matrix import matmul
from engine.ops.product_forms import is_identity
from engine.ops.shape import permute, swap_last
from explain.rewrite.axes import operand
from explain.rewrite.products import operands
from explain.rewrite.walk import rule


def factored(x, facts):
    """The matrix of which x is the Cholesky factor, by its look or its definition, else None."""
    if x.operation != "cholesky":
        defined = facts.definitions.get(x.expr)
        x = x if defined is None or defined.shape != x.shape or not facts.usable(x.expr) else defined
    return x.operands[0] if x.made_by(cholesky) else None


def turned(x):
    """The matrix of which x is the transpose, else None."""
    swap = x.made_by(permute) and x.expr.shape == x.shape and x.params["dims"] == (1, 0)
    return x.operands[0] if swap else None


@rule("half_lower", name="triangular matrices", reason="below its diagonal, an upper triangle is 0")
def half_of_upper(expr, facts):
    """Φ(Lᵀ diag(v)) = diag(diagonal(L) ⊙ v) / 2."""
    x = operand(expr)
    if not x.made_by(matmul) or len(x.shape) != 2:
        return None
    left, right = x.operands
    lower = turned(left)
    plain = right.made_by(diag_embed) and right.params["offset"] == 0
    if lower is None or not plain or factored(lower, facts) is None:
        return None
    entries = diagonal(lower, offset=0) * right.operands[0]
    return (diag_embed(entries, **right.params) / 2).expr


@rule("solve_triangular", name="Cholesky factor", reason="A = L Lᵀ, so L⁻ᵀ L⁻¹ = A⁻¹")
def solved(expr, facts):
    """L⁻ᵀ I = L⁻ᵀ, and L⁻ᵀ L⁻¹ = A⁻¹."""
    a, b = operands(expr)
    lower = turned(a)
    if lower is None or len(b.shape) != 2 or expr.params["unitriangular"]:
        return None
    whole = factored(lower, facts)
    if whole is None:
        return None
    if is_identity(b):
        return swap_last(inv(lower)).expr, "what solves for the identity is the inverse"
    if b.made_by(inv) and b.operands[0].expr == lower.expr:
        return inv(whole).expr
    return None

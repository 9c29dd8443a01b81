"""Passes over what selects entries: Iverson brackets, masked scores, diagonal matrices and the identity."""

from sympy import Add, S

from engine.op import REGISTRY
from engine.ops.constants import identity
from engine.ops.reduction import mean, sum_
from engine.symbols import Structure, Sym
from engine.symbols.substitute import product_of
from explain.rewrite.axes import entries, operand
from explain.rewrite.terms import numeric, scaled, terms, total
from explain.rewrite.walk import rule, walk

BRACKETS = {"lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or", "logical_not", "bitwise_and", "bitwise_or"}
OPPOSITE = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}


@rule("+", name="opposite bracket", reason="1 − [x > 0] is [x ≤ 0]", quiet=True, of=OPPOSITE)
def opposite(expr, _facts):
    found = terms(expr)
    for term, number in found.items():
        if isinstance(term, Structure) and term.operation in OPPOSITE and found.get(S.One) == -number:
            rest = {other: n for other, n in found.items() if other not in (term, S.One)}
            syms = [Sym(part, shape) for part, shape in zip(term.operands, term.operand_shapes)]
            other = REGISTRY[OPPOSITE[term.operation]](*syms).expr
            rest[other] = rest.get(other, S.Zero) - number
            return total(rest)
    return None


@rule("put", name="bracket", reason="the same number where a bracket holds, and zero elsewhere", quiet=True)
def put_where(expr, _facts):
    """put(c, [x > 0]) is c [x > 0], however many entries that are."""
    x = operand(expr)
    if len(expr.operands) != 2 or not x.uniform or expr.params["key"] != ("{1}",):
        return None
    mask = expr.operands[1]
    if not (isinstance(mask, Structure) and mask.operation in BRACKETS and mask.shape == tuple(expr.params["size"])):
        return None
    return product_of([x.expr, mask])


@rule("diag_embed", name="identity", quiet=True,
      reason="the same number along the diagonal is a multiple of the identity")  # fmt: skip
def uniform_diagonal(expr, _facts):
    x, size = operand(expr), expr.params["size"]
    if not x.uniform or expr.params["offset"] != 0 or len(size) != 2 or size[0] != size[1]:
        return None
    return product_of([x.expr, x.nullary(identity, rows=size[0], columns=size[1]).expr])


@rule("diag_embed", name="diagonal part", reason="a matrix with nothing but its diagonal is I ⊙ A", quiet=True)
def diagonal_part(expr, _facts):
    x, size = operand(expr), tuple(expr.params["size"])
    if x.operation != "diagonal" or x.params["offset"] or expr.params["offset"] or len(size) != 2 or size[0] != size[1]:
        return None
    (matrix,) = x.operands
    if matrix.shape != size:
        return None
    return product_of([x.nullary(identity, rows=size[0], columns=size[1]).expr, matrix.expr])


@rule("sum", name="trace", reason="Σ I ⊙ A is the trace of A", quiet=True)
def trace_of_identity_part(expr, _facts):
    x, dim = operand(expr), expr.params["dim"]
    if len(x.shape) != 2 or dim != (0, 1) or expr.params["keepdim"] or not x.expr.is_Mul:
        return None
    for part in x.expr.args:
        if isinstance(part, Structure) and part.operation == "identity" and part.shape == x.shape:
            rest = product_of([other for other in x.expr.args if other != part])
            return REGISTRY["trace"](Sym(rest, x.shape)).expr
    return None


@rule("sum", "mean", name="identity", reason="each row of the identity sums to one")
def sum_of_identity(expr, _facts):
    x, dim = operand(expr), expr.params["dim"]
    if x.operation != "identity" or x.expr.shape != x.shape or x.shape[0] != x.shape[1]:
        return None
    count = S.One if len(dim) == 1 else S.One * x.shape[0]
    return count if expr.op is sum_ else count / entries(x.shape, dim)


@rule("sum", "mean", name="known sum of a factor", reason="")
def sum_of_product(expr, facts):
    """Σ over the rows of A B, or the columns, where the sums of A's, or B's, are known: centred rows stay centred."""
    x, dim, keepdim = operand(expr), expr.params["dim"], expr.params["keepdim"]
    if x.operation != "matmul" or x.expr.shape != x.shape or dim not in ((0,), (1,)):
        return None
    a, b = x.operands
    if len(a.shape) != 2 or len(b.shape) != 2:
        return None
    value, reason = known_total((a, b)[dim[0]], dim, facts)
    if value is None:
        return None
    inner = sum_(b, dim=(0,), keepdim=keepdim) if dim == (0,) else sum_(a, dim=(1,), keepdim=keepdim)
    if expr.op is mean:
        value = value / x.shape[dim[0]]
    return product_of([value, inner.expr]) if value != 0 else S.Zero, reason


def known_total(x, dim, facts):
    """(the sum of a factor along an axis, reason) where it is a number; else (None, "")."""
    value, reason = facts.sum_of(x, dim)
    if value is None and (x.expr.is_Add or x.operation == "matmul"):
        for keepdim in (True, False):  # as the means in it are written
            parts = [scaled(number, sum_(Sym(term, x.shape), dim=dim, keepdim=keepdim).expr)
                     for term, number in terms(x.expr).items()]  # fmt: skip
            found, _trace = walk(Add(*parts), facts, explore=False)
            if numeric(found):
                return found, f"a factor of the product sums to {found} along that axis"
    return value, reason


@rule("*", name="masked scores", reason="where a score is −∞, its share in a softmax is zero already")
def masked_share(expr, facts):
    """softmax(masked_fill(S, m, −∞)) ⊙ (1 − m) is the softmax."""
    for part in expr.args:
        share = facts.definitions[part].expr if part in facts.definitions else part
        if not (isinstance(share, Structure) and share.operation == "softmax"):
            continue
        scores = share.operands[0]
        scores = facts.definitions[scores].expr if scores in facts.definitions else scores
        if not (isinstance(scores, Structure) and scores.operation == "masked_fill"):
            continue
        mask, filled = scores.operands[1], scores.operands[2] if len(scores.operands) > 2 else scores.params["value"]
        if not (filled == -S.Infinity or filled == float("-inf")):
            continue
        keep = 1 - mask
        if keep in expr.args:
            return product_of([other for other in expr.args if other != keep])
    return None



"""What generated code computes once: parts in two places, or in one with others. Imported by explain.code."""

from engine.op import REGISTRY
from engine.ops.standardize import scaled, standardized
from engine.symbols import Structure, Sym, is_number, shape_of
from engine.symbols.sym import apply
from explain.cost import NOTATION, children

# name -> the function that computes an operation together with another one, and that one's name
TOGETHER = {"standardize": (standardized, "inverse_deviation"), "rescale": (scaled, "inverse_rms")}


class Sharing:
    """What the expressions of one function share.

    parts     the subexpressions that get a variable
    inside    product -> another one whose factors are among its own: G γ in G γ x
    together  node -> (function, the two nodes that it computes at once)
    """

    def __init__(self, exprs):
        counts, stack = {}, list(exprs)
        while stack:
            expr = stack.pop()
            counts[expr] = counts.get(expr, 0) + 1
            if counts[expr] == 1:
                stack.extend(children(expr))
        self.together = _together(counts)
        inside = _inside([expr for expr in counts if expr.is_Mul])
        for part in inside.values():
            counts[part] += 1
        without_number = {expr.as_coeff_Mul()[1]: part for expr, part in inside.items()}
        self.inside = inside | {rest: part for rest, part in without_number.items() if rest != part}
        self.parts = {expr for expr, count in counts.items() if count > 1 and _takes_time(expr)}


def _inside(products):
    sets = {expr: frozenset(expr.args) for expr in products}
    arrays = [expr for expr in products if not is_number(expr.args[0]) and shape_of(expr)]
    found = {}
    for expr, factors in sets.items():
        within = [other for other in arrays if sets[other] < factors]
        if within:
            found[expr] = max(within, key=lambda other: len(other.args))
    return found


def _together(counts):
    found = {}
    for expr in counts:
        if isinstance(expr, Structure) and expr.operation in TOGETHER:
            function, name = TOGETHER[expr.operation]
            other = apply(REGISTRY[name], [Sym(expr.operands[0], expr.operand_shapes[0])], expr.params).expr
            if other in counts:
                found[expr] = found[other] = function, (expr, other)
    return found


def _takes_time(expr):
    if isinstance(expr, Structure):
        return expr.operation not in NOTATION and expr.operation != "constant"
    return bool(expr.args) and not is_number(expr) and not (expr.is_Mul and len(expr.args) == 2 and expr.args[0] == -1)

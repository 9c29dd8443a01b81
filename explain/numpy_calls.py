"""How NumPy itself spells operations whose forward functions only wrap its own. Imported by explain.code."""

from engine.symbols import Structure
from explain.rewrite.literals import literal

COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
TRUTHS = {*COMPARISONS, "logical_and", "logical_or", "logical_xor", "logical_not", "any", "all", "signbit", "isnan",
          "isinf", "isfinite", "isposinf", "isneginf"}  # fmt: skip
LOGIC = {"bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not"}  # of truths they are truths

# name -> the call, with {0}, {1} for operands as arguments and the parameters under their names
CALLS = {
    "argmax": "np.argmax({0}, axis={dim}, keepdims={keepdim})",
    "argmin": "np.argmin({0}, axis={dim}, keepdims={keepdim})",
    "cholesky": "np.linalg.cholesky({0})",
    "det": "np.linalg.det({0})",
    "identity": "np.eye({rows}, {columns})",
    "inv": "np.linalg.inv({0})",
    "matrix_power": "np.linalg.matrix_power({0}, {n})",
    "part": "{0}[{index}]",  # of a call
    "solve": "np.linalg.solve({0}, {1})",
    "where": "np.where({0}, {1}, {2})",
}


def spelled(expr, operands, params):
    """The call that stands for a node, or None where NumPy's own function isn't the same."""
    call = CALLS.get(expr.operation)
    if expr.operation == "solve" and expr.params["vector"] and len(expr.operand_shapes[1]) != 1:
        return None  # a batch of vectors
    if expr.operation in ("argmax", "argmin") and not expr.operand_shapes[0]:
        return None
    if expr.operation == "getitem" and len(operands) == 1 and literal_key(expr.params["key"]):
        return f"{operands[0] if operands[0].isidentifier() else f'({operands[0]})'}[{expr.params['key']}]"
    if expr.operation == "vector_norm" and expr.params["ord"] == 2 and len(expr.params["dim"]) == 1:
        kept = ", keepdims=True" if expr.params["keepdim"] else ""
        return f"np.linalg.norm({operands[0]}, axis={expr.params['dim'][0]}{kept})"
    if literal(expr):
        return f"np.array([{', '.join(map(_element, expr.operands, operands))}])"
    return None if call is None else call.format(*operands, **params)


def _element(entry, written):
    """An entry, or a row, of an array that is written out: integers alone would give an array of integers."""
    if entry.is_Integer:
        return repr(float(entry))
    return written[len("np.array(") : -1] if written.startswith("np.array([") and literal(entry) else written


def literal_key(key):
    """Whether a key says all by itself: integers, slices, None, without letters or arrays."""
    cuts = [item for item in key if isinstance(item, slice)]
    parts = [item for item in key if not isinstance(item, slice)]
    parts += [part for cut in cuts for part in (cut.start, cut.stop, cut.step)]
    return bool(key) and all(part is None or part is Ellipsis or type(part) is int for part in parts)


def is_truth(expr):
    """Whether NumPy gives truth values for an expression: comparisons, what combines or moves them, their products."""
    if expr.is_Mul:
        return all(map(is_truth, expr.args))
    if not isinstance(expr, Structure):
        return False
    if expr.operation in LOGIC or expr.op.moves and expr.operands:
        return all(map(is_truth, expr.operands))
    return expr.operation in TRUTHS

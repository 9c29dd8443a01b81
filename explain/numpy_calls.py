"""How NumPy itself spells operations whose forward functions only wrap its own. Imported by explain.code."""

from engine.symbols import Structure

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
    return None if call is None else call.format(*operands, **params)


def is_truth(expr):
    """Whether NumPy gives truth values for an expression: comparisons, what combines or moves them, their products."""
    if expr.is_Mul:
        return all(map(is_truth, expr.args))
    if not isinstance(expr, Structure):
        return False
    if expr.operation in LOGIC or expr.op.moves and expr.operands:
        return all(map(is_truth, expr.operands))
    return expr.operation in TRUTHS

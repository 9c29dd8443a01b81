"""How operations that aren't elementwise are written: by their own template, or by a writer here.

A writer takes the Writer and the node, and returns (text, how tightly it holds). Imported by explain.render.notation.
"""

import numpy as np

from engine.symbols import Structure, shape_of
from explain.render.templates import ATOM, OPEN, POWER, PRODUCT, SUM, written
from explain.rewrite.literals import literal

WRITERS = {}  # name of an operation -> its writer
COMPARISONS = {"lt": "<", "le": "≤", "gt": ">", "ge": "≥", "eq": "=", "ne": "≠"}
NAMES = {
    "amax": "max", "amin": "min", "max_all": "max", "min_all": "min", "max_along": "max", "min_along": "min",
    "vector_norm": "norm", "convolution": "conv", "convolution_bias": "conv", "convolution_input": "convᵀ",
    "convolution_input_bias": "convᵀ", "indicator": "onehot", "row_weights": "weights", "matrix_exp": "expm",
}  # fmt: skip
PARTS = {
    "eigh": ("eigenvalues", "eigenvectors"), "slogdet": ("sign_det", "log_abs_det"), "qr": ("qr_Q", "qr_R"),
    "svd": ("left_vectors", "singular_values", "right_vectors"),
    "lstm_step": ("next_state", "next_cell", "input_gate", "forget_gate", "candidate", "output_gate", "tanh_cell"),
    "gru_step": ("next_state", "reset_gate", "update_gate", "candidate", "from_state"),
}  # fmt: skip
ARGUMENTS = {"lstm_step": (2, 2, 1, 1, 1, 1, 2), "gru_step": (3, 2, 2, 2, 2)}  # how many operands a part depends on
# What parameters are when they say nothing; None and False say nothing either.
NEUTRAL = {
    "stride": 1, "padding": 0, "dilation": 1, "groups": 1, "ignore_index": -100, "label_smoothing": 0.0,
    "value": 0, "alpha": 1, "output_padding": 0, "offset": 0, "diagonal": 0, "correction": 1, "rtol": None,
}  # fmt: skip
SHAPES = {"size", "shape", "kernel"}


def structure(writer, expr):
    """Any operation: its writer here, else its template, else a call with its settings."""
    special = WRITERS.get(expr.operation)
    if special is not None:
        return special(writer, expr)
    words = writer.words
    if expr.op.text:
        return written(expr.op.text, words, lambda at, level: writer.tight(expr, at, level), expr.params)
    return called(writer, expr)


def writes(*names):
    """Enter a writer of operations."""

    def enter(function):
        for name in names:
            WRITERS[name] = function
        return function

    return enter


def called(writer, expr, name=None):
    """A call: the axes as an index of the name, other settings that say something behind the operands."""
    words, params = writer.words, dict(expr.params)
    name = name or NAMES.get(expr.operation, expr.operation)
    function = words.function(name)
    axes, kept = axes_of(expr)
    if "dim" in params:
        function = words.along(function, axes, kept)
        params.pop("dim")
        params.pop("keepdim", None)
    inner = [writer.tight(expr, at, SUM) for at in range(len(expr.operands))]
    return words.call(function, [*inner, *settings(words, params)]), ATOM


def axes_of(expr):
    """(the axes that an operation goes over, whether it keeps them); no axes if it goes over all and drops them."""
    dim, kept = expr.params.get("dim"), expr.params.get("keepdim", False)
    if dim is None:
        return (), False
    dim = dim if isinstance(dim, tuple) else (dim,)
    rank = len(expr.operand_shapes[0])
    if len(dim) == rank and (not kept or not rank) and (rank == 1 or len(expr.shape) < rank):
        return (), False
    return dim, bool(kept) and len(expr.shape) == rank


def settings(words, params):
    """Parameters that say something, as name=value."""
    shown = []
    for name, value in sorted(params.items()):
        if value is None or value is False or _neutral(name, value):
            continue
        if isinstance(value, tuple) and all(isinstance(part, int) or hasattr(part, "is_Symbol") for part in value):
            same = len(set(value)) == 1 and name not in SHAPES
            value = value[0] if same else "×".join(map(str, value))
        elif isinstance(value, float):
            value = f"{value:g}"
        shown.append(words.plain(f"{name}={value}"))
    return shown


def _neutral(name, value):
    if name not in NEUTRAL:
        return False
    parts = value if isinstance(value, tuple) else (value,)
    return all(part == NEUTRAL[name] for part in parts)


@writes("matmul")
def _matmul(writer, expr):
    words = writer.words
    left, right = writer.tight(expr, 0, PRODUCT), writer.tight(expr, 1, POWER)
    if expr.operands[0].is_Mul:
        left = words.brackets(left)
    if len(expr.operand_shapes[0]) == 1:  # a vector on the left is a row
        left = words.transpose(writer.tight(expr, 0, ATOM))
    return words.spaced(left, right), PRODUCT


@writes("outer")
def _outer(writer, expr):
    if any(len(shape) != 1 for shape in expr.operand_shapes):
        return writer.words.operator(writer.tight(expr, 0, POWER), "⊗", writer.tight(expr, 1, POWER)), PRODUCT
    left, right = writer.tight(expr, 0, POWER), writer.words.transpose(writer.tight(expr, 1, ATOM))
    return writer.words.spaced(left, right), PRODUCT


@writes("permute")
def _permute(writer, expr):
    words, dims = writer.words, expr.params["dims"]
    rank = len(dims)
    if rank >= 2 and dims == (*range(rank - 2), rank - 1, rank - 2):
        inner = expr.operands[0]
        if getattr(inner, "operation", "") == "inv" and inner.shape == expr.operand_shapes[0]:
            return words.inverse_transpose(writer.tight(inner, 0, ATOM)), POWER
        return words.transpose(writer.tight(expr, 0, ATOM)), POWER
    order = words.plain("".join(map(str, dims)) if rank < 10 else str(dims))
    return words.call(words.function("permute"), [writer.tight(expr, 0, SUM), order]), ATOM


@writes("sum")
def _sum(writer, expr):
    axes, kept = axes_of(expr)
    operand, shape = expr.operands[0], expr.operand_shapes[0]
    inner, holds = writer.write(operand)
    if shape and not shape_of(operand):
        inner, holds = writer.words.filled(inner, tuple(map(str, shape))), ATOM
    return writer.words.sum_over(axes, kept, inner, holds), writer.words.sum_holds


@writes("unsqueeze")
def _unsqueeze(writer, expr):
    picks = ", ".join("None" if at in expr.params["dim"] else ":" for at in range(len(expr.shape)))
    return writer.words.indexed(writer.tight(expr, 0, ATOM), [writer.words.literal(picks)]), ATOM


@writes("squeeze")
def _squeeze(writer, expr):
    picks = ", ".join("0" if at in expr.params["dim"] else ":" for at in range(len(expr.operand_shapes[0])))
    return writer.words.indexed(writer.tight(expr, 0, ATOM), [writer.words.literal(picks)]), ATOM


@writes("reshape", "expand", "sum_to")
def _shaped(writer, expr):
    words = writer.words
    name = {"reshape": "reshape", "expand": "repeat", "sum_to": "sum"}[expr.operation]
    size = "×".join(map(str, expr.shape)) or "scalar"
    return words.call(words.function(name), [writer.tight(expr, 0, SUM), words.plain(f"to {size}")]), ATOM


@writes("cast", "copied", "clone")
def _same(writer, expr):
    return writer.write(expr.operands[0])


@writes(*COMPARISONS)
def _comparison(writer, expr):
    left, right = writer.tight(expr, 0, SUM), writer.tight(expr, 1, SUM)
    return writer.words.square(writer.words.operator(left, COMPARISONS[expr.operation], right)), ATOM


@writes("share")
def _share(writer, expr):
    """[x = m] shared among ties."""
    words = writer.words
    inner = words.operator(writer.tight(expr, 0, SUM), "=", writer.tight(expr, 1, SUM))
    return words.call(words.function("share"), [inner]), ATOM


@writes("diag_embed")
def _diagonal_matrix(writer, expr):
    """diag(v), where the matrix is square and the vector its main diagonal."""
    square = len(expr.shape) == 2 and expr.shape[0] == expr.shape[1] and not expr.params["offset"]
    if not square or shape_of(expr.operands[0]) != expr.operand_shapes[0]:
        return called(writer, expr)
    return writer.words.call(writer.words.function("diag"), [writer.tight(expr, 0, SUM)]), ATOM


@writes("solve", "solve_triangular")
def _solution(writer, expr):
    """A⁻¹ b, and A⁻ᵀ b where the system is transposed."""
    matrix, template = expr.operands[0], expr.op.text
    turned = isinstance(matrix, Structure) and matrix.operation == "permute" and matrix.shape == expr.operand_shapes[0]
    rank = len(expr.operand_shapes[0])
    if not turned or matrix.params["dims"] != (*range(rank - 2), rank - 1, rank - 2):
        return written(template, writer.words, lambda at, level: writer.tight(expr, at, level), expr.params)

    def operand(at, level):
        return writer.tight(expr, at, level) if at else writer.tight(matrix, 0, level)

    return written(template.replace("⁻¹", "⁻ᵀ"), writer.words, operand, expr.params)


@writes("cat", "stack")
def _cat(writer, expr):
    words, dim = writer.words, expr.params["dim"]
    rank = len(expr.operand_shapes[0]) + (expr.operation == "stack")
    parts = [writer.tight(expr, at, SUM) for at in range(len(expr.operands))]
    if literal(expr):
        return words.square(words.commas(parts)), ATOM
    if expr.operation == "cat" and rank <= 2:
        joined = words.commas(parts) if dim == rank - 1 else words.semicolons(parts)
        return words.square(joined), ATOM
    return words.call(words.along(words.function(expr.operation), (dim,), False), parts), ATOM


@writes("part")
def _part(writer, expr):
    """One of several outputs, by its own name where there is one."""
    words, of, index = writer.words, expr.operands[0], expr.params["index"]
    count = ARGUMENTS[of.operation][index] if of.operation in ARGUMENTS else len(of.operands)
    arguments = [writer.at(operand, SUM) for operand in of.operands[:count]]
    if of.operation == "unstack":
        return words.indexed(writer.tight(of, 0, ATOM), [words.literal(str(index))]), ATOM
    if of.operation in PARTS:
        return words.call(words.function(PARTS[of.operation][index]), arguments), ATOM
    return words.indexed(words.call(words.function(of.operation), arguments), [words.literal(str(index))]), ATOM


@writes("convolution")
def _convolution(writer, expr):
    if settings(writer.words, expr.params):
        return called(writer, expr)
    return writer.words.operator(writer.tight(expr, 0, POWER), "∗", writer.tight(expr, 1, POWER)), PRODUCT


@writes("einsum")
def _einsum(writer, expr):
    words = writer.words
    parts = [writer.tight(expr, at, SUM) for at in range(len(expr.operands))]
    before, arrow, after = str(expr.params["equation"]).replace(" ", "").partition("->")
    equation = words.plain(before)
    if arrow:
        equation = words.operator(equation, "→", words.plain(after))
    return words.call(words.function("einsum"), [equation, *parts]), ATOM


@writes("matrix_exp")  # exp(X) is taken entry by entry
def _expm(writer, expr):
    return called(writer, expr)


@writes("flip", "roll", "repeat")
def _reordered(writer, expr):
    words, params = writer.words, dict(expr.params)
    function = words.along(words.function(expr.operation), params.pop("dims", ()), False)
    inner = [writer.tight(expr, 0, SUM), *settings(words, params)]
    return words.call(function, inner), ATOM


@writes("vector_norm")
def _norm(writer, expr):
    words, params = writer.words, expr.params
    shown = words.norm(writer.tight(expr, 0, SUM))
    axes, kept = axes_of(expr)
    if params.get("ord", 2) != 2:
        ord_ = params["ord"]
        infinite = ord_ in (float("inf"), float("-inf"))
        shown = words.subscript(shown, words.constant("oo" if ord_ > 0 else "-oo") if infinite else f"{ord_:g}")
        return (shown, ATOM) if not axes else called(writer, expr)
    if axes:
        shown = words.along(words.function("norm"), axes, kept)
        return words.call(shown, [writer.tight(expr, 0, SUM)]), ATOM
    return shown, ATOM


@writes("constant")
def _constant(writer, expr):
    values = np.asarray(expr.params["values"])
    words = writer.words
    if values.size > 8:
        return words.plain(f"a constant {'×'.join(map(str, values.shape))} array"), ATOM
    return _listed(writer, values), ATOM


def _listed(writer, values):
    if not values.ndim:
        return writer.number(float(values))[0]
    return writer.words.square(writer.words.commas([_listed(writer, part) for part in values]))


__all__ = ["OPEN", "called", "structure", "writes"]


@writes("user_function", "user_pullback")
def _own_function(writer, expr):
    """A Function of the user's by its name; its backward says which operand's cotangent it is, if there are several."""
    words, call = writer.words, expr.params["call"]
    pulled = expr.operation == "user_pullback"
    inner = [writer.tight(expr, at, SUM) for at in range(len(expr.operands))]
    if pulled and len(expr.operands) > 2:
        inner += settings(words, {"at": expr.params["at"]})
    return words.call(words.function(f"{call!r}.backward" if pulled else repr(call)), inner), ATOM

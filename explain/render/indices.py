"""SymPy's index notation: Indexed, Sum, KroneckerDelta, Piecewise, relations. Imported by explain.render.notation."""

import sympy

from explain.render.templates import ATOM, OPEN, POWER, PRODUCT, SUM

WRITERS = {}  # class of a SymPy node -> its writer, which returns (text, how tightly it holds)
RELATIONS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}


def writes(*classes):
    """Enter a writer of nodes."""

    def enter(function):
        for each in classes:
            WRITERS[each] = function
        return function

    return enter


@writes(sympy.Indexed)
def _indexed(writer, expr):
    words = writer.words
    label = expr.base.label
    name = words.symbol(str(label)) if label.is_Symbol else writer.at(label, ATOM)
    return words.entry(name, [writer.write(index)[0] for index in expr.indices]), ATOM


@writes(sympy.KroneckerDelta)
def _delta(writer, expr):
    words = writer.words
    return words.entry(words.symbol("δ"), [writer.write(index)[0] for index in expr.indices]), ATOM


@writes(sympy.Sum)
def _sum(writer, expr):
    words = writer.words
    inner, holds = writer.write(expr.function)
    inner = inner if holds >= POWER or holds == PRODUCT and words.sum_holds < PRODUCT else words.brackets(inner)
    for index, low, high in reversed(expr.limits):
        inner = words.counted(writer.write(index)[0], writer.write(low)[0], writer.write(high)[0], inner)
    return inner, OPEN


@writes(sympy.Piecewise)
def _cases(writer, expr):
    words = writer.words
    cases = []
    for value, condition in expr.args:
        when = words.plain("otherwise") if condition == sympy.true else writer.write(condition)[0]
        cases.append((writer.write(value)[0], when))
    return words.cases(cases), ATOM


@writes(sympy.StrictGreaterThan, sympy.GreaterThan, sympy.StrictLessThan, sympy.LessThan, sympy.Equality,
        sympy.Unequality)  # fmt: skip
def _relation(writer, expr):
    return writer.words.operator(writer.at(expr.lhs, SUM), RELATIONS[expr.rel_op], writer.at(expr.rhs, SUM)), SUM


@writes(sympy.And, sympy.Or)
def _logic(writer, expr):
    sign = "∧" if isinstance(expr, sympy.And) else "∨"
    out = writer.write(expr.args[0])[0]
    for part in expr.args[1:]:
        out = writer.words.operator(out, sign, writer.write(part)[0])
    return out, SUM


@writes(sympy.Mod)
def _mod(writer, expr):
    words = writer.words
    left, right = (writer.at(part, POWER) for part in expr.args)
    return words.spaced(words.spaced(left, words.function("mod")), right), PRODUCT

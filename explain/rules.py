"""Definitions differentiated as a tutor of calculus does it: one rule a line, with what is u and what is v.

Each operation that acts entry by entry is a line, from the outermost inward. Imported by explain.explanation.
"""

from engine.symbols import Sym, lift
from engine.tape import Node, leading_to
from explain.render.notation import short_number, text
from explain.rewrite import simplify
from explain.steps import Derivative, Form, Said, Step, single

POWERS = {"sqrt": "1/2"}
SHORT = 40  # letters of what u stands for


def rule_steps(derivation, wrt):
    """The steps of kind rule for all definitions on the way to one variable."""
    program = derivation.program
    leading = leading_to([node for node in program.nodes if node in program.live], [wrt])
    steps = []
    for node in reversed(derivation.live_named):
        if node not in leading:
            continue
        for parent in reversed(program.parents(node)):
            if parent in leading:
                steps += _steps(derivation, node, parent)
    return tuple(steps)


def pointwise(program, node, parent):
    """Whether one variable is computed from another entry by entry."""
    path = [x for x in program.between(node, parent) if x is not parent]
    shape = program.shape(node)
    return program.shape(parent) == shape and all(
        x.op.elementwise and program.shape(x) == shape and not isinstance(x.output, tuple) for x in path
    )


def _steps(derivation, node, parent):
    program = derivation.program
    path = [x for x in program.between(node, parent) if x is not parent and not isinstance(x.output, tuple)]
    return [_step(derivation, x, parent) for x in reversed(path) if pointwise(program, x, parent)]


def _step(derivation, x, parent):
    program = derivation.program
    operands = [_Operand(derivation, operand, parent) for operand in x.inputs]
    maker = MAKERS.get(x.op.name, _chain)
    found = maker(derivation, x, operands) or _chain(derivation, x, operands)
    form, rule, words = found
    whole = program.definition(x)
    result = _slope(derivation, x, parent)
    forms = (form,) if form.over is None and _plain(form, result) else (form, single(result))
    return Step("rule", Derivative(whole, program.names[parent]), forms, rule, (Said(words),), x.shape, None, x, parent)


def _plain(form, result):
    return len(form.terms) == 1 and len(form.terms[0]) == 1 and form.terms[0][0].expr == result.expr


def _slope(derivation, x, parent):
    """∂x/∂parent of an operation on the way."""
    program = derivation.program
    path = program.between(x, parent)
    ones = lift(1).filled(1, program.shape(x))
    return simplify(derivation.written(derivation.passed(x, parent, path, ones)), derivation.facts)[0]


class _Operand:
    """One operand: its expression, whether it depends on the variable, and its derivative."""

    def __init__(self, derivation, x, parent):
        program = derivation.program
        self.shape = ()
        if x.__class__ is not Node:
            self.sym, self.slope = lift(x), None
        else:
            self.shape = program.shape(x)
            self.sym = program.value(x) if x in program.names or x.op is None else program.definition(x)
            behind = x is parent or (x not in program.names and x in program.live
                                     and parent in program.parents(x))  # fmt: skip
            self.slope = None
            if x is parent:
                self.slope = lift(1).filled(1, self.shape)
            elif behind:
                self.slope = _slope(derivation, x, parent)

    @property
    def moves(self):
        return self.slope is not None

    @property
    def shown(self):
        found = text(self.sym.expr)
        return found if len(found) <= SHORT else "what stands there"


def _chain(derivation, x, operands):
    """f(u)' = f'(u) u', for each operand."""
    program = derivation.program
    syms = [operand.sym for operand in operands]
    y = program.definition(x)
    ones = lift(1).filled(1, program.shape(x))
    terms = []
    for at, operand in enumerate(operands):
        if operand.moves:
            outer = x.op.vjp[at](ones, y, *syms, **x.params)
            outer = simplify(Sym(outer.expr, program.shape(x)), derivation.facts)[0]
            terms.append((outer,) if operand.slope.expr == 1 else (outer, operand.slope))
    moving = [operand for operand in operands if operand.moves]
    name = x.op.rule
    if len(moving) == 1 and moving[0].slope.expr == 1:
        return Form(tuple(terms)), name, f"the derivative of {name} at {moving[0].shown}."
    letters = _letters(program)
    given = ", ".join(f"{letter} = {operand.shown}" for letter, operand in zip(letters, moving))
    return Form(tuple(terms)), "chain rule", f"with {given}: the derivative of {name}, times that of {letters[0]}."


def _letters(program):
    """Letters for the parts of a piece, as in u v, that aren't variables of the program."""
    taken = set(program.names.values())
    return next((letters for letters in ("uvw", "fgh", "pqr") if not taken & set(letters)), "uvw")


def _sum(derivation, x, operands):
    a, b = operands
    u, v, _w = _letters(derivation.program)
    minus = x.op.name == "sub"
    terms = []
    for at, operand in enumerate(operands):
        slope = operand.slope if operand.moves else lift(0)
        terms.append((-slope if minus and at else slope,))
    rule = "difference rule" if minus else "sum rule"
    if a.moves and b.moves:
        return Form(tuple(terms)), rule, f"with {u} = {a.shown} and {v} = {b.shown}: term by term."
    moving, fixed = (a, b) if a.moves else (b, a)
    return Form(tuple(terms)), rule, f"with {u} = {moving.shown}; {fixed.shown} doesn't change, so its derivative is 0."


def _product(derivation, x, operands):
    a, b = operands
    u, v, _w = _letters(derivation.program)
    if a.moves and b.moves:
        words = f"with {u} = {a.shown} and {v} = {b.shown}: {u}′ {v} + {u} {v}′."
        return Form(((a.slope, b.sym), (a.sym, b.slope))), "product rule", words
    moving, fixed = (a, b) if a.moves else (b, a)
    return Form(((fixed.sym, moving.slope),)), "constant multiple rule", (
        f"with {u} = {moving.shown}: the factor {fixed.shown} stays, {u} is differentiated."
    )


def _quotient(derivation, x, operands):
    a, b = operands
    u, v, _w = _letters(derivation.program)
    if not b.moves:
        words = f"with {u} = {a.shown}: the divisor {b.shown} stays, {u} is differentiated."
        return Form(((a.slope,),), b.sym), "constant multiple rule", words
    if not a.moves:
        words = f"with {v} = {b.shown}: −c {v}′/{v}², where c, here {a.shown}, doesn't change."
        return Form(((-a.sym, b.slope),), b.sym**2), "quotient rule", words
    words = f"with {u} = {a.shown} and {v} = {b.shown}: ({u}′ {v} − {u} {v}′)/{v}²."
    return Form(((a.slope, b.sym), (-a.sym, b.slope)), b.sym**2), "quotient rule", words


def _power(derivation, x, operands):
    a, b = operands
    if b.moves or not b.sym.expr.is_Number:
        return None
    n = short_number(float(b.sym.expr)) if b.sym.expr.is_Integer else text(b.sym.expr)
    lowered = a.sym ** (b.sym - 1)
    factors = (b.sym, lowered) if a.slope.expr == 1 else (b.sym, lowered, a.slope)
    if len(factors) == 2:
        inner = "" if a.sym.expr.is_Symbol else f"; the derivative of {a.shown} is 1"
        words = f"the exponent {n} comes down, and one less than it is left above{inner}."
    else:
        u, _v, _w = _letters(derivation.program)
        words = f"with {u} = {a.shown}: the exponent {n} comes down, one less than it is left above, times {u}′."
    return Form((factors,)), "power rule" if len(factors) == 2 else "power rule and chain rule", words


def _negative(derivation, x, operands):
    (a,) = operands
    return Form(((lift(-1), a.slope),)), "constant multiple rule", f"the factor −1 stays, {a.shown} is differentiated."


MAKERS = {"add": _sum, "sub": _sum, "mul": _product, "div": _quotient, "pow": _power, "neg": _negative}

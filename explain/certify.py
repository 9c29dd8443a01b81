"""Evidence for an explanation: every equation it shows, at the user's values and at fresh points.

Oracles: the tape's numeric gradient, and finite differences of the forward program run again. No rule that
made a formula serves to check it. Imported by explain.explanation.
"""

from itertools import zip_longest
from math import prod

import numpy as np

from engine.ops.own import user_function
from engine.symbols import evaluate
from engine.tape import leading_to
from explain.conventions import Counted, zero_over_zero
from explain.findings import (
    CertificateError,
    certificate_notes,
    corner_notes,
    empty_notes,
    failure,
    outside_notes,
    refuse_infinite,
    refuse_uncompared,
    refuse_undefined,
    undefined_notes,
)
from explain.fresh import direction_at
from explain.points import points
from explain.replay import complex_slope, slope_beside, tape_gradients
from explain.rounding import (
    EXACT,
    JITTER,
    LIMIT,
    SPREADS,
    agreement,
    by_rounding,
    floor_of,
    largest,
    relative,
    shaped,
    slope_along,
    small,
    weight,
    where_defined,
)
from explain.steps import Certificate, Numbers, Slope

DIFFERENCES = 2e-5  # relative; what finite differences may differ by
SINGLE = 1e-3  # relative; what a program in single precision, or less, may be off by
UNCOMPARED = "the step for {} is 0/0 as written, so nothing of it could be compared"


def certify(derivation, steps, formulas, definitions, evidence):
    """The certificate of an explanation; CertificateError names what is wrong and where.

    formulas     wrt node -> list of (label, Sym) that must equal its gradient
    definitions  symbol -> Sym that must equal what the tape has under that name: a value or a cotangent
    evidence     the points, which all variables of one program share
    """
    tape_error = difference_error = 0.0
    cornered = undefined = zeroed = outside = 0
    held = [()] * len(steps)  # at how many points each equation of each held
    compared = {}
    generator = np.random.default_rng(7)
    tried, nodes = [], derivation.program.nodes
    onward = {node: onward_from(nodes, node) for node in formulas}
    for count, point in enumerate(evidence, 1):
        tried.append(point.letters)
        cornered += point.at_corner
        for node, candidates in formulas.items():
            truth = point.gradients[node]
            for label, sym in candidates:
                value, zeros = zero_over_zero(sym, point.value(sym), node, point)
                zeroed = max(zeroed, zeros)
                undefined = max(undefined, int(np.sum(np.isnan(value) != np.isnan(truth))))  # a removable 0/0
                sides = where_defined(value, truth)
                compared[label, node] = max(compared.get((label, node), 0), sides[0].size)
                own = (lambda at, sym=sym: at.value(sym), lambda at, node=node: at.gradients[node])
                error, equal = agreement(point, *sides, point.largest, *own)
                if not equal:
                    refuse_undefined(derivation.program, point)
                    raise CertificateError(failure(label, sym, "the tape's gradient", error, count))
                tape_error = max(tape_error, error)
            error, doubt = against_differences(derivation, point, onward[node], truth, generator)
            outside += bool(np.isnan(error))
            if error > DIFFERENCES + doubt:
                own = sorted({str(x.params["call"]) for x in nodes if x.op is user_function})
                raise CertificateError(failure("the gradient", None, "finite differences", error, count, own))
            difference_error = max(difference_error, 0.0 if np.isnan(error) else error)
        for symbol, sym in definitions.items():
            check_definition(symbol, sym, point, count)
        held = [both(had, equations(derivation, step, point, count)) for had, step in zip(held, steps)]
    refuse_uncompared(derivation.program, compared, point)
    if evidence[0].far is not None:
        certify_far(derivation, steps, formulas, definitions, evidence[0].far, count + 1)
    unproved = [step for had, step in zip(held, steps) if not (had and all(had)) and claims(derivation, step)]
    certify_by_convention(derivation, steps if zeroed else unproved, evidence[0], point)
    corners = (*corner_notes(cornered, count), *undefined_notes(undefined, zeroed, len(unproved)))
    notes = (*corners, *outside_notes(outside, count), *empty_notes(compared))
    notes += certificate_notes(derivation.program.letters, tried)
    return Certificate(count, sum(map(sum, held)), tape_error, difference_error, notes, zeroed)


def both(had, new):
    """At how many points each equation of a step held."""
    return tuple(map(sum, zip_longest(had, new, fillvalue=0)))


def claims(derivation, step):
    """Whether a step says anything of numbers: two sides, or one that has an oracle, with entries."""
    if step.kind in ("local", "rule"):
        return bool(prod(step.node.output.shape) and prod(step.parent.output.shape))
    return len(step.forms) > 1 or step.kind == "forward" or isinstance(step.left, Slope)


def certify_far(derivation, steps, formulas, definitions, point, count):
    """Check formulas, definitions and steps where variables have other signs: what a mask hides elsewhere."""
    for node, candidates in formulas.items():
        for label, sym in candidates:
            sides = where_defined(point.value(sym), point.gradients[node])
            own = (lambda at, sym=sym: at.value(sym), lambda at, node=node: at.gradients[node])
            error, equal = agreement(point, *sides, point.largest, *own)
            if not equal:
                raise CertificateError(failure(label, sym, "the tape's gradient", error, count))
    for symbol, sym in definitions.items():
        check_definition(symbol, sym, point, count)
    for step in steps:
        if step.kind not in ("local", "rule", "entry"):
            equations(derivation, step, point, count)


def equations(derivation, step, point, count):
    """Which equations of a step hold at a point; an error if one doesn't. What variables share is checked once."""
    found = point.checked.get(id(step))
    if found is None:
        found = point.checked[id(step)] = step, check_step(derivation, step, point, count)
    return found[1]


def check_definition(symbol, sym, point, count):
    """Check a definition against what the tape has under its name; what variables share is checked once.

    Where nothing can be compared, since it is 0/0 as written, 0/0 counts as 0.
    """
    if (symbol, sym.expr) in point.checked:
        return
    point.checked[symbol, sym.expr] = True
    refuse_infinite(symbol, [sym.expr])
    truth = np.asarray(point.env[symbol], float)

    def read(at):
        return shaped(at.value(sym), truth.shape)

    sides = where_defined(read(point), truth)
    if not sides[0].size and point.at_corner:
        sides = where_defined(Counted(point).value(sym), truth)
    scale = point.largest if symbol in point.derivation.by_cotangent else point.largest_value
    error, equal = agreement(point, *sides, scale, read, lambda at: np.asarray(at.env[symbol], float))
    if not equal:
        raise CertificateError(failure(f"the definition of {symbol}", sym, "the tape", error, count))


def certify_by_convention(derivation, steps, first, last):
    """Check what can't be compared as written, since it is 0/0 in every entry, with 0/0 counted as 0."""
    for step in steps:
        count, point = (1, first) if step.kind == "entry" else (2, last)
        if step.kind in ("local", "rule"):
            held = equations(derivation, step, point, 2) or check_step(derivation, step, Counted(point), 2)
        else:
            held = check_step(derivation, step, point, count, Counted(point))
        if not held or not all(held):
            raise CertificateError(UNCOMPARED.format(said(step)))


def said(step):
    """What a step is for, in a complaint."""
    of = getattr(step.left, "of", None)
    return f"∂{of}/∂{step.left.wrt}" if isinstance(of, str) else getattr(step.left, "name", None) or f"{step.rule}"


def certify_form(derivation, wrt, label, value, gradient, like=None):
    """Check another form of the formula, `value(point)`, at the same points; CertificateError if it errs.

    like  the formula where the form must be an array of its own shape, with nan only where the formula has it
    """
    compared = 0
    for count, point in enumerate(points(derivation, gradient), 1):
        truth = point.gradients[wrt]
        found = np.asarray(value(point), float)
        if like is not None and (found.shape != truth.shape or lost(found, like, truth, point)):
            raise CertificateError(failure(label, None, "the formula's shape or entries", np.inf, count))
        sides = where_defined(np.broadcast_to(found, truth.shape), truth)
        compared = max(compared, sides[0].size)
        error, equal = agreement(point, *sides, point.largest, value, lambda at: at.gradients[wrt])
        if not equal:
            raise CertificateError(failure(label, None, "the tape's gradient", error, count))
    refuse_uncompared(derivation.program, {(label, wrt): compared}, point)


def lost(found, like, truth, point):
    """Whether a form is nan where the formula, or with 0/0 as 0, and the tape aren't."""
    return np.any(np.isnan(found) & ~np.isnan(point.value(like)) & ~np.isnan(truth))


def certify_steps(derivation, steps, gradient):
    """Check the equations of further steps; CertificateError if one doesn't hold."""
    held, evidence = [()] * len(steps), []
    for count, point in enumerate(points(derivation, gradient), 1):
        held = [both(had, check_step(derivation, step, point, count)) for had, step in zip(held, steps)]
        evidence = [*evidence[:1], point]
    unproved = [step for had, step in zip(held, steps) if not (had and all(had)) and claims(derivation, step)]
    certify_by_convention(derivation, unproved, evidence[0], evidence[-1])


def onward_from(nodes, node):
    """A node and those of `nodes` that depend on it, in recording order."""
    leading = leading_to(nodes, [node])
    return [x for x in nodes if x in leading]


def against_differences(derivation, point, onward, truth, generator):
    """The relative error of <gradient, direction> for a random direction, and how far the differences err.

    onward  the variable, and what depends on it
    (nan, 0) where a step to either side leaves the domain, so that nothing could be compared.
    """
    if not truth.size or not np.isfinite(truth).all():
        return 0.0, 0.0
    node = onward[0]
    base = point.outputs[node]
    direction = direction_at(base, generator.standard_normal(base.shape), derivation.program.read_as.get(node))
    where = (onward, point.outputs, node, direction, derivation.program.out, point.seed, point.params)
    least = small(base, [point.weight(x) for x in onward if x in point.gradients])
    exact, scale = slope_along(truth, direction, least)
    slope, estimate = slope_beside(exact, scale, DIFFERENCES, *where)
    if np.isnan(slope):
        return np.nan, 0.0
    return abs(exact - slope) / scale, 10 * estimate / scale


def own_rounding(program, node, point):
    """What an entry may be off by since what it comes from rounds, as 1 - x² near 1; little beside other gradients."""
    found = point.gradients
    uses = [x for x in program.nodes if node in x.inputs and isinstance(found.get(x), np.ndarray)]
    size = max((weight(found[x], point.outputs[x]) for x in uses), default=0.0)
    own = SPREADS * JITTER * size / (largest(point.outputs[node], nan=0.0) or 1.0)
    return min(own, LIMIT * point.largest)


def check_step(derivation, step, point, count, counted=None):
    """Which equations of a step hold; an error if one doesn't. `counted`: the point for what is 0/0 throughout."""
    if count == 1:
        terms = [term for form in step.forms if not isinstance(form, Numbers) for term in form.terms]
        refuse_infinite(step.left, [sym.expr for term in terms for sym in term])
    if step.kind in ("local", "rule"):
        return check_local(derivation, step, point, count)
    if step.kind == "entry" and point.letters != derivation.program.letters.sizes:
        return ()  # an entry of another sum
    forms = [form for form in step.forms if not isinstance(form, Numbers)]
    readers = [lambda at, form=form: form_value(form, at) for form in forms]
    values = [read(point) for read in readers]
    oracle = expected(derivation, step, point)
    shape = np.broadcast_shapes(*map(np.shape, values)) if oracle is None else np.shape(oracle)
    if oracle is not None:
        readers.append(lambda at: expected(derivation, step, at))
        values.append(oracle)
    held, scale = (), point.largest_value if step.kind == "forward" else point.largest
    right, truth = (readers[0], values[0]) if oracle is None else (readers[-1], oracle)
    for read, value in zip(readers, values):
        if read is right:
            continue
        sides = where_defined(shaped(value, shape), shaped(truth, shape))
        if counted and not sides[0].size:
            sides = where_defined(shaped(read(counted), shape), shaped(right(counted), shape))
        error, equal = agreement(point, *sides, scale, read, right)
        if not equal and step.kind == "entry":
            equal = largest(np.subtract(*sides)) <= own_rounding(derivation.program, step.node, point)
        if not equal:
            raise CertificateError(failure(f"the step for {step.left}", None, "its two sides", error, count))
        compared = bool(sides[0].size or not np.prod(shape))  # nan on both sides proves nothing
        if counted and not compared:
            raise CertificateError(UNCOMPARED.format(said(step)))
        held += (compared,)
    if step.kind == "entry" and count > 1:
        check_anywhere(step, forms, point)
        return ()  # its numbers are the user's
    return held + (check_numbers(step, [right], point) if count == 1 else ())


def check_anywhere(step, forms, point):
    """An entry against what it is an entry of, whatever the variables are: a masked one is 0 at all our points."""
    if step.parent is None:
        return
    whole, index = step.parent
    at = point.anywhere
    try:
        sides = form_value(forms[-1], at), at.value(whole)[index]
    except (ValueError, IndexError, np.linalg.LinAlgError):  # choices by data that fit the program's values alone
        return
    error = relative(*where_defined(*sides))
    if not error <= EXACT:
        raise CertificateError(failure(f"the step for {step.left}", None, "the entry of its formula", error, 2))


def check_numbers(step, readers, point):
    """The numbers of a step against what it is at the user's values; they have the precision of the user's program."""
    truth, scale = readers[0](point), point.largest_value if step.kind == "forward" else point.largest
    numbers = [form_value(form, point) for form in step.forms if isinstance(form, Numbers)]
    if step.value is not None:
        numbers.append(step.value)
    for value in numbers:
        value = np.asarray(value, dtype=float)
        shape = np.broadcast_shapes(np.shape(truth), value.shape)
        coarse = 1.0 if step.value is None or step.node is None else point.coarse
        exact = EXACT if coarse == 1 else SINGLE
        sides = where_defined(shaped(value, shape), shaped(truth, shape))
        error = relative(*sides)
        if error > exact:
            error = relative(*sides, floor_of(point, sides[1], readers, scale, coarse, exact))
        if not error <= exact and not by_rounding(point, *sides, *readers):
            raise CertificateError(failure(f"the number for {step.left}", None, "the formula", error, 1))
    return (1,) * len(numbers)


def rounds_between(program, point, between, node, seed):
    """How much each operation's rounding counts, of those from one variable to another, as the 1 of log(1 + x)."""
    found = tape_gradients(program.nodes, point.outputs, node, seed, set(between), point.params)
    return [weight(g, point.outputs[x]) for x, g in found.items() if isinstance(g, np.ndarray)]


def check_local(derivation, step, point, count):
    """A local derivative against differences of the operations between two variables alone."""
    program = derivation.program
    node, parent = step.node, step.parent
    base, result = point.outputs[parent], point.outputs[node]
    finite = np.isfinite(result)
    if not base.size or not finite.any():
        return ()
    seed, drawn = point.drawn(count, result.shape, base.shape)
    seed = np.where(finite, seed, 0)  # a masked score is infinite, and stays so
    direction = direction_at(base, drawn, program.read_as.get(parent))
    if step.kind == "rule" or not step.left.via:
        override = {}  # a slope, one number an entry
    else:
        seed = np.where(finite, 1.0, 0) if node is program.out and derivation.seed.expr == 1 else seed
        symbol = derivation.seed if node is program.out else derivation.cotangent_symbol(node)
        override = {symbol.expr: seed} if symbol.expr.is_Symbol else {}
    values = [shaped(form_value(form, point, override), base.shape) for form in step.forms]
    for value in values[1:]:
        read = [lambda at, form=form: form_value(form, at, override) for form in (step.forms[-1], step.forms[0])]
        error, equal = agreement(point, *where_defined(value, values[0]), point.largest, *read)
        if not equal:
            raise CertificateError(failure(f"the step for {step.left}", None, "its two sides", error, count))
    value = values[0] if override else values[0] * seed
    unknown = np.isnan(value)  # a removable 0/0 at these values
    if unknown.all():
        return ()
    value, direction = np.where(unknown, 0, value), np.where(unknown, 0, direction)
    between = program.between(node, parent)
    where = (between, point.outputs, parent, direction, node, seed, point.params)
    exact, scale = slope_along(value, direction, small(base, [weight(seed, result), weight(value, base)]))
    slope, estimate = slope_beside(exact, scale, DIFFERENCES, *where)
    turned = complex_slope(*where)
    if turned is not None and not abs(exact - turned) <= EXACT * scale:
        raise CertificateError(
            failure(f"the step for {step.left}", None, "a complex step", abs(exact - turned) / scale, count)
        )
    off = max(0.0, abs(exact - slope) - 10 * estimate)
    if off > DIFFERENCES * scale:
        scale = max(scale, small(base, rounds_between(program, point, between, node, seed)))
    error = off / scale
    if error > DIFFERENCES:  # nan: a step to one side leaves the domain
        raise CertificateError(failure(f"the step for {step.left}", None, "finite differences", error, count))
    return (1,) * len(values)


class _Given:
    """What form_value asks a point for, where the values are given."""

    def __init__(self, value):
        self.value = lambda sym, _override: value(sym)
        self.term = lambda factors, _override: prod(map(value, factors), start=1.0)


def form_value(form, point, override=None):
    """A form's value; of numbers in place of symbols, what they come to."""
    if isinstance(form, Numbers):
        numbers = dict(form.numbers)
        return form_value(form.form, _Given(lambda sym: evaluate(sym.expr, numbers, dict(numbers))))
    if len(form.terms) == 1 == len(form.terms[0]) and form.over is None:
        return point.value(form.terms[0][0], override)
    total = 0.0
    for term in form.terms:
        total = total + point.term(term, override)
    return total if form.over is None else total / point.value(form.over, override)


def expected(derivation, step, point):
    """What a step's left side is by an oracle: a replayed value, or the tape's gradient."""
    if step.kind == "forward":
        return point.outputs[step.node]
    if isinstance(step.left, Slope):
        truth = point.gradients[step.node]
        return truth if step.left.index is None else truth[step.left.index]
    return None

"""The mistakes that a wrong candidate is tested for, each a small named test against what the tape knows.

A test yields a Mistake where the candidate equals what that mistake would make, at every point. Imported by
explain.diagnosis, which asks them in order.
"""

import numpy as np

from engine.ops.fitting import fit_shape, spread_axes
from explain.altered import edges, local_rules
from explain.case import EQUAL, Mistake
from explain.factors import factor_words
from explain.verdict import spreads
from explain.wording import listed, number, shape


def nothing(case):
    """Zero where the derivative isn't, but for rounding."""
    if all(np.all(np.abs(trial.value) <= 1e-12 * trial.scale) for trial in case.trials):
        yield from _ones_upstream(case, lambda found, trial: np.all(np.abs(found) <= 1e-12 * trial.scale))
        yield Mistake("zero", f"Yours is zero, and {case.what} isn't.")


def factors(case):
    """A constant times the derivative: a sign, a number, a size."""
    ratios = case.ratios(lambda trial: trial.truth)
    if ratios is not None and all(ratios):
        made = factor_words(case, ratios)
        if made is not None:
            yield Mistake(*made)


def offset(case):
    """The derivative and a constant."""
    gaps = [case.value(trial) - trial.truth for trial in case.trials]
    first = float(gaps[0].flat[0]) if gaps[0].size else 0.0
    if first and all(np.allclose(gap, first, EQUAL, 1e-9) for gap in gaps):
        sign = "plus" if first > 0 else "minus"
        yield Mistake("offset", f"Yours is {case.what} {sign} {number(abs(first))}.")


def upstream(case):
    """The derivative with every entry of the incoming gradient taken as one."""
    yield from _ones_upstream(case)


def _ones_upstream(case, holds=None):
    seed = case.derivation.seed.expr
    if not seed.is_Symbol:
        return

    def without(trial):
        ones = np.ones_like(trial.point.seed)
        return case.sweep(trial).gradient(case.wrt, seeds={case.program.out: ones})

    if case.equals(without) if holds is None else all(holds(without(trial), trial) for trial in case.trials):
        yield Mistake("upstream", f"The upstream gradient {seed.name} is missing: yours is what comes out where "
                                  f"{seed.name} is 1 everywhere.")  # fmt: skip


def transposed(case):
    """The transpose of the derivative."""
    if case.equals(lambda trial: np.swapaxes(trial.truth, -1, -2) if trial.truth.ndim >= 2 else None):
        yield Mistake("transpose", f"Yours is the transpose of {case.what}.")


def chain(case):
    """A local derivative left out of the chain: what arrives at a variable is passed on as if its slope were one."""
    program = case.program
    for node in reversed(program.nodes):
        if node.op is None or node is case.wrt or node not in program.live or isinstance(node.output, tuple):
            continue
        if case.late:
            return
        both = frozenset((node, at) for at, _x in enumerate(node.inputs))

        def passed(trial, node=node, both=both):
            g = case.sweep(trial).plain().get(node)
            rest = case.sweep(trial).without(both, case.wrt)
            if g is None or g.shape != rest.shape:
                return g if not np.any(rest) else None
            return rest + g

        if node is program.out and node.shape == ():
            continue
        if case.equals(passed):
            name = case.described(node)
            slope = case.slope_text(node)
            inner = f"∂{name}/∂{case.explanation.name}" if name.isidentifier() else f"the derivative of {name}"
            what = f"{inner}{', ' + slope + ',' if slope else ''} is missing"
            yield Mistake("chain", f"Chain rule: {what}.")


def starts_late(case):
    """The derivative of something between: what comes after it is missing."""
    program = case.program
    for node in program.nodes:
        if node in (case.wrt, program.out) or node not in program.live or node.op is None or case.late:
            continue
        if isinstance(node.output, tuple):
            continue
        if case.equals(lambda trial, node=node: case.sweep(trial).slope(node, case.wrt)):
            name = case.described(node)
            outer = f"∂{case.explanation.target}/∂{name}" if name.isidentifier() else "the derivative of what follows"
            yield Mistake("chain", f"Chain rule: yours is the derivative of {name} alone; {outer} is missing.")


def paths(case):
    """What comes by one way is left out, or has another factor."""
    program, wrt = case.program, case.wrt
    ways = [frozenset([edge]) for edge in edges(program)]
    through = {}
    for node, at in edges(program):
        through.setdefault((case.named_beyond(node), node.inputs[at]), set()).add((node, at))
    ways = [*(frozenset(way) for way in through.values() if len(way) > 1), *ways]
    ways.sort(key=lambda way: _denominator(way) is None)
    alone = []
    for way in ways:
        if case.late:
            break

        def contribution(trial, way=way):
            return trial.truth - case.sweep(trial).without(way, wrt)

        if len(ways) > 2 and case.equals(contribution):
            alone.append(way)
        ratios = _difference_ratios(case, contribution)
        if ratios is None or max(ratios) - min(ratios) > 1e-6 * max(map(abs, ratios)):
            continue
        times = 1 + ratios[0]
        yield from _path_mistake(case, way, times)
    for way in alone:
        node, at = next(iter(way))
        mine = case.named_beyond(node)
        others = [case.described(beyond) for beyond, source in through if source is node.inputs[at] and
                  beyond is not mine]  # fmt: skip
        missing = f"what comes by way of {listed(others)}" if others else "what comes by other ways"
        there = f"{_where(case, node)} ({_route(case, node, at)})"
        yield Mistake("path", f"Paths are forgotten: the contribution {there} is there, and {missing} is missing.")


def _difference_ratios(case, contribution):
    """candidate − derivative as a multiple of a contribution, at each point; None where it isn't one."""
    found = []
    for trial in case.trials:
        part = contribution(trial)
        floor = float(np.max(np.abs(trial.truth), initial=0.0))
        scale = float(np.max(np.abs(part), initial=0.0))
        rest = case.value(trial) - trial.truth
        if scale <= 1e-9 * max(floor, 1e-300):
            if np.max(np.abs(rest), initial=0.0) <= 1e-9 * max(floor, 1e-300):
                continue
            return None
        if np.max(np.abs(part - trial.truth), initial=0.0) <= 1e-12 * floor:
            return None  # every way leads here: that is a factor of the whole
        at = np.argmax(np.abs(part))
        ratio = float(rest.flat[at] / part.flat[at])
        if np.max(np.abs(rest - ratio * part)) > EQUAL * scale * max(1.0, abs(ratio)):
            return None
        found.append(ratio)
    return found or None


def _path_mistake(case, way, times):
    node, at = next(iter(way))
    where, route = _where(case, node), _route(case, node, at)
    denominator = _denominator(way)
    if abs(times) <= EQUAL:
        yield Mistake("path", f"A path is forgotten: the contribution {where} ({route}) is missing.")
    elif abs(times + 1) <= EQUAL and denominator is not None:
        yield Mistake("quotient rule", "Quotient rule: the derivative of the denominator has the wrong sign; (u/v)' is "
                                       f"(u'v − uv') / v²{_here(v=case.described(denominator))}.")  # fmt: skip
    elif abs(times + 1) <= EQUAL:
        yield Mistake("sign", f"A sign is wrong: the contribution {where} ({route}) has the opposite sign.")
    else:
        made = factor_words(case, [times])
        detail = made[1].split(": ", 1)[-1].rstrip(".") if made else f"it has a factor {number(times)}"
        yield Mistake("factor", f"The contribution {where} ({route}) is {number(times)} times what it should be: "
                                f"{detail}.")  # fmt: skip


def _where(case, node):
    beyond = case.named_beyond(node)
    return f"by way of {case.described(beyond)}" if beyond is not case.program.out else f"from {case.described(node)}"


def _route(case, node, at):
    beyond = case.named_beyond(node)
    route = f"{case.described(node.inputs[at])} → {case.described(beyond)}"
    if beyond is not case.program.out:
        route += f" → … → {case.explanation.output_name}" if len(case.program.names) > 4 else ""
    return route


def _denominator(way):
    """What a division divides by, if the way leads through it; else None."""
    for node, at in way:
        if node.op.name in ("div", "reciprocal") and at == len(node.inputs) - 1:
            return node.inputs[at]
    return None


def _here(**letters):
    """", here with u = sin(x)" for letters that aren't the variables' own names."""
    said = [f"{letter} = {name}" for letter, name in letters.items() if letter != name]
    return f", here with {listed(said)}" if said else ""


def rules(case):
    """One operation's rule gone wrong: an activation's slope, a power, a transpose within the chain."""
    program = case.program
    for node, at in edges(program):
        for kind, words, rule in local_rules(node, at):
            if case.late:
                return

            def altered(trial, key=(node, at), rule=rule):
                return case.sweep(trial).with_rule({key: rule}, case.wrt)

            if case.equals(altered):
                yield Mistake(kind, f"At {case.described(node)}: {words}.")


def products(case):
    """(uv)' taken as u'v', (u/v)' as u'/v', and the quotient rule's denominator."""
    program, wrt = case.program, case.wrt
    for node in program.nodes:
        if node.op is None or node.op.name not in ("mul", "div") or case.late:
            continue
        both = [x for x in node.inputs if x in program.live] if node in program.live else []
        if not both:
            continue
        pair = frozenset((node, at) for at, x in enumerate(node.inputs) if x in both)
        division = node.op.name == "div"
        if len(node.inputs) == 2 and all(hasattr(x, "output") for x in node.inputs) and len(both) == 2:

            def product(trial, node=node, pair=pair, division=division):
                sweep = case.sweep(trial)
                u, v = (sweep.slope(x, wrt) if x is not wrt else np.ones_like(trial.truth) for x in node.inputs)
                g = sweep.plain()[node]
                return sweep.without(pair, wrt) + fit_shape(np.asarray(g * (u / v if division else u * v)), u.shape)

            if case.equals(product):
                u, v = (case.described(x) for x in node.inputs)
                if division:
                    yield Mistake("quotient rule", "The quotient rule isn't (u/v)' = u'/v' but (u'v − uv') / "
                                                   f"v²{_here(u=u, v=v)}.")  # fmt: skip
                else:
                    yield Mistake("product rule", "The product rule isn't (uv)' = u'v' but u'v + "
                                                  f"uv'{_here(u=u, v=v)}.")  # fmt: skip
        if division and hasattr(node.inputs[1], "output"):
            yield from _denominators(case, node, pair)


def _denominators(case, node, pair):
    name = case.described(node.inputs[1])
    for power, words in ((1, "the denominator is v where it should be v²"), (2, "the denominator v² is missing")):

        def rule(g, y, primals, params, d, power=power):
            return d * primals[1] ** power

        def altered(trial, rule=rule):
            return case.sweep(trial).with_rule(dict.fromkeys(pair, rule), case.wrt)

        if case.equals(altered):
            yield Mistake("quotient rule", f"Quotient rule: {words}{_here(v=name)}.")

    def swapped(trial):
        return 2 * case.sweep(trial).without(pair, case.wrt) - trial.truth

    if case.equals(swapped):
        yield Mistake("quotient rule", "Quotient rule: the two terms are the wrong way round; (u/v)' is (u'v − uv') / "
                                       f"v²{_here(v=name)}.")  # fmt: skip


def shapes(case):
    """The right numbers in another shape, or before a sum that would give them their shape."""
    want, have = case.trials[0].truth.shape, case.trials[0].value.shape

    def fits(make):
        return all(_close(make(trial), trial.truth) for trial in case.trials)

    turned = len(have) == len(want) == 2 and have == want[::-1]
    if not turned and fits(lambda t: t.value.reshape(t.truth.shape) if t.value.size == t.truth.size else None):
        remedy = " Write …[:, None]." if len(have) + 1 == len(want) and want[-1] == 1 else ""
        yield Mistake("shape", f"The numbers are right, but their shape is {shape(have)} and that of {case.what} "
                               f"is {shape(want)}, as {case.explanation.name} has.{remedy}")  # fmt: skip
    if fits(lambda t: t.value.T if t.value.ndim == 2 else None) and len(have) == len(want):
        yield Mistake("transpose", f"Yours is the transpose of {case.what}: its shape is {shape(have)}, not "
                                   f"{shape(want)}.")  # fmt: skip
    if fits(lambda t: _summed(t.value, t.truth.shape)):
        axes = spread_axes(have, want)
        yield Mistake("missing sum", f"A sum is missing: {case.explanation.name} is used for every index of axis "
                                     f"{listed(map(str, axes))} of yours, so its contributions are added there; the "
                                     f"shape would be {shape(want)}, and yours is {shape(have)}.")  # fmt: skip
    for make, kind, words in (
        (lambda t: t.value.reshape(t.truth.shape) if t.value.size == t.truth.size else None, "shape", "the shape is"),
        (lambda t: _summed(t.value, t.truth.shape), "missing sum", "a sum is missing, and the result is"),
    ):
        ratio = _ratio(case, make)
        if ratio is not None and abs(ratio - 1) > EQUAL:
            made = factor_words(case, [ratio])
            yield Mistake(kind, f"Two things: {words} {shape(have)} where {shape(want)} belongs; and {_lower(made[1])}")


def _lower(sentence):
    return sentence[0].lower() + sentence[1:]


def _summed(value, target):
    """A value summed to a smaller shape that broadcasts to it; None where there is no such sum."""
    if not spreads(target, value.shape):
        return None
    return fit_shape(np.asarray(value), target)


def _close(value, truth):
    if value is None or value.shape != truth.shape:
        return False
    return bool(np.allclose(value, truth, EQUAL, EQUAL * float(np.max(np.abs(truth), initial=0.0))))


def _ratio(case, make):
    found = []
    for trial in case.trials:
        try:
            value = make(trial)
        except ValueError:
            return None
        if value is None or not value.size or not np.any(trial.truth):
            return None
        at = np.argmax(np.abs(trial.truth))
        ratio = float(value.flat[at] / trial.truth.flat[at])
        if not _close(value, ratio * trial.truth) or not ratio:
            return None
        found.append(ratio)
    return found[0] if found and max(found) - min(found) <= 1e-6 * abs(found[0]) else None

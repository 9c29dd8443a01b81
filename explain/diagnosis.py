"""What is wrong with a candidate that is not the derivative, in words. Imported by explain.verdict."""

import time

import numpy as np

from explain import suspects
from explain.candidates import names_at, of_tree
from explain.case import SECONDS, Case, Mistake
from explain.counterexample import smallest
from explain.edits import edits
from explain.factors import factor_words
from explain.tokens import InputError
from explain.trials import trials
from explain.verdict import APART, CLOSE, Verdict, error_of, worked_out
from explain.wording import number, shape

SWAPPED = 6  # variables that may have been meant instead of one
ROUNDED_OFF = 5e-3  # relative; what is closer was meant to be equal

# In this order; the first that finds something ends the search.
SHAPED = (
    (suspects.nothing, suspects.factors, suspects.upstream),
    (suspects.transposed, suspects.paths),
    (suspects.chain, suspects.products),
    (suspects.rules, suspects.starts_late, suspects.offset),
)


def wrong(candidate, explanation, sizes, tried):
    """The Verdict on a wrong candidate."""
    case = Case(candidate, explanation, sizes, tried)
    mistakes = {}
    for mistake in diagnosed(case):
        mistakes.setdefault(mistake.kind, mistake)
    mistakes = list(mistakes.values())
    example = smallest(candidate, explanation, sizes, tried)
    sentences = [f"Wrong: {candidate.shown} is not {case.what}." if candidate.kind != "array" else
                 f"Wrong: {candidate.shown} is not the value of {case.what}."]  # fmt: skip
    sentences += [mistake.words for mistake in mistakes[:1]]
    if example is not None and not (mistakes and example.yours.shape != example.truth.shape):
        sentences.append(str(example))
    worst = max(trial.error for trial in tried)
    return Verdict(candidate.shown, False, " ".join(sentences), mistakes=tuple(mistakes), counterexample=example,
                   points=len(tried), error=worst)  # fmt: skip


def diagnosed(case):
    """The Mistakes that fit, the likeliest first; an empty list where none is known."""
    if not case.trials:
        return [Mistake("undefined", "It isn't a finite number at any of the points that were tried.")]
    found = list(special_points(case))
    if any(mistake.kind in ("sizes", "rounded") for mistake in found):
        return found
    if not case.shaped:
        return [*found, *(list(suspects.shapes(case)) or list(suspects.chain(case)) or list(edited(case))
                          or [wrong_shape(case)])]  # fmt: skip
    groups = SHAPED if case.small else SHAPED[:1]
    for group in groups:
        made = [mistake for suspect in group for mistake in suspect(case)]
        if made:
            return [*made, *found]
    made = list(edited(case))
    if made:
        return [*made, *found]
    return [*found, *twofold(case)]


def wrong_shape(case):
    have, want = case.trials[0].value.shape, case.trials[0].truth.shape
    return Mistake("shape", f"Its shape is {shape(have)}; {case.what} has the shape of {case.explanation.name}, "
                            f"{shape(want)}.")  # fmt: skip


def special_points(case):
    """Right at the user's values alone, or everywhere but there; nearly right, for an array."""
    if not case.candidate.movable:
        if case.tried[0].error < ROUNDED_OFF:
            digits = max(1, int(-np.log10(max(case.tried[0].error, 1e-15))))
            yield Mistake("rounded", f"The numbers agree to about {digits} digits: they seem to be rounded.")
        return
    given = [trial for trial in case.tried if trial.kind == "given"]
    fresh = [trial for trial in case.tried if trial.kind != "given"]
    same = [trial for trial in fresh if trial.kind != "sizes"]
    if not fresh:
        return
    if all(trial.error <= CLOSE for trial in given) and any(trial.error > APART for trial in same):
        yield Mistake("only here", "It is right at your values alone: it agrees with the derivative there, and not at "
                                   "others.")  # fmt: skip
    elif all(trial.error <= CLOSE for trial in [*given, *same]) and any(trial.error > APART for trial in fresh):
        letters = case.program.letters.sizes
        names = ", ".join(f"{name} = {size}" for name, size in letters.items())
        yield Mistake("sizes", f"It is right at your sizes alone ({names}): write the letters in place of numbers.")
    elif all(trial.error <= CLOSE for trial in fresh) and any(trial.error > APART for trial in given):
        value = given[0].value
        odd = value is not None and not np.all(np.isfinite(value))
        why = "it isn't a finite number there" if odd else "the derivative is a convention or a limit there"
        yield Mistake("special point", f"It is right at other values, but not at yours: {why}.")


def edited(case):
    """The change to the candidate's text that makes it right."""
    found = right_edit(case.candidate, case.explanation, case.sizes, lambda: case.late)
    if found is not None:
        yield _edit_mistake(*found, case.candidate, case)


def _edit_mistake(edit, ratio, candidate, case):
    sentence = f"{edit.words[0].upper()}{edit.words[1:]}"
    if candidate.kind == "text":
        sentence += f": {edit.before} should read {edit.after}"
    sentence += "."
    if ratio != 1:
        made = factor_words(case, [ratio])
        sentence += f" Besides, what comes out then is {number(ratio)} times the derivative" + (
            f": {made[1].split(': ', 1)[-1]}" if made and made[0] == "factor" else ", so a sign is wrong as well.")
    return Mistake(edit.kind, sentence)


def right_edit(candidate, explanation, sizes, late=lambda: False):
    """(Edit, 1) for the first change that makes the candidate right, (Edit, k) if only k times right; else None."""
    if candidate.tree is None:
        return None
    points = trials(explanation)
    order = [*points[1:], points[0]]
    scaled = None
    program = explanation._derivation.program
    own = {program.names[node] for node in program.automatic}
    names = {name: value for name, value in names_at(explanation, points[0][1], sizes).items() if name not in own}
    for edit in edits(candidate.tree, alike(names)):
        if late():
            break
        made = of_tree(edit.tree, candidate.kind, candidate.shown)
        ratio = _ratio_of(made, explanation, order, sizes)
        if ratio == 1:
            return edit, 1
        if ratio is not None and scaled is None:
            scaled = edit, ratio
    return scaled


def alike(names):
    """name -> other variables of the same shape, a few."""
    shapes = {name: np.shape(value) for name, value in names.items() if isinstance(value, np.ndarray)}
    return {name: [other for other in shapes if other != name and shapes[other] == shapes[name]][:SWAPPED]
            for name in shapes}  # fmt: skip


def _ratio_of(candidate, explanation, points, sizes):
    """The constant k for which a candidate is k times the derivative at all points, 1 exactly where it is equal."""
    found = None
    for _kind, point in points:
        truth = point.gradients[explanation._wrt]
        try:
            value = worked_out(candidate, explanation, point, sizes)
        except InputError:
            return None
        if value.shape != truth.shape or not np.any(truth) or not np.all(np.isfinite(value)):
            if value.shape == truth.shape and error_of(value, truth) <= CLOSE:
                continue
            return None
        at = np.argmax(np.abs(truth))
        ratio = float(value.flat[at] / truth.flat[at])
        if not ratio or error_of(value / ratio, truth) > CLOSE or found and abs(ratio - found) > 1e-7 * abs(found):
            return None
        found = found or ratio
    return 1 if found is None or abs(found - 1) <= CLOSE else found


def twofold(case):
    """A constant factor on top of another mistake."""
    if len({trial.value.tobytes() for trial in case.trials}) == 1:
        return  # a mere number is a multiple of too much
    for group in SHAPED[1:]:
        for suspect in group:
            changed = _Scaled(case)
            for mistake in suspect(changed):
                yield Mistake(mistake.kind, f"{mistake.words} Besides, a constant factor is wrong.")
                return


class _Scaled(Case):
    """A case in which whatever is equal but for a constant factor counts as equal."""

    def __init__(self, case):
        self.__dict__.update(case.__dict__)

    def equals(self, make):
        ratio = self.ratio(make)
        return ratio is not None and ratio != 0


def repaired(candidate, explanation, sizes, complaint):
    """The Verdict on a candidate that can't be worked out as it stands, if one change makes it right; else None."""
    deadline = time.monotonic() + SECONDS
    found = right_edit(candidate, explanation, sizes, lambda: time.monotonic() > deadline)
    if found is None:
        return None
    mistake = _edit_mistake(*found, candidate, Case(candidate, explanation, sizes, []))
    message = f"Wrong: {candidate.shown} can't be worked out: {complaint}. {mistake.words}"
    return Verdict(candidate.shown, False, message, mistakes=(mistake,))

"""Whether a derivative that somebody worked out is right; if not, what is wrong with it.

The numbers decide, at the user's values and at many fresh points; a proof by normal form is added where there is one.
Imported by explain.explanation.
"""

import time
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np

from engine.tensor import Tensor
from explain.candidates import names_at, read
from explain.proof import prove, symbolic
from explain.rounding import relative
from explain.tokens import InputError
from explain.trials import trials

CLOSE = 1e-9  # relative; what two float64 evaluations of equal formulas may differ by
APART = 1e-5  # relative; what they never differ by
SECONDS, LEAST, FEWEST = 1.5, 0.3, 4  # for all points together; for one; points that are tried in any case
ROUNDED = {True: 1e-6, False: 1e-4}  # relative; of an array in float64 or as typed, and in float32


@dataclass(frozen=True, repr=False)
class Verdict:
    """What became of a candidate: truthy if it is the derivative. `str()` says it in a few sentences.

    candidate       what was checked, as it was given
    right           whether it is the derivative
    understood      False where it couldn't be read or worked out
    message         the verdict in words
    mistakes        Mistake of each diagnosis that fits, the likeliest first
    proof           Proof of its equality by normal form, where one was found
    counterexample  small values at which it and the derivative differ
    points          at how many points it was tried
    error           the largest relative difference there
    """

    candidate: str
    right: bool
    message: str
    understood: bool = True
    mistakes: tuple = ()
    proof: object = None
    counterexample: object = None
    points: int = 0
    error: float = 0.0

    def __bool__(self):
        return self.right

    def __str__(self):
        return self.message

    __repr__ = __str__


HEARD = ContextVar("HEARD", default=None)  # a list that takes (file, line, Verdict) of every call of .check


def heard(verdict, frame):
    """A verdict, entered in the list of whoever listens."""
    found = HEARD.get()
    if found is not None:
        found.append((frame.f_code.co_filename, frame.f_lineno, verdict))
    return verdict


@dataclass(frozen=True)
class Trial:
    """What a candidate gave at one point: `value` is None where it couldn't be worked out there."""

    kind: str
    point: object
    truth: np.ndarray
    value: np.ndarray | None
    error: float  # relative; inf where the shape is wrong or a number isn't finite
    complaint: str = ""

    @property
    def scale(self):
        """The size of the derivative's largest entry."""
        return float(np.max(np.abs(self.truth), initial=0.0))


def check(explanation, given, sizes=None):
    """The Verdict on a candidate for the derivative that an explanation is of.

    sizes  integer variables that may stand for sizes, by name
    """
    sizes = sizes or {}
    try:
        candidate = read(given, explanation, sizes)
    except InputError as error:
        return _not_understood(given, error)
    tried = tried_at(candidate, explanation, sizes, trials(explanation)[:1] if candidate.kind == "array" else None)
    if tried[0].value is None:
        from explain.diagnosis import repaired

        found = repaired(candidate, explanation, sizes, tried[0].complaint)
        return _not_understood(given, tried[0].complaint) if found is None else found
    if candidate.kind == "array":
        right = tried[0].error <= ROUNDED[candidate.exact and explanation._wrt.output.dtype != np.float32]
    else:
        right = _equal(candidate, explanation, sizes, tried)
    if right:
        return _right(candidate, explanation, sizes, tried)
    from explain.diagnosis import wrong

    return wrong(candidate, explanation, sizes, tried)


def tried_at(candidate, explanation, sizes, points=None):
    """A Trial at each point; at fewer where the time runs out."""
    found, start = [], time.monotonic()
    for kind, point in points or trials(explanation):
        left = SECONDS - (time.monotonic() - start)
        if left <= 0 and len(found) >= FEWEST:
            break
        truth = point.gradients[explanation._wrt]
        try:
            value = worked_out(candidate, explanation, point, sizes, max(left, LEAST))
        except InputError as error:
            found.append(Trial(kind, point, truth, None, float("inf"), str(error)))
            if kind == "given":
                break
            continue
        found.append(Trial(kind, point, truth, value, error_of(value, truth, point.rounding(explanation._wrt))))
    return found


def worked_out(candidate, explanation, point, sizes, seconds=0.5):
    """The candidate's value at a point, in float64."""
    made = candidate.on(names_at(explanation, point, sizes), seconds)
    try:
        return np.array(made._node.output if isinstance(made, Tensor) else made, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"the result is not an array of real numbers: {error}") from error


def error_of(value, truth, floor=0.0):
    """The relative error, inf where the shapes don't fit; a value may be the same along axes that it lacks."""
    if value.shape != truth.shape:
        if not spreads(value.shape, truth.shape):
            return float("inf")
        value = np.broadcast_to(value, truth.shape)
    return relative(value, truth, floor)


def spreads(shape, target):
    """Whether a shape broadcasts to another."""
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False


def _equal(candidate, explanation, sizes, tried):
    worst = max(trial.error for trial in tried)
    if worst <= CLOSE:
        return True
    if worst > APART:
        return False
    from explain.precise import agrees

    return agrees(candidate, explanation, sizes, tried)


def _right(candidate, explanation, sizes, tried):
    from explain.wording import right_message

    sym = symbolic(candidate, explanation, sizes)
    proof = prove(sym, explanation) if sym is not None else None
    worst = max(trial.error for trial in tried)
    message = right_message(candidate, explanation, tried, proof)
    return Verdict(candidate.shown, True, message, proof=proof, points=len(tried), error=worst)


def _not_understood(given, error):
    shown = given.strip() if isinstance(given, str) else type(given).__name__
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    shown = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in shown)
    message = f"Not understood: {shown or 'nothing'}: {error}" if isinstance(given, str) else f"Not understood: {error}"
    return Verdict(shown, False, message, understood=False)

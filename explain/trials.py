"""Points at which a reader's candidate is tried: the user's values, fresh ones near and far, other sizes.

At each the truth is the tape's gradient, and the explanation's own formula must agree with it there: a point where
rounding or a convention keeps even that from being so is no judge. Imported by explain.verdict.
"""

import numpy as np

from engine.symbols.evaluate import sizes as shape_in_numbers
from explain.fresh import fresh_value, larger
from explain.points import Point
from explain.replay import as_float64
from explain.rounding import relative

NEAR, FAR, SIZED = 4, 4, 3
ATTEMPTS = 12
AGREES = 1e-10  # relative; what our own formula may be off by at a point that judges


def trials(explanation):
    """(kind, Point) for each, made once an explanation; the first is the user's values."""
    made = explanation.__dict__.get("_trials")
    if made is None:
        with np.errstate(all="ignore"):
            made = explanation.__dict__["_trials"] = tuple(_trials(explanation))
    return made


def _trials(explanation):
    derivation = explanation._derivation
    program = derivation.program
    generator = np.random.default_rng(20250131)
    leaves = {node: as_float64(node.output) for node in program.nodes if node.op is None}
    letters = program.letters.sizes
    seed = explanation._cotangent
    yield "given", Point(derivation, leaves, seed, letters)
    plans = [("near", letters)] * NEAR + [("far", letters)] * FAR
    if letters:
        plans += [("sizes", larger(letters)), ("sizes", larger(larger(letters))), ("sizes", larger(letters))]
    for kind, sizes in plans:
        for attempt in range(ATTEMPTS):
            point = attempted(explanation, leaves, kind, sizes, generator, mild=attempt >= ATTEMPTS // 2)
            if point is not None:
                yield kind, point
                break


def attempted(explanation, leaves, kind, sizes, generator, mild=False):
    """A fresh Point, or None where something isn't finite or our own formula isn't the gradient to many digits."""
    derivation = explanation._derivation
    program = derivation.program
    moved = {node: _moved(program, node, value, kind, sizes, generator, mild) for node, value in leaves.items()}
    return judged(explanation, moved, sizes, generator)


def judged(explanation, leaves, sizes, generator=None, seed=None):
    """The Point of these leaves if it can judge, else None."""
    derivation = explanation._derivation
    program = derivation.program
    if seed is None:
        shape = shape_in_numbers(program.shape(program.out), sizes)
        free = derivation.seed.expr.is_Symbol
        seed = generator.standard_normal(shape) if free and generator is not None else np.ones(shape)
        if not free:
            seed = np.ones(shape)
    try:
        point = Point(derivation, leaves, seed, sizes)
        if not point.finite or not finite(point.outputs[program.out]):
            return None
        truth = point.gradients[explanation._wrt]
        error = relative(point.value(explanation._found.main), truth, point.rounding(explanation._wrt))
    except (ValueError, ArithmeticError, IndexError, TypeError, RuntimeError, np.linalg.LinAlgError):
        return None
    return point if error <= AGREES else None


def finite(value):
    return bool(np.all(np.isfinite(value)))


def _moved(program, node, value, kind, sizes, generator, mild):
    """A leaf's fresh value. Constants move too, but for those that look like masks, choices or counts."""
    fresh = fresh_value(program, node, value, sizes, generator)
    movable = value.dtype.kind == "f" and (node in program.live or not is_mask(value))
    if program.assumed.get(node) or not movable:
        return fresh
    if kind == "far" and node in program.live:
        if mild:
            return np.where(fresh == 0, 1, fresh) * generator.uniform(0.4, 2.5, fresh.shape)
        return 1.5 * generator.standard_normal(fresh.shape)
    if node not in program.live:
        return fresh * generator.uniform(0.7, 1.3, fresh.shape)
    return fresh


def is_mask(value):
    """Whether an array holds nothing but zeros and ones."""
    return bool(np.all((value == 0) | (value == 1)))

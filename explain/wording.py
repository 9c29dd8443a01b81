"""The sentences of a verdict. Imported by explain.verdict and explain.diagnosis."""

from fractions import Fraction

import numpy as np

from explain.render.notation import Writer
from explain.render.vocabulary import TEXT

SHOWN = 12  # entries of an array that are shown one by one


def derivative_of(explanation):
    """"∂loss/∂W"."""
    return TEXT.slope(explanation.target, explanation.name)


def formula(sym):
    """A formula as text."""
    return Writer(TEXT).write(sym.expr)[0]


def right_message(candidate, explanation, tried, proof):
    """The verdict on a right candidate: how it was checked, and the rewrite if it is of another form."""
    what = derivative_of(explanation)
    if candidate.kind == "array":
        return f"Right: these are the numbers of {what} at your values. A formula could be tried at others too."
    sentences = [f"Right: {candidate.shown} is {what}."]
    if proof is not None and not proof.same:
        mine, ours = formula(proof.candidate), formula(proof.formula)
        if proof.given:
            since = listed(f"{name} = {formula(value)}" for name, value in proof.given)
            sentences.append(f"Yours, {mine}, is {ours}, since {since}.")
        elif mine != ours:
            sentences.append(f"Yours, {mine}, is another form of {ours}: {proof}.")
    elif proof is None:
        ours = formula(explanation.formula_sym)
        sentences.append(f"It agrees with {ours} at {len(tried)} points, yours included.")
    trial = tried[0]
    if trial.value.shape != trial.truth.shape and trial.value.shape:
        sentences.append(f"Its shape is {trial.value.shape}; it is the same along the rest of {trial.truth.shape}.")
    return " ".join(sentences)


def number(value):
    """A number as a person writes it: 6, 3/4, 0.731059.

    >>> number(6.0), number(0.75), number(0.7310585786), number(-1 / 3)
    ('6', '3/4', '0.731059', '−1/3')
    """
    value = float(value)
    if not np.isfinite(value):
        return {"inf": "∞", "-inf": "−∞"}.get(str(value), "not a number")
    if value == int(value) and abs(value) < 1e15:
        return str(int(value)).replace("-", "−")
    near = Fraction(value).limit_denominator(64)
    if abs(float(near) - value) <= 1e-12 * max(1.0, abs(value)):
        return str(near).replace("-", "−")
    return f"{value:.6g}".replace("-", "−")


def array(value):
    """Numbers of an array: one where all are alike, all of a small one.

    >>> print(array(np.ones((2, 2))), array(np.array([1.0, 0.5])), array(np.float64(3)))
    1 [1, 1/2] 3
    """
    value = np.asarray(value, dtype=float)
    if value.size and np.all(value == value.flat[0]):
        return number(value.flat[0])
    if value.size > SHOWN:
        return f"an array of shape {value.shape}"
    return _nested(value)


def _nested(value):
    if not value.ndim:
        return number(value)
    return "[" + ", ".join(map(_nested, value)) + "]"


def listed(words):
    """"a", "a and b", "a, b and c"."""
    words = list(words)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def shape(sizes):
    """A shape: "(3, 1)", or "a single number"."""
    return "a single number" if sizes == () else str(tuple(int(n) for n in sizes))

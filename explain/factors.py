"""A constant factor and where it comes from: a size, the entries of a mean, an exponent.

Imported by explain.suspects and explain.diagnosis.
"""

import math
from fractions import Fraction

from explain.wording import number

NICE = 64


def factor_words(case, ratios):
    """(kind, sentence) for a candidate that is so many times the derivative at each point, or None."""
    first = ratios[0]
    constant = all(abs(ratio - first) <= 1e-6 * abs(first) for ratio in ratios)
    if not constant:
        return _of_letters(case, ratios)
    if abs(first + 1) <= 1e-7:
        return "sign", f"The sign is wrong: yours is −1 times {case.what}."
    near = Fraction(first).limit_denominator(NICE)
    short = abs(float(near) - first) <= 1e-7 * abs(first)
    if not short and abs(first - 1) < 1e-2:
        return "factor", (
            f"Yours is {first:.9g} times {case.what}: a constant in it seems to be rounded; write it exactly, "
            "such as 1/3."
        )
    sentence = f"Yours is {number(first)} times {case.what}: "
    size = abs(1 / first)
    sign = "with the wrong sign, and " if first < 0 else ""
    reason = size_of(case, abs(first)) or size_of(case, size)
    if not short and reason is None:
        return "factor", sentence + sign + f"divide it by {number(first)}."
    needed = Fraction(1) / abs(near) if short else number(1 / abs(first))
    what = f"a factor {needed} is missing"
    return "factor", sentence + sign + what + (f" ({reason})" if reason else "") + "."


def _of_letters(case, ratios):
    """A factor that changes with the sizes: a letter, or one over it."""
    letters = case.program.letters.sizes
    for letter in letters:
        sizes = [trial.point.letters[letter] for trial in case.trials[: len(ratios)]]
        if len(sizes) != len(ratios):
            continue
        for power, name in ((1, f"1/{letter}"), (-1, str(letter)), (2, f"1/{letter}²")):
            scaled = [ratio / size**power for ratio, size in zip(ratios, sizes)]
            if all(abs(k - scaled[0]) <= 1e-6 * abs(scaled[0]) for k in scaled):
                rest = Fraction(scaled[0]).limit_denominator(NICE)
                if abs(float(rest) - scaled[0]) > 1e-7 * abs(scaled[0]):
                    continue
                if rest != 1:
                    name = f"{number(1 / float(rest))} · {name}"
                where = case.program.letters.uses.get(letter, "a size")
                return "factor", f"A factor {name} is missing, where {letter} is the size of {where}."
    return None


def size_of(case, value):
    """What a factor is: the number of entries that a mean divides by, or a size of some variable."""
    whole = round(value)
    if abs(value - whole) > 1e-7 * whole or whole < 2:
        return None
    program = case.program
    for node in program.nodes:
        if node.op is not None and "mean" in node.op.name and node in program.live:
            entries = math.prod(node.inputs[0].shape) / max(1, math.prod(node.shape))
            if entries == whole:
                return f"{whole} is how many entries the mean in {case.described(case.named_beyond(node))} divides by"
    for node in program.nodes:
        if node.op is not None and node.op.name in ("pow", "square") and node in program.live:
            exponent = 2 if node.op.name == "square" else node.inputs[1]
            if exponent == whole:
                return f"{whole} is the exponent of {case.described(node)}, which comes down as a factor"
    for node in program.nodes:
        if node.op is None and node in program.names:
            for axis, size in enumerate(node.shape):
                if size == whole:
                    return f"{whole} is the size of axis {axis} of {program.names[node]}"
    return None

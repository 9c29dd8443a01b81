"""Where a wrong candidate and the derivative differ, in the smallest integers that show it.

Imported by explain.diagnosis.
"""

import itertools
import time
from dataclasses import dataclass

import numpy as np

from engine.symbols.evaluate import sizes as shape_in_numbers
from explain import wording
from explain.replay import as_float64
from explain.tokens import InputError
from explain.trials import is_mask, judged

VALUES = (1, 2, 3, -1, 0, -2)
TRIED = 90
SECONDS = 0.7
LONG = 60  # characters; longer arrays are compared in one entry
ENOUGH = 8  # counterexamples among which the shortest is taken
DIFFERENT = 1e-3  # relative; less wouldn't convince a reader


@dataclass(frozen=True)
class Counterexample:
    """Leaves' values (name, array), what the candidate gives there, and the derivative."""

    values: tuple
    yours: np.ndarray
    truth: np.ndarray

    def __str__(self):
        filled = [name for name, value in self.values if np.size(value) > 1 and _alike(value)]
        given = {name: f"{name} = {wording.array(value)}" for name, value in self.values}
        groups = [", ".join(given[name] for name in filled) + " in every entry"] if filled else []
        groups += [text for name, text in given.items() if name not in filled]
        where = f"At {', '.join(groups)}" if sum(map(len, groups)) <= 160 else "At small values"
        where = where if groups else "At your values"
        yours, truth, entry = _compared(self.yours, self.truth)
        return f"{where} yours gives {yours}, the derivative is {truth}{entry}."


def _compared(yours, truth):
    long = len(wording.array(truth)) + len(wording.array(yours)) > LONG or truth.size > wording.SHOWN
    if yours.shape == truth.shape and long and not _alike(yours, truth):
        at = np.unravel_index(int(np.argmax(np.abs(yours - truth))), truth.shape)
        return wording.number(yours[at]), wording.number(truth[at]), f" in entry [{', '.join(map(str, at))}]"
    return wording.array(yours), wording.array(truth), ""


def _alike(*arrays):
    return all(np.all(a == a.flat[0]) for a in arrays)


def smallest(candidate, explanation, sizes, tried):
    """The Counterexample, or None where small values show no difference."""
    if not candidate.movable:
        trial = tried[0]
        return Counterexample((), trial.value, trial.truth) if trial.value is not None else None
    program = explanation._derivation.program
    deadline = time.monotonic() + SECONDS
    found = []
    for values, letters, seed in itertools.islice(_plans(explanation, program), TRIED):
        if time.monotonic() > deadline:
            break
        made = _differing(candidate, explanation, sizes, values, letters, seed)
        if made is not None:
            found.append(made)
            if len(found) >= ENOUGH:
                break
    return min(found, key=_length, default=None)


def _length(example):
    """How much there is to read, with results that aren't short numbers counting more."""
    yours, truth, _entry = _compared(example.yours, example.truth)
    given = sum(len(text) + 4 * text.count("−") for text in (wording.array(value) for _name, value in example.values))
    return len(yours) + len(truth) + given + 8 * (yours.count(".") + truth.count("."))


def _differing(candidate, explanation, sizes, values, letters, seed):
    from explain.verdict import error_of, worked_out

    program = explanation._derivation.program
    point = judged(explanation, values, letters, seed=seed)
    if point is None:
        return None
    try:
        yours = worked_out(candidate, explanation, point, sizes)
    except InputError:
        return None
    truth = np.asarray(point.gradients[explanation._wrt], dtype=float)
    if not error_of(yours, truth, point.rounding(explanation._wrt)) > DIFFERENT or not np.all(np.isfinite(yours)):
        return None
    if wording.array(yours) == wording.array(truth):
        return None  # they differ in shape or in digits, and the numbers wouldn't show it
    if yours.shape != truth.shape and yours.shape == ():
        yours = np.broadcast_to(yours, truth.shape)
    shown = [(program.names[node], values[node]) for node in program.nodes
             if node.op is None and values[node].dtype.kind == "f"]  # fmt: skip
    if explanation._derivation.seed.expr.is_Symbol:
        shown.append((explanation._derivation.seed.expr.name, seed))
    return Counterexample(tuple(shown), yours, truth)


def _plans(explanation, program):
    """(leaves' values, sizes, upstream gradient), the smallest first."""
    leaves = {node: as_float64(node.output) for node in program.nodes if node.op is None}
    movable = [node for node, value in leaves.items() if value.dtype.kind == "f" and not program.assumed.get(node)
               and (node in program.live or not is_mask(value))]  # fmt: skip
    generator = np.random.default_rng(2)
    given = program.letters.sizes
    sizes = [{letter: 1 for letter in given}, {letter: at + 2 for at, letter in enumerate(given)}] if given else [given]
    free = explanation._derivation.seed.expr.is_Symbol
    plans = sorted(itertools.islice(itertools.product(VALUES[:4], repeat=min(len(movable), 4)), 256),
                   key=lambda row: (sum(map(abs, row)), -sum(row)))  # fmt: skip
    uniform = [(row, letters) for letters in sizes for row in plans[:24]]
    mixed = [(None, letters) for _round in range(20) for letters in sizes]
    for row, letters in [*uniform[:24], *mixed[:16], *uniform[24:], *mixed[16:]]:
        values = {node: _resized(value, shape_in_numbers(program.shape(node), letters))
                  for node, value in leaves.items()}  # fmt: skip
        for at, node in enumerate(movable):
            shape = values[node].shape
            if row is None:
                values[node] = generator.integers(-2, 4, shape).astype(float)
            else:
                values[node] = np.full(shape, float(row[min(at, len(row) - 1)]))
        shape = shape_in_numbers(program.shape(program.out), letters)
        seed = np.ones(shape) if not free or row is not None else generator.integers(-2, 4, shape).astype(float)
        yield values, letters, seed


def _resized(value, want):
    for axis, (have, size) in enumerate(zip(value.shape, want)):
        if have != size:
            value = np.take(value, np.arange(size) % max(have, 1), axis=axis)
    return value

"""A wrong candidate with what the tape knows at each point, and the tests that say what it equals instead.

Imported by explain.diagnosis and explain.suspects.
"""

import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explain import wording
from explain.altered import LARGEST, Sweep
from explain.verdict import spreads

EQUAL = 1e-7  # relative; two float64 evaluations of what is said to be equal
SECONDS = 1.5  # of looking for a diagnosis


@dataclass(frozen=True)
class Mistake:
    """One diagnosis: its kind, a word that a program may ask for, and a sentence."""

    kind: str
    words: str


class Case:
    """A candidate that is wrong: its values and the truth at every point where both are numbers."""

    def __init__(self, candidate, explanation, sizes, tried):
        self.candidate, self.explanation, self.sizes = candidate, explanation, sizes
        self.derivation = explanation._derivation
        self.program = self.derivation.program
        self.wrt = explanation._wrt
        self.tried = tried
        usable = [trial for trial in tried if trial.value is not None and np.all(np.isfinite(trial.value))]
        # A fresh point comes first: the user's values may be special.
        self.trials = sorted(usable, key=lambda trial: trial.kind == "given")
        self.deadline = time.monotonic() + SECONDS

    @property
    def late(self):
        return time.monotonic() > self.deadline

    @cached_property
    def shaped(self):
        """Whether the candidate has the gradient's shape, or is the same along axes that it lacks."""
        return bool(self.trials) and all(spreads(t.value.shape, t.truth.shape) for t in self.trials)

    @cached_property
    def small(self):
        """Whether the program is small enough to be searched."""
        return len(self.program.live) <= LARGEST

    def value(self, trial):
        """The candidate's value, spread to the gradient's shape where it fits."""
        return np.broadcast_to(trial.value, trial.truth.shape) if self.shaped else trial.value

    def sweep(self, trial):
        made = self.__dict__.setdefault("_sweeps", {})
        if id(trial) not in made:
            made[id(trial)] = Sweep(self.derivation, trial.point)
        return made[id(trial)]

    def equals(self, make):
        """Whether the candidate is what `make(trial)` gives, at every point."""
        return self.ratios(make, lambda ratio: abs(ratio - 1) <= EQUAL) is not None

    def ratio(self, make):
        """The constant k by which the candidate is k times what `make(trial)` gives, or None.

        Where sizes are letters it may differ from point to point: then `ratios` tells.
        """
        found = self.ratios(make)
        if found is None:
            return None
        return found[0] if max(found) - min(found) <= EQUAL * abs(found[0]) else None

    def ratios(self, make, accepted=lambda ratio: True):
        """The ratio at each point that tells one, or None where there is no single one."""
        found = []
        for trial in self.trials:
            try:
                other = make(trial)
            except (ValueError, ArithmeticError, IndexError, TypeError, KeyError, AttributeError, NotImplementedError):
                return None
            mine = self.value(trial)
            if other is None or np.shape(other) != mine.shape or not np.size(other) or not np.all(np.isfinite(other)):
                return None
            other = np.asarray(other, dtype=float)
            scale = float(np.max(np.abs(other)))
            rounding = trial.point.rounding(self.explanation._wrt)
            floor = max(float(np.max(np.abs(trial.truth), initial=0.0)), rounding, 1e-300)
            if scale <= 1e-9 * floor:
                if np.max(np.abs(mine)) > 1e-9 * floor:
                    return None
                continue  # both are zero here, which tells nothing
            largest = np.argmax(np.abs(other))
            ratio = float(mine.flat[largest] / other.flat[largest])
            if np.max(np.abs(mine - ratio * other)) > EQUAL * max(abs(ratio), 1e-3) * scale or not accepted(ratio):
                return None
            found.append(ratio)
        return found or None

    # words

    @property
    def what(self):
        return wording.derivative_of(self.explanation)

    def described(self, node):
        """A node's name, or what it is computed from where that is short."""
        if node in self.program.names and node not in self.program.automatic:
            return self.program.names[node]
        try:
            text = wording.formula(self.program.definition(node))
        except (TypeError, ValueError, AttributeError, NotImplementedError):
            text = ""
        return text if 0 < len(text) <= 40 else f"the result of {node.op.name}"

    def named_beyond(self, node):
        """The named variable that a node is part of: itself, or the nearest one computed from it."""
        if node in self.program.names and node not in self.program.automatic:
            return node
        for other in self.program.nodes:
            if other in self.program.names and other not in self.program.automatic and node in self.inside(other):
                return other
        return self.program.out

    def inside(self, named):
        cache = self.__dict__.setdefault("_inside", {})
        if named not in cache:
            cache[named] = set(self.program.inside(named)) if named.op is not None else {named}
        return cache[named]

    def slope_text(self, node):
        """∂node/∂wrt as text where it is one number an entry and short, else ""."""
        try:
            sym = self.derivation.slope(node, self.wrt)
            text = "" if sym is None else wording.formula(sym)
        except Exception:  # words only
            return ""
        return text if len(text) <= 40 else ""

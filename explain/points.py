"""The points at which an explanation is checked: values of the leaves, and of sizes that are letters, with all that
follows from them.

Imported by explain.certify and explain.trials.
"""

from functools import cached_property
from math import prod

import numpy as np

from engine.symbols import Sym, evaluate
from engine.symbols.evaluate import resolved
from engine.symbols.evaluate import sizes as shape_in_numbers
from explain.conventions import corners
from explain.fresh import far_value, fresh_value, larger
from explain.replay import as_float64, replay, tape_gradients
from explain.rounding import ROUNDS, floor_of, largest, noise, shaped, weight

FRESH_POINTS = 2
LARGE = 2**24  # bytes of a program's values at a point beyond which what formulas' parts take is counted
ROOM = 2**28  # bytes of formulas' parts that are remembered at a point


class Point:
    """One set of values of the leaves, and of the sizes that are letters, with everything that follows from them."""

    def __init__(self, derivation, leaves, gradient, sizes, noise=None):
        program = derivation.program
        self.derivation = derivation
        self.leaves = leaves
        self.live = program.live
        self.letters = sizes
        self.params = {node: {name: resolved(value, sizes) for name, value in params.items()}
                       for node, params in program.letters.params.items()}  # fmt: skip
        self.outputs = replay(program.nodes, leaves, self.params, noise)
        widths = [np.finfo(node.output.dtype).eps for node in program.nodes if _is_float(node.output)]
        self.coarse = float(max(widths, default=2.0**-52)) * 2.0**52  # how much coarser the program's floats are
        self.seed = gradient
        self.gradients = tape_gradients(
            program.nodes, self.outputs, program.out, gradient, program.live, self.params, noise
        )
        self.env = dict(sizes)
        for node, sym in program.symbols.items():
            if isinstance(sym, Sym):
                self.env[sym.expr] = self.outputs[node]
            else:
                self.env.update({part.expr: value for part, value in zip(sym, self.outputs[node])})
        for node in derivation.live_named:
            if isinstance(program.value(node), Sym):
                self.env[derivation.cotangent_symbol(node).expr] = self.gradients[node]
        if derivation.seed.expr.is_Symbol:
            self.env[derivation.seed.expr] = gradient
        self.memo, self.draws, self.floors, self.weights = {}, {}, {}, {}
        self.large = _bytes(self.outputs.values()) > LARGE
        self.checked = {}  # identity of a step -> the step, and how many equations of it hold

    def shape(self, sym):
        """A formula's shape here, in numbers."""
        return shape_in_numbers(sym.shape, self.letters)

    def value(self, sym, override=None):
        """A formula's value here; `override` replaces some symbols' values."""
        value = None if override else self.memo.get(sym.expr)
        if value is None:
            value = evaluate(sym.expr, self.env, dict(override) if override else self.memo)
            if self.large and _bytes(self.memo.values()) > ROOM:
                self.memo.clear()
        return shaped(np.asarray(value, dtype=float), self.shape(sym))

    def term(self, factors, override=None):
        """The value of a product here."""
        return prod((self.value(factor, override) for factor in factors), start=1.0)

    def drawn(self, count, *shapes):
        """Random arrays of these shapes, always the same."""
        found = self.draws.get((count, shapes))
        if found is None:
            generator = np.random.default_rng(count)
            found = self.draws[count, shapes] = [generator.standard_normal(shape) for shape in shapes]
        return found

    @cached_property
    def shaken(self):
        """Points where every number on the tape has other last digits."""
        made = []
        for seed in range(2 if self.large else ROUNDS):
            shake = noise(seed)
            leaves = {node: shake(value) for node, value in self.leaves.items()}
            try:
                made.append(Point(self.derivation, leaves, self.seed, self.letters, shake))
            except (ValueError, RuntimeError, IndexError, np.linalg.LinAlgError):  # outside a domain
                continue
        return made

    @cached_property
    def far(self):
        """A point of other signs and sizes, where masks are on that are off here; None where there is none."""
        generator = np.random.default_rng(29)
        program = self.derivation.program
        for _attempt in range(0 if self.large else 2):
            leaves = {node: far_value(program, node, value, self.letters, generator)
                      for node, value in self.leaves.items()}  # fmt: skip
            try:
                seed = fresh_seed(self.derivation, self.letters, generator)
                made = Point(self.derivation, leaves, seed, self.letters)
            except (ValueError, ArithmeticError, IndexError, RuntimeError, np.linalg.LinAlgError):  # outside a domain
                continue
            if made.finite and all(np.shape(made.outputs[node]) == np.shape(node.output) for node in self.gradients):
                return made
        return None

    @cached_property
    def largest(self):
        """The largest entry of all gradients."""
        return _largest_of(self.gradients.values())

    @cached_property
    def largest_value(self):
        """The largest entry of all that the program computes."""
        return _largest_of(self.outputs.values())

    def rounding(self, node):
        """The size below which a gradient is nothing but rounding, of contributions that cancel."""
        if node not in self.floors:
            truth = self.gradients[node]
            self.floors[node] = floor_of(self, truth, [lambda at: at.gradients[node]], self.largest)
        return self.floors[node]

    def weight(self, node):
        """How much a node's value counts that rounds; the variables that it depends on share it."""
        if node not in self.weights:
            self.weights[node] = weight(self.gradients[node], self.outputs[node])
        return self.weights[node]

    @cached_property
    def anywhere(self):
        """Values for all symbols of the same shapes as here."""
        return Anywhere(self)

    @cached_property
    def at_corner(self):
        """Whether some operation's derivative is a convention here."""
        return any(corners(node, self.outputs.get) for node in self.live if node.op is not None)

    @property
    def finite(self):
        """Whether all gradients are, and what leads to them, but for what the program has too, as masked scores."""
        if not all(np.all(np.isfinite(g)) for g in self.gradients.values()):
            return False
        return all(_finite_as(node.output, self.outputs[node]) for node in self.gradients)


def _finite_as(recorded, value):
    """Whether a value is finite but for infinities that the recorded one has too."""
    odd = value[~np.isfinite(value)]
    return not odd.size or bool(np.isin(odd, recorded[np.isinf(recorded)]).all())


class Anywhere:
    """Positive values for all symbols, whatever the program has: where two expressions are one, they agree."""

    def __init__(self, point):
        generator = np.random.default_rng(11)
        self.point, self.memo = point, {}
        self.env = {symbol: generator.uniform(0.5, 1.5, np.shape(value)) if _is_float(value) else value
                    for symbol, value in point.env.items()}  # fmt: skip

    def value(self, sym, _override=None):
        """A formula's value here."""
        memo = None if self.point.large else self.memo
        return shaped(np.asarray(evaluate(sym.expr, self.env, memo), float), self.point.shape(sym))

    def term(self, factors, _override=None):
        """The value of a product here."""
        return prod(map(self.value, factors), start=1.0)


def _bytes(arrays):
    return sum(getattr(x, "nbytes", 0) for x in arrays)


def _largest_of(arrays):
    sizes = [largest(array) for array in arrays if _is_float(array)]
    return max((size for size in sizes if np.isfinite(size)), default=0.0)


def _is_float(output):
    return getattr(output, "dtype", None) is not None and output.dtype.kind == "f"


def fresh_seed(derivation, sizes, generator):
    """An upstream gradient: where it is a symbol any, since the user's may be ones or zeros."""
    shape = shape_in_numbers(derivation.program.shape(derivation.program.out), sizes)
    return generator.standard_normal(shape) if derivation.seed.expr.is_Symbol else np.ones(shape)


def points(derivation, gradient):
    """The user's values and fresh ones near them, where everything is finite; then other sizes, if letters allow."""
    program = derivation.program
    generator = np.random.default_rng(20240611)
    leaves = {node: as_float64(node.output) for node in program.nodes if node.op is None}
    letters = program.letters.sizes
    yield Point(derivation, leaves, gradient, letters)
    for sizes in (letters, larger(letters)) if letters else (letters,):
        made = 0
        for _attempt in range(20):
            moved = {node: fresh_value(program, node, value, sizes, generator) for node, value in leaves.items()}
            try:
                point = Point(derivation, moved, fresh_seed(derivation, sizes, generator), sizes)
            except (ValueError, RuntimeError, IndexError, np.linalg.LinAlgError):  # outside a domain or a size
                continue
            if point.finite and program.letters.fit(point.outputs):
                yield point
                made += 1
            if made == FRESH_POINTS:
                break

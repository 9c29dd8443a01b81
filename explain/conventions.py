"""Points where a derivative is a convention: corners, jumps and ties, found from the data by one-sided slopes.

Only operations that declare edge points are looked at. Imported by explain.words, explain.points and explain.certify.
"""

from typing import NamedTuple

import numpy as np

from engine.symbols.evaluate import ZeroOverZero, evaluate
from engine.symbols.substitute import product_of
from engine.tape import NUMBERS, Node
from explain.rounding import EXACT, relative, shaped, where_defined

NEAR = 1e-9  # how far to each side is looked
APART = 1e-3  # slopes that differ by more are different


class Corner(NamedTuple):
    """An operand's entries at which the slope from the left isn't that from the right; or, of an operation that
    isn't elementwise, that there is such a direction (then `count` is 0)."""

    at: int
    count: int
    point: float
    left: float
    right: float
    taken: float


def corners(node, value=lambda x: x.output):
    """The Corners of a node's operands at the values that `value` gives."""
    op = node.op
    if not op.edges or not op.vjp:
        return []
    inputs = [value(x) if x.__class__ is Node else x for x in node.inputs]
    floats = [at for at, x in enumerate(inputs) if getattr(x, "dtype", None) is not None and x.dtype.kind == "f"
              and getattr(node.inputs[at], "needs", False) and x.size]  # fmt: skip
    with np.errstate(all="ignore"):
        find = _of_entries if op.elementwise else _of_whole
        return [found for at in floats if (found := find(node, inputs, at)) is not None]


def _forward(node, inputs, at, x):
    moved = list(inputs)
    moved[at] = x
    return np.asarray(node.op.forward(*moved, **node.params), dtype=float)


def _doubles(inputs):
    return [np.asarray(x, dtype=float) if getattr(x, "dtype", None) is not None and x.dtype.kind == "f" else x
            for x in inputs]  # fmt: skip


def _of_entries(node, inputs, at):
    inputs = _doubles(inputs)
    x = inputs[at]
    step = NEAR * np.maximum(1, np.abs(x))
    here = _forward(node, inputs, at, x)
    right = (_forward(node, inputs, at, x + step) - here) / step
    left = (here - _forward(node, inputs, at, x - step)) / step
    apart = np.isfinite(left) & np.isfinite(right) & (np.abs(right - left) > APART * (1 + np.abs(left) + np.abs(right)))
    if not apart.any():
        return None
    place = tuple(np.argwhere(apart)[0])
    rule = NUMBERS.rules(node.op)[at]
    taken = rule(np.ones_like(here), here, *inputs, **node.params)

    def entry(array):
        return float(np.broadcast_to(np.asarray(array, dtype=float), here.shape)[place])

    return Corner(at, int(apart.sum()), entry(x), entry(left), entry(right), entry(taken))


def _of_whole(node, inputs, at):
    inputs = _doubles(inputs)
    x = inputs[at]
    direction = np.random.default_rng(5).standard_normal(x.shape)
    step = NEAR * max(1.0, float(np.max(np.abs(x))))
    try:
        here, ahead, behind = (_forward(node, inputs, at, x + move * direction) for move in (0, step, -step))
    except (TypeError, ValueError):  # several outputs
        return None
    bend = np.abs(ahead + behind - 2 * here) / step
    return Corner(at, 0, 0.0, 0.0, 0.0, 0.0) if np.any(bend[np.isfinite(bend)] > APART) else None


def zero_over_zero(sym, value, node, point):
    """(a formula's value, in how many entries 0/0 counts as 0 in it), at a corner where the tape agrees; else (it, 0).

    x/‖x‖ at x = 0 is the slope of a norm at its corner, which is 0 on the tape.
    """
    if not np.isnan(value).any() or not point.at_corner:
        return value, 0
    found = np.broadcast_to(np.asarray(evaluate(sym.expr, point.env, ZeroOverZero()), float), value.shape)
    if not relative(*where_defined(found, point.gradients[node]), point.rounding(node)) <= EXACT:
        return value, 0
    return found, int(np.sum(np.isnan(value) & ~np.isnan(found)))


class Counted:
    """A point where 0/0 counts as 0: what a certificate asks, for steps of which nothing else can be compared."""

    def __init__(self, point):
        self.point = point

    def __getattr__(self, name):
        return getattr(self.point, name)

    def value(self, sym, override=None):
        """A formula's value here."""
        return shaped(self.term([sym], override), self.point.shape(sym))

    def term(self, factors, override=None):
        """The value of a product, zero where a factor is."""
        expr = product_of([factor.expr for factor in factors])
        return np.asarray(evaluate(expr, self.point.env, ZeroOverZero(override or {})), float)

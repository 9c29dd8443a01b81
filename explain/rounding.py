"""How far two values are apart, and whether by rounding alone: no more than moving all inputs' last digits explains.

Where large contributions cancel, as in (1 - x²/(x² + ε))/x, what is left of either side is rounding.
Imported by explain.points, certify, verdict and trials.
"""

import math

import numpy as np

EXACT = 1e-8  # relative; what two float64 evaluations of one formula may differ by
SMALL = 1e-6  # slopes below that are rounding to differences
JITTER = 2.0**-51  # relative: a rounding or two
ROUNDS = 6
SPREADS = 30  # a gap may be so many times what the last digits move
LIMIT = 1e-10  # of the largest gradient; what differs by more is no rounding, wherever it comes from


def by_rounding(point, one, two, *sides):
    """Whether the gap between two values is explained by rounding; `sides` are functions of a point that gave them."""
    one, two = np.broadcast_arrays(np.asarray(one, float), np.asarray(two, float))
    gap = float(np.max(np.abs(one - two), initial=0.0))
    if not gap <= LIMIT * point.largest:  # nan and infinity too
        return False
    generator = np.random.default_rng(5)
    spread = 0.0
    for _round in range(ROUNDS):
        near = point.near(lambda array: array * (1 + JITTER * generator.choice([-1, 0, 1], np.shape(array))))
        for side in sides:
            spread = max(spread, float(np.max(np.abs(side(near) - side(point)), initial=0.0)))
    return gap <= SPREADS * spread


def shaped(value, shape):
    """A value repeated along the axes in which it is the same, where it is."""
    return value if np.shape(value) == shape else np.broadcast_to(value, shape)


def where_defined(value, truth):
    """Both, without the entries where one is nan."""
    value, truth = np.asarray(value, float), np.asarray(truth, float)
    unknown = np.isnan(value) | np.isnan(truth)
    if value.shape == truth.shape and not unknown.any():
        return value, truth
    return value[~unknown], truth[~unknown]


def relative(value, truth, floor=0.0):
    """The largest error relative to the largest entry, or to `floor`; nan and inf must match exactly."""
    value, truth = np.asarray(value, float), np.asarray(truth, float)
    if not value.size:
        return 0.0
    largest = float(np.abs(truth).max())
    if not math.isfinite(largest):
        odd = ~np.isfinite(truth)
        if not np.array_equal(value[odd], truth[odd], equal_nan=True):
            return math.inf
        return relative(value[~odd], truth[~odd], floor)
    error = float(np.abs(value - truth).max())
    if not math.isfinite(error):
        return math.inf
    return error / max(largest, floor, 1e-30) if error else 0.0


def slope_along(gradient, direction):
    """<gradient, direction>, and what an error of it is in proportion to."""
    products = gradient * direction
    exact = float(products.sum())
    return exact, max(abs(exact), float(np.sqrt((products**2).sum())), SMALL)

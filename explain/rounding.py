"""How far two values are apart, and whether by rounding alone: no more than moving all inputs' last digits explains.

Where large contributions cancel, as in (1 - x²/(x² + ε))/x, what is left of either side is rounding.
Imported by explain.points, certify, verdict and trials.
"""

import math

import numpy as np

EXACT = 1e-8  # relative; what two float64 evaluations of one formula may differ by
SMALL = 1e-6  # slopes below that are rounding to differences, of values about 1 in steps in proportion to 1
JITTER = 2.0**-51  # relative: a rounding or two
ROUNDS = 6
SPREADS = 30  # a gap may be so many times what the last digits move
LIMIT = 1e-10  # of the largest gradient; what differs by more is no rounding, wherever it comes from
LITTLE = 1e-6  # of the largest; whether what is below that is rounding is looked into


def by_rounding(point, one, two, *sides):
    """Whether the gap between two values is explained by rounding; `sides` are functions of a point that gave them."""
    one, two = np.broadcast_arrays(np.asarray(one, float), np.asarray(two, float))
    gap = largest(one - two)
    return gap <= LIMIT * point.largest and gap <= SPREADS * spread(point, *sides)  # not nan and infinity


def agreement(point, one, two, scale, *sides):
    """(the relative error, whether two values, which `sides` give at a point, are equal but for rounding)."""
    error = relative(one, two)
    if error <= EXACT:
        return error, True
    error = relative(one, two, floor_of(point, two, sides, scale))
    return error, error <= EXACT or by_rounding(point, one, two, *sides)


def spread(point, *sides):
    """How far functions of a point move where the last digits of every number on the tape do."""
    return max((largest(side(near) - side(point), nan=0.0) for near in point.shaken for side in sides), default=0.0)


def floor_of(point, truth, sides, scale, coarse=1.0, exact=EXACT):
    """The size below which `truth`, which all of `sides` give at a point, is nothing but rounding.

    Contributions that cancel leave theirs, which moves with the last digits of what they come from; a value that is
    small in earnest doesn't, as the 2mc of mc² for an electron: it has digits of its own, which must be right.
    scale   the largest value of the kind
    coarse  how many times coarser than float64 is what is compared, with an error of `exact`
    """
    size, bound = largest(truth, nan=0.0), min(1.0, LITTLE * coarse) * scale
    if size >= bound:
        return 0.0
    moved = coarse * spread(point, *sides)
    return min(bound, SPREADS / exact * moved) if size or moved else bound


def largest(array, nan=math.inf):
    """The largest absolute entry; `nan` where one is no number, 0 without entries."""
    found = float(np.max(np.abs(array), initial=0.0))
    return nan if math.isnan(found) else found


def noise(seed):
    """A function that moves the last digits of floats, and leaves everything else as it is."""
    generator = np.random.default_rng(seed)

    def shake(value):
        if isinstance(value, tuple):
            return value.__class__(map(shake, value))
        if getattr(getattr(value, "dtype", None), "kind", "") != "f":
            return value
        return value * (1 + JITTER * generator.choice([-1, 0, 1], value.shape))

    return shake


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


def weight(g, value):
    """How much a value counts that rounds: itself times its cotangent, over all entries."""
    with np.errstate(all="ignore"):
        return float(np.nansum(np.where(np.isfinite(value), np.abs(g * value), 0)))


def small(base, weights):
    """What slopes are in proportion to at least, by differences: the weights of what rounds on the way."""
    size = max((size for size in weights if math.isfinite(size)), default=0.0) / max(1.0, largest(base, nan=1.0))
    return SMALL * min(1.0, size) if size else SMALL


def slope_along(gradient, direction, least=SMALL):
    """<gradient, direction>, and what an error of it is in proportion to."""
    products = gradient * direction
    exact = float(products.sum())
    return exact, max(abs(exact), float(np.sqrt((products**2).sum())), least)

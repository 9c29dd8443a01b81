"""The domains that operations name for their operands: random points of each, and whether a point is inside.

Imported by explain.certify, which tries formulas at fresh points, and by the registry's test.
"""

import numpy as np

# The interval from which points are drawn, well inside the domain. "real" is drawn from a normal distribution.
INTERVALS = {
    "positive": (0.3, 2.5),
    "nonnegative": (0.3, 2.5),
    "nonzero": (0.5, 2.0),  # of either sign
    "unit": (0.1, 0.9),
    "open unit": (-0.9, 0.9),
    "above one": (1.2, 3.0),
    "above minus one": (-0.7, 2.0),
}
INSIDE = {
    "real": lambda x: np.isfinite(x),
    "symmetric": lambda x: x == np.swapaxes(x, -1, -2),
    "triangle": lambda x: (x == np.tril(x)) | (x == np.triu(x)),
    "positive": lambda x: x > 0,
    "nonnegative": lambda x: x >= 0,
    "nonzero": lambda x: x != 0,
    "unit": lambda x: (x > 0) & (x < 1),
    "open unit": lambda x: abs(x) < 1,
    "above one": lambda x: x > 1,
    "above minus one": lambda x: x > -1,
}


def draw(domain, shape, rng):
    """Random float64 numbers of a domain.

    >>> draw("positive", (2,), np.random.default_rng(0)).min() > 0
    np.True_
    """
    if domain == "real":
        return rng.standard_normal(shape)
    if domain == "symmetric":
        points = rng.standard_normal(shape)
        return (points + np.swapaxes(points, -1, -2)) / 2
    if domain == "triangle":
        return np.tril(rng.standard_normal(shape)) + 2 * np.eye(shape[-1])
    if domain not in INTERVALS:
        raise ValueError(f"there is no domain {domain!r}; declare it in engine/domains.py")
    low, high = INTERVALS[domain]
    points = rng.uniform(low, high, shape)
    return points * rng.choice([-1.0, 1.0], shape) if domain == "nonzero" else points


def inside(domain, points):
    """Whether each point lies in a domain.

    >>> inside("unit", np.array([0.5, 1.0]))
    array([ True, False])
    """
    return INSIDE[domain](points)

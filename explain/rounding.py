"""Whether two values differ by rounding alone: by how far moving every input in its last digits moves them.

Where large contributions cancel, as in (1 - x²/(x² + ε))/x, what is left of either side is rounding.
Imported by explain.certify when two sides differ by more than rounding usually does.
"""

import numpy as np

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

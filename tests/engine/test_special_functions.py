"""The special functions against mpmath, which computes with 40 digits."""

import mpmath
import numpy as np
import pytest

from engine import special_functions as special

mpmath.mp.dps = 40
RNG = np.random.default_rng(0)

TAILS = np.array([-37.0, -26.0, -6.0, -4.0, -0.46875, -1e-300, 0.0, 1e-300, 1e-9, 0.46875, 4.0, 4.0001, 26.5])
REALS = np.concatenate([TAILS, RNG.normal(0, 0.3, 60), RNG.normal(0, 3, 100)])
POSITIVE = np.concatenate([10.0 ** RNG.uniform(-8, 8, 150), RNG.uniform(0, 12, 100), 1 + RNG.normal(0, 1e-4, 20),
                           2 + RNG.normal(0, 1e-4, 20), [0.5, 1.5, 2.5, 10.0, 1e300]])  # fmt: skip
NEGATIVE = -RNG.uniform(0.01, 20, 60)
ONES = 1 - 10.0 ** RNG.uniform(-15, -1, 40)
UNIT = np.concatenate([RNG.uniform(-1, 1, 100), ONES, -ONES, 10.0 ** RNG.uniform(-300, -1, 20)])
# name, points, reference, greatest relative error in units of 2.2e-16, the result's size below which it is absolute
CASES = [
    ("erf", REALS, mpmath.erf, 4, 0),
    ("erfc", REALS, mpmath.erfc, 8, 0),
    ("erfcx", REALS[REALS > -20], lambda x: mpmath.exp(x * x) * mpmath.erfc(x), 8, 0),
    ("erfinv", UNIT, mpmath.erfinv, 8, 0),
    ("log_ndtr", REALS[REALS < 9], lambda x: mpmath.log(mpmath.ncdf(x)), 8, 1e-2),
    ("lgamma", POSITIVE, mpmath.loggamma, 8, 0),
    ("lgamma", NEGATIVE, lambda x: mpmath.log(abs(mpmath.gamma(x))), 20, 1),
    ("digamma", POSITIVE[POSITIVE < 1e300], mpmath.digamma, 8, 1),
    ("digamma", NEGATIVE, mpmath.digamma, 60, 1),
]


@pytest.mark.parametrize("name, points, reference, units, floor", CASES, ids=lambda value: str(value)[:9])
def test_against_mpmath(name, points, reference, units, floor):
    have = getattr(special, name)(points)
    assert error(have, points, reference, floor) <= units


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_polygamma(n):
    points = POSITIVE[(POSITIVE > 1e-3) & (POSITIVE < 1e4)]
    assert error(special.polygamma(points, n=n), points, lambda x: mpmath.polygamma(n, x), 0) <= 40
    away = NEGATIVE[abs(NEGATIVE - np.round(NEGATIVE)) > 0.05]
    assert error(special.polygamma(away, n=n), away, lambda x: mpmath.polygamma(n, x), 1) <= 4000


def error(have, points, reference, floor):
    """The greatest error in units of 2.2e-16, relative to the result's size or to `floor` if that is greater."""
    worst = 0.0
    for value, point in zip(have, points):
        want = reference(mpmath.mpf(float(point)))
        if abs(want) > 1e-300:
            worst = max(worst, float(abs(mpmath.mpf(float(value)) - want) / max(abs(want), floor)) / 2.2e-16)
    return worst


def test_limits():
    inf, nan = np.inf, np.nan
    cases = {
        "erf": [(inf, 1), (-inf, -1), (1e4, 1), (nan, nan)],
        "erfc": [(inf, 0), (-inf, 2), (1e4, 0), (nan, nan)],
        "erfcx": [(inf, 0), (-inf, inf), (nan, nan)],
        "erfinv": [(1, inf), (-1, -inf), (0, 0), (1.5, nan), (nan, nan)],
        "log_ndtr": [(inf, 0), (-inf, -inf), (nan, nan)],
        "lgamma": [(inf, inf), (-inf, inf), (0, inf), (-3, inf), (1, 0), (2, 0), (nan, nan)],
        "digamma": [(inf, inf), (0.0, -inf), (-0.0, inf), (-3, nan), (nan, nan)],
    }
    for name, pairs in cases.items():
        points, want = np.array(pairs, float).T
        np.testing.assert_array_equal(getattr(special, name)(points), want, err_msg=name)


def test_dtype_and_shape_are_kept():
    for x in (np.zeros((2, 3), np.float32), np.ones(()), np.ones((0, 2), np.float32), np.float32(1)):
        y = special.erf(x)
        assert y.dtype == x.dtype and y.shape == x.shape

"""Special functions on NumPy arrays, vectorised and accurate to a few units in the last place.

Computed in float64 whatever the dtype, which the result keeps. Imported by engine.ops.special.
Errors measured against mpmath are in tests/engine/test_special_functions.py.
"""

import math
from functools import lru_cache, wraps

import numpy as np

EULER = 0.57721566490153286061
HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)


def in_double(function):
    """Compute in float64 without warnings; the result has the operand's dtype and is 0-d for a 0-d operand."""

    @wraps(function)
    def computed(x, **settings):
        x = np.asarray(x)
        with np.errstate(all="ignore"):
            y = function(np.atleast_1d(x).astype(np.float64, copy=False), **settings)
        return y.reshape(x.shape).astype(x.dtype if x.dtype.kind == "f" else np.float64, copy=False)

    return computed


def polynomial(coefficients, x):
    """Horner's scheme, highest power first."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total


def piecewise(x, *pieces):
    """Fill an array piece by piece: (mask, function of the masked entries); nan stays."""
    out = np.full_like(x, np.nan)
    if not x.size:
        return out
    for mask, function in pieces:
        if mask.all():
            return function(x)
        if mask.any():
            out[mask] = function(x[mask])
    return out


# The error function: W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969).

_ERF = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
_ERFC_MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
     3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip
_ERFC_FAR = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
     1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
     2.33520497626869185e-3),
)  # fmt: skip
_NEAR = 0.46875


def _ratio(pair, x):
    return polynomial(pair[0], x) / polynomial(pair[1], x)


def _erf_near(x):
    return x * _ratio(_ERF, x * x)


def _scaled_middle(x):
    """exp(x²) erfc x for 0.46875 <= x <= 4."""
    return _ratio(_ERFC_MIDDLE, x)


def _scaled_far(x):
    """exp(x²) erfc x for x > 4."""
    z = 1 / (x * x)
    return (1 / math.sqrt(math.pi) - z * _ratio(_ERFC_FAR, z)) / x


def _scaled(x):
    """exp(x²) erfc x for x >= 0.46875."""
    return piecewise(x, (x <= 4, _scaled_middle), (x > 4, _scaled_far))


def _exp_minus_square(x):
    """exp(-x²) with the digits that rounding x² would lose: x is split at 1/16."""
    head = np.trunc(x * 16) / 16
    return np.exp(-head * head) * np.exp(-(x - head) * (x + head))


def _erfc_far(x):
    far = np.minimum(x, 30)  # beyond, erfc is 0 in float64
    return _exp_minus_square(far) * _scaled(far)


@in_double
def erf(x):
    """(2/√π) ∫₀ˣ exp(-t²) dt."""
    size = np.abs(x)
    return piecewise(
        x,
        (size <= _NEAR, _erf_near),
        (size > _NEAR, lambda x: np.copysign(1 - _erfc_far(np.minimum(np.abs(x), 6)), x)),
    )


@in_double
def erfc(x):
    """1 - erf x, accurate where that is small."""
    return piecewise(
        x,
        (np.abs(x) <= _NEAR, lambda x: 1 - _erf_near(x)),
        (x > _NEAR, _erfc_far),
        (x < -_NEAR, lambda x: 2 - _erfc_far(-x)),
    )


@in_double
def erfcx(x):
    """exp(x²) erfc x."""
    return piecewise(
        x,
        (np.abs(x) <= _NEAR, lambda x: np.exp(x * x) * (1 - _erf_near(x))),
        (x > _NEAR, _scaled),
        (x < -_NEAR, lambda x: 2 / _exp_minus_square(np.minimum(-x, 30)) - _scaled(-x)),
    )


@in_double
def erfinv(y):
    """The x of which y is the error function; ±inf at ±1."""
    size = np.abs(y)
    rest = 1 - size  # exact where it matters
    a = 0.147  # S. Winitzki's approximation, 2e-3, then Halley's steps
    logarithm = np.log(rest * (1 + size))
    b = 2 / (math.pi * a) + logarithm / 2
    x = np.sqrt(np.sqrt(b * b - logarithm / a) - b)
    for _ in range(3):
        error = np.where(size < 0.5, erf(x) - size, rest - erfc(x)) * (math.sqrt(math.pi) / 2) / _exp_minus_square(x)
        x = x - error / (1 + x * error)
    x = np.where(size == 1, np.inf, np.where(size == 0, 0, x))
    return np.copysign(np.where(size > 1, np.nan, x), y)


@in_double
def log_ndtr(x):
    """The logarithm of the normal distribution function, accurate in its tail."""
    root = math.sqrt(0.5)
    return piecewise(
        x,
        (x < 0, lambda x: np.log(erfcx(-x * root) / 2) - x * x / 2),
        (x >= 0, lambda x: np.log1p(-erfc(x * root) / 2)),
    )


# The gamma function: power series around 1 and 2, Stirling's series above 10, reflection below zero.

_STIRLING = (  # B(2k) / (2k (2k - 1)), highest power first
    -3617 / 122400, 1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12,
)  # fmt: skip
_DIGAMMA = (  # B(2k) / 2k, highest power first
    -3617 / 8160, 1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12,
)  # fmt: skip
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)  # B(2), B(4), ...
_LARGE = 10


@lru_cache(maxsize=1)
def _series_at_two():
    """The coefficients of log Γ(2 + t) / t, highest power first: (-1)^k (ζ(k) - 1) / k."""
    powers = range(30, 1, -1)
    return (*((-1) ** k * float(hurwitz(np.float64(2), k)) / k for k in powers), 1 - EULER)


def _lgamma_two(t):
    return t * polynomial(_series_at_two(), t)


def _lgamma_middle(x):
    """log Γ for 2.5 < x < 10: down to [1.5, 2.5] by the recurrence, where nothing cancels."""
    product = np.ones_like(x)
    x = x.copy()
    while (high := x > 2.5).any():
        x[high] -= 1
        product[high] *= x[high]
    return np.log(product) + _lgamma_two(x - 2)


def _lgamma_large(x):
    z = 1 / x
    y = (x - 0.5) * np.log(x) - x + HALF_LOG_TWO_PI + z * polynomial(_STIRLING, z * z)
    return np.where(np.isinf(x), np.inf, y)


def _lgamma_negative(x):
    y = np.log(math.pi / np.abs(sin_pi(x))) - lgamma(1 - x)
    return np.where((x == np.floor(x)) | np.isinf(x), np.inf, y)


def sin_pi(x):
    """sin πx without the error of rounding πx."""
    turned = np.fmod(x, 2)  # exact; np.remainder would round -1e-300 to 2
    folded = np.where(turned > 1, turned - 2, np.where(turned < -1, turned + 2, turned))
    folded = np.where(folded > 0.5, 1 - folded, np.where(folded < -0.5, -1 - folded, folded))
    return np.sin(math.pi * folded)


@in_double
def lgamma(x):
    """log |Γ(x)|; inf at zero and the negative integers."""
    return piecewise(
        x,
        (x <= -0.5, _lgamma_negative),
        ((x > -0.5) & (x < 0.5), _lgamma_small),
        ((x >= 0.5) & (x < 1.5), lambda x: _lgamma_two(x - 1) - np.log1p(x - 1)),
        ((x >= 1.5) & (x <= 2.5), lambda x: _lgamma_two(x - 2)),
        ((x > 2.5) & (x < _LARGE), _lgamma_middle),
        (x >= _LARGE, _lgamma_large),
    )


def _lgamma_small(x):
    """-0.5 < x < 0.5: log |Γ(x)| = log Γ(1 + x) - log |x|."""
    return _lgamma_two(x) - np.log1p(x) - np.log(np.abs(x))


def _digamma_positive(x):
    shift = np.zeros_like(x)
    x = x.copy()
    while (low := x < _LARGE).any():
        shift[low] -= 1 / x[low]
        x[low] += 1
    z = 1 / (x * x)
    return shift + np.log(x) - 0.5 / x - z * polynomial(_DIGAMMA, z)


def _digamma_negative(x):
    y = _digamma_positive(1 - x) - math.pi * cot_pi(x)
    return np.where(x == 0, np.copysign(np.inf, -x), np.where(x == np.floor(x), np.nan, y))


def cot_pi(x):
    """cot πx."""
    return sin_pi(x + 0.5) / sin_pi(x)


@in_double
def digamma(x):
    """The logarithmic derivative of Γ; nan at the negative integers."""
    return piecewise(x, (x > 0, _digamma_positive), (x <= 0, _digamma_negative))


def hurwitz(x, s):
    """Hurwitz's zeta function Σ (x + k)^-s for x > 0 and an integer s > 1, by Euler and Maclaurin."""
    total = np.zeros_like(x)
    for k in range(_LARGE):
        total = total + (x + k) ** -float(s)
    x = x + _LARGE
    total = total + x ** (1.0 - s) / (s - 1) + 0.5 * x ** -float(s)
    factor = float(s)
    power = x ** (-s - 1.0)
    for j, number in enumerate(_BERNOULLI, start=1):
        total = total + number * factor / math.factorial(2 * j) * power
        factor *= (s + 2 * j - 1) * (s + 2 * j)
        power = power / (x * x)
    return total


def _polygamma_negative(x, n):
    """By reflection: (-1)ⁿ ψₙ(1 - x) - ψₙ(x) = π dⁿ/dxⁿ cot πx."""
    slope = np.polynomial.Polynomial([0, 1])
    for _ in range(n):
        slope = slope.deriv() * np.polynomial.Polynomial([-math.pi, 0, -math.pi])
    y = (-1) ** n * _polygamma_positive(1 - x, n) - math.pi * polynomial(slope.coef[::-1], cot_pi(x))
    return np.where(x == np.floor(x), (-1.0) ** (n + 1) * np.inf, y)


def _polygamma_positive(x, n):
    return (-1.0) ** (n + 1) * math.factorial(n) * hurwitz(x, n + 1)


@in_double
def polygamma(x, n):
    """The n-th derivative of digamma."""
    if n == 0:
        return digamma(x)
    return piecewise(
        x, (x > 0, lambda x: _polygamma_positive(x, n)), (x <= 0, lambda x: _polygamma_negative(x, n))
    )

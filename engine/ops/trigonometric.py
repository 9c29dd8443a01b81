"""Trigonometric functions and their inverses."""

import math

import numpy as np

from engine.ops.exponential import sqrt
from engine.ops.functions import function, function_of_two

sin = function(
    "sin",
    numpy=np.sin,
    sympy="sin",
    vjp=[lambda g, y, x: g * cos(x)],
    rule="sine",
    says="The slope of the sine is the cosine.",
    law="y = sin x",
)

cos = function(
    "cos",
    numpy=np.cos,
    sympy="cos",
    vjp=[lambda g, y, x: -g * sin(x)],
    rule="cosine",
    says="The slope of the cosine is minus the sine.",
    law="y = cos x",
)

tan = function(
    "tan",
    numpy=np.tan,
    sympy="tan",
    vjp=[lambda g, y, x: g * (1 + y * y)],
    rule="tangent",
    says="The slope of the tangent is one plus its output squared.",
    law="y = tan x",
)

asin = function(
    "asin",
    "arcsin",
    numpy=np.arcsin,
    sympy="asin",
    vjp=[lambda g, y, x: g / sqrt(1 - x * x)],
    rule="inverse sine",
    says="The slope of the inverse sine is one over the cosine of its output, √(1 - x²).",
    law="y = arcsin x",
    domain=("open unit",),
    edges=[(1.0,), (-1.0,)],
)

acos = function(
    "acos",
    "arccos",
    numpy=np.arccos,
    sympy="acos",
    vjp=[lambda g, y, x: -g / sqrt(1 - x * x)],
    rule="inverse cosine",
    says="The slope of the inverse cosine is minus one over the sine of its output, √(1 - x²).",
    law="y = arccos x",
    domain=("open unit",),
    edges=[(1.0,), (-1.0,)],
)

atan = function(
    "atan",
    "arctan",
    numpy=np.arctan,
    sympy="atan",
    vjp=[lambda g, y, x: g / (x * x + 1)],
    rule="inverse tangent",
    says="The slope of the inverse tangent is one over one plus its argument squared.",
    law="y = arctan x",
)


def _over_square(g, a, b):
    """g a / (a² + b²), and 0 at the origin, as PyTorch has it."""
    square = a * a + b * b
    return g * np.divide(a, square, out=np.zeros_like(square), where=square != 0)


atan2 = function_of_two(
    "atan2",
    "arctan2",
    numpy=np.arctan2,
    sympy="atan2",
    vjp=[lambda g, y, a, b: g * b / (a * a + b * b), lambda g, y, a, b: -g * a / (a * a + b * b)],
    numeric=[lambda g, y, a, b: _over_square(g, b, a), lambda g, y, a, b: -_over_square(g, a, b)],
    types="float",
    rule="angle of a point",
    says="The angle turns with a step across the ray, over the distance squared.",
    law="y = the angle of the point (b, a)",
    edges=[(0.0, 0.0), (0.0, -1.0), (1.0, 0.0)],
)

hypot = function_of_two(
    "hypot",
    numpy=np.hypot,
    sympy=lambda a, b: sqrt(a * a + b * b),
    vjp=[lambda g, y, a, b: g * a / y, lambda g, y, a, b: g * b / y],
    rule="length of the hypotenuse",
    says="Each side's slope is its share of the length.",
    law="y = √(a² + b²)",
    edges=[(0.0, 0.0), (3.0, 0.0)],
)

deg2rad = function(
    "deg2rad",
    numpy=np.deg2rad,
    sympy=lambda x: x * math.pi / 180,
    vjp=[lambda g, y, x: g * math.pi / 180],
    torch="Deg2RadBackward0",
    saves=False,
    rule="degrees to radians",
    says="A change of unit multiplies by a constant, and so does its slope.",
    law="y = π x / 180",
)

rad2deg = function(
    "rad2deg",
    numpy=np.rad2deg,
    sympy=lambda x: x * 180 / math.pi,
    vjp=[lambda g, y, x: g * 180 / math.pi],
    torch="Rad2DegBackward0",
    saves=False,
    rule="radians to degrees",
    says="A change of unit multiplies by a constant, and so does its slope.",
    law="y = 180 x / π",
)


def _sinc_slope(g, y, x):
    """Near zero, where cos πx and sinc x agree, the power series of the slope: Σ (-1)ᵏ 2k π²ᵏ x²ᵏ⁻¹ / (2k + 1)!."""
    small = np.abs(x) < 0.25
    z = (math.pi * x) ** 2
    series = np.zeros_like(z)
    for k in range(9, 0, -1):
        series = series * z + (-1) ** k * 2 * k / math.factorial(2 * k + 1)
    with np.errstate(all="ignore"):
        slope = np.where(small, series * (math.pi**2 * x), (np.cos(math.pi * x) - y) / np.where(small, 1, x))
    return g * slope.astype(np.asarray(x).dtype)


def _sinc(x):
    with np.errstate(invalid="ignore"):  # NumPy's own code would warn at infinities
        return np.sinc(x) if x.dtype != np.float16 else np.sinc(x.astype(np.float32)).astype(np.float16)


sinc = function(
    "sinc",
    "special.sinc",
    numpy=_sinc,
    vjp=[lambda g, y, x: g * (cos(x * math.pi) - y) / x],
    numeric=[_sinc_slope],
    rule="sine over its argument",
    says="By the quotient rule the slope is the cosine minus the output, over the argument; at zero it is zero.",
    law="y = sin(πx) / (πx), 1 at 0",
    domain=("nonzero",),
    edges=[(0.0,)],
)

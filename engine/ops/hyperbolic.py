"""Hyperbolic functions and their inverses."""

import numpy as np

from engine.ops.exponential import sqrt
from engine.ops.functions import function

sinh = function(
    "sinh",
    numpy=np.sinh,
    sympy="sinh",
    vjp=[lambda g, y, x: g * cosh(x)],
    rule="hyperbolic sine",
    says="The slope of the hyperbolic sine is the hyperbolic cosine.",
    law="y = sinh x",
)

cosh = function(
    "cosh",
    numpy=np.cosh,
    sympy="cosh",
    vjp=[lambda g, y, x: g * sinh(x)],
    rule="hyperbolic cosine",
    says="The slope of the hyperbolic cosine is the hyperbolic sine.",
    law="y = cosh x",
)

tanh = function(
    "tanh",
    "nn.functional.tanh",
    numpy=np.tanh,
    sympy="tanh",
    vjp=[lambda g, y, x: g * (1 - y * y)],
    says="The slope of tanh is one minus its output squared.",
    law="y = tanh x",
    edges=[(1e4,), (-1e4,)],
)

asinh = function(
    "asinh",
    "arcsinh",
    numpy=np.arcsinh,
    sympy="asinh",
    vjp=[lambda g, y, x: g / sqrt(x * x + 1)],
    rule="inverse hyperbolic sine",
    says="The slope of the inverse hyperbolic sine is one over √(x² + 1).",
    law="y = arsinh x",
    edges=[(1e4,)],
)

acosh = function(
    "acosh",
    "arccosh",
    numpy=np.arccosh,
    sympy="acosh",
    vjp=[lambda g, y, x: g / sqrt(x * x - 1)],
    rule="inverse hyperbolic cosine",
    says="The slope of the inverse hyperbolic cosine is one over √(x² - 1).",
    law="y = arcosh x",
    domain=("above one",),
    edges=[(1.0,), (1e4,)],
)

atanh = function(
    "atanh",
    "arctanh",
    numpy=np.arctanh,
    sympy="atanh",
    vjp=[lambda g, y, x: g / (1 - x * x)],
    rule="inverse hyperbolic tangent",
    says="The slope of the inverse hyperbolic tangent is one over one minus its argument squared.",
    law="y = artanh x",
    domain=("open unit",),
    edges=[(1.0,), (-1.0,)],
)

"""The elementwise functions by name, for rules of other families."""

from engine.ops.activation import logsigmoid, relu, sigmoid, softplus
from engine.ops.exponential import exp, expm1, log, log1p, reciprocal, rsqrt, sqrt, square
from engine.ops.hyperbolic import cosh, sinh, tanh
from engine.ops.rounding import absolute, sign
from engine.ops.selecting import clamp_min, maximum, minimum, where
from engine.ops.special_values import digamma, erf, erfc, lgamma, xlogy
from engine.ops.trigonometric import cos, sin, tan

__all__ = [
    "absolute", "clamp_min", "cos", "cosh", "digamma", "erf", "erfc", "exp", "expm1", "lgamma", "log", "log1p",
    "logsigmoid", "maximum", "minimum", "reciprocal", "relu", "rsqrt", "sigmoid", "sign", "sin", "sinh", "softplus",
    "sqrt", "square", "tan", "tanh", "where", "xlogy",
]  # fmt: skip

"""Smooth activations, and the piecewise polynomials that stand in for them."""

import math

import numpy as np

from engine import special_functions as special
from engine.op import call, op, public
from engine.ops.activation import relative, sigmoid, softplus
from engine.ops.exponential import exp
from engine.ops.hyperbolic import tanh
from engine.ops.rounding import absolute
from engine.ops.selecting import where
from engine.ops.special_values import NORMAL, erf

LARGE = [(1e4,), (-1e4,), (0.0,)]
ROOT_HALF = math.sqrt(0.5)
GELU_SLOPE = math.sqrt(2 / math.pi)
GELU_CUBIC = 0.044715


def gelu_pullback(g, y, x):
    """x̄ = g ⊙ (Φ(x) + x φ(x)), with the normal distribution function Φ and its density φ."""
    return g * ((1 + erf(x * ROOT_HALF)) / 2 + x * NORMAL * exp(-x * x / 2))


gelu = op(
    "gelu",
    numpy=lambda x: x * (special.erfc(-x * ROOT_HALF) / 2),
    vjp=[gelu_pullback],
    types="float",
    rule="Gaussian error linear unit",
    says="By the product rule the slope is the normal distribution function plus x times its density.",
    law="y = x Φ(x), with the normal distribution function Φ",
    samples=[call((2, 3)), call(()), call((0,))],
    edges=LARGE,
)


def _gelu_inner(x):
    return (x + x * x * x * GELU_CUBIC) * GELU_SLOPE


def gelu_tanh_pullback(g, y, x):
    """x̄ = g ⊙ ((1 + t)/2 + x/2 (1 - t²) u'), with t = tanh u and u = √(2/π) (x + 0.044715 x³)."""
    t = tanh(_gelu_inner(x))
    return g * ((1 + t) / 2 + x / 2 * (1 - t * t) * GELU_SLOPE * (1 + 3 * GELU_CUBIC * x * x))


gelu_tanh = op(
    "gelu_tanh",
    numpy=lambda x: x * ((1 + np.tanh(_gelu_inner(x))) / 2),
    vjp=[gelu_tanh_pullback],
    types="float",
    torch="GeluBackward0",
    rule="Gaussian error linear unit by tanh",
    says="By the product rule the slope is half of one plus tanh, plus half x times the slope of that tanh.",
    law="y = x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2",
    samples=[call((2, 3)), call(()), call((0,))],
    edges=LARGE,
)


@public("nn.functional.gelu")
def _gelu(input, *, approximate="none"):
    """y = x Φ(x), or with approximate="tanh" the form with tanh;  x̄ = g ⊙ (Φ(x) + x φ(x)).

    >>> import engine as torch
    >>> torch.nn.functional.gelu(torch.tensor([0., 1.]))
    tensor([0.0000, 0.8413])
    """
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return (gelu if approximate == "none" else gelu_tanh)(input)


def silu_pullback(g, y, x):
    """x̄ = g ⊙ s ⊙ (1 + x ⊙ (1 - s)), with the sigmoid s of x."""
    s = sigmoid(x)
    return g * s * (1 + x * (1 - s))


silu = relative(
    "silu",
    numpy=lambda x: x * sigmoid(x),
    vjp=[silu_pullback],
    types="float",
    says="By the product rule the slope is the sigmoid, times one plus x times one minus the sigmoid.",
    law="y = x σ(x)",
    edges=LARGE,
)


def mish_pullback(g, y, x):
    """x̄ = g ⊙ (t + x (1 - t²) σ(x)), with t = tanh softplus x."""
    t = tanh(softplus(x, beta=1.0, threshold=20.0))
    return g * (t + x * (1 - t * t) * sigmoid(x))


mish = relative(
    "mish",
    numpy=lambda x: x * np.tanh(np.logaddexp(x, 0)),
    vjp=[mish_pullback],
    types="float",
    says="By the product rule the slope is tanh softplus x, plus x times its slope.",
    law="y = x tanh(log(1 + exp x))",
    edges=LARGE,
)

softsign = relative(
    "softsign",
    numpy=lambda x: x / (1 + np.abs(x)),
    vjp=[lambda g, y, x: g / (1 + absolute(x)) ** 2],
    types="float",
    torch="DivBackward0",
    says="The slope of softsign is one over the square of one plus the absolute value.",
    law="y = x / (1 + |x|)",
    edges=LARGE,
)

tanhshrink = relative(
    "tanhshrink",
    numpy=lambda x: x - np.tanh(x),
    sympy=lambda x: x - tanh(x),
    vjp=[lambda g, y, x: g * tanh(x) ** 2],
    types="float",
    torch="SubBackward0",
    says="The slope of x minus tanh is one minus the slope of tanh: tanh squared.",
    law="y = x - tanh x",
    edges=LARGE,
)

hardsigmoid = relative(
    "hardsigmoid",
    numpy=lambda x: np.minimum(np.maximum(x + 3, 0), 6) / 6,
    vjp=[lambda g, y, x: where((x > -3) * (x < 3), g / 6, 0)],
    says="Strictly between -3 and 3 the slope is one sixth, elsewhere zero, at the ends by convention.",
    law="y = (x + 3) / 6 kept within 0 and 1",
    samples=[call((2, 3)), call((2, 9)), call(())],
    edges=[(3.0,), (-3.0,)],
)

hardswish = relative(
    "hardswish",
    numpy=lambda x: x * np.minimum(np.maximum(x + 3, 0), 6) / 6,
    vjp=[lambda g, y, x: where(x < 3, where(x > -3, g * (x / 3 + 0.5), 0), g)],
    says="Between -3 and 3 it is the parabola x (x + 3)/6 with slope x/3 + 1/2; above, the slope is one; below, zero.",
    law="y = x ((x + 3) / 6 kept within 0 and 1)",
    samples=[call((2, 3)), call((2, 9)), call(())],
    edges=[(3.0,), (-3.0,)],
)

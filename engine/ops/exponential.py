"""Exponentials, logarithms and roots."""

import math

import numpy as np

from engine.op import call, public
from engine.ops.functions import IN_PLACE, PAIRS, function, function_of_two

LOG_TWO = math.log(2)
LOG_TEN = math.log(10)

exp = function(
    "exp",
    numpy=np.exp,
    sympy="exp",
    vjp=[lambda g, y, x: g * y],
    says="The exponential is its own slope.",
    law="y = exp x",
)

exp2 = function(
    "exp2",
    "special.exp2",
    numpy=np.exp2,
    sympy=lambda x: 2**x,
    vjp=[lambda g, y, x: g * y * LOG_TWO],
    rule="power of two",
    says="The slope of a power of two is itself times the logarithm of two.",
    law="y = 2ˣ",
)

expm1 = function(
    "expm1",
    "special.expm1",
    numpy=np.expm1,
    sympy=lambda x: exp(x) - 1,
    vjp=[lambda g, y, x: g * (y + 1)],
    rule="exp minus one",
    says="The slope of exp x - 1 is exp x, which is the output plus one.",
    law="y = exp x - 1",
)

log = function(
    "log",
    numpy=np.log,
    sympy="log",
    vjp=[lambda g, y, x: g / x],
    rule="logarithm",
    says="The slope of the logarithm is one over its argument.",
    law="y = log x",
    domain=("positive",),
    edges=[(0.0,)],
)

log2 = function(
    "log2",
    numpy=np.log2,
    sympy=lambda x: log(x) / LOG_TWO,
    vjp=[lambda g, y, x: g / (x * LOG_TWO)],
    rule="logarithm to base two",
    says="A logarithm to another base is the natural one over the logarithm of the base.",
    law="y = log x / log 2",
    domain=("positive",),
    edges=[(0.0,)],
)

log10 = function(
    "log10",
    numpy=np.log10,
    sympy=lambda x: log(x) / LOG_TEN,
    vjp=[lambda g, y, x: g / (x * LOG_TEN)],
    rule="logarithm to base ten",
    says="A logarithm to another base is the natural one over the logarithm of the base.",
    law="y = log x / log 10",
    domain=("positive",),
    edges=[(0.0,)],
)

log1p = function(
    "log1p",
    "special.log1p",
    numpy=np.log1p,
    sympy=lambda x: log(1 + x),
    vjp=[lambda g, y, x: g / (x + 1)],
    torch="Log1PBackward0",
    rule="logarithm of one plus",
    says="The slope of log(1 + x) is one over one plus x.",
    law="y = log(1 + x)",
    domain=("above minus one",),
    edges=[(-1.0,)],
)

sqrt = function(
    "sqrt",
    numpy=np.sqrt,
    sympy="sqrt",
    vjp=[lambda g, y, x: g / (2 * y)],
    rule="square root",
    says="The slope of a square root is one over twice the root.",
    law="y = √x",
    domain=("positive",),
    edges=[(0.0,)],
)

rsqrt = function(
    "rsqrt",
    numpy=lambda x: 1 / np.sqrt(x),
    sympy=lambda x: x**-0.5,
    vjp=[lambda g, y, x: g * y * y * y * -0.5],
    rule="one over the square root",
    says="The slope of one over a root is minus half its output cubed.",
    law="y = 1/√x",
    domain=("positive",),
    edges=[(0.0,)],
)

square = function(
    "square",
    numpy=lambda x: np.square(x if np.asarray(x).dtype.kind != "b" else np.asarray(x, np.int64)),
    sympy=lambda x: x**2,
    vjp=[lambda g, y, x: g * (2 * x)],
    types="arithmetic",
    torch="PowBackward0",
    says="The slope of a square is twice its argument.",
    law="y = x²",
)

reciprocal = function(
    "reciprocal",
    numpy=np.reciprocal,
    sympy=lambda x: 1 / x,
    vjp=[lambda g, y, x: -g * y * y],
    says="The slope of one over x is minus its output squared.",
    law="y = 1/x",
    domain=("nonzero",),
    edges=[(0.0,)],
)


@public("ldexp", "Tensor.ldexp")
def _ldexp(input, other):
    """y = a 2ᵇ;  ā = g 2ᵇ, b̄ = g y log 2. Shapes broadcast.

    >>> import engine as torch
    >>> torch.ldexp(torch.tensor([1.]), torch.tensor([3]))
    tensor([8.])
    """
    return input * 2.0**other


@public("float_power", "Tensor.float_power")
def _float_power(input, exponent):
    """y = a ** b in float64;  ā = g b a^(b - 1), b̄ = g y log a. Shapes broadcast.

    >>> import engine as torch
    >>> torch.float_power(torch.tensor([2.]), 3)
    tensor([8.], dtype=torch.float64)
    """
    return _in_double(input) ** _in_double(exponent)


def _in_double(x):
    return x.double() if hasattr(x, "double") else float(x)


IN_PLACE.add("ldexp")


def _sigmoid(x):
    from engine.ops.activation import sigmoid

    return sigmoid(x)


logaddexp = function_of_two(
    "logaddexp",
    in_place=False,
    numpy=np.logaddexp,
    vjp=[lambda g, y, a, b: g * _sigmoid(a - b), lambda g, y, a, b: g * _sigmoid(b - a)],
    types="float",
    rule="logarithm of a sum of exponentials",
    says="Each operand's slope is its share of the sum of exponentials, the sigmoid of its lead over the other.",
    law="y = log(exp a + exp b)",
    samples=[*PAIRS[:3], call((0,), ())],
    edges=[(1e4, -1e4), (0.0, 0.0), (-1e4, -1e4), (1e4, 1e4), (math.inf, 0.0), (-math.inf, 0.0)],
)

logaddexp2 = function_of_two(
    "logaddexp2",
    in_place=False,
    numpy=np.logaddexp2,
    vjp=[
        lambda g, y, a, b: g * _sigmoid((a - b) * LOG_TWO),
        lambda g, y, a, b: g * _sigmoid((b - a) * LOG_TWO),
    ],
    types="float",
    rule="logarithm of a sum of powers of two",
    says="Each operand's slope is its share of the sum of powers of two.",
    law="y = log₂(2ᵃ + 2ᵇ)",
    samples=[*PAIRS[:3], call((0,), ())],
    edges=[(1e4, -1e4), (0.0, 0.0), (-1e4, -1e4)],
)

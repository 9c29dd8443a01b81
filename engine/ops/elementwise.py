"""Elementwise functions of one operand."""

import numpy as np

from engine.op import call, op


def _function(name, **fields):
    """An elementwise function of one real operand that PyTorch has as function and as method."""
    fields.setdefault("types", "float")
    fields.setdefault("samples", [call((2, 3)), call(()), call((0,))])
    return op(name, public=(name, f"Tensor.{name}"), **fields)


exp = _function(
    "exp",
    numpy=np.exp,
    sympy="exp",
    vjp=[lambda g, y, x: g * y],
    says="The exponential is its own slope.",
    law="y = exp x",
)

log = _function(
    "log",
    numpy=np.log,
    sympy="log",
    vjp=[lambda g, y, x: g / x],
    says="The slope of the logarithm is one over its argument.",
    law="y = log x",
    domain=("positive",),
)

sqrt = _function(
    "sqrt",
    numpy=np.sqrt,
    sympy="sqrt",
    vjp=[lambda g, y, x: g / (2 * y)],
    says="The slope of a square root is one over twice the root.",
    law="y = √x",
    domain=("positive",),
)

sin = _function(
    "sin",
    numpy=np.sin,
    sympy="sin",
    vjp=[lambda g, y, x: g * cos(x)],
    says="The slope of the sine is the cosine.",
    law="y = sin x",
)

cos = _function(
    "cos",
    numpy=np.cos,
    sympy="cos",
    vjp=[lambda g, y, x: -g * sin(x)],
    says="The slope of the cosine is minus the sine.",
    law="y = cos x",
)

tanh = _function(
    "tanh",
    numpy=np.tanh,
    sympy="tanh",
    vjp=[lambda g, y, x: g * (1 - y * y)],
    says="The slope of tanh is one minus its output squared.",
    law="y = tanh x",
)

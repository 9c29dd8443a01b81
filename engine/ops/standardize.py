"""Centring and scaling along axes: the two named operations that the gradients of normalisation read in.

x̂ = (x - μ)/σ and 1/σ, with σ = √(var x + ε); without centring, x/r and 1/r, with r = √(mean x² + ε).
"""

import numpy as np

from engine.op import call, first_shape, op
from engine.ops.reduction import mean, reduced_shape
from engine.ops.shape import size_of


def average(x, dim):
    """The mean along axes that stay as ones; a rule's short word for it."""
    return mean(x, dim=dim, keepdim=True)


def standardized(x, dim, eps):
    """NumPy's x̂ and 1/σ together."""
    with np.errstate(divide="ignore", invalid="ignore"):
        count = size_of(x, dim)
        centred = x - np.add.reduce(x, axis=dim, keepdims=True) / count
        scale = 1 / np.sqrt(np.add.reduce(centred * centred, axis=dim, keepdims=True) / count + eps)
        return centred * scale, scale


def scaled(x, dim, eps):
    """NumPy's x/r and 1/r together."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1 / np.sqrt(np.add.reduce(x * x, axis=dim, keepdims=True) / size_of(x, dim) + eps)
        return x * scale, scale


_SAMPLES = [call((2, 3), dim=(1,), eps=1e-5), call((4, 3), dim=(0,), eps=0.1), call((2, 3, 2), dim=(0, 2), eps=1e-5)]


def _of_keepdim(shape, dim, eps):
    return reduced_shape(shape, dim, True)


standardize = op(
    "standardize",
    numpy=lambda x, dim, eps: standardized(x, dim, eps)[0],
    vjp=[
        lambda g, y, x, dim, eps: (
            inverse_deviation(x, dim=dim, eps=eps) * (g - average(g, dim) - y * average(g * y, dim))
        )
    ],
    shape=first_shape,
    types=None,
    rule="standardisation",
    says="The cotangent loses its mean and its part along the output, and is divided by the deviation.",
    law="y = (x - μ)/σ over the axes `dim`, with mean μ and σ = √(var + ε)",
    source="Ioffe & Szegedy, Batch Normalization, section 3",
    samples=_SAMPLES,
)

inverse_deviation = op(
    "inverse_deviation",
    numpy=lambda x, dim, eps: standardized(x, dim, eps)[1],
    vjp=[lambda g, y, x, dim, eps: -g * y * y * standardize(x, dim=dim, eps=eps) / size_of(x, dim)],
    shape=_of_keepdim,
    types=None,
    rule="one over the deviation",
    says="An entry lowers it by its standardised value over the number of entries and the variance.",
    law="y = 1/σ over the axes `dim`, with σ = √(var + ε)",
    samples=_SAMPLES,
)

rescale = op(
    "rescale",
    numpy=lambda x, dim, eps: scaled(x, dim, eps)[0],
    vjp=[lambda g, y, x, dim, eps: inverse_rms(x, dim=dim, eps=eps) * (g - y * average(g * y, dim))],
    shape=first_shape,
    types=None,
    rule="division by the root mean square",
    says="The cotangent loses its part along the output, and is divided by the root mean square.",
    law="y = x/r over the axes `dim`, with r = √(mean x² + ε)",
    source="Zhang & Sennrich, Root Mean Square Layer Normalization, section 4",
    samples=_SAMPLES,
)

inverse_rms = op(
    "inverse_rms",
    numpy=lambda x, dim, eps: scaled(x, dim, eps)[1],
    vjp=[lambda g, y, x, dim, eps: -g * y * y * rescale(x, dim=dim, eps=eps) / size_of(x, dim)],
    shape=_of_keepdim,
    types=None,
    rule="one over the root mean square",
    says="An entry lowers it by its rescaled value over the number of entries and the mean square.",
    law="y = 1/r over the axes `dim`, with r = √(mean x² + ε)",
    samples=_SAMPLES,
)

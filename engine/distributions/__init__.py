"""PyTorch's torch.distributions: densities, entropies and samples, made of the library's operations."""

from engine.distributions.base import Distribution, Independent
from engine.distributions.continuous import (
    Beta,
    Exponential,
    Gamma,
    Laplace,
    LogNormal,
    MultivariateNormal,
    Normal,
    Uniform,
)
from engine.distributions.discrete import Bernoulli, Categorical, Poisson
from engine.distributions.divergence import kl_divergence

__all__ = [
    "Bernoulli", "Beta", "Categorical", "Distribution", "Exponential", "Gamma", "Independent", "Laplace", "LogNormal",
    "MultivariateNormal", "Normal", "Poisson", "Uniform", "kl_divergence",
]  # fmt: skip

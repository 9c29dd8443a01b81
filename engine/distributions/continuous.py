"""Continuous distributions. Imported by engine.distributions."""

import math

import numpy as np

from engine.distributions.base import Distribution
from engine.op import PUBLIC
from engine.tensor import Size


def positive(x):
    """Whether entries are above zero."""
    return x > 0


class Normal(Distribution):
    """log p(x) = -(x - loc)² / (2 scale²) - log scale - log √(2π).

    >>> import engine as torch
    >>> torch.distributions.Normal(0., 1.).log_prob(torch.tensor(0.))
    tensor(-0.9189)
    """

    parameters = ("loc", "scale")
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        super().__init__(loc=loc, scale=scale)
        if validate_args is not False:
            self.require("scale", positive, "GreaterThan(lower_bound=0.0)")

    def log_prob(self, value):
        deviation = value - self.loc
        return -(deviation**2) / (2 * self.scale**2) - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def entropy(self):
        """1/2 + log √(2π) + log scale."""
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()

    def rsample(self, sample_shape=()):
        return self.loc + self.noise(lambda g, shape: g.standard_normal(shape), sample_shape, self.loc) * self.scale

    def cdf(self, value):
        """The probability of values up to this one."""
        return 0.5 * (1 + ((value - self.loc) * self.scale.reciprocal() / math.sqrt(2)).erf())

    def icdf(self, value):
        """The value up to which the probability is this one."""
        return self.loc + self.scale * (2 * value - 1).erfinv() * math.sqrt(2)

    @property
    def mean(self):
        return self.loc

    @property
    def variance(self):
        return self.scale**2


class LogNormal(Distribution):
    """exp of a normal variable: log p(x) = log N(log x) - log x."""

    parameters = ("loc", "scale")
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        super().__init__(loc=loc, scale=scale)
        self.base = Normal(loc, scale, validate_args)

    def __repr__(self):
        return "LogNormal()"

    def log_prob(self, value):
        logarithm = value.log()
        return self.base.log_prob(logarithm) - logarithm

    def entropy(self):
        """The normal variable's entropy and its mean."""
        return self.base.entropy() + self.loc

    def rsample(self, sample_shape=()):
        return self.base.rsample(sample_shape).exp()

    @property
    def mean(self):
        return (self.loc + self.scale**2 / 2).exp()

    @property
    def variance(self):
        return (self.scale**2).expm1() * (2 * self.loc + self.scale**2).exp()


class Uniform(Distribution):
    """log p(x) = -log(high - low) within [low, high), -∞ elsewhere."""

    parameters = ("low", "high")
    has_rsample = True

    def __init__(self, low, high, validate_args=None):
        super().__init__(low=low, high=high)
        if validate_args is not False and not bool((self.low < self.high).all()):
            raise ValueError(f"Uniform is not defined when low >= high, and low is {self.low}, high is {self.high}")

    def log_prob(self, value):
        inside = self.low.le(value).type_as(self.low) * self.high.gt(value).type_as(self.low)
        return inside.log() - (self.high - self.low).log()

    def entropy(self):
        """log(high - low)."""
        return (self.high - self.low).log()

    def rsample(self, sample_shape=()):
        return self.low + self.noise(lambda g, shape: g.random(shape), sample_shape, self.low) * (self.high - self.low)

    @property
    def mean(self):
        return (self.high + self.low) / 2

    @property
    def variance(self):
        return (self.high - self.low) ** 2 / 12


class Exponential(Distribution):
    """log p(x) = log rate - rate x."""

    parameters = ("rate",)
    has_rsample = True

    def __init__(self, rate, validate_args=None):
        super().__init__(rate=rate)
        if validate_args is not False:
            self.require("rate", positive, "GreaterThan(lower_bound=0.0)")

    def log_prob(self, value):
        return self.rate.log() - self.rate * value

    def entropy(self):
        """1 - log rate."""
        return 1.0 - self.rate.log()

    def rsample(self, sample_shape=()):
        return self.noise(lambda g, shape: g.exponential(size=shape), sample_shape, self.rate) / self.rate

    @property
    def mean(self):
        return self.rate.reciprocal()

    @property
    def variance(self):
        return self.rate**-2


class Laplace(Distribution):
    """log p(x) = -log(2 scale) - |x - loc| / scale."""

    parameters = ("loc", "scale")
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        super().__init__(loc=loc, scale=scale)
        if validate_args is not False:
            self.require("scale", positive, "GreaterThan(lower_bound=0.0)")

    def log_prob(self, value):
        return -(2 * self.scale).log() - (value - self.loc).abs() / self.scale

    def entropy(self):
        """1 + log(2 scale)."""
        return 1 + (2 * self.scale).log()

    def rsample(self, sample_shape=()):
        return self.loc + self.noise(lambda g, shape: g.laplace(size=shape), sample_shape, self.loc) * self.scale

    @property
    def mean(self):
        return self.loc

    @property
    def variance(self):
        return 2 * self.scale**2


class Gamma(Distribution):
    """log p(x) = a log b + (a - 1) log x - b x - log Γ(a), a the concentration, b the rate."""

    parameters = ("concentration", "rate")

    def __init__(self, concentration, rate, validate_args=None):
        super().__init__(concentration=concentration, rate=rate)
        if validate_args is not False:
            self.require("concentration", positive, "GreaterThan(lower_bound=0.0)")
            self.require("rate", positive, "GreaterThan(lower_bound=0.0)")

    def log_prob(self, value):
        a, b = self.concentration, self.rate
        return PUBLIC["xlogy"](a, b) + PUBLIC["xlogy"](a - 1, value) - b * value - a.lgamma()

    def entropy(self):
        """a - log b + log Γ(a) + (1 - a) ψ(a)."""
        a = self.concentration
        return a - self.rate.log() + a.lgamma() + (1 - a) * a.digamma()

    def sample(self, sample_shape=()):
        a = self.concentration._node.output
        return self.noise(lambda g, shape: g.gamma(a, size=shape), sample_shape, self.rate) / self.rate.detach()

    @property
    def mean(self):
        return self.concentration / self.rate

    @property
    def variance(self):
        return self.concentration / self.rate**2


class Beta(Distribution):
    """log p(x) = (a - 1) log x + (b - 1) log(1 - x) + log Γ(a + b) - log Γ(a) - log Γ(b)."""

    parameters = ("concentration1", "concentration0")

    def __init__(self, concentration1, concentration0, validate_args=None):
        super().__init__(concentration1=concentration1, concentration0=concentration0)
        if validate_args is not False:
            self.require("concentration1", positive, "GreaterThan(lower_bound=0.0)")
            self.require("concentration0", positive, "GreaterThan(lower_bound=0.0)")

    def __repr__(self):
        return "Beta()"

    def log_prob(self, value):
        a, b = self.concentration1, self.concentration0
        powers = PUBLIC["xlogy"](a - 1, value) + PUBLIC["xlogy"](b - 1, 1 - value)
        return powers + (a + b).lgamma() - a.lgamma() - b.lgamma()

    def entropy(self):
        """log B(a, b) - (a - 1) ψ(a) - (b - 1) ψ(b) + (a + b - 2) ψ(a + b)."""
        a, b = self.concentration1, self.concentration0
        both = a.lgamma() + b.lgamma() - (a + b).lgamma()
        return both - (a - 1) * a.digamma() - (b - 1) * b.digamma() + (a + b - 2) * (a + b).digamma()

    def sample(self, sample_shape=()):
        a, b = self.concentration1._node.output, self.concentration0._node.output
        return self.noise(lambda g, shape: g.beta(a, b, size=shape), sample_shape, self.concentration1)

    @property
    def mean(self):
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def variance(self):
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total**2 * (total + 1))


class MultivariateNormal(Distribution):
    """log p(x) = -½ (x - loc)ᵀ Σ⁻¹ (x - loc) - ½ log det Σ - ½ n log 2π.

    Given is Σ, the covariance_matrix, or its inverse, the precision_matrix, or its Cholesky factor, scale_tril.
    """

    parameters = ("loc", "covariance_matrix", "precision_matrix", "scale_tril")
    has_rsample = True

    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        given = {"covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix, "scale_tril": scale_tril}
        given = {name: value for name, value in given.items() if value is not None}
        if len(given) != 1:
            raise ValueError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        if loc.ndim < 1:
            raise ValueError("loc must be at least one-dimensional.")
        ((name, matrix),) = given.items()
        if matrix.ndim < 2:
            raise ValueError(f"{name} must be at least two-dimensional, with optional leading batch dimensions")
        self.batch_shape = Size(np.broadcast_shapes(tuple(matrix.shape[:-2]), tuple(loc.shape[:-1])))
        self.event_shape = Size(loc.shape[-1:])
        self.loc = loc.expand((*self.batch_shape, *self.event_shape))
        setattr(self, name, matrix)
        if name == "scale_tril":
            self.factor = matrix
        else:
            covariance = matrix if name == "covariance_matrix" else PUBLIC["linalg.inv"](matrix)
            self.factor = PUBLIC["linalg.cholesky"](covariance)

    def log_prob(self, value):
        deviation = (value - self.loc).unsqueeze(-1)
        solved = PUBLIC["linalg.solve_triangular"](self.factor, deviation, upper=False).squeeze(-1)
        n = self.event_shape[0]
        return -0.5 * (n * math.log(2 * math.pi) + (solved**2).sum(-1)) - self._half_log_det()

    def _half_log_det(self):
        return self.factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def entropy(self):
        """½ n (1 + log 2π) + ½ log det Σ."""
        return 0.5 * self.event_shape[0] * (1 + math.log(2 * math.pi)) + self._half_log_det()

    def rsample(self, sample_shape=()):
        noise = self.noise(lambda g, shape: g.standard_normal(shape), sample_shape, self.loc)
        return self.loc + (self.factor @ noise.unsqueeze(-1)).squeeze(-1)

    @property
    def mean(self):
        return self.loc

    @property
    def variance(self):
        return (self.factor**2).sum(-1).expand((*self.batch_shape, *self.event_shape))



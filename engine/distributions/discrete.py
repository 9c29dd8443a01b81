"""Discrete distributions. Imported by engine.distributions."""

import numpy as np

from engine.distributions.base import Distribution
from engine.op import PUBLIC
from engine.random import numbers
from engine.tensor import Size, wrap


def _clamped(probs):
    eps = np.finfo(probs._node.output.dtype).eps
    return probs.clamp(min=float(eps), max=float(1 - eps))


def _one_of(probs, logits):
    if (probs is None) == (logits is None):
        raise ValueError("Either `probs` or `logits` must be specified, but not both.")


class Categorical(Distribution):
    """One of k values: log p(x) = logits_x, the logits normalised; or given by probabilities.

    >>> import engine as torch
    >>> torch.distributions.Categorical(torch.tensor([1., 3.])).log_prob(torch.tensor(1))
    tensor(-0.2877)
    """

    parameters = ("probs", "logits")

    def __init__(self, probs=None, logits=None, validate_args=None):
        _one_of(probs, logits)
        given, name = (probs, "probs") if probs is not None else (logits, "logits")
        if given.ndim < 1:
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        self.batch_shape = Size(given.shape[:-1])
        if probs is not None:
            self.__dict__["probs"] = probs / probs.sum(-1, keepdim=True)
            if validate_args is not False:
                self.require("probs", lambda x: x >= 0, "Simplex()")
        else:
            self.__dict__["logits"] = logits - logits.logsumexp(-1, keepdim=True)

    @property
    def probs(self):
        return self.__dict__["probs"] if "probs" in self.__dict__ else self.logits.softmax(-1)

    @property
    def logits(self):
        return self.__dict__["logits"] if "logits" in self.__dict__ else _clamped(self.probs).log()

    @property
    def param_shape(self):
        return next(self.__dict__[name] for name in self.parameters if name in self.__dict__).shape

    def log_prob(self, value):
        value, logits = PUBLIC["broadcast_tensors"](value.long().unsqueeze(-1), self.logits)
        return logits.gather(-1, value[..., :1]).squeeze(-1)

    def entropy(self):
        """-Σ p log p."""
        logits = self.logits.clamp(min=float(np.finfo(self.logits._node.output.dtype).min))
        return -(logits * self.probs).sum(-1)

    def sample(self, sample_shape=()):
        probs = self.probs._node.output
        places = numbers(None).random(self.extended(sample_shape))[..., None] > np.cumsum(probs, -1)
        return wrap(np.minimum(places.sum(-1), probs.shape[-1] - 1).astype(np.int64))

    def enumerate_support(self, expand=True):
        """All values."""
        values = wrap(np.arange(self.param_shape[-1])).reshape(-1, *[1] * len(self.batch_shape))
        return values.expand(-1, *self.batch_shape) if expand else values


class Bernoulli(Distribution):
    """1 with probability p, else 0: log P(x) = x log p + (1 - x) log(1 - p)."""

    parameters = ("probs", "logits")

    def __init__(self, probs=None, logits=None, validate_args=None):
        _one_of(probs, logits)
        name = "probs" if probs is not None else "logits"
        given = Distribution(**{name: probs if probs is not None else logits})
        self.__dict__[name] = getattr(given, name)
        self.batch_shape = given.batch_shape
        if probs is not None and validate_args is not False:
            self.require("probs", lambda x: (x >= 0) & (x <= 1), "Interval(lower_bound=0.0, upper_bound=1.0)")

    @property
    def probs(self):
        return self.__dict__["probs"] if "probs" in self.__dict__ else self.logits.sigmoid()

    @property
    def logits(self):
        if "logits" in self.__dict__:
            return self.__dict__["logits"]
        probs = _clamped(self.probs)
        return probs.log() - (-probs).log1p()

    def log_prob(self, value):
        logits, value = PUBLIC["broadcast_tensors"](self.logits, value)
        return -PUBLIC["nn.functional.binary_cross_entropy_with_logits"](logits, value, reduction="none")

    def entropy(self):
        """-p log p - (1 - p) log(1 - p)."""
        bce = PUBLIC["nn.functional.binary_cross_entropy_with_logits"]
        return bce(self.logits, self.probs, reduction="none")

    def sample(self, sample_shape=()):
        probs = self.probs._node.output
        return self.noise(lambda g, shape: g.random(shape) < probs, sample_shape, self.probs)

    @property
    def mean(self):
        return self.probs

    @property
    def variance(self):
        return self.probs * (1 - self.probs)


class Poisson(Distribution):
    """log P(x) = x log rate - rate - log x!."""

    parameters = ("rate",)

    def __init__(self, rate, validate_args=None):
        super().__init__(rate=rate)
        if validate_args is not False:
            self.require("rate", lambda x: x >= 0, "GreaterThanEq(lower_bound=0.0)")

    def log_prob(self, value):
        rate, value = PUBLIC["broadcast_tensors"](self.rate, value)
        return PUBLIC["xlogy"](value, rate) - rate - (value + 1).lgamma()

    def sample(self, sample_shape=()):
        rate = self.rate._node.output
        return self.noise(lambda g, shape: g.poisson(rate, shape), sample_shape, self.rate)

    @property
    def mean(self):
        return self.rate

    @property
    def variance(self):
        return self.rate

"""What every distribution has: shapes, samples, its printed form. Imported by the others of engine.distributions."""

import numpy as np

from engine.creation import tensor
from engine.mode import no_grad
from engine.op import PUBLIC
from engine.random import numbers
from engine.tensor import Size, Tensor, wrap


class Distribution:
    """A distribution of arrays of shape batch_shape + event_shape; `parameters` are the names of what it is given.

    A subclass has log_prob(value), and rsample(sample_shape) where a sample depends smoothly on the parameters.
    """

    parameters = ()
    event_shape = Size()
    has_rsample = False

    def __init__(self, **given):
        tensors = [value if isinstance(value, Tensor) else tensor(float(value)) for value in given.values()]
        if len(tensors) > 1:
            tensors = PUBLIC["broadcast_tensors"](*tensors)
        for name, value in zip(given, tensors):
            setattr(self, name, value)
        self.batch_shape = tensors[0].shape

    def require(self, name, holds, constraint):
        """Refuse a parameter that doesn't satisfy its constraint, in PyTorch's words."""
        value = getattr(self, name)
        if not bool(np.all(holds(value._node.output))):
            raise ValueError(
                f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution "
                f"{self!r} to satisfy the constraint {constraint}, but found invalid values:\n{value}"
            )

    def extended(self, sample_shape):
        """The shape of samples."""
        given = (sample_shape,) if isinstance(sample_shape, int) else tuple(sample_shape)
        return (*given, *self.batch_shape, *self.event_shape)

    def noise(self, draw, sample_shape, like):
        """Random numbers as a constant: draw(generator, shape)."""
        return wrap(np.asarray(draw(numbers(None), self.extended(sample_shape))).astype(like._node.output.dtype))

    def sample(self, sample_shape=()):
        """Random values, without gradient."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape=()):
        """Random values that depend on the parameters; only some distributions have them."""
        raise NotImplementedError(
            f"{type(self).__name__}.rsample isn't supported; use sample(), whose values have no gradient, and log_prob"
        )

    def log_prob(self, value):
        """The logarithm of the density, or of the probability, at `value`."""
        raise NotImplementedError(f"{type(self).__name__}.log_prob isn't supported")

    @property
    def stddev(self):
        """The square root of the variance."""
        return self.variance.sqrt()

    def __repr__(self):
        shown = []
        for name in self.parameters:
            value = self.__dict__.get(name)
            if isinstance(value, Tensor):
                shown.append(f"{name}: {value.item() if value.numel() == 1 else value.shape}")
        return f"{type(self).__name__}({', '.join(shown)})"


class Independent(Distribution):
    """A distribution whose last axes are taken as one event: log_prob adds up over them."""

    def __init__(self, base_distribution, reinterpreted_batch_ndims):
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, reinterpreted_batch_ndims
        shape = base_distribution.batch_shape
        cut = len(shape) - reinterpreted_batch_ndims
        if cut < 0:
            raise ValueError(
                "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), actual "
                f"{reinterpreted_batch_ndims} vs {len(shape)}"
            )
        self.batch_shape = Size(shape[:cut])
        self.event_shape = Size((*shape[cut:], *base_distribution.event_shape))

    def _added(self, x):
        return x.sum(tuple(range(-self.reinterpreted_batch_ndims, 0))) if self.reinterpreted_batch_ndims else x

    def log_prob(self, value):
        return self._added(self.base_dist.log_prob(value))

    def entropy(self):
        """The entropies added up."""
        return self._added(self.base_dist.entropy())

    def rsample(self, sample_shape=()):
        return self.base_dist.rsample(sample_shape)

    def sample(self, sample_shape=()):
        return self.base_dist.sample(sample_shape)

    @property
    def mean(self):
        return self.base_dist.mean

    @property
    def variance(self):
        return self.base_dist.variance

    def __repr__(self):
        return f"Independent({self.base_dist!r}, {self.reinterpreted_batch_ndims})"

"""Random tensors, and the seed behind them: PyTorch's names and distributions, not its stream of numbers.

Imported by engine and by whatever draws: engine.nn.init, dropout, the data loader.
"""

import os

import numpy as np

from engine import dtypes
from engine.creation import _shape
from engine.devices import on_cpu
from engine.inplace import assign
from engine.op import public
from engine.tensor import Tensor, tensor_of_leaf, wrap


@public("Generator")
class Generator:
    """A source of random numbers of its own, seeded with manual_seed.

    >>> import engine as torch
    >>> g = torch.Generator().manual_seed(0)
    >>> h = torch.Generator().manual_seed(0)
    >>> torch.equal(torch.rand(3, generator=g), torch.rand(3, generator=h))
    True
    """

    def __init__(self, device=None):
        self.seed()

    def manual_seed(self, seed):
        """Start again from a seed; returns the generator."""
        self._seed = int(seed)
        self._numbers = None
        return self

    def seed(self):
        """Start again from a seed that nobody chose, which is returned."""
        self.manual_seed(int.from_bytes(os.urandom(8), "big") >> 1)
        return self._seed

    def initial_seed(self):
        """The seed from which the numbers come."""
        return self._seed

    @property
    def numbers(self):
        """NumPy's generator, made when first asked for: numpy.random takes as long to import as all of engine."""
        if self._numbers is None:
            self._numbers = np.random.default_rng(self._seed % 2**64)
        return self._numbers


default_generator = Generator()


def numbers(generator=None):
    """NumPy's generator behind a generator, the default one without."""
    return (default_generator if generator is None else generator).numbers


@public("manual_seed")
def manual_seed(seed):
    """Make what follows repeatable.

    >>> import engine as torch
    >>> first = (torch.manual_seed(0), torch.rand(2))[1]
    >>> torch.manual_seed(0) is not None and torch.equal(first, torch.rand(2))
    True
    """
    return default_generator.manual_seed(seed)


@public("get_rng_state")
def get_rng_state():
    """Where the random numbers are, as bytes for set_rng_state.

    >>> import engine as torch
    >>> state = torch.get_rng_state()
    >>> first = torch.rand(2)
    >>> torch.set_rng_state(state)
    >>> torch.equal(first, torch.rand(2))
    True
    """
    import json

    state = numbers().bit_generator.state
    return wrap(np.frombuffer(json.dumps(state).encode(), dtype=np.uint8).copy())


@public("set_rng_state")
def set_rng_state(new_state):
    """Go on from where get_rng_state was asked."""
    import json

    numbers().bit_generator.state = json.loads(new_state._node.output.tobytes())


@public("seed")
def seed():
    """Start again from a seed that nobody chose, which is returned."""
    return default_generator.seed()


@public("initial_seed")
def initial_seed():
    """The seed of the default generator."""
    return default_generator.initial_seed()


def _floats(size, draw, dtype, requires_grad):
    values = np.asarray(draw(_shape(size)), dtype=dtypes.as_numpy(dtype))
    return tensor_of_leaf(values, requires_grad)


@public("rand")
def rand(*size, generator=None, dtype=None, device=None, requires_grad=False):
    """Uniform numbers in [0, 1).

    >>> import engine as torch
    >>> torch.rand(2, 3).shape
    torch.Size([2, 3])
    """
    on_cpu(device)
    return _floats(size, numbers(generator).random, dtype, requires_grad)


@public("randn")
def randn(*size, generator=None, dtype=None, device=None, requires_grad=False):
    """Numbers from the normal distribution of mean 0 and variance 1.

    >>> import engine as torch
    >>> torch.randn(2, 3, requires_grad=True).requires_grad
    True
    """
    on_cpu(device)
    return _floats(size, numbers(generator).standard_normal, dtype, requires_grad)


@public("randint")
def randint(low, high, size=None, *, generator=None, dtype=None, device=None, requires_grad=False):
    """Integers from `low` (0 if left out) up to `high`, which is left out.

    >>> import engine as torch
    >>> torch.randint(3, 4, (2,))
    tensor([3, 3])
    """
    on_cpu(device)
    if size is None:
        low, high, size = 0, low, high
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    values = numbers(generator).integers(low, high, _shape((size,)))
    return tensor_of_leaf(values.astype(np.int64 if dtype is None else dtypes.as_numpy(dtype)), requires_grad)


@public("randperm")
def randperm(n, *, generator=None, dtype=None, device=None, requires_grad=False):
    """The integers from 0 to n - 1 in random order.

    >>> import engine as torch
    >>> sorted(torch.randperm(4).tolist())
    [0, 1, 2, 3]
    """
    on_cpu(device)
    values = numbers(generator).permutation(n)
    return tensor_of_leaf(values.astype(np.int64 if dtype is None else dtypes.as_numpy(dtype)), requires_grad)


@public("rand_like")
def rand_like(input, *, dtype=None, device=None, requires_grad=False):
    """As rand, with the shape and dtype of `input`."""
    on_cpu(device)
    return rand(*input.shape, dtype=input.dtype if dtype is None else dtype, requires_grad=requires_grad)


@public("randn_like")
def randn_like(input, *, dtype=None, device=None, requires_grad=False):
    """As randn, with the shape and dtype of `input`."""
    on_cpu(device)
    return randn(*input.shape, dtype=input.dtype if dtype is None else dtype, requires_grad=requires_grad)


@public("randint_like")
def randint_like(input, low, high=None, *, dtype=None, device=None, requires_grad=False):
    """As randint, with the shape and dtype of `input`."""
    on_cpu(device)
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, tuple(input.shape), dtype=input.dtype if dtype is None else dtype)


@public("normal")
def normal(mean, std=1.0, size=None, *, generator=None, dtype=None, layout=None, device=None, requires_grad=False):
    """Normal numbers with the given means and standard deviations.

    >>> import engine as torch
    >>> torch.normal(5., 0., (2,))
    tensor([5., 5.])
    """
    on_cpu(device)
    given = [x._node.output if isinstance(x, Tensor) else x for x in (mean, std)]
    if np.any(np.asarray(given[1]) < 0):
        raise RuntimeError("normal expects std >= 0.0, but found std " + str(float(np.min(given[1]))))
    if size is None:
        size = np.broadcast_shapes(*map(np.shape, given))
    elif any(isinstance(x, Tensor) for x in (mean, std)):
        raise TypeError("normal() takes a size only if mean and std are numbers")
    arrays = [x for x in given if isinstance(x, np.ndarray)]
    kind = dtypes.as_numpy(dtype) if dtype is not None or not arrays else arrays[0].dtype
    values = given[0] + given[1] * numbers(generator).standard_normal(_shape((tuple(size),)))
    return tensor_of_leaf(np.asarray(values, dtype=kind), requires_grad)


@public("bernoulli", "Tensor.bernoulli")
def bernoulli(input, p=None, *, generator=None):
    """Ones with the probabilities in `input` (or p), zeros otherwise; no derivative.

    >>> import engine as torch
    >>> torch.bernoulli(torch.tensor([0., 1.]))
    tensor([0., 1.])
    """
    chance = input._node.output if p is None else p
    if np.any(np.less(chance, 0)) or np.any(np.greater(chance, 1)):
        raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false")
    drawn = numbers(generator).random(input.shape) < chance
    return wrap(drawn.astype(input._node.output.dtype))


@public("multinomial", "Tensor.multinomial")
def multinomial(input, num_samples, replacement=False, *, generator=None):
    """Indices drawn with probabilities proportional to the rows of `input`.

    >>> import engine as torch
    >>> torch.multinomial(torch.tensor([0., 1., 0.]), 1)
    tensor([1])
    """
    weights = np.asarray(input._node.output, dtype=float)
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    rows = weights.reshape(-1, weights.shape[-1])
    totals = rows.sum(axis=1, keepdims=True)
    if np.any(totals <= 0):
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement and np.any((rows > 0).sum(axis=1) < num_samples):
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    draw = numbers(generator).choice
    drawn = [draw(len(row), num_samples, replacement, row / total) for row, total in zip(rows, totals[:, 0])]
    return wrap(np.array(drawn, dtype=np.int64).reshape(*weights.shape[:-1], num_samples))


@public("Tensor.normal_")
def normal_(self, mean=0.0, std=1.0, *, generator=None):
    """Fill with normal numbers."""
    values = mean + std * numbers(generator).standard_normal(self.shape)
    return _filled(self, values)


@public("Tensor.uniform_")
def uniform_(self, a=0.0, b=1.0, *, generator=None, **bounds):
    """Fill with uniform numbers in [from, to)."""
    low, high = bounds.get("from", a), bounds.get("to", b)
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low} > to={high}")
    return _filled(self, low + (high - low) * numbers(generator).random(self.shape))


@public("Tensor.exponential_")
def exponential_(self, lambd=1.0, *, generator=None):
    """Fill with exponentially distributed numbers of rate `lambd`."""
    if lambd <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    return _filled(self, numbers(generator).exponential(1 / lambd, self.shape))


@public("Tensor.random_")
def random_(self, *bounds, generator=None):
    """Fill with integers from 0, or from the first of two bounds, up to the last bound, which is left out.

    Without bounds, up to the largest integer that the dtype counts exactly.
    """
    exact = {"float16": 2**11, "float32": 2**24, "float64": 2**53, "bool": 2}
    name = self.dtype.name
    low, high = (0, *bounds)[-2:] if bounds else (0, exact.get(name) or int(np.iinfo(name).max))
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    return _filled(self, numbers(generator).integers(low, high, self.shape))


@public("Tensor.bernoulli_")
def bernoulli_(self, p=0.5, *, generator=None):
    """Fill with ones, each with probability p, and zeros."""
    chance = p._node.output if isinstance(p, Tensor) else p
    return _filled(self, numbers(generator).random(self.shape) < chance)


def _filled(self, values):
    return assign(self, wrap(np.asarray(values, dtype=self._node.output.dtype)))

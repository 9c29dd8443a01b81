"""softmax and its logarithms, whose rules read best in their own outputs."""

import warnings

import numpy as np

from engine.op import call, first_shape, op, public
from engine.ops.exponential import exp
from engine.ops.reduction import reduced_shape, restored, sum_
from engine.ops.shape import axes, axis, squeeze, unsqueeze
from engine.ops.typing import converted, dtype_name


def _many_short_rows(x, dim):
    """Whether NumPy would spend more time on starting with each row than on its few entries."""
    return x.ndim == 2 and dim == (1,) and 1 < x.shape[1] <= 16 < x.shape[0]


def _softmax(x, dim):
    if _many_short_rows(x, dim):  # all rows at once, as columns
        return np.ascontiguousarray(_softmax(np.ascontiguousarray(x.T), (0,)).T)
    with np.errstate(all="ignore"):
        shares = np.asarray(x - np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf))
        np.exp(shares, out=shares)
        shares /= np.add.reduce(shares, axis=dim, keepdims=True)
        return shares


def _softmax_numbers(g, y, x, dim):
    """As the plain rule, in one array."""
    d = np.asarray(g * y)
    np.subtract(g, np.add.reduce(d, axis=dim, keepdims=True), out=d)
    d *= y
    return d


def _log_softmax(x, dim):
    if _many_short_rows(x, dim):
        return np.ascontiguousarray(_log_softmax(np.ascontiguousarray(x.T), (0,)).T)
    with np.errstate(all="ignore"):
        logs = np.asarray(x - np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf))
        logs -= np.log(np.add.reduce(np.exp(logs), axis=dim, keepdims=True))
        return logs


def log_softmax_and_softmax(x, dim):
    """NumPy's log softmax and softmax together, each entry as either gives it alone."""
    if _many_short_rows(x, dim):
        return [y.T for y in log_softmax_and_softmax(np.ascontiguousarray(x.T), (0,))]
    with np.errstate(all="ignore"):
        logs = np.asarray(x - np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf))
        shares = np.asarray(np.exp(logs))
        total = np.add.reduce(shares, axis=dim, keepdims=True)
        logs -= np.log(total)
        shares /= total
        return logs, shares


def _logsumexp(x, dim, keepdim):
    with np.errstate(all="ignore"):
        top = np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf)
        top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
        total = np.log(np.add.reduce(np.exp(x - top), axis=dim, keepdims=True)) + top
        return total if keepdim else np.squeeze(total, axis=dim)


def _log_softmax_numbers(g, y, x, dim):
    with np.errstate(all="ignore"):
        return g - np.exp(y) * np.add.reduce(g, axis=dim, keepdims=True)


def _logsumexp_numbers(g, y, x, dim, keepdim):
    with np.errstate(all="ignore"):
        return restored(g, x, dim, keepdim) * np.exp(x - restored(y, x, dim, keepdim))


_SAMPLES = [call((2, 3), dim=(1,)), call((2, 3), dim=(0,)), call((2, 3, 4), dim=(1,)), call((0, 3), dim=(1,))]

softmax = op(
    "softmax",
    numpy=_softmax,
    vjp=[lambda g, y, x, dim: y * (g - sum_(g * y, dim=dim, keepdim=True))],
    numeric=[_softmax_numbers],
    shape=first_shape,
    types=None,
    rule="softmax",
    says="Each share grows with its own score and shrinks with the average of all, weighted by the shares.",
    law="y = exp x / Σ exp x over the axes `dim`",
    source="Bishop, Pattern Recognition and Machine Learning, equation 4.106",
    samples=_SAMPLES,
)

log_softmax = op(
    "log_softmax",
    numpy=_log_softmax,
    vjp=[lambda g, y, x, dim: g - exp(y) * sum_(g, dim=dim, keepdim=True)],
    numeric=[_log_softmax_numbers],
    shape=first_shape,
    types=None,
    rule="log softmax",
    says="Each entry passes its cotangent on, less its share of the whole cotangent.",
    law="y = x - log Σ exp x over the axes `dim`",
    samples=_SAMPLES,
)

logsumexp = op(
    "logsumexp",
    numpy=_logsumexp,
    vjp=[lambda g, y, x, dim, keepdim: restored(g, x, dim, keepdim) * softmax(x, dim=dim)],
    numeric=[_logsumexp_numbers],
    shape=reduced_shape,
    types=None,
    rule="log-sum-exp",
    says="Each entry's slope is its share of the sum of exponentials: the softmax.",
    law="y = log Σ exp x over the axes `dim`",
    source="Boyd & Vandenberghe, Convex Optimization, section 3.1.5",
    samples=[
        call((2, 3), dim=(0, 1), keepdim=False),
        call((2, 3), dim=(1,), keepdim=True),
        call((2, 3, 4), dim=(0, 2), keepdim=False),
    ],
)


def floating(name, input, dtype):
    """The operand of a function that PyTorch has for floating dtypes only."""
    x = input if dtype is None else converted(input, dtype)
    if x.dtype.numpy.kind != "f":
        raise NotImplementedError(
            f"\"{name}\" not implemented for '{dtype_name(x)}'; give dtype=torch.float32 or use x.float()"
        )
    return x


def along(op, input, dim):
    """An operation along one axis; a number counts as an array of one entry."""
    at = axis(int(dim), input.ndim)
    if input.ndim == 0:
        return squeeze(op(unsqueeze(input, dim=(0,)), dim=(0,)), dim=(0,))
    return op(input, dim=(at,))


@public("softmax", "Tensor.softmax")
def _softmax_along(input, dim, *, dtype=None):
    """y = exp x / Σ exp x along `dim`;  x̄ = y ⊙ (g - Σ g ⊙ y). Source: Bishop, equation 4.106.

    >>> import engine as torch
    >>> torch.softmax(torch.tensor([0., 0.]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return along(softmax, floating("softmax_lastdim_kernel_impl", input, dtype), dim)


@public("log_softmax", "Tensor.log_softmax")
def _log_softmax_along(input, dim, *, dtype=None):
    """y = x - log Σ exp x along `dim`;  x̄ = g - exp(y) Σ g.

    >>> import engine as torch
    >>> torch.log_softmax(torch.tensor([0., 0.]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    return along(log_softmax, floating("log_softmax_lastdim_kernel_impl", input, dtype), dim)


@public("logsumexp", "Tensor.logsumexp")
def _logsumexp_over(input, dim, keepdim=False):
    """y = log Σ exp x over `dim`, an axis or several;  x̄ = g ⊙ softmax x. Source: Boyd & Vandenberghe, section 3.1.5.

    >>> import engine as torch
    >>> torch.logsumexp(torch.tensor([0., 0.]), dim=0)
    tensor(0.6931)
    """
    x = input if input.dtype.numpy.kind == "f" else converted(input, None)
    return logsumexp(x, dim=axes(dim, x.ndim), keepdim=bool(keepdim))


def _implicit(name, dim, rank):
    """PyTorch's old choice of the axis when none is given, with its warning."""
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        UserWarning,
        stacklevel=3,
    )
    return 0 if rank in (0, 1, 3) else 1


@public("nn.functional.softmax")
def _nn_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """y = exp x / Σ exp x along `dim`;  x̄ = y ⊙ (g - Σ g ⊙ y)."""
    return _softmax_along(input, _implicit("softmax", dim, input.ndim), dtype=dtype)


@public("nn.functional.log_softmax")
def _nn_log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """y = x - log Σ exp x along `dim`;  x̄ = g - exp(y) Σ g."""
    return _log_softmax_along(input, _implicit("log_softmax", dim, input.ndim), dtype=dtype)


@public("nn.functional.softmin")
def _nn_softmin(input, dim=None, _stacklevel=3, dtype=None):
    """y = exp(-x) / Σ exp(-x) along `dim`;  x̄ = -y ⊙ (g - Σ g ⊙ y)."""
    return _softmax_along(-input, _implicit("softmin", dim, input.ndim), dtype=dtype)

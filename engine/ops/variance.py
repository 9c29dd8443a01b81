"""Variance and standard deviation."""

import numpy as np

from engine.op import call, op, public
from engine.ops.reduction import mean, reduced_shape, restored
from engine.ops.shape import axes, size_of


def freedom(x, dim, correction):
    """The divisor of a variance, n - correction; zero where there are too few entries, as in PyTorch."""
    left = size_of(x, dim) - correction
    return max(left, 0) if isinstance(left, (int, float)) else left


def _centred(x, dim):
    return x - mean(x, dim=dim, keepdim=True)


def _var(x, dim, correction, keepdim):
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = x - np.add.reduce(x, axis=dim, keepdims=True) / size_of(x, dim)
        return np.add.reduce(centred * centred, axis=dim, keepdims=keepdim) / freedom(x, dim, correction)


def _std(x, dim, correction, keepdim):
    """In float64 within, as PyTorch does, so that squares of float32 numbers neither overflow nor vanish."""
    return np.sqrt(_var(x.astype(np.float64, copy=False), dim, correction, keepdim)).astype(x.dtype)


def _var_pullback(g, y, x, dim, correction, keepdim):
    return restored(g, x, dim, keepdim) * 2 / freedom(x, dim, correction) * _centred(x, dim)


def _std_pullback(g, y, x, dim, correction, keepdim):
    return restored(g / y, x, dim, keepdim) / freedom(x, dim, correction) * _centred(x, dim)


def _quiet(rule):
    def numeric(g, y, x, dim, correction, keepdim):
        with np.errstate(divide="ignore", invalid="ignore"):
            return rule(g, y, x, dim, correction, keepdim)

    return numeric


def _std_numbers(g, y, x, dim, correction, keepdim):
    """As the plain rule, but zero where all entries are equal, as in PyTorch."""
    slope = np.where(y == 0, 0, g / y).astype(x.dtype)
    return restored(slope, x, dim, keepdim) / freedom(x, dim, correction) * _centred(x, dim)


_SAMPLES = [
    call((2, 3), dim=(0, 1), correction=1, keepdim=False),
    call((2, 3), dim=(1,), correction=0, keepdim=True),
    call((4, 2, 3), dim=(0, 2), correction=2, keepdim=False),
]

var = op(
    "var",
    numpy=_var,
    vjp=[_var_pullback],
    numeric=[_quiet(_var_pullback)],
    shape=reduced_shape,
    types=None,
    rule="variance",
    says="An entry's slope is twice its distance from the mean over the divisor; the shift of the mean adds nothing.",
    law="y = Σ (x - mean x)² / (n - c) over the axes `dim`, c the correction",
    samples=_SAMPLES,
)

std = op(
    "std",
    numpy=_std,
    vjp=[_std_pullback],
    numeric=[_quiet(_std_numbers)],
    shape=reduced_shape,
    types=None,
    rule="standard deviation",
    says="An entry moves the standard deviation by its distance from the mean over the divisor and the deviation.",
    law="y = √(Σ (x - mean x)² / (n - c)) over the axes `dim`, c the correction",
    edges=[call([2.0, 2.0, 2.0], dim=(0,), correction=1, keepdim=False)],
    samples=_SAMPLES,
)


def _settings(name, input, dim, unbiased, keepdim, correction):
    """The operand and parameters of PyTorch's two signatures: (unbiased) and (dim, unbiased or correction, keepdim)."""
    if input.dtype.numpy.kind != "f":
        raise RuntimeError(f"{name} only support floating point and complex dtypes; use x.float() first")
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    return {"dim": axes(dim, input.ndim), "correction": correction, "keepdim": bool(keepdim)}


@public("var", "Tensor.var")
def _variance(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """y = Σ (x - mean x)² / (n - correction) over `dim`;  x̄ = 2 g (x - mean x) / (n - correction).

    The correction is 1 by default, as for a sample; unbiased=False is correction=0. Source: Bishop, section 1.2.

    >>> import engine as torch
    >>> torch.var(torch.tensor([1., 2., 6.]))
    tensor(7.)
    """
    return var(input, **_settings("std and var", input, dim, unbiased, keepdim, correction))


@public("std", "Tensor.std")
def _deviation(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """y = √(Σ (x - mean x)² / (n - correction)) over `dim`;  x̄ = g (x - mean x) / ((n - correction) y).

    The correction is 1 by default, as for a sample; unbiased=False is correction=0. Where all entries are
    equal the gradient is zero, PyTorch's convention.

    >>> import engine as torch
    >>> torch.std(torch.tensor([1., 3.]), correction=0)
    tensor(1.)
    """
    return std(input, **_settings("std and var", input, dim, unbiased, keepdim, correction))


@public("var_mean")
def _var_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """The pair (variance, mean) over `dim`.

    >>> import engine as torch
    >>> torch.var_mean(torch.tensor([1., 3.]))
    (tensor(2.), tensor(2.))
    """
    settings = _settings("var_mean", input, dim, unbiased, keepdim, correction)
    return var(input, **settings), mean(input, dim=settings["dim"], keepdim=settings["keepdim"])


@public("std_mean")
def _std_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """The pair (standard deviation, mean) over `dim`.

    >>> import engine as torch
    >>> torch.std_mean(torch.tensor([1., 3.]), correction=0)
    (tensor(1.), tensor(2.))
    """
    settings = _settings("std_mean", input, dim, unbiased, keepdim, correction)
    return std(input, **settings), mean(input, dim=settings["dim"], keepdim=settings["keepdim"])

"""Running sums and products, and the product of entries, whose derivatives are running products.

Nothing here divides by an entry, so zeros are treated exactly, in derivatives of every order.
"""

import numpy as np

from engine.op import call, first_shape, op, public
from engine.ops.reduction import reduced_shape, restored
from engine.ops.shape import axes, axis, backward_of, reshape, size_of
from engine.ops.typing import summable


def _backwards(x, dim):
    return np.flip(x, dim)


def _accumulated(ufunc):
    def numpy(x, dim, reverse):
        if reverse:
            return _backwards(ufunc.accumulate(_backwards(x, dim), axis=dim), dim)
        return ufunc.accumulate(x, axis=dim)

    return numpy


_SAMPLES = [call((3, 4), dim=0, reverse=False), call((3, 4), dim=1, reverse=True), call((0, 2), dim=0, reverse=False)]

cumsum = op(
    "cumsum",
    numpy=_accumulated(np.add),
    vjp=[lambda g, y, x, dim, reverse: cumsum(g, dim=dim, reverse=not reverse)],
    shape=first_shape,
    types=None,
    saves=False,
    rule="running sum",
    says="An entry counts in every later partial sum, so it gets the sum of their cotangents.",
    law="y_j = Σ_{k ≤ j} x_k along `dim`; with `reverse`, Σ_{k ≥ j} x_k",
    linear=(0,),
    samples=_SAMPLES,
)


def _reversed_logs(g, y, x, dim):
    """As the plain rule, in logarithms, the positive and the negative cotangents apart: no power overflows."""
    found = 0
    for sign in (1, -1):
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(sign * g > 0, np.log(np.abs(g)) - y, -np.inf)
        summed = _backwards(np.logaddexp.accumulate(_backwards(logs, dim), axis=dim), dim)
        found = found + sign * np.exp(summed + x)
    return found.astype(x.dtype)


logcumsumexp = op(
    "logcumsumexp",
    numpy=lambda x, dim: np.logaddexp.accumulate(x, axis=dim),
    vjp=[lambda g, y, x, dim: _exp(x) * cumsum(g * _exp(-y), dim=dim, reverse=True)],
    numeric=[_reversed_logs],
    shape=first_shape,
    types=None,
    rule="logarithm of a running sum of exponentials",
    says="An entry's share of each later partial sum is exp(x_j - y_k); it gets the sum of their cotangents' shares.",
    law="y_j = log Σ_{k ≤ j} exp x_k along `dim`;  x̄_j = Σ_{k ≥ j} g_k exp(x_j - y_k)",
    samples=[call((3, 4), dim=0), call((3, 4), dim=1), call((0, 2), dim=0)],
)


@public("logcumsumexp", "Tensor.logcumsumexp")
def _logcumsumexp(input, dim):
    """y_j = log Σ_{k ≤ j} exp x_k along `dim`;  x̄_j = Σ_{k ≥ j} g_k exp(x_j - y_k).

    >>> import engine as torch
    >>> torch.logcumsumexp(torch.zeros(2), dim=0)
    tensor([0.0000, 0.6931])
    """
    at = axis(int(dim), input.ndim)
    if input.ndim == 0:
        return input.clone()
    return logcumsumexp(input, dim=at)


def _exp(x):
    from engine.ops.exponential import exp

    return exp(x)


def _shifted(x, dim, by, fill):
    out = np.full_like(x, fill)
    size = x.shape[dim]
    if abs(by) < size:
        to = [slice(None)] * x.ndim
        start = list(to)
        to[dim] = slice(max(by, 0), size + min(by, 0))
        start[dim] = slice(max(-by, 0), size - max(by, 0))
        out[tuple(to)] = x[tuple(start)]
    return out


shift = op(
    "shift",
    numpy=_shifted,
    vjp=[lambda g, y, x, dim, by, fill: shift(g, dim=dim, by=-by, fill=0)],
    shape=first_shape,
    types=None,
    saves=False,
    rule="shift along an axis",
    says="The cotangent is shifted back; what fell off the end counts for nothing.",
    law="y_j = x_{j - by} along `dim`, and `fill` where there is no such entry",
    samples=[call((3, 4), dim=0, by=1, fill=1), call((3, 4), dim=1, by=-2, fill=0)],
)


def _recurrence(a, b, dim, reverse):
    if reverse:
        return _backwards(_recurrence(_backwards(a, dim), _backwards(b, dim), dim, False), dim)
    out = np.array(b, np.result_type(a, b))
    steps, factors = np.moveaxis(out, dim, 0), np.moveaxis(a, dim, 0)
    for j in range(1, len(steps)):
        steps[j] += factors[j] * steps[j - 1]
    return out


def _recurrence_cotangent(g, a, dim, reverse):
    step = -1 if reverse else 1
    return recurrence(shift(a, dim=dim, by=-step, fill=0), g, dim=dim, reverse=not reverse)


def _recurrence_factors(g, y, a, b, dim, reverse):
    before = shift(y, dim=dim, by=-1 if reverse else 1, fill=0)
    return _recurrence_cotangent(g, a, dim, reverse) * before


recurrence = op(
    "recurrence",
    numpy=_recurrence,
    vjp=[_recurrence_factors, lambda g, y, a, b, dim, reverse: _recurrence_cotangent(g, a, dim, reverse)],
    shape=first_shape,
    types=None,
    rule="linear recurrence",
    says="Cotangents run through the recurrence in the opposite direction.",
    law="y_j = b_j + a_j y_{j-1} along `dim`; with `reverse`, from the end",
    linear=(1,),
    samples=[call((3, 4), (3, 4), dim=0, reverse=False), call((3, 4), (3, 4), dim=1, reverse=True)],
)


def cumprod_pullback(g, y, x, dim, reverse):
    """x̄_j = y_{j-1} Σ_{k ≥ j} g_k x_{j+1} .. x_k, the sum by a recurrence from the end."""
    step = -1 if reverse else 1
    later = recurrence(shift(x, dim=dim, by=-step, fill=0), g, dim=dim, reverse=not reverse)
    return later * shift(y, dim=dim, by=step, fill=1)


def _cumprod_numbers(g, y, x, dim, reverse):
    """As the plain rule; a quotient, which is faster, where no product is zero."""
    if not np.all(np.isfinite(y) & (np.abs(y) > np.finfo(x.dtype).tiny)):
        return cumprod_pullback(g, y, x, dim, reverse)
    return cumsum(g * y, dim=dim, reverse=not reverse) / x


cumprod = op(
    "cumprod",
    numpy=_accumulated(np.multiply),
    vjp=[cumprod_pullback],
    numeric=[_cumprod_numbers],
    shape=first_shape,
    types=None,
    rule="running product",
    says="An entry's slope in each later product is the product of the other factors.",
    law="y_j = Π_{k ≤ j} x_k along `dim`; with `reverse`, Π_{k ≥ j} x_k",
    edges=[call([2.0, 0.0, 3.0], dim=0, reverse=False), call([0.0, 0.0, 3.0], dim=0, reverse=False)],
    samples=_SAMPLES,
)


def _others_numbers(x, dim):
    if len(dim) != 1:
        return _others_numbers(x.reshape(-1), (0,)).reshape(x.shape)
    (at,) = dim
    before = np.multiply.accumulate(_shifted(x, at, 1, 1), axis=at)
    after = _accumulated(np.multiply)(_shifted(x, at, -1, 1), at, True)
    return before * after


def others_pullback(h, y, x, dim):
    """As the product of two running products, one from either end, each without the entry itself."""
    if len(dim) != 1:
        size = (size_of(x),)
        flat = reshape(x, size=size)
        return reshape(others_pullback(reshape(h, size=size), None, flat, (0,)), size=x.shape)
    (at,) = dim
    x_before, x_after = shift(x, dim=at, by=1, fill=1), shift(x, dim=at, by=-1, fill=1)
    before, after = cumprod(x_before, dim=at, reverse=False), cumprod(x_after, dim=at, reverse=True)
    from_before = cumprod_pullback(h * after, before, x_before, at, False)
    from_after = cumprod_pullback(h * before, after, x_after, at, True)
    return shift(from_before, dim=at, by=-1, fill=0) + shift(from_after, dim=at, by=1, fill=0)


others = op(
    "others",
    numpy=_others_numbers,
    vjp=[others_pullback],
    shape=first_shape,
    normal=lambda x, dim: prod(x, dim=dim, keepdim=True) / x if x.expr.is_zero is False else None,
    types=None,
    rule="product of the others",
    says="At each entry the product of all others, which is the slope of the product.",
    law="y_j = Π_{k ≠ j} x_k over the axes `dim`, one axis or all",
    samples=[call((2, 3), dim=(0, 1)), call((2, 3), dim=(1,)), call((), dim=())],
)


def _prod_numbers(g, y, x, dim, keepdim):
    """As the plain rule; a quotient, which is faster, where the product isn't zero."""
    if np.all(np.isfinite(y) & (np.abs(y) > np.finfo(x.dtype).tiny)):
        return restored(g * y, x, dim, keepdim) / x
    return restored(g, x, dim, keepdim) * _others_numbers(x, dim)


prod = op(
    "prod",
    numpy=lambda x, dim, keepdim: np.multiply.reduce(x, axis=dim, keepdims=keepdim),
    vjp=[lambda g, y, x, dim, keepdim: restored(g, x, dim, keepdim) * others(x, dim=dim)],
    numeric=[_prod_numbers],
    shape=reduced_shape,
    types=None,
    torch=backward_of("Prod"),
    rule="product of entries",
    says="An entry's slope is the product of all the others.",
    law="y = Π x over the axes `dim`, one axis or all",
    edges=[call([0.0, 2.0, 3.0], dim=(0,), keepdim=False), call([0.0, 2.0, 0.0], dim=(0,), keepdim=False)],
    samples=[
        call((2, 3), dim=(0, 1), keepdim=False),
        call((2, 3), dim=(1,), keepdim=True),
        call((0, 2), dim=(0,), keepdim=False),
    ],
)


@public("prod", "Tensor.prod")
def _prod(input, dim=None, keepdim=False, *, dtype=None):
    """y = Π x over all entries or along `dim`;  x̄_j = g Π_{k ≠ j} x_k, which is g y / x_j where x_j isn't zero.

    >>> import engine as torch
    >>> torch.prod(torch.tensor([[1., 2.], [3., 4.]]), dim=1)
    tensor([ 2., 12.])
    """
    x = summable(input, dtype)
    dims = axes(None, x.ndim) if dim is None else axes(axis(int(dim), x.ndim), x.ndim)
    return prod(x, dim=dims, keepdim=bool(keepdim) and dim is not None)


def _running(op, input, dim, dtype):
    x = summable(input, dtype)
    at = axis(int(dim), x.ndim)
    if x.ndim == 0:
        return reshape(op(reshape(x, size=(1,)), dim=0, reverse=False), size=())
    return op(x, dim=at, reverse=False)


@public("cumsum", "Tensor.cumsum")
def _cumsum(input, dim, *, dtype=None):
    """y_j = Σ_{k ≤ j} x_k along `dim`;  x̄_j = Σ_{k ≥ j} g_k.

    >>> import engine as torch
    >>> torch.cumsum(torch.tensor([1., 2., 3.]), dim=0)
    tensor([1., 3., 6.])
    """
    return _running(cumsum, input, dim, dtype)


@public("cumprod", "Tensor.cumprod")
def _cumprod(input, dim, *, dtype=None):
    """y_j = Π_{k ≤ j} x_k along `dim`;  x̄_j = Σ_{k ≥ j} g_k Π_{i ≤ k, i ≠ j} x_i.

    >>> import engine as torch
    >>> torch.cumprod(torch.tensor([1., 2., 3.]), dim=0)
    tensor([1., 2., 6.])
    """
    return _running(cumprod, input, dim, dtype)

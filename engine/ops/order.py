"""Sorting and what is found by it: sort, topk, kthvalue, median, running extremes. Gradients go through values."""

import numpy as np

from engine import return_types
from engine.op import call, first_shape, op, public
from engine.ops.extremes import index_shape, indicator, share
from engine.ops.gathering import ungather
from engine.ops.reduction import reduced_shape, restored
from engine.ops.shape import axis, reshape

JUMPS = "Positions are constant between their jumps: they have no derivative."


def _order(x, dim, descending=False):
    """The stable order along an axis; NaN counts as the largest."""
    if descending:
        return x.shape[dim] - 1 - np.flip(_order(np.flip(x, dim), dim), dim)
    return np.argsort(x, axis=dim, kind="stable")


def _first(order, k, dim):
    return order[(slice(None),) * dim + (slice(k),)]


def _kth_index(x, k, dim, keepdim):
    found = np.take(_order(x, dim), k - 1, axis=dim)
    return np.expand_dims(found, dim) if keepdim else np.asarray(found)


def _median_index(x, dim, keepdim):
    found = _kth_index(x, (x.shape[dim] + 1) // 2, dim, True)
    missing = np.isnan(x)
    if missing.any():
        found = np.where(missing.any(axis=dim, keepdims=True), np.argmax(missing, axis=dim, keepdims=True), found)
    return found if keepdim else np.asarray(found.squeeze(dim))


def _running_index(ufunc):
    def numpy(x, dim):
        at = np.arange(x.shape[dim]).reshape(-1, *(1,) * (x.ndim - 1 - dim))
        reached = (x == ufunc.accumulate(x, axis=dim)) | np.isnan(x)
        return np.maximum.accumulate(np.where(reached, at, 0), axis=dim)

    return numpy


def _positions(name, numpy, law, samples, shape=first_shape):
    return op(
        name, numpy=numpy, shape=shape, types=None, rule="positions", says=JUMPS, law=law, samples=samples
    )  # fmt: skip


def _shortened(shape, k, dim, **_params):
    return (*shape[:dim], k, *shape[dim + 1 :])


def _along(shape, k=None, *, dim, keepdim):
    return index_shape(shape, dim, keepdim)


_SORTED = [call((2, 3), dim=1, descending=False), call((3, 2), dim=0, descending=True)]
_TOP = [call((2, 4), k=2, dim=1, largest=True), call((4, 2), k=3, dim=0, largest=False)]
_KTH = [call((2, 3), k=2, dim=1, keepdim=False), call((4, 2), k=1, dim=0, keepdim=True)]
_MIDDLE = [call((2, 4), dim=1, keepdim=False), call((3, 2), dim=0, keepdim=True)]
_RUNNING = [call((2, 4), dim=1), call((3, 2), dim=0)]

argsort = _positions("argsort", _order, "y = the order of the entries along `dim`", _SORTED)
top_indices = _positions(
    "top_indices",
    lambda x, k, dim, largest: _first(_order(x, dim, largest), k, dim),
    "y = the positions of the k largest, or smallest, entries along `dim`",
    _TOP,
    _shortened,
)
kth_index = _positions("kth_index", _kth_index, "y = the position of the k-th smallest entry along `dim`", _KTH, _along)
median_index = _positions("median_index", _median_index, "y = the position of the median along `dim`", _MIDDLE, _along)
cummax_index = _positions(
    "cummax_index", _running_index(np.maximum), "y_j = where the largest of the first j entries is", _RUNNING
)
cummin_index = _positions(
    "cummin_index", _running_index(np.minimum), "y_j = where the smallest of the first j entries is", _RUNNING
)


def _moved(name, where, numpy, shape, rule, law, samples, edges=()):
    """An operation whose output's entries are some of the operand's: what goes where is where(x)."""

    def pullback(g, y, x, **params):
        return ungather(g, where(x, **params), dim=params["dim"], size=x.shape)

    return op(
        name,
        numpy=numpy,
        vjp=[pullback],
        shape=shape,
        types=None,
        rule=rule,
        says="Each entry passes its cotangent back to the place that it came from.",
        law=law,
        edges=edges,
        samples=samples,
    )


sort = _moved(
    "sort",
    argsort,
    lambda x, dim, descending: np.take_along_axis(x, _order(x, dim, descending), dim),
    first_shape,
    "sorting",
    "y = x in ascending, or descending, order along `dim`",
    _SORTED,
    [call([2.0, 1.0, 2.0], dim=0, descending=False)],
)
topk = _moved(
    "topk",
    top_indices,
    lambda x, k, dim, largest: np.take_along_axis(x, _first(_order(x, dim, largest), k, dim), dim),
    _shortened,
    "the largest entries",
    "y = the k largest, or smallest, entries along `dim`, in order",
    _TOP,
)
cummax = _moved(
    "cummax",
    cummax_index,
    lambda x, dim: np.maximum.accumulate(x, axis=dim),
    first_shape,
    "running maximum",
    "y_j = the largest of the first j entries along `dim`",
    _RUNNING,
    [call([2.0, 1.0, 2.0], dim=0)],
)
cummin = _moved(
    "cummin",
    cummin_index,
    lambda x, dim: np.minimum.accumulate(x, axis=dim),
    first_shape,
    "running minimum",
    "y_j = the smallest of the first j entries along `dim`",
    _RUNNING,
    [call([2.0, 1.0, 1.0], dim=0)],
)


def _picked(name, where, rule, law, samples, torch):
    """An operation that picks one entry along an axis, at where(x)."""

    def numpy(x, dim, keepdim, **params):
        found = np.take_along_axis(x, where(x, dim=dim, keepdim=True, **params), dim)
        return found if keepdim else np.asarray(found.squeeze(dim))

    def pullback(g, y, x, dim, keepdim, **params):
        at = where(x, dim=dim, keepdim=False, **params)
        return restored(g, x, (dim,), keepdim) * indicator(at, dim=dim, size=x.shape[dim])

    return op(
        name,
        numpy=numpy,
        vjp=[pullback],
        shape=_along,
        types=None,
        torch=torch,
        rule=rule,
        says="Only the entry at this rank counts, so it alone gets the cotangent.",
        law=law,
        samples=samples,
    )


kthvalue = _picked(
    "kthvalue", kth_index, "k-th smallest entry", "y = the k-th smallest entry along `dim`", _KTH, "KthvalueBackward0"
)
median_along = _picked(
    "median_along", median_index, "median", "y = the lower median along `dim`", _MIDDLE, "MedianBackward1"
)


def _median_all(x):
    flat = x.reshape(-1)
    return flat[_median_index(flat, 0, False)] if flat.size else np.asarray(np.nan, x.dtype)


median_all = op(
    "median_all",
    numpy=_median_all,
    vjp=[lambda g, y, x: g * share(x, y, dim=tuple(range(len(x.shape))))],
    shape=lambda shape: reduced_shape(shape, range(len(shape))),
    types=None,
    torch="MedianBackward0",
    rule="median",
    says="Only the entry in the middle counts, so it alone gets the cotangent; ties share it equally.",
    law="y = the lower median of all entries",
    edges=[call([1.0, 2.0, 2.0, 3.0]), call([1.0, 1.0, 1.0])],
    samples=[call((2, 3)), call((5,))],
)


# PyTorch's functions


def _as_row(x):
    """A number as an array of one entry, along which one can sort."""
    return reshape(x, size=(1,)) if x.ndim == 0 else x


def _both(returned, values, where, x, dim, **params):
    """(values, indices) along one axis."""
    at, row = axis(int(dim), x.ndim), _as_row(x)
    found = returned(values(row, dim=at, **params), where(row, dim=at, **params))
    return found if x.ndim or not found.values.ndim else returned(*(reshape(part, size=()) for part in found))


@public("sort", "Tensor.sort")
def _sort(input, dim=-1, descending=False, stable=False):
    """(values, indices): x in order along `dim`, equal entries as they stood;  x̄ = g put back in x's order.

    >>> import engine as torch
    >>> torch.sort(torch.tensor([3., 1., 2.]))
    torch.return_types.sort(
    values=tensor([1., 2., 3.]),
    indices=tensor([1, 2, 0]))
    """
    return _both(return_types.sort, sort, argsort, input, dim, descending=bool(descending))


@public("argsort", "Tensor.argsort")
def _argsort(input, dim=-1, descending=False, stable=False):
    """The order of the entries along `dim`; it has no derivative.

    >>> import engine as torch
    >>> torch.argsort(torch.tensor([3., 1., 2.]))
    tensor([1, 2, 0])
    """
    return _sort(input, dim, descending).indices


@public("msort", "Tensor.msort")
def _msort(input):
    """x in ascending order along the first axis;  x̄ = g put back in x's order.

    >>> import engine as torch
    >>> torch.msort(torch.tensor([3., 1., 2.]))
    tensor([1., 2., 3.])
    """
    return _sort(input, 0).values


@public("topk", "Tensor.topk")
def _topk(input, k, dim=-1, largest=True, sorted=True):
    """(values, indices) of the k largest entries along `dim`, the smallest if not `largest`;  x̄ = g put back.

    >>> import engine as torch
    >>> torch.topk(torch.tensor([3., 1., 2.]), 2)
    torch.return_types.topk(
    values=tensor([3., 2.]),
    indices=tensor([0, 2]))
    """
    size = input.shape[axis(int(dim), input.ndim)] if input.ndim else 1
    if not 0 <= k <= size:
        raise RuntimeError("selected index k out of range")
    return _both(return_types.topk, topk, top_indices, input, dim, k=int(k), largest=bool(largest))


@public("kthvalue", "Tensor.kthvalue")
def _kthvalue(input, k, dim=-1, keepdim=False):
    """(value, index) of the k-th smallest entry along `dim`;  x̄ = g at that entry.

    >>> import engine as torch
    >>> torch.kthvalue(torch.tensor([3., 1., 2.]), 2)
    torch.return_types.kthvalue(
    values=tensor(2.),
    indices=tensor(2))
    """
    size = input.shape[axis(int(dim), input.ndim)] if input.ndim else 1
    if not 1 <= k <= size:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {dim}")
    return _both(return_types.kthvalue, kthvalue, kth_index, input, dim, k=int(k), keepdim=bool(keepdim))


@public("median", "Tensor.median")
def _median(input, dim=None, keepdim=False):
    """y = the lower median;  x̄ = g [x = y], ties sharing equally. With `dim`: (values, indices) along that axis.

    >>> import engine as torch
    >>> torch.median(torch.tensor([3., 1., 2., 7.]))
    tensor(2.)
    """
    if dim is None:
        return median_all(input)
    at = axis(int(dim), input.ndim)
    if input.ndim and not input.shape[at]:
        raise IndexError(f"median(): Expected reduction dim {at} to have non-zero size.")
    return _both(return_types.median, median_along, median_index, input, dim, keepdim=bool(keepdim))


@public("nanmedian", "Tensor.nanmedian")
def _nanmedian(input, dim=None, keepdim=False):
    """Not supported: NotImplementedError."""
    raise NotImplementedError("nanmedian isn't supported; take the median of the entries that aren't NaN")


@public("cummax", "Tensor.cummax")
def _cummax(input, dim):
    """(values, indices): the largest of the first j entries along `dim`, the last of equal ones;  x̄ = g put back.

    >>> import engine as torch
    >>> torch.cummax(torch.tensor([1., 3., 2.]), 0).values
    tensor([1., 3., 3.])
    """
    return _both(return_types.cummax, cummax, cummax_index, input, dim)


@public("cummin", "Tensor.cummin")
def _cummin(input, dim):
    """(values, indices): the smallest of the first j entries along `dim`, the last of equal ones;  x̄ = g put back.

    >>> import engine as torch
    >>> torch.cummin(torch.tensor([2., 3., 1.]), 0).values
    tensor([2., 2., 1.])
    """
    return _both(return_types.cummin, cummin, cummin_index, input, dim)

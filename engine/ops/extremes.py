"""The largest and smallest entries, and where they are."""

import numpy as np

from engine import return_types
from engine.op import call, ints, op, public
from engine.ops.reduction import reduced_shape, restored
from engine.ops.selecting import maximum, minimum
from engine.ops.shape import axes, axis, size_of
from engine.tensor import Tensor


def _share(x, extreme, dim):
    at = x == extreme
    if len(dim) == x.ndim and np.isnan(extreme).any():
        at = np.isnan(x)
    with np.errstate(invalid="ignore"):
        return at / at.sum(axis=dim, keepdims=True).astype(x.dtype)


share = op(
    "share",
    numpy=_share,
    shape=lambda shape, extreme, dim: shape,
    types=None,
    text="[{0} = {1}]",
    rule="the entries that attain an extreme",
    says="One over the number of entries that attain the extreme, at each of these; zero elsewhere.",
    law="y = [x = m] / Σ[x = m] over the axes `dim`",
    internal="only in pullbacks, tried with each extreme",
)

indicator = op(
    "indicator",
    numpy=lambda index, dim, size: (
        np.expand_dims(index, dim) == np.arange(size).reshape(-1, *(1,) * (index.ndim - dim))
    ).astype(np.int8),
    shape=lambda shape, dim, size: (*shape[:dim], size, *shape[dim:]),
    types=None,
    text="one_hot({0})",
    rule="one at an index",
    says="One at the given index along a new axis of `size`, zero elsewhere.",
    law="y[.., j, ..] = [j = i] along the new axis `dim`",
    samples=[call(ints((2, 3), high=4), dim=1, size=4), call(ints((3,), high=4), dim=0, size=4)],
)


def index_shape(shape, dim, keepdim=False, **_params):
    """The shape rule of a search along one axis, or through all entries (dim None)."""
    return reduced_shape(shape, tuple(range(len(shape))) if dim is None else (dim,), keepdim)


def _search(name, numpy, word):
    return op(
        name,
        numpy=lambda x, dim, keepdim: np.asarray(numpy(x, axis=dim if x.ndim else None, keepdims=keepdim), np.int64),
        shape=index_shape,
        types=None,
        rule="position",
        says=f"The position of the {word} entry jumps, and is constant between its jumps: it has no derivative.",
        law=f"y = the first index of the {word} entry along `dim`",
        samples=[call((2, 3), dim=None, keepdim=False), call((2, 3), dim=1, keepdim=True)],
    )


argmax = _search("argmax", np.argmax, "largest")
argmin = _search("argmin", np.argmin, "smallest")


def _whole(name, numpy, word, torch):
    """An extreme over one or several axes, whose ties share the cotangent."""

    def pullback(g, y, x, dim, keepdim):
        return restored(g, x, dim, keepdim) * share(x, restored(y, x, dim, keepdim), dim=dim)

    def numbers(g, y, x, dim, keepdim):
        part = share(x, restored(y, x, dim, keepdim), dim=dim)
        return np.where(part == 0, 0, restored(g, x, dim, keepdim) * part)

    return op(
        name,
        numpy=lambda x, dim, keepdim: numpy.reduce(x, axis=dim, keepdims=keepdim) if dim else x,
        vjp=[pullback],
        numeric=[numbers],
        shape=reduced_shape,
        types=None,
        torch=torch,
        rule=f"{word} entry",
        says=f"Only the {word} entry counts, so it alone gets the cotangent; ties share it equally.",
        law=f"y = the {word} entry over the axes `dim`",
        edges=[call([1.0, 1.0, 0.0], dim=(0,), keepdim=False), call([1.0, 2.0, 2.0], dim=(0,), keepdim=False)],
        samples=[call((2, 3), dim=(0, 1), keepdim=False), call((2, 3), dim=(0,), keepdim=True),
                 call((2, 3, 4), dim=(0, 2), keepdim=False)],
    )  # fmt: skip


def _along(name, numpy, where, word, torch):
    """An extreme along one axis, whose first position gets the whole cotangent."""

    def pullback(g, y, x, dim, keepdim):
        index = where(x, dim=dim, keepdim=False)
        return restored(g, x, (dim,), keepdim) * indicator(index, dim=dim, size=x.shape[dim])

    def numbers(g, y, x, dim, keepdim):
        spread = np.zeros_like(x)
        np.put_along_axis(spread, where(x, dim=dim, keepdim=True), restored(g, x, (dim,), keepdim), dim)
        return spread

    return op(
        name,
        numpy=lambda x, dim, keepdim: numpy.reduce(x, axis=dim, keepdims=keepdim),
        vjp=[pullback],
        numeric=[numbers],
        shape=index_shape,
        types=None,
        torch=torch,
        rule=f"{word} entry",
        says=f"Only the {word} entry counts, so it alone gets the cotangent; of ties, the first one.",
        law=f"y = the {word} entry along the axis `dim`",
        edges=[call([1.0, 1.0, 0.0], dim=0, keepdim=False), call([1.0, 2.0, 2.0], dim=0, keepdim=False)],
        samples=[call((2, 3), dim=0, keepdim=False), call((2, 3), dim=1, keepdim=True)],
    )


amax = _whole("amax", np.maximum, "largest", "AmaxBackward0")
amin = _whole("amin", np.minimum, "smallest", "AminBackward0")
max_all = _whole("max_all", np.maximum, "largest", "MaxBackward1")
min_all = _whole("min_all", np.minimum, "smallest", "MinBackward1")
max_along = _along("max_along", np.maximum, argmax, "largest", "MaxBackward0")
min_along = _along("min_along", np.minimum, argmin, "smallest", "MinBackward0")


def _nonempty(name, x, dims):
    """Refuse a search among no entries, in PyTorch's words."""
    for at in dims:
        if x.shape[at] == 0:
            raise IndexError(f"{name}(): Expected reduction dim {at} to have non-zero size.")


def _nonempty_all(name, x, error=RuntimeError):
    if size_of(x) == 0:
        raise error(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
            "with the 'dim' argument."
        )


def _searchable(name, x, dim, dims):
    if dim is None or dim == ():
        _nonempty_all(name, x)
    else:
        _nonempty(name, x, dims)


def _extreme(name, x, dim, keepdim, other, whole, along, where, returned):
    if isinstance(dim, Tensor):
        other = dim
    if other is not None:
        return (maximum if name == "max" else minimum)(x, other)
    if dim is None:
        _nonempty_all(name, x)
        return whole(x, dim=axes(None, x.ndim), keepdim=False)
    at = axis(int(dim), x.ndim)
    if x.ndim == 0:
        return returned(whole(x, dim=(), keepdim=False), where(x, dim=None, keepdim=False))
    _nonempty(name, x, (at,))
    return returned(along(x, dim=at, keepdim=bool(keepdim)), where(x, dim=at, keepdim=bool(keepdim)))


@public("max", "Tensor.max")
def _max(input, dim=None, keepdim=False, *, other=None):
    """y = max x, the largest entry;  x̄ = g [x = y], ties sharing equally.

    With `dim`: (values, indices) along that axis, where of ties the first gets the cotangent.
    With a second tensor: the larger of two, entry by entry. Source: PyTorch's convention for ties.

    >>> import engine as torch
    >>> torch.max(torch.tensor([[1., 5.], [7., 2.]]), dim=1)
    torch.return_types.max(
    values=tensor([5., 7.]),
    indices=tensor([1, 0]))
    """
    return _extreme("max", input, dim, keepdim, other, max_all, max_along, argmax, return_types.max)


@public("min", "Tensor.min")
def _min(input, dim=None, keepdim=False, *, other=None):
    """y = min x, the smallest entry;  x̄ = g [x = y], ties sharing equally. As max.

    >>> import engine as torch
    >>> torch.min(torch.tensor([[1., 5.], [7., 2.]]))
    tensor(1.)
    """
    return _extreme("min", input, dim, keepdim, other, min_all, min_along, argmin, return_types.min)


@public("amax", "Tensor.amax")
def _amax(input, dim=(), keepdim=False):
    """y = the largest entry over `dim`, an axis or several;  x̄ = g [x = y], ties sharing equally.

    >>> import engine as torch
    >>> torch.amax(torch.tensor([[1., 5.], [7., 2.]]), dim=(0, 1))
    tensor(7.)
    """
    dims = axes(dim, input.ndim)
    _searchable("amax", input, dim, dims)
    return amax(input, dim=dims, keepdim=bool(keepdim))


@public("amin", "Tensor.amin")
def _amin(input, dim=(), keepdim=False):
    """y = the smallest entry over `dim`, an axis or several;  x̄ = g [x = y], ties sharing equally.

    >>> import engine as torch
    >>> torch.amin(torch.tensor([[1., 5.], [7., 2.]]), dim=0)
    tensor([1., 2.])
    """
    dims = axes(dim, input.ndim)
    _searchable("amin", input, dim, dims)
    return amin(input, dim=dims, keepdim=bool(keepdim))


@public("aminmax", "Tensor.aminmax")
def _aminmax(input, *, dim=None, keepdim=False):
    """(min x, max x) along `dim`, or of all entries; ties share the cotangent equally.

    >>> import engine as torch
    >>> torch.aminmax(torch.tensor([1., 5.]))
    torch.return_types.aminmax(
    min=tensor(1.),
    max=tensor(5.))
    """
    dims = axes(dim, input.ndim)
    _nonempty("aminmax", input, dims)
    return return_types.aminmax(*(op(input, dim=dims, keepdim=bool(keepdim)) for op in (amin, amax)))


def _position(name, where, input, dim, keepdim):
    if input.dtype.name == "bool":
        raise RuntimeError(f"{name}(): does not support bool input")
    if dim is None:
        _nonempty_all(name, input, IndexError)
        return where(input, dim=None, keepdim=bool(keepdim))
    at = axis(int(dim), input.ndim)
    if input.ndim == 0:
        return where(input, dim=None, keepdim=False)
    _nonempty(name, input, (at,))
    return where(input, dim=at, keepdim=bool(keepdim))


@public("argmax", "Tensor.argmax")
def _argmax(input, dim=None, keepdim=False):
    """The index of the largest entry, in reading order or along `dim`; it has no derivative.

    >>> import engine as torch
    >>> torch.argmax(torch.tensor([1., 5., 2.]))
    tensor(1)
    """
    return _position("argmax", argmax, input, dim, keepdim)


@public("argmin", "Tensor.argmin")
def _argmin(input, dim=None, keepdim=False):
    """The index of the smallest entry, in reading order or along `dim`; it has no derivative.

    >>> import engine as torch
    >>> torch.argmin(torch.tensor([1., 5., 0.]))
    tensor(2)
    """
    return _position("argmin", argmin, input, dim, keepdim)

"""Where values are, and how often: places of nonzero entries, places in sorted sequences, counts. No derivatives."""

import numpy as np

from engine.op import public


def _array(value):
    from engine.tensor import Tensor

    return value.numpy(force=True) if isinstance(value, Tensor) else np.asarray(value)


def _made(array):
    from engine.tensor import wrap

    return wrap(array)


@public("nonzero", "Tensor.nonzero")
def _nonzero(input, *, as_tuple=False):
    """The places of the entries that aren't 0, a row each; with `as_tuple` the indices along each axis.

    >>> import engine as torch
    >>> torch.nonzero(torch.tensor([0, 3, 5]))
    tensor([[1],
            [2]])
    """
    values = _array(input)
    if as_tuple:
        return tuple(map(_made, np.nonzero(values.reshape(values.shape or 1))))
    return _made(np.argwhere(values).astype(np.int64))


@public("argwhere", "Tensor.argwhere")
def _argwhere(input):
    """The places of the entries that aren't 0, a row each.

    >>> import engine as torch
    >>> torch.argwhere(torch.tensor([0, 3]))
    tensor([[1]])
    """
    return _nonzero(input)


@public("bincount", "Tensor.bincount")
def _bincount(input, weights=None, minlength=0):
    """How often each integer 0, 1, 2, ... occurs, or the sum of its weights.

    RuntimeError for anything but a vector of nonnegative integers.

    >>> import engine as torch
    >>> torch.bincount(torch.tensor([0, 1, 1, 3]))
    tensor([1, 2, 0, 1])
    """
    values = _array(input)
    if values.ndim != 1 or values.dtype.kind not in "iu" or np.any(values < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise RuntimeError(f"minlength should be >= 0, but got {minlength}")
    if weights is None:
        return _made(np.bincount(values, minlength=minlength).astype(np.int64))
    heavy = _array(weights)
    if heavy.shape != values.shape:
        raise RuntimeError(f"weights should be 1-d and have the same length as input; got {list(heavy.shape)}")
    found = np.bincount(values, heavy, minlength)
    return _made(found.astype(heavy.dtype if heavy.dtype == np.float32 else np.float64))


@public("histc", "Tensor.histc")
def _histc(input, bins=100, min=0, max=0):
    """How many entries lie in each of `bins` equal intervals from min to max, by default those of the entries.

    >>> import engine as torch
    >>> torch.histc(torch.tensor([1., 2., 1.]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])
    """
    values = _array(input)
    if values.dtype.kind != "f":
        raise NotImplementedError('"histogram_cpu" not implemented for integers; use x.float()')
    if bins <= 0:
        raise RuntimeError("bins must be > 0")
    if max < min:
        raise RuntimeError("max must be larger than min")
    if min == max and values.size:
        min, max = float(values.min()), float(values.max())
    if min == max:
        min, max = min - 1, max + 1
    return _made(np.histogram(values[(values >= min) & (values <= max)], bins, (min, max))[0].astype(values.dtype))


@public("searchsorted")
def _searchsorted(sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None):
    """The place where each value belongs in a sorted sequence: before its equals, or after them with `right`.

    >>> import engine as torch
    >>> torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([3, 6]))
    tensor([1, 3])
    """
    if sorter is not None:
        sorted_sequence = sorted_sequence.gather(-1, sorter)
    rows, values = _array(sorted_sequence), _array(input)
    side = side or ("right" if right else "left")
    if rows.ndim == 1:
        found = np.asarray(np.searchsorted(rows, values, side))
    else:
        if rows.shape[:-1] != values.shape[:-1]:
            raise RuntimeError(
                "boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input "
                f"value tensor must match, but we got boundaries tensor {list(rows.shape)} and input value tensor "
                f"{list(values.shape)}"
            )
        found = np.empty(values.shape, np.int64)
        for at in np.ndindex(values.shape[:-1]):
            found[at] = np.searchsorted(rows[at], values[at], side)
    return _made(found.astype(np.int32 if out_int32 else np.int64))


@public("bucketize")
def _bucketize(input, boundaries, *, out_int32=False, right=False):
    """The number of the interval between sorted boundaries that each value lies in.

    >>> import engine as torch
    >>> torch.bucketize(torch.tensor([0, 3, 9]), torch.tensor([1, 3, 5]))
    tensor([0, 1, 3])
    """
    return _searchsorted(boundaries, input, out_int32=out_int32, right=right)


@public("isin")
def _isin(elements, test_elements, *, assume_unique=False, invert=False):
    """Whether each element is one of the test elements.

    >>> import engine as torch
    >>> torch.isin(torch.tensor([1, 2]), torch.tensor([2, 3]))
    tensor([False,  True])
    """
    return _made(np.asarray(np.isin(_array(elements), _array(test_elements), invert=invert)))

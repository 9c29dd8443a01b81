"""Questions about all entries; none of them has a derivative."""

import numpy as np

from engine.op import call, op, public
from engine.ops.reduction import reduced_shape
from engine.ops.shape import axes, axis


def _question(name, numpy, law):
    return op(
        name,
        numpy=numpy,
        shape=reduced_shape,
        types=None,
        rule="a question about all entries",
        says="The answer is constant between its jumps: it has no derivative.",
        law=law,
        samples=[call((2, 3), dim=(0, 1), keepdim=False), call((2, 3), dim=(1,), keepdim=True)],
    )


def _answered(numpy):
    """The answer as a Boolean; of bytes as a byte, as in PyTorch."""

    def answer(x, dim, keepdim):
        found = numpy(x, axis=dim, keepdims=keepdim)
        return found.astype(x.dtype) if x.dtype == np.uint8 else found

    return answer


any_ = _question("any", _answered(np.any), "y = whether any x ≠ 0")
all_ = _question("all", _answered(np.all), "y = whether all x ≠ 0")
count_nonzero = _question(
    "count_nonzero", lambda x, dim, keepdim: np.sum(x != 0, axis=dim, keepdims=keepdim, dtype=np.int64), "y = Σ [x ≠ 0]"
)


@public("any", "Tensor.any")
def _any(input, dim=None, keepdim=False):
    """Whether any entry over `dim` is nonzero; it has no derivative.

    >>> import engine as torch
    >>> torch.any(torch.tensor([0., 2.]))
    tensor(True)
    """
    return any_(input, dim=axes(dim, input.ndim), keepdim=bool(keepdim))


@public("all", "Tensor.all")
def _all(input, dim=None, keepdim=False):
    """Whether all entries over `dim` are nonzero; it has no derivative.

    >>> import engine as torch
    >>> torch.all(torch.tensor([0., 2.]))
    tensor(False)
    """
    return all_(input, dim=axes(dim, input.ndim), keepdim=bool(keepdim))


@public("count_nonzero", "Tensor.count_nonzero")
def _count_nonzero(input, dim=None):
    """y = Σ [x ≠ 0] over `dim`; it has no derivative.

    >>> import engine as torch
    >>> torch.count_nonzero(torch.tensor([0., 2., 3.]))
    tensor(2)
    """
    return count_nonzero(input, dim=axes(dim, input.ndim), keepdim=False)


@public("unique", "Tensor.unique")
def _unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The different values in ascending order, with the index of each entry's value and how often each occurs.

    RuntimeError if the input requires grad: the entries that stay depend on the values, so PyTorch has no
    derivative either.

    >>> import engine as torch
    >>> torch.unique(torch.tensor([3, 1, 3]))
    tensor([1, 3])
    """
    from engine.tensor import wrap

    if input.requires_grad:
        raise RuntimeError(
            "the derivative for '_unique2' is not implemented; detach() the tensor to ask for its different values"
        )
    axis_given = None if dim is None else axis(int(dim), input.ndim)
    values, inverse, counts = np.unique(input.numpy(), return_inverse=True, return_counts=True, axis=axis_given)
    found = [wrap(values)]
    if return_inverse:
        found.append(wrap(inverse.astype(np.int64)))
    if return_counts:
        found.append(wrap(counts.astype(np.int64)))
    return found[0] if len(found) == 1 else tuple(found)

"""Tensors put together from others, and what for real numbers is the tensor itself. All of other operations."""

from itertools import combinations, combinations_with_replacement

from engine.op import PUBLIC, public
from engine.ops.shape import Swap, permute


@public("block_diag")
def _block_diag(*tensors):
    """The matrices along the diagonal, zero elsewhere; a vector is a row, a number a 1×1 matrix.

    >>> import engine as torch
    >>> torch.block_diag(torch.ones(1, 2), torch.tensor(3.))
    tensor([[1., 1., 0.],
            [0., 0., 3.]])
    """
    for at, x in enumerate(tensors):
        if x.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {at} has {x.ndim} dimensions"
            )
    blocks = [x.reshape(1, -1) if x.ndim < 2 else x for x in tensors]
    width = sum(x.shape[1] for x in blocks)
    rows, start = [], 0
    for x in blocks:
        rows.append(PUBLIC["nn.functional.pad"](x, (start, width - start - x.shape[1])))
        start += x.shape[1]
    return PUBLIC["cat"](rows)


@public("cartesian_prod")
def _cartesian_prod(*tensors):
    """All choices of one entry of each vector, a row each.

    >>> import engine as torch
    >>> torch.cartesian_prod(torch.tensor([1, 2]), torch.tensor([3, 4]))
    tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])
    """
    if len(tensors) == 1:
        return tensors[0]
    grids = PUBLIC["meshgrid"](*tensors, indexing="ij")
    return PUBLIC["stack"]([grid.reshape(-1) for grid in grids], 1)


@public("combinations")
def _combinations(input, r=2, with_replacement=False):
    """All choices of `r` entries of a vector, a row each.

    >>> import engine as torch
    >>> torch.combinations(torch.tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    from engine.creation import tensor

    choose = combinations_with_replacement if with_replacement else combinations
    rows = list(choose(range(input.shape[0]), r))
    return input[tensor(rows)] if rows else input[:0].reshape(0, r)


@public("linalg.vander")
def _vandermonde(x, *, N=None):
    """The powers of each entry, along a new last axis, rising."""
    x = x.reshape(1) if x.ndim == 0 else x
    count = x.shape[-1] if N is None else N
    return PUBLIC["stack"]([x**k for k in range(count)], -1)


@public("vander")
def _vander(x, N=None, increasing=False):
    """The powers of each entry, a row each, falling unless `increasing`.

    >>> import engine as torch
    >>> torch.vander(torch.tensor([1, 2, 3]))
    tensor([[1, 1, 1],
            [4, 2, 1],
            [9, 3, 1]])
    """
    count = x.shape[0] if N is None else N
    powers = range(count) if increasing else reversed(range(count))
    return PUBLIC["stack"]([x**k for k in powers], -1) if count else x.reshape(-1, 1)[:, :0]


@public("adjoint", "Tensor.adjoint")
def _adjoint(input):
    """The conjugate transpose: of real matrices the transpose.

    >>> import engine as torch
    >>> torch.adjoint(torch.ones(2, 3)).shape
    torch.Size([3, 2])
    """
    if input.ndim < 2:
        raise RuntimeError(
            f"tensor.adjoint() is only supported on matrices or batches of matrices. Got {input.ndim}-D tensor."
        )
    return permute(input, dims=Swap((*range(input.ndim - 2), input.ndim - 1, input.ndim - 2)))


@public("conj", "Tensor.conj", "conj_physical", "Tensor.conj_physical", "real")
def _conj(input):
    """The tensor itself, whose entries are real.

    >>> import engine as torch
    >>> torch.conj(torch.tensor([1.]))
    tensor([1.])
    """
    return input


public("Tensor.real")(property(_conj))

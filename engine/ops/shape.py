"""Operations that move entries without changing them."""

import operator
from functools import reduce

import numpy as np

from engine.op import call, op, public

unsqueeze = op(
    "unsqueeze",
    numpy=lambda x, dim: np.expand_dims(x, dim),
    vjp=[lambda g, y, x, dim: squeeze(g, dim=dim)],
    shape=lambda shape, dim: _with_ones(shape, dim),
    types=None,
    saves=False,
    rule="new axes of size one",
    says="Adding axes of size one moves no entry, so the cotangent loses those axes again.",
    law="y = x with axes of size 1 at `dim`",
    samples=[call((2, 3), dim=(0,)), call((2,), dim=(0, 2))],
    linear=(0,),
    moves=True,
)

squeeze = op(
    "squeeze",
    numpy=lambda x, dim: np.squeeze(x, axis=dim),
    vjp=[lambda g, y, x, dim: unsqueeze(g, dim=dim)],
    shape=lambda shape, dim: tuple(size for at, size in enumerate(shape) if at not in dim),
    types=None,
    saves=False,
    rule="axes of size one dropped",
    says="Dropping axes of size one moves no entry, so the cotangent gets those axes back.",
    torch=lambda node: backward_of("Squeeze")(node),
    law="y = x without the axes `dim`",
    samples=[call((1, 3), dim=(0,)), call((1, 2, 1), dim=(0, 2))],
    linear=(0,),
    moves=True,
)

reshape = op(
    "reshape",
    numpy=lambda x, size: np.reshape(x, size),
    vjp=[lambda g, y, x, size: reshape(g, size=x.shape)],
    shape=lambda shape, size: size,
    types=None,
    saves=False,
    torch="ViewBackward0",
    rule="reshape",
    says="A reshape moves no entry in reading order, so the cotangent takes the old shape again.",
    law="y = x in another shape, in reading order",
    samples=[call((2, 3), size=(3, 2)), call((2, 3), size=(6,)), call((), size=(1,))],
    linear=(0,),
    moves=True,
)

class Swap(tuple):
    """The order of axes that transpose() makes; PyTorch names the node after the call."""

    __slots__ = ()
    torch = "TransposeBackward0"


class Flip(tuple):
    """The order of axes that t() makes."""

    __slots__ = ()
    torch = "TBackward0"


permute = op(
    "permute",
    numpy=lambda x, dims: np.transpose(x, dims),
    vjp=[lambda g, y, x, dims: permute(g, dims=inverse_order(dims))],
    normal=lambda x, dims: _permuted(x, dims),
    shape=lambda shape, dims: tuple(shape[at] for at in dims),
    types=None,
    saves=False,
    torch=lambda node: getattr(node.params["dims"], "torch", "PermuteBackward0"),
    rule="reordering of axes",
    says="The cotangent's axes go back to their old order.",
    law="y = x with its axes in the order `dims`",
    samples=[call((2, 3), dims=(1, 0)), call((2, 3, 4), dims=(2, 0, 1))],
    linear=(0,),
    moves=True,
)


TRANSPOSED = {}  # name of an operation -> the transpose of a symbol that it made, or None; its family enters it


def _permuted(x, dims):
    """A permutation that changes nothing, follows another, or can go inside what it transposes."""
    if dims == tuple(range(len(dims))):
        return x
    if x.made_by(permute) and x.shape == _own_shape(x):
        (inner,) = x.operands
        return permute(inner, dims=tuple(x.params["dims"][at] for at in dims))
    if len(dims) > 1 and dims == (*range(len(dims) - 2), len(dims) - 1, len(dims) - 2):
        if x.operation in TRANSPOSED and x.shape == _own_shape(x):
            return TRANSPOSED[x.operation](x)
        return _transposed_parts(x, dims, x.terms) or _transposed_parts(x, dims, x.factors)
    return None


def _own_shape(x):
    return x.expr.shape


def _transposed_parts(x, dims, parts):
    """The transpose of a sum or Hadamard product part by part, where that leaves no more transposes than before."""
    if len(parts) < 2 or any(part.shape not in ((), x.shape) for part in parts):
        return None
    turned = [part if part.shape == () else permute(part, dims=dims) for part in parts]
    if _transposes(turned) > _transposes(parts):
        return None
    join = operator.add if parts[0].expr in x.expr.args and x.expr.is_Add else operator.mul
    joined = reduce(join, turned)
    return joined.filled(joined.expr, tuple(x.shape[at] for at in dims))


def _transposes(parts):
    return sum(part.split_scalar()[1].made_by(permute) for part in parts)


def inverse_order(dims):
    """The permutation that undoes one.

    >>> inverse_order((2, 0, 1))
    (1, 2, 0)
    """
    return tuple(sorted(range(len(dims)), key=dims.__getitem__))


def swap_last(x):
    """The matrix transpose of the last two axes, as a rule uses it."""
    rank = len(x.shape)
    return permute(x, dims=(*range(rank - 2), rank - 1, rank - 2))


def _with_ones(shape, dim):
    sizes = list(shape)
    for at in sorted(dim):
        sizes.insert(at, 1)
    return tuple(sizes)


def size_of(x, dim=None):
    """How many entries there are along the axes `dim`: an int, or a product of letters."""
    count = 1
    for at, size in enumerate(x.shape):
        if dim is None or at in dim:
            count = count * size
    return count


def axis(dim, rank):
    """One axis as PyTorch counts it, made nonnegative."""
    bound = max(rank, 1)
    if not -bound <= dim < bound:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-bound}, {bound - 1}], but got {dim})")
    return dim % bound


class Named(tuple):
    """Axes that the caller named; PyTorch numbers the node of such a reduction one higher."""

    __slots__ = ()


def backward_of(word):
    """PyTorch's name of a reduction's node: SumBackward0 over all axes, SumBackward1 over named ones."""
    return lambda node: f"{word}Backward{int(node.params['dim'].__class__ is Named)}"


def axes(dim, rank):
    """`dim=None`, an int or several, as a sorted tuple of nonnegative axes."""
    if dim is None:
        return tuple(range(rank))
    given = (dim,) if isinstance(dim, int) else tuple(dim)
    if not given:
        return tuple(range(rank))
    found = Named(sorted(axis(int(at), rank) for at in given))
    if len(set(found)) < len(found):
        repeated = next(at for at in found if found.count(at) > 1)
        raise RuntimeError(f"dim {repeated} appears multiple times in the list of dims")
    return found if rank else Named()


@public("Tensor.T")
@property
def _T(self):
    """The axes in reverse order."""
    return permute(self, dims=tuple(reversed(range(self.ndim))))


@public("Tensor.mT")
@property
def _mT(self):
    """The matrix transpose: the last two axes swapped."""
    if self.ndim < 2:
        raise RuntimeError(
            f"tensor.mT is only supported on matrices or batches of matrices. Got {self.ndim}-D tensor."
        )
    return permute(self, dims=Swap((*range(self.ndim - 2), self.ndim - 1, self.ndim - 2)))


@public("t", "Tensor.t")
def _t(input):
    """y = xᵀ of a matrix;  x̄ = gᵀ.

    >>> import engine as torch
    >>> torch.t(torch.ones(2, 3)).shape
    torch.Size([3, 2])
    """
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return permute(input, dims=Flip(reversed(range(input.ndim))))

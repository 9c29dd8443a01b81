"""Entries repeated, reversed and rolled."""

import numpy as np

from engine.op import PUBLIC, call, first_shape, op, public
from engine.ops.fitting import expand, sum_to
from engine.ops.reduction import sum_
from engine.ops.reshaping import sizes
from engine.ops.shape import axes, axis, reshape, size_of, unsqueeze


def _repeat_pullback(g, y, x, repeats):
    """The copies along each axis become an axis of their own, over which the cotangent is summed."""
    missing = len(repeats) - len(x.shape)
    split = [n for pair in zip(repeats[missing:], x.shape) for n in pair]
    copies = (*range(missing), *range(missing, missing + len(split), 2))
    return sum_(reshape(g, size=(*repeats[:missing], *split)), dim=copies, keepdim=False)


def _repeated_shape(shape, repeats):
    full = (1,) * (len(repeats) - len(shape)) + tuple(shape)
    return tuple(size * n for size, n in zip(full, repeats))


repeat = op(
    "repeat",
    numpy=lambda x, repeats: np.tile(x, repeats),
    vjp=[_repeat_pullback],
    shape=_repeated_shape,
    types=None,
    saves=False,
    rule="copies side by side",
    says="Each copy passes its cotangent back, so the cotangents of all copies are summed.",
    law="y = x copied `repeats` times along each axis",
    source="the adjoint of copying is summing",
    samples=[
        call((2, 3), repeats=(2, 1)), call((3,), repeats=(2, 3)), call((), repeats=(2,)), call((2, 0), repeats=(1, 2)),
        call((2, 3), repeats=(4, 1, 2)), call((2,), repeats=(0,)),
    ],
    linear=(0,),
    moves=True,
)  # fmt: skip

flip = op(
    "flip",
    numpy=lambda x, dims: np.array(np.flip(x, dims)),  # a copy, as in PyTorch
    vjp=[lambda g, y, x, dims: flip(g, dims=dims)],
    shape=first_shape,
    types=None,
    saves=False,
    rule="reversal of axes",
    says="Reversing an axis moves each entry to the opposite end, and its cotangent comes back from there.",
    law="y = x with the axes `dims` reversed",
    source="a permutation matrix's inverse is its transpose",
    samples=[call((2, 3), dims=(0,)), call((2, 3), dims=(0, 1)), call((0, 2), dims=(1,)), call((2, 3), dims=())],
    linear=(0,),
    moves=True,
)

roll = op(
    "roll",
    numpy=lambda x, shifts, dims: np.roll(x, shifts, dims),
    vjp=[lambda g, y, x, shifts, dims: roll(g, shifts=tuple(-n for n in shifts), dims=dims)],
    shape=first_shape,
    types=None,
    saves=False,
    rule="cyclic shift",
    says="A cyclic shift is undone by the opposite shift, which the cotangent gets.",
    law="y_i = x_(i - shift), counted in a circle",
    source="a permutation matrix's inverse is its transpose",
    samples=[call((2, 3), shifts=(1,), dims=(1,)), call((2, 3), shifts=(1, -4), dims=(0, 1)),
             call((0, 2), shifts=(1,), dims=(0,))],
    linear=(0,),
    moves=True,
)  # fmt: skip


def expanded(x, size):
    """x broadcast to a size in which -1 keeps an axis as it is, with PyTorch's errors."""
    shape = tuple(x.shape)
    extra = len(size) - len(shape)
    if extra < 0:
        raise RuntimeError(
            f"expand({_c_type(x)}{{{list(shape)}}}, size={list(size)}): the number of sizes provided ({len(size)}) "
            f"must be greater or equal to the number of dimensions in the tensor ({len(shape)})"
        )
    target = list(size)
    for at, n in enumerate(size):
        if at < extra:
            if n < 0:
                raise RuntimeError(
                    f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing dimension {at}"
                )
        elif n == -1:
            target[at] = shape[at - extra]
        elif n != shape[at - extra] and (shape[at - extra] != 1 or n < 0):
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({shape[at - extra]}) at "
                f"non-singleton dimension {at}.  Target sizes: {list(size)}.  Tensor sizes: {list(shape)}"
            )
    return expand(x, size=tuple(target))


def _c_type(x):
    from engine.inplace import C_TYPE

    return f"torch.{C_TYPE[x.dtype.name]}Tensor"



@public("Tensor.expand")
def _expand(self, *size):
    """y = x broadcast to `size`, -1 keeping an axis;  x̄ = g summed over the copies.

    >>> import engine as torch
    >>> torch.ones(3, 1).expand(-1, 2).shape
    torch.Size([3, 2])
    """
    return expanded(self, sizes(size))


@public("Tensor.expand_as")
def _expand_as(self, other):
    """y = x broadcast to the shape of `other`."""
    return expanded(self, tuple(other.shape))


@public("broadcast_to", "Tensor.broadcast_to")
def _broadcast_to(input, *shape, size=None):
    """y = x broadcast to `size`;  x̄ = g summed over the copies.

    >>> import engine as torch
    >>> torch.broadcast_to(torch.tensor([1., 2.]), (2, 2))
    tensor([[1., 2.],
            [1., 2.]])
    """
    return expanded(input, sizes(shape or (size,)))


@public("broadcast_tensors")
def _broadcast_tensors(*tensors):
    """The tensors broadcast to their common shape, as a tuple.

    >>> import engine as torch
    >>> [x.shape for x in torch.broadcast_tensors(torch.ones(3, 1), torch.ones(2))]
    [torch.Size([3, 2]), torch.Size([3, 2])]
    """
    tensors = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    size = common_shape(*(x.shape for x in tensors))
    return tuple(expanded(x, size) for x in tensors)


@public("broadcast_shapes")
def _broadcast_shapes(*shapes):
    """The shape to which shapes broadcast.

    >>> import engine as torch
    >>> torch.broadcast_shapes((3, 1), (2,))
    torch.Size([3, 2])
    """
    from engine.tensor import Size

    return Size(common_shape(*(sizes((shape,)) for shape in shapes)))


def common_shape(*shapes):
    """The broadcast of shapes; PyTorch's error if they clash."""
    from engine.errors import first_clash

    found = ()
    for shape in shapes:
        clash = first_clash(found, tuple(shape))
        if clash is not None:
            at, first, second = clash
            raise RuntimeError(
                f"The size of tensor a ({first}) must match the size of tensor b ({second}) at non-singleton "
                f"dimension {at}"
            )
        found = np.broadcast_shapes(found, tuple(shape))
    return found


@public("Tensor.sum_to_size")
def _sum_to_size(self, *size):
    """y = x summed to a shape that broadcasts to x's;  x̄ = g, spread back.

    >>> import engine as torch
    >>> torch.ones(2, 3).sum_to_size(1, 3)
    tensor([[2., 2., 2.]])
    """
    size = sizes(size)
    if len(size) > self.ndim or any(n not in (1, m) for n, m in zip(reversed(size), reversed(self.shape))):
        raise RuntimeError(f"size {{{list(size)}}} is not expandable to size {{{list(self.shape)}}}.")
    return sum_to(self, size=size)


@public("Tensor.repeat")
def _repeat(self, *repeats):
    """y = x copied `repeats` times along each axis;  x̄ = g summed over the copies.

    >>> import engine as torch
    >>> torch.tensor([1., 2.]).repeat(2)
    tensor([1., 2., 1., 2.])
    """
    counts = sizes(repeats)
    if len(counts) < self.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        )
    full = _repeated_shape(self.shape, counts)
    if any(n < 0 for n in counts):
        negative = next(n for n in full if n < 0) if any(n < 0 for n in full) else min(counts)
        raise RuntimeError(f"Trying to create tensor with negative dimension {negative}: {list(full)}")
    return repeat(self, repeats=counts)


@public("tile")
def _tile(input, dims):
    """y = x copied `dims` times along its last axes;  x̄ = g summed over the copies.

    >>> import engine as torch
    >>> torch.tile(torch.tensor([[1., 2.]]), (2,))
    tensor([[1., 2., 1., 2.]])
    """
    counts = sizes((dims,))
    return _repeat(input, (1,) * (input.ndim - len(counts)) + counts)


@public("Tensor.tile")
def _tile_method(self, *dims):
    """y = x copied along its last axes; see tile."""
    return _tile(self, sizes(dims))


@public("repeat_interleave", "Tensor.repeat_interleave")
def _repeat_interleave(input, repeats, dim=None, *, output_size=None):
    """y = x with each entry along `dim` repeated in place;  x̄ = g summed over the copies.

    Without `dim` x is flattened. `repeats` may be a tensor with a count for each entry.

    >>> import engine as torch
    >>> torch.repeat_interleave(torch.tensor([1., 2.]), 2)
    tensor([1., 1., 2., 2.])
    """
    x = reshape(input, size=(size_of(input),)) if dim is None or input.ndim == 0 else input
    at = 0 if dim is None else axis(dim, x.ndim)
    shape = tuple(x.shape)
    counts = np.asarray(repeats._node.output if hasattr(repeats, "_node") else repeats)
    if (counts < 0).any():
        raise RuntimeError("Repeats must be non-negative" if counts.ndim == 0 else "repeats can not be negative")
    if counts.size == 1:
        n = int(counts.reshape(()))
        copies = expand(unsqueeze(x, dim=(at + 1,)), size=(*shape[: at + 1], n, *shape[at + 1 :]))
        return reshape(copies, size=(*shape[:at], shape[at] * n, *shape[at + 1 :]))
    if counts.shape != (shape[at],):
        raise RuntimeError(
            "repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{counts.shape[0]} and input.size({at}) = {shape[at]}"
        )
    from engine.ops.indexing import pick

    return pick(x, np.repeat(np.arange(shape[at]), counts), at)


@public("flip")
def _flip(input, dims):
    """y = x with the axes `dims` reversed;  x̄ = g with them reversed.

    >>> import engine as torch
    >>> torch.flip(torch.tensor([1., 2., 3.]), (0,))
    tensor([3., 2., 1.])
    """
    dims = sizes((dims,))
    return flip(input, dims=axes(dims, input.ndim) if dims else ())


@public("Tensor.flip")
def _flip_method(self, *axes, dims=None):
    """y = x with axes reversed, given as integers or as a tuple; see flip."""
    return _flip(self, sizes(axes) if dims is None else dims)


@public("rot90", "Tensor.rot90")
def _rot90(input, k=1, dims=(0, 1)):
    """y = x turned by k right angles in the plane of `dims`, from the first towards the second;  x̄ = g turned back.

    >>> import engine as torch
    >>> torch.rot90(torch.tensor([[1., 2.], [3., 4.]]))
    tensor([[2., 4.],
            [1., 3.]])
    """
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if input.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {input.ndim}")
    first, second = (axis(dim, input.ndim) for dim in dims)
    if first == second:
        raise RuntimeError(
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    k %= 4
    if k == 0:
        return PUBLIC["clone"](input)
    if k == 2:
        return _flip(input, (first, second))
    turned = _flip(input, (second if k == 1 else first,))
    return PUBLIC["transpose"](turned, first, second)


@public("fliplr", "Tensor.fliplr")
def _fliplr(input):
    """y = x with its columns in reverse order;  x̄ = g likewise.

    >>> import engine as torch
    >>> torch.fliplr(torch.tensor([[1., 2.]]))
    tensor([[2., 1.]])
    """
    if input.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, dims=(1,))


@public("flipud", "Tensor.flipud")
def _flipud(input):
    """y = x with its rows in reverse order;  x̄ = g likewise.

    >>> import engine as torch
    >>> torch.flipud(torch.tensor([1., 2.]))
    tensor([2., 1.])
    """
    if input.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, dims=(0,))


@public("roll", "Tensor.roll")
def _roll(input, shifts, dims=None):
    """y_i = x_(i - shift) in a circle, along `dims` or over all entries in reading order;  x̄ = g shifted back.

    >>> import engine as torch
    >>> torch.roll(torch.tensor([1., 2., 3.]), 1)
    tensor([3., 1., 2.])
    """
    shifts = sizes((shifts,))
    dims = () if dims is None else sizes((dims,))
    if not dims and len(shifts) == 1:
        flat = roll(reshape(input, size=(size_of(input),)), shifts=shifts, dims=(0,))
        return reshape(flat, size=tuple(input.shape))
    if len(shifts) != len(dims):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}")
    return roll(input, shifts=shifts, dims=tuple(axis(at, input.ndim) for at in dims))

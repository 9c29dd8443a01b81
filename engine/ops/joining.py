"""Arrays joined and cut apart: cat, stack, split, pad and their relatives."""

from operator import index as as_int

import numpy as np

from engine.op import ShapeError, call, op, public
from engine.ops.indexing import ALL, Key, Layer, Piece, Sized, getitem, pick
from engine.ops.reshaping import atleast_1d, atleast_2d, atleast_3d
from engine.ops.shape import axis, permute, unsqueeze
from engine.tape import Every


def _joined_shape(*shapes, dim):
    first, *others = shapes
    total = first[dim]
    for other in others:
        if len(other) != len(first) or any(n != m for at, (n, m) in enumerate(zip(first, other)) if at != dim):
            raise ShapeError(f"shapes {first} and {other} can't be joined along axis {dim}")
        total = total + other[dim]
    return (*first[:dim], total, *first[dim + 1 :])


def _own_stretch(at, g, y, *operands, dim):
    """The stretch of g along `dim` where operand `at` stands."""
    start = 0
    for other in operands[:at]:
        start = start + other.shape[dim]
    return getitem(g, key=Key((*[ALL] * dim, slice(start, start + operands[at].shape[dim]))))


cat = op(
    "cat",
    numpy=lambda *arrays, dim: np.concatenate(arrays, axis=dim),
    vjp=Every(_own_stretch),
    shape=_joined_shape,
    saves=False,
    rule="arrays end to end",
    says="Each array gets the stretch of the cotangent that stands in its place.",
    law="y = the operands one after another along `dim`",
    source="the adjoint of putting entries in place is taking them back",
    samples=[call((2, 3), (1, 3), dim=0), call((2, 3), (2, 0), (2, 2), dim=1), call((3,), dim=0),
             call((2, 1, 2), (2, 3, 2), dim=1)],
)  # fmt: skip


stack = op(
    "stack",
    numpy=lambda *arrays, dim: np.stack(arrays, axis=dim),
    vjp=Every(lambda at, g, y, *operands, dim: getitem(g, key=Key((*[ALL] * dim, at)))),
    shape=lambda *shapes, dim: (*shapes[0][:dim], len(shapes), *shapes[0][dim:]),
    saves=False,
    rule="arrays along a new axis",
    says="Each array gets the layer of the cotangent that stands in its place.",
    law="y_i = the i-th operand, i being a new axis at `dim`",
    source="the adjoint of putting entries in place is taking them back",
    samples=[call((2, 3), (2, 3), dim=0), call((2, 3), (2, 3), dim=2), call((), (), (), dim=0),
             call((0,), (0,), dim=1)],
)  # fmt: skip


def tensors_of(name, tensors, empty):
    """A sequence of tensors as a list, with PyTorch's errors."""
    from engine.tensor import Tensor

    if isinstance(tensors, Tensor) or not hasattr(tensors, "__iter__"):
        kind = type(tensors).__name__
        raise TypeError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {kind}")
    tensors = list(tensors)
    for at, x in enumerate(tensors):
        if not isinstance(x, Tensor):
            raise TypeError(f"expected Tensor as element {at} in argument 0, but got {type(x).__name__}")
    if not tensors:
        raise empty
    return tensors


def joined(tensors, dim):
    """The tensors end to end along `dim`; as in PyTorch, a vector without entries fits everywhere."""
    kept = [x for x in tensors if tuple(x.shape) != (0,)] or tensors[:1]
    first = kept[0]
    for at, x in enumerate(tensors):
        if x.ndim == 0:
            raise RuntimeError(f"zero-dimensional tensor (at position {at}) cannot be concatenated")
    dim = axis(dim, first.ndim)
    for at, x in enumerate(tensors):
        if x is first or tuple(x.shape) == (0,):
            continue
        if x.ndim != first.ndim:
            raise RuntimeError(f"Tensors must have same number of dimensions: got {first.ndim} and {x.ndim}")
        for place, (n, m) in enumerate(zip(first.shape, x.shape)):
            if n != m and place != dim:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size {n} but got size {m} for "
                    f"tensor number {at} in the list."
                )
    return cat(*kept, dim=dim)


@public("cat", "concat", "concatenate")
def _cat(tensors, dim=0):
    """y = the tensors end to end along `dim`;  each x̄ = its stretch of g.

    RuntimeError if sizes differ along another axis.

    >>> import engine as torch
    >>> torch.cat([torch.tensor([1., 2.]), torch.tensor([3.])])
    tensor([1., 2., 3.])
    """
    empty = ValueError("torch.cat(): expected a non-empty list of Tensors")
    return joined(tensors_of("cat", tensors, empty), dim)


@public("stack")
def _stack(tensors, dim=0):
    """y = the tensors, of one shape, side by side along a new axis;  each x̄ = its layer of g.

    >>> import engine as torch
    >>> torch.stack([torch.tensor([1., 2.]), torch.tensor([3., 4.])])
    tensor([[1., 2.],
            [3., 4.]])
    """
    tensors = tensors_of("stack", tensors, RuntimeError("stack expects a non-empty TensorList"))
    first = list(tensors[0].shape)
    dim = axis(dim, len(first) + 1)
    for at, x in enumerate(tensors):
        if list(x.shape) != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {first} at entry 0 and {list(x.shape)} at "
                f"entry {at}"
            )
    return stack(*tensors, dim=dim)


def _stacked(name, widen, dim, *more):
    def stacked(tensors):
        tensors = tensors_of(name, tensors, RuntimeError(f"{name} expects a non-empty TensorList"))
        wide = [widen(x) for x in tensors]
        return joined(wide, dim if wide[0].ndim > 1 else 0)

    stacked.__name__ = stacked.__qualname__ = name
    stacked.__doc__ = f"The tensors joined as {name} says: end to end, axes of size 1 added first."
    return public(name, *more)(stacked)


hstack = _stacked("hstack", atleast_1d, 1)
vstack = _stacked("vstack", atleast_2d, 0, "row_stack")
dstack = _stacked("dstack", atleast_3d, 2)


@public("column_stack")
def _column_stack(tensors):
    """Vectors as columns, and matrices, side by side."""
    tensors = tensors_of("column_stack", tensors, RuntimeError("column_stack expects a non-empty TensorList"))
    return joined([x.reshape(-1, 1) if x.ndim < 2 else x for x in tensors], 1)


# cut apart


def stretch(x, dim, start, stop, kind=Key):
    """x[start:stop] along one axis."""
    return getitem(x, key=kind((*[ALL] * dim, slice(start, stop))))


def _pieces(x, dim, lengths, kind=Key):
    found, start = [], 0
    for length in lengths:
        found.append(stretch(x, dim, start, start + length, kind))
        start += length
    return tuple(found)


@public("split", "Tensor.split")
def _split(tensor, split_size_or_sections, dim=0):
    """x cut along `dim` into pieces of one size, the last perhaps smaller, or of the listed sizes.

    Each piece's cotangent goes back to its place.

    >>> import engine as torch
    >>> torch.split(torch.arange(5), 2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    if tensor.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    at = axis(dim, tensor.ndim)
    size = tensor.shape[at]
    if hasattr(split_size_or_sections, "__index__"):
        length = as_int(split_size_or_sections)
        if length < 0:
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={length}")
        if length == 0 and size:
            raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {size}")
        count = max(1, -(-size // length)) if length else 1
        return _pieces(tensor, at, [min(length, size - length * k) for k in range(count)], Piece)
    lengths = list(map(as_int, split_size_or_sections))
    if any(n < 0 for n in lengths):
        raise RuntimeError(
            f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={lengths}"
        )
    if sum(lengths) != size:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at dimension {at}), "
            f"but got split_sizes={lengths}"
        )
    return _pieces(tensor, at, lengths, Sized)


@public("split_with_sizes", "Tensor.split_with_sizes")
def _split_with_sizes(input, split_sizes, dim=0):
    """As split, with a list of sizes."""
    return _split(input, tuple(split_sizes), dim)


@public("chunk", "Tensor.chunk")
def _chunk(input, chunks, dim=0):
    """x cut along `dim` into at most so many pieces of equal size, the last perhaps smaller.

    >>> import engine as torch
    >>> torch.chunk(torch.arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    """
    if input.ndim == 0:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = input.shape[axis(dim, input.ndim)]
    if size == 0:
        return _split(input, [0] * chunks, dim)
    return _split(input, -(-size // chunks), dim)


@public("tensor_split", "Tensor.tensor_split")
def _tensor_split(input, indices_or_sections, dim=0):
    """x cut along `dim` into so many pieces, as equal as can be, or at the given places.

    >>> import engine as torch
    >>> torch.tensor_split(torch.arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    """
    if input.ndim == 0:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    at = axis(dim, input.ndim)
    size = input.shape[at]
    if hasattr(indices_or_sections, "tolist"):
        indices_or_sections = indices_or_sections.tolist()
    if isinstance(indices_or_sections, int):
        if indices_or_sections <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {indices_or_sections}")
        length, longer = divmod(size, indices_or_sections)
        return _pieces(input, at, [length + (k < longer) for k in range(indices_or_sections)])
    places = [0, *map(as_int, indices_or_sections), size]
    return tuple(stretch(input, at, start, stop) for start, stop in zip(places, places[1:]))


def _split_along(name, rank, dim_of):
    def apply(input, indices_or_sections):
        if input.ndim < rank:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {rank} dimension{'s' * (rank > 1)}, but got a tensor "
                f"with {input.ndim} dimensions!"
            )
        dim = dim_of(input.ndim)
        size = input.shape[dim]
        if isinstance(indices_or_sections, int) and (not indices_or_sections or size % indices_or_sections):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension {size} is not "
                f"divisible by the split_size {indices_or_sections}!"
            )
        return _tensor_split(input, indices_or_sections, dim)

    apply.__name__ = apply.__qualname__ = name
    apply.__doc__ = "As tensor_split along one axis, into equal pieces or at the given places."
    return public(name, f"Tensor.{name}")(apply)


hsplit = _split_along("hsplit", 1, lambda rank: min(rank - 1, 1))
vsplit = _split_along("vsplit", 2, lambda rank: 0)
dsplit = _split_along("dsplit", 3, lambda rank: 2)


@public("unbind", "Tensor.unbind")
def _unbind(input, dim=0):
    """x's layers along `dim`, as a tuple.

    >>> import engine as torch
    >>> torch.unbind(torch.tensor([1., 2.]))
    (tensor(1.), tensor(2.))
    """
    if input.ndim == 0:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    at = axis(dim, input.ndim)
    return tuple(getitem(input, key=Layer((*[ALL] * at, k))) for k in range(input.shape[at]))


@public("narrow", "Tensor.narrow")
def _narrow(input, dim, start, length):
    """y = `length` layers of x along `dim`, from `start` on;  x̄ = g at their places, zero elsewhere.

    >>> import engine as torch
    >>> torch.narrow(torch.arange(5), 0, 1, 3)
    tensor([1, 2, 3])
    """
    if input.ndim == 0:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    at = axis(dim, input.ndim)
    size, start = input.shape[at], as_int(start)
    if not -size <= start <= size:
        raise IndexError(f"start out of range (expected to be in range of [-{size}, {size}], but got {start})")
    start = start + size if start < 0 else start
    if start + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return stretch(input, at, start, start + length)


@public("select", "Tensor.select")
def _select(input, dim, index):
    """y = x's layer number `index` along `dim`;  x̄ = g at its place, zero elsewhere.

    >>> import engine as torch
    >>> torch.select(torch.tensor([[1., 2.], [3., 4.]]), 1, 0)
    tensor([1., 3.])
    """
    if input.ndim == 0:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    at = axis(dim, input.ndim)
    place = as_int(index)
    if not -input.shape[at] <= place < input.shape[at]:
        raise IndexError(
            f"select(): index {place} out of range for tensor of size {list(input.shape)} at dimension {at}"
        )
    return getitem(input, key=Key((*[ALL] * at, place)))


@public("Tensor.unfold")
def _unfold(self, dimension, size, step):
    """y = windows of `size` layers along an axis, `step` apart, as a new last axis;  x̄ = g added up where they overlap.

    >>> import engine as torch
    >>> torch.arange(4).unfold(0, 2, 1)
    tensor([[0, 1],
            [1, 2],
            [2, 3]])
    """
    at = axis(dimension, self.ndim)
    have = self.shape[at] if self.ndim else 1
    if size > have:
        raise RuntimeError(f"maximum size for tensor at dimension {at} is {have} but size is {size}")
    if step < 1:
        raise RuntimeError(f"step is {step} but must be > 0")
    x = self if self.ndim else unsqueeze(self, dim=(0,))
    places = np.arange(0, have - size + 1, step)[:, None] + np.arange(size)
    windows = pick(x, places, at)
    if not self.ndim:
        return windows[0]
    rank = windows.ndim
    return permute(windows, dims=(*range(at + 1), *range(at + 2, rank), at + 1))


@public("meshgrid")
def _meshgrid(*tensors, indexing="ij"):
    """Vectors spread to grids: grid k varies along axis k alone (with "xy" the first two axes are swapped).

    >>> import engine as torch
    >>> torch.meshgrid(torch.tensor([1., 2.]), torch.tensor([3., 4.]))[0]
    tensor([[1., 1.],
            [2., 2.]])
    """
    from engine.ops.fitting import expand
    from engine.ops.shape import reshape

    tensors = list(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else list(tensors)
    if indexing not in ("ij", "xy"):
        raise RuntimeError(
            f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}'
        )
    for x in tensors:
        if x.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {x!r}")
    full = tuple(x.shape[0] if x.ndim else 1 for x in tensors)
    grids = []
    for at, x in enumerate(tensors):
        alone = tuple(n if k == at else 1 for k, n in enumerate(full))
        grids.append(expand(reshape(x, size=alone), size=full))
    if indexing == "xy" and len(full) > 1:
        grids = [permute(grid, dims=(1, 0, *range(2, len(full)))) for grid in grids]
    return tuple(grids)



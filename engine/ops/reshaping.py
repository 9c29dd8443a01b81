"""PyTorch's functions that give a tensor another shape; all of them are reshape, permute, unsqueeze and squeeze."""

from operator import index

from engine.op import public
from engine.ops.shape import Named, Swap, axes, axis, permute, reshape, size_of, squeeze, unsqueeze


def sizes(given):
    """A shape given as separate integers or as one sequence, as a tuple of ints.

    >>> sizes((2, 3)), sizes(([2, 3],)), sizes((4,))
    ((2, 3), (2, 3), (4,))
    """
    if len(given) == 1 and (getattr(given[0], "ndim", 0) or not hasattr(given[0], "__index__")):
        given = given[0]
    try:
        return tuple(map(index, given))
    except TypeError:
        raise TypeError(f"a shape is made of integers, not {given!r}; round sizes with int(...)") from None


def inferred(size, count):
    """A shape for `count` entries, its -1, if any, replaced by the size that fits.

    >>> inferred((2, -1), 6)
    (2, 3)
    """
    known, free = 1, None
    for at, n in enumerate(size):
        if n == -1:
            if free is not None:
                raise RuntimeError("only one dimension can be inferred")
            free = at
        elif n < 0:
            raise RuntimeError(f"invalid shape dimension {n} at index {at} of shape {list(size)}")
        else:
            known *= n
    if free is None and known == count:
        return size
    if free is not None and known and count % known == 0:
        return (*size[:free], count // known, *size[free + 1 :])
    if free is not None and not known and not count:
        raise RuntimeError(
            f"cannot reshape tensor of 0 elements into shape {list(size)} because the unspecified dimension size -1 "
            "can be any value and is ambiguous"
        )
    raise RuntimeError(f"shape '{list(size)}' is invalid for input of size {count}")


@public("reshape")
def _reshape(input, shape):
    """y = x in another shape, entries in reading order, one size of -1 inferred;  x̄ = g in x's shape.

    RuntimeError if the number of entries differs.

    >>> import engine as torch
    >>> torch.reshape(torch.arange(6), (2, -1))
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    return reshape(input, size=inferred(sizes((shape,)), size_of(input)))


@public("Tensor.reshape")
def _reshape_method(self, *shape):
    """y = x in another shape, given as integers or as a tuple; see reshape."""
    return reshape(self, size=inferred(sizes(shape), size_of(self)))


@public("Tensor.view")
def _view(self, *shape):
    """y = x in another shape;  x̄ = g in x's shape.

    PyTorch errs where this needs a copy of the memory; here it copies, as reshape does.

    >>> import engine as torch
    >>> torch.arange(4).view(2, -1).shape
    torch.Size([2, 2])
    """
    if len(shape) == 1 and hasattr(shape[0], "itemsize") and not hasattr(shape[0], "__index__"):
        raise NotImplementedError("view(dtype) isn't supported; convert the values with .to(dtype)")
    return reshape(self, size=inferred(sizes(shape), size_of(self)))


@public("Tensor.view_as", "Tensor.reshape_as")
def _view_as(self, other):
    """y = x in the shape of `other`."""
    return reshape(self, size=inferred(tuple(other.shape), size_of(self)))


@public("flatten", "Tensor.flatten")
def _flatten(input, start_dim=0, end_dim=-1):
    """y = x with the axes from start_dim to end_dim made one;  x̄ = g in x's shape.

    >>> import engine as torch
    >>> torch.flatten(torch.ones(2, 3, 4), start_dim=1).shape
    torch.Size([2, 12])
    """
    first, last = axis(start_dim, input.ndim), axis(end_dim, input.ndim)
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if input.ndim == 0:
        return reshape(input, size=(1,))
    if first == last:
        return input
    shape = tuple(input.shape)
    size = (*shape[:first], size_of(input, range(first, last + 1)), *shape[last + 1 :])
    return reshape(input, size=size)


@public("ravel", "Tensor.ravel")
def _ravel(input):
    """y = x as one axis, in reading order;  x̄ = g in x's shape.

    >>> import engine as torch
    >>> torch.ravel(torch.ones(2, 2))
    tensor([1., 1., 1., 1.])
    """
    return reshape(input, size=(size_of(input),))


@public("unflatten", "Tensor.unflatten")
def _unflatten(input, dim, sizes):
    """y = x with the axis `dim` split into several of the given sizes, one of which may be -1.

    >>> import engine as torch
    >>> torch.unflatten(torch.ones(2, 6), 1, (3, -1)).shape
    torch.Size([2, 3, 2])
    """
    at = axis(dim, input.ndim)
    shape = tuple(input.shape)
    try:
        inner = inferred(tuple(map(index, sizes)), shape[at])
    except RuntimeError as error:
        if "invalid for input" not in str(error):
            raise
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {at} ({shape[at]}) in the "
            "input tensor"
        ) from None
    return reshape(input, size=(*shape[:at], *inner, *shape[at + 1 :]))


@public("unsqueeze", "Tensor.unsqueeze")
def _unsqueeze(input, dim):
    """y = x with a new axis of size 1 at `dim`;  x̄ = g without it.

    >>> import engine as torch
    >>> torch.unsqueeze(torch.ones(3), 0).shape
    torch.Size([1, 3])
    """
    return unsqueeze(input, dim=(axis(dim, input.ndim + 1),))


@public("squeeze", "Tensor.squeeze")
def _squeeze(input, dim=None):
    """y = x without its axes of size 1, or those of `dim` that have size 1;  x̄ = g with them.

    >>> import engine as torch
    >>> torch.squeeze(torch.ones(1, 3, 1), 0).shape
    torch.Size([3, 1])
    """
    shape = input.shape
    asked = range(input.ndim) if dim is None else axes(dim, input.ndim) if dim != () else ()
    ones = (at for at in asked if shape[at] == 1)
    return squeeze(input, dim=Named(ones) if isinstance(dim, int) else tuple(ones))


@public("permute")
def _permute(input, dims):
    """y = x with its axes in the order `dims`;  x̄ = g with the axes back in place.

    >>> import engine as torch
    >>> torch.permute(torch.ones(2, 3, 4), (2, 0, 1)).shape
    torch.Size([4, 2, 3])
    """
    dims = sizes((dims,))
    rank = input.ndim
    if len(dims) != rank:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {rank} is not equal to len(dims) = {len(dims)}"
        )
    order = tuple(axis(at, rank) for at in dims)
    if len(set(order)) < rank:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return permute(input, dims=order)


@public("Tensor.permute")
def _permute_method(self, *dims):
    """y = x with its axes in another order, given as integers or as a tuple; see permute."""
    return _permute(self, sizes(dims))


@public("transpose", "swapaxes", "swapdims", "Tensor.transpose", "Tensor.swapaxes", "Tensor.swapdims")
def _transpose(input, dim0, dim1):
    """y = x with two axes swapped;  x̄ = g with them swapped back.

    >>> import engine as torch
    >>> torch.transpose(torch.ones(2, 3), 0, 1).shape
    torch.Size([3, 2])
    """
    first, second = axis(dim0, input.ndim), axis(dim1, input.ndim)
    order = list(range(input.ndim))
    if order:
        order[first], order[second] = second, first
    return permute(input, dims=Swap(order))


@public("movedim", "moveaxis", "Tensor.movedim", "Tensor.moveaxis")
def _movedim(input, source, destination):
    """y = x with the axes `source` moved to the places `destination`, the others in their old order.

    >>> import engine as torch
    >>> torch.movedim(torch.ones(2, 3, 4), 0, -1).shape
    torch.Size([3, 4, 2])
    """
    source, destination = sizes((source,)), sizes((destination,))
    if len(source) != len(destination):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({list(source)} dims) should contain the same "
            f"number of dims as destination ({list(destination)} dims)"
        )
    rank = input.ndim
    moved = [axis(at, rank) for at in source]
    places = [axis(at, rank) for at in destination]
    for name, given, found in (("source", source, moved), ("destination", destination, places)):
        if len(set(found)) < len(found):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(given)})")
    if rank == 0:
        return permute(input, dims=())
    rest = iter(at for at in range(rank) if at not in moved)
    target = dict(zip(places, moved))
    return permute(input, dims=tuple(target[at] if at in target else next(rest) for at in range(rank)))


def _at_least(name, wide):
    def convert(*tensors):
        if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
            tensors = tuple(tensors[0])
        found = tuple(map(wide, tensors))
        return found[0] if len(found) == 1 else found

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = f"Tensors with as many axes of size 1 added as {name} says; several come back as a tuple."
    return public(name)(convert)


def _wide_1d(x):
    return reshape(x, size=(1,)) if x.ndim == 0 else x


def _wide_2d(x):
    return unsqueeze(_wide_1d(x), dim=(0,)) if x.ndim < 2 else x


def _wide_3d(x):
    return unsqueeze(_wide_2d(x), dim=(2,)) if x.ndim < 3 else x


atleast_1d = _at_least("atleast_1d", _wide_1d)
atleast_2d = _at_least("atleast_2d", _wide_2d)
atleast_3d = _at_least("atleast_3d", _wide_3d)


@public("Tensor.H", "Tensor.mH")
@property
def _H(self):
    """The matrix transpose, since entries are real."""
    return self.mT


# what a tensor says about its shape


@public("numel")
def _numel(input):
    """The number of entries.

    >>> import engine as torch
    >>> torch.numel(torch.ones(2, 3))
    6
    """
    return input.shape.numel()


@public("Tensor.numel", "Tensor.nelement")
def _numel_method(self):
    """The number of entries."""
    return self.shape.numel()


@public("Tensor.dim", "Tensor.ndimension")
def _dim(self):
    """The number of axes."""
    return self.ndim


@public("Tensor.size")
def _size(self, dim=None):
    """The shape, or its entry at `dim`.

    >>> import engine as torch
    >>> torch.ones(2, 3).size(), torch.ones(2, 3).size(-1)
    (torch.Size([2, 3]), 3)
    """
    if dim is None:
        return self.shape
    if self.ndim == 0:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    return self.shape[axis(dim, self.ndim)]


@public("Tensor.element_size")
def _element_size(self):
    """The size of an entry in bytes."""
    return self.dtype.itemsize


public("Tensor.itemsize")(property(_element_size))
public("Tensor.nbytes")(property(lambda self: self._node.output.nbytes))


@public("is_floating_point", "Tensor.is_floating_point")
def _is_floating_point(input):
    """Whether the dtype is a floating one."""
    return input.dtype.is_floating_point


@public("is_complex", "Tensor.is_complex")
def _is_complex(input):
    """Whether the dtype is a complex one: never."""
    return False


@public("Tensor.stride")
def _stride(self, dim=None):
    """How many entries apart neighbours along each axis lie in memory."""
    array = self._node.output
    steps = tuple(n // array.itemsize for n in array.strides)
    return steps if dim is None else steps[axis(dim, self.ndim)]


@public("Tensor.is_contiguous")
def _is_contiguous(self):
    """Whether entries lie in memory in reading order."""
    return bool(self._node.output.flags.c_contiguous)


@public("Tensor.contiguous")
def _contiguous(self, memory_format=None):
    """y = x with its entries in memory in reading order, itself if they already are;  x̄ = g."""
    if self._node.output.flags.c_contiguous:
        return self
    import numpy as np

    from engine.ops.typing import clone

    new = clone(self)
    new._node.output = np.ascontiguousarray(new._node.output)
    return new

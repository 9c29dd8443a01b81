"""Entries taken and put by index tensors: gather, scatter, index_select, take and their relatives."""

import numpy as np

from engine.errors import first_clash
from engine.op import call, first_shape, ints, op, public
from engine.ops.indexing import ALL, Key, index, pick, put, set_index
from engine.ops.joining import stretch
from engine.ops.repeating import common_shape, expanded
from engine.ops.shape import axis, reshape, size_of
from engine.tensor import wrap


def places(index, dim):
    """The key that addresses, along `dim`, the places in `index`, and along other axes each entry's own place."""
    grid = list(np.ogrid[tuple(slice(0, n) for n in index.shape)])
    grid[dim] = index
    return tuple(grid)


def _added(size, index, src, dim):
    out = np.zeros(size, src.dtype)
    np.add.at(out, places(index, dim), src)
    return out


gather = op(
    "gather",
    numpy=lambda x, index, dim: x[places(index, dim)],
    vjp=[lambda g, y, x, index, dim: ungather(g, index, dim=dim, size=x.shape), None],
    shape=lambda _shape, index, dim: index,
    types=None,
    rule="entries by index along an axis",
    says="Each entry's cotangent goes back to where it was taken from; an entry taken several times gets their sum.",
    law="y_ij = x_(index_ij, j) along axis 0, and likewise along others",
    source="the adjoint of a selection adds entries back among zeros",
    samples=[call((3, 2), ints((4, 2), high=3), dim=0), call((2, 4), ints((2, 3), high=4), dim=1),
             call((3,), ints((2,), high=3), dim=0), call((2, 3, 4), ints((1, 3, 2), high=2), dim=0)],
    linear=(0,),
    moves=True,
)  # fmt: skip

ungather = op(
    "ungather",
    numpy=lambda x, index, dim, size: _added(size, index, x, dim),
    vjp=[lambda g, y, x, index, dim, size: gather(g, index, dim=dim), None],
    normal=lambda x, index, dim, size: x.filled(0, size) if x.expr == 0 else None,
    shape=lambda _shape, _index, dim, size: size,
    types=None,
    rule="entries added among zeros along an axis",
    says="Each entry was added at one place, so it gets the cotangent of that place.",
    law="y_(index_ij, j) += x_ij along axis 0, starting from zeros",
    source="the adjoint of adding entries among zeros is their selection",
    samples=[call((4, 2), ints((4, 2), high=3), dim=0, size=(3, 2)),
             call((2, 3), ints((2, 3), high=4), dim=1, size=(2, 4))],
    linear=(0,),
)  # fmt: skip


def _scattered(x, index, src, dim):
    out = np.array(x)
    out[places(index, dim)] = src
    return out


scatter = op(
    "scatter",
    numpy=_scattered,
    vjp=[
        lambda g, y, x, index, src, dim: scatter(g, index, 0, dim=dim),
        None,
        lambda g, y, x, index, src, dim: gather(g, index, dim=dim),
    ],
    shape=first_shape,
    types=None,
    rule="entries by index replaced along an axis",
    says="What was overwritten gets no cotangent; the new entries get the cotangents of their places.",
    law="y = x, but y_(index_ij, j) = src_ij along axis 0, and likewise along others",
    source="each output entry depends on one input entry alone",
    samples=[call((3, 2), np.array([[2, 0], [1, 2]]), (2, 2), dim=0),
             call((2, 3), np.array([[2, 0], [1, 2]]), (2, 2), dim=1), call((3,), ints((2,), high=3), 0.5, dim=0)],
)  # fmt: skip


@public("gather", "Tensor.gather")
def _gather(input, dim, index, *, sparse_grad=False):
    """y_ij = x_(index_ij, j) for dim=0, and likewise;  x̄ = g added back where it was taken from.

    >>> import engine as torch
    >>> torch.gather(torch.tensor([[1., 2.], [3., 4.]]), 1, torch.tensor([[0], [1]]))
    tensor([[1.],
            [4.]])
    """
    shape = tuple(index.shape)
    x, index, at = _aligned("gather", input, dim, index)
    for place, (n, m) in enumerate(zip(index.shape, x.shape)):
        if place != at and n > m:
            raise RuntimeError(
                f"Size does not match at dimension {place} expected index {list(index.shape)} to be no larger than "
                f"self {list(x.shape)} apart from dimension {at}"
            )
    y = gather(x, index, dim=at)
    return y if tuple(y.shape) == shape else reshape(y, size=shape)


def _aligned(name, x, dim, index):
    """x, the index and the axis of gather and scatter, with PyTorch's errors."""
    from engine.tensor import Tensor

    if not isinstance(index, Tensor):
        raise TypeError(f"{name}(): argument 'index' must be Tensor, not {type(index).__name__}")
    values = index._node.output
    if values.size and (values.dtype.kind not in "iu" or values.dtype.itemsize < 4):
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index")
    at = axis(dim, x.ndim)
    if max(x.ndim, 1) != max(index.ndim, 1) and values.size:
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    size = x.shape[at] if x.ndim else 1
    if values.size and (values.min() < 0 or values.max() >= size):
        wrong = values[(values < 0) | (values >= size)][0]
        raise RuntimeError(f"index {wrong} is out of bounds for dimension {at} with size {size}")
    widen = [reshape(one, size=(1,)) if one.ndim == 0 else one for one in (x, index)]
    if widen[1].ndim != widen[0].ndim:  # an index without entries fits everything
        widen[1] = reshape(widen[1], size=(0,) * widen[0].ndim)
    return (*widen, at)


def _source(x, index, src, at):
    """The stretch of src that index covers; a number stays one."""
    from engine.tensor import Tensor

    if not isinstance(src, Tensor):
        return src
    src = reshape(src, size=(1,)) if src.ndim == 0 else src
    if src.ndim != index.ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    if src.dtype is not x.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    for place, (n, m, k) in enumerate(zip(index.shape, x.shape, src.shape)):
        if n > k or (n > m and place != at):
            raise RuntimeError(
                f"Expected index {list(index.shape)} to be no larger than self {list(x.shape)} apart from dimension "
                f"{at} and to be no larger size than src {list(src.shape)}"
            )
    for place, n in enumerate(index.shape):
        if src.shape[place] != n:
            src = stretch(src, place, 0, n)
    return src


@public("scatter", "Tensor.scatter")
def _scatter(input, dim, index, src=None, *, value=None, reduce=None):
    """y = x, but y_(index_ij, j) = src_ij for dim=0, and likewise;  x̄ = g but for those, src's = g there.

    RuntimeError where one place is written twice by a source that requires grad.

    >>> import engine as torch
    >>> torch.scatter(torch.zeros(3), 0, torch.tensor([2]), 5.)
    tensor([0., 0., 5.])
    """
    src = value if src is None else src
    if reduce == "add":
        return _scatter_add(input, dim, index, src)
    if reduce is not None:
        raise NotImplementedError(f"scatter with reduce={reduce!r} isn't supported; 'add' is, or use scatter_add")
    x, index, at = _aligned("scatter", input, dim, index)
    src = _source(x, index, src, at)
    if hasattr(src, "_node") and src._node.needs:
        hits = _added(tuple(x.shape), index._node.output, np.ones(index.shape), at)
        if (hits > 1).any():
            raise RuntimeError(
                "scatter writes to one place several times, so the gradient of src isn't defined; use an index "
                "without repetitions, or scatter_add"
            )
    return reshape(scatter(x, index, src, dim=at), size=tuple(input.shape))


@public("scatter_add", "Tensor.scatter_add")
def _scatter_add(input, dim, index, src):
    """y = x with y_(index_ij, j) += src_ij for dim=0, and likewise;  x̄ = g, src's = g gathered by the index.

    >>> import engine as torch
    >>> torch.scatter_add(torch.zeros(3), 0, torch.tensor([2, 2]), torch.tensor([1., 4.]))
    tensor([0., 0., 5.])
    """
    x, index, at = _aligned("scatter_add", input, dim, index)
    src = _source(x, index, src, at)
    src = src if hasattr(src, "_node") else expanded(input.new_full((), src), tuple(index.shape))
    return input + reshape(ungather(src, index, dim=at, size=tuple(x.shape)), size=tuple(input.shape))


def _vector(name, index, rank_error):
    """An index of index_select and its like: a vector, or one place as a vector of length 1."""
    if index.ndim > 1:
        raise IndexError(rank_error)
    if index._node.output.dtype.kind not in "iu":
        raise RuntimeError(f"{name}(): Expected dtype int32 or int64 for index")
    return reshape(index, size=(1,)) if index.ndim == 0 else index


def in_range(index, size):
    values = index._node.output
    if values.size and (values.min() < 0 or values.max() >= size):
        raise IndexError("index out of range in self")


@public("index_select", "Tensor.index_select")
def _index_select(input, dim, index):
    """y = x's layers along `dim` at the places in the vector `index`;  x̄ = g added back there.

    >>> import engine as torch
    >>> torch.index_select(torch.tensor([1., 2., 3.]), 0, torch.tensor([2, 0]))
    tensor([3., 1.])
    """
    at = axis(dim, input.ndim)
    index = _vector("index_select", index, "index_select(): Index is supposed to be a vector")
    x = reshape(input, size=(1,)) if input.ndim == 0 else input
    in_range(index, x.shape[at])
    y = pick(x, index, at)
    return reshape(y, size=()) if input.ndim == 0 else y


@public("index_add", "Tensor.index_add")
def _index_add(input, dim, index, source, *, alpha=1):
    """y = x with alpha times the source's layers added at the places in `index`;  x̄ = g, the source's = alpha g there.

    >>> import engine as torch
    >>> torch.index_add(torch.zeros(3), 0, torch.tensor([2, 2]), torch.tensor([1., 4.]))
    tensor([0., 0., 5.])
    """
    x, source, at, index = _addressed("index_add_", input, dim, index, source)
    part = source if alpha == 1 else source * alpha
    y = x + put(part, index, key=Key((*[ALL] * at, "{1}")), size=tuple(x.shape), counts=())
    return reshape(y, size=()) if input.ndim == 0 else y


@public("index_copy", "Tensor.index_copy")
def _index_copy(input, dim, index, source):
    """y = x with its layers at the places in `index` replaced by the source's;  x̄ = g but for those."""
    x, source, at, index = _addressed("index_copy_", input, dim, index, source)
    y = set_index(x, source, index, key=Key((*[ALL] * at, "{2}")), counts=())
    return reshape(y, size=()) if input.ndim == 0 else y


def _addressed(name, x, dim, index, source):
    """(x, source, axis, index) with at least one axis."""
    at = axis(dim, x.ndim)
    index = _vector(name, index, f"{name}(): Index is supposed to be a vector")
    x, source = (reshape(a, size=(1,)) if a.ndim == 0 else a for a in (x, source))
    if index.shape[0] != source.shape[at]:
        raise RuntimeError(
            f"{name}(): Number of indices ({index.shape[0]}) should be equal to source.size(dim): "
            f"({source.shape[at]}), for dim: {at}"
        )
    in_range(index, x.shape[at])
    return x, source, at, index


@public("index_fill", "Tensor.index_fill")
def _index_fill(input, dim, index, value):
    """y = x with its layers at the places in `index` filled with one value;  x̄ = g but for those."""
    at = axis(dim, input.ndim)
    index = _vector("index_fill_", index, "index_fill_(): Index is supposed to be a vector")
    x = reshape(input, size=(1,)) if input.ndim == 0 else input
    in_range(index, x.shape[at])
    places = wrap(np.unique(index._node.output))  # each counts once
    y = set_index(x, value, places, key=Key((*[ALL] * at, "{2}")), counts=())
    return reshape(y, size=()) if input.ndim == 0 else y


@public("take", "Tensor.take")
def _take(input, index):
    """y = x's entries, counted in reading order, at the places in `index`;  x̄ = g added back there.

    >>> import engine as torch
    >>> torch.take(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([0, 3]))
    tensor([1., 4.])
    """
    values = index._node.output
    if values.dtype != np.int64:
        name = {"f": "Float", "b": "Bool"}.get(values.dtype.kind, "Int")
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {name}")
    count = size_of(input)
    if values.size and not (-count <= values.min() and values.max() < count):
        wrong = values[(values < -count) | (values >= count)][0]
        raise IndexError(f"out of range: tried to access index {wrong} on a tensor of {count} elements.")
    return pick(reshape(input, size=(count,)), index, 0)


@public("take_along_dim", "Tensor.take_along_dim")
def _take_along_dim(input, indices, dim=None):
    """y = x's entries along `dim` at the places in `indices`, both broadcast;  x̄ = g added back there.

    >>> import engine as torch
    >>> x = torch.tensor([[3., 1.], [2., 4.]])
    >>> torch.take_along_dim(x, torch.tensor([[1], [0]]), dim=1)
    tensor([[1.],
            [2.]])
    """
    if dim is None:
        return _take(input, reshape(indices, size=(size_of(indices),)))
    if input.ndim != indices.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input.ndim} dimensions for input, and {indices.ndim} dimensions for indices"
        )
    at = axis(dim, input.ndim)
    rest = common_shape(*(tuple(1 if k == at else n for k, n in enumerate(x.shape)) for x in (input, indices)))
    wide = [expanded(x, (*rest[:at], x.shape[at], *rest[at + 1 :])) for x in (input, indices)]
    size = input.shape[at]
    places = wide[1]
    if size_of(places) and places._node.output.min() < 0:
        places = places.remainder(size) if hasattr(places, "remainder") else places % size
    return _gather(wide[0], at, places)


@public("masked_select", "Tensor.masked_select")
def _masked_select(input, mask):
    """y = x's entries where the mask is true, in reading order;  x̄ = g put back there, zero elsewhere.

    >>> import engine as torch
    >>> torch.masked_select(torch.tensor([1., 2.]), torch.tensor([False, True]))
    tensor([2.])
    """
    if mask._node.output.dtype.kind != "b":
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    clash = first_clash(tuple(mask.shape), tuple(input.shape))
    if clash:
        at, first, second = clash
        raise RuntimeError(
            f"The size of tensor a ({first}) must match the size of tensor b ({second}) at non-singleton dimension {at}"
        )
    size = common_shape(input.shape, mask.shape)
    x, mask = expanded(input, size), expanded(mask, size)
    if not size:
        x, mask = reshape(x, size=(1,)), reshape(mask, size=(1,))
    return index(x, mask, key=Key(("{1}",)), counts=(int(np.count_nonzero(mask._node.output)),))

"""NumPy's functions that mean something else than PyTorch's of that name, written in PyTorch's.

Imported by engine.numpy_table, which has the others.
"""

import numpy as np

from engine.creation import tensor
from engine.numpy_protocol import operand
from engine.op import PUBLIC, REGISTRY
from engine.tensor import Tensor

ADAPTED = []  # (NumPy's dotted name, function with NumPy's arguments)


def adapted(*names):
    """Enter a function under NumPy's names for it."""

    def enter(function):
        ADAPTED.extend((name, function) for name in names)
        return function

    return enter


def _t(value):
    """An operand as a tensor."""

    value = operand(value)
    return value if isinstance(value, Tensor) else tensor(value)


def _given(value):
    return value is not None and value is not np._NoValue


def _refuse(name, **arguments):
    for argument, value in arguments.items():
        if _given(value):
            raise TypeError(f"np.{name}() on a tensor takes no {argument!r}; do that in a step of its own")


def _spread(name):
    def spread(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=None, mean=None, correction=None):
        _refuse(name, dtype=dtype, out=out, where=where, mean=mean)
        ddof = correction if _given(correction) else ddof
        return PUBLIC[name](_t(a), axis, correction=ddof, keepdim=bool(_given(keepdims) and keepdims))

    adapted(name)(spread)


_spread("var")
_spread("std")


def _running(name):
    def running(a, axis=None, dtype=None, out=None):
        _refuse(name, out=out)
        x = _t(a)
        x = x if _given(axis) else x.reshape(-1)
        return PUBLIC[name](x, axis if _given(axis) else 0, dtype=dtype)

    adapted(name)(running)


_running("cumsum")
_running("cumprod")


@adapted("median")
def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """The middle value, or the mean of the two in the middle, where PyTorch takes the lower one."""
    _refuse("median", out=out)
    x = _t(a)
    kept = _given(keepdims) and keepdims
    shape = (1,) * x.ndim if kept and not _given(axis) else None
    x, axis = (x, axis) if _given(axis) else (x.reshape(-1), 0)
    ordered = PUBLIC["sort"](x, dim=axis)[0]
    size = x.shape[axis]
    middle = ordered.narrow(axis, (size - 1) // 2, 2 - size % 2).mean(axis, keepdim=bool(kept))
    return middle.reshape(shape) if shape else middle


@adapted("average")
def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    """Σ w x / Σ w."""
    _refuse("average", returned=returned or None)
    x, kept = _t(a), bool(_given(keepdims) and keepdims)
    if weights is None:
        return PUBLIC["mean"](x, axis, keepdim=kept)
    w = _t(weights)
    if w.ndim == 1 and x.ndim > 1:
        w = w.reshape([-1 if at == axis % x.ndim else 1 for at in range(x.ndim)])
    w = PUBLIC["broadcast_to"](w, tuple(x.shape))
    return (x * w).sum(axis, keepdim=kept) / w.sum(axis, keepdim=kept)


@adapted("ptp")
def ptp(a, axis=None, out=None, keepdims=False):
    """The greatest entry less the smallest."""
    _refuse("ptp", out=out)
    kept = bool(_given(keepdims) and keepdims)
    dim = axis if _given(axis) else ()
    return PUBLIC["amax"](_t(a), dim, keepdim=kept) - PUBLIC["amin"](_t(a), dim, keepdim=kept)


@adapted("sort")
def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    """The entries along an axis in ascending order; of all in one row if axis is None."""
    _refuse("sort", order=order)
    x = _t(a)
    return PUBLIC["sort"](x.reshape(-1) if axis is None else x, dim=-1 if axis is None else axis)[0]


# shapes


@adapted("reshape")
def reshape(a, /, shape=None, order="C", *, newshape=None, copy=None):
    """The entries in reading order in another shape."""
    if order not in ("C", "A"):
        raise TypeError(f"np.reshape() on a tensor takes no order={order!r}; transpose first, then reshape")
    return PUBLIC["reshape"](_t(a), newshape if shape is None else shape)


@adapted("ravel")
def ravel(a, order="C"):
    """All entries in reading order."""
    return reshape(a, -1, order)


@adapted("transpose", "permute_dims")
def transpose(a, axes=None):
    """The axes in another order, reversed by default."""
    x = _t(a)
    return PUBLIC["permute"](x, tuple(reversed(range(x.ndim))) if axes is None else axes)


@adapted("matrix_transpose", "linalg.matrix_transpose")
def matrix_transpose(x, /):
    """The last two axes swapped."""
    return _t(x).mT


@adapted("expand_dims")
def expand_dims(a, axis):
    """New axes of size 1 where they stand in the result."""
    x = _t(a)
    places = axis if isinstance(axis, (tuple, list)) else (axis,)
    rank = x.ndim + len(places)
    for at in sorted(place % rank for place in places):
        x = PUBLIC["unsqueeze"](x, at)
    return x


@adapted("squeeze")
def squeeze(a, axis=None):
    """Without the axes of size 1; ValueError if one of `axis` has another size."""
    x = _t(a)
    if axis is not None:
        for at in axis if isinstance(axis, tuple) else (axis,):
            if x.shape[at] != 1:
                raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    return PUBLIC["squeeze"](x, axis)


@adapted("broadcast_arrays")
def broadcast_arrays(*args, subok=False):
    """Tensors of one shape."""
    return PUBLIC["broadcast_tensors"](*map(_t, args))


@adapted("tile")
def tile(A, reps):
    """Copies side by side."""
    return PUBLIC["tile"](_t(A), reps if isinstance(reps, (tuple, list)) else (reps,))


@adapted("repeat")
def repeat(a, repeats, axis=None):
    """Each entry repeated in place."""
    repeats = repeats if isinstance(repeats, (int, np.integer)) else _t(repeats)
    return PUBLIC["repeat_interleave"](_t(a), repeats, axis)


@adapted("flip")
def flip(m, axis=None):
    """Axes reversed, all by default."""
    x = _t(m)
    return PUBLIC["flip"](x, tuple(range(x.ndim)) if axis is None else axis)


@adapted("concatenate", "concat")
def concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Arrays end to end; flattened first if axis is None."""
    _refuse("concatenate", out=out, dtype=dtype)
    tensors = [_t(x) for x in arrays]
    if axis is None:
        return PUBLIC["cat"]([x.reshape(-1) for x in tensors])
    return PUBLIC["cat"](tensors, axis)


@adapted("append")
def append(arr, values, axis=None):
    """Values after an array."""
    return concatenate([_t(arr), _t(values)], axis)


@adapted("split")
def split(ary, indices_or_sections, axis=0):
    """Equal pieces, or pieces cut at the given places, as a list."""
    x = _t(ary)
    if isinstance(indices_or_sections, (int, np.integer)) and x.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    return array_split(x, indices_or_sections, axis)


@adapted("array_split")
def array_split(ary, indices_or_sections, axis=0):
    """Pieces as equal as can be, or pieces cut at the given places, as a list."""
    return list(PUBLIC["tensor_split"](_t(ary), indices_or_sections, axis))


@adapted("unstack")
def unstack(x, /, *, axis=0):
    """The layers along an axis."""
    return PUBLIC["unbind"](_t(x), axis)


@adapted("pad")
def pad(array, pad_width, mode="constant", **settings):
    """A border, constant or copied."""
    border = REGISTRY["pad"]
    from engine.ops.padding import MODES

    ours = {theirs: name for name, theirs in MODES.items()}
    value = settings.pop("constant_values", 0)
    if mode not in ours or settings or np.ndim(value):
        raise TypeError(
            f"np.pad() on a tensor takes the modes {', '.join(ours)} and one number as constant_values; use "
            "torch.cat for anything else"
        )
    x = _t(array)
    pairs = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2)).tolist()
    return border(x, pads=tuple(map(tuple, pairs)), mode=ours[mode], value=float(value))


def _at_least(name):
    adapted(name)(lambda *arys: PUBLIC[name](*map(_t, arys)))


for _name in ("atleast_1d", "atleast_2d", "atleast_3d"):
    _at_least(_name)


@adapted("meshgrid")
def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """Vectors spread to grids."""
    _refuse("meshgrid", sparse=sparse or None)
    return PUBLIC["meshgrid"](*map(_t, xi), indexing=indexing)


@adapted("take")
def take(a, indices, axis=None, out=None, mode="raise"):
    """Entries at places along an axis, or in reading order."""
    _refuse("take", out=out, mode=None if mode == "raise" else mode)
    x = _t(a)
    places = indices if isinstance(indices, (int, np.integer)) else _t(indices)
    return x.reshape(-1)[places] if axis is None else x[(*[slice(None)] * (axis % x.ndim), places)]


@adapted("take_along_axis")
def take_along_axis(arr, indices, axis=-1):
    """Entries at places along an axis, an index an entry."""
    return PUBLIC["take_along_dim"](_t(arr), _t(indices), axis)


@adapted("shape")
def shape(a):
    """The shape."""
    return tuple(_t(a).shape)


@adapted("ndim")
def ndim(a):
    """The number of axes."""
    return _t(a).ndim


@adapted("size")
def size(a, axis=None):
    """The number of entries, in all or along an axis."""
    return _t(a).numel() if axis is None else _t(a).shape[axis]


@adapted("diff")
def diff(a, n=1, axis=-1, prepend=None, append=None):
    """Differences of neighbours, n times."""
    _refuse("diff", prepend=prepend, append=append)
    x = _t(a)
    for _ in range(n):
        length = x.shape[axis]
        x = x.narrow(axis, 1, length - 1) - x.narrow(axis, 0, length - 1)
    return x


@adapted("where")
def where(condition, x=None, y=None, /):
    """Entries of x where the condition holds, else of y."""
    if x is None:
        raise TypeError("np.where() with the condition alone isn't recorded; use np.nonzero(tensor.detach().numpy())")
    condition = _t(condition)
    condition = condition if str(condition.dtype) == "torch.bool" else condition != 0
    return PUBLIC["where"](condition, operand(x), operand(y))


@adapted("clip")
def clip(a, a_min=None, a_max=None, out=None, *, min=None, max=None, **more):
    """Entries kept between bounds."""
    _refuse("clip", out=out, **more)
    low, high = (second if _given(second) else first for first, second in ((a_min, min), (a_max, max)))
    bounds = [operand(bound) if _given(bound) else None for bound in (low, high)]
    return PUBLIC["clamp"](_t(a), *bounds)


# products


@adapted("dot")
def dot(a, b, out=None):
    """Products of vectors, of matrices, or of the last axis with the second to last."""
    _refuse("dot", out=out)
    a, b = _t(a), _t(b)
    if not a.ndim or not b.ndim:
        return a * b
    if b.ndim < 2 or (a.ndim == 1 or a.ndim == 2) and b.ndim == 2:
        return PUBLIC["matmul"](a, b)
    return PUBLIC["tensordot"](a, b, dims=([a.ndim - 1], [b.ndim - 2]))


@adapted("outer")
def outer(a, b, out=None):
    """Every entry of a times every entry of b."""
    _refuse("outer", out=out)
    return PUBLIC["outer"](_t(a).reshape(-1), _t(b).reshape(-1))


@adapted("einsum")
def einsum(*operands, out=None, optimize=False, **more):
    """A sum of products, spelled by letters."""
    _refuse("einsum", out=out, **more)
    spec, *arrays = operands
    if not isinstance(spec, str):
        raise TypeError("np.einsum() on tensors takes its letters as text first: np.einsum('ij,j->i', A, x)")
    return PUBLIC["einsum"](spec, *map(_t, arrays))


@adapted("cross")
def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """The vector product along an axis."""
    if axis is None:
        if not axisa == axisb == axisc:
            raise TypeError("np.cross() on tensors takes one axis for all; move the axes with np.moveaxis first")
        axis = axisa
    return PUBLIC["linalg.cross"](_t(a), _t(b), dim=axis)


@adapted("trace")
def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """The sum of a diagonal."""
    _refuse("trace", dtype=dtype, out=out)
    return PUBLIC["diagonal"](_t(a), offset, axis1, axis2).sum(-1)


@adapted("linalg.trace")
def linalg_trace(x, /, *, offset=0, dtype=None):
    """The sum of a diagonal of the last two axes."""
    return trace(x, offset, -2, -1, dtype)


@adapted("linalg.diagonal")
def linalg_diagonal(x, /, *, offset=0):
    """A diagonal of the last two axes."""
    return PUBLIC["diagonal"](_t(x), offset, -2, -1)


@adapted("linalg.svd")
def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    """Singular vectors and values, or the values alone."""
    if not compute_uv:
        return PUBLIC["linalg.svdvals"](_t(a))
    return PUBLIC["linalg.svd"](_t(a), full_matrices=full_matrices)

"""Norms of vectors and matrices, and what is made of them: cond, cdist."""

import math

import numpy as np

from engine.op import call, op, public
from engine.ops.extremes import amax, amin, share
from engine.ops.inverse import inv
from engine.ops.linalg_checks import LinAlgError, require_square
from engine.ops.reduction import reduced_shape, restored, sum_
from engine.ops.rounding import absolute, sign
from engine.ops.shape import axes, axis, permute, unsqueeze
from engine.ops.singular import svd
from engine.ops.typing import converted, dtype_name, dtype_of
from engine.tensor import wrap


def _norm_numbers(x, ord, dim, keepdim):
    kept = {"axis": dim, "keepdims": keepdim}
    if not dim:
        return (x != 0).astype(x.dtype) if ord == 0 else np.abs(x)
    if ord == 2:
        return np.sqrt(np.add.reduce(x * x, **kept))
    if ord == 0:
        return np.add.reduce(x != 0, **kept).astype(x.dtype)
    size = np.abs(x)
    if ord == 1:
        return np.add.reduce(size, **kept)
    if math.isinf(ord):
        return (np.maximum if ord > 0 else np.minimum).reduce(size, **kept)
    with np.errstate(divide="ignore"):
        return np.add.reduce(size**ord, **kept) ** (1 / ord)


def _norm_pullback(g, y, x, ord, dim, keepdim):
    """g sign(x) (|x| / y)^(p - 1), which is g x / y for p = 2; for p = ±inf the entries that attain it share g."""
    g = restored(g, x, dim, keepdim)
    y = restored(y, x, dim, keepdim)
    if ord == 0:
        return x * 0
    if ord == 2:
        return g * x / y
    if ord == 1:
        return g * sign(x)
    if math.isinf(ord):
        return g * sign(x) * share(absolute(x), y, dim=dim)
    return g * sign(x) * (absolute(x) / y) ** (ord - 1)


def _norm_pullback_numbers(g, y, x, ord, dim, keepdim):
    """As _norm_pullback; zero where an entry or the norm is zero, which is PyTorch's convention."""
    with np.errstate(divide="ignore", invalid="ignore"):
        made = _norm_pullback(g, y, x, ord, dim, keepdim)
    if ord == 0:
        return np.zeros_like(x)
    if ord == 1 or math.isinf(ord):
        return made
    zero = restored(y, x, dim, keepdim) == 0
    return np.where(zero if ord == 2 else zero | (x == 0), 0, made).astype(x.dtype)


vector_norm = op(
    "vector_norm",
    numpy=_norm_numbers,
    vjp=[_norm_pullback],
    numeric=[_norm_pullback_numbers],
    shape=lambda shape, ord, dim, keepdim: reduced_shape(shape, dim, keepdim),
    types=None,
    text="‖{0}‖",
    latex=r"\left\lVert {0} \right\rVert",
    torch="LinalgVectorNormBackward0",
    rule="norm",
    says="The norm's slope in an entry is the entry over the norm, for p = 2; for other p, that to the power p - 1.",
    law="y = (Σ |x|^p)^(1/p);  x̄ = g x / y for p = 2, else g sign(x) (|x| / y)^(p - 1)",
    source="The Matrix Cookbook, equation 129",
    edges=[
        call([0.0, 0.0], ord=float(p), dim=(0,), keepdim=False)
        for p in (0, 0.5, 1, 1.5, 2, 2.5, 3, math.inf, -math.inf, -1)
    ]
    + [
        call([0.0, -3.0, 3.0], ord=float(p), dim=(0,), keepdim=False)
        for p in (0, 0.5, 1, 1.5, 2, 2.5, 3, math.inf, -math.inf, -1)
    ],
    samples=[call((2, 3), ord=2.0, dim=(0, 1), keepdim=False), call((2, 3), ord=2.0, dim=(1,), keepdim=True),
             call((2, 3), ord=1.0, dim=(0,), keepdim=False), call((2, 3), ord=3.0, dim=(1,), keepdim=False),
             call((2, 3), ord=0.5, dim=(0, 1), keepdim=False), call((2, 3), ord=-2.0, dim=(1,), keepdim=True),
             call((2, 3), ord=math.inf, dim=(0, 1), keepdim=False), call((2, 3), ord=0.0, dim=(1,), keepdim=False),
             call((2, 3, 4), ord=-math.inf, dim=(0, 2), keepdim=False), call((0,), ord=2.0, dim=(0,), keepdim=False),
             call((), ord=2.0, dim=(), keepdim=False)],
)  # fmt: skip


@public("linalg.vector_norm")
def _vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """y = (Σ |x|^p)^(1/p) over `dim` (all axes by default);  x̄ = g sign(x) (|x| / y)^(p - 1), g x / y for p = 2.

    p = ord: inf is the largest, -inf the smallest absolute value, 0 counts entries that aren't zero. The gradient is
    zero where the norm is; at p = ±inf ties share it. Errors: RuntimeError for integers, and for inf over no entries.

    >>> import engine as torch
    >>> torch.linalg.vector_norm(torch.tensor([3., 4.]))
    tensor(5.)
    """
    x = _floating("linalg.vector_norm", x, dtype)
    ord = float(ord)
    over = axes(dim, x.ndim)
    if ord < 0 or ord == math.inf:
        empty = [at for at in over if x.shape[at] == 0]
        if empty:
            place = "an empty tensor " if dim is None else f"the dimension {empty[0]}"
            raise RuntimeError(
                f"linalg.vector_norm cannot compute the {ord:g} norm on {place}"
                + ("because the operation does not have an identity" if dim is None
                   else "because this dimension is empty and the operation does not have an identity")
            )  # fmt: skip
    return vector_norm(x, ord=ord, dim=over, keepdim=bool(keepdim))


def _floating(name, x, dtype=None):
    if dtype is not None:
        x = converted(x, dtype)
    if dtype_of(x).kind != "f":
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {dtype_name(x)}")
    return x


@public("linalg.matrix_norm")
def _matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """y = ‖A‖ of the matrices over two axes: "fro", "nuc", 2, -2, 1, -1, inf or -inf.

    "fro": Ā = g A / y; "nuc" sums the singular values, Ā = g U Vᵀ; 2 and -2 are the largest and the smallest one; 1
    and -1 the largest and the smallest column sum of |A|; inf and -inf of rows. Ties share the gradient.

    >>> import engine as torch
    >>> torch.linalg.matrix_norm(torch.tensor([[3., 0.], [0., 4.]]), "nuc")
    tensor(7.)
    """
    name = "linalg.matrix_norm"
    if A.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor A must have at least 2 dimensions.")
    given = (dim,) if isinstance(dim, int) else tuple(dim)
    if len(given) != 2:
        raise RuntimeError(f"{name}: dim must be a 2-tuple. Got {' '.join(map(str, given))}")
    rows, columns = (axis(at, A.ndim) for at in given)
    if rows == columns:
        raise RuntimeError(f"{name}: dims must be different. Got ({given[0]}, {given[1]})")
    x = _floating(name, A, dtype)
    if ord == "fro":
        return vector_norm(x, ord=2.0, dim=tuple(sorted((rows, columns))), keepdim=bool(keepdim))
    if ord not in ("nuc", 2, -2, 1, -1, math.inf, -math.inf):
        raise RuntimeError(f"{name}: Order {ord} not supported.")
    rest = [at for at in range(x.ndim) if at not in (rows, columns)]
    matrices = permute(x, dims=(*rest, rows, columns))
    y = _norm_of_last(matrices, ord)
    return unsqueeze(y, dim=tuple(sorted((rows, columns)))) if keepdim else y


def _norm_of_last(x, ord):
    last = x.ndim - 1
    if ord in ("nuc", 2, -2):
        values = svd(x)[1]
        if ord == "nuc":
            return sum_(values, dim=(last - 1,), keepdim=False)
        return (amax if ord > 0 else amin)(values, dim=(last - 1,), keepdim=False)
    sums = vector_norm(x, ord=1.0, dim=(last - 1 if abs(ord) == 1 else last,), keepdim=False)
    return (amax if ord > 0 else amin)(sums, dim=(last - 1,), keepdim=False)


@public("linalg.norm")
def _linalg_norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """y = ‖A‖: of all entries by default, of matrices if A or `dim` has two axes and `ord` is given, else of vectors.

    >>> import engine as torch
    >>> torch.linalg.norm(torch.tensor([[3., 0.], [0., 4.]]))
    tensor(5.)
    """
    if dim is not None:
        over = (dim,) if isinstance(dim, int) else tuple(dim)
        if len(over) not in (1, 2):
            raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(over)}")
    elif ord is not None and A.ndim not in (1, 2):
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.ndim}D."
        )
    if ord is None:
        return _vector_norm(A, 2, dim, keepdim, dtype=dtype)
    matrices = len(over) == 2 if dim is not None else A.ndim == 2
    if matrices or isinstance(ord, str):
        return _matrix_norm(A, ord, (0, 1) if dim is None and A.ndim == 2 else dim or (0,), keepdim, dtype=dtype)
    return _vector_norm(A, ord, dim, keepdim, dtype=dtype)


@public("norm", "Tensor.norm")
def _norm(input, p="fro", dim=None, keepdim=False, dtype=None):
    """y = ‖x‖ of all entries over `dim`, p = "fro" being 2; "nuc" is the nuclear norm of matrices.

    >>> import engine as torch
    >>> torch.norm(torch.tensor([3., 4.]))
    tensor(5.)
    """
    if p == "nuc":
        return _matrix_norm(input, "nuc", tuple(range(input.ndim)) if dim is None else dim, keepdim, dtype=dtype)
    if isinstance(p, str) and p != "fro":
        raise RuntimeError(f"only valid string values are 'fro' and 'nuc', found {p}")
    return _vector_norm(input, 2 if p in ("fro", None) else p, dim, keepdim, dtype=dtype)


@public("linalg.cond")
def _cond(A, p=None):
    """The condition number ‖A‖ ‖A⁻¹‖; for p = None or 2 the largest over the smallest singular value.

    >>> import engine as torch
    >>> torch.linalg.cond(torch.tensor([[2., 0.], [0., 4.]]))
    tensor(2.)
    """
    if A.ndim < 2:
        raise RuntimeError("linalg.cond: The input tensor must have at least 2 dimensions.")
    if 0 in A.shape:
        return wrap(np.zeros(A.shape[:-2], dtype_of(A)))
    if p in (None, 2, -2):
        values = svd(_floating("linalg.svd", A))[1]
        last = (values.ndim - 1,)
        ends = amax(values, dim=last, keepdim=False), amin(values, dim=last, keepdim=False)
        return ends[1] / ends[0] if p == -2 else ends[0] / ends[1]
    require_square("linalg.cond", A)
    try:
        inverse = inv(A)
    except LinAlgError:
        return wrap(np.full(A.shape[:-2], np.inf, dtype_of(A)))
    return _matrix_norm(A, p) * _matrix_norm(inverse, p)


@public("cdist")
def _cdist(x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    """y_ij = ‖x1_i - x2_j‖ of all pairs of rows, over broadcast batches; the gradient is zero where rows are equal.

    >>> import engine as torch
    >>> torch.cdist(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.], [0., 1.]]))
    tensor([[5., 1.]])
    """
    for name, x in (("X1", x1), ("X2", x2)):
        if x.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {x.ndim}D")
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}"
        )
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    gaps = unsqueeze(x1, dim=(x1.ndim - 1,)) - unsqueeze(x2, dim=(x2.ndim - 2,))
    return vector_norm(gaps, ord=float(p), dim=(gaps.ndim - 1,), keepdim=False)

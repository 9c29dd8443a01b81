"""Functions of statistics, made of other operations: differences, covariances, quantiles, the trapezoid rule."""

import numpy as np

from engine import dtypes
from engine.op import PUBLIC, public
from engine.ops.shape import axis


def _tensor(name, value):
    from engine.tensor import Tensor

    if not isinstance(value, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(value).__name__}")
    return value


def _made(array):
    from engine.tensor import wrap

    return wrap(array)


@public("diff", "Tensor.diff")
def _diff(input, n=1, dim=-1, prepend=None, append=None):
    """y_j = x_(j+1) - x_j along `dim`, `n` times over;  x̄_j = g_(j-1) - g_j.

    RuntimeError for a tensor without axes or a negative n.

    >>> import engine as torch
    >>> torch.diff(torch.tensor([1., 4., 9.]))
    tensor([3., 5.])
    """
    from engine.ops.joining import _cat

    x = _tensor("diff", input)
    if x.ndim == 0:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    at = axis(int(dim), x.ndim)
    if n == 0:
        return x.clone()
    if prepend is not None or append is not None:
        x = _cat([part for part in (prepend, x, append) if part is not None], at)
    for _ in range(min(n, x.shape[at])):
        size = x.shape[at]
        later, earlier = x.narrow(at, 1, size - 1), x.narrow(at, 0, size - 1)
        x = later.logical_xor(earlier) if x.dtype.name == "bool" else later - earlier
    return x


@public("trapezoid", "trapz")
def _trapezoid(y, x=None, *, dx=None, dim=-1):
    """The integral of samples y by the trapezoid rule: Σ (x_(j+1) - x_j) (y_j + y_(j+1)) / 2 along `dim`.

    >>> import engine as torch
    >>> torch.trapezoid(torch.tensor([1., 5., 10.]))
    tensor(10.5000)
    """
    return _areas(y, x, dx, dim).sum(dim)


@public("cumulative_trapezoid")
def _cumulative_trapezoid(y, x=None, *, dx=None, dim=-1):
    """The running integral of samples y by the trapezoid rule.

    >>> import engine as torch
    >>> torch.cumulative_trapezoid(torch.tensor([1., 5., 10.]))
    tensor([ 3.0000, 10.5000])
    """
    return _areas(y, x, dx, dim).cumsum(dim)


def _areas(y, x, dx, dim):
    if x is not None and dx is not None:
        raise RuntimeError("trapezoid: give the places x of the samples, or their distance dx, not both")
    at = axis(int(dim), y.ndim)
    pairs = y.narrow(at, 1, y.shape[at] - 1) + y.narrow(at, 0, y.shape[at] - 1)
    if x is None:
        return pairs * ((1.0 if dx is None else dx) / 2)
    if x.ndim == 1 and y.ndim > 1:
        x = x.reshape([-1 if place == at else 1 for place in range(y.ndim)])
    return pairs * _diff(x, dim=at - y.ndim) / 2


@public("cov", "Tensor.cov")
def _cov(input, *, correction=1, fweights=None, aweights=None):
    """C = (X - x̄)(X - x̄)ᵀ / (n - correction), a variable a row, an observation a column, weighted if asked for.

    RuntimeError for more than two axes, and for weights that don't fit.

    >>> import engine as torch
    >>> torch.cov(torch.tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    x = _tensor("cov", input)
    if x.ndim > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got an input with {x.ndim} dimensions"
        )
    if x.dtype.name == "bool":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = x if x.is_floating_point() else x.to(dtypes.get_default_dtype())
    X = x.reshape(1, -1) if x.ndim < 2 else x
    n = X.shape[1]
    for name, w in (("fweights", fweights), ("aweights", aweights)):
        if w is not None and (w.ndim > 1 or w.numel() != n):
            raise RuntimeError(
                f"cov(): expected {name} to have at most one dimension and a weight for each of the {n} observations"
            )
    weights = [w for w in (fweights, aweights) if w is not None]
    if not weights:
        centred = X - X.mean(1, keepdim=True)
        C = centred @ centred.T / max(n - correction, 0)
        return C.squeeze()
    w = weights[0] if len(weights) == 1 else weights[0] * weights[1]
    total = w.sum()
    lost = correction if aweights is None else correction * (w * aweights).sum() / total
    centred = X - (X * w).sum(1, keepdim=True) / total
    return (centred @ (centred * w).T / (total - lost)).squeeze()


@public("corrcoef", "Tensor.corrcoef")
def _corrcoef(input):
    """R_ij = C_ij / √(C_ii C_jj), C the covariances of the rows.

    >>> import engine as torch
    >>> torch.corrcoef(torch.tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    C = _cov(input)
    if C.ndim == 0:
        return C / C
    deviation = C.diagonal().sqrt()
    return (C / deviation[:, None] / deviation[None, :]).clamp(-1, 1)


INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


@public("quantile", "Tensor.quantile")
def _quantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """y = the entry at rank q (n - 1) of the sorted entries, between two by interpolation;  x̄ = g shared by these two;
    q̄ = g times what lies between them, times n - 1.

    RuntimeError for an integer input, an empty one, q outside [0, 1].

    >>> import engine as torch
    >>> torch.quantile(torch.tensor([0., 1., 2., 3.]), 0.4)
    tensor(1.2000)
    """
    return _at_ranks("quantile", input, q, dim, keepdim, interpolation, False)


@public("nanquantile", "Tensor.nanquantile")
def _nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """As quantile, of the entries that are numbers.

    >>> import engine as torch
    >>> torch.nanquantile(torch.tensor([0., float("nan"), 2.]), 0.5)
    tensor(1.)
    """
    return _at_ranks("nanquantile", input, q, dim, keepdim, interpolation, True)


def _at_ranks(name, input, q, dim, keepdim, interpolation, numbers_only):
    x = _tensor(name, input)
    if x.dtype.name not in ("float32", "float64"):
        raise RuntimeError(f"{name}() input tensor must be either float or double dtype")
    if interpolation not in INTERPOLATIONS:
        raise RuntimeError(
            f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got {interpolation}"
        )
    if x.numel() == 0:
        raise RuntimeError(f"{name}() input tensor must be non-empty")
    levels = _levels(name, q, x)
    rank = x.ndim
    at = 0 if dim is None else axis(int(dim), rank)
    kept = [1] * rank if dim is None or rank == 0 else [*x.shape[:at], 1, *x.shape[at + 1 :]]
    x = x.reshape(-1) if dim is None or rank == 0 else x.movedim(at, -1)
    ordered = x.sort(-1)[0]
    values = ordered.numpy(force=True)
    counts = np.sum(~np.isnan(values), axis=-1, keepdims=True)
    last = np.maximum(counts - 1, 0) if numbers_only else np.full_like(counts, values.shape[-1] - 1)
    ranks = (levels.reshape((1,) * (values.ndim - 1) + (-1,)) * last).astype(values.dtype)
    if not numbers_only:
        ranks = np.where(counts < values.shape[-1], values.dtype.type(values.shape[-1] - 1), ranks)  # a nan decides
    below, above = np.floor(ranks), np.ceil(ranks)
    if interpolation in ("lower", "higher", "nearest"):
        chosen = {"lower": below, "higher": above, "nearest": np.rint(ranks)}[interpolation]
        y = ordered.gather(-1, _made(chosen.astype(np.int64)))
    else:
        weight = _made(ranks - below if interpolation == "linear" else np.full_like(ranks, 0.5))
        if interpolation == "linear" and getattr(q, "requires_grad", False):
            moved = q.reshape((1,) * (values.ndim - 1) + (-1,)) * _made(last.astype(values.dtype))
            weight = weight + moved - moved.detach()  # the same number, which depends on q
        low, high = (ordered.gather(-1, _made(place.astype(np.int64))) for place in (below, above))
        y = low.lerp(high, weight)
    y = y.movedim(-1, 0)
    shape = kept if keepdim else list(y.shape[1:])
    return y.reshape([*([] if np.ndim(q) == 0 else [levels.size]), *shape])


def _levels(name, q, x):
    from engine.tensor import Tensor

    if isinstance(q, Tensor):
        if q.ndim > 1:
            raise RuntimeError(f"{name}() q must be a scalar or 1D tensor")
        if q.dtype is not x.dtype:
            raise RuntimeError(f"{name}() q tensor must be same dtype as the input tensor")
        levels = q.numpy(force=True)
    elif isinstance(q, (int, float)):
        levels = np.asarray(q, x.dtype.numpy)
    else:
        raise TypeError(f"{name}(): argument 'q' (position 2) must be Tensor or float, not {type(q).__name__}")
    if np.any((levels < 0) | (levels > 1)):
        raise RuntimeError(f"{name}() q must be in the range [0, 1] but got {q}")
    return levels


@public("dist", "Tensor.dist")
def _dist(input, other, p=2):
    """y = ‖a - b‖_p, the entries taken as one vector.

    >>> import engine as torch
    >>> torch.dist(torch.tensor([3., 0.]), torch.tensor([0., 4.]))
    tensor(5.)
    """
    return PUBLIC["linalg.vector_norm"](input - other, p)

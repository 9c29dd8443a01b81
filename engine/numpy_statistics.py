"""NumPy's statistics and searches on tensors, with NumPy's argument names. Imported by engine.numpy_table."""

import numpy as np

from engine.numpy_functions import _given, _refuse, _t, adapted
from engine.op import PUBLIC
from engine.tensor import Tensor


@adapted("cov")
def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    """Covariances, a variable a row unless rowvar is false."""
    _refuse("cov", y=y, dtype=dtype)
    x = _t(m)
    x = x if rowvar or x.ndim < 2 else x.T
    weights = {name: _t(w) for name, w in (("fweights", fweights), ("aweights", aweights)) if w is not None}
    return PUBLIC["cov"](x, correction=(0 if bias else 1) if ddof is None else ddof, **weights)


@adapted("corrcoef")
def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    """Correlations, a variable a row unless rowvar is false."""
    _refuse("corrcoef", y=y, dtype=dtype)
    x = _t(x)
    return PUBLIC["corrcoef"](x if rowvar or x.ndim < 2 else x.T)


@adapted("quantile")
def quantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    """The entry at rank q (n - 1), between two by interpolation."""
    _refuse("quantile", out=out, weights=weights)
    x = _t(a)
    q = np.asarray(q._node.output if isinstance(q, Tensor) else q, dtype=x.dtype.numpy)
    level = _t(q) if q.ndim else q.item()
    return PUBLIC["quantile"](x, level, axis, bool(_given(keepdims) and keepdims), interpolation=method)


@adapted("percentile")
def percentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    """As quantile, in percent."""
    return quantile(a, np.asarray(q) / 100, axis, out, overwrite_input, method, keepdims, weights=weights)


@adapted("trapezoid", "trapz")
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The integral of samples by the trapezoid rule."""
    if x is None:
        return PUBLIC["trapezoid"](_t(y), dx=dx, dim=axis)
    return PUBLIC["trapezoid"](_t(y), _t(x), dim=axis)


@adapted("vdot")
def vdot(a, b, /):
    """Σ a b over all entries."""
    return PUBLIC["dot"](_t(a).reshape(-1), _t(b).reshape(-1))


@adapted("nonzero")
def nonzero(a):
    """The places of the entries that aren't 0, along each axis."""
    return PUBLIC["nonzero"](_t(a), as_tuple=True)


@adapted("argwhere")
def argwhere(a):
    """The places of the entries that aren't 0, a row each."""
    return PUBLIC["nonzero"](_t(a))


@adapted("searchsorted")
def searchsorted(a, v, side="left", sorter=None):
    """The place where each value belongs in a sorted sequence."""
    _refuse("searchsorted", sorter=sorter)
    return PUBLIC["searchsorted"](_t(a), _t(v), side=side)


@adapted("real", "conj", "conjugate")
def real(val):
    """The tensor itself."""
    return _t(val)


@adapted("cumulative_sum")
def cumulative_sum(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
    """Running sums."""
    _refuse("cumulative_sum", dtype=dtype, out=out, include_initial=include_initial or None)
    x = _t(x)
    return PUBLIC["cumsum"](x if axis is not None else x.reshape(-1), 0 if axis is None else axis)

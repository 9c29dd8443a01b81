"""NumPy's functions on tensors: NumPy's values, and a gradient that finite differences confirm."""

import numpy as np
import pytest

import engine
from engine import numpy_protocol, numpy_table

RNG = np.random.default_rng(4)
A = RNG.uniform(0.3, 0.9, (3, 4))
B = RNG.uniform(0.3, 0.9, (3, 4))
S = RNG.standard_normal((3, 3)) + 3 * np.eye(3)
P = S @ S.T
V = RNG.uniform(0.3, 0.9, 4)


def several(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


def weighted(outputs):
    """Σ of fixed weights times the floating outputs."""
    total = 0
    for y in outputs:
        if np.dtype(getattr(y.dtype, "numpy", y.dtype)).kind == "f":
            weights = np.cos(np.arange(int(np.prod(y.shape)))).reshape(tuple(y.shape))
            total = total + (y * weights).sum()
    return total


def check(call, *arrays, gradient=True):
    """`call` on tensors gives what it gives on arrays, and its gradient the slope along a random direction."""
    want = several(call(*arrays))
    leaves = [engine.from_numpy(np.array(x)).requires_grad_(x.dtype.kind == "f") for x in arrays]
    have = several(call(*leaves))
    assert len(have) == len(want)
    for mine, reference in zip(have, want):
        if not isinstance(mine, engine.Tensor):
            assert mine == reference
            continue
        assert tuple(mine.shape) == np.shape(reference)
        np.testing.assert_allclose(mine.detach().numpy(), reference, rtol=1e-12, atol=1e-13)
    recorded = [y for y in have if isinstance(y, engine.Tensor) and y.requires_grad]
    assert bool(recorded) == gradient
    if not gradient:
        return
    grads = engine.autograd.grad(weighted(have), [x for x in leaves if x.requires_grad], allow_unused=True)
    floating = [at for at, x in enumerate(arrays) if x.dtype.kind == "f"]
    for at, grad in zip(floating, grads):
        d = RNG.standard_normal(arrays[at].shape)

        def along(t, at=at, d=d):
            return float(weighted(several(call(*[x + t * d if k == at else x for k, x in enumerate(arrays)]))))

        h = 1e-4
        slope = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h)
        have = 0.0 if grad is None else float((grad * d).sum())
        np.testing.assert_allclose(have, slope, rtol=1e-7, atol=1e-8)


UNARY = [
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "square", "reciprocal", "sin", "cos",
    "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arctanh", "negative", "positive",
    "absolute", "fabs", "degrees", "radians", "deg2rad", "rad2deg",
]  # fmt: skip
STEPS = ["sign", "floor", "ceil", "trunc", "rint", "isnan", "isinf", "isfinite", "signbit", "logical_not"]
BINARY = [
    "add", "subtract", "multiply", "divide", "true_divide", "power", "maximum", "minimum", "fmax", "fmin",
    "arctan2", "hypot", "logaddexp", "logaddexp2", "float_power", "fmod", "remainder", "copysign",
]  # fmt: skip
LOGICAL = [
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or",
    "logical_xor",
]  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_elementwise(name):
    check(getattr(np, name), A)
    check(getattr(np, name), A[0, 0:1].reshape(()))


@pytest.mark.parametrize("name", STEPS)
def test_steps(name):
    y = getattr(np, name)(engine.from_numpy(A))
    assert np.array_equal(y.numpy(), getattr(np, name)(A))


@pytest.mark.parametrize("name", BINARY)
def test_two_operands(name):
    function = getattr(np, name)
    check(function, A, B)
    check(function, A, V)
    check(lambda x: function(x, B), A)
    check(lambda x: function(A, x), V)
    check(lambda x: function(x, 0.7), A)
    check(lambda x: function(np.float64(1.1), x), A)


@pytest.mark.parametrize("name", LOGICAL)
def test_comparisons(name):
    check(getattr(np, name), A, B, gradient=False)


OPERATORS = {
    "array * tensor": lambda x: B * x,
    "array - tensor": lambda x: B - x,
    "array / tensor": lambda x: B / x,
    "array ** tensor": lambda x: B**x,
    "array @ tensor": lambda x: B.T @ x,
    "tensor + array": lambda x: x + B,
    "scalar * tensor": lambda x: np.float64(2.5) * x,
    "scalar / tensor": lambda x: np.float32(2.5) / x,
    "tensor * scalar": lambda x: x * np.float64(2.5),
    "array + row": lambda x: V + x,
}


@pytest.mark.parametrize("call", OPERATORS.values(), ids=OPERATORS)
def test_operators(call):
    check(call, A)


CALLS = {
    "sum": lambda x: np.sum(x),
    "sum-axis": lambda x: np.sum(x, axis=0, keepdims=True),
    "sum-position": lambda x: np.sum(x, 1),
    "sum-keyword": lambda x: np.sum(a=x, axis=-1),
    "sum-axes": lambda x: np.sum(x, axis=(0, 1)),
    "prod": lambda x: np.prod(x, axis=1),
    "mean": lambda x: np.mean(x, axis=0),
    "mean-all": lambda x: np.mean(x, keepdims=True),
    "var": lambda x: np.var(x),
    "var-ddof": lambda x: np.var(x, axis=1, ddof=1, keepdims=True),
    "std": lambda x: np.std(x, axis=0),
    "std-ddof": lambda x: np.std(x, ddof=2),
    "max": lambda x: np.max(x, axis=1),
    "amax": lambda x: np.amax(x, keepdims=True),
    "min": lambda x: np.min(x),
    "amin-axes": lambda x: np.amin(x, axis=(0, 1)),
    "ptp": lambda x: np.ptp(x, axis=0),
    "cov": lambda x: np.cov(x),
    "cov-columns": lambda x: np.cov(x, rowvar=False, bias=True),
    "corrcoef": lambda x: np.corrcoef(x),
    "quantile": lambda x: np.quantile(x, 0.3, axis=1, keepdims=True),
    "percentile": lambda x: np.percentile(x, [20, 50], axis=0),
    "trapezoid": lambda x: np.trapezoid(x, dx=0.5, axis=0),
    "vdot-matrices": lambda x: np.vdot(x, x),
    "cumulative_sum": lambda x: np.cumulative_sum(x, axis=1),
    "median-even": lambda x: np.median(x, axis=1),
    "median-odd": lambda x: np.median(x, axis=0, keepdims=True),
    "median": lambda x: np.median(x),
    "average": lambda x: np.average(x, axis=1, weights=V),
    "average-plain": lambda x: np.average(x),
    "nansum": lambda x: np.nansum(x, axis=0),
    "nanmean": lambda x: np.nanmean(x),
    "cumsum": lambda x: np.cumsum(x),
    "cumsum-axis": lambda x: np.cumsum(x, axis=0),
    "cumprod": lambda x: np.cumprod(x, 1),
    "sort": lambda x: np.sort(x, axis=0),
    "sort-all": lambda x: np.sort(x, axis=None),
    "reshape": lambda x: np.reshape(x, (2, -1)),
    "ravel": lambda x: np.ravel(x),
    "transpose": lambda x: np.transpose(x),
    "transpose-axes": lambda x: np.transpose(np.reshape(x, (3, 2, 2)), (2, 0, 1)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(np.reshape(x, (3, 2, 2)), 0, -1),
    "expand_dims": lambda x: np.expand_dims(x, 1),
    "expand_dims-several": lambda x: np.expand_dims(x, (0, -1)),
    "squeeze": lambda x: np.squeeze(np.expand_dims(x, 1)),
    "squeeze-axis": lambda x: np.squeeze(np.expand_dims(x, (0, 1)), axis=0),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 3, 4)),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, x[0]),
    "tile": lambda x: np.tile(x, 2),
    "tile-several": lambda x: np.tile(x, (2, 1, 2)),
    "repeat": lambda x: np.repeat(x, 2),
    "repeat-axis": lambda x: np.repeat(x, [1, 0, 2], axis=0),
    "flip": lambda x: np.flip(x),
    "flip-axis": lambda x: np.flip(x, axis=1),
    "fliplr": lambda x: np.fliplr(x),
    "flipud": lambda x: np.flipud(x),
    "roll": lambda x: np.roll(x, 1),
    "roll-axis": lambda x: np.roll(x, (1, 2), axis=(0, 1)),
    "rot90": lambda x: np.rot90(x, 1),
    "concatenate": lambda x: np.concatenate([x, x * 2], axis=1),
    "concatenate-array": lambda x: np.concatenate((B, x)),
    "concatenate-flat": lambda x: np.concatenate((B, x), axis=None),
    "stack": lambda x: np.stack([x, B], axis=-1),
    "vstack": lambda x: np.vstack([x, V]),
    "hstack": lambda x: np.hstack([x, x]),
    "dstack": lambda x: np.dstack([x, B]),
    "column_stack": lambda x: np.column_stack([x[:, 0], x]),
    "append": lambda x: np.append(x, V),
    "split": lambda x: np.split(x, 2, axis=1),
    "split-places": lambda x: np.split(x, [1, 3], axis=1),
    "array_split": lambda x: np.array_split(x, 3, axis=1),
    "atleast_2d": lambda x: np.atleast_2d(x[0]),
    "pad": lambda x: np.pad(x, 1),
    "pad-widths": lambda x: np.pad(x, ((1, 0), (2, 3)), mode="constant", constant_values=2.0),
    "pad-edge": lambda x: np.pad(x, ((1, 0), (2, 3)), mode="edge"),
    "pad-reflect": lambda x: np.pad(x, 2, mode="reflect"),
    "pad-wrap": lambda x: np.pad(x, 2, mode="wrap"),
    "meshgrid": lambda x: np.meshgrid(x[0], x[1, :2]),
    "meshgrid-ij": lambda x: np.meshgrid(x[0], x[1, :2], indexing="ij"),
    "diag": lambda x: np.diag(x, k=1),
    "diag-vector": lambda x: np.diag(x[0]),
    "diagonal": lambda x: np.diagonal(x, offset=1),
    "tril": lambda x: np.tril(x),
    "triu": lambda x: np.triu(x, k=1),
    "trace": lambda x: np.trace(x, offset=1),
    "take": lambda x: np.take(x, [0, 5, 5]),
    "take-axis": lambda x: np.take(x, [2, 0, 0], axis=1),
    "take_along_axis": lambda x: np.take_along_axis(x, np.array([[0], [2], [1]]), axis=1),
    "diff": lambda x: np.diff(x, n=2, axis=1),
    "where": lambda x: np.where(x > 0.6, x, 2.0),
    "where-array": lambda x: np.where(B > 0.6, x * 2, B),
    "clip": lambda x: np.clip(x, 0.4, 0.7),
    "clip-one": lambda x: np.clip(x, None, 0.7),
    "clip-array": lambda x: np.clip(x, B, 1.0),
    "nan_to_num": lambda x: np.nan_to_num(x),
    "sinc": lambda x: np.sinc(x),
    "copy": lambda x: np.copy(x),
    "dot": lambda x: np.dot(x, B.T),
    "dot-vector": lambda x: np.dot(x, V),
    "dot-vectors": lambda x: np.dot(x[0], V),
    "dot-number": lambda x: np.dot(x, 3.0),
    "dot-batches": lambda x: np.dot(np.reshape(x, (3, 2, 2)), RNG_FREE),
    "matmul": lambda x: np.matmul(x, B.T),
    "inner": lambda x: np.inner(x, B),
    "outer": lambda x: np.outer(x, V),
    "vdot": lambda x: np.vdot(x[0], V),
    "tensordot": lambda x: np.tensordot(x, B, axes=([0, 1], [0, 1])),
    "tensordot-int": lambda x: np.tensordot(x, B.T, axes=1),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, B),
    "einsum-trace": lambda x: np.einsum("ij,ij", x, B),
    "kron": lambda x: np.kron(x, B),
    "cross": lambda x: np.cross(x[:, :3], B[:, :3]),
    "add.reduce": lambda x: np.add.reduce(x),
    "add.reduce-all": lambda x: np.add.reduce(x, axis=None),
    "multiply.reduce": lambda x: np.multiply.reduce(x, axis=1),
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=1, keepdims=True),
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(x, axis=1),
    "add.accumulate": lambda x: np.add.accumulate(x, axis=1),
    "multiply.outer": lambda x: np.multiply.outer(x, V),
    "subtract.outer": lambda x: np.subtract.outer(V, x),
    "composed": lambda x: np.sum(np.exp(-(x**2)) * np.log1p(B @ x.T @ B), axis=0),
}
RNG_FREE = np.arange(8.0).reshape(2, 2, 2) + 1


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_functions(call):
    check(call, A)


LINALG = {
    "inv": lambda x: np.linalg.inv(x),
    "det": lambda x: np.linalg.det(x),
    "slogdet": lambda x: tuple(np.linalg.slogdet(x)),
    "solve": lambda x: np.linalg.solve(x, V[:3]),
    "solve-right": lambda x: np.linalg.solve(S, x),
    "norm": lambda x: np.linalg.norm(x),
    "norm-1": lambda x: np.linalg.norm(x, 1),
    "norm-axis": lambda x: np.linalg.norm(x, axis=1),
    "norm-ord-axis": lambda x: np.linalg.norm(x, 3, axis=0, keepdims=True),
    "norm-fro": lambda x: np.linalg.norm(x, ord="fro"),
    "norm-2": lambda x: np.linalg.norm(x, 2),
    "matrix_power": lambda x: np.linalg.matrix_power(x, 3),
    "pinv": lambda x: np.linalg.pinv(x),
    "svdvals": lambda x: np.linalg.svd(x, compute_uv=False),
    "multi_dot": lambda x: np.linalg.multi_dot([x, S, x]),
    "trace": lambda x: np.linalg.trace(x),
}


@pytest.mark.parametrize("call", LINALG.values(), ids=LINALG)
def test_linear_algebra(call):
    check(call, S)


@pytest.mark.parametrize("call", [
    lambda x: np.linalg.cholesky((x + x.T) / 2), lambda x: np.linalg.eigvalsh((x + x.T) / 2),
    lambda x: np.linalg.eigh((x + x.T) / 2)[0],
])  # fmt: skip
def test_symmetric(call):
    check(call, P)


def test_what_is_no_tensor():
    x = engine.from_numpy(A)
    assert np.shape(x) == (3, 4) and np.ndim(x) == 2 and np.size(x) == 12 and np.size(x, 1) == 4
    assert np.allclose(x, A) and np.array_equal(x, x) and not np.allclose(x, B)
    assert np.argmax(x) == np.argmax(A) and np.argmax(x, axis=1).tolist() == np.argmax(A, axis=1).tolist()
    assert np.argsort(x, axis=0).tolist() == np.argsort(A, axis=0).tolist()
    assert np.any(x > 0.5) and not np.all(x > 0.5)
    assert np.zeros_like(x).tolist() == np.zeros_like(A).tolist()
    assert isinstance(np.asarray(x), np.ndarray) and np.asarray(x) is x.numpy()


def test_dtype_follows_pytorch():
    x = engine.ones(2)
    assert (np.float64(2) * x).dtype is engine.float32
    assert np.exp(x).dtype is engine.float32
    assert np.exp(engine.arange(2)).dtype is engine.float32
    assert (np.ones(2) * x).dtype is engine.float64
    assert np.sum(x, dtype=np.float64).dtype is engine.float64


def test_no_entries():
    x = engine.zeros(0, 3, requires_grad=True)
    assert np.sum(x) == 0 and np.exp(x).shape == (0, 3) and np.sum(x, axis=0).tolist() == [0, 0, 0]
    assert np.concatenate([x, x]).shape == (0, 3)


REFUSED = {
    "convolve": lambda x: np.convolve(x[0], V),
    "histogram": lambda x: np.histogram(x),
    "fft": lambda x: np.fft.fft(x),
    "interp": lambda x: np.interp(x, V, V),
    "add.at": lambda x: np.add.at(x, 0, 1),
    "reduceat": lambda x: np.add.reduceat(x, [0, 1]),
    "subtract.reduce": lambda x: np.subtract.reduce(x),
    "spacing": lambda x: np.spacing(x),
    "where-kwarg": lambda x: np.exp(x, where=B > 0.5),
    "sum-where": lambda x: np.sum(x, where=B > 0.5),
    "sum-initial": lambda x: np.sum(x, initial=3.0),
    "out": lambda x: np.exp(x, out=np.zeros((3, 4))),
    "sum-out": lambda x: np.sum(x, axis=0, out=np.zeros(4)),
    "order": lambda x: np.reshape(x, (4, 3), order="F"),
    "where-alone": lambda x: np.where(x),
    "lstsq": lambda x: np.linalg.lstsq(x, V[:3]),
    "pad-mode": lambda x: np.pad(x, 1, mode="linear_ramp"),
    "einsum-lists": lambda x: np.einsum(x, [0, 1], [1]),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_is_not_recorded_says_so(call):
    with pytest.raises(TypeError, match="use |step of its own|write |first") as caught:
        call(engine.from_numpy(A).requires_grad_())
    assert "np." in str(caught.value) or "numpy" in str(caught.value)


def test_in_place_on_an_array():
    array = np.ones(2)
    array += engine.tensor([1.0, 2.0])
    assert array.tolist() == [2, 3]
    with pytest.raises(TypeError, match="write y = y"):
        array += engine.tensor([1.0, 2.0], requires_grad=True)


def test_every_line_of_the_table_names_something():
    from engine.op import PUBLIC

    assert [made for made, _arguments in numpy_table.TABLE.values() if made not in PUBLIC] == []
    assert all(made in PUBLIC for made in numpy_protocol.UFUNCS.values() if not made.startswith("Tensor.__"))

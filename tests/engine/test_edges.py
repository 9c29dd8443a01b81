"""Edge values: 0, -0, subnormal, ±inf, nan, huge, tiny, ties, no entries: PyTorch's answers or a row of docs."""

import math

import edges
import numpy as np
import pytest

import engine

INF, NAN = math.inf, math.nan

# operation -> (x, value, slope); the conventions that hold without PyTorch too
LITERAL = {
    "relu": [(0.0, 0, 0), (-0.0, -0.0, 0), (NAN, NAN, 1), (INF, INF, 1), (-INF, 0, 0)],
    "abs": [(0.0, 0, 0), (-0.0, 0, 0), (NAN, NAN, 0), (-INF, INF, -1)],
    "sign": [(0.0, 0, 0), (NAN, 0, 0), (-5e-324, -1, 0), (INF, 1, 0)],
    "sqrt": [(0.0, 0, INF), (-0.0, -0.0, -INF), (-1.0, NAN, NAN), (INF, INF, 0)],
    "log": [(0.0, -INF, INF), (-0.0, -INF, -INF), (INF, INF, 0), (-1.0, NAN, -1)],
    "exp": [(-INF, 0, 0), (INF, INF, INF), (-750.0, 0, 0), (710.0, INF, INF), (0.0, 1, 1)],
    "reciprocal": [(0.0, INF, -INF), (-0.0, -INF, -INF), (INF, 0, 0)],
    "sigmoid": [(1e4, 1, 0), (-1e4, 0, 0), (0.0, 0.5, 0.25), (NAN, NAN, NAN)],
    "tanh": [(1e4, 1, 0), (-INF, -1, 0), (-0.0, -0.0, 1), (5e-324, 5e-324, 1)],
    "round": [(0.5, 0, 0), (1.5, 2, 0), (-0.5, -0.0, 0), (INF, INF, 0)],
    "lgamma": [(0.0, INF, -INF), (1.0, 0, -0.5772156649015329), (-1.0, INF, NAN), (-5e-324, 744.4400719213812, INF)],
    "digamma": [(0.0, -INF, INF), (-0.0, INF, INF), (-2.0, NAN, INF), (-1e-300, 1e300, INF), (INF, INF, 0)],
}


@pytest.mark.parametrize("name", LITERAL)
def test_conventions(name):
    points, *want = np.array(LITERAL[name], float).T
    x = engine.from_numpy(points).requires_grad_()
    y = getattr(engine, name)(x)
    y.sum().backward()
    np.testing.assert_allclose(y.detach().numpy(), want[0], rtol=1e-14)
    np.testing.assert_allclose(x.grad.numpy(), want[1], rtol=1e-14)
    zero = want[0] == 0
    np.testing.assert_array_equal(np.signbit(y.detach().numpy()[zero]), np.signbit(want[0][zero]))


def test_every_difference_from_pytorch_is_documented():
    pytest.importorskip("torch", reason="PyTorch isn't installed: the conventions of LITERAL alone are checked")
    rows = edges.rows()
    missing = [d for d in edges.differences() if not any(row.covers(d) for row in rows)]
    assert not missing, f"{len(missing)} differences that no row of docs/pytorch.md covers, the first: {missing[:12]}"


def test_every_row_of_the_document_is_needed():
    pytest.importorskip("torch", reason="PyTorch isn't installed: nothing to compare the document with")
    found = edges.differences()
    for row in edges.rows():
        for operation in row.operations:
            mine = [d for d in found if d.operation == operation and row.covers(d)]
            assert mine, f"docs/pytorch.md tells of {operation} at {row.places}, where nothing differs any more"


# Shapes at the edge: no entries, one, ties, nan; through the public functions

CALLS = {
    "sum": lambda t, x: x.sum(), "sum(-1)": lambda t, x: x.sum(-1), "mean": lambda t, x: x.mean(),
    "mean(-1)": lambda t, x: x.mean(-1), "prod": lambda t, x: x.prod(), "prod(-1)": lambda t, x: x.prod(-1),
    "max": lambda t, x: x.max(), "min": lambda t, x: x.min(), "max(-1)": lambda t, x: x.max(-1).values,
    "amax": lambda t, x: x.amax(), "amin(-1)": lambda t, x: x.amin(-1), "argmax": lambda t, x: x.argmax(),
    "argmin(-1)": lambda t, x: x.argmin(-1), "all": lambda t, x: x.all(), "any": lambda t, x: x.any(),
    "var": lambda t, x: x.var(), "std": lambda t, x: x.std(), "var(-1)": lambda t, x: x.var(-1),
    "std(correction=0)": lambda t, x: x.std(correction=0), "norm": lambda t, x: x.norm(),
    "vector_norm(inf)": lambda t, x: t.linalg.vector_norm(x, INF), "logsumexp": lambda t, x: t.logsumexp(x, -1),
    "softmax": lambda t, x: t.softmax(x, -1), "log_softmax": lambda t, x: t.log_softmax(x, -1),
    "cumsum": lambda t, x: t.cumsum(x, -1), "cumprod": lambda t, x: t.cumprod(x, -1),
    "median": lambda t, x: x.median(), "sort": lambda t, x: x.sort(-1).values, "nansum": lambda t, x: x.nansum(),
    "nanmean": lambda t, x: x.nanmean(), "mse_loss": lambda t, x: t.nn.functional.mse_loss(x, x.detach() * 0 + 1),
    "l1_loss": lambda t, x: t.nn.functional.l1_loss(x, x.detach() * 0 + 1),
    "normalize": lambda t, x: t.nn.functional.normalize(x, dim=-1), "relu": lambda t, x: t.relu(x),
    "cross_entropy": lambda t, x: t.nn.functional.cross_entropy(x.reshape(-1, x.shape[-1]),
                                                              t.zeros(x[..., 0].numel(), dtype=t.int64)),
    "smooth_l1_loss": lambda t, x: t.nn.functional.smooth_l1_loss(x, x.detach() * 0 + 1, reduction="sum"),
    "kl_div": lambda t, x: t.nn.functional.kl_div(x, x.detach() * 0 + 0.5, reduction="sum"),
    "maximum": lambda t, x: t.maximum(x, x), "clamp": lambda t, x: x.clamp(1, 2), "flatten": lambda t, x: x.flatten(),
    "cat": lambda t, x: t.cat([x, x], -1), "matmul": lambda t, x: x @ x.mT if x.ndim > 1 else x @ x,
}  # fmt: skip
DATA = {
    "none": np.zeros((0,)), "no rows": np.zeros((0, 3)), "no columns": np.zeros((2, 0)), "one": np.array([3.0]),
    "one by one": np.array([[-2.0]]), "one zero": np.array([0.0]), "ties": np.array([[2.0, 2.0, 1.0], [1.0, 1.0, 1.0]]),
    "nan": np.array([[1.0, NAN, 3.0]]), "infinite": np.array([[INF, 1.0], [-INF, 1.0]]),
    "all -inf": np.array([[-INF, -INF]]), "huge": np.array([[1e300, -1e300, 1e300]]),
    "tiny": np.array([[5e-324, -5e-324, 2e-308]]), "zeros": np.array([[0.0, -0.0, 0.0]]),
}  # fmt: skip
# (call, data) -> why it isn't as in PyTorch
APART = {
    **{(call, data): "the product of the others; PyTorch divides" for call in ("prod", "prod(-1)", "cumprod")
       for data in ("nan", "infinite", "all -inf", "huge")},
    ("amax", "nan"): "the gradient goes to the nans",
    ("normalize", "nan"): "a nan spoils the slopes it enters alone",
}  # fmt: skip

ERRORS = (IndexError, RuntimeError, ValueError, TypeError)


def answer(lib, call, data, dtype):
    """Value and gradient, or the error's class."""
    x = (engine.from_numpy(data.astype(dtype)) if lib is engine else lib.tensor(data.astype(dtype))).requires_grad_()
    try:
        y = call(lib, x)
        if y.requires_grad:
            y.sum().backward()
    except ERRORS as error:
        return next(kind.__name__ for kind in ERRORS if isinstance(error, kind))
    return y.detach().numpy(), None if x.grad is None else x.grad.numpy()


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("call", CALLS)
def test_sizes_and_data_at_the_edge_as_in_pytorch(call, data):
    torch = pytest.importorskip("torch", reason="PyTorch isn't installed: the conventions of LITERAL alone are checked")
    for dtype in ("float64", "float32"):
        have, want = (answer(lib, CALLS[call], DATA[data], dtype) for lib in (engine, torch))
        if isinstance(want, str) or isinstance(have, str):
            assert have == want
            continue
        for mine, theirs in zip(have, want):
            if theirs is None:
                assert mine is None
                continue
            assert mine.shape == theirs.shape and mine.dtype == theirs.dtype
            if (call, data) not in APART:
                rtol = 1e-12 if dtype == "float64" else 1e-5
                np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=1e-7 if dtype == "float32" else 1e-15)

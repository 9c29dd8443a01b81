"""softmax, its logarithm and log-sum-exp as PyTorch's users call them, at extremes too."""

import warnings

import numpy as np
import pytest
from agreement import agree

import engine

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(5)
CUBE = RNG.standard_normal((2, 3, 4))

CALLS = {
    "softmax": lambda t, x: t.softmax(x, 1),
    "softmax-method": lambda t, x: x.softmax(-1),
    "softmax-nn": lambda t, x: t.nn.functional.softmax(x, dim=0),
    "log_softmax": lambda t, x: t.log_softmax(x, 1),
    "log_softmax-method": lambda t, x: x.log_softmax(dim=-1),
    "log_softmax-nn": lambda t, x: t.nn.functional.log_softmax(x, dim=0),
    "softmin": lambda t, x: t.nn.functional.softmin(x, dim=1),
    "logsumexp": lambda t, x: t.logsumexp(x, (0, 2), keepdim=True),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_as_in_pytorch(call):
    agree(call, CUBE)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_float32(call):
    agree(call, CUBE, dtype="float32", rtol=1e-5, second=False)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0,)])
@pytest.mark.parametrize("name", ["softmax-method", "log_softmax-method"])
def test_no_entries(name, shape):
    agree(CALLS[name], np.zeros(shape), second=False)


@pytest.mark.parametrize("name", ["softmax-method", "log_softmax-method", "softmax-nn"])
def test_a_number(name):
    agree(CALLS[name], np.array(2.0))


POINTS = [
    [1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4, 0.0], [0.0, 0.0, 0.0], [-np.inf, 0.0, 1.0], [750.0, 0.0, -750.0],
]  # fmt: skip


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", ["softmax-method", "log_softmax-method", "softmax-nn"])
def test_extremes(name, point):
    agree(CALLS[name], np.array(point), second=False)
    agree(CALLS[name], np.array(point), dtype="float32", rtol=1e-5, second=False)


def test_infinite_entries():
    for point in ([np.inf, 0.0], [-np.inf, -np.inf], [np.nan, 0.0]):
        agree(lambda t, x: x.softmax(0), np.array(point), second=False)


@pytest.mark.parametrize("classes", [1, 3, 16, 17])
@pytest.mark.parametrize("name", ["softmax-method", "log_softmax-method"])
def test_many_rows(name, classes):
    rows = RNG.standard_normal((40, classes)) * 3
    rows[: len(POINTS), :3] = [[*point][:classes] for point in POINTS] if classes <= 3 else rows[: len(POINTS), :3]
    agree(CALLS[name], rows, second=False)
    agree(CALLS[name], rows, dtype="float32", rtol=1e-5, second=False)
    made = CALLS[name](engine, engine.tensor(rows.astype(np.float16)))
    assert made.dtype is engine.float16 and made.stride() == (classes, 1)
    alone = [CALLS[name](engine, engine.tensor(row)).numpy() for row in rows]
    np.testing.assert_allclose(CALLS[name](engine, engine.tensor(rows)).numpy(), alone, rtol=1e-14)


def test_noncontiguous():
    agree(lambda t, x: t.softmax(x.T, 0), CUBE[0])


def test_dtype():
    for t in (engine, torch):
        assert str(t.softmax(t.tensor([1, 2]), 0, dtype=t.float64).dtype) == "torch.float64"
        with pytest.raises(NotImplementedError, match="Long"):
            t.softmax(t.tensor([1, 2]), 0)


def test_without_dim():
    """PyTorch's old choice of the axis, with its warning."""
    for shape in ((3,), (2, 3), (2, 3, 4), (2, 3, 4, 2)):
        x = RNG.standard_normal(shape)
        found = []
        for t in (engine, torch):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                found.append(t.nn.functional.softmax(t.from_numpy(x)).numpy())
            assert "Implicit dimension choice for softmax" in str(caught[0].message)
        np.testing.assert_allclose(*found, rtol=1e-12)

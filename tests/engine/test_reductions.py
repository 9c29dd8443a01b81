"""Reductions as PyTorch's users call them: arguments, results, ties, errors, empty arrays."""

import numpy as np
import pytest
from agreement import agree

import engine

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
CUBE = RNG.standard_normal((2, 3, 4))
TIES = np.array([[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]])
ZEROS = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 2.0], [1.0, 2.0, 3.0]])


CALLS = {
    "sum": lambda t, x: x.sum(),
    "sum-dims": lambda t, x: t.sum(x, dim=(0, -1), keepdim=True),
    "mean-dims": lambda t, x: x.mean((1, 2)),
    "var": lambda t, x: x.var(),
    "var-unbiased": lambda t, x: t.var(x, False),
    "var-old": lambda t, x: t.var(x, 1, False, True),
    "var-correction": lambda t, x: t.var(x, (0, 2), correction=2),
    "std": lambda t, x: x.std(),
    "std-dim": lambda t, x: x.std(-1),
    "std-old": lambda t, x: x.std(dim=1, unbiased=False, keepdim=True),
    "var_mean": lambda t, x: t.var_mean(x, dim=1),
    "std_mean": lambda t, x: t.std_mean(x, dim=(0, 1), correction=0, keepdim=True),
    "prod": lambda t, x: x.prod(),
    "prod-dim": lambda t, x: t.prod(x, 1),
    "prod-keepdim": lambda t, x: t.prod(x, dim=-1, keepdim=True),
    "max": lambda t, x: t.max(x),
    "max-dim": lambda t, x: t.max(x, 1),
    "max-keepdim": lambda t, x: x.max(dim=-1, keepdim=True),
    "min": lambda t, x: x.min(),
    "min-dim": lambda t, x: t.min(x, dim=0),
    "amax": lambda t, x: x.amax(),
    "amax-dims": lambda t, x: t.amax(x, (0, 2)),
    "amin-keepdim": lambda t, x: t.amin(x, dim=1, keepdim=True),
    "aminmax": lambda t, x: t.aminmax(x, dim=1),
    "argmax": lambda t, x: x.argmax(),
    "argmax-dim": lambda t, x: t.argmax(x, dim=1, keepdim=True),
    "argmax-keepdim": lambda t, x: t.argmax(x, keepdim=True),
    "argmin-dim": lambda t, x: t.argmin(x, -1),
    "logsumexp": lambda t, x: t.logsumexp(x, 1),
    "logsumexp-dims": lambda t, x: x.logsumexp((0, -1), keepdim=True),
    "cumsum": lambda t, x: t.cumsum(x, 1),
    "cumprod": lambda t, x: x.cumprod(dim=-1),
    "any": lambda t, x: t.any(x > 0, dim=1),
    "any-all": lambda t, x: (x > 0).any(),
    "all": lambda t, x: t.all(x > -5),
    "all-dim": lambda t, x: (x > 0).all(dim=0, keepdim=True),
    "count_nonzero": lambda t, x: t.count_nonzero(x, dim=(0, 1)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_as_in_pytorch(call):
    agree(call, CUBE)


def test_of_two_tensors():
    agree(lambda t, x, y: t.max(x, y), CUBE, CUBE[::-1].copy())
    agree(lambda t, x, y: x.min(other=y) if t is engine else t.min(x, other=y), TIES, TIES[::-1].copy())


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_float32(call):
    agree(call, CUBE, dtype="float32", rtol=1e-5, second=False)


def test_noncontiguous():
    agree(lambda t, x: x.T.std(0), CUBE[0])
    agree(lambda t, x: x.T.cumprod(0), CUBE[0])


NUMBER = [name for name in CALLS if not any(word in name for word in ("dims", "old", "aminmax", "count", "keepdim"))]


@pytest.mark.parametrize("name", [
    name for name in NUMBER if not any(word in name for word in ("dim", "var", "std", "logsumexp"))
])  # fmt: skip
def test_a_number(name):
    def call(t, x):
        return t.cumsum(x, 0) if name == "cumsum" else x.cumprod(0) if name == "cumprod" else CALLS[name](t, x)

    if name not in ("any", "any-all", "all", "all-dim"):
        agree(call, np.array(1.5))


EXTREMES = [name for name in CALLS if name.startswith(("max", "min", "am", "arg")) and name != "amax-dims"]


@pytest.mark.parametrize("name", EXTREMES)
def test_ties(name):
    agree(CALLS[name], TIES)


@pytest.mark.parametrize("call", [
    lambda t, x: x.prod(), lambda t, x: x.prod(1), lambda t, x: x.prod(0), lambda t, x: x.cumprod(1),
    lambda t, x: x.cumprod(0), lambda t, x: x[1].prod(), lambda t, x: x[2].prod(),
])  # fmt: skip
def test_products_with_zeros(call):
    agree(call, ZEROS)


def test_third_derivative_of_a_product_with_zeros():
    x = engine.tensor([0.0, 2.0, 3.0], requires_grad=True)
    axis = [engine.tensor([float(at == k) for at in range(3)]) for k in range(3)]
    first = engine.autograd.grad(x.prod(), x, create_graph=True)[0]
    second = engine.autograd.grad((first * axis[0]).sum(), x, create_graph=True)[0]
    third = engine.autograd.grad((second * axis[1]).sum(), x)[0]
    assert second.tolist() == [0, 3, 2]
    assert third.tolist() == [0, 0, 1]


def test_products_that_underflow():
    agree(lambda t, x: x.prod(), np.full(20, 1e-30), second=False)
    agree(lambda t, x: x.cumprod(0), np.full(20, 1e-30), second=False)


def test_equal_entries_have_no_slope_of_std():
    agree(lambda t, x: x.std(), np.ones(4), second=False)
    agree(lambda t, x: x.std(1, keepdim=True), np.array([[1.0, 1.0], [1.0, 2.0]]), second=False)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", [
    lambda t, x: x.var(), lambda t, x: x.std(), lambda t, x: x.var(correction=3), lambda t, x: x.var(0, correction=0),
])  # fmt: skip
def test_too_few_entries(call):
    agree(call, np.array([1.0]), second=False)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
@pytest.mark.parametrize("name", ["sum", "prod", "logsumexp", "cumsum", "cumprod", "count_nonzero"])
def test_no_entries(name, shape):
    calls = {"logsumexp": lambda t, x: t.logsumexp(x, 0), "cumsum": lambda t, x: x.cumsum(0),
             "cumprod": lambda t, x: x.cumprod(0), "count_nonzero": lambda t, x: t.count_nonzero(x)}  # fmt: skip
    agree(calls.get(name, CALLS[name]), np.zeros(shape), second=False)


@pytest.mark.parametrize("call", [
    lambda t, x: x.max(), lambda t, x: x.max(1), lambda t, x: x.amax(1), lambda t, x: x.argmax(),
    lambda t, x: x.argmin(1), lambda t, x: x.sum(3), lambda t, x: x.var(5), lambda t, x: x.sum((0, 0)),
    lambda t, x: x.cumsum(2), lambda t, x: (x > 0).argmax(),
])  # fmt: skip
def test_errors(call):
    raised = []
    for module in (engine, torch):
        with pytest.raises((RuntimeError, IndexError)) as caught:
            call(module, module.zeros(2, 0))
        raised.append(caught.value)
    assert type(raised[0]) is type(raised[1])
    assert str(raised[0])[:30] == str(raised[1])[:30]


@pytest.mark.parametrize("name", ["sum", "prod", "cumsum", "max", "max-dim", "amax", "argmax", "logsumexp"])
@pytest.mark.parametrize("dtype", ["int64", "int32", "bool"])
def test_integers(name, dtype):
    if (name, dtype) == ("argmax", "bool"):
        return
    data = (np.abs(CUBE) * 3).astype(dtype)
    mine, theirs = (CALLS[name](module, module.from_numpy(data)) for module in (engine, torch))
    for a, b in zip(*((y if isinstance(y, tuple) else (y,)) for y in (mine, theirs))):
        assert str(a.dtype) == str(b.dtype)
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6)


@pytest.mark.parametrize("point", [[1e4, -1e4], [-1e4, -1e4], [0.0, 0.0], [np.inf, 1.0], [-np.inf, 1.0], [-np.inf] * 2])
def test_logsumexp_at_extremes(point):
    agree(lambda t, x: t.logsumexp(x, 0), np.array(point), second=False)


def test_results_print_as_in_pytorch():
    data = [[1.0, 5.0], [7.0, 2.0]]
    for call in (lambda t: t.tensor(data).max(1), lambda t: t.tensor(data).min(0), lambda t: t.tensor(data).aminmax()):
        assert repr(call(engine)) == repr(call(torch))


def test_nan_is_the_largest():
    agree(lambda t, x: x.max(1), np.array([[1.0, np.nan, 2.0]]), second=False)
    agree(lambda t, x: x.max(), np.array([[1.0, np.nan, 2.0]]), second=False)
    agree(lambda t, x: x.argmin(), np.array([[1.0, np.nan, 2.0]]), second=False)


def test_unique():
    values, inverse, counts = engine.tensor([3.0, 1.0, 3.0]).unique(return_inverse=True, return_counts=True)
    assert (values.tolist(), inverse.tolist(), counts.tolist()) == ([1, 3], [1, 0, 1], [1, 2])
    with pytest.raises(RuntimeError, match="detach"):
        engine.ones(3, requires_grad=True).unique()

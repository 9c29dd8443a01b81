"""Pooling and sliding blocks as PyTorch's users call them: values, gradients, positions, ties, refusals."""

import numpy as np
import pytest

import engine

torch = pytest.importorskip("torch")
F, TF = engine.nn.functional, torch.nn.functional

CASES = [
    ("max_pool1d", (2, 3, 9), (3,), {"stride": 2, "padding": 1}),
    ("max_pool1d", (3, 9), (2,), {}),
    ("max_pool2d", (2, 3, 7, 8), (2,), {}),
    ("max_pool2d", (3, 7, 8), ((3, 2),), {"stride": (2, 1), "padding": (1, 0), "ceil_mode": True}),
    ("max_pool2d", (1, 2, 9, 9), (3,), {"stride": 1, "padding": 1, "dilation": 2}),
    ("max_pool3d", (1, 2, 4, 5, 6), (2,), {"ceil_mode": True}),
    ("avg_pool1d", (2, 3, 9), (3,), {"stride": 2, "padding": 1, "count_include_pad": False}),
    ("avg_pool2d", (2, 3, 7, 8), (2,), {}),
    ("avg_pool2d", (3, 7, 8), (3,), {"stride": 2, "padding": 1, "ceil_mode": True}),
    ("avg_pool2d", (1, 2, 7, 8), (3,), {"stride": 2, "padding": 1, "count_include_pad": False, "ceil_mode": True}),
    ("avg_pool2d", (1, 2, 6, 6), (2,), {"divisor_override": 5}),
    ("avg_pool3d", (1, 2, 4, 5, 6), (2,), {"stride": 1}),
    ("adaptive_avg_pool1d", (2, 3, 7), (3,), {}),
    ("adaptive_avg_pool2d", (2, 3, 7, 5), ((3, None),), {}),
    ("adaptive_avg_pool2d", (2, 3, 7, 5), (1,), {}),
    ("adaptive_avg_pool2d", (2, 3, 3, 2), (5,), {}),
    ("adaptive_avg_pool3d", (2, 4, 3, 5), ((2, 3, 2),), {}),
    ("adaptive_max_pool1d", (2, 3, 7), (3,), {}),
    ("adaptive_max_pool2d", (2, 3, 7, 5), ((3, None),), {}),
    ("adaptive_max_pool3d", (1, 2, 4, 3, 5), (2,), {}),
    ("unfold", (2, 3, 6, 5), ((2, 3),), {"stride": (2, 1), "padding": 1}),
    ("unfold", (3, 6, 5), (2,), {"dilation": 2}),
    ("fold", (2, 12, 12), ((4, 5), 2), {}),
    ("fold", (12, 12), ((4, 5), 2), {}),
    ("fold", (1, 12, 9), ((5, 6), (2, 3)), {"padding": 1, "stride": 2}),
    ("pixel_shuffle", (2, 8, 3, 2), (2,), {}),
    ("pixel_unshuffle", (2, 4, 6), (2,), {}),
]
MAXIMA = [case for case in CASES if "max_pool" in case[0]]


def derivatives(module, function, value, args, settings):
    """Value, gradient, and gradients of the gradient's cube, as arrays; and the node's name."""
    x = module.from_numpy(value).requires_grad_()
    y = function(x, *args, **settings)
    g = module.from_numpy(np.random.default_rng(1).standard_normal(y.shape).astype(value.dtype)).requires_grad_()
    (first,) = module.autograd.grad(y, x, g, create_graph=True)
    (second,) = module.autograd.grad((first**3).sum(), g)
    return [t.detach().numpy() for t in (y, first, second)], y.grad_fn.name()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name, shape, args, settings", CASES)
def test_against_pytorch(name, shape, args, settings, dtype):
    value = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    ours, node = derivatives(engine, getattr(F, name), value, args, settings)
    theirs, expected = derivatives(torch, getattr(TF, name), value, args, settings)
    for one, other in zip(ours, theirs):
        assert one.dtype == other.dtype and one.shape == other.shape
        tolerance = 1e-12 if dtype == "float64" else 1e-5
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)
    if (name, len(shape)) not in (("unfold", 3), ("fold", 2)):  # without a batch, ours has a squeeze on top
        assert node.rstrip("01") == expected.rstrip("01")


@pytest.mark.parametrize("name, shape, args, settings", MAXIMA)
@pytest.mark.parametrize("kind", ["distinct", "ties", "nan", "infinite"])
def test_positions_and_ties_are_pytorchs(name, shape, args, settings, kind):
    rng = np.random.default_rng(0)
    value = rng.standard_normal(shape) if kind == "distinct" else rng.integers(0, 3, shape).astype(float)
    if kind == "nan":
        value[rng.random(shape) < 0.2] = np.nan
    if kind == "infinite":
        value = np.where(value == 0, -np.inf, value)
    theirs, where = getattr(TF, name)(torch.from_numpy(value), *args, **settings, return_indices=True)
    ours, here = getattr(F, name)(engine.from_numpy(value), *args, **settings, return_indices=True)
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    np.testing.assert_array_equal(here.numpy(), where.numpy())
    assert here.dtype is engine.int64 and not here.requires_grad
    gradients = []
    for module, functional in ((engine, F), (torch, TF)):
        x = module.from_numpy(value).requires_grad_()
        getattr(functional, name)(x, *args, **settings).sum().backward()
        gradients.append(x.grad.numpy())
    np.testing.assert_array_equal(*gradients)


def test_an_infinite_cotangent_stays_where_it_belongs():
    x = engine.tensor([[1.0, 3.0, 2.0, 0.0]], requires_grad=True)
    F.max_pool1d(x, 2).backward(engine.tensor([[np.inf, 1.0]]))
    assert x.grad.tolist() == [[0.0, np.inf, 1.0, 0.0]]


def test_integers_are_pooled():
    x = np.arange(16).reshape(1, 4, 4)
    y = F.max_pool2d(engine.from_numpy(x), 2, padding=1)
    assert y.tolist() == TF.max_pool2d(torch.from_numpy(x), 2, padding=1).tolist()


REFUSED = [
    ("max_pool2d", (1, 1, 4, 4), (2,), {"padding": 2}),
    ("max_pool2d", (1, 1, 4, 4), (5,), {}),
    ("max_pool2d", (1, 1, 4, 4), (2,), {"stride": 0}),
    ("avg_pool2d", (1, 1, 4, 4), (2,), {"divisor_override": 0}),
    ("adaptive_avg_pool2d", (1, 1, 4, 4), ((1, 2, 3),), {}),
    ("adaptive_avg_pool2d", (4, 4), (2,), {}),
    ("unfold", (1, 1, 4, 4), (5,), {}),
    ("fold", (1, 4, 5), ((3, 3), 2), {}),
    ("fold", (1, 5, 4), ((3, 3), 2), {}),
    ("pixel_shuffle", (1, 3, 2, 2), (2,), {}),
    ("pixel_unshuffle", (1, 3, 3, 2), (2,), {}),
]


@pytest.mark.parametrize("name, shape, args, settings", REFUSED)
def test_what_pytorch_refuses_is_refused_in_its_words(name, shape, args, settings):
    with pytest.raises(RuntimeError) as theirs:
        getattr(TF, name)(torch.ones(shape), *args, **settings)
    with pytest.raises(RuntimeError) as ours:
        getattr(F, name)(engine.ones(shape), *args, **settings)
    assert str(ours.value) == str(theirs.value)

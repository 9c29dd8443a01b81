"""Normalisation layers as PyTorch's users call them."""

import numpy as np
import pytest
from agreement import agree

import engine

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(3)
X = RNG.standard_normal((4, 6, 5))
IMAGE = RNG.standard_normal((2, 6, 3, 2))
W, B = RNG.standard_normal(6), RNG.standard_normal(6)
W5, B5 = RNG.standard_normal(5), RNG.standard_normal(5)
MEAN, VAR = RNG.standard_normal(6), RNG.random(6) + 0.5


def F(module):
    return module.nn.functional


CALLS = {
    "layer": (lambda t, x: F(t).layer_norm(x, (5,)), X),
    "layer-int": (lambda t, x: F(t).layer_norm(x, [6, 5], eps=0.1), X),
    "layer-affine": (lambda t, x, w, b: F(t).layer_norm(x, (5,), w, b), X, W5, B5),
    "layer-weight": (lambda t, x, w: F(t).layer_norm(x, (5,), weight=w), X, W5),
    "layer-bias": (lambda t, x, b: F(t).layer_norm(x, (5,), bias=b), X, B5),
    "layer-two": (lambda t, x, w: F(t).layer_norm(x, x.shape[1:], w), X, RNG.standard_normal((6, 5))),
    "rms": (lambda t, x: F(t).rms_norm(x, (5,)), X),
    "rms-weight": (lambda t, x, w: F(t).rms_norm(x, (5,), w, eps=0.1), X, W5),
    "batch": (lambda t, x: F(t).batch_norm(x, None, None, training=True), X),
    "batch-affine": (lambda t, x, w, b: F(t).batch_norm(x, None, None, w, b, training=True), X, W, B),
    "batch-image": (lambda t, x, w, b: F(t).batch_norm(x, None, None, w, b, True, 0.1, 0.01), IMAGE, W, B),
    "batch-bias": (lambda t, x, b: F(t).batch_norm(x, None, None, bias=b, training=True), X, B),
    "group": (lambda t, x: F(t).group_norm(x, 2), X),
    "group-affine": (lambda t, x, w, b: F(t).group_norm(x, 3, w, b), IMAGE, W, B),
    "group-one": (lambda t, x, w: F(t).group_norm(x, 6, w), X, W),
    "local": (lambda t, x: F(t).local_response_norm(x, 3, alpha=0.5), X),
    "local-image": (lambda t, x: F(t).local_response_norm(x, 2, 0.5, 0.6, 2.0), IMAGE),
    "instance": (lambda t, x: F(t).instance_norm(x), X),
    "instance-affine": (lambda t, x, w, b: F(t).instance_norm(x, weight=w, bias=b, eps=0.1), IMAGE, W, B),
}


NO_SECOND = {"layer-bias", "batch-bias"}  # PyTorch's own second derivative raises where a bias has no weight beside it


@pytest.mark.parametrize("name", CALLS)
def test_as_in_pytorch(name):
    call, *arrays = CALLS[name]
    agree(call, *arrays, second=name not in NO_SECOND)


@pytest.mark.parametrize("name", CALLS)
def test_float32(name):
    call, *arrays = CALLS[name]
    agree(call, *arrays, dtype="float32", rtol=1e-5, second=False)


def test_given_statistics():
    def call(t, x, mean, var, w, b):
        return F(t).batch_norm(x, mean, var, w, b)

    agree(call, X, MEAN, VAR, W, B, frozen=(1, 2))
    agree(lambda t, x, mean, var: F(t).batch_norm(x, mean, var, eps=0.1), IMAGE, MEAN, VAR, frozen=(1, 2))
    agree(lambda t, x, mean, var: F(t).instance_norm(x, mean, var, use_input_stats=False), X, MEAN, VAR, frozen=(1, 2))


@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
def test_running_statistics_move(name):
    found = []
    for module in (engine, torch):
        mean, var = module.from_numpy(MEAN.copy()), module.from_numpy(VAR.copy())
        more = {"training": True} if name == "batch_norm" else {}
        for x in (X, 2 * X + 1):
            getattr(F(module), name)(module.from_numpy(x), mean, var, momentum=0.3, **more)
        found.append((mean.numpy(), var.numpy()))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


@pytest.mark.parametrize("scale, shift", [(1e4, 0.0), (1.0, 1e4), (0.0, 0.0), (0.0, 1e4), (1e-4, 0.0)])
@pytest.mark.parametrize("name", ["layer-affine", "rms-weight", "batch-affine", "group-affine"])
def test_extremes(name, scale, shift):
    call, x, *others = CALLS[name]
    agree(call, scale * x + shift, *others, rtol=1e-7, second=False)


def test_noncontiguous():
    agree(lambda t, x: F(t).layer_norm(x.T, (4,)), X[:, :, 0])
    agree(lambda t, x: F(t).batch_norm(x.T, None, None, training=True), X[0])


@pytest.mark.parametrize("call", [
    lambda t, x: F(t).layer_norm(x, (3,)), lambda t, x: F(t).layer_norm(x, (2,), t.ones(3)),
    lambda t, x: F(t).layer_norm(x, ()), lambda t, x: F(t).batch_norm(t.ones(1, 2), None, None, training=True),
    lambda t, x: F(t).group_norm(x, 3), lambda t, x: F(t).rms_norm(x, (3,)),
    lambda t, x: F(t).instance_norm(t.ones(4, 2, 1)), lambda t, x: F(t).local_response_norm(x, 2),
])  # fmt: skip
def test_errors(call):
    raised = []
    for module in (engine, torch):
        with pytest.raises((RuntimeError, ValueError)) as caught:
            call(module, module.ones(4, 2))
        raised.append(caught.value)
    assert type(raised[0]) is type(raised[1])
    assert str(raised[0])[:30] == str(raised[1])[:30]

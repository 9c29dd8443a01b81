"""A layer of ours beside PyTorch's, with the same parameters. Imported by the tests of engine.nn."""

import numpy as np
import pytest

import engine
from engine import nn

torch = pytest.importorskip("torch")


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def pair(make):
    """(ours, PyTorch's) of one architecture, with the same parameters and buffers."""
    torch.manual_seed(0)
    theirs = make(torch.nn)
    ours = make(nn)
    message = ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    assert repr(message) == "<All keys matched successfully>"
    return ours, theirs


def close(ours, theirs, tolerance=2e-5):
    theirs = theirs.detach().numpy()
    assert tuple(ours.shape) == theirs.shape
    np.testing.assert_allclose(ours.detach().numpy(), theirs, rtol=tolerance, atol=tolerance)


def check(ours, theirs, shapes):
    """Printed form, outputs, gradients and buffers, over two calls in training and one in evaluation."""
    assert repr(ours) == repr(theirs)
    values = [numbers(*shape, seed=at) for at, shape in enumerate(shapes)]
    for training in (True, True, False):
        ours.train(training)
        theirs.train(training)
        mine = [engine.from_numpy(value).requires_grad_() for value in values]
        others = [torch.from_numpy(value).requires_grad_() for value in values]
        y, z = ours(*mine), theirs(*[x.clone() for x in others])
        close(y, z)
        weight = numbers(*y.shape, seed=5)
        for module in (ours, theirs):
            module.zero_grad()
        y.backward(engine.from_numpy(weight))
        z.backward(torch.from_numpy(weight))
        for x, other in zip(mine, others):
            close(x.grad, other.grad)
        for param, other in zip(ours.parameters(), theirs.parameters()):
            close(param.grad, other.grad, 1e-4)
        for buffer, other in zip(ours.buffers(), theirs.buffers()):
            close(buffer, other)

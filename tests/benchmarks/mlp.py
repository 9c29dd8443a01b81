"""One training step of a perceptron, 784-128-10, batch of 64, float32: softmax cross-entropy and plain SGD.

By hand, in NumPy: the same step with its gradients written out.
"""

from functools import partial

import numpy as np
from timing import compare, installed

BATCH, SIZES, RATE = 64, (784, 128, 10), 0.01

_random = np.random.default_rng(0)
IMAGES = _random.normal(size=(BATCH, SIZES[0])).astype(np.float32)
LABELS = _random.integers(0, SIZES[2], BATCH)


def parameters():
    """Weights and biases of both layers."""
    random = np.random.default_rng(1)
    weights = [
        (random.normal(size=shape) / np.sqrt(shape[0])).astype(np.float32) for shape in zip(SIZES, SIZES[1:])
    ]
    first, second = weights
    return [first, np.zeros(SIZES[1], np.float32), second, np.zeros(SIZES[2], np.float32)]


def step_by_hand(p):
    """The loss of one step; the parameters change in place."""
    w, b, v, c = p
    h = np.maximum(IMAGES @ w + b, 0)
    z = h @ v + c
    z -= z.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1, keepdims=True)
    rows = np.arange(BATCH)
    loss = (np.log(total[:, 0]) - z[rows, LABELS]).mean()
    dz = e / total
    dz[rows, LABELS] -= 1
    dz /= BATCH
    dh = dz @ v.T
    dh *= h > 0
    gradients = IMAGES.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)
    for parameter, gradient in zip(p, gradients):
        parameter -= RATE * gradient
    return loss


def step_with_tensors(torch, images, labels, p):
    """The same in PyTorch's names."""
    w, b, v, c = p
    h = torch.nn.functional.relu(images @ w + b)
    loss = torch.nn.functional.cross_entropy(h @ v + c, labels)
    loss.backward()
    with torch.no_grad():
        for parameter in p:
            parameter -= RATE * parameter.grad
            parameter.grad = None
    return loss.item()


def with_tensors(torch):
    images, labels = torch.tensor(IMAGES), torch.tensor(LABELS)
    p = [torch.tensor(array, requires_grad=True) for array in parameters()]
    return partial(step_with_tensors, torch, images, labels, p)


def rows():
    import engine

    steps = {"NumPy by hand": partial(step_by_hand, parameters()), "this tape": with_tensors(engine)}
    if installed("PyTorch eager"):
        import torch

        torch.set_num_threads(1)
        steps["PyTorch eager"] = with_tensors(torch)
    losses = [[step() for _ in range(10)] for step in steps.values()]
    for own in losses[1:]:
        np.testing.assert_allclose(own, losses[0], rtol=1e-4)
    yield compare("training step of a 784-128-10 perceptron", steps, base="NumPy by hand", at_least=0.03)

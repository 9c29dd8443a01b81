"""One training step of a small convolutional network on 32 images of 28x28, float32, against PyTorch on one thread.

Two layers of 3x3 convolutions (16 and 32 channels), each with relu and 2x2 max pooling, the mean over the picture,
an affine layer, softmax cross-entropy, plain SGD.
"""

from functools import partial

import numpy as np
from timing import compare, installed

BATCH, CHANNELS, CLASSES, RATE = 32, (1, 16, 32), 10, 0.05

_random = np.random.default_rng(0)
IMAGES = _random.normal(size=(BATCH, 1, 28, 28)).astype(np.float32)
LABELS = _random.integers(0, CLASSES, BATCH)


def parameters():
    random = np.random.default_rng(1)
    arrays = []
    for before, after in zip(CHANNELS, CHANNELS[1:]):
        arrays += [random.normal(size=(after, before, 3, 3)) / np.sqrt(9 * before), np.zeros(after)]
    arrays += [random.normal(size=(CLASSES, CHANNELS[-1])) / np.sqrt(CHANNELS[-1]), np.zeros(CLASSES)]
    return [array.astype(np.float32) for array in arrays]


def step(torch, images, labels, p):
    """The loss of one step; the parameters change in place."""
    f = torch.nn.functional
    w, b, v, c, u, d = p
    x = f.max_pool2d(f.relu(f.conv2d(images, w, b, padding=1)), 2)
    x = f.max_pool2d(f.relu(f.conv2d(x, v, c, padding=1)), 2)
    loss = f.cross_entropy(f.linear(x.mean((2, 3)), u, d), labels)
    loss.backward()
    with torch.no_grad():
        for parameter in p:
            parameter -= RATE * parameter.grad
            parameter.grad = None
    return loss.item()


def with_tensors(torch):
    images, labels = torch.tensor(IMAGES), torch.tensor(LABELS)
    return partial(step, torch, images, labels, [torch.tensor(array, requires_grad=True) for array in parameters()])


def rows():
    if not installed("PyTorch eager"):
        return
    import torch

    import engine

    torch.set_num_threads(1)
    steps = {"PyTorch eager": with_tensors(torch), "this tape": with_tensors(engine)}
    theirs, ours = ([step() for _ in range(5)] for step in steps.values())
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)
    yield compare("training step of a small convolutional network", steps, base="PyTorch eager", at_least=0.1)

"""Training steps of a small convolutional network and of an LSTM of 50 steps, float32, in PyTorch's names.

The programs are the same in both libraries, modules and optimisers included.
"""

from functools import partial

import numpy as np
from timing import compare, installed

_random = np.random.default_rng(0)
IMAGES = _random.standard_normal((64, 1, 28, 28)).astype(np.float32)
LABELS = _random.integers(0, 10, 64)
SEQUENCES = _random.standard_normal((50, 32, 16)).astype(np.float32)
TARGETS = _random.standard_normal((32, 1)).astype(np.float32)


def convolutional(torch):
    """One step of two convolutions of 16 and 32 channels, each with relu and pooling, and a linear layer."""
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 10),
    )  # fmt: skip
    return net, partial(_step, torch, net, net, torch.tensor(IMAGES), torch.tensor(LABELS), nn.CrossEntropyLoss())


def recurrent(torch):
    """One step of an LSTM, 16 inputs, 64 units, batch of 32, and a linear layer on its last output."""
    nn = torch.nn
    lstm, last = nn.LSTM(16, 64), nn.Linear(64, 1)
    net = nn.ModuleList([lstm, last])
    forward = partial(_last_output, lstm, last)
    return net, partial(_step, torch, net, forward, torch.tensor(SEQUENCES), torch.tensor(TARGETS), nn.MSELoss())


def _last_output(lstm, last, x):
    return last(lstm(x)[0][-1])


def _step(torch, net, forward, x, target, criterion):
    if not hasattr(net, "optimizer"):
        net.optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    net.optimizer.zero_grad()
    loss = criterion(forward(x), target)
    loss.backward()
    net.optimizer.step()
    return loss.item()


def rows():
    if not installed("PyTorch eager"):
        return
    import torch

    import engine

    torch.set_num_threads(1)
    torch.manual_seed(0)
    for what, make in (("convolutional network", convolutional), ("LSTM of 50 steps", recurrent)):
        theirs, their_step = make(torch)
        ours, our_step = make(engine)
        ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
        losses = [[step() for _ in range(5)] for step in (our_step, their_step)]
        np.testing.assert_allclose(*losses, rtol=1e-3)
        steps = {"PyTorch eager": their_step, "this tape": our_step}
        yield compare(f"training step of a {what}", steps, base="PyTorch eager", at_least=0.05)

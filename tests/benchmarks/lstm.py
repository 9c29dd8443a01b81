"""An LSTM over 50 steps, forward and backward through time: batch 16, 32 inputs, 64 units, float32.

The four gates share one matrix product a step, as in PyTorch's cell. By hand, in NumPy: the same with the backward
pass written out.
"""

from functools import partial

import numpy as np
from timing import compare, installed

STEPS, BATCH, INPUTS, UNITS = 50, 16, 32, 64

_random = np.random.default_rng(0)


def _normal(*shape):
    return _random.normal(size=shape).astype(np.float32)


X = _normal(STEPS, BATCH, INPUTS)
W, U, B = _normal(INPUTS, 4 * UNITS) / 8, _normal(UNITS, 4 * UNITS) / 8, _normal(4 * UNITS)
GATES = [slice(at * UNITS, (at + 1) * UNITS) for at in range(4)]  # input, forget, cell, output


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def by_hand():
    """The gradients of both weights and the bias, for the sum of the last hidden state."""
    h = c = np.zeros((BATCH, UNITS), np.float32)
    saved = []
    for x in X:
        z = x @ W + h @ U + B
        i, f, o = (_sigmoid(z[:, GATES[at]]) for at in (0, 1, 3))
        g = np.tanh(z[:, GATES[2]])
        before = c
        c = f * before + i * g
        t = np.tanh(c)
        saved.append((x, h, before, i, f, g, o, t))
        h = o * t
    w, u, b = np.zeros_like(W), np.zeros_like(U), np.zeros_like(B)
    dh, dc = np.ones_like(h), np.zeros_like(c)
    dz = np.empty((BATCH, 4 * UNITS), np.float32)
    for x, h, before, i, f, g, o, t in reversed(saved):
        dc = dc + dh * o * (1 - t * t)
        dz[:, GATES[0]] = dc * g * i * (1 - i)
        dz[:, GATES[1]] = dc * before * f * (1 - f)
        dz[:, GATES[2]] = dc * i * (1 - g * g)
        dz[:, GATES[3]] = dh * t * o * (1 - o)
        dc = dc * f
        w += x.T @ dz
        u += h.T @ dz
        b += dz.sum(axis=0)
        dh = dz @ U.T
    return w, u, b


def with_tensors(torch, xs, w, u, b):
    """The same in PyTorch's names."""
    h = c = torch.zeros(BATCH, UNITS)
    for x in xs:
        z = x @ w + h @ u + b
        i, f, g, o = (z[:, gate] for gate in GATES)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return [d.numpy() for d in torch.autograd.grad(h.sum(), (w, u, b))]


def rows():
    import engine

    modules = {"this tape": engine}
    if installed("PyTorch eager"):
        import torch

        torch.set_num_threads(1)
        modules["PyTorch eager"] = torch
    runs = {"NumPy by hand": by_hand}
    for name, module in modules.items():
        leaves = [module.tensor(array, requires_grad=True) for array in (W, U, B)]
        runs[name] = partial(with_tensors, module, [module.tensor(x) for x in X], *leaves)
    for run in runs.values():
        for own, expected in zip(run(), by_hand()):
            np.testing.assert_allclose(own, expected, rtol=1e-3, atol=1e-4)
    yield compare("LSTM of 50 steps, forward and backward", runs, base="NumPy by hand", at_least=0.1)

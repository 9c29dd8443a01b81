"""Attention, forward and backward: softmax(q kᵀ / √d) v with n = 256 and d = 64, float32."""

import math
from functools import partial

import numpy as np
from timing import compare, installed

N, D = 256, 64

_random = np.random.default_rng(0)
Q, K, V, G = (_random.normal(size=(N, D)).astype(np.float32) for _ in range(4))


def by_hand():
    """The gradients of q, k and v in NumPy."""
    scale = 1 / math.sqrt(D)
    z = Q @ K.T
    z *= scale
    z -= z.max(axis=1, keepdims=True)
    p = np.exp(z, out=z)
    p /= p.sum(axis=1, keepdims=True)
    v = p.T @ G
    dp = G @ V.T
    dp -= (dp * p).sum(axis=1, keepdims=True)
    dp *= p
    dp *= scale
    return dp @ K, dp.T @ Q, v


def with_tensors(torch, q, k, v, g):
    """The same in PyTorch's names."""
    out = torch.softmax(q @ k.mT / math.sqrt(D), -1) @ v
    return [d.numpy() for d in torch.autograd.grad(out, (q, k, v), g)]


def rows():
    import engine

    modules = {"this tape": engine}
    if installed("PyTorch eager"):
        import torch

        torch.set_num_threads(1)
        modules["PyTorch eager"] = torch
    runs = {"NumPy by hand": by_hand}
    for name, module in modules.items():
        leaves = [module.tensor(array, requires_grad=True) for array in (Q, K, V)]
        runs[name] = partial(with_tensors, module, *leaves, module.tensor(G))
    for run in runs.values():
        for own, expected in zip(run(), by_hand()):
            np.testing.assert_allclose(own, expected, rtol=1e-3, atol=1e-5)
    yield compare("attention, n = 256, d = 64, forward and backward", runs, base="NumPy by hand", at_least=0.05)

"""A chain of elementwise operations on 2x2 float64 arrays, forward and backward.

The operations turn in fours, as they mix in real programs: times a number, plus a leaf, a function (sine), times a
leaf. By hand, in NumPy, each step is one line forward and the few lines of its derivative backward.
"""

from functools import partial

import numpy as np
from timing import compare, installed

LENGTHS = (100, 1_000, 10_000, 100_000)
SLOW = {"HIPS autograd": 10_000, "JAX eager": 1_000}  # the longest chain that a slow peer runs

_random = np.random.default_rng(0)
X, B, W = (_random.normal(size=(2, 2)) for _ in range(3))


def by_hand(length):
    """The gradients of x, b and w in NumPy."""
    x, saved = X, []
    for _ in range(length // 4):
        x = x * 0.9
        u = x + B
        v = np.sin(u)
        x = v * W
        saved.append((u, v))
    g = np.ones_like(x)
    b = np.zeros_like(B)
    w = np.zeros_like(W)
    for u, v in reversed(saved):
        w += g * v
        g = g * W
        g = g * np.cos(u)
        b += g
        g = g * 0.9
    return g, b, w


def forward(sin, x, b, w, length):
    """The same chain on anything that has operators."""
    for _ in range(length // 4):
        x = x * 0.9
        x = x + b
        x = sin(x)
        x = x * w
    return x


def with_tensors(torch):
    """The chain in PyTorch's names: for PyTorch and for ourselves."""

    def run(length):
        leaves = [torch.tensor(array, requires_grad=True) for array in (X, B, W)]
        forward(torch.sin, *leaves, length).sum().backward()
        return [leaf.grad.numpy() for leaf in leaves]

    return run


def with_autograd():
    import autograd
    import autograd.numpy as anp

    def run(length):
        return autograd.grad(lambda xbw: anp.sum(forward(anp.sin, *xbw, length)))((X, B, W))

    return run


def with_jax():
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    leaves = tuple(map(jnp.asarray, (X, B, W)))

    def run(length):
        grads = jax.grad(lambda xbw: jnp.sum(forward(jnp.sin, *xbw, length)))(leaves)
        return [g.block_until_ready() for g in grads]

    return run


def contestants():
    """Name -> run(length), which returns the three gradients."""
    import engine

    runs = {"NumPy by hand": by_hand, "this tape": with_tensors(engine)}
    if installed("PyTorch eager"):
        import torch

        torch.set_num_threads(1)
        runs["PyTorch eager"] = with_tensors(torch)
    if installed("HIPS autograd"):
        runs["HIPS autograd"] = with_autograd()
    if installed("JAX eager"):
        runs["JAX eager"] = with_jax()
    return runs


def rows():
    runs = contestants()
    for name, run in runs.items():
        for own, by_numpy in zip(run(100), by_hand(100)):
            np.testing.assert_allclose(own, by_numpy, rtol=1e-10, err_msg=name)
    for length in LENGTHS:
        able = {name: run for name, run in runs.items() if length <= SLOW.get(name, length)}
        yield compare(
            f"chain of {length:,} operations",
            {name: partial(run, length) for name, run in able.items()},
            base="NumPy by hand",
            rounds=15 if length < 10_000 else 7,
            at_least=0.02,
        )

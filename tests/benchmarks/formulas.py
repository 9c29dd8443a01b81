"""The compiled formula, `.function("numpy")`, against the closed form written by hand, our tape and PyTorch.

Each program is written once in PyTorch's names, with its gradient as a book gives it in NumPy; float64.
"""

from inspect import signature

import numpy as np
from timing import compare, installed

HAND, COMPILED, TAPE = "NumPy by hand", "the compiled formula", "this tape"
N, D, K = 512, 64, 10

_random = np.random.default_rng(0)
X, W, TRUE = _random.normal(size=(N, D)), _random.normal(size=(D, K)) / 8, _random.normal(size=D)
LABELS = _random.integers(0, K, N)
Q, KEYS, V, G = (_random.normal(size=(N // 4, D)) for _ in range(4))
UPSTREAM = _random.normal(size=X.shape)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def least_squares(torch, X, w, y):
    return ((X @ w - y) ** 2).mean()


def least_squares_by_hand(X, w, y):
    return 2 / len(y) * ((X @ w - y) @ X)


def logistic(torch, X, w, y):
    return torch.nn.functional.binary_cross_entropy_with_logits(X @ w, y)


def logistic_by_hand(X, w, y):
    return (1 / (1 + np.exp(-(X @ w))) - y) @ X / len(y)


def softmax_regression(torch, X, W, y):
    return torch.nn.functional.cross_entropy(X @ W, y)


def softmax_regression_by_hand(X, W, y):
    p = softmax(X @ W)
    p[np.arange(len(y)), y] -= 1
    return X.T @ p / len(y)


def layer_norm(torch, x, gamma, beta):
    return torch.nn.functional.layer_norm(x, x.shape[-1:], gamma, beta)


def layer_norm_by_hand(x, gamma, beta, G):
    centred = x - x.mean(axis=1, keepdims=True)
    scale = 1 / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + 1e-5)
    centred *= scale
    g = G * gamma
    inner = (g * centred).mean(axis=1, keepdims=True)
    return (g - g.mean(axis=1, keepdims=True) - centred * inner) * scale


def attention(torch, q, k, v):
    return torch.softmax(q @ k.T / 8, -1) @ v


def attention_by_hand(q, k, v, G):
    p = softmax(q @ k.T / 8)
    s = G @ v.T
    s -= (s * p).sum(axis=1, keepdims=True)
    s *= p
    return s @ k / 8


PROGRAMS = {
    "least squares": (least_squares, least_squares_by_hand, "w", {"X": X, "w": TRUE, "y": X @ TRUE + 1}, None),
    "logistic regression": (logistic, logistic_by_hand, "w", {"X": X, "w": TRUE, "y": (X @ TRUE > 0) * 1.0}, None),
    "softmax regression": (softmax_regression, softmax_regression_by_hand, "W", {"X": X, "W": W, "y": LABELS}, None),
    "LayerNorm": (layer_norm, layer_norm_by_hand, "x", {"x": X, "gamma": TRUE, "beta": TRUE}, UPSTREAM),
    "attention by the queries": (attention, attention_by_hand, "q", {"q": Q, "k": KEYS, "v": V}, G),
}


def leaves(torch, arrays, wrt):
    """The tensors of a program, by name."""
    return {name: torch.tensor(array, requires_grad=name == wrt) for name, array in arrays.items()}


def compiled(program, wrt, arrays, G):
    """The compiled formula, as a function without arguments."""
    import engine
    from explain import explain

    tensors = leaves(engine, arrays, wrt)
    run = explain(program(engine, **tensors), wrt=wrt, names=tensors).function("numpy")
    values = {**arrays, "G": G}
    asked = [values[name] for name in signature(run).parameters]
    return lambda: run(*asked)


def swept(torch, program, wrt, arrays, G):
    """Forward and backward on a tape, as a function without arguments."""
    tensors = leaves(torch, arrays, wrt)
    seed = None if G is None else torch.tensor(G)
    return lambda: torch.autograd.grad(program(torch, **tensors), tensors[wrt], seed)[0].numpy()


def rows():
    import engine

    for title, (program, by_hand, wrt, arrays, seed) in PROGRAMS.items():
        given = arrays if seed is None else {**arrays, "G": seed}
        runs = {
            HAND: lambda by_hand=by_hand, given=given: by_hand(**given),
            COMPILED: compiled(program, wrt, arrays, seed),
            TAPE: swept(engine, program, wrt, arrays, seed),
        }
        if installed("PyTorch eager"):
            import torch

            torch.set_num_threads(1)
            runs["PyTorch eager"] = swept(torch, program, wrt, arrays, seed)
        for run in runs.values():
            np.testing.assert_allclose(run(), runs[HAND](), rtol=1e-7, atol=1e-12)
        yield compare(f"gradient of {title}", runs, base=HAND, at_least=0.01)

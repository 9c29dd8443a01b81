"""What the tests of the tape share: both libraries, leaves and results as lists. Imported by tests/engine."""

import pytest

import engine

try:
    import torch
except ImportError:
    torch = None

needs_torch = pytest.mark.skipif(torch is None, reason="compares with PyTorch")
ENGINES = [engine] + ([torch] if torch is not None else [])
both = pytest.mark.parametrize("t", ENGINES, ids=lambda module: module.__name__)


def leaf(t, *values):
    return t.tensor(list(values), dtype=t.float64, requires_grad=True)


def arrays(tensors):
    return [None if x is None else x.detach().numpy().tolist() for x in tensors]

"""Lines of a user's program, whose printed value or error is PyTorch's, character by character."""

import re

import numpy as np
import pytest

import engine

RESULTS = """
torch.tensor([3, 1]) / torch.tensor([2, 1])
torch.tensor([3, 1]) / torch.tensor(2)
torch.tensor([3, 1], dtype=torch.int32) / torch.tensor([2, 1], dtype=torch.int32)
torch.tensor([True, False]) + torch.tensor([True, True])
torch.tensor([True, False]) / torch.tensor([True, True])
x.sum(axis=1)
x.sum(axis=(0, 1), keepdims=True)
torch.mean(x, axis=0)
torch.cat([x, x], axis=1)
torch.stack([x, x], axis=1)
torch.softmax(x, axis=1)
x.argmax(axis=1)
x.max(axis=1)
x.std(axis=1, keepdims=True)
torch.linalg.norm(x, axis=1)
torch.gather(x, axis=0, index=torch.tensor([[0]]))
torch.exp(x=x)
torch.add(x, x2=x)
x.sum(axis=1, dim=0)
x.split(split_size=2)
torch.swapaxes(x, axis0=0, axis1=1)
torch.tensor_split(x, sections=2)
torch.heaviside(x.detach(), values=torch.tensor(0.5))
torch.nn.functional.softmax(x, axis=1)
x.t()
x.T
x.mT
x.transpose(0, 1)
x.split(1)
x.split([1, 1])
x.chunk(2)
x.unbind()
list(x)
x.sum(0)
x.sum((0, 1))
x.sum()
x.mean(1)
x.prod(1)
x[:, :1].squeeze(1)
x[:, :1].squeeze()
x.broadcast_to(2, 2, 3)
"""


def lines(table):
    return [line for line in table.splitlines() if line and not line.startswith("#")]


def shown(torch, line):
    scope = {
        "torch": torch, "np": np, "x": torch.arange(1.0, 7.0).reshape(2, 3).requires_grad_(),
        "i": torch.tensor([2, 0, 1]), "b": torch.tensor([True, False]),
    }  # fmt: skip
    try:
        return re.sub(r"0x[0-9a-f]+", "0x", repr(eval(line, scope)))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("line", lines(RESULTS))
def test_prints_what_pytorch_prints(line):
    torch = pytest.importorskip("torch")
    assert shown(engine, line) == shown(torch, line)

"""The tutorial's programs, with PyTorch's prints as they stand there."""

import re

import numpy as np
import pytest

import engine as torch

PROGRAM = """
a = torch.ones(2, 2, requires_grad=True); print('a:\\n', a)
b = a + 5; print('b:\\n', b); print('b grad:\\n', b.grad_fn)
c = b*b*2; out = c.mean(); print('c:\\n', c); print('c out:\\n', out)
print('a grad:\\n', a.grad); out.backward(); print('a grad:\\n', a.grad)
"""

PRINTED = """a:
 tensor([[1., 1.],
        [1., 1.]], requires_grad=True)
b:
 tensor([[6., 6.],
        [6., 6.]], grad_fn=<AddBackward0>)
b grad:
 <AddBackward0 object at 0x>
c:
 tensor([[72., 72.],
        [72., 72.]], grad_fn=<MulBackward0>)
c out:
 tensor(72., grad_fn=<MeanBackward0>)
a grad:
 None
a grad:
 tensor([[6., 6.],
        [6., 6.]])
"""


def run(module, capsys):
    exec(PROGRAM, {"torch": module})
    return re.sub(r"0x[0-9a-f]+", "0x", capsys.readouterr().out)


def test_the_tutorial_prints_what_it_prints(capsys):
    assert run(torch, capsys) == PRINTED


def test_pytorch_prints_the_same(capsys):
    assert run(pytest.importorskip("torch"), capsys) == PRINTED


def test_backward_equals_backward_of_one():
    a = torch.ones(2, 2, requires_grad=True)
    ((a + 5) * (a + 5) * 2).mean().backward(torch.tensor(1.0))
    assert a.grad.tolist() == [[6.0, 6.0], [6.0, 6.0]]


def test_external_gradient():
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    b = torch.tensor([6.0, 4.0], requires_grad=True)
    Q = 3 * a**3 - b**2
    Q.backward(gradient=torch.tensor([1.0, 1.0]))
    assert a.grad.tolist() == [36.0, 81.0]
    assert b.grad.tolist() == [-12.0, -8.0]


def test_y_is_x_plus_two():
    x = torch.ones(2, 2, requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    assert "27." in repr(z) and "MeanBackward0" in repr(out)
    out.backward()
    assert x.grad.tolist() == [[4.5, 4.5], [4.5, 4.5]]


def test_frozen_parameters():
    frozen = torch.ones(2, requires_grad=True)
    frozen.requires_grad_(False)
    free = torch.ones(2, requires_grad=True)
    (frozen * free).sum().backward()
    assert frozen.grad is None and free.grad.tolist() == [1.0, 1.0]


def test_a_second_backward_errs():
    a = torch.ones(2, requires_grad=True)
    out = (a * a).sum()
    out.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        out.backward()
    assert a.grad.tolist() == [2.0, 2.0]


def test_a_non_scalar_needs_a_gradient():
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        (torch.ones(2, requires_grad=True) * 2).backward()


def test_no_graph():
    with pytest.raises(RuntimeError, match="does not require grad and does not have a grad_fn"):
        torch.ones(()).backward()


def test_integers_cannot_require_grad():
    with pytest.raises(RuntimeError, match="nly Tensors of floating point"):
        torch.tensor([1, 2], requires_grad=True)


def test_shape_mismatch():
    with pytest.raises(RuntimeError, match=r"The size of tensor a \(3\) must match the size of tensor b \(4\)"):
        torch.ones(2, 3) + torch.ones(4)
    with pytest.raises(RuntimeError, match=r"mat1 and mat2 shapes cannot be multiplied \(2x3 and 4x2\)"):
        torch.ones(2, 3) @ torch.ones(4, 2)


def test_gradient_descent_on_the_sine():
    x = torch.linspace(-np.pi, np.pi, 2000)
    y = torch.sin(x)
    w = [torch.tensor(start, requires_grad=True) for start in (0.5, -0.3, 0.2, 0.1)]
    losses = []
    for _ in range(2000):
        loss = ((w[0] + w[1] * x + w[2] * x**2 + w[3] * x**3 - y) ** 2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for p in w:
                p -= 1e-6 * p.grad
                p.grad = None
    assert all(np.isfinite(losses)) and losses[-1] < losses[1000] < losses[100] < losses[0]
    assert losses[-1] < 0.02 * losses[0]

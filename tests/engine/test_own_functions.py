"""autograd.Function: the user's own forward and backward, on the tape, twice differentiable, and explained."""

import numpy as np
import pytest

import engine
from explain import explain
from explain.certify import CertificateError

PROGRAM = """
class Legendre(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input ** 3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        input, = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input ** 2 - 1)

class Affine(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, weight, bias=None, scale=1.0):
        ctx.save_for_backward(input, weight, bias)
        ctx.scale = scale
        output = input.mm(weight.t()) * scale
        if bias is not None:
            output += bias.unsqueeze(0).expand_as(output)
        return output

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight) * ctx.scale
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input) * ctx.scale
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias, None

class Sorted(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        values, places = x.sort()
        ctx.save_for_backward(places)
        ctx.mark_non_differentiable(places)
        return values, places

    @staticmethod
    def backward(ctx, g, _places):
        places, = ctx.saved_tensors
        out = torch.zeros_like(g)
        out[places] = g
        return out

class Power(torch.autograd.Function):
    @staticmethod
    def forward(x, n):
        return x ** n

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, n = inputs
        ctx.save_for_backward(x)
        ctx.n = n

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * ctx.n * x ** (ctx.n - 1), None

x = torch.tensor([3.0, 1.0, 2.0], dtype=torch.float64, requires_grad=True)
y = Legendre.apply(x * x)
told = [y, str(y.grad_fn).split(" object")[0], y.grad_fn.name()]
first, = torch.autograd.grad(y.sum(), x, create_graph=True)
told += [first, torch.autograd.grad(first.sum(), x)[0]]
W = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
b = torch.zeros(2, dtype=torch.float64, requires_grad=True)
z = Affine.apply(x[None], W, b, 2.0)
(z ** 2).sum().backward()
told += [z, len(z.grad_fn.next_functions), W.grad, b.grad, x.grad]
x.grad = None
values, places = Sorted.apply(x)
(values * torch.arange(3.0, dtype=torch.float64)).sum().backward()
told += [values, places, places.requires_grad, x.grad]
told += [Power.apply(x, 3), torch.autograd.grad(Power.apply(x, 3).sum(), x)[0]]
"""

WRONG = """
class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, g):
        return RETURNED

x = torch.ones(2, requires_grad=True)
Wrong.apply(x, x).sum().backward()
"""


def told(torch):
    scope = {"torch": torch}
    exec(PROGRAM, scope)
    return scope["told"]


def test_as_in_pytorch():
    torch = pytest.importorskip("torch")
    for mine, theirs in zip(told(engine), told(torch), strict=True):
        if isinstance(theirs, torch.Tensor):
            np.testing.assert_allclose(mine.detach().numpy(), theirs.detach().numpy(), rtol=1e-14)
        else:
            assert mine == theirs


@pytest.mark.parametrize("returned", ["g", "(g[:1], g)"])
def test_a_wrong_backward_errs_in_pytorchs_words(returned):
    torch = pytest.importorskip("torch")
    errors = []
    for library in (engine, torch):
        with pytest.raises(RuntimeError) as caught:
            exec(WRONG.replace("RETURNED", returned), {"torch": library})
        errors.append(str(caught.value))
    assert errors[0] == errors[1]


class Cube(engine.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return w * x**3

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g * 3 * x**2 * w, (g * x**3).sum()


class Forgetful(Cube):
    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g * 2 * x**2 * w, (g * x**3).sum()


def test_explained_and_checked_against_finite_differences():
    a = engine.tensor([1.0, 2.0, 3.0], requires_grad=True)
    w = engine.tensor(2.0, requires_grad=True)
    e = explain(Cube.apply(2 * a, w).sum(), wrt=a)
    assert "Cube.backward" in e.text() and "Cube(t1, w)" in e.text()
    np.testing.assert_allclose(e.value, [48, 192, 432])
    assert e.check("24 * w * a**2") and not e.check("3 * w * a**2")
    with pytest.raises(CertificateError, match="check the backward of Forgetful"):
        explain(Forgetful.apply(a, w).sum(), wrt=a)
    with pytest.raises(NotImplementedError, match="use another format"):
        e.json()

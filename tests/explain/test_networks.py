"""Random networks in modules: every parameter's derivative is explained, and every layer told apart.

What is shown passed the certificate; here its numbers are compared with differences of the whole network, run again.
"""

import random

import numpy as np
import pytest

import engine as torch
from explain import explain

nn = torch.nn
ACTIVATIONS = [nn.ReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.ELU, nn.Softplus, nn.LeakyReLU]


class Residual(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)


class Gated(nn.Module):
    def __init__(self, left, right):
        super().__init__()
        self.left, self.right = left, right

    def forward(self, x):
        return self.left(x) * torch.sigmoid(self.right(x))


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(width, width, bias=False) for _ in range(3))

    def forward(self, x):
        return torch.softmax(self.q(x) @ self.k(x).T, dim=-1) @ self.v(x)


def block(draw, width, depth=0):
    """A random module that keeps the width."""

    def inner():
        return block(draw, width, depth + 1)

    def again():
        shared = nn.Linear(width, width)
        return nn.Sequential(shared, nn.Tanh(), shared)

    leaves = [
        lambda: nn.Linear(width, width),
        lambda: draw.choice(ACTIVATIONS)(),
        lambda: nn.LayerNorm(width),
        lambda: Attention(width),
    ]
    containers = [
        lambda: nn.Sequential(*(inner() for _ in range(draw.randrange(1, 4)))),
        lambda: Residual(inner()),
        lambda: Gated(inner(), inner()),
        again,
    ]
    return draw.choice(leaves + containers if depth < 2 else leaves)()


def network(seed):
    """(network, inputs, labels) in double precision."""
    draw = random.Random(seed)
    torch.manual_seed(seed)
    width = draw.randrange(2, 4)
    net = nn.Sequential(*(block(draw, width) for _ in range(draw.randrange(2, 7))), nn.Linear(width, 2))
    return net.double(), torch.randn(3, width).double(), torch.tensor([0, 1, 1])


def check(seed):
    net, x, labels = network(seed)
    if seed % 2:
        scores = net(x)
        loss = nn.functional.cross_entropy(scores, labels)
    else:
        loss = nn.functional.cross_entropy(net(x), labels)
    pages = explain(loss)
    pages = dict(pages.items()) if hasattr(pages, "items") else {pages.name: pages}
    parameters = {f"net.{name}": parameter for name, parameter in net.named_parameters()}
    assert set(pages) <= set(parameters)
    for name, page in pages.items():
        names = page._derivation.program.names
        assert len(set(names.values())) == len(names)
        assert str(page).startswith(f"∂loss/∂{name}")
        assert_slope(net, x, labels, parameters[name], page.value)


def assert_slope(net, x, labels, parameter, gradient, step=1e-6):
    """The gradient against differences of the network along a random direction, of fourth order."""
    direction = np.random.default_rng(1).standard_normal(parameter.shape)
    before = parameter.numpy(force=True).copy()
    losses = []
    with torch.no_grad():
        for move in (step, -step, 2 * step, -2 * step):
            parameter.copy_(torch.tensor(before + move * direction))
            losses.append(nn.functional.cross_entropy(net(x), labels).item())
        parameter.copy_(torch.tensor(before))
    right, left, far_right, far_left = losses
    slope = (8 * (right - left) - (far_right - far_left)) / (12 * step)
    np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("seed", range(8))
def test_a_network(seed):
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8, 108))
def test_more_networks(seed):
    check(seed)

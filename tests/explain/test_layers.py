"""Programs in modules and in functions: what layers return has a name, though the variables that held it are gone."""

import numpy as np
import pytest

import engine as torch
from explain import explain

nn = torch.nn
F = torch.nn.functional


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3)
        self.conv2 = nn.Conv2d(2, 3, 3)
        self.fc1 = nn.Linear(12, 5)
        self.fc2 = nn.Linear(5, 3)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        return self.fc2(F.relu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 3)

    def forward(self, x):
        return x + torch.tanh(self.inner(x))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(2, 3)
        self.blocks = nn.ModuleList([Block(), Block(), Block()])
        self.head = nn.Linear(3, 3)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def labels(n):
    return torch.arange(n) % 3


def automatic(explanation):
    """The names that nobody gave, in the order of the program."""
    program = explanation._derivation.program
    return [program.names[node] for node in program.nodes if node in program.automatic]


def test_results_go_by_their_layers_names():
    net = Convolutional()
    x, y = torch.randn(4, 1, 8, 8), labels(4)
    loss = F.cross_entropy(net(x), y)
    page = explain(loss, wrt=net.conv1.weight)
    assert automatic(page) == ["conv1", "conv2", "fc1", "fc2"]
    text = str(page)
    assert "conv1 = x ∗ net.conv1.weight + net.conv1.bias[:, None, None]\n" in text
    assert "∂loss/∂fc1 = [fc1 > 0] ⊙ ∂loss/∂fc2 net.fc2.weight\n" in text
    loss.backward()
    np.testing.assert_allclose(page.value, net.conv1.weight.grad.numpy(), rtol=1e-5)


def test_a_name_for_what_the_network_returned_hides_no_layer():
    net = Convolutional()
    x, y = torch.randn(4, 1, 8, 8), labels(4)
    logits = net(x)
    loss = F.cross_entropy(logits, y)
    page = explain(loss, wrt=net.conv1.weight)
    assert automatic(page) == ["conv1", "conv2", "fc1"]
    assert "softmax₁(logits)" in str(page)


def test_layers_of_a_sequence_are_numbered_as_it_numbers_them():
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))
    logits = net(torch.randn(4, 2))
    loss = F.cross_entropy(logits, labels(4))
    assert automatic(explain(loss, wrt="net.0.weight")) == ["net_0", "net_2"]


def test_layers_of_the_same_name_are_told_apart_by_their_places():
    net = Residual()
    loss = F.cross_entropy(net(torch.randn(4, 2)), labels(4))
    page = explain(loss, wrt="net.stem.weight")
    blocks = [f"blocks_{at}{inner}" for at in range(3) for inner in ("_inner", "")]
    assert automatic(page) == ["stem", *blocks, "head"]


def test_layers_of_the_same_name_in_two_networks():
    one, other = Block(), Block()
    x = torch.randn(4, 3)
    loss = torch.exp(torch.sin(other(torch.tanh(one(x))))).mean()
    assert automatic(explain(loss, wrt="one.inner.weight")) == ["one_inner", "one", "other_inner", "other"]


def test_a_layer_that_is_used_again_and_again_is_numbered():
    layer, head = nn.Linear(3, 3), nn.Linear(3, 3)

    def run(h):
        for _ in range(3):
            h = torch.tanh(layer(h))
        return head(h)

    logits = run(torch.randn(4, 3))
    loss = F.cross_entropy(logits, labels(4))
    assert automatic(explain(loss, wrt="layer.weight")) == ["layer", "layer_2", "layer_3"]


def test_one_layer_between_two_names_is_written_out():
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3))
    logits = net(torch.randn(4, 2))
    loss = F.cross_entropy(logits, labels(4))
    assert automatic(explain(loss, wrt="net.0.weight")) == []


def test_a_loop_over_one_layer_goes_by_the_loops_variable():
    layer = nn.Linear(3, 3)
    h = torch.randn(4, 3)
    for _ in range(3):
        h = torch.tanh(layer(h))
    loss = torch.exp(h).sum()
    assert automatic(explain(loss, wrt="layer.weight")) == ["h0", "h1", "h2"]


def test_a_loop_over_several_layers_goes_by_the_layers():
    layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(3)])
    h = torch.randn(4, 3)
    for layer in layers:
        h = layer(h)
    loss = torch.exp(h).sum()
    assert automatic(explain(loss, wrt="layers.0.weight")) == ["layers_0", "layers_1"]


def test_a_users_variable_keeps_its_name():
    net = Convolutional()
    fc1 = torch.randn(4, 1, 8, 8)
    loss = F.cross_entropy(net(fc1), labels(4))
    page = explain(loss, wrt=net.conv1.weight)
    assert automatic(page) == ["conv1", "conv2", "fc1_2", "fc2"]
    assert "conv1 = fc1 ∗ net.conv1.weight" in str(page)


def test_short_programs_are_shown_step_by_step_as_before():
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3))
    loss = F.cross_entropy(net(torch.randn(4, 2)), labels(4))
    assert automatic(explain(loss, wrt="net.0.weight")) == ["t1", "t2", "t3"]


def parameters(*sizes):
    return [(torch.randn(a, b).requires_grad_(), torch.zeros(b).requires_grad_()) for a, b in zip(sizes, sizes[1:])]


def test_functions_without_modules_get_a_name_where_slopes_are_taken():
    (A, a), (B, b), (C, c), (D, d) = parameters(2, 3, 3, 3, 3)
    x = torch.randn(4, 2)

    def model(h):
        for W, bias in ((A, a), (B, b), (C, c)):
            h = torch.tanh(h @ W + bias)
        return h @ D + d

    y = labels(4)
    loss = F.cross_entropy(model(x) * 2, y)
    page = explain(loss, wrt=A)
    assert [name for name, _ in page.where] == ["t1", "t2", "t3"]
    assert "t1 = x A + a\n" in str(page) and "t2 = tanh(t1) B + b\n" in str(page)


def test_one_long_expression_of_single_entries_stays_whole():
    x, y = torch.tensor(0.5, requires_grad=True), torch.tensor(0.25, requires_grad=True)
    out = torch.exp(torch.sin(torch.tanh(torch.exp(torch.cos(torch.sin(x * y)))) * 2 + x)) + y
    assert automatic(explain(out, wrt=x)) == []


def test_many_repetitions_of_a_layer():
    layer = nn.Linear(2, 2)

    def run(h):
        for _ in range(60):
            h = torch.tanh(layer(h))
        return (h * h).sum()

    out = run(torch.randn(3, 2))
    assert automatic(explain(out, wrt="layer.weight")) == ["layer", *(f"layer_{at}" for at in range(2, 61))]


def test_layers_after_a_computed_constant_keep_their_names():
    """Such a constant is put back on the tape, and what depends on it is copied."""
    torch.manual_seed(0)
    words = torch.randint(0, 5, (2, 4))
    net = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 5))
    logits = net(words[:, :-1])
    loss = F.cross_entropy(logits.reshape(-1, 5), words[:, 1:].reshape(-1))
    assert automatic(explain(loss, wrt="net.1.weight")) == ["net_0", "net_1"]


def test_layers_before_what_is_asked_for_have_names_too():
    net = nn.Sequential(*(layer for _ in range(4) for layer in (nn.Linear(3, 3), nn.Tanh())), nn.Linear(3, 3))
    loss = F.cross_entropy(net(torch.randn(4, 3)), labels(4))
    assert automatic(explain(loss, wrt="net.8.weight")) == ["net_0", "net_2", "net_4", "net_6", "t1"]

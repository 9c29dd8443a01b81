"""A loss explained after the step: a parameter that an optimizer updated goes by its name, with the values it had."""

import copy

import numpy as np
import pytest

import engine as torch
from explain import explain

RANDOM = np.random.default_rng(4)


def trained(steps=3):
    """(X, y, w, b, loss, w before the last step) of least squares by gradient descent."""
    X, y = (torch.tensor(RANDOM.standard_normal(shape)) for shape in ((8, 2), (8,)))
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=0.1)
    for _ in range(steps):
        before = w.detach().numpy().copy()
        optimizer.zero_grad()
        loss = ((X @ w + b - y) ** 2).mean()
        loss.backward()
        optimizer.step()
    return X, y, w, b, loss, before


def test_by_the_tensor_and_by_its_name():
    X, y, w, b, loss, before = trained()
    by_tensor = explain(loss, wrt=w)
    assert by_tensor.text().startswith("∂loss/∂w = Xᵀ (X w + b − y) / 4")
    assert explain(loss, wrt="w").text() == by_tensor.text()
    np.testing.assert_array_equal(by_tensor.value, w.grad.numpy())
    b_before = b.detach().numpy() + 0.1 * b.grad.numpy()
    np.testing.assert_allclose(by_tensor.function()(X.numpy(), y.numpy(), before, b_before), w.grad.numpy())
    assert not np.allclose(before, w.detach().numpy())


def test_all_leaves_and_their_explanations():
    _X, _y, w, b, loss, _before = trained()
    every = explain(loss)
    assert list(every) == ["w", "b"]
    assert every[w] is every["w"] and every[b] is every["b"]
    with pytest.raises(KeyError, match="no explanation by this tensor; there are those by w, b"):
        every[torch.ones(2)]


def test_updates_by_hand_and_of_data():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (w**2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    assert explain(loss, wrt=w).text().startswith("∂loss/∂w = 2w = [2, 4]")
    loss = (w**3).sum()
    w.data = torch.zeros(2)
    assert explain(loss, wrt=w).text().startswith("∂loss/∂w = 3w² = [1.92, 7.68]")


def test_modules():
    net = torch.nn.Linear(2, 1)
    x = torch.ones(3, 2)
    loss = net(x).sum()
    loss.backward()
    torch.optim.Adam(net.parameters()).step()
    assert list(explain(loss)) == ["net.weight", "net.bias"]
    assert explain(loss, wrt=net.bias).name == "net.bias"


def test_sizes_find_it_too():
    X, _y, w, _b, loss, _before = trained()
    text = explain(loss, wrt=w, dims={X: "n d", w: "d"}).text()
    assert text.startswith("∂loss/∂w = (2/n) Xᵀ (X w") and "given, length d" in text


def test_a_stranger_is_still_refused():
    _X, _y, w, _b, loss, _before = trained()
    for other in (torch.zeros(2, requires_grad=True), copy.deepcopy(w)):
        with pytest.raises(ValueError, match="is not part of this graph"):
            explain(loss, wrt=other)

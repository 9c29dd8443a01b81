"""A name that a loop binds again: its earlier values get numbers, so that a recurrence reads as in a textbook."""

import numpy as np

import engine as torch
from explain import explain


def names(e):
    return [step.left.name for step in e.steps if step.kind == "forward"]


def test_a_recurrence():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    h = torch.tensor([0.1, 0.2])
    for _ in range(3):
        h = torch.tanh(w * h)
    e = explain(h.sum(), wrt=w)
    assert names(e) == ["h1", "h2", "h", "out"]
    page = e.text()
    assert "h0 = [0.1, 0.2]" in page and "h1 = tanh(h0 ⊙ w)" in page and "h = tanh(h2 ⊙ w)" in page
    assert "w is used 3 times, in h, h2 and h1" in page


def test_a_recurrence_that_reads_a_sequence():
    W, U = torch.randn(3, 3, requires_grad=True), torch.randn(3, 2)
    xs = [torch.randn(2) for _ in range(3)]
    h = torch.zeros(3)
    for x in xs:
        h = torch.tanh(W @ h + U @ x)
    e = explain((h * h).sum(), wrt=W)
    assert "h1 = tanh(U xs[0] + W h0)" in e.text()
    assert names(e)[:3] == ["h1", "h2", "h"]


def test_gradient_descent_by_hand():
    A = torch.tensor([[2.0, 1.0], [1.0, 3.0]])
    start = torch.tensor([1.0, -1.0], requires_grad=True)
    v = start
    for _ in range(3):
        v = v - 0.1 * (A @ v)
    e = explain((v * v).sum(), wrt=start)
    assert names(e) == ["v1", "v2", "v", "out"] and "v1 = start − A start / 10" in e.text()
    step = np.eye(2) - 0.1 * A.numpy()
    np.testing.assert_allclose(e.value, 2 * np.linalg.matrix_power(step, 6) @ [1, -1], rtol=1e-5)


def test_numbers_avoid_the_names_there_are():
    w, h1 = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0)
    h = h1
    for _ in range(3):
        h = torch.tanh(w * h) + h1
    found = names(explain(h, wrt=w))
    assert found[-1] == "h" and len(set(found)) == len(found) == 3 and "h1" not in found


def test_a_sum_and_a_power_stay_whole():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * x * x * x
    s = x + x * 2 + x * 3 + x
    assert names(explain(y.sum(), wrt=x)) == ["y", "out"]
    assert names(explain(s.sum(), wrt=x)) == ["s", "out"]


def test_a_long_chain_of_names_is_no_recursion():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    x = torch.tensor([0.1, 0.2], requires_grad=True)
    for _ in range(150):
        x = torch.sin(x) * w + x
    e = explain(x.sum(), wrt=w)
    assert len(str(e.formula)) < 10_000 and e.certificate.points == 3


def test_numbers_and_arrays_are_variables_of_a_function():
    e = explain(lambda x: x**3, 2.0)
    assert str(e.formula) == "3*x**2" and e.value == 12
    p = np.array([1.0, 2.0])
    found = explain(lambda p, q: (p * q).sum(), p, np.array([3.0, 5.0]), wrt="p")
    np.testing.assert_array_equal(found.value, [3.0, 5.0])

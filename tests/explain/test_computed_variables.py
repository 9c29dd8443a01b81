"""The derivative by a variable that the program computed: it is a variable of its own there."""

import numpy as np
import pytest
import sympy

import engine as torch
from explain import explain


def tutorial():
    a = torch.ones(2, 2, requires_grad=True)
    b = a + 5
    c = b * b * 2
    return a, b, c, c.mean()


def test_what_it_was_computed_from_is_left_out():
    _a, b, _c, out = tutorial()
    e = explain(out, wrt=b)
    assert str(e.formula) == "b"
    np.testing.assert_array_equal(e.value, np.full((2, 2), 6.0))
    assert "b = 6" in e.text() and "a + 5" not in e.text()


def test_the_output_by_itself():
    *_others, out = tutorial()
    assert explain(out, wrt=out).formula == 1


def test_several_of_both_kinds():
    a, b, c, out = tutorial()
    e = explain(out, wrt=[a, b, "c"])
    assert [str(e[x].formula) for x in (a, b, c)] == ["a + 5", "b", "1/4"]


def test_a_path_around_it_does_not_count():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    s = x**2
    out = (s * s * x).sum()
    e = explain(out, wrt=s)
    assert sympy.simplify(e.formula - sympy.sympify("2*s*x", {str(v): v for v in e.formula.free_symbols})) == 0
    np.testing.assert_allclose(e.value, 2 * np.array([1.0, 4.0]) * np.array([1.0, 2.0]))


def test_a_detached_copy_of_it_is_a_constant():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = 3 * a
    out = (b * b.detach()).sum()
    e = explain(out, wrt=b)
    np.testing.assert_allclose(e.value, [3.0, 6.0])
    slope = e.function("numpy")
    assert e.certificate.points == 3 and callable(slope)


def test_letters_are_carried_to_it():
    X, w, y = torch.randn(5, 3), torch.randn(3, requires_grad=True), torch.randn(5)
    p = X @ w
    loss = ((p - y) ** 2).mean()
    e = explain(loss, wrt=p, dims={"X": "n d", "y": "n"})
    assert "(2/n) (p − y)" in e.text() and "also at the sizes n = 6" in e.text()
    assert e.check("2 * (p - y) / n")
    assert not e.check("2 * (p - y)")


@pytest.mark.parametrize("level", ["short", "steps", "ops", "rules", "entries"])
def test_every_level(level):
    x = torch.tensor([[0.5, -1.0], [2.0, 0.25]], requires_grad=True)
    h = torch.tanh(x @ x)
    out = torch.exp(h).sum() + h[0].prod()
    e = explain(out, wrt=h)
    truth = np.exp(h.detach().numpy())
    truth[0] += h.detach().numpy()[0, ::-1]
    np.testing.assert_allclose(e.value, truth, rtol=1e-6)
    assert "∂out/∂h" in e.text(level)


def test_a_gradient_of_a_gradient_starts_from_one():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    (g,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    assert str(explain((g * g).sum(), wrt=x).formula) == "36*x**3"


def test_the_upstream_gradient_is_told():
    a, _b, c, _out = tutorial()
    assert "L is a scalar computed from c; G = ∂L/∂c" in explain(c, wrt=a).text("short")

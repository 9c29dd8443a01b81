"""The main job: the tutorial's program explained, and the same under other names, shapes, constants and forms."""

import numpy as np
import pytest
import sympy

import engine as torch
from explain import explain


def walkthrough():
    a = torch.ones(2, 2, requires_grad=True)
    b = a + 5
    c = b * b * 2
    out = c.mean()
    return a, b, c, out


def test_formula_value_and_untouched_grad():
    a, b, c, out = walkthrough()
    e = explain(out, wrt=a)
    (symbol,) = e.formula.free_symbols
    assert symbol.name == "a"
    assert e.formula == symbol + 5
    assert str(e.formula) == "a + 5"
    assert a.grad is None
    out.backward()
    assert np.array_equal(e.value, a.grad.numpy())
    assert e.definitions == {}


def test_the_walkthrough_in_order():
    a, b, c, out = walkthrough()
    page = explain(out, wrt=a).text()
    places = [
        page.index(piece)
        for piece in (
            "b = a + 5 = 6",
            "c = 2b² = 72",
            "out = mean(c) = 72",
            "∂out/∂c = 1/4",
            "∂c/∂b = 4b",
            "∂b/∂a = 1",
            "1/4 · 4b · 1 = b",
            "b = a + 5   b is replaced",
            "1 + 5 = 6",
            "against the tape's gradient",
            "against finite differences",
        )
    ]
    assert places == sorted(places)


def test_markdown_has_the_same_lines():
    a, b, c, out = walkthrough()
    page = explain(out, wrt=a).markdown()
    assert r"\frac{1}{4} \cdot 4 b \cdot 1 = b" in page
    assert page.count("$") % 2 == 0


def test_still_explained_after_backward():
    a, b, c, out = walkthrough()
    out.backward()
    assert str(explain(out, wrt=a).formula) == "a + 5"


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 2)])
@pytest.mark.parametrize("shift, factor", [(5, 2), (-1.5, 3), (0.25, 0.5), (7, -4)])
def test_other_names_shapes_constants(shape, shift, factor):
    start = torch.full(shape, 2.0, requires_grad=True)
    moved = start + shift
    squared = moved * moved * factor
    average = squared.mean()
    e = explain(average, wrt=start)
    symbol = next(s for s in e.formula.free_symbols if s.name == "start")
    count = int(np.prod(shape))
    expected = sympy.Rational(2, count) * sympy.nsimplify(factor) * (symbol + sympy.nsimplify(shift))
    assert sympy.expand(e.formula - expected) == 0
    average.backward()
    np.testing.assert_allclose(e.value, start.grad.numpy(), rtol=1e-6)


def test_several_paths_are_shown_and_added():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    u = x * x
    v = torch.sin(x)
    total = (u * v + x).sum()
    e = explain(total, wrt=x)
    page = e.text()
    words = " ".join(page.split())
    assert "x is used 3 times, in total, v and u, so its contributions are added." in words
    assert "∂total/∂x directly = 1" in words
    assert "∂total/∂x by way of u = ∂total/∂u ⊙ 2x" in words
    assert "∂total/∂x by way of v = ∂total/∂v ⊙ cos(x)" in words
    points = np.array([1.0, 2.0])
    np.testing.assert_allclose(e.value, 2 * points * np.sin(points) + points**2 * np.cos(points) + 1, rtol=1e-6)


def test_temporaries_without_names():
    a = torch.ones(2, 2, requires_grad=True)
    out = ((a + 5) * (a + 5) * 2).mean()
    assert str(explain(out, wrt=a).formula) == "a + 5"


def test_a_rebound_name():
    a = torch.ones(2, 2, requires_grad=True)
    x = a + 5
    x = x * x
    x = x * 2
    out = x.mean()
    e = explain(out, wrt=a)
    assert str(e.formula) == "a + 5"
    assert "x = " in e.text()


def test_any_name_that_holds_it():
    p = torch.tensor([1.0, 2.0], requires_grad=True)
    net = torch.nn.Linear(2, 1)
    b2, W = p, net.weight  # noqa: F841 (the names are what is tested)
    out = (b2 * b2).sum() + net(b2).sum()
    assert explain(out, wrt="b2").name == "b2" and explain(out, wrt="p").name == "p"
    assert explain(out, wrt=["W", "b2"])["W"].name == "W"
    assert explain(out, wrt="net.weight").name == "net.weight"


def test_a_rebound_leaf_keeps_its_place():
    x = torch.ones(2, requires_grad=True)
    x = x * 3
    e = explain((x * x).sum())
    np.testing.assert_allclose(e.value, [18.0, 18.0])


def test_inside_a_function_and_of_a_function():
    def loss(w):
        shifted = w - 1
        return (shifted**2).sum()

    def inner():
        w = torch.zeros(2, requires_grad=True)
        residual = w - 1
        value = (residual**2).sum()
        return explain(value, wrt=w)

    e = inner()
    assert "residual = w − 1" in e.text()
    w = torch.zeros(2, requires_grad=True)
    e = explain(loss, w, wrt="w")
    assert "shifted = w − 1" in e.text()


def test_explicit_names_win():
    a, b, c, out = walkthrough()
    e = explain(out, wrt="start", names={"start": a, "middle": b})
    assert str(e.formula) == "start + 5"
    assert "middle = start + 5" in e.text()


def test_several_leaves():
    w = torch.tensor([2.0, 3.0], requires_grad=True)
    v = torch.tensor([6.0, 4.0], requires_grad=True)
    out = (3 * w**3 - v**2).sum()
    made = explain(out)
    assert str(made["w"].formula) == "9*w**2"
    assert str(made[v].formula) == "-2*v"
    both = explain(out, wrt=["w", v])
    np.testing.assert_array_equal(both["w"].value, [36.0, 81.0])
    np.testing.assert_array_equal(both["v"].value, [-12.0, -8.0])


def test_upstream_gradient():
    w = torch.tensor([2.0, 3.0], requires_grad=True)
    q = 3 * w**3
    given = explain(q, wrt=w, gradient=torch.tensor([1.0, 2.0]))
    np.testing.assert_array_equal(given.value, [36.0, 162.0])
    assert str(given.formula) == "9*G*w**2"
    free = explain(q, wrt=w)
    assert free.value is None and free.formula == given.formula


def test_matrices_keep_their_form():
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    y = torch.tensor([1.0, 0.0, 1.0])
    w = torch.zeros(2, requires_grad=True)
    loss = ((X @ w - y) ** 2).mean()
    e = explain(loss, wrt=w)
    assert "Xᵀ (X w − y)" in e.text().splitlines()[0]
    np.testing.assert_allclose(e.value, 2 / 3 * X.numpy().T @ (-y.numpy()), rtol=1e-6)


@pytest.mark.parametrize(
    "make, error, words",
    [
        (lambda: explain(torch.ones(2)), RuntimeError, "requires_grad=True"),
        (lambda: explain(walkthrough()[3], wrt=torch.ones(2)), ValueError, "not part of this graph"),
        (lambda: explain(walkthrough()[3], wrt="z"), ValueError, "no variable named 'z'"),
        (lambda: explain(walkthrough()[3], wrt=3), TypeError, "a tensor or a name"),
        (lambda: explain(3), TypeError, "takes a tensor"),
        (lambda: explain(walkthrough()[2], gradient=torch.ones(3)), RuntimeError, "Mismatch in shape"),
    ],
)
def test_wrong_input(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_wrt_that_only_a_comparison_uses():
    a = torch.tensor([1.0, -1.0], requires_grad=True)
    b = torch.tensor([2.0, 3.0], requires_grad=True)
    out = torch.where(a > 0, b, b * b).sum()
    with pytest.raises(ValueError, match="operations without derivative"):
        explain(out, wrt=a)
    assert np.array_equal(explain(out).value, [1.0, 6.0])


def test_a_name_that_only_a_comparison_uses():
    a = torch.tensor([1.0, -1.0], requires_grad=True)
    shifted = a + 0.5
    out = torch.where(shifted > 0, a, a * a).sum()
    assert np.array_equal(explain(out, wrt=a).value, [1.0, -2.0])


def test_wrt_that_does_not_require_grad():
    a = torch.ones(2, requires_grad=True)
    k = torch.ones(2)
    with pytest.raises(RuntimeError, match="does not require grad"):
        explain((a * k).sum(), wrt=k)

"""What .grad becomes: sums, whose memory it is, and which tensors a sweep is asked for."""

import tracemalloc

import numpy as np
import pytest
from tapes import arrays, both, leaf

import engine


@both
def test_gradients_accumulate(t):
    x = leaf(t, 1.0, 2.0)
    (x * 3).sum().backward()
    seen = x.grad
    (x * x).sum().backward()
    assert arrays([x.grad]) == [[5.0, 7.0]]
    assert seen is x.grad


@both
def test_a_gradient_shares_memory_with_nothing(t):
    a, b, c = leaf(t, 1.0, 2.0), leaf(t, 3.0, 4.0), leaf(t, 5.0, 6.0)
    seed = t.tensor([10.0, 20.0], dtype=t.float64)
    (a + b - c).backward(seed)
    for x in (a, b, c):
        others = [y.grad for y in (a, b, c) if y is not x]
        assert not any(np.shares_memory(x.grad.numpy(), other.numpy()) for other in (*others, seed))
    a.grad.zero_()
    assert arrays([b.grad, c.grad, seed]) == [[10.0, 20.0], [-10.0, -20.0], [10.0, 20.0]]


@both
def test_a_spread_gradient_can_be_written(t):
    x = leaf(t, 1.0, 2.0)
    x.sum().backward()
    x.grad.mul_(3)
    assert arrays([x.grad]) == [[3.0, 3.0]]


def test_results_of_grad_share_memory_with_nothing():
    a, b = leaf(engine, 1.0), leaf(engine, 2.0)
    seed = engine.tensor([4.0], dtype=engine.float64)
    first, second = engine.autograd.grad(a + b, [a, b], seed)
    assert not np.shares_memory(first.numpy(), second.numpy())
    assert not np.shares_memory(first.numpy(), seed.numpy())


def test_a_fresh_gradient_is_taken_over_without_a_copy():
    x = engine.ones(1_000_000, requires_grad=True)
    y = x * 2
    seed = engine.ones(1_000_000)
    tracemalloc.start()
    y.backward(seed)
    _size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 4_000_000 <= peak < 5_000_000


def test_what_a_gradient_was_stays_on_the_tape():
    """A program that used x.grad is differentiated at the values that it used."""
    x, w = leaf(engine, 3.0), leaf(engine, 1.0)
    (x * x).sum().backward()
    used = (x.grad * w).sum()
    (x * x).sum().backward()
    used.backward()
    assert w.grad.tolist() == [6.0]


@both
def test_retain_grad(t):
    x = leaf(t, 2.0)
    middle = x * x
    middle.retain_grad()
    assert middle.retains_grad
    (middle * 3).sum().backward()
    assert arrays([middle.grad, x.grad]) == [[3.0], [12.0]]


@both
def test_retained_gradients_are_filled_on_the_way_to_inputs(t):
    x = leaf(t, 2.0)
    middle = x * x
    middle.retain_grad()
    (middle * 3).sum().backward(inputs=[x], retain_graph=True)
    assert arrays([middle.grad]) == [[3.0]]
    t.autograd.grad((middle * 1).sum(), x)
    assert arrays([middle.grad]) == [[4.0]]


@both
def test_backward_to_chosen_inputs(t):
    x, y = leaf(t, 2.0), leaf(t, 5.0)
    (x * y).sum().backward(inputs=[x])
    assert arrays([x.grad, y.grad]) == [[5.0], None]


@both
def test_an_unused_input(t):
    x, y = leaf(t, 2.0), leaf(t, 5.0)
    with pytest.raises(RuntimeError, match="Set allow_unused=True"):
        t.autograd.grad((x * x).sum(), [x, y])
    assert arrays(t.autograd.grad((x * x).sum(), [x, y], allow_unused=True)) == [[4.0], None]
    assert arrays(t.autograd.grad((x * x).sum(), [x, y], materialize_grads=True)) == [[4.0], [0.0]]


@both
def test_an_input_asked_for_twice(t):
    x = leaf(t, 2.0)
    assert arrays(t.autograd.grad((x * x).sum(), [x, x])) == [[4.0], [4.0]]


@both
def test_several_outputs_add_up(t):
    x = leaf(t, 2.0)
    first, second = (x * x).sum(), (x * 5).sum()
    t.autograd.backward([first, second])
    assert arrays([x.grad]) == [[9.0]]


@both
def test_next_functions(t):
    x, y = leaf(t, 2.0), leaf(t, 3.0)
    out = (x * y + 1).sin()
    sine = out.grad_fn
    ((plus, _),) = sine.next_functions
    (times, _), (number, _) = plus.next_functions
    (to_x, _), (to_y, _) = times.next_functions
    assert [fn.name() for fn in (sine, plus, times)] == ["SinBackward0", "AddBackward0", "MulBackward0"]
    assert number is None
    assert to_x.variable is x and to_y.variable is y


def test_a_number_in_the_place_of_a_gradient_is_refused():
    x = leaf(engine, 1.0, 2.0)
    for ask in (lambda: (x * x).backward(3.0), lambda: engine.autograd.grad((x * x).sum(), 2)):
        with pytest.raises(TypeError, match="must be a tensor, or a sequence of tensors, not (float|int); make a"):
            ask()
    assert x.grad is None

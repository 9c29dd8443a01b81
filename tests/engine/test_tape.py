"""The tape: its order, its sweep, depth, threads, and backward() and grad() as PyTorch's users know them."""

import gc
import sys
import threading
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tapes import arrays, both, leaf, needs_torch, torch

import engine
from engine.tape import NUMBERS, Node, Reader, leading_to, order, sweep

# Programs of random shape


PROGRAMS = st.lists(
    st.tuples(st.sampled_from(["add", "mul", "sin", "half", "sum", "spread"]), st.integers(0, 99), st.integers(0, 99)),
    min_size=1,
    max_size=25,
)


def run(t, program):
    """The leaves and the result of a program: each step takes two of the tensors so far."""
    leaves = [leaf(t, 0.5, -1.0), leaf(t, 2.0, 0.25), t.tensor(1.5, dtype=t.float64, requires_grad=True)]
    tensors = list(leaves)
    for name, i, j in program:
        a, b = tensors[i % len(tensors)], tensors[j % len(tensors)]
        step = {
            "add": lambda a, b: a + b,
            "mul": lambda a, b: a * b,
            "sin": lambda a, b: t.sin(a),
            "half": lambda a, b: 0.5 - a,
            "sum": lambda a, b: a.sum(),
            "spread": lambda a, b: a.sum() * b,
        }[name]
        tensors.append(step(a, b))
    return leaves, tensors


@given(PROGRAMS)
def test_order_is_topological_and_complete(program):
    _leaves, tensors = run(engine, program)
    nodes = order(tensors[-1]._node)
    place = {node: at for at, node in enumerate(nodes)}
    assert nodes[-1] is tensors[-1]._node
    assert len(place) == len(nodes)
    for node in nodes:
        assert all(place[x] < place[node] for x in node.inputs if isinstance(x, Node) and x.needs)


@given(PROGRAMS)
def test_leading_to_is_what_depends_on_a_target(program):
    leaves, tensors = run(engine, program)
    nodes = order(tensors[-1]._node)
    target = leaves[0]._node
    assert leading_to(nodes, [target]) == {node for node in nodes if target in order(node)}


@given(PROGRAMS)
def test_the_quick_sweep_finds_what_the_plain_one_does(program):
    """The plain loop reads the same rules on arrays: no shortcut for arrays may change a number."""
    leaves, tensors = run(engine, program)
    out = tensors[-1].sum()
    seeds = {out._node: np.ones(())}
    nodes = order(out._node)
    plain = sweep(nodes, seeds, Reader(NUMBERS.value, NUMBERS.number, NUMBERS.rules))
    quick = sweep(nodes, seeds, NUMBERS)
    frugal = sweep(nodes, seeds, NUMBERS, keep=())
    assert set(quick) == set(plain)
    for node, g in plain.items():
        np.testing.assert_allclose(quick[node], g, rtol=1e-12, atol=1e-300)
        assert np.shape(quick[node]) == node.shape and quick[node].dtype == node.dtype
    assert {node for node in plain if node.op is None} == set(frugal)
    for x in leaves:
        if x._node in plain:
            np.testing.assert_array_equal(frugal[x._node], quick[x._node])


@needs_torch
@given(PROGRAMS)
def test_gradients_of_random_programs_are_pytorchs(program):
    ours, theirs = (
        t.autograd.grad(run_out.sum(), leaves, allow_unused=True)
        for t in (engine, torch)
        for leaves, (*_rest, run_out) in [run(t, [("spread", 0, 1), ("mul", 2, 1), *program, ("add", -1, 0)])]
    )
    for own, other in zip(ours, theirs):
        assert (own is None) == (other is None)
        if own is not None:
            np.testing.assert_allclose(own.numpy(), other.numpy(), rtol=1e-9, atol=1e-12)


def test_order_without_needs_reaches_constants():
    a = leaf(engine, 1.0)
    c = engine.tensor([2.0], dtype=engine.float64)
    out = a * c
    assert c._node not in order(out._node)
    assert c._node in order(out._node, needed=False)


@pytest.mark.parametrize("count", range(5))
def test_inputs_are_a_tuple_whatever_their_number(count):
    inputs = tuple(Node(None, (), np.ones(1)) for _ in range(count))
    assert Node(None, inputs, np.ones(1)).inputs == inputs


def test_numbers_among_the_inputs():
    a = leaf(engine, 3.0)
    assert (a - 2)._node.inputs == (a._node, 2)
    assert (2 - a)._node.inputs == (2, a._node)
    assert a.sin()._node.inputs == (a._node,)


# Depth


def test_a_deep_graph_runs_and_is_freed():
    x = leaf(engine, 0.5)
    y = x
    for _ in range(50_000):
        y = y * 1.0 + 0.0
    last = weakref.ref(y._node.first)
    y.sum().backward()
    assert x.grad.tolist() == [1.0]
    del y
    gc.collect()
    assert last() is None


def test_a_deep_graph_can_be_differentiated_twice():
    x = leaf(engine, 2.0)
    y = x * x
    for _ in range(20_000):
        y = y + 0.0
    (first,) = engine.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = engine.autograd.grad(first.sum(), x)
    assert (first.tolist(), second.tolist()) == ([4.0], [2.0])


def test_a_graph_without_references_is_freed_without_the_collector():
    gc.disable()
    try:
        x = leaf(engine, 1.0)
        y = (x * x).sum()
        inner = weakref.ref(y._node.first)
        y.backward()
        del y
        assert inner() is None
    finally:
        gc.enable()


def test_inner_cotangents_are_let_go():
    """A sweep over a long chain doesn't hold all its cotangents at once."""
    x = leaf(engine, 1.0)
    y = x
    for _ in range(10):
        y = y.sin()
    nodes = order(y._node)
    found = sweep(nodes, {y._node: np.ones(1)}, NUMBERS, keep=())
    assert list(found) == [x._node]


# Threads


def in_threads(*targets):
    errors = []

    def guarded(target):
        try:
            target()
        except BaseException as error:  # a thread's failure must fail the test
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(target,)) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_two_threads_record_and_sweep_at_once():
    grads = {}

    def work(scale):
        def chain():
            for _ in range(20):
                x = leaf(engine, 1.0)
                y = x
                for _ in range(200):
                    y = y * scale
                y.sum().backward()
                grads.setdefault(scale, set()).add(x.grad.item())

        return chain

    in_threads(work(1.001), work(0.999))
    assert {scale: len(found) for scale, found in grads.items()} == {1.001: 1, 0.999: 1}
    np.testing.assert_allclose(grads[1.001].pop(), 1.001**200)
    np.testing.assert_allclose(grads[0.999].pop(), 0.999**200)


def test_threads_add_up_in_a_shared_leaf():
    x = leaf(engine, 0.0)

    def work():
        for _ in range(300):
            (x * 1.0).sum().backward()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        in_threads(work, work, work)
    finally:
        sys.setswitchinterval(interval)
    assert x.grad.tolist() == [900.0]


@both
def test_no_grad_is_a_matter_of_the_thread(t):
    entered, checked = threading.Event(), threading.Event()
    seen = {}

    def without():
        with t.no_grad():
            entered.set()
            checked.wait(10)
            seen["without"] = (leaf(t, 1.0) * 2).requires_grad

    def recording():
        entered.wait(10)
        seen["recording"] = (leaf(t, 1.0) * 2).requires_grad
        checked.set()

    in_threads(without, recording)
    assert seen == {"without": False, "recording": True}


@both
def test_recording_is_as_before_after_a_failing_backward(t):
    x = leaf(t, 1.0, 2.0)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        (x * 2).backward()
    assert t.is_grad_enabled()
    assert (x * 2).requires_grad


# A second backward


@both
def test_a_second_backward_errs_and_changes_nothing(t):
    x = leaf(t, 3.0)
    shared = x * x
    shared.sum().backward()
    fresh = leaf(t, 1.0)
    out = (shared * fresh).sum()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        out.backward()
    assert arrays([x.grad]) == [[6.0]]


def test_a_second_backward_errs_before_anything_changes():
    """PyTorch has filled fresh.grad by then; here the check comes first."""
    x, fresh = leaf(engine, 3.0), leaf(engine, 1.0)
    shared = x * x
    shared.sum().backward()
    out = (shared * fresh).sum()
    with pytest.raises(RuntimeError, match="second time"):
        out.backward()
    assert fresh.grad is None
    assert not out._node.spent and not out._node.first.spent


@both
def test_operations_that_save_nothing_can_be_swept_again(t):
    x = leaf(t, 1.0)
    out = (x + 2 - x.sum()).sum()
    out.backward()
    out.backward()
    assert arrays([x.grad]) == [[0.0]]


@both
def test_retain_graph(t):
    x = leaf(t, 3.0)
    out = (x * x).sum()
    out.backward(retain_graph=True)
    out.backward()
    assert arrays([x.grad]) == [[12.0]]
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        out.backward()


@both
def test_only_what_was_swept_is_spent(t):
    x = leaf(t, 3.0)
    middle = x * x
    out = (middle * middle).sum()
    t.autograd.grad(out, middle)
    middle.sum().backward()
    assert arrays([x.grad]) == [[6.0]]


@both
def test_a_target_on_the_way_to_another_is_spent(t):
    x = leaf(t, 3.0)
    middle = x * x
    t.autograd.grad((middle * middle).sum(), [x, middle])
    with pytest.raises(RuntimeError, match="second time"):
        middle.sum().backward()


# Higher derivatives


@both
def test_create_graph(t):
    x = leaf(t, 2.0)
    (first,) = t.autograd.grad((x**3).sum(), x, create_graph=True)
    (second,) = t.autograd.grad(first.sum(), x, create_graph=True)
    (third,) = t.autograd.grad(second.sum(), x)
    assert arrays([first, second, third]) == [[12.0], [12.0], [6.0]]
    assert first.requires_grad and not third.requires_grad


@both
@pytest.mark.filterwarnings("ignore:Using backward")
def test_backward_with_create_graph_leaves_gradients_of_their_own(t):
    a, b = leaf(t, 2.0), leaf(t, 3.0)
    ((a + b) ** 2).sum().backward(create_graph=True)
    assert a.grad is not b.grad
    assert a.grad.grad_fn.name().endswith("CopyBackwards")
    (again,) = t.autograd.grad(a.grad.sum(), b)
    assert arrays([a.grad, b.grad, again]) == [[10.0], [10.0], [2.0]]


# The quick ways onto the tape


@both
def test_functions_of_one_operand(t):
    x = leaf(t, 0.5)
    assert t.sin(input=x).grad_fn.name() == "SinBackward0"
    assert x.sin().grad_fn.name() == "SinBackward0"
    assert t.sin(t.tensor([1, 2])).dtype == t.float32
    assert not t.sin(x.detach()).requires_grad
    with t.no_grad():
        assert not t.sin(x).requires_grad


def test_functions_of_one_operand_take_arrays():
    np.testing.assert_allclose(engine.sin(np.array([0.5])), np.sin([0.5]))


@both
def test_comparisons_never_require_grad(t):
    x = leaf(t, 0.5)
    assert not (x < 1).requires_grad
    assert not (x < x).requires_grad


def test_an_update_leaves_recorded_views_as_they_were():
    w = engine.tensor([[1.0, 2.0]], requires_grad=True)
    x = engine.tensor([[2.0, 4.0]], requires_grad=True)
    y = (x @ w.T).sum()
    y.backward(retain_graph=True)
    with engine.no_grad():
        w -= w
    x.grad = None
    y.backward()
    assert x.grad.tolist() == [[1.0, 2.0]] and w.tolist() == [[0.0, 0.0]]

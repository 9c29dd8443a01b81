"""Tensors from numbers, lists and shapes, and random ones."""

import numpy as np
import pytest
from agreement import agree, same_error

import engine

pytest.importorskip("torch")

CALLS = {
    "zeros": lambda t, x: (t.zeros(2, 3), t.zeros((2, 3)), t.zeros([1]), t.zeros(()), t.zeros(2, dtype=t.int64)),
    "zeros-size": lambda t, x: t.zeros(size=(2,)),
    "ones": lambda t, x: (t.ones(2, 3), t.ones(0), t.ones(x.shape), t.ones(2, dtype=t.bool)),
    "full": lambda t, x: (t.full((2,), 1.5), t.full((2,), 3), t.full([1], True), t.full((), 2.0, dtype=t.float64)),
    "full-tensor": lambda t, x: t.full((2,), x[0, 0]),
    "likes": lambda t, x: (t.zeros_like(x), t.ones_like(x, dtype=t.int64), t.full_like(x, 7), t.full_like(x, True)),
    "new": lambda t, x: (x.new_zeros(2), x.new_ones((2, 1)), x.new_full((2,), 3), x.new_ones(2, dtype=t.int64)),
    "new_tensor": lambda t, x: (x.new_tensor([1, 2]), x.long().new_tensor([1.5]), x.new_tensor(3)),
    "arange": lambda t, x: (t.arange(3), t.arange(3.0), t.arange(1, 5, 2), t.arange(0.5, 3), t.arange(1, 3, 0.5)),
    "arange-down": lambda t, x: (t.arange(3, 0, -1), t.arange(3, 3), t.arange(end=3), t.arange(0, 1, 0.1)),
    "arange-start": lambda t, x: (t.arange(1, end=4), t.arange(start=1, end=4, step=2)),
    "arange-dtype": lambda t, x: (t.arange(5, dtype=t.float16), t.arange(2, dtype=t.float64), t.arange(t.tensor(3))),
    "linspace": lambda t, x: (t.linspace(0, 1, 7), t.linspace(3, 1, 4), t.linspace(2, 1, 1), t.linspace(0, 1, 0)),
    "linspace-dtype": lambda t, x: (t.linspace(0, 10, 5, dtype=t.int64), t.linspace(0, 1, 3, dtype=t.float64)),
    "logspace": lambda t, x: (t.logspace(0, 3, 4, base=2), t.logspace(-1, 2, 5, dtype=t.float64)),
    "eye": lambda t, x: (t.eye(3), t.eye(2, 3), t.eye(0), t.eye(2, dtype=t.int64)),
    "triangles": lambda t, x: (t.tril_indices(3, 4, 1), t.triu_indices(3, 4, -1), t.triu_indices(0, 4)),
    "tensor": lambda t, x: (t.tensor([]), t.tensor([True, 2]), t.tensor([1, 2.5]), t.tensor([[1], [2]]), t.tensor(3)),
    "tensor-bool": lambda t, x: (t.tensor([True, False]), t.tensor(True), t.tensor([[]])),
    "tensor-nested": lambda t, x: t.tensor([x[0, 0].item(), t.tensor(2.0)]),
    "tensor-dtype": lambda t, x: (t.tensor([1.7, 2], dtype=t.int32), t.tensor([0, 2], dtype=t.bool)),
    "tensor-array": lambda t, x: (t.tensor(np.ones(2)), t.tensor(np.float32(3)), t.tensor(np.arange(2, dtype="int16"))),
    "as_tensor": lambda t, x: (t.as_tensor([1, 2]), t.as_tensor([1], dtype=t.float64), t.as_tensor(np.ones(2))),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_as_in_pytorch(call):
    agree(call, np.arange(6.0).reshape(2, 3), dtype="float32", rtol=1e-6, second=False, frozen=(0,))


ERRORS = {
    "zeros": lambda t: t.zeros(2, -1),
    "zeros-float": lambda t: t.zeros(2.5),
    "full": lambda t: t.full(3, 1.0),
    "arange-step": lambda t: t.arange(0, 5, 0),
    "arange-sign": lambda t: t.arange(5, 0),
    "linspace": lambda t: t.linspace(0, 1, -1),
    "eye": lambda t: t.eye(-1),
    "eye-m": lambda t: t.eye(2, -1),
    "tril_indices": lambda t: t.tril_indices(-1, 3),
    "uneven": lambda t: t.tensor([[1], [1, 2]]),
    "uneven-deep": lambda t: t.tensor([[[1], [1]], [[1, 2], [3, 4]]]),
    "from_numpy": lambda t: t.from_numpy(3),
    "zeros_like": lambda t: t.zeros_like([1]),
    "rand": lambda t: t.rand(2, -1),
    "randint": lambda t: t.randint(5, 3, (2,)),
    "multinomial": lambda t: t.multinomial(t.tensor([0.5, 0.5]), 3),
    "multinomial-negative": lambda t: t.multinomial(t.tensor([0.5, -0.5]), 1),
    "multinomial-zero": lambda t: t.multinomial(t.tensor([0.0, 0.0]), 1),
    "uniform_": lambda t: t.ones(2).uniform_(1, 0),
}


@pytest.mark.parametrize("call", ERRORS.values(), ids=ERRORS)
def test_error_as_in_pytorch(call):
    same_error(call)


def test_requires_grad_at_birth():
    for x in (engine.zeros(2, requires_grad=True), engine.full((2,), 1.0, requires_grad=True),
              engine.linspace(0, 1, 2, requires_grad=True), engine.randn(2, requires_grad=True)):  # fmt: skip
        assert x.requires_grad and x.is_leaf
    with pytest.raises(RuntimeError, match="floating point"):
        engine.ones(2, dtype=engine.int64, requires_grad=True)


def test_memory():
    array = np.ones(2)
    shared, copied = engine.from_numpy(array), engine.tensor(array)
    array[0] = 5
    assert shared[0] == 5 and copied[0] == 1
    assert engine.as_tensor(shared) is shared
    assert engine.as_tensor(array).numpy() is array


def test_default_dtype():
    engine.set_default_dtype(engine.float64)
    try:
        for x in (engine.zeros(1), engine.arange(1.0), engine.tensor([1.0]), engine.rand(1), engine.linspace(0, 1, 2)):
            assert x.dtype is engine.float64
    finally:
        engine.set_default_dtype(engine.float32)


# random


DRAWS = {
    "rand": lambda: engine.rand(2000),
    "randn": lambda: engine.randn(2000),
    "randint": lambda: engine.randint(-2, 5, (2000,)),
    "randperm": lambda: engine.randperm(2000),
    "normal": lambda: engine.normal(1.0, 2.0, (2000,)),
    "bernoulli": lambda: engine.bernoulli(engine.full((2000,), 0.3)),
    "multinomial": lambda: engine.multinomial(engine.tensor([0.2, 0.0, 0.8]), 2000, replacement=True),
    "uniform_": lambda: engine.empty(2000).uniform_(-1, 3),
    "normal_": lambda: engine.empty(2000).normal_(1, 2),
    "rand_like": lambda: engine.rand_like(engine.zeros(2000)),
    "randn_like": lambda: engine.randn_like(engine.zeros(2000, dtype=engine.float64)),
}
MEANS = {"rand": 0.5, "randn": 0, "randint": 1, "randperm": 999.5, "normal": 1, "bernoulli": 0.3, "multinomial": 1.6,
         "uniform_": 1, "normal_": 1, "rand_like": 0.5, "randn_like": 0}  # fmt: skip


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_repeats(name):
    engine.manual_seed(7)
    first = DRAWS[name]()
    engine.manual_seed(7)
    assert engine.equal(first, DRAWS[name]())
    assert not engine.equal(first, DRAWS[name]())


@pytest.mark.parametrize("name", DRAWS)
def test_the_mean_is_right(name):
    engine.manual_seed(0)
    values = DRAWS[name]().double()
    error = float(values.std()) / 2000**0.5
    assert abs(float(values.mean()) - MEANS[name]) <= 4 * error


def test_ranges_and_dtypes():
    engine.manual_seed(1)
    whole = engine.randint(-2, 5, (500,))
    assert whole.dtype is engine.int64 and set(whole.tolist()) == set(range(-2, 5))
    assert sorted(engine.randperm(9).tolist()) == list(range(9))
    few = engine.multinomial(engine.tensor([[1.0, 1, 0], [0, 1, 1]]), 2)
    assert [sorted(row) for row in few.tolist()] == [[0, 1], [1, 2]]
    assert engine.rand(3).dtype is engine.float32
    u = engine.rand(1000)
    assert float(u.min()) >= 0 and float(u.max()) < 1


def test_generators_are_apart():
    g = engine.Generator().manual_seed(3)
    engine.manual_seed(3)
    assert engine.equal(engine.rand(4, generator=g), engine.rand(4))
    before = engine.rand(2, generator=engine.Generator().manual_seed(5))
    engine.rand(100)
    assert engine.equal(before, engine.rand(2, generator=engine.Generator().manual_seed(5)))
    assert g.initial_seed() == 3 and engine.initial_seed() == 3


def test_filling_a_leaf():
    w = engine.zeros(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        w.normal_()
    with engine.no_grad():
        w.uniform_(2, 3)
    assert w.is_leaf and w.requires_grad and float(w.detach().min()) >= 2

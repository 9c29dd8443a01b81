"""x[key], x[key] = value, gather, scatter and their relatives as PyTorch's users call them, and NumPy's answers."""

import numpy as np
import pytest
from agreement import agree, same_error

import engine

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(2)
CUBE = RNG.standard_normal((3, 4, 5))
FLAT = RNG.standard_normal((2, 3))
I = [0, 2, 2, -1]
MASK = CUBE > 0.2


def mask(t):
    return t.from_numpy(MASK)


KEYS = {
    "int": lambda t: 1,
    "negative": lambda t: -1,
    "numpy-int": lambda t: np.int64(1),
    "slice": lambda t: slice(1, None),
    "slice-negative": lambda t: slice(-2, None),
    "slice-step": lambda t: slice(None, None, 2),
    "slice-empty": lambda t: slice(2, 1),
    "slice-far": lambda t: slice(-9, 9),
    "all": lambda t: slice(None),
    "ellipsis": lambda t: Ellipsis,
    "none": lambda t: None,
    "ints": lambda t: (0, 1, 2),
    "mixed": lambda t: (0, slice(1, 3), None, -1),
    "ellipsis-last": lambda t: (..., 0),
    "ellipsis-middle": lambda t: (0, ..., slice(0, 4, 3)),
    "ellipsis-none": lambda t: (None, ..., None, 0),
    "empty": lambda t: (),
    "list": lambda t: I,
    "list-twice": lambda t: [0, 0, 1],
    "list-empty": lambda t: [],
    "range": lambda t: range(2),
    "nested-list": lambda t: [[0, 1], [1, 0]],
    "tensor": lambda t: t.tensor(I),
    "tensor-int32": lambda t: t.tensor([0, 2], dtype=t.int32),
    "tensor-matrix": lambda t: t.tensor([[0, 1], [2, 2]]),
    "tensor-number": lambda t: t.tensor(1),
    "tensor-empty": lambda t: t.tensor([], dtype=t.int64),
    "array": lambda t: np.array([2, 0]),
    "second-axis": lambda t: (slice(None), I),
    "last-axis": lambda t: (..., t.tensor(I)),
    "two": lambda t: (t.tensor([0, 1]), t.tensor([1, 1])),
    "two-broadcast": lambda t: (t.tensor([[0], [1]]), t.tensor([1, 2, 3])),
    "two-apart": lambda t: (t.tensor([0, 1]), slice(None), t.tensor([1, 1])),
    "three": lambda t: ([0, 1], [1, 1], [2, -1]),
    "int-and-list": lambda t: (0, slice(None), [1, 2]),
    "list-and-int": lambda t: ([0, 1], slice(None), 2),
    "int-list-int": lambda t: (0, [1, 1, 2], 0),
    "number-tensor-and-list": lambda t: (t.tensor(0), slice(None), [1, 2]),
    "slice-and-list": lambda t: (slice(0, 2), [1, 1], slice(None, None, 3)),
    "none-and-list": lambda t: (None, [0, 1], None, slice(1, 2)),
    "lists-around-none": lambda t: ([0, 1], None, [0, 1]),
    "mask": mask,
    "mask-list": lambda t: [True, False, True],
    "mask-first": lambda t: mask(t)[:, 0, 0],
    "mask-two-axes": lambda t: mask(t)[:, :, 0],
    "mask-last": lambda t: (..., mask(t)[0, 0]),
    "mask-middle": lambda t: (slice(None), mask(t)[0, :, 0]),
    "mask-and-list": lambda t: (t.tensor([True, False, True]), [1, 1]),
    "mask-and-int": lambda t: (mask(t)[:, 0, 0], 1),
    "mask-none-true": lambda t: t.zeros(3, 4, 5) > 1,
    "mask-uint8": lambda t: t.tensor([1, 0, 1], dtype=t.uint8),
    "true": lambda t: True,
    "false": lambda t: False,
    "true-and-int": lambda t: (True, 0),
    "mask-number": lambda t: t.tensor(True),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_read(key):
    agree(lambda t, x: x[key(t)], CUBE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_read_transposed(key):
    agree(lambda t, x: x.T.T[key(t)] * 2, CUBE, second=False)


NUMPY = [name for name in KEYS if name not in ("nested-list", "int-and-list", "number-tensor-and-list", "list-and-int",
                                               "mask-uint8", "int-list-int", "mask-and-int")]  # fmt: skip


@pytest.mark.parametrize("name", NUMPY)
def test_read_as_numpy(name):
    """Where PyTorch and NumPy agree: all but integers beside arrays and nested lists."""
    key = KEYS[name](engine)
    plain = tuple(x.numpy() if isinstance(x, engine.Tensor) else x for x in key) if isinstance(key, tuple) else key
    plain = plain.numpy() if isinstance(plain, engine.Tensor) else plain
    assert np.array_equal(engine.from_numpy(CUBE)[key].numpy(), CUBE[plain])


WRITABLE = {name: key for name, key in KEYS.items() if name not in (
    "list", "list-twice", "tensor", "tensor-matrix", "second-axis", "last-axis", "int-list-int", "slice-and-list",
    "tensor-empty", "list-empty", "mask-uint8")}  # fmt: skip


def written(t, x, key, value):
    y = x * 1
    y[key] = value
    return y


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("key", WRITABLE.values(), ids=WRITABLE)
def test_write_to_history(key):
    agree(lambda t, x: written(t, x, key(t), 2.5), CUBE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("key", WRITABLE.values(), ids=WRITABLE)
def test_write_with_history(key):
    shape = torch.from_numpy(CUBE)[key(torch)].shape
    value = RNG.standard_normal(shape)
    agree(lambda t, x, v: written(t, x, key(t), v), CUBE, value)
    agree(lambda t, x, v: written(t, x, key(t), v), CUBE, value, frozen=(0,))
    agree(lambda t, x, v: written(t, x, key(t), v), CUBE, value, frozen=(1,))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("key", WRITABLE.values(), ids=WRITABLE)
def test_write_constants(key):
    def call(t, x):
        x[key(t)] = 7
        x[key(t)] = x[key(t)] * 2
        return x

    agree(call, np.arange(60).reshape(3, 4, 5), second=False)
    agree(call, CUBE, second=False, frozen=(0,))


@pytest.mark.parametrize("call", [
    lambda t, x, v: written(t, x, 0, v[0, 0]),
    lambda t, x, v: written(t, x, slice(1, 3), v[0, :1]),
    lambda t, x, v: written(t, x, [0, 2], v[0]),
    lambda t, x, v: written(t, x, 1, v[None, 0]),
    lambda t, x, v: written(t, x, x > 0, v[0, 0, 0]),
    lambda t, x, v: written(t, x, ([0, 1], slice(None), 1), v[:2, 0]),
])  # fmt: skip
def test_values_broadcast(call):
    agree(call, RNG.standard_normal((3, 2, 2)), RNG.standard_normal((2, 2, 2)))


def test_a_loop_over_time_steps():
    def call(t, x, w):
        h, out = t.zeros(4, dtype=x.dtype), t.zeros(3, 4, dtype=x.dtype)
        for step in range(3):
            h = (x[step] @ w + h).tanh()
            out[step] = h
        return out

    agree(call, RNG.standard_normal((3, 5)), RNG.standard_normal((5, 4)))


def test_writes_convert():
    x = engine.zeros(3, dtype=engine.int64)
    x[0] = 1.7
    x[1:] = engine.tensor([2.5, 3.5])
    assert x.tolist() == [1, 2, 3]
    y = engine.zeros(2)
    y[:] = np.ones(2)
    assert y.dtype is engine.float32


def test_aliases_see_a_write_to_a_constant():
    array = np.zeros(3)
    x = engine.from_numpy(array)
    row = x[1:]
    x[2] = 5
    row[0] = 4
    assert array.tolist() == [0, 4, 5] and row.tolist() == [4, 5]


def test_the_tape_keeps_what_it_recorded():
    w = engine.ones(3, requires_grad=True)
    c = engine.tensor([1.0, 2.0, 3.0])
    y = (w * c).sum()
    c[0] = 100
    c[1] += 50
    c.view(-1)[2] = 7
    y.backward()
    assert w.grad.tolist() == [1, 2, 3] and c.tolist() == [100, 52, 7]


def test_gradient_through_repeated_keys_at_once():
    agree(lambda t, x: x[[1, 1, 1, 0]] * x[t.tensor([0, 0, 1, 1])], FLAT)
    agree(lambda t, x: x[[0, 1, 0], [2, 2, 2]], FLAT)


def test_repeated_places_with_a_gradient_are_refused():
    x, v = engine.zeros(3), engine.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="several times"):
        x[[0, 0]] = v
    with pytest.raises(RuntimeError, match="several times"):
        x.scatter(0, engine.tensor([1, 1]), v)
    x[[0, 0]] = v.detach()
    assert x[0] == 1


def test_printed_name_of_an_index():
    X = engine.ones(3, 2, requires_grad=True)
    assert str(X[engine.tensor([0, 0])].grad_fn.expr).startswith("index(")


def test_a_source_larger_than_its_index():
    """PyTorch computes the value and then fails to differentiate; here the rest gets zero."""
    src = engine.ones(2, 3, requires_grad=True)
    y = engine.zeros(2, 3).scatter_add(0, engine.tensor([[1, 0]]), src)
    y.sum().backward()
    assert y.tolist() == [[0, 1, 0], [1, 0, 0]] and src.grad.tolist() == [[1, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize("key, name", [
    ((slice(0, 2),), "a"), ((slice(None, 2),), "a"), ((slice(2, 5),), "b"), ((slice(-3, None),), "b"),
    ((slice(1, 3),), None), ((0,), None), ((slice(0, 2, 2),), None),
])  # fmt: skip
def test_a_stretch_of_a_row_of_arrays_is_that_array(key, name):
    from engine.ops.indexing import Key, getitem
    from engine.ops.joining import cat, stack
    from engine.symbols import symbol

    a, b = symbol("a", (2,)), symbol("b", (3,))
    taken = getitem(cat(a, b, dim=0), key=Key(key))
    assert str(taken.expr) == name if name else str(taken.expr).startswith("getitem(")
    assert getitem(stack(a, 2 * a, dim=0), key=Key((1,))).expr == (2 * a).expr


# functions

CALLS = {
    "gather": lambda t, x: x.gather(0, t.tensor([[0, 1, 1], [1, 1, 0], [0, 0, 0]])),
    "gather-dim": lambda t, x: t.gather(x, 1, t.tensor([[0, 2], [1, 1]])),
    "gather-fewer": lambda t, x: t.gather(x, -1, t.tensor([[0, 2, 2, 2]])),
    "gather-int32": lambda t, x: t.gather(x, 1, t.tensor([[0], [1]])),
    "gather-empty": lambda t, x: t.gather(x, 0, t.zeros(0, 3, dtype=t.int64)),
    "scatter": lambda t, x: x.scatter(1, t.tensor([[2, 0], [1, 2]]), x[:, :2] * 3),
    "scatter-value": lambda t, x: t.scatter(x, 0, t.tensor([[0, 1]]), 9.0),
    "scatter-keyword": lambda t, x: x.scatter(0, t.tensor([[0, 1]]), value=9.0),
    "scatter-add": lambda t, x: x.scatter(0, t.tensor([[0, 1, 1]]), x[:1] * 2, reduce="add") if t is engine
    else x.scatter_add(0, t.tensor([[0, 1, 1]]), x[:1] * 2),
    "scatter_add": lambda t, x: x.scatter_add(1, t.tensor([[0, 0, 0], [1, 2, 1]]), x * x),
    "scatter_add-fewer": lambda t, x: t.scatter_add(x, 0, t.tensor([[1, 1]]), x[:1, :2] ** 2),
    "index_select": lambda t, x: x.index_select(1, t.tensor([2, 0, 0])),
    "index_select-first": lambda t, x: t.index_select(x, 0, t.tensor([1])),
    "index_select-number": lambda t, x: t.index_select(x, 0, t.tensor(1)),
    "index_select-empty": lambda t, x: t.index_select(x, 0, t.tensor([], dtype=t.int64)),
    "index_add": lambda t, x: x.index_add(1, t.tensor([0, 0, 2]), x * x),
    "index_add-alpha": lambda t, x: t.index_add(x, 0, t.tensor([1, 1]), x * x, alpha=3),
    "index_copy": lambda t, x: x.index_copy(1, t.tensor([2, 0]), x[:, :2] * 5),
    "index_fill": lambda t, x: x.index_fill(1, t.tensor([2, 0]), 4.0),
    "take": lambda t, x: x.take(t.tensor([[0, 5], [-1, 0]])),
    "take_along_dim": lambda t, x: t.take_along_dim(x, t.tensor([[0], [2]]), dim=1),
    "take_along_dim-broadcast": lambda t, x: x.take_along_dim(t.tensor([[0, 1, 1]]), 0),
    "take_along_dim-flat": lambda t, x: x.take_along_dim(t.tensor([0, 5])),
    "take_along_dim-sorted": lambda t, x: t.take_along_dim(x, t.tensor([[2, 0, 1], [0, 2, 1]]), dim=1),
    "masked_select": lambda t, x: x.masked_select(x > 0),
    "masked_select-broadcast": lambda t, x: t.masked_select(x, t.tensor([True, False, True])),
    "masked_select-wider": lambda t, x: t.masked_select(x[0], t.tensor([[True], [False], [True]])),
    "embedding": lambda t, x: t.nn.functional.embedding(t.tensor([[0, 1], [1, 1]]), x),
    "embedding-padding": lambda t, x: t.nn.functional.embedding(t.tensor([0, 1, 1]), x, padding_idx=1),
    "embedding-padding-negative": lambda t, x: t.nn.functional.embedding(t.tensor([0, 1, 1]), x, padding_idx=-2),
    "embedding-none": lambda t, x: t.nn.functional.embedding(t.zeros(0, dtype=t.int64), x),
    "one_hot": lambda t, x: t.nn.functional.one_hot(t.tensor([0, 2, 1])) * x[:1].mean(),
    "one_hot-more": lambda t, x: t.nn.functional.one_hot(t.tensor([[0], [2]]), num_classes=3) * x[:, None],
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_functions(call):
    agree(call, FLAT)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_functions_in_float32(call):
    agree(call, FLAT, dtype="float32", rtol=1e-6, second=False)


@pytest.mark.parametrize("call", [
    lambda t, x: x.gather(0, t.tensor(0)), lambda t, x: x.gather(0, t.tensor([0, 0])), lambda t, x: x[None],
    lambda t, x: x[...],
    lambda t, x: x.index_select(0, t.tensor([0])), lambda t, x: x.take(t.tensor([0, 0])), lambda t, x: x[()],
    lambda t, x: x.masked_select(t.tensor(True)), lambda t, x: x[t.tensor(True)], lambda t, x: x[True, ..., None],
    lambda t, x: x.scatter_add(0, t.tensor(0), x * x), lambda t, x: written(t, x, ..., 3.0), lambda t, x: x[False],
])  # fmt: skip
def test_a_number(call):
    agree(call, np.array(1.5))


@pytest.mark.parametrize("call", [
    lambda t, x: x[:, 1], lambda t, x: x[:, [0, 0]], lambda t, x: x[x > 0], lambda t, x: x[0:2], lambda t, x: x[[]],
    lambda t, x: x.index_select(1, t.tensor([1, 1])), lambda t, x: x.masked_select(x > 0),
    lambda t, x: written(t, x, x > 0, 1.0),
    lambda t, x: x.gather(1, t.zeros(0, 2, dtype=t.int64)), lambda t, x: written(t, x, slice(None), 1.0),
])  # fmt: skip
def test_no_entries(call):
    agree(call, np.zeros((0, 3)), second=False)


def test_large_table():
    """Rows used many times: sorted sums against PyTorch's."""
    agree(lambda t, x, n: t.nn.functional.embedding(n, x), RNG.standard_normal((50, 7)), RNG.integers(0, 50, (40, 30)),
          rtol=1e-9)  # fmt: skip


def put(t, x, key, value):
    x = x.clone()
    x[key] = value


def leaf(t, key):
    t.ones(2, 3, requires_grad=True)[key] = 1.0


ERRORS = {
    "int": lambda t, x: x[2],
    "int-second": lambda t, x: x[0, 3],
    "too-many": lambda t, x: x[0, 0, 0],
    "number": lambda t, x: t.tensor(1.0)[0],
    "negative-step": lambda t, x: x[::-1],
    "float": lambda t, x: x[1.5],
    "float-tensor": lambda t, x: x[t.tensor([1.5])],
    "tensor-range": lambda t, x: x[t.tensor([3])],
    "list-range": lambda t, x: x[[0, 3]],
    "shapes": lambda t, x: x[[0, 1], [0, 1, 2]],
    "mask": lambda t, x: x[t.tensor([True, False, True])],
    "mask-second": lambda t, x: x[:, t.tensor([True, False])],
    "write-slice": lambda t, x: put(t, x, 0, t.ones(2)),
    "write-more": lambda t, x: put(t, x, 0, t.ones(2, 3)),
    "write-index": lambda t, x: put(t, x, [0, 1], t.ones(2)),
    "write-mask": lambda t, x: put(t, x, x > 0, t.ones(17)),
    "write-range": lambda t, x: put(t, x, 5, 1.0),
    "write-list": lambda t, x: put(t, x, 0, [1, 2, 3]),
    "write-text": lambda t, x: put(t, x, 0, "a"),
    "leaf": lambda t, x: leaf(t, 0),
    "leaf-index": lambda t, x: leaf(t, [0, 1]),
    "gather-rank": lambda t, x: x.gather(0, t.tensor([0, 1])),
    "gather-range": lambda t, x: x.gather(0, t.tensor([[0, 1, 2]])),
    "gather-size": lambda t, x: x.gather(0, t.tensor([[0, 1, 1, 0]])),
    "gather-float": lambda t, x: x.gather(0, t.tensor([[0.0]])),
    "gather-negative": lambda t, x: x.gather(0, t.tensor([[-1]])),
    "scatter-range": lambda t, x: x.scatter(0, t.tensor([[0, 1, 2]]), x),
    "scatter_add-size": lambda t, x: x.scatter_add(1, t.tensor([[0, 1, 1, 0]]), x),
    "index_select-rank": lambda t, x: x.index_select(0, t.tensor([[0]])),
    "index_select-range": lambda t, x: x.index_select(0, t.tensor([3])),
    "index_select-negative": lambda t, x: x.index_select(0, t.tensor([-1])),
    "index_select-float": lambda t, x: x.index_select(0, t.tensor([0.5])),
    "index_add": lambda t, x: x.index_add(0, t.tensor([0, 1]), x[:1]),
    "take-range": lambda t, x: x.take(t.tensor([7])),
    "take-float": lambda t, x: x.take(t.tensor([0.0])),
    "take_along_dim": lambda t, x: t.take_along_dim(x, t.tensor([0]), 1),
    "masked_select-dtype": lambda t, x: x.masked_select(t.tensor([1, 2, 3])),
    "masked_select-size": lambda t, x: x.masked_select(t.tensor([True, False])),
    "one_hot-few": lambda t, x: t.nn.functional.one_hot(t.tensor([0, 3]), 2),
    "one_hot-float": lambda t, x: t.nn.functional.one_hot(t.tensor([0.0, 3])),
    "one_hot-negative": lambda t, x: t.nn.functional.one_hot(t.tensor([-1])),
    "embedding-range": lambda t, x: t.nn.functional.embedding(t.tensor([0, 5]), x),
    "embedding-float": lambda t, x: t.nn.functional.embedding(t.tensor([0.0, 5]), x),
    "embedding-padding": lambda t, x: t.nn.functional.embedding(t.tensor([0]), x, padding_idx=5),
    "embedding-vector": lambda t, x: t.nn.functional.embedding(t.tensor([0]), x[0]),
}


@pytest.mark.parametrize("call", ERRORS.values(), ids=ERRORS)
def test_error_as_in_pytorch(call):
    same_error(call, FLAT)

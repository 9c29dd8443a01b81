"""Sorting and what is found by it, as PyTorch's users call it."""

import numpy as np
import pytest
from agreement import agree

import engine

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(2)
CUBE = RNG.standard_normal((3, 4, 5))
TIES = np.array([[2.0, 1.0, 2.0, 1.0], [3.0, 3.0, 3.0, 0.0]])
MISSING = np.array([[2.0, np.nan, 1.0], [0.0, 3.0, 1.0]])

CALLS = {
    "sort": lambda t, x: t.sort(x),
    "sort-down": lambda t, x: x.sort(1, descending=True),
    "sort-first": lambda t, x: x.sort(dim=0),
    "argsort": lambda t, x: x.argsort(1, descending=True),
    "msort": lambda t, x: t.msort(x),
    "topk": lambda t, x: t.topk(x, 2),
    "topk-smallest": lambda t, x: x.topk(3, dim=1, largest=False),
    "topk-none": lambda t, x: x.topk(0),
    "kthvalue": lambda t, x: t.kthvalue(x, 2),
    "kthvalue-keepdim": lambda t, x: x.kthvalue(1, 1, keepdim=True),
    "median": lambda t, x: x.median(),
    "median-dim": lambda t, x: t.median(x, 1),
    "median-keepdim": lambda t, x: x.median(dim=-1, keepdim=True),
    "cummax": lambda t, x: t.cummax(x, 1),
    "cummin": lambda t, x: x.cummin(dim=-1),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_as_in_pytorch(call):
    agree(call, CUBE)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_float32(call):
    agree(call, CUBE, dtype="float32", rtol=1e-5, second=False)


NUMBERS = {
    "sort": lambda t, x: x.sort(),
    "topk": lambda t, x: x.topk(1),
    "kthvalue": lambda t, x: x.kthvalue(1),
    "median": lambda t, x: x.median(),
    "median-dim": lambda t, x: x.median(0),
    "cummax": lambda t, x: x.cummax(0),
}


@pytest.mark.parametrize("call", NUMBERS.values(), ids=NUMBERS)
def test_a_number(call):
    agree(call, np.array(1.5))


@pytest.mark.parametrize("name", ["sort", "sort-down", "sort-first", "median", "cummax", "cummin"])
def test_ties(name):
    agree(CALLS[name], TIES)


@pytest.mark.parametrize("name", ["sort", "sort-down", "median-dim", "cummax", "cummin"])
def test_nan(name):
    agree(CALLS[name], MISSING, second=False)


@pytest.mark.parametrize("dtype", ["int64", "int32"])
def test_integers(dtype):
    data = RNG.permutation(12).reshape(3, 4).astype(dtype)
    for call in (CALLS["sort"], CALLS["topk"], CALLS["median-dim"], CALLS["cummax"], CALLS["median"]):
        found = [call(t, t.from_numpy(data)) for t in (engine, torch)]
        for a, b in zip(*(y if isinstance(y, tuple) else (y,) for y in found)):
            assert str(a.dtype) == str(b.dtype)
            assert a.tolist() == b.tolist()


def test_noncontiguous():
    agree(lambda t, x: t.sort(x.T), CUBE[0])


def test_no_entries():
    agree(lambda t, x: x.sort(), np.zeros((0, 3)), second=False)
    agree(lambda t, x: x.median(), np.zeros(0), second=False)


def test_results_print_as_in_pytorch():
    data = [[1.0, 5.0], [7.0, 2.0]]
    for call in (lambda t: t.tensor(data).sort(), lambda t: t.tensor(data).topk(1), lambda t: t.tensor(data).median(0),
                 lambda t: t.tensor(data).kthvalue(2), lambda t: t.tensor(data).cummax(0)):  # fmt: skip
        assert repr(call(engine)) == repr(call(torch))


@pytest.mark.parametrize("call", [
    lambda t, x: x.topk(5), lambda t, x: x.kthvalue(4), lambda t, x: x.sort(3), lambda t, x: t.zeros(2, 0).median(1),
])  # fmt: skip
def test_errors(call):
    raised = []
    for t in (engine, torch):
        with pytest.raises((RuntimeError, IndexError)) as caught:
            call(t, t.ones(2, 3))
        raised.append(caught.value)
    assert type(raised[0]) is type(raised[1])
    assert str(raised[0])[:28] == str(raised[1])[:28]


def test_refusal_names_the_remedy():
    with pytest.raises(NotImplementedError, match="take the median"):
        engine.ones(3).nanmedian()

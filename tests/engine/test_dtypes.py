"""Dtypes, promotion and limits: against literals, and against PyTorch where it is installed."""

import copy
import itertools
import pickle

import numpy as np
import pytest

from engine import dtypes

NAMES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
DTYPES = [getattr(dtypes, name) for name in NAMES]
FLOATING = [d for d in DTYPES if d.is_floating_point]


@pytest.fixture(autouse=True)
def default_dtype_restored():
    yield
    dtypes.set_default_dtype(dtypes.float32)


def array(name, *shape):
    return np.ones(shape, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_dtype_is_one_object_with_pytorchs_printed_form(name):
    d = getattr(dtypes, name)
    assert repr(d) == str(d) == f"torch.{name}"
    assert d.numpy == np.dtype(name) and d.itemsize == np.dtype(name).itemsize
    assert d.is_floating_point == name.startswith("float")
    assert d.is_signed == name.startswith(("float", "int"))
    assert pickle.loads(pickle.dumps(d)) is copy.deepcopy(d) is d
    assert dtypes.of(array(name, 2)) is dtypes.of(np.dtype(name).type(1)) is d


def test_aliases():
    assert (dtypes.half, dtypes.float, dtypes.double) == (dtypes.float16, dtypes.float32, dtypes.float64)
    assert (dtypes.short, dtypes.int, dtypes.long) == (dtypes.int16, dtypes.int32, dtypes.int64)


def test_as_numpy():
    assert dtypes.as_numpy(None) == np.float32
    assert dtypes.as_numpy(dtypes.int16) == np.int16
    assert [dtypes.as_numpy(t) for t in (float, int, bool)] == [np.float64, np.int64, np.bool_]
    assert dtypes.as_numpy(np.float16) == dtypes.as_numpy(np.dtype("float16")) == np.float16
    assert isinstance(dtypes.as_numpy(np.float16), np.dtype)


def test_default_dtype():
    assert dtypes.get_default_dtype() is dtypes.float32
    dtypes.set_default_dtype(dtypes.float64)
    assert dtypes.get_default_dtype() is dtypes.float64
    assert dtypes.as_numpy(None) == np.float64
    assert dtypes.result_type(array("int8", 2), 1.0) is dtypes.float64
    assert dtypes.finfo().bits == 64


PROMOTIONS = [
    # equal priority: the higher category, whatever its size
    ([array("int64", 2), array("float16", 2)], "float16"),
    ([array("uint8", 2), array("int8", 2)], "int16"),
    ([array("bool", 2), array("uint8", 2)], "uint8"),
    ([array("float32", 2), array("float64", 2)], "float64"),
    ([array("float16"), np.float32(1)], "float32"),
    # dimensions outrank their absence, unless the category is lower
    ([array("float32", 2), array("float64")], "float32"),
    ([array("float16", 2), np.float64(1)], "float16"),
    ([array("int8", 2), np.int64(1)], "int8"),
    ([array("int64", 2), np.float16(1)], "float16"),
    ([array("bool", 2), np.int8(1)], "int8"),
    ([array("float32", 0), np.float64(1)], "float32"),
    # any array outranks a Python number, unless the category is lower
    ([array("float16", 2), 1.5], "float16"),
    ([np.float16(1), 1.5], "float16"),
    ([array("uint8", 2), 300], "uint8"),
    ([array("uint8", 2), True], "uint8"),
    ([array("bool", 2), 1], "int64"),
    ([array("bool", 2), 1.5], "float32"),
    ([array("int64", 2), 1.5], "float32"),
    # all three at once
    ([array("int8", 2), np.float16(1), 1.5], "float16"),
    ([array("bool", 2), np.int16(1), 1.5], "float32"),
    # Python numbers alone
    ([True], "bool"),
    ([True, 2], "int64"),
    ([1, 2.0], "float32"),
]


@pytest.mark.parametrize("operands, expected", PROMOTIONS)
def test_result_type(operands, expected):
    assert dtypes.result_type(*operands) is getattr(dtypes, expected)
    assert dtypes.result_type(*reversed(operands)) is getattr(dtypes, expected)


def test_finfo():
    limits = dtypes.finfo(dtypes.float32)
    assert (limits.bits, limits.dtype, limits.eps) == (32, "float32", 2.0**-23)
    assert limits.max == -limits.min == (2 - 2.0**-23) * 2.0**127
    assert limits.tiny == limits.smallest_normal == 2.0**-126
    assert limits.resolution == 1e-6
    assert repr(limits) == (
        "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, "
        "smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)"
    )
    assert limits == dtypes.finfo() != dtypes.finfo(dtypes.float64)


def test_iinfo():
    limits = dtypes.iinfo(dtypes.int64)
    assert (limits.bits, limits.dtype, limits.min, limits.max) == (64, "int64", -(2**63), 2**63 - 1)
    assert repr(limits) == "iinfo(min=-9.22337e+18, max=9.22337e+18, dtype=int64)"
    assert limits == dtypes.iinfo(dtypes.long) != dtypes.iinfo(dtypes.int32)


ERRORS = [
    (lambda: dtypes.of(np.ones(2, complex)), r"type complex128.* take its \.real and \.imag parts first"),
    (lambda: dtypes.of(np.array(["a"])), r"type <U1.* convert it with \.astype\(numpy\.float64\) first"),
    (lambda: dtypes.of(np.ones(2, np.dtype("float32").newbyteorder())), "The only supported types are: float64, "),
    (lambda: dtypes.as_numpy("float32"), "argument 'dtype' must be torch.dtype, not str"),
    (lambda: dtypes.as_numpy(complex), "must be torch.dtype, not .*complex.*; use one of: torch.float64"),
    (lambda: dtypes.set_default_dtype(dtypes.int32), "^only floating-point types are supported as the default type"),
    (lambda: dtypes.set_default_dtype("float64"), "^invalid dtype object: only floating-point types"),
    (lambda: dtypes.result_type(1, 2j), "complex numbers are not supported"),
    (lambda: dtypes.result_type(1, "a"), "not str; convert it first"),
    (lambda: dtypes.finfo(dtypes.int8), "requires a floating point input type. Use torch.iinfo"),
    (lambda: dtypes.iinfo(dtypes.float16), "requires an integer input type. Use torch.finfo"),
    (lambda: dtypes.iinfo(dtypes.bool), "torch.bool is not supported by torch.iinfo"),
    (lambda: dtypes.iinfo(32), r"iinfo\(\): argument 'type' \(position 1\) must be torch.dtype, not int"),
]


@pytest.mark.parametrize("call, text", ERRORS)
def test_errors_name_the_remedy(call, text):
    with pytest.raises(TypeError, match=text):
        call()


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, so nothing to compare with")
    yield torch
    torch.set_default_dtype(torch.float32)


def test_pytorch_agrees_on_attributes(torch):
    attributes = ["is_floating_point", "is_complex", "is_signed", "itemsize"]
    for name, d in zip(NAMES, DTYPES, strict=True):
        theirs = getattr(torch, name)
        assert repr(d) == repr(theirs)
        assert [getattr(d, a) for a in attributes] == [getattr(theirs, a) for a in attributes]


def test_pytorch_agrees_on_result_types(torch):
    values = [array(name, *shape) for name in NAMES for shape in [(2,), ()]] + [True, 1, 1.0]

    def as_torch(value):
        return torch.from_numpy(value) if isinstance(value, np.ndarray) else value

    for default in FLOATING:
        dtypes.set_default_dtype(default)
        torch.set_default_dtype(getattr(torch, default.name))
        for pair in itertools.product(values, repeat=2):
            assert repr(dtypes.result_type(*pair)) == repr(torch.result_type(*map(as_torch, pair))), pair


def test_pytorch_agrees_on_promotion(torch):
    for one, other in itertools.product(DTYPES, repeat=2):
        theirs = torch.promote_types(getattr(torch, one.name), getattr(torch, other.name))
        assert repr(dtypes.promote_types(one, other)) == repr(theirs)


def test_pytorch_agrees_on_limits(torch):
    for d in DTYPES:
        if d is not dtypes.bool:
            ours = (dtypes.finfo if d.is_floating_point else dtypes.iinfo)(d)
            theirs = (torch.finfo if d.is_floating_point else torch.iinfo)(getattr(torch, d.name))
            assert repr(ours) == repr(theirs)
            for name in ours.__slots__:
                assert getattr(ours, name) == getattr(theirs, name), (d, name)
                assert type(getattr(ours, name)) is type(getattr(theirs, name)), (d, name)


def test_pytorch_agrees_on_error_texts(torch):
    for module_call in [
        lambda m: m.set_default_dtype(m.int32),
        lambda m: m.set_default_dtype("float64"),
        lambda m: m.finfo(m.int8),
        lambda m: m.finfo("float32"),
        lambda m: m.iinfo(m.float16),
        lambda m: m.iinfo(m.bool),
        lambda m: m.iinfo(32),
    ]:
        with pytest.raises(TypeError) as ours:
            module_call(dtypes)
        with pytest.raises(TypeError) as theirs:
            module_call(torch)
        assert str(ours.value) == str(theirs.value)

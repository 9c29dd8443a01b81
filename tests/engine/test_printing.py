"""The printed form of tensors: against literals, and against PyTorch where it is installed."""

import numpy as np
import pytest

from engine import dtypes
from engine.printing import format_tensor, set_printoptions


@pytest.fixture(autouse=True)
def defaults_restored():
    yield
    set_printoptions(profile="default")
    dtypes.set_default_dtype(dtypes.float32)


def f32(*entries):
    return np.array(entries, np.float32)


def test_the_tutorials_tensors():
    assert format_tensor(f32([6, 6], [6, 6]), "grad_fn=<AddBackward0>") == (
        "tensor([[6., 6.],\n"
        "        [6., 6.]], grad_fn=<AddBackward0>)"
    )  # fmt: skip
    assert format_tensor(np.float32(72), "grad_fn=<MeanBackward0>") == "tensor(72., grad_fn=<MeanBackward0>)"
    assert format_tensor(np.ones(3, np.float32), "requires_grad=True") == "tensor([1., 1., 1.], requires_grad=True)"


DTYPES_SHOWN = [
    (f32(0.5), "tensor([0.5000])"),
    (np.array([0.5]), "tensor([0.5000], dtype=torch.float64)"),
    (np.array([0.5], np.float16), "tensor([0.5000], dtype=torch.float16)"),
    (np.array([1, -20, 300]), "tensor([  1, -20, 300])"),
    (np.array([1, 2], np.int32), "tensor([1, 2], dtype=torch.int32)"),
    (np.array([255], np.uint8), "tensor([255], dtype=torch.uint8)"),
    (np.array([True, False]), "tensor([ True, False])"),
    (np.float64(0.5), "tensor(0.5000, dtype=torch.float64)"),
    (np.array(True), "tensor(True)"),
    (np.int8(-3), "tensor(-3, dtype=torch.int8)"),
]

EMPTY = [
    (np.empty(0, np.float32), "tensor([])"),
    (np.empty((0, 3), np.float32), "tensor([], size=(0, 3))"),
    (np.empty((2, 0, 3), np.int64), "tensor([], size=(2, 0, 3), dtype=torch.int64)"),
    (np.empty(0, bool), "tensor([], dtype=torch.bool)"),
    (np.empty((1, 0)), "tensor([], size=(1, 0), dtype=torch.float64)"),
]

NOTATION = [
    (f32(1, 1000), "tensor([   1., 1000.])"),
    (f32(1, 1001), "tensor([1.0000e+00, 1.0010e+03])"),
    (f32(1e8), "tensor([100000000.])"),
    (f32(2e8), "tensor([2.0000e+08])"),
    (np.array([1e-4]), "tensor([0.0001], dtype=torch.float64)"),
    (f32(0.001), "tensor([0.0010])"),
    (f32(1e-4), "tensor([1.0000e-04])"),
    (f32(9e-5), "tensor([9.0000e-05])"),
    (f32(1.5, -2), "tensor([ 1.5000, -2.0000])"),
    (np.array([1e-300, 1e300]), "tensor([1.0000e-300, 1.0000e+300], dtype=torch.float64)"),
    (f32(1e-45), "tensor([1.4013e-45])"),
    (f32(1.00005), "tensor([1.0000])"),
]

SPECIAL = [
    (f32(np.nan, 1), "tensor([nan, 1.])"),
    (f32(np.inf, -np.inf), "tensor([inf, -inf])"),
    (f32(1.5, np.nan, -np.inf), "tensor([1.5000,    nan,   -inf])"),
    (f32(0, -0.0), "tensor([0., -0.])"),
    (f32(-0.0, 1), "tensor([-0., 1.])"),
    (f32(-0.0, 1.5), "tensor([-0.0000, 1.5000])"),
    (f32(1, 2e8, np.nan, 0), "tensor([1.0000e+00, 2.0000e+08,        nan, 0.0000e+00])"),
    (np.float32(np.nan), "tensor(nan)"),
    (np.float32(-0.0), "tensor(-0.)"),
]


@pytest.mark.parametrize("array, text", DTYPES_SHOWN + EMPTY + NOTATION + SPECIAL)
def test_one_line(array, text):
    assert format_tensor(array) == text


def test_blank_lines_from_the_third_dimension_on():
    assert format_tensor(np.arange(4.0, dtype=np.float32).reshape(2, 1, 1, 2)) == (
        "tensor([[[[0., 1.]]],\n"
        "\n"
        "\n"
        "        [[[2., 3.]]]])"
    )  # fmt: skip


def test_long_vectors_wrap():
    assert format_tensor(np.arange(25)) == (
        "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
        "        18, 19, 20, 21, 22, 23, 24])"
    )


def test_a_thousand_entries_are_shown_and_one_more_is_not():
    assert "..." not in format_tensor(np.arange(1000))
    assert format_tensor(np.arange(1001)) == "tensor([   0,    1,    2,  ...,  998,  999, 1000])"


def test_summaries_of_matrices_and_beyond():
    assert format_tensor(np.ones((7, 200), np.float32), "requires_grad=True") == (
        "tensor([[1., 1., 1.,  ..., 1., 1., 1.],\n"
        "        [1., 1., 1.,  ..., 1., 1., 1.],\n"
        "        [1., 1., 1.,  ..., 1., 1., 1.],\n"
        "        ...,\n"
        "        [1., 1., 1.,  ..., 1., 1., 1.],\n"
        "        [1., 1., 1.,  ..., 1., 1., 1.],\n"
        "        [1., 1., 1.,  ..., 1., 1., 1.]], requires_grad=True)"
    )
    assert format_tensor(np.zeros((2, 1, 600), bool)) == (
        "tensor([[[False, False, False,  ..., False, False, False]],\n"
        "\n"
        "        [[False, False, False,  ..., False, False, False]]])"
    )


def test_hidden_entries_have_no_say_in_the_notation():
    array = np.ones(2000, np.float32)
    array[1000] = 0.123
    assert format_tensor(array) == "tensor([1., 1., 1.,  ..., 1., 1., 1.])"


def test_a_suffix_that_would_not_fit_starts_a_line():
    fits = np.full(7, 0.5, np.float32)
    assert format_tensor(fits, "grad_fn=<Sum>") == (
        "tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000], grad_fn=<Sum>)"
    )
    assert format_tensor(fits, "grad_fn=<Mean>") == (
        "tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000],\n"
        "       grad_fn=<Mean>)"
    )  # fmt: skip
    assert format_tensor(fits, "requires_grad=True") == (
        "tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000],\n"
        "       requires_grad=True)"
    )  # fmt: skip
    assert format_tensor(fits.astype(np.float64), "requires_grad=True") == (
        "tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000],\n"
        "       dtype=torch.float64, requires_grad=True)"
    )


def test_each_remark_that_would_not_fit_starts_a_line():
    array = np.full(3, 0.5)
    set_printoptions(linewidth=46)
    assert format_tensor(array, "requires_grad=True") == (
        "tensor([0.5000, 0.5000, 0.5000],\n"
        "       dtype=torch.float64, requires_grad=True)"
    )  # fmt: skip
    set_printoptions(linewidth=45)
    assert format_tensor(array, "requires_grad=True") == (
        "tensor([0.5000, 0.5000, 0.5000],\n"
        "       dtype=torch.float64,\n"
        "       requires_grad=True)"
    )  # fmt: skip


def test_the_default_dtype_is_not_shown():
    dtypes.set_default_dtype(dtypes.float64)
    assert format_tensor(np.ones(1)) == "tensor([1.])"
    assert format_tensor(f32(1)) == "tensor([1.], dtype=torch.float32)"


def test_print_options():
    set_printoptions(precision=2)
    assert format_tensor(f32(1.12345)) == "tensor([1.12])"
    set_printoptions(threshold=5)
    assert format_tensor(np.arange(10)) == "tensor([0, 1, 2,  ..., 7, 8, 9])"
    assert format_tensor(np.arange(6)) == "tensor([0, 1, 2, 3, 4, 5])"
    set_printoptions(edgeitems=1)
    assert format_tensor(np.arange(10)) == "tensor([0,  ..., 9])"
    set_printoptions(edgeitems=0)
    assert format_tensor(np.arange(10)) == "tensor([...], size=(10,))"
    set_printoptions(profile="short")
    assert format_tensor(np.arange(1001)) == "tensor([   0,    1,  ...,  999, 1000])"
    set_printoptions(profile="full")
    assert "..." not in format_tensor(np.arange(1001))
    set_printoptions(profile="default", linewidth=20)
    assert format_tensor(np.arange(6)) == "tensor([0, 1, 2, 3,\n        4, 5])"
    set_printoptions(linewidth=1)
    assert format_tensor(np.arange(2)) == "tensor([0,\n        1])"
    set_printoptions(profile="default", sci_mode=True)
    assert format_tensor(f32(0, np.nan)) == "tensor([0., nan])"
    assert format_tensor(f32(1, 0)) == "tensor([1.0000e+00, 0.0000e+00])"
    set_printoptions(sci_mode=False)
    assert format_tensor(f32(2e9)) == "tensor([2000000000.])"
    set_printoptions()
    assert format_tensor(f32(2e9)) == "tensor([2.0000e+09])"


def test_unsupported_dtypes_are_refused():
    with pytest.raises(TypeError, match="complex64.* take its .real and .imag parts first"):
        format_tensor(np.ones(2, np.complex64))
    with pytest.raises(TypeError, match="uint16"):
        format_tensor(np.empty(0, np.uint16))


FLOATS = [np.float16, np.float32, np.float64]
INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8]
SHAPES = [
    *[(), (1,), (3,), (12,), (30,), (0,), (2, 2), (3, 5), (1, 15), (0, 2), (4, 0)],
    *[(2, 3, 4), (1, 1, 1), (2, 1, 3, 2), (1, 2, 1, 2, 3), (2, 0, 3)],
]
LARGE_SHAPES = [(1001,), (1500,), (7, 150), (6, 170), (200, 6), (2, 700), (3, 20, 20), (11, 10, 1, 10), (9, 1, 120)]
SUFFIXES = ["", "requires_grad=True", "grad_fn=<CloneBackward0>"]


def random_array(rng, shapes):
    """Any dtype, one of the shapes."""
    shape = shapes[rng.integers(len(shapes))]
    kind = rng.choice(["bool", "integer", "floating"], p=[0.1, 0.2, 0.7])
    if kind == "bool":
        return np.asarray(rng.random(shape) < 0.5)
    if kind == "integer":
        return random_integers(rng, shape, np.iinfo(INTEGERS[rng.integers(len(INTEGERS))]))
    return random_floats(rng, shape, np.finfo(FLOATS[rng.integers(len(FLOATS))]))


def random_integers(rng, shape, limits):
    bound = 10 ** int(rng.integers(1, 19))
    low, high = max(-bound, int(limits.min)), min(bound, int(limits.max))
    return np.asarray(rng.integers(low, high, shape, endpoint=True)).astype(limits.dtype)


def random_floats(rng, shape, limits):
    """Mostly near where PyTorch's notation changes, now and then anywhere; some whole, negative or not finite."""
    widest = int(np.log10(float(limits.max)))
    exponent = rng.integers(-widest - 6, widest) if rng.random() < 0.2 else rng.integers(-6, 9)
    with np.errstate(over="ignore"):
        array = 10.0 ** (exponent + rng.random(shape) * rng.choice([0, 1, 3, 4, 8]))
    array = np.where(rng.random(shape) < rng.choice([0, 0.5]), -array, array)
    if rng.random() < 0.4:
        array = np.round(array)
    for special in (0.0, -0.0, np.nan, np.inf, -np.inf, 1e-4, 1e8, 1000.0):
        share = rng.choice([0, 0.1, 0.9], p=[0.9, 0.08, 0.02])
        array = np.where(rng.random(shape) < share, special, array)
    with np.errstate(over="ignore"):
        return array.astype(limits.dtype)


def printed_by_pytorch(torch, array, suffix):
    tensor = torch.from_numpy(array)
    if suffix:
        tensor.requires_grad_()
    return repr(tensor.clone() if suffix.startswith("grad_fn") else tensor)


def assert_same_text(torch, rng, count, shapes):
    for _ in range(count):
        array = random_array(rng, shapes)
        suffix = SUFFIXES[rng.integers(len(SUFFIXES))] if array.dtype.kind == "f" else ""
        assert format_tensor(array, suffix) == printed_by_pytorch(torch, array, suffix), (array.dtype, array.tolist())


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, so nothing to compare with")
    torch.set_num_threads(1)
    yield torch
    torch.set_printoptions(profile="default")
    torch.set_default_dtype(torch.float32)


def test_pytorch_prints_the_same(torch):
    assert_same_text(torch, np.random.default_rng(0), 2500, SHAPES)


def test_pytorch_prints_the_same_summaries(torch):
    assert_same_text(torch, np.random.default_rng(1), 150, LARGE_SHAPES)


OPTIONS = [
    {"precision": 0},
    {"precision": 9, "linewidth": 40},
    {"sci_mode": True},
    {"sci_mode": False},
    {"threshold": 0, "edgeitems": 1},
    {"threshold": 3, "edgeitems": 0},
    {"edgeitems": 0},
    {"profile": "short", "threshold": 4},
    {"profile": "full", "linewidth": 1},
    {"profile": "unknown", "linewidth": 60.5},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_pytorch_prints_the_same_under_options(torch, options):
    set_printoptions(**options)
    torch.set_printoptions(**options)
    dtypes.set_default_dtype(dtypes.float64)
    torch.set_default_dtype(torch.float64)
    assert_same_text(torch, np.random.default_rng(2), 100, SHAPES)

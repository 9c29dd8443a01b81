"""Convolution and its adjoints: against PyTorch, finite differences and the definition, written out in loops."""

import itertools

import numpy as np
import pytest

import engine
from engine.op import PUBLIC
from engine.ops.convolution import convolution, convolution_input, convolution_weight

CASES = [
    (1, (2, 3, 7), (4, 3, 3), {}),
    (1, (2, 4, 9), (6, 2, 3), {"stride": 2, "padding": 1, "groups": 2}),
    (1, (1, 2, 8), (3, 2, 4), {"padding": "same"}),
    (1, (1, 2, 9), (3, 2, 4), {"padding": "same", "dilation": 2}),
    (1, (2, 5), (3, 2, 2), {}),
    (2, (2, 3, 6, 5), (4, 3, 3, 2), {}),
    (2, (2, 3, 6, 7), (4, 3, 3, 3), {"stride": (2, 3), "padding": (1, 2)}),
    (2, (1, 4, 8, 8), (4, 1, 3, 3), {"groups": 4, "padding": 1}),
    (2, (1, 4, 8, 8), (8, 1, 3, 3), {"groups": 4, "stride": 2}),
    (2, (2, 2, 9, 9), (3, 2, 3, 3), {"dilation": 2, "stride": 2, "padding": 1}),
    (2, (2, 3, 5, 5), (4, 3, 1, 1), {}),
    (2, (2, 3, 5, 5), (4, 3, 1, 1), {"stride": 2}),
    (2, (2, 3, 5, 5), (4, 3, 3, 2), {"padding": "same"}),
    (2, (2, 3, 5, 5), (4, 3, 3, 3), {"padding": "valid"}),
    (2, (3, 5, 5), (4, 3, 3, 3), {"padding": 1}),
    (2, (0, 3, 5, 5), (4, 3, 3, 3), {}),
    (3, (1, 2, 4, 5, 4), (3, 2, 2, 3, 2), {"stride": (1, 2, 1), "padding": (0, 1, 1)}),
    (3, (2, 4, 4, 4, 4), (2, 2, 2, 2, 2), {"groups": 2, "dilation": (1, 2, 1)}),
]
TRANSPOSED = [
    (1, (2, 3, 5), (3, 4, 3), {}),
    (1, (2, 4, 5), (4, 2, 3), {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}),
    (2, (2, 3, 4, 3), (3, 2, 2, 3), {}),
    (2, (2, 3, 4, 3), (3, 2, 3, 3), {"stride": 2, "padding": 1, "output_padding": (1, 0)}),
    (2, (1, 4, 3, 3), (4, 2, 3, 3), {"groups": 2, "dilation": 2, "stride": 3}),
    (2, (3, 4, 3), (3, 2, 2, 3), {}),
    (3, (1, 2, 3, 2, 3), (2, 3, 2, 2, 2), {"stride": 2}),
    (1, (1, 2, 4), (2, 2, 3), {"dilation": 2, "output_padding": 1}),
    (1, (1, 2, 4), (2, 2, 3), {"dilation": 2, "output_padding": 1, "padding": 2}),
    (2, (2, 2, 4, 4), (2, 2, 4, 5), {"stride": (3, 2), "padding": (1, 2), "output_padding": (2, 3), "groups": 2,
                                     "dilation": (4, 4)}),
    (2, (1, 1, 4, 4), (1, 2, 2, 2), {"stride": (1, 2), "padding": (0, 3), "output_padding": (2, 3), "dilation": 4}),
]  # fmt: skip


def arrays(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


def both(name, values, settings, dtype="float64"):
    """(ours, PyTorch's): the value, the gradients and the gradients of their squared sum."""
    torch = pytest.importorskip("torch")
    return [
        derivatives(module, getattr(functional, name), values, settings, dtype)
        for module, functional in ((engine, engine), (torch, torch.nn.functional))
    ]


def derivatives(module, function, values, settings, dtype):
    leaves = [module.from_numpy(value.astype(dtype)).requires_grad_() for value in values]
    y = function(*leaves, **settings)
    weights = np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
    g = module.from_numpy(weights).requires_grad_()
    first = module.autograd.grad(y, leaves, g, create_graph=True)
    cubes = sum((d * d * d).sum() for d in first)
    second = module.autograd.grad(cubes, [*leaves, g], allow_unused=True)
    return [None if t is None else t.detach().numpy() for t in (y, *first, *second)], type(y.grad_fn).__name__


def assert_close(ours, theirs, rtol):
    for one, other in zip(ours, theirs, strict=True):
        if other is None:
            assert one is None or not one.any()
        else:
            assert one.shape == other.shape and one.dtype == other.dtype
            scale = np.abs(other).max(initial=1.0)
            np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol * scale)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("rank, x, w, settings", CASES)
def test_conv_against_pytorch(rank, x, w, settings, bias):
    values = arrays(x, w, w[:1]) if bias else arrays(x, w)
    (ours, name), (theirs, expected) = both(f"conv{rank}d", values, settings)
    assert_close(ours, theirs, 1e-10)
    if len(x) == rank + 2:
        assert name == expected == "ConvolutionBackward0"


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("rank, x, w, settings", TRANSPOSED)
def test_conv_transpose_against_pytorch(rank, x, w, settings, bias):
    groups = settings.get("groups", 1)
    values = arrays(x, w, (w[1] * groups,)) if bias else arrays(x, w)
    (ours, name), (theirs, expected) = both(f"conv_transpose{rank}d", values, settings)
    assert_close(ours, theirs, 1e-10)
    if len(x) == rank + 2 and "dilation" not in settings:
        assert name == expected


def test_float32():
    values = arrays((4, 3, 12, 12), (8, 3, 3, 3), (8,))
    (ours, _), (theirs, _) = both("conv2d", values, {"padding": 1}, dtype="float32")
    assert_close(ours, theirs, 1e-5)


def test_many_blocks_give_what_one_gives(monkeypatch):
    from engine.ops import windows

    x, w = arrays((5, 2, 6, 6), (3, 2, 3, 3))
    how = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
    g = convolution(x, w, **how)

    def results():
        return [
            convolution(x, w, **how),
            convolution_input(g, w, size=(6, 6), **how),
            convolution_weight(x, g, size=(3, 3), **how),
        ]

    whole = results()
    monkeypatch.setattr(windows, "BLOCK", 1)
    for one, other in zip(whole, results()):
        np.testing.assert_allclose(one, other, rtol=1e-13)


def test_non_contiguous_operands():
    x, w = arrays((6, 2, 5, 3), (3, 3, 2, 4))
    how = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
    xt, wt = x.transpose(1, 3, 0, 2), w[::-1].transpose(3, 1, 2, 0)
    plain = convolution(np.ascontiguousarray(xt), np.ascontiguousarray(wt), **how)
    np.testing.assert_array_equal(convolution(xt, wt, **how), plain)


@pytest.mark.parametrize("stride, pad, dilation, groups", [*itertools.product((1, 2), (0, 2), (1, 2), (1, 2))])
def test_the_definition(stride, pad, dilation, groups):
    x, w = arrays((2, 4, 7), (4, 4 // groups, 3))
    y = convolution(x, w, stride=(stride,), padding=(pad,), dilation=(dilation,), groups=groups)
    expected = np.zeros_like(y)
    for n, o, p in np.ndindex(*y.shape):
        first = o // (4 // groups) * w.shape[1]
        for c, k in np.ndindex(*w.shape[1:]):
            at = stride * p + dilation * k - pad
            if 0 <= at < 7:
                expected[n, o, p] += x[n, first + c, at] * w[o, c, k]
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("stride, pad, dilation, groups", [*itertools.product((1, 2), (0, 1, (0, 1)), (1, 2), (1, 2))])
def test_the_three_are_one_trilinear_form(stride, pad, dilation, groups):
    """⟨g, x ⋆ w⟩ = ⟨x, convolution_input(g, w)⟩ = ⟨w, convolution_weight(x, g)⟩."""
    how = {"stride": (stride,) * 2, "padding": (pad,) * 2, "dilation": (dilation,) * 2, "groups": groups}
    x, w = arrays((2, 4, 8, 7), (2, 4 // groups, 3, 2))
    y = convolution(x, w, **how)
    (g,) = arrays(y.shape, seed=3)
    whole = np.vdot(g, y)
    np.testing.assert_allclose(np.vdot(x, convolution_input(g, w, size=(8, 7), **how)), whole, rtol=1e-10)
    np.testing.assert_allclose(np.vdot(w, convolution_weight(x, g, size=(3, 2), **how)), whole, rtol=1e-10)


BAD = [
    ("conv2d", [(2, 3), (1, 1, 2, 2)], {}),
    ("conv2d", [(1, 2, 5, 5), (4, 3, 3, 3)], {}),
    ("conv2d", [(1, 3, 2, 2), (4, 3, 3, 3)], {}),
    ("conv2d", [(1, 3, 5, 5), (4, 3, 3, 3), (3,)], {}),
    ("conv2d", [(1, 3, 5, 5), (4, 3, 3, 3)], {"padding": "same", "stride": 2}),
    ("conv2d", [(1, 3, 5, 5), (4, 3, 3, 3)], {"stride": 0}),
    ("conv2d", [(1, 3, 5, 5), (4, 3, 3, 3)], {"padding": -1}),
    ("conv1d", [(1, 3, 5, 5), (4, 3, 3)], {}),
    ("conv_transpose2d", [(1, 2, 5, 5), (3, 4, 3, 3)], {}),
]


@pytest.mark.parametrize("name, shapes, settings", BAD)
def test_what_pytorch_refuses_is_refused_in_its_words(name, shapes, settings):
    torch = pytest.importorskip("torch")
    values = arrays(*shapes)
    with pytest.raises(RuntimeError) as theirs:
        getattr(torch.nn.functional, name)(*map(torch.from_numpy, values), **settings)
    with pytest.raises(RuntimeError) as ours:
        PUBLIC[name](*map(engine.from_numpy, values), **settings)
    assert str(ours.value).strip(".") == str(theirs.value).strip(".")

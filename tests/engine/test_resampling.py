"""interpolate as PyTorch's users call it."""

import numpy as np
import pytest

import engine

torch = pytest.importorskip("torch")
F, TF = engine.nn.functional, torch.nn.functional

SHAPES = {1: (2, 3, 5), 2: (2, 2, 5, 4), 3: (1, 2, 3, 4, 2)}
MODES = [("nearest", 1), ("nearest", 2), ("nearest", 3), ("nearest-exact", 2), ("linear", 1), ("bilinear", 2),
         ("bicubic", 2), ("trilinear", 3), ("area", 1), ("area", 2)]  # fmt: skip
TARGETS = [{"size": 3}, {"size": 7}, {"size": 1}, {"scale_factor": 2}, {"scale_factor": 1.7}, {"scale_factor": 0.6},
           {"scale_factor": 1.7, "recompute_scale_factor": True}]  # fmt: skip

# Corners are aligned only where there are weights.
CASES = [(*mode, align) for mode in MODES for align in (None, False, True)
         if align is None or not mode[0].startswith(("area", "nearest"))]  # fmt: skip


def both(value, settings):
    found = []
    for module, functional in ((engine, F), (torch, TF)):
        x = module.from_numpy(value).requires_grad_()
        y = functional.interpolate(x, **settings)
        g = module.from_numpy(np.random.default_rng(1).standard_normal(y.shape).astype(value.dtype)).requires_grad_()
        (first,) = module.autograd.grad(y, x, g, create_graph=True)
        (second,) = module.autograd.grad((first**3).sum(), g)
        found.append(([t.detach().numpy() for t in (y, first, second)], y.grad_fn.name()))
    return found


@pytest.mark.parametrize("target", TARGETS, ids=str)
@pytest.mark.parametrize("mode, rank, align", CASES)
def test_against_pytorch(mode, rank, target, align):
    value = np.random.default_rng(0).standard_normal(SHAPES[rank])
    (ours, name), (theirs, expected) = both(value, {"mode": mode, "align_corners": align, **target})
    for one, other in zip(ours, theirs):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-11)
    assert name == expected or mode == "area"


def test_float32():
    value = np.random.default_rng(0).standard_normal((1, 2, 9, 7)).astype("float32")
    (ours, _), (theirs, _) = both(value, {"mode": "bilinear", "scale_factor": 2.5})
    for one, other in zip(ours, theirs):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n, m", [(n, m) for n in range(1, 12) for m in range(1, 25)])
def test_nearest_picks_what_pytorch_picks(n, m):
    x = np.arange(float(n)).reshape(1, 1, n)
    for mode in ("nearest", "nearest-exact"):
        ours = F.interpolate(engine.from_numpy(x), size=m, mode=mode)
        assert ours.tolist() == TF.interpolate(torch.from_numpy(x), size=m, mode=mode).tolist()


def test_infinite_entries_touch_only_their_neighbours():
    x = engine.tensor([[[1.0, np.inf, 2.0]]])
    assert F.interpolate(x, scale_factor=2).tolist() == [[[1.0, 1.0, np.inf, np.inf, 2.0, 2.0]]]
    assert F.adaptive_avg_pool1d(x, 2).tolist() == [[[np.inf, np.inf]]]


REFUSED = [
    ((1, 1, 4, 4), {}),
    ((1, 1, 4, 4), {"size": 2, "scale_factor": 2}),
    ((1, 1, 4, 4), {"size": 2, "mode": "linear"}),
    ((1, 1, 4, 4), {"size": 2, "mode": "foo"}),
    ((1, 1, 4, 4), {"size": 2, "mode": "nearest", "align_corners": True}),
    ((1, 1, 4, 4), {"size": (2, 2, 2)}),
    ((1, 1, 4, 4), {"scale_factor": (2, 2, 2)}),
    ((1, 4, 4), {"size": 2, "mode": "bilinear"}),
]


@pytest.mark.parametrize("shape, settings", REFUSED)
def test_what_pytorch_refuses_is_refused_in_its_words(shape, settings):
    with pytest.raises((ValueError, NotImplementedError)) as theirs:
        TF.interpolate(torch.ones(shape), **settings)
    with pytest.raises(type(theirs.value)) as ours:
        F.interpolate(engine.ones(shape), **settings)
    assert str(ours.value) == str(theirs.value)

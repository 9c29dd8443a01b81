"""Attention, dropout, gates and bilinear maps as PyTorch's users call them."""

import numpy as np
import pytest
from agreement import agree

import engine

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(4)
Q, K, V = RNG.standard_normal((2, 3, 5, 4)), RNG.standard_normal((2, 3, 6, 4)), RNG.standard_normal((2, 3, 6, 2))
SEEN = RNG.random((5, 6)) < 0.6
SEEN[:, 0] = True
ADDED = RNG.standard_normal((5, 6))


def F(module):
    return module.nn.functional


def attention(t, *args, **settings):
    return F(t).scaled_dot_product_attention(*args, **settings)


CALLS = {
    "plain": (attention, Q, K, V),
    "scale": (lambda t, *args: attention(t, *args, scale=0.3), Q, K, V),
    "causal": (lambda t, *args: attention(t, *args, is_causal=True), Q, K, V),
    "boolean": (attention, Q, K, V, SEEN),
    "floating": (attention, Q, K, V, ADDED),
    "matrices": (attention, Q[0, 0], K[0, 0], V[0, 0]),
    "batched-mask": (attention, Q, K, V, np.broadcast_to(SEEN, (2, 1, 5, 6))),
}


@pytest.mark.parametrize("call, arrays", [(call, arrays) for call, *arrays in CALLS.values()], ids=CALLS)
def test_attention(call, arrays):
    agree(call, *arrays, second=1e-8)


@pytest.mark.parametrize("call, arrays", [(call, arrays) for call, *arrays in CALLS.values()], ids=CALLS)
def test_attention_float32(call, arrays):
    agree(call, *arrays, dtype="float32", rtol=1e-5, second=False)


def test_a_row_that_sees_nothing_gives_zeros():
    seen = SEEN.copy()
    seen[2] = False
    agree(attention, Q, K, V, seen, second=False)
    q = [t.from_numpy(Q.copy()).requires_grad_() for t in (engine, torch)]
    for t, x in zip((engine, torch), q):
        mask = t.from_numpy(np.where(seen, 0, -np.inf))
        attention(t, x, t.from_numpy(K), t.from_numpy(V), mask).sum().backward()
    np.testing.assert_allclose(q[0].grad.numpy(), q[1].grad.numpy(), rtol=1e-10, atol=1e-12)


def test_large_scores():
    agree(attention, 1e4 * Q, K, V, second=False)


def test_attention_refusals():
    x = engine.ones(2, 3)
    with pytest.raises(NotImplementedError, match="repeat_interleave"):
        attention(engine, x, x, x, enable_gqa=True)
    with pytest.raises(RuntimeError, match="is_causal"):
        attention(engine, x, x, x, engine.ones(2, 2), is_causal=True)


def test_dropout():
    engine.manual_seed(0)
    x = engine.ones(1000, requires_grad=True)
    y = F(engine).dropout(x, 0.25)
    y.sum().backward()
    kept = y.detach().numpy()
    assert set(np.unique(kept)) == {0, np.float32(1 / 0.75)}
    assert 700 < np.count_nonzero(kept) < 800
    np.testing.assert_array_equal(x.grad.numpy(), kept)
    engine.manual_seed(0)
    np.testing.assert_array_equal(F(engine).dropout(x, 0.25).detach().numpy(), kept)


def test_dropout_at_its_ends():
    x = engine.ones(3, requires_grad=True)
    assert F(engine).dropout(x, 0.0) is x
    assert F(engine).dropout(x, 0.5, training=False) is x
    y = F(engine).dropout(x, 1.0)
    y.sum().backward()
    assert y.tolist() == x.grad.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="between 0 and 1"):
        F(engine).dropout(x, 1.5)


def test_channel_dropout_drops_whole_channels():
    engine.manual_seed(1)
    y = F(engine).dropout2d(engine.ones(4, 8, 3, 3)).numpy()
    assert set(np.unique(y)) == {0, 2}
    assert (y == y[:, :, :1, :1]).all()


@pytest.mark.parametrize("dim", [-1, 0, 1])
def test_glu(dim):
    agree(lambda t, x: F(t).glu(x, dim), RNG.standard_normal((4, 2, 6)))


def test_glu_errors():
    for shape in ((), (3,)):
        for t in (engine, torch):
            with pytest.raises(RuntimeError, match="alving"):
                F(t).glu(t.ones(shape))


@pytest.mark.parametrize("batch", [(), (5,), (2, 3)])
def test_bilinear(batch):
    a, b = RNG.standard_normal((*batch, 3)), RNG.standard_normal((*batch, 4))
    weight, bias = RNG.standard_normal((2, 3, 4)), RNG.standard_normal(2)
    agree(lambda t, *args: F(t).bilinear(*args), a, b, weight, bias)


@pytest.mark.parametrize("batch", [(), (5,), (2, 3), (0,)])
def test_linear(batch):
    x, weight, bias = RNG.standard_normal((*batch, 3)), RNG.standard_normal((2, 3)), RNG.standard_normal(2)
    agree(lambda t, *args: F(t).linear(*args), x, weight, bias)
    agree(lambda t, *args: F(t).linear(*args), x, weight)
    agree(lambda t, *args: F(t).linear(*args), x, weight[0])

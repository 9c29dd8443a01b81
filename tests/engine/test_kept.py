"""What a forward pass keeps for its pullback: it goes with the output, and nothing but time depends on it."""

import gc

import numpy as np
import pytest
from samples import arrays, generator

import engine as torch
from engine import kept
from engine.op import REGISTRY

KEEPING = [op for op in REGISTRY.values() if op.keeping]
CASES = [(op, sample) for op in KEEPING for sample in op.samples]
LABELS = np.array([0, 2, 1, 2] * 6)


def scores():
    return np.random.default_rng(3).standard_normal((24, 3))


def loss_of(z):
    return torch.nn.functional.cross_entropy(z, torch.tensor(LABELS))


@pytest.mark.parametrize(("op", "sample"), CASES, ids=[f"{op.name}-{at}" for at, (op, _) in enumerate(CASES)])
def test_what_is_kept_changes_neither_output_nor_pullback(op, sample):
    params = sample[1]
    values = arrays(op, sample, generator(op, 0))
    y, plain = op.keeping(*values, **params), op.forward(*values, **params)
    np.testing.assert_array_equal(y, plain)
    g = np.asarray(np.random.default_rng(4).standard_normal(y.shape))
    assert kept.kept(y) is not None
    for rule in filter(None, op.numeric):
        want = rule(g, np.array(plain), *values, **params)
        for _again in range(2):  # what is kept stays as it is
            np.testing.assert_array_equal(rule(g, y, *values, **params), want)


@pytest.mark.parametrize("op", KEEPING, ids=lambda op: op.name)
def test_the_pullback_does_use_what_is_kept(op):
    values = arrays(op, op.samples[0], generator(op, 0))
    params = op.samples[0][1]
    y = op.keeping(*values, **params)
    before = op.numeric[0](np.ones(()), y, *values, **params)
    kept.keep(y, kept.kept(y) * 2)
    assert not np.allclose(op.numeric[0](np.ones(()), y, *values, **params), before)


def held():
    gc.collect()
    return len(kept._kept)


def test_it_goes_with_the_output():
    before = held()
    loss = loss_of(torch.tensor(scores(), requires_grad=True))
    assert held() == before + 1
    loss.backward()
    del loss
    assert held() == before


def test_nothing_is_kept_where_no_gradient_can_be_asked_for():
    before = held()
    z = torch.tensor(scores(), requires_grad=True)
    with torch.no_grad():
        losses = loss_of(z), loss_of(z.detach())
    assert held() == before and len(losses) == 2


def test_another_array_in_the_same_place_has_nothing():
    for _ in range(1000):
        y = kept.keep(np.zeros(()), "kept")
        del y
        assert kept.kept(np.zeros(())) is None


def test_scores_written_after_the_loss_dont_change_its_gradient():
    z = torch.tensor(scores(), requires_grad=True)
    loss = loss_of(z)
    want = torch.autograd.grad(loss_of(z), z)[0]
    with torch.no_grad():
        z += 1.5 * z
    loss.backward()
    np.testing.assert_array_equal(z.grad.numpy(), want.numpy())

"""Losses as PyTorch's users call them: every argument, extremes, what is printed, errors."""

import warnings

import numpy as np
import pytest
from agreement import agree

import engine

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(11)
Z = RNG.standard_normal((5, 4))
MAP = RNG.standard_normal((2, 4, 3, 2))
LABELS = np.array([0, 3, 1, 1, 2])
MAP_LABELS = RNG.integers(0, 4, (2, 3, 2))
WEIGHT = RNG.random(4) + 0.5
SHARES = RNG.random((5, 4)) + 0.1
SHARES /= SHARES.sum(1, keepdims=True)
P = RNG.random((5, 4)) * 0.8 + 0.1
ZERO_ONE = (RNG.random((5, 4)) < 0.5).astype(float)
SIGNS = ZERO_ONE * 2 - 1
OTHER = RNG.standard_normal((5, 4))
POSITIVE = RNG.random((5, 4)) + 0.5


def F(module):
    return module.nn.functional


def over_reductions(name, *arrays, frozen=(), **settings):
    """Calls of a loss with every reduction, as cases of a parametrised test."""

    def case(reduction):
        return lambda t, *tensors: getattr(F(t), name)(*tensors, reduction=reduction, **settings)

    more = "-".join(f"{key}={value}" for key, value in settings.items())
    return [
        pytest.param(case(reduction), arrays, frozen, id=f"{name}-{reduction}-{more}-{len(arrays)}")
        for reduction in ("mean", "sum", "none")
    ]


def cross_entropy(**settings):
    """cross_entropy with scores, labels and perhaps weights, which PyTorch takes as third argument."""
    return [
        *over_reductions("cross_entropy", Z, LABELS, **settings),
        *over_reductions("cross_entropy", Z, LABELS, WEIGHT, frozen=(2,), **settings),
        *over_reductions("cross_entropy", MAP, MAP_LABELS, **settings),
        *over_reductions("cross_entropy", MAP, MAP_LABELS, WEIGHT, frozen=(2,), **settings),
        *over_reductions("cross_entropy", Z[0], LABELS[1], WEIGHT, frozen=(2,), **settings),
    ]


CASES = [
    *cross_entropy(),
    *cross_entropy(ignore_index=1),
    *cross_entropy(label_smoothing=0.1),
    *cross_entropy(ignore_index=1, label_smoothing=0.3),
    *over_reductions("cross_entropy", Z, SHARES),
    *over_reductions("cross_entropy", Z, SHARES, WEIGHT, frozen=(2,)),
    *over_reductions("cross_entropy", Z, SHARES, WEIGHT, frozen=(2,), label_smoothing=0.2),
    *over_reductions("cross_entropy", Z[0], SHARES[0]),
    *over_reductions("nll_loss", Z, LABELS),
    *over_reductions("nll_loss", Z, LABELS, WEIGHT, frozen=(2,), ignore_index=1),
    *over_reductions("nll_loss", MAP, MAP_LABELS, WEIGHT, frozen=(2,)),
    *over_reductions("nll_loss", Z[0], LABELS[0]),
    *over_reductions("mse_loss", Z, OTHER),
    *over_reductions("l1_loss", Z, OTHER),
    *over_reductions("smooth_l1_loss", Z, OTHER),
    *over_reductions("smooth_l1_loss", Z, OTHER, beta=0.3),
    *over_reductions("smooth_l1_loss", Z, OTHER, beta=0.0),
    *over_reductions("huber_loss", Z, OTHER),
    *over_reductions("huber_loss", Z, OTHER, delta=0.5),
    *over_reductions("binary_cross_entropy", P, ZERO_ONE, frozen=(1,)),
    *over_reductions("binary_cross_entropy", P, SHARES),
    *over_reductions("binary_cross_entropy", P, ZERO_ONE, WEIGHT, frozen=(1, 2)),
    *over_reductions("binary_cross_entropy_with_logits", Z, ZERO_ONE, frozen=(1,)),
    *over_reductions("binary_cross_entropy_with_logits", Z, SHARES),
    *over_reductions("binary_cross_entropy_with_logits", Z, SHARES, WEIGHT, frozen=(2,)),
    *over_reductions("soft_margin_loss", Z, SIGNS, frozen=(1,)),
    *over_reductions("multilabel_soft_margin_loss", Z, ZERO_ONE, WEIGHT, frozen=(1, 2)),
    *over_reductions("kl_div", np.log(SHARES), P),
    *over_reductions("kl_div", np.log(SHARES), np.log(P), log_target=True),
    *over_reductions("poisson_nll_loss", Z, POSITIVE),
    *over_reductions("poisson_nll_loss", P, POSITIVE, log_input=False),
    *over_reductions("poisson_nll_loss", Z, POSITIVE, full=True),
    *over_reductions("gaussian_nll_loss", Z, OTHER, POSITIVE),
    *over_reductions("gaussian_nll_loss", Z, OTHER, POSITIVE[:, 0], full=True),
    *over_reductions("hinge_embedding_loss", Z, SIGNS, frozen=(1,), margin=0.4),
    *over_reductions("margin_ranking_loss", Z, OTHER, SIGNS, frozen=(2,), margin=0.2),
    *over_reductions("multi_margin_loss", Z, LABELS),
    *over_reductions("multi_margin_loss", Z, LABELS, p=2, margin=0.5),
    *over_reductions("multi_margin_loss", Z[0], LABELS[0]),
]
# PyTorch has no second derivative of the first, and adds 1e-12 to the divisors in those of the second.
SECOND = {"multi_margin_loss": False, "binary_cross_entropy": 1e-8}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call, arrays, frozen", CASES)
def test_as_in_pytorch(call, arrays, frozen, request):
    name = request.node.callspec.id.partition("-")[0]
    agree(call, *arrays, frozen=frozen, second=SECOND.get(name, True))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call, arrays, frozen", CASES)
def test_float32(call, arrays, frozen):
    agree(call, *arrays, frozen=frozen, dtype="float32", rtol=1e-5, second=False)


def test_weights_by_name():
    agree(lambda t, z, y, w: F(t).binary_cross_entropy_with_logits(z, y, pos_weight=w), Z, SHARES, WEIGHT, frozen=(2,))
    agree(lambda t, z, y, v, w: F(t).binary_cross_entropy_with_logits(z, y, v, pos_weight=w), Z, SHARES, P, WEIGHT,
          frozen=(2, 3))  # fmt: skip
    agree(lambda t, z, y, w: F(t).mse_loss(z, y, weight=w), Z, OTHER, POSITIVE)
    agree(lambda t, z, y, w: F(t).l1_loss(z, y, weight=w, reduction="sum"), Z, OTHER, POSITIVE)
    agree(lambda t, z, y, w: F(t).huber_loss(z, y, weight=w), Z, OTHER, POSITIVE)
    agree(lambda t, z, w: F(t).multi_margin_loss(z, t.tensor(LABELS), weight=w), Z, WEIGHT, frozen=(1,), second=False)
    agree(lambda t, z, y: F(t).kl_div(z, y, reduction="batchmean"), np.log(SHARES), P)
    agree(lambda t, z, y: F(t).gaussian_nll_loss(z, y, 0.5), Z, OTHER)


@pytest.mark.filterwarnings("ignore")
def test_older_spelling_of_the_reduction():
    for settings in ({"size_average": False}, {"reduce": False}, {"size_average": True}):
        agree(lambda t, z, y, settings=settings: F(t).mse_loss(z, y, **settings), Z, OTHER)


def test_broadcast_with_a_warning():
    for t in (engine, torch):
        with pytest.warns(UserWarning, match="broadcasting"):
            F(t).mse_loss(t.ones(3), t.ones(2, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        agree(lambda t, z, y: F(t).mse_loss(z, y), Z, OTHER[0])
        agree(lambda t, z, y: F(t).smooth_l1_loss(z, y), Z[:, :1], OTHER[0])


EXTREME = np.array([1e4, -1e4, 0.0, 1e4, -1e4])


def test_extreme_scores():
    for target in (np.ones(5), np.zeros(5), np.full(5, 0.5)):
        agree(lambda t, z, y: F(t).binary_cross_entropy_with_logits(z, y), EXTREME, target, second=False)
        agree(lambda t, z, y: F(t).mse_loss(z, y), EXTREME, target, second=False)
        agree(lambda t, z, y: F(t).huber_loss(z, y), EXTREME, target, second=False)
    for label in range(5):
        agree(lambda t, z, y: F(t).cross_entropy(z, y), EXTREME, np.array(label), second=False)
    agree(lambda t, z, y: F(t).cross_entropy(z, y), EXTREME, np.full(5, 0.2), second=False)


def test_soft_margin_keeps_finite_where_pytorch_overflows():
    x = engine.from_numpy(EXTREME.copy()).requires_grad_()
    loss = F(engine).soft_margin_loss(x, engine.tensor([1.0, 1.0, 1.0, -1.0, -1.0]), reduction="none")
    loss.sum().backward()
    np.testing.assert_allclose(loss.detach().numpy(), [0, 1e4, np.log(2), 1e4, 0])
    np.testing.assert_allclose(x.grad.numpy(), [0, -1, -0.5, 1, 0])


def test_probabilities_at_their_ends():
    agree(lambda t, p, y: F(t).binary_cross_entropy(p, y, reduction="none"), np.array([0.0, 0, 1, 1, 0.5]),
          np.array([0.0, 1, 0, 1, 0.5]), frozen=(1,), second=False)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_nothing_to_average():
    agree(lambda t, z: F(t).cross_entropy(z, t.tensor([1, 1, 1, 1, 1]), ignore_index=1), Z, second=False)
    agree(lambda t, z: F(t).cross_entropy(z, t.zeros(0, dtype=t.int64)), np.zeros((0, 3)), second=False)
    agree(lambda t, z, y: F(t).mse_loss(z, y, reduction="sum"), np.zeros((0, 3)), np.zeros((0, 3)), second=False)
    agree(lambda t, z, y: F(t).mse_loss(z, y), np.zeros((0, 3)), np.zeros((0, 3)), second=False)


def test_noncontiguous():
    agree(lambda t, z: F(t).cross_entropy(z.T, t.tensor([0, 4, 2, 1])), Z)
    agree(lambda t, z: F(t).mse_loss(z.T, t.zeros(4, 5, dtype=t.float64)), Z)


def test_small_variances_pass_their_cotangent_on():
    agree(lambda t, x, y, v: F(t).gaussian_nll_loss(x, y, v, eps=0.1), Z[0], OTHER[0], np.array([0.0, 0.05, 0.1, 1.0]),
          second=False)  # fmt: skip


def chain(t, z, labels):
    """The chain of its parts that cross_entropy stands for."""
    e = t.exp(z - z.detach().max())
    logs = t.log(e / e.sum(1, keepdim=True))
    return -(logs * labels).sum() / z.shape[0]


def test_cross_entropy_is_the_chain_of_its_parts():
    grads = []
    for loss in (lambda z: F(engine).cross_entropy(z, engine.tensor(LABELS)),
                 lambda z: chain(engine, z, engine.from_numpy(np.eye(4)[LABELS]))):  # fmt: skip
        z = engine.from_numpy(Z.copy()).requires_grad_()
        loss(z).backward()
        grads.append(z.grad.numpy())
    np.testing.assert_allclose(*grads, rtol=1e-12, atol=1e-15)


PRINTED = {
    "mse_loss": lambda t, z: F(t).mse_loss(z, t.zeros(2, 3)),
    "l1_loss": lambda t, z: F(t).l1_loss(z, t.zeros(2, 3)),
    "smooth_l1_loss": lambda t, z: F(t).smooth_l1_loss(z, t.zeros(2, 3)),
    "huber_loss": lambda t, z: F(t).huber_loss(z, t.zeros(2, 3)),
    "cross_entropy": lambda t, z: F(t).cross_entropy(z, t.tensor([0, 1])),
    "cross_entropy-smooth": lambda t, z: F(t).cross_entropy(z, t.tensor([0, 1]), label_smoothing=0.1),
    "cross_entropy-shares": lambda t, z: F(t).cross_entropy(z, t.ones(2, 3) / 3),
    "nll_loss": lambda t, z: F(t).nll_loss(z, t.tensor([0, 1])),
    "bce": lambda t, z: F(t).binary_cross_entropy(t.sigmoid(z), t.ones(2, 3)),
    "logits": lambda t, z: F(t).binary_cross_entropy_with_logits(z, t.ones(2, 3)),
    "soft_margin": lambda t, z: F(t).soft_margin_loss(z, t.ones(2, 3)),
    "linear": lambda t, z: F(t).linear(z, t.ones(2, 3), t.ones(2)),
    "linear-plain": lambda t, z: F(t).linear(z, t.ones(2, 3)),
    "layer_norm": lambda t, z: F(t).layer_norm(z, (3,)),
    "batch_norm": lambda t, z: F(t).batch_norm(z, None, None, training=True),
}


@pytest.mark.parametrize("call", PRINTED.values(), ids=PRINTED)
def test_printed_as_in_pytorch(call):
    texts = [repr(call(t, t.tensor([[1.0, 2.0, 4.0], [0.5, 0.25, 1.0]], requires_grad=True))) for t in (engine, torch)]
    assert texts[0] == texts[1]


ERRORS = {
    "labels out of bounds": lambda t, z: F(t).cross_entropy(z, t.tensor([0, 3])),
    "number of labels": lambda t, z: F(t).cross_entropy(z, t.tensor([0, 1, 2])),
    "floating labels": lambda t, z: F(t).cross_entropy(z, t.ones(2)),
    "integer probabilities": lambda t, z: F(t).cross_entropy(z, t.ones(2, 3, dtype=t.int64)),
    "reduction": lambda t, z: F(t).cross_entropy(z, t.tensor([0, 1]), reduction="average"),
    "smoothing": lambda t, z: F(t).cross_entropy(z, t.tensor([0, 1]), label_smoothing=1.5),
    "weights": lambda t, z: F(t).nll_loss(z, t.tensor([0, 1]), t.ones(2)),
    "bce size": lambda t, z: F(t).binary_cross_entropy(z * 0, t.ones(2)),
    "bce range": lambda t, z: F(t).binary_cross_entropy(z + 2, t.ones(2, 3)),
    "logits size": lambda t, z: F(t).binary_cross_entropy_with_logits(z, t.ones(2)),
    "mse sizes": lambda t, z: F(t).mse_loss(z, t.ones(2)),
    "huber": lambda t, z: F(t).huber_loss(z, t.ones(2, 3), delta=-1.0),
    "variance": lambda t, z: F(t).gaussian_nll_loss(z, z, -t.ones(2, 3)),
    "margin sizes": lambda t, z: F(t).multi_margin_loss(z, t.tensor([0, 1, 2])),
    "margin label": lambda t, z: F(t).multi_margin_loss(z, t.tensor([0, 3])),
    "linear": lambda t, z: F(t).linear(z, t.ones(4, 5)),
    "linear with bias": lambda t, z: F(t).linear(z, t.ones(4, 5), t.ones(4)),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", ERRORS.values(), ids=ERRORS)
def test_errors(call):
    raised = []
    for t in (engine, torch):
        with pytest.raises((RuntimeError, ValueError, IndexError)) as caught:
            call(t, t.zeros(2, 3))
        raised.append(caught.value)
    assert type(raised[0]) is type(raised[1])
    assert str(raised[0])[:18] == str(raised[1])[:18]

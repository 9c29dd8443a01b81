"""Losses of two classes: binary cross-entropy from probabilities and from scores, soft margins."""

import numpy as np

from engine.op import broadcast_shapes, call, public, within
from engine.ops.elementwise import log, sigmoid, softplus
from engine.ops.losses import entrywise_loss, per_entry, reduced, reduction_of
from engine.ops.reduction import mean

LOWEST = -100  # PyTorch's least logarithm in binary_cross_entropy
LEAST = float(np.float32(1e-12))  # and the least p (1 - p) by which its gradient divides


def _weighted(loss, weight):
    """A loss or slope times its weight; the number 1 stands for none."""
    return loss if weight.__class__ is int else loss * weight


def _entropies(p, t, weight=1):
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = t * np.maximum(np.log(p), LOWEST) + (1 - t) * np.maximum(np.log1p(-p), LOWEST)
    return _weighted(-gain, weight)


def _probability_numbers(g, y, p, t, weight=1, *, reduction):
    """As the plain rule, the divisor kept away from zero as in PyTorch."""
    return _weighted(per_entry(g, p.shape, reduction) * (p - t) / np.maximum(p * (1 - p), LEAST), weight)


def _target_numbers(g, y, p, t, weight=1, *, reduction):
    with np.errstate(divide="ignore"):
        return _weighted(per_entry(g, p.shape, reduction) * (np.log1p(-p) - np.log(p)), weight)


_ENTROPY_SAMPLES = [
    call((2, 3), within("unit", (2, 3)), reduction="mean"),
    call((2, 3), within("unit", (2, 3)), within("positive", (2, 3)), reduction="sum"),
    call((2, 3), within("unit", (2, 3)), within("positive", (3,)), reduction="none"),
    call((), within("unit", ()), reduction="mean"),
]

binary_cross_entropy = entrywise_loss(
    "binary_cross_entropy",
    _entropies,
    [
        lambda p, t, weight=1: _weighted((p - t) / (p * (1 - p)), weight),
        lambda p, t, weight=1: _weighted(log(1 - p) - log(p), weight),
        None,
    ],
    numeric=[_probability_numbers, _target_numbers, None],
    rule="binary cross-entropy",
    says="A probability's slope is its distance from the target over its variance p (1 - p).",
    law="y = -t log p - (1 - t) log(1 - p), averaged over n entries; logarithms below -100 count as -100",
    domain=("unit", "unit", "positive"),
    source="Bishop, Pattern Recognition and Machine Learning, equation 4.90",
    edges=[
        call([0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0], reduction="none"),
    ],
    samples=_ENTROPY_SAMPLES,
)


def _logistic(z, t, weight=1, pos_weight=1):
    tail = np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z)))
    if pos_weight.__class__ is not int:
        tail = tail * (1 + (pos_weight - 1) * t)
    return _weighted((1 - t) * z + tail, weight)


def _score_slope(z, t, weight=1, pos_weight=1):
    if pos_weight.__class__ is int:
        return _weighted(sigmoid(z) - t, weight)
    return _weighted((1 + (pos_weight - 1) * t) * sigmoid(z) - pos_weight * t, weight)


def _logit_target_slope(z, t, weight=1, pos_weight=1):
    if pos_weight.__class__ is int:
        return _weighted(-z, weight)
    return _weighted((pos_weight - 1) * softplus(-z, beta=1.0, threshold=np.inf) - z, weight)


binary_cross_entropy_with_logits = entrywise_loss(
    "binary_cross_entropy_with_logits",
    _logistic,
    [_score_slope, _logit_target_slope, None, None],
    rule="logistic loss",
    says="A score's slope is the probability that it stands for, less the target.",
    law="y = -p t log σ(z) - (1 - t) log(1 - σ(z)), averaged over n entries, p the weight of positives",
    domain=("real", "unit", "positive", "positive"),
    source="Bishop, Pattern Recognition and Machine Learning, equation 4.91",
    edges=[call([1e4, -1e4, 0.0], [0.0, 1.0, 0.5], reduction="none")],
    samples=[
        call((2, 3), (2, 3), reduction="mean"),
        call((2, 3), (2, 3), (3,), reduction="sum"),
        call((2, 3), (2, 3), (2, 3), (3,), reduction="mean"),
        call((2, 3), (2, 3), 1, (3,), reduction="none"),
        call((), (), reduction="mean"),
    ],
)

soft_margin_loss = entrywise_loss(
    "soft_margin_loss",
    lambda x, t: np.logaddexp(0, -t * x),
    [lambda x, t: -t * sigmoid(-t * x), None],
    rule="soft margin",
    says="An entry's slope is minus its sign times the probability of the wrong side.",
    law="y = log(1 + exp(-t x)), averaged over n entries, t = ±1",
    samples=[
        call((2, 3), (2, 3), reduction="mean"),
        call((3,), (3,), reduction="sum"),
        call((2,), (2,), reduction="none"),
    ],
)


def _weights(*weights):
    """Weights as operands, the number 1 for one that isn't given, none at the end."""
    operands = [1 if weight is None else weight for weight in weights]
    while operands and operands[-1].__class__ is int:
        operands.pop()
    return operands


@public("nn.functional.binary_cross_entropy", "binary_cross_entropy")
def _binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """y = -mean(t log p + (1 - t) log(1 - p));  p̄ = g (p - t) / (n p (1 - p)), t̄ = g (log(1 - p) - log p) / n.

    Logarithms below -100 count as -100, PyTorch's convention. ValueError if the sizes differ; RuntimeError
    unless 0 ≤ p ≤ 1. Source: Bishop, equation 4.90.

    >>> import engine as torch
    >>> torch.nn.functional.binary_cross_entropy(torch.tensor([0.5, 0.5]), torch.tensor([0., 1.]))
    tensor(0.6931)
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated. "
            "Please ensure they have the same size."
        )
    p = input._node.output
    if ((p < 0) | (p > 1)).any():
        raise RuntimeError("all elements of input should be between 0 and 1")
    if weight is not None:
        broadcast_shapes(tuple(target.shape), tuple(weight.shape))
    return binary_cross_entropy(input, target, *_weights(weight), reduction=reduction)


@public("nn.functional.binary_cross_entropy_with_logits", "binary_cross_entropy_with_logits")
def _binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    """y = mean of -t log σ(z) - (1 - t) log(1 - σ(z));  z̄ = g (σ(z) - t) / n, t̄ = -g z / n.

    With pos_weight p the first term counts p times: z̄ = g ((1 + (p - 1) t) σ(z) - p t) / n.
    ValueError if the sizes differ. Source: Bishop, equation 4.91.

    >>> import engine as torch
    >>> torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor([0., 0.]), torch.tensor([0., 1.]))
    tensor(0.6931)
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if input.shape != target.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    operands = _weights(weight, pos_weight)
    return binary_cross_entropy_with_logits(input, target, *operands, reduction=reduction)


@public("nn.functional.soft_margin_loss")
def _soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """y = mean of log(1 + exp(-t x)), t = ±1;  x̄ = -g t σ(-t x) / n.

    >>> import engine as torch
    >>> torch.nn.functional.soft_margin_loss(torch.tensor([0., 0.]), torch.tensor([-1., 1.]))
    tensor(0.6931)
    """
    return soft_margin_loss(input, target, reduction=reduction_of(reduction, size_average, reduce))


@public("nn.functional.multilabel_soft_margin_loss")
def _multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """The mean over classes of -t log σ(x) - (1 - t) log(1 - σ(x)), weighted, then reduced over rows.

    >>> import engine as torch
    >>> torch.nn.functional.multilabel_soft_margin_loss(torch.tensor([[0., 0.]]), torch.tensor([[0., 1.]]))
    tensor(0.6931)
    """
    reduction = reduction_of(reduction, size_average, reduce)
    losses = binary_cross_entropy_with_logits(input, target, *_weights(weight), reduction="none")
    return reduced(mean(losses, dim=(losses.ndim - 1,), keepdim=False), reduction)

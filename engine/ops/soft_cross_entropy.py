"""Cross-entropy of scores with probabilities, and what it shares with cross-entropy of labels: the axis of the classes.

Imported by engine.ops.cross_entropy.
"""

import numpy as np

from engine.op import call, op
from engine.ops.fitting import count
from engine.ops.losses import per_entry, reduced_as
from engine.ops.reduction import sum_
from engine.ops.shape import reshape, unsqueeze
from engine.ops.softmax import log_softmax, softmax


def class_axis(shape):
    """The axis of the classes: the second one, or the only one."""
    return min(1, len(shape) - 1)


def column(weight, rank, axis):
    """One weight a class, so that it broadcasts along the class axis."""
    return reshape(weight, size=(*(1,) * axis, weight.shape[0], *(1,) * (rank - axis - 1)))


def _smoothed(t, weight, label_smoothing, axis):
    """The target as the loss uses it: smoothed, and each class weighted."""
    if label_smoothing:
        t = t * (1 - label_smoothing) + label_smoothing / t.shape[axis]
    return t if weight is None else t * column(weight, len(t.shape), axis)


def _rows(shape):
    axis = class_axis(shape)
    return (*shape[:axis], *shape[axis + 1 :])


def _soft_cross_entropy(z, t, weight=None, *, reduction, label_smoothing):
    axis = class_axis(z.shape)
    with np.errstate(invalid="ignore"):
        losses = -np.sum(_smoothed(t, weight, label_smoothing, axis) * log_softmax(z, dim=(axis,)), axis=axis)
        if reduction == "mean":
            return np.sum(losses) / np.float64(count(_rows(z.shape))).astype(z.dtype)
    return losses if reduction == "none" else np.sum(losses)


def _each_row(g, z, reduction):
    axis = class_axis(z.shape)
    g = per_entry(g, _rows(z.shape), reduction)
    return unsqueeze(g, dim=(axis,)) if reduction == "none" else g


def _scores_pullback(g, y, z, t, weight=None, *, reduction, label_smoothing):
    axis = class_axis(z.shape)
    target = _smoothed(t, weight, label_smoothing, axis)
    spread = softmax(z, dim=(axis,)) * sum_(target, dim=(axis,), keepdim=True)
    return _each_row(g, z, reduction) * (spread - target)


def _target_pullback(g, y, z, t, weight=None, *, reduction, label_smoothing):
    axis = class_axis(z.shape)
    slope = -_each_row(g, z, reduction) * log_softmax(z, dim=(axis,))
    slope = slope * (1 - label_smoothing) if label_smoothing else slope
    return slope if weight is None else slope * column(weight, len(z.shape), axis)


def _class_weight_pullback(g, y, z, t, weight, *, reduction, label_smoothing):
    axis = class_axis(z.shape)
    slope = -_each_row(g, z, reduction) * log_softmax(z, dim=(axis,)) * _smoothed(t, None, label_smoothing, axis)
    return sum_(slope, dim=tuple(at for at in range(len(z.shape)) if at != axis), keepdim=False) if axis else slope


soft_cross_entropy = op(
    "soft_cross_entropy",
    numpy=_soft_cross_entropy,
    vjp=[_scores_pullback, _target_pullback, _class_weight_pullback],
    shape=lambda shape, *_others, reduction, **_params: reduced_as(_rows(shape), reduction),
    types=None,
    torch=lambda node: "DivBackward1" if node.params["reduction"] == "mean" else "NegBackward0",
    rule="softmax cross-entropy",
    says="Each score's slope is the probability that it got, times what its row's targets sum to, less its target.",
    law="y = -Σ t ⊙ log softmax(z), averaged over n rows",
    source="Bishop, Pattern Recognition and Machine Learning, equation 4.109",
    samples=[
        call((4, 3), (4, 3), reduction="mean", label_smoothing=0.0),
        call((2, 3, 4), (2, 3, 4), (3,), reduction="none", label_smoothing=0.0),
        call((4, 3), (4, 3), (3,), reduction="sum", label_smoothing=0.2),
        call((3,), (3,), (3,), reduction="mean", label_smoothing=0.1),
    ],
)

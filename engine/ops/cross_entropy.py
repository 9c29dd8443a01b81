"""Cross-entropy with labels or probabilities, from scores or from log-probabilities.

Labels are an operand, whose one-hot array is a named operation, so that the gradient reads (softmax(z) - t) / n.
"""

import numpy as np

from engine.kept import keep, kept
from engine.op import call, ints, op, public, within
from engine.ops.extremes import indicator
from engine.ops.losses import per_entry, reduced_as, reduction_of
from engine.ops.reduction import sum_
from engine.ops.shape import unsqueeze
from engine.ops.soft_cross_entropy import class_axis, column, soft_cross_entropy
from engine.ops.softmax import log_softmax, log_softmax_and_softmax, softmax
from engine.ops.typing import converted, dtype_name


def like(counts, x):
    """Counts in the dtype of x, so that a number beside them keeps its digits."""
    return counts if x.dtype is None else converted(counts, x.dtype)


def _row_weights(labels, weight=None, *, ignore_index):
    counts = np.ones(labels.shape, np.int8) if ignore_index is None else (labels != ignore_index).astype(np.int8)
    return counts if weight is None else weight[np.where(counts, labels, 0)] * counts


row_weights = op(
    "row_weights",
    numpy=_row_weights,
    shape=lambda shape, *_weight, ignore_index: shape,
    types=None,
    text="weights({0})",
    rule="the weight of each label's class",
    says="How much each row counts: its label's weight, and nothing where the label is to be ignored.",
    law="y = w[labels], 0 where a label is `ignore_index`",
    internal="only in pullbacks, tried with cross_entropy and nll_loss",
)


def _over_rows(g, labels, weight, reduction, ignore_index):
    """The cotangent of each row's loss; its weight stands beside it, None where every row counts once."""
    if weight is None and ignore_index is None:
        return per_entry(g, labels.shape, reduction), None
    weights = row_weights(labels, *(() if weight is None else (weight,)), ignore_index=ignore_index)
    if reduction == "mean":
        g = g / sum_(weights, dim=tuple(range(len(labels.shape))), keepdim=False)
    return g, weights


def _over_rows_of_numbers(g, labels, weight, reduction, ignore_index):
    """As _over_rows; the mean of no rows is NaN without a warning."""
    if weight is None and ignore_index is None:
        return per_entry(g, labels.shape, reduction), None
    with np.errstate(invalid="ignore"):
        return _over_rows(g, labels, weight, reduction, ignore_index)


def at_labels(labels, axis):
    """The index that picks each label's entry out of an array with one more axis, `axis`."""
    if labels.ndim == 1:  # the usual case
        return np.arange(labels.size), labels
    rows = [np.arange(size).reshape(-1, *(1,) * (labels.ndim - at - 1)) for at, size in enumerate(labels.shape)]
    return (*rows[:axis], labels, *rows[axis:])


# from scores, with labels


def _picked(logs, labels, axis, ignore_index):
    """The entry of each label, 0 where it is to be ignored."""
    if not logs.size:
        return np.zeros(labels.shape, logs.dtype)
    safe = labels if ignore_index is None else np.where(labels == ignore_index, 0, labels)
    picked = logs[at_labels(safe, axis)]
    return picked if ignore_index is None else np.where(labels == ignore_index, 0, picked)


def _averaged(losses, weights, reduction):
    """The sum or the mean of all rows; `weights` is None where each counts once."""
    if reduction == "none":
        return losses
    total = np.add.reduce(losses, axis=None)
    if reduction == "sum":
        return total
    with np.errstate(invalid="ignore"):
        return total / (losses.size if weights is None else np.sum(weights, dtype=losses.dtype))


def _weights_if_any(labels, weight, ignore_index):
    plain = weight is None and ignore_index is None
    return None if plain else _row_weights(labels, weight, ignore_index=ignore_index)


def _cross_entropy(z, labels, weight=None, **settings):
    logs = log_softmax(z, dim=(class_axis(z.shape),))
    return _of_logarithms(logs, labels, weight, **settings)


def _cross_entropy_keeping_softmax(z, labels, weight=None, **settings):
    logs, shares = log_softmax_and_softmax(z, (class_axis(z.shape),))
    return keep(np.asarray(_of_logarithms(logs, labels, weight, **settings)), shares)


def _of_logarithms(logs, labels, weight, *, reduction, ignore_index, label_smoothing):
    axis = class_axis(logs.shape)
    weights = _weights_if_any(labels, weight, ignore_index)
    losses = -_picked(logs, labels, axis, ignore_index)
    losses = losses if weight is None else losses * weights
    if label_smoothing:
        spread = logs if weight is None else logs * column(weight, logs.ndim, axis)
        even = -np.sum(spread, axis=axis)
        even = even if ignore_index is None else np.where(labels == ignore_index, 0, even)
        losses = (1 - label_smoothing) * losses + label_smoothing / logs.shape[axis] * even
    return _averaged(losses, weights, reduction)


def cross_entropy_pullback(g, y, z, labels, weight=None, *, reduction, ignore_index, label_smoothing):
    """z̄ = g (softmax(z) - t) / n, rows weighted; a smoothed t is (1 - ε) t + ε / C."""
    axis = class_axis(z.shape)
    classes = z.shape[axis]
    g, weights = _over_rows(g, labels, weight, reduction, ignore_index)
    g = unsqueeze(g, dim=(axis,)) if reduction == "none" else g
    target = indicator(labels, dim=axis, size=classes)
    share = softmax(z, dim=(axis,))
    if weights is not None:
        weights = unsqueeze(weights, dim=(axis,))
    if label_smoothing and weight is not None:
        even = column(weight, len(z.shape), axis) * (label_smoothing / classes)
        if ignore_index is not None:
            even = even * unsqueeze(row_weights(labels, ignore_index=ignore_index), dim=(axis,))
        target = weights * target * (1 - label_smoothing) + even
        return g * (share * sum_(target, dim=(axis,), keepdim=True) - target)
    if label_smoothing:
        target = like(target, z) * (1 - label_smoothing) + label_smoothing / classes
    return g * (share - target) if weights is None else g * weights * (share - target)


def _cross_entropy_numbers(g, y, z, labels, weight=None, *, reduction, ignore_index, label_smoothing):
    """As the plain rule, without an array for t."""
    settings = {"reduction": reduction, "ignore_index": ignore_index, "label_smoothing": label_smoothing}
    if label_smoothing or not z.size:
        return cross_entropy_pullback(g, y, z, labels, weight, **settings)
    axis = class_axis(z.shape)
    g, weights = _over_rows_of_numbers(g, labels, weight, reduction, ignore_index)
    shares = kept(y)
    d = np.array(softmax(z, dim=(axis,)) if shares is None else shares, order="C")
    d[at_labels(labels if ignore_index is None else np.where(labels == ignore_index, 0, labels), axis)] -= 1
    g = np.expand_dims(g, axis) if reduction == "none" else g
    d *= g if weights is None else _counted(g, np.expand_dims(weights, axis))
    return d


def _counted(g, weights):
    """g times weights; nothing where a weight is zero, even if no row counts and their mean is NaN."""
    return np.where(weights == 0, 0, g * weights)


def _labelled_shape(shape, labels, *_weight, reduction, **_params):
    return reduced_as(labels, reduction)


def _labelled(**others):
    """Samples over the arguments that losses with labels share."""
    plain = {"reduction": "mean", "ignore_index": None, **others}
    few, high = ints((4,), high=3), ints((2, 4), high=3)
    return [
        call((4, 3), few, **plain),
        call((4, 3), few, **plain | {"reduction": "none"}),
        call((4, 3), few, within("positive", (3,)), **plain | {"reduction": "sum"}),
        call((4, 3), few, within("positive", (3,)), **plain),
        call((4, 3), few, **plain | {"ignore_index": 1}),
        call((4, 3), few, within("positive", (3,)), **plain | {"ignore_index": 2}),
        call((2, 3, 4), high, **plain),
        call((3,), ints((), high=3), **plain),
    ]


cross_entropy = op(
    "cross_entropy",
    numpy=_cross_entropy,
    keeping=_cross_entropy_keeping_softmax,
    vjp=[cross_entropy_pullback, None, None],
    numeric=[_cross_entropy_numbers, None, None],
    shape=_labelled_shape,
    types=None,
    torch=lambda node: "AddBackward0" if node.params["label_smoothing"] else _nll_name(node),
    rule="softmax cross-entropy",
    says="Each score's slope is the probability that it got, less the one that it should have got.",
    law="y = -log softmax(z) at each label, averaged over n rows",
    source="Bishop, Pattern Recognition and Machine Learning, equation 4.109",
    samples=[
        *_labelled(label_smoothing=0.0),
        call((4, 3), ints((4,), high=3), reduction="mean", ignore_index=None, label_smoothing=0.1),
        call((4, 3), ints((4,), high=3), reduction="none", ignore_index=1, label_smoothing=0.1),
        call((4, 3), ints((4,), high=3), within("positive", (3,)), reduction="mean", ignore_index=1,
             label_smoothing=0.1),
        call((2, 3, 4), ints((2, 4), high=3), within("positive", (3,)), reduction="sum", ignore_index=None,
             label_smoothing=0.3),
    ],
)  # fmt: skip


def _nll_name(node):
    return "NllLossBackward0" if len(node.inputs[0].shape) < 3 else "NllLoss2DBackward0"


# from log-probabilities, with labels


def _nll_loss(x, labels, weight=None, *, reduction, ignore_index):
    weights = _weights_if_any(labels, weight, ignore_index)
    losses = -_picked(x, labels, class_axis(x.shape), ignore_index)
    return _averaged(losses if weight is None else losses * weights, weights, reduction)


def nll_loss_pullback(g, y, x, labels, weight=None, *, reduction, ignore_index):
    """x̄ = -g t / n, t the one-hot array of the labels, rows weighted."""
    axis = class_axis(x.shape)
    g, weights = _over_rows(g, labels, weight, reduction, ignore_index)
    g = unsqueeze(g, dim=(axis,)) if reduction == "none" else g
    g = g if weights is None else g * unsqueeze(weights, dim=(axis,))
    return -g * indicator(labels, dim=axis, size=x.shape[axis])


def _nll_loss_numbers(g, y, x, labels, weight=None, *, reduction, ignore_index):
    axis = class_axis(x.shape)
    g, weights = _over_rows_of_numbers(g, labels, weight, reduction, ignore_index)
    g = g if weights is None else _counted(g, weights)
    d = np.zeros_like(x)
    at = np.expand_dims(labels if ignore_index is None else np.where(labels == ignore_index, 0, labels), axis)
    if d.size:
        np.put_along_axis(d, at, -np.expand_dims(np.broadcast_to(g, labels.shape), axis), axis)
    return d


nll_loss = op(
    "nll_loss",
    numpy=_nll_loss,
    vjp=[nll_loss_pullback, None, None],
    numeric=[_nll_loss_numbers, None, None],
    shape=_labelled_shape,
    types=None,
    torch=_nll_name,
    rule="negative log-likelihood",
    says="Only the entry of each label counts, with slope minus one over the number of rows.",
    law="y = -x at each label, averaged over n rows",
    samples=_labelled(),
)


# PyTorch's functions


def _checked_labels(input, target, weight, ignore_index):
    """The operands after PyTorch's checks, and the index to ignore, None if it doesn't occur."""
    shape, labels = tuple(input.shape), target._node.output
    if not shape or len(shape) != labels.ndim + 1 or (labels.ndim and shape[0] != labels.shape[0]):
        if len(shape) > 1 and labels.ndim and shape[0] != labels.shape[0]:
            raise ValueError(f"Expected input batch_size ({shape[0]}) to match target batch_size ({labels.shape[0]}).")
        raise RuntimeError(
            f"the scores have shape {list(shape)} and the labels {list(labels.shape)}; for scores of shape [n, C] "
            "labels have shape [n], and for [C] none"
        )
    if shape[2:] != labels.shape[1:]:
        raise RuntimeError(f"size mismatch (got input: {list(shape)}, target: {list(labels.shape)})")
    if labels.dtype.kind not in "iu":
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {dtype_name(target)}")
    classes = shape[class_axis(shape)]
    outside = (labels < 0) | (labels >= classes)
    ignored = 0 <= ignore_index < classes and (labels == ignore_index).any()
    if np.count_nonzero(outside):
        wrong = labels[outside & (labels != ignore_index)]
        if wrong.size:
            raise IndexError(f"Target {wrong.flat[0]} is out of bounds.")
        ignored = True
    if weight is not None and tuple(weight.shape) != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of "
            f"shape: {list(weight.shape)}"
        )
    return (input, target) if weight is None else (input, target, weight), ignore_index if ignored else None


@public("nn.functional.cross_entropy")
def _cross_entropy_loss(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean", label_smoothing=0.0
):
    """y = -log softmax(z) at each label, or -Σ t ⊙ log softmax(z);  z̄ = g (softmax(z) - t) / n.

    `input` has shape [n, C], [C] or [n, C, d1, ...]; `target` holds labels, without the axis of the classes, or
    probabilities, of the input's shape. With weights, n is the sum of the weights of the labels.
    Source: Bishop, equation 4.109.

    >>> import engine as torch
    >>> torch.nn.functional.cross_entropy(torch.tensor([[0., 0.]]), torch.tensor([1]))
    tensor(0.6931)
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if tuple(input.shape) == tuple(target.shape):
        if target.dtype.numpy.kind != "f":
            raise RuntimeError(
                f"Expected floating point type for target with class probabilities, got {dtype_name(target)}"
            )
        operands = (input, target) if weight is None else (input, target, weight)
        return soft_cross_entropy(*operands, reduction=reduction, label_smoothing=float(label_smoothing))
    operands, ignored = _checked_labels(input, target, weight, ignore_index)
    return cross_entropy(*operands, reduction=reduction, ignore_index=ignored, label_smoothing=float(label_smoothing))


@public("nn.functional.nll_loss")
def _negative_log_likelihood(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"
):
    """y = -x at each label, averaged over n rows;  x̄ = -g t / n, t the one-hot array of the labels.

    >>> import engine as torch
    >>> torch.nn.functional.nll_loss(torch.tensor([[-1., -2.]]), torch.tensor([1]))
    tensor(2.)
    """
    reduction = reduction_of(reduction, size_average, reduce)
    operands, ignored = _checked_labels(input, target, weight, ignore_index)
    return nll_loss(*operands, reduction=reduction, ignore_index=ignored)

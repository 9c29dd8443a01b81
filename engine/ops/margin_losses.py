"""Losses that ask for a margin between right and wrong."""

import numpy as np

from engine.op import call, ints, op, public, within
from engine.ops.elementwise import clamp_min, where
from engine.ops.extremes import indicator
from engine.ops.losses import REDUCE, per_entry, reduced, reduced_as, reduction_of
from engine.ops.reduction import sum_
from engine.ops.shape import reshape, size_of, unsqueeze


@public("nn.functional.hinge_embedding_loss", "hinge_embedding_loss")
def _hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """y = mean of x where t = 1, max(0, margin - x) where t = -1;  x̄ = g/n there, -g/n where x < margin.

    >>> import engine as torch
    >>> torch.nn.functional.hinge_embedding_loss(torch.tensor([0.5, 0.5]), torch.tensor([1., -1.]))
    tensor(0.5000)
    """
    reduction = reduction_of(reduction, size_average, reduce)
    apart = where(target != 1, clamp_min(margin - input, 0), 0.0)
    return reduced(apart + where(target != -1, input, 0.0), reduction)


@public("nn.functional.margin_ranking_loss", "margin_ranking_loss")
def _margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """y = mean of max(0, -t (a - b) + margin), t = ±1;  ā = -g t/n where the margin isn't kept, b̄ = -ā.

    >>> import engine as torch
    >>> a, b = torch.tensor([1., 2.]), torch.tensor([3., 1.])
    >>> torch.nn.functional.margin_ranking_loss(a, b, torch.tensor([1., 1.]))
    tensor(1.)
    """
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.shape}, input2: {input2.shape}, target: {target.shape} "
        )
    reduction = reduction_of(reduction, size_average, reduce)
    return reduced(clamp_min(-target * (input1 - input2) + margin, 0), reduction)


def _violations(x, labels, weight, p, margin):
    """How far each wrong class of each row comes within the margin, zero at the right class, in our operations."""
    right = indicator(labels, dim=len(x.shape) - 1, size=x.shape[-1])
    picked = sum_(x * right, dim=(len(x.shape) - 1,), keepdim=True)
    slack = margin - picked + x
    return right, slack


def _row_factor(labels, weight):
    return 1 if weight is None else np.expand_dims(weight[labels], -1)


def _slack_numbers(x, labels, margin):
    """As _violations, on numbers: the right class is picked, since a product with 0 would make nan of inf."""
    right = indicator(labels, dim=x.ndim - 1, size=x.shape[-1])
    slack = margin - np.take_along_axis(x, np.expand_dims(labels, -1), -1) + x
    return right, np.where(right == 1, 0, slack).astype(x.dtype)


def _multi_margin(x, labels, weight=None, *, p, margin, reduction):
    _right, slack = _slack_numbers(x, labels, margin)
    losses = np.maximum(slack, 0) ** p * _row_factor(labels, weight)
    return REDUCE[reduction](np.sum(losses, axis=-1) / x.shape[-1])


def _multi_margin_numbers(g, y, x, labels, weight=None, *, p, margin, reduction):
    right, slack = _slack_numbers(x, labels, margin)
    inside = slack > 0
    push = np.where(inside, slack * 2 if p == 2 else 1, 0).astype(x.dtype) * _row_factor(labels, weight)
    g = per_entry(g, labels.shape, reduction) / x.shape[-1]
    g = np.expand_dims(g, -1) if reduction == "none" else g
    return g * np.where(right == 1, -np.sum(push, axis=-1, keepdims=True), push)


def multi_margin_pullback(g, y, x, labels, weight=None, *, p, margin, reduction):
    """Each class within the margin is pushed down, the right class up by their sum."""
    axis = len(x.shape) - 1
    right, slack = _violations(x, labels, weight, p, margin)
    inside = (slack > 0) * (1 - right)
    push = inside * (slack * 2) if p == 2 else inside
    if weight is not None:
        push = push * sum_(right * weight, dim=(axis,), keepdim=True)
    g = per_entry(g, labels.shape, reduction) / x.shape[-1]
    g = unsqueeze(g, dim=(axis,)) if reduction == "none" else g
    return g * (push - right * sum_(push, dim=(axis,), keepdim=True))


multi_margin_loss = op(
    "multi_margin_loss",
    numpy=_multi_margin,
    vjp=[multi_margin_pullback, None, None],
    numeric=[_multi_margin_numbers, None, None],
    shape=lambda x, labels, *_weight, reduction, **_params: reduced_as(labels, reduction),
    types=None,
    rule="margin of the right class",
    says="Each wrong class within the margin is pushed down, and the right class up by as much in all.",
    law="y = Σ max(0, margin - x_right + x_j)^p / C over the wrong classes j, averaged over n rows",
    source="Weston & Watkins, Multi-class Support Vector Machines, 1998",
    samples=[
        call((4, 3), ints((4,), high=3), p=1, margin=1.0, reduction="mean"),
        call((4, 3), ints((4,), high=3), p=2, margin=0.7, reduction="none"),
        call((4, 3), ints((4,), high=3), within("positive", (3,)), p=2, margin=1.0, reduction="sum"),
        call((3,), ints((), high=3), p=1, margin=1.0, reduction="mean"),
    ],
)


@public("nn.functional.multi_margin_loss")
def _multi_margin_loss(
    input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"
):
    """y = Σ max(0, margin - x_right + x_j)^p / C over the wrong classes, averaged over n rows.

    Source: Weston & Watkins, Multi-class Support Vector Machines, 1998.

    >>> import engine as torch
    >>> torch.nn.functional.multi_margin_loss(torch.tensor([[1., 2.]]), torch.tensor([1]))
    tensor(0.)
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if input.ndim < 2:
        input, target = reshape(input, size=(size_of(input),)), reshape(target, size=())
    if tuple(input.shape[:-1]) != tuple(target.shape):
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
            f"size). Expected target size {list(input.shape[:-1])}, but got {list(target.shape)}. Input has shape "
            f"{list(input.shape)}."
        )
    labels = target._node.output
    if ((labels < 0) | (labels >= input.shape[-1])).any():
        raise RuntimeError("target out of range; labels go from 0 to the number of classes - 1")
    operands = (input, target) if weight is None else (input, target, weight)
    return multi_margin_loss(*operands, p=int(p), margin=float(margin), reduction=reduction)

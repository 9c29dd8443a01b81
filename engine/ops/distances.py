"""Lengths, directions and distances: normalize, cosine similarity, and the losses made of them."""

import numpy as np

from engine.op import broadcast_shapes, call, first_shape, op, public
from engine.ops.elementwise import clamp_min, minimum, sqrt, where
from engine.ops.fitting import expand
from engine.ops.losses import reduced, reduction_of
from engine.ops.norms import vector_norm
from engine.ops.reduction import reduced_shape, restored, sum_
from engine.ops.shape import axes, axis, unsqueeze
from engine.tensor import wrap


def length(x, dim):
    """‖x‖ along an axis, which stays as one; a rule's short word for it."""
    return vector_norm(x, ord=2.0, dim=(dim,), keepdim=True)


def _unit(x, dim):
    with np.errstate(invalid="ignore", divide="ignore"):
        return x / np.sqrt(np.add.reduce(x * x, axis=dim, keepdims=True))


unit = op(
    "unit",
    numpy=_unit,
    vjp=[lambda g, y, x, dim: (g - y * sum_(g * y, dim=(dim,), keepdim=True)) / length(x, dim)],
    shape=first_shape,
    types=None,
    torch="DivBackward0",
    rule="division by the length",
    says="The cotangent loses its part along the output, since a length can't change, and is divided by the length.",
    law="y = x/‖x‖ along `dim`",
    samples=[call((2, 3), dim=1), call((3, 2), dim=0), call((2, 3, 4), dim=1)],
)


def _cosine(a, b, dim):
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.add.reduce(_unit(a, dim) * _unit(b, dim), axis=dim)


def _cosine_rule(g, y, a, b, dim):
    """ā = g (b̂ - y â)/‖a‖, where â = a/‖a‖."""
    g, y = (restored(each, a, (dim,), False) for each in (g, y))
    return g * (unit(b, dim=dim) - y * unit(a, dim=dim)) / length(a, dim)


cosine_similarity = op(
    "cosine_similarity",
    numpy=_cosine,
    vjp=[_cosine_rule, lambda g, y, a, b, dim: _cosine_rule(g, y, b, a, dim)],
    shape=lambda a, b, dim: reduced_shape(broadcast_shapes(a, b), (dim,)),
    types=None,
    torch="SumBackward1",
    rule="cosine of the angle",
    says="Only a turn changes the cosine: the other direction, less its part along this one, over the length.",
    law="y = Σ a ⊙ b / (‖a‖ ‖b‖) along `dim`",
    samples=[call((2, 3), (2, 3), dim=1), call((3, 2), (3, 1), dim=0), call((3,), (3,), dim=0)],
)


def _lengths(x, dim):
    """The length of each row, an axis of ones kept."""
    values = x._node.output
    return np.sqrt(np.add.reduce(values * values, axis=dim, keepdims=True))


def _direction(x, dim, eps):
    """x/max(‖x‖, eps)."""
    live = _lengths(x, dim) >= eps
    if live.all():
        return unit(x, dim=dim)
    live = wrap(live)
    return where(live, unit(where(live, x, 1.0), dim=dim), x / eps)


def _direction_lifted(x, dim, eps):
    """x/max(‖x‖, eps), where a length that counts as eps still passes its cotangent on; a length of 0 has none."""
    lengths = _lengths(x, dim)
    if (lengths >= eps).all():
        return unit(x, dim=dim)
    live = wrap(lengths > 0)
    lift = np.where((lengths > 0) & (lengths < eps), eps - lengths, 0).astype(lengths.dtype)
    row = where(live, x, 1.0)
    return where(live, row / (length(row, dim) + wrap(lift)), x / eps)


@public("nn.functional.normalize")
def _normalize(input, p=2.0, dim=1, eps=1e-12):
    """y = x/max(‖x‖, ε) along `dim`;  x̄ = (g - y Σ g ⊙ y)/‖x‖ where ‖x‖ isn't below ε, else g/ε.

    Another p than 2 takes that norm. Source: the quotient rule, with ∂‖x‖/∂x = x/‖x‖.

    >>> import engine as torch
    >>> torch.nn.functional.normalize(torch.tensor([[3., 4.]]))
    tensor([[0.6000, 0.8000]])
    """
    if p == 2 and isinstance(dim, int):
        return _direction(input, axis(dim, input.ndim), eps)
    return input / clamp_min(vector_norm(input, ord=float(p), dim=axes(dim, input.ndim), keepdim=True), eps)


@public("nn.functional.cosine_similarity", "cosine_similarity")
def _cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """y = Σ a ⊙ b / (‖a‖ ‖b‖) along `dim`;  ā = g (b̂ - y â)/‖a‖, b̄ = g (â - y b̂)/‖b‖. Shapes broadcast.

    A length below ε counts as ε, yet passes its cotangent on as a length does, PyTorch's convention.

    >>> import engine as torch
    >>> torch.cosine_similarity(torch.tensor([[1., 0.]]), torch.tensor([[1., 1.]]))
    tensor([0.7071])
    """
    if x1.ndim == x2.ndim == 0:
        x1, x2 = unsqueeze(x1, dim=(0,)), unsqueeze(x2, dim=(0,))
    shape = broadcast_shapes(tuple(x1.shape), tuple(x2.shape))
    at = axis(int(dim), len(shape))
    a, b = (x if x.ndim == len(shape) and x.shape[at] == shape[at] else expand(x, size=shape) for x in (x1, x2))
    if (_lengths(a, at) >= eps).all() and (_lengths(b, at) >= eps).all():
        return cosine_similarity(a, b, dim=at)
    return sum_(_direction_lifted(a, at, eps) * _direction_lifted(b, at, eps), dim=(at,), keepdim=False)


@public("nn.functional.cosine_embedding_loss", "cosine_embedding_loss")
def _cosine_embedding_loss(
    input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"
):
    """y = mean of 1 - cos(a, b) where t = 1, max(0, cos(a, b) - margin) where t = -1.

    The squared lengths are taken 1e-12 larger, as in PyTorch.

    >>> import engine as torch
    >>> a = torch.tensor([[1., 0.]])
    >>> torch.nn.functional.cosine_embedding_loss(a, a, torch.tensor([1.]))
    tensor(0.)
    """
    reduction = reduction_of(reduction, size_average, reduce)
    dim = (input1.ndim - 1,)
    product = sum_(input1 * input2, dim=dim, keepdim=False)
    squares = [sum_(x * x, dim=dim, keepdim=False) + 1e-12 for x in (input1, input2)]
    cosine = product / sqrt(squares[0] * squares[1])
    apart = where(target == -1, clamp_min(cosine - margin, 0), 0.0)
    return reduced(where(target == 1, 1 - cosine, 0.0) + apart, reduction)


@public("nn.functional.pairwise_distance", "pairwise_distance")
def _pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """y = ‖a - b + ε‖ along the last axis, in the norm p;  for p = 2: ā = g (a - b + ε)/y, b̄ = -ā.

    >>> import engine as torch
    >>> torch.pairwise_distance(torch.tensor([[3., 4.]]), torch.tensor([[0., 0.]]))
    tensor([5.0000])
    """
    d = x1 - x2 + eps
    return vector_norm(d, ord=float(p), dim=axes(-1, d.ndim), keepdim=bool(keepdim))


def _triplet(distance, anchor, positive, negative, margin, swap, reduction):
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(clamp_min(margin + near - far, 0), reduction)


@public("nn.functional.triplet_margin_loss", "triplet_margin_loss")
def _triplet_margin_loss(
    anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, size_average=None, reduce=None, reduction="mean"
):
    """y = mean of max(0, margin + d(a, p) - d(a, n)), d the distance in the norm p.

    Where the margin isn't kept, ā = g (â_p - â_n)/n, p̄ = -g â_p/n, n̄ = g â_n/n, with â_p the direction of a - p.
    Source: Balntas and others, Learning Shallow Convolutional Feature Descriptors with Triplet Losses, 2016.

    >>> import engine as torch
    >>> a, p, n = torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]), torch.tensor([[0., 2.]])
    >>> torch.nn.functional.triplet_margin_loss(a, p, n)
    tensor(4.0000)
    """

    def distance(a, b):
        return _pairwise_distance(a, b, p, eps)

    reduction = reduction_of(reduction, size_average, reduce)
    return _triplet(distance, anchor, positive, negative, margin, swap, reduction)


@public("nn.functional.triplet_margin_with_distance_loss")
def _triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """y = mean of max(0, margin + d(a, p) - d(a, n)), d a function of two tensors, the Euclidean distance by default.

    >>> import engine as torch
    >>> a, p, n = torch.tensor([[0.]]), torch.tensor([[3.]]), torch.tensor([[2.]])
    >>> F = torch.nn.functional
    >>> F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda a, b: abs(a - b).sum(1))
    tensor(2.)
    """
    distance = distance_function or _pairwise_distance
    return _triplet(distance, anchor, positive, negative, margin, swap, reduction_of(reduction))

"""Normalisation by the statistics of each channel over a batch, given or running; of each sample; of neighbours."""

import numpy as np

from engine.op import PUBLIC, call, op, public
from engine.ops.normalization import affine, beside_channels, is_one, normalizing_layer, summed_over_channels
from engine.ops.shape import reshape, size_of
from engine.ops.standardize import standardize


def _channels(x, eps):
    """Batch normalisation: over all axes but the second."""
    return x, (0, *range(2, len(x.shape)))


batch_norm = normalizing_layer(
    "batch_norm",
    _channels,
    beside_channels,
    summed_over_channels,
    rule="batch normalisation",
    law="y = γ ⊙ (x - μ)/σ + β, mean and deviation of each channel over the batch",
    source="Ioffe & Szegedy, Batch Normalization, section 3",
    samples=[
        call((4, 3), eps=1e-5),
        call((4, 3), (3,), (3,), eps=1e-5),
        call((2, 3, 4), (3,), (3,), eps=0.1),
        call((2, 3, 2, 2), (3,), eps=1e-5),
    ],
)

def _given(x, mean, var, eps):
    """The standardised entries and 1/σ from given statistics."""
    scale = (beside_channels(var, x) + eps) ** -0.5
    return (x - beside_channels(mean, x)) * scale, scale


def _given_numbers(x, mean, var, weight=1, bias=None, *, eps):
    y = _given(x, mean, var, eps)[0]
    y = y if is_one(weight) else y * beside_channels(weight, x)
    return y if bias is None else y + beside_channels(bias, x)


def _given_pullback(g, y, x, mean, var, weight=1, bias=None, *, eps):
    h = g if is_one(weight) else g * beside_channels(weight, x)
    return h * _given(x, mean, var, eps)[1]


def _given_weight_pullback(g, y, x, mean, var, weight, bias=None, *, eps):
    return summed_over_channels(g * _given(x, mean, var, eps)[0], x)


frozen_batch_norm = op(
    "frozen_batch_norm",
    numpy=_given_numbers,
    vjp=[
        _given_pullback,
        None,
        None,
        _given_weight_pullback,
        lambda g, y, x, mean, var, weight, bias, eps: summed_over_channels(g, x),
    ],
    shape=lambda shape, *_others, **_params: shape,
    types=None,
    torch="NativeBatchNormBackward0",
    rule="batch normalisation with given statistics",
    says="With mean and deviation fixed it is a linear map, so the cotangent is only scaled.",
    law="y = γ ⊙ (x - m)/√(v + ε) + β, with given mean m and variance v of each channel",
    domain=("real", "real", "positive", "real", "real"),
    source="Ioffe & Szegedy, Batch Normalization, section 3.1",
    samples=[
        call((4, 3), (3,), (3,), eps=1e-5),
        call((2, 3, 4), (3,), (3,), (3,), (3,), eps=0.1),
        call((2, 3, 2, 2), (3,), (3,), (3,), eps=1e-5),
    ],
)


# PyTorch's functions


@public("nn.functional.batch_norm")
def _batch_norm(
    input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):
    """y = γ ⊙ (x - μ)/σ + β in each channel;  x̄ = (1/σ)(h - mean h - x̂ mean(h ⊙ x̂)), h = γ ⊙ g, when training.

    Training takes mean and variance over the batch and moves the running ones towards them (the variance
    with correction); otherwise the running ones are used, and x̄ = h/σ. Source: Ioffe & Szegedy, section 3.

    >>> import engine as torch
    >>> torch.nn.functional.batch_norm(torch.tensor([[1.], [3.]]), None, None, training=True, eps=0.)
    tensor([[-1.],
            [ 1.]])
    """
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError("Expected running_mean and running_var to be defined when training=False")
        return frozen_batch_norm(input, running_mean, running_var, *affine(weight, bias), eps=float(eps))
    _several_values(input)
    _move_statistics(input, running_mean, running_var, momentum)
    return batch_norm(input, *affine(weight, bias), eps=float(eps))


def _several_values(input):
    if input.ndim < 2:
        raise RuntimeError(f"batch_norm needs an axis of channels after the batch; got shape {list(input.shape)}")
    if input.shape[0] * int(np.prod(input.shape[2:])) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")


def _move_statistics(input, running_mean, running_var, momentum):
    """Move running statistics, in place, towards those of this batch."""
    x = input._node.output
    axes = (0, *range(2, x.ndim))
    if running_mean is not None:
        running = running_mean._node.output
        running += momentum * (x.mean(axis=axes) - running)
    if running_var is not None:
        running = running_var._node.output
        running += momentum * (x.var(axis=axes, ddof=1) - running)


@public("nn.functional.instance_norm")
def _instance_norm(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    """y = γ ⊙ (x - μ)/σ + β, mean and deviation of each channel of each sample.

    x̄ = (1/σ)(h - mean h - x̂ mean(h ⊙ x̂)), h = γ ⊙ g. Source: Ulyanov, Vedaldi & Lempitsky, Instance Normalization.

    >>> import engine as torch
    >>> torch.nn.functional.instance_norm(torch.tensor([[[1., 3.]]]), eps=0.)
    tensor([[[-1.,  1.]]])
    """
    if not use_input_stats:
        return _batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    if int(np.prod(input.shape[2:])) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    _move_instance_statistics(input, running_mean, running_var, momentum)
    y = standardize(input, dim=tuple(range(2, input.ndim)), eps=float(eps))
    y = y if weight is None else y * beside_channels(weight, input)
    return y if bias is None else y + beside_channels(bias, input)


def _move_instance_statistics(input, running_mean, running_var, momentum):
    """As for a batch, with the statistics of the samples averaged."""
    x = input._node.output
    axes = tuple(range(2, x.ndim))
    for running, found in ((running_mean, x.mean(axis=axes)), (running_var, x.var(axis=axes, ddof=1))):
        if running is not None:
            running._node.output += momentum * (found.mean(axis=0) - running._node.output)


@public("nn.functional.local_response_norm")
def _local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """y = x / (k + α m)^β, m the mean of x² over `size` neighbouring channels;  a composite, chained.

    ValueError below three axes. Source: Krizhevsky, Sutskever & Hinton, ImageNet Classification, section 3.3.

    >>> import engine as torch
    >>> torch.nn.functional.local_response_norm(torch.ones(1, 2, 1), 1, alpha=3., beta=1.).flatten()
    tensor([0.2500, 0.2500])
    """
    if input.ndim < 3:
        gap = " " * 26  # as in PyTorch's message
        raise ValueError(f"Expected 3D or higher dimensionality{gap}input (got {input.ndim} dimensions)")
    if size_of(input) == 0:
        return input
    squares = input * input
    rows = reshape(squares, size=(input.shape[0], 1, input.shape[1], size_of(input, range(2, input.ndim))))
    padded = PUBLIC["nn.functional.pad"](rows, (0, 0, size // 2, (size - 1) // 2))
    means = PUBLIC["nn.functional.avg_pool2d"](padded, (size, 1), stride=1)
    return input / (reshape(means, size=tuple(input.shape)) * alpha + k) ** beta

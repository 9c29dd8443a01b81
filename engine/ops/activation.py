"""Activations with a kink or a saturation: sigmoids, softplus, relu and its relatives."""

import math

import numpy as np

from engine.op import PUBLIC, call, op, public
from engine.ops.functions import IN_PLACE, activation, function
from engine.ops.rounding import absolute
from engine.ops.selecting import clamp_both, where

LARGE = [(1e4,), (-1e4,), (0.0,), (-0.0,), (math.nan,)]


def _sigmoid(x):
    """1 / (1 + exp -x) from the exponential that doesn't overflow."""
    small = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1, small) / (1 + small)


sigmoid = function(
    "sigmoid",
    "special.expit",
    "nn.functional.sigmoid",
    numpy=_sigmoid,
    vjp=[lambda g, y, x: g * y * (1 - y)],
    says="The slope of the sigmoid is its output times one minus its output.",
    law="y = σ(x) = 1 / (1 + exp -x)",
    edges=LARGE,
)


def _logit_slope(g, y, x):
    with np.errstate(all="ignore"):
        return np.where((x < 0) | (x > 1), np.nan, g / (x * (1 - x))).astype(y.dtype)


_logit_op = op(
    "logit",
    numpy=lambda x: np.log(x / (1 - x)),
    vjp=[lambda g, y, x: g / (x * (1 - x))],
    numeric=[_logit_slope],
    types="float",
    says="The logit undoes the sigmoid, so its slope is one over the sigmoid's, x (1 - x).",
    law="y = log(x / (1 - x))",
    domain=("unit",),
    samples=[call((2, 3)), call(()), call((0,))],
    edges=[(0.0,), (1.0,), (1.5,), (-0.5,)],
)


@public("logit", "Tensor.logit", "special.logit")
def logit(input, eps=None):
    """y = log(x / (1 - x));  x̄ = g / (x (1 - x)). With eps, x is first clamped to [eps, 1 - eps].

    >>> import engine as torch
    >>> torch.logit(torch.tensor([0.5]))
    tensor([0.])
    """
    return _logit_op(input if eps is None else clamp_both(input, eps, 1 - eps))


IN_PLACE.add("logit")


def relative(name, *, function=None, defaults=None, **fields):
    """Declare an activation and enter it in nn.functional; its first sample has PyTorch's default parameters."""
    fields.setdefault("samples", [call((2, 3)), call(()), call((0,))])
    made = op(name, **fields)
    activation(function or name, made, **(defaults or fields["samples"][0][1]))
    return made


def _softplus(x, beta, threshold):
    z = x * beta
    return np.where(z > threshold, x, np.logaddexp(z, 0) / beta).astype(x.dtype)


def _softplus_slope(g, y, x, beta, threshold):
    z = x * beta
    return np.where(z > threshold, g, g * _sigmoid(z))


softplus = op(
    "softplus",
    numpy=_softplus,
    vjp=[lambda g, y, x, beta, threshold: g * sigmoid(beta * x)],
    numeric=[_softplus_slope],
    text="softplus({0})",
    says="The slope of softplus is the sigmoid; beyond the threshold PyTorch takes it as one, 2e-9 away.",
    law="y = log(1 + exp(beta x)) / beta, x itself where beta x > threshold",
    samples=[call((2, 3), beta=1.0, threshold=20.0), call((), beta=2.0, threshold=20.0),
             call((3,), beta=0.5, threshold=20.0)],
    edges=LARGE,
)  # fmt: skip
activation("softplus", softplus, beta=1.0, threshold=20.0)

logsigmoid = relative(
    "log_sigmoid",
    function="logsigmoid",
    types="float",
    numpy=lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))),
    vjp=[lambda g, y, x: g * sigmoid(-x)],
    rule="logarithm of the sigmoid",
    says="The slope of the logarithm of the sigmoid is one minus the sigmoid.",
    law="y = log σ(x)",
    edges=LARGE,
)


_BITS = {2: np.int16, 4: np.int32, 8: np.int64}


def _relu_numbers(g, y, x):
    """g, and 0 where x ≤ 0, as g's bits times 1 or 0: np.where takes ten times as long when signs are random."""
    if g.ndim == 0 or g.shape != x.shape:
        return np.where(x <= 0, 0, g)
    passes = x <= 0
    np.logical_not(passes, out=passes)  # NaN passes
    return np.multiply(g.view(_BITS[g.dtype.itemsize]), passes).view(g.dtype)


relu = function(
    "relu",
    numpy=lambda x: np.maximum(0, x),  # in this order -0 stays -0
    vjp=[lambda g, y, x: where(x > 0, g, 0)],
    numeric=[_relu_numbers],
    types="arithmetic",
    says="Where x is positive the cotangent passes; elsewhere the slope is zero, at zero by convention.",
    law="y = max(x, 0)",
    edges=[(0.0,), (-0.0,), (math.nan,)],
)
activation("relu", relu)

leaky_relu = relative(
    "leaky_relu",
    numpy=lambda x, negative_slope: np.where(x > 0, x, x * negative_slope),
    vjp=[lambda g, y, x, negative_slope: where(x > 0, g, g * negative_slope)],
    rule="leaky relu",
    says="Where x is positive the slope is one, elsewhere the negative slope, at zero too by convention.",
    law="y = x where x > 0, negative_slope x elsewhere",
    samples=[call((2, 3), negative_slope=0.01), call((), negative_slope=0.2), call((0,), negative_slope=0.01)],
    edges=[(0.0,)],
)

prelu_kernel = op(
    "prelu_kernel",
    numpy=lambda x, w: np.where(x > 0, x, w * x),
    vjp=[lambda g, y, x, w: where(x > 0, g, g * w), lambda g, y, x, w: where(x > 0, 0, g * x)],
    types="alike",
    rule="relu with a learnt slope",
    says="Where x is positive the slope is one, elsewhere the weight; the weight's slope is x there.",
    law="y = x where x > 0, w x elsewhere",
    samples=[call((2, 3), (3,)), call((3,), (1,)), call((2, 3, 2), (3, 1))],
    edges=[(0.0, 0.5)],
)


@public("prelu", "nn.functional.prelu", "Tensor.prelu")
def _prelu(input, weight):
    """y = x where x > 0, w x elsewhere, one weight for all or one a channel (axis 1).

    >>> import engine as torch
    >>> torch.prelu(torch.tensor([-2., 1.]), torch.tensor([0.5]))
    tensor([-1.,  1.])
    """
    from engine.ops.shape import reshape

    if weight.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}"
        )
    count = weight.numpy(force=True).size
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.ndim and count != 1 and count != channels:
        raise RuntimeError(
            f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {count} "
            f"and channel size = {channels}."
        )
    if input.ndim > 1 and weight.ndim:
        weight = reshape(weight, size=(count, *(1,) * (input.ndim - 2)))
    return prelu_kernel(input, reshape(weight, size=()) if input.ndim == 0 and weight.ndim else weight)


def _falling(x):
    """exp x for the entries below zero, without overflow for those above."""
    return np.exp(np.minimum(x, 0))


elu = relative(
    "elu",
    numpy=lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(np.minimum(0, x))),
    vjp=[lambda g, y, x, alpha: where(x > 0, g, g * (y + alpha))],
    numeric=[lambda g, y, x, alpha: np.where(x <= 0, g * alpha * _falling(x), g)],
    says="Where x is positive the slope is one, elsewhere the output plus alpha, which is alpha exp x.",
    law="y = x where x > 0, alpha (exp x - 1) elsewhere",
    samples=[call((2, 3), alpha=1.0), call((), alpha=0.5), call((0,), alpha=1.0)],
    edges=LARGE,
)

celu = relative(
    "celu",
    numpy=lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(np.minimum(0, x) / alpha)),
    vjp=[lambda g, y, x, alpha: where(x > 0, g, g * (y / alpha + 1))],
    numeric=[lambda g, y, x, alpha: np.where(x <= 0, g * _falling(x / alpha), g)],
    says="Where x is positive the slope is one, elsewhere the output over alpha plus one.",
    law="y = x where x > 0, alpha (exp(x / alpha) - 1) elsewhere",
    samples=[call((2, 3), alpha=1.0), call((), alpha=0.5), call((0,), alpha=1.0)],
    edges=LARGE,
)

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946

selu = relative(
    "selu",
    numpy=lambda x: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(0, x))),
    vjp=[lambda g, y, x: where(x > 0, g * SELU_SCALE, g * (y + SELU_SCALE * SELU_ALPHA))],
    numeric=[lambda g, y, x: np.where(x <= 0, g * (SELU_SCALE * SELU_ALPHA) * _falling(x), g * SELU_SCALE)],
    torch="EluBackward0",
    says="Where x is positive the slope is the scale, elsewhere the output plus scale times alpha.",
    law="y = scale x where x > 0, scale alpha (exp x - 1) elsewhere",
    edges=LARGE,
)

def _limited(x, min_val, max_val):
    low, high = np.array([min_val, max_val]).astype(x.dtype)
    return np.minimum(np.maximum(x, low), high)


hardtanh = relative(
    "hardtanh",
    numpy=_limited,
    vjp=[lambda g, y, x, min_val, max_val: where((x > min_val) * (x < max_val), g, 0)],
    numeric=[lambda g, y, x, min_val, max_val: np.where((x <= min_val) | (x >= max_val), 0, g)],
    says="Strictly between its limits the slope is one, elsewhere zero, at the limits by convention.",
    law="y = x kept within min_val and max_val",
    samples=[call((2, 3), min_val=-1.0, max_val=1.0), call((4,), min_val=-0.3, max_val=0.5)],
    edges=[(1.0,), (-1.0,), (math.nan,)],
)


def relu6(input):
    """y = min(max(x, 0), 6);  x̄ = g where 0 < x < 6."""
    return hardtanh(input, min_val=0.0, max_val=6.0)


activation("relu6", relu6)

threshold = relative(
    "threshold",
    numpy=lambda x, threshold, value: np.where(x <= threshold, np.asarray(value, x.dtype), x),
    vjp=[lambda g, y, x, threshold, value: where(x > threshold, g, 0)],
    numeric=[lambda g, y, x, threshold, value: np.where(x <= threshold, 0, g)],
    defaults={"threshold": None, "value": None},
    says="Above the threshold the cotangent passes; elsewhere the entry was replaced and the slope is zero.",
    law="y = x where x > threshold, value elsewhere",
    samples=[call((2, 3), threshold=0.1, value=-2.0), call((), threshold=0.0, value=0.0)],
    edges=[(0.1,), (math.nan,)],
)

softshrink = relative(
    "softshrink",
    numpy=lambda x, lambd: np.where(np.abs(x) <= lambd, 0, x - np.copysign(lambd, x)),
    vjp=[lambda g, y, x, lambd: where(absolute(x) > lambd, g, 0)],
    numeric=[lambda g, y, x, lambd: np.where(np.abs(x) <= lambd, 0, g)],
    says="What is larger than lambda is moved towards zero by it, at slope one; the rest is zero.",
    law="y = x ∓ lambd where |x| > lambd, 0 elsewhere",
    samples=[call((2, 3), lambd=0.5), call((), lambd=0.1)],
    edges=[(0.5,), (-0.5,), (math.nan,)],
)

hardshrink = relative(
    "hardshrink",
    numpy=lambda x, lambd: np.where((x >= -lambd) & (x <= lambd), np.zeros_like(x), x),
    vjp=[lambda g, y, x, lambd: where(absolute(x) > lambd, g, 0)],
    numeric=[lambda g, y, x, lambd: np.where(np.abs(x) <= lambd, 0, g)],
    says="What is larger than lambda stays, at slope one; the rest is zero.",
    law="y = x where |x| > lambd, 0 elsewhere",
    samples=[call((2, 3), lambd=0.5), call((), lambd=0.1)],
    edges=[(0.5,), (-0.5,)],
)

for _name in ("celu", "selu", "threshold", "hardshrink"):  # which PyTorch has outside nn.functional too
    if f"nn.functional.{_name}" in PUBLIC:
        PUBLIC[_name] = PUBLIC[f"nn.functional.{_name}"]
PUBLIC["Tensor.hardshrink"] = PUBLIC["nn.functional.hardshrink"]

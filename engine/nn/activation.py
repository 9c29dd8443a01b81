"""Activations as layers."""

from functools import partial

from engine.creation import full
from engine.nn import functional as F
from engine.nn.functional_layer import NEEDED, FunctionalLayer, layer
from engine.nn.module import Module
from engine.nn.parameter import Parameter

_layer = partial(layer, __name__)

ReLU = _layer("ReLU", "relu", "y = max(x, 0).", inplace=False)
ReLU6 = _layer("ReLU6", "relu6", "y = min(max(x, 0), 6).", inplace=False)
LeakyReLU = _layer("LeakyReLU", "leaky_relu", "y = x, or negative_slope x below 0.", negative_slope=0.01, inplace=False)
ELU = _layer("ELU", "elu", "y = x, or alpha (exp x - 1) below 0.", alpha=1.0, inplace=False)
CELU = _layer("CELU", "celu", "y = x, or alpha (exp(x / alpha) - 1) below 0.", alpha=1.0, inplace=False)
SELU = _layer("SELU", "selu", "y = an ELU, scaled so that mean and variance stay.", inplace=False)
GELU = _layer("GELU", "gelu", "y = x Φ(x), exact or through tanh.", approximate="none")
SiLU = _layer("SiLU", "silu", "y = x σ(x).", inplace=False)
Mish = _layer("Mish", "mish", "y = x tanh(softplus x).", inplace=False)
Sigmoid = _layer("Sigmoid", "sigmoid", "y = 1 / (1 + exp(-x)).")
Tanh = _layer("Tanh", "tanh", "y = tanh x.")
LogSigmoid = _layer("LogSigmoid", "logsigmoid", "y = log σ(x).")
Softplus = _layer("Softplus", "softplus", "y = log(1 + exp(beta x)) / beta.", beta=1.0, threshold=20.0)
Softsign = _layer("Softsign", "softsign", "y = x / (1 + |x|).")
Tanhshrink = _layer("Tanhshrink", "tanhshrink", "y = x - tanh x.")
Hardsigmoid = _layer("Hardsigmoid", "hardsigmoid", "y = x / 6 + 1/2, cut to [0, 1].", shown=(), inplace=False)
Hardswish = _layer("Hardswish", "hardswish", "y = x hardsigmoid(x).", shown=(), inplace=False)
Softmax = _layer("Softmax", "softmax", "y = exp x / Σ exp x along dim.", dim=None)
LogSoftmax = _layer("LogSoftmax", "log_softmax", "y = x - log Σ exp x along dim.", dim=None)
Softmin = _layer("Softmin", "softmin", "y = softmax(-x) along dim.", dim=None)
GLU = _layer("GLU", "glu", "y = a ⊙ σ(b), where x is a and b side by side along dim.", dim=-1)


class Hardtanh(FunctionalLayer):
    """y = x, cut to [min_val, max_val]."""

    function = "hardtanh"
    settings = {"min_val": -1.0, "max_val": 1.0, "inplace": False}
    shown = ("min_val", "max_val")


class Threshold(FunctionalLayer):
    """y = x where it is above threshold, value elsewhere."""

    function = "threshold"
    settings = {"threshold": NEEDED, "value": NEEDED, "inplace": False}
    shown = ("threshold", "value")


class _Shrink(FunctionalLayer):
    settings = {"lambd": 0.5}

    def extra_repr(self):
        return str(self.lambd)


class Softshrink(_Shrink):
    """y = x moved by lambd towards 0, and 0 within lambd of it."""

    function = "softshrink"


class Hardshrink(_Shrink):
    """y = x, and 0 within lambd of 0."""

    function = "hardshrink"


class Softmax2d(Module):
    """y = softmax over the channels of (N, C, H, W) or (C, H, W)."""

    def forward(self, input):
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead")
        return F.softmax(input, -3)


class PReLU(Module):
    """y = x, or a learned weight times x below 0."""

    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(full((num_parameters,), float(init), dtype=dtype))

    def forward(self, input):
        return F.prelu(input, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"

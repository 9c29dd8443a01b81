"""Pooling, resampling, sliding blocks and padding as layers."""

from functools import partial

from engine.nn import functional as F
from engine.nn.functional_layer import NEEDED, FunctionalLayer, layer
from engine.nn.module import Module

_layer = partial(layer, __name__)


class _Pool(FunctionalLayer):
    def _keep(self, name, value):
        if name == "stride" and value is None:
            value = self.kernel_size
        setattr(self, name, value)


class _AvgPool1d(_Pool):
    """AvgPool1d keeps and prints its numbers as tuples."""

    def _keep(self, name, value):
        if name in ("kernel_size", "stride", "padding") and isinstance(value, int):
            value = (value,)
        super()._keep(name, value)


_MAX = {"kernel_size": NEEDED, "stride": None, "padding": 0, "dilation": 1, "return_indices": False,
        "ceil_mode": False}  # fmt: skip
_MAX_SHOWN = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
_AVG = {"kernel_size": NEEDED, "stride": None, "padding": 0, "ceil_mode": False, "count_include_pad": True}
_AVG_SHOWN = ("kernel_size", "stride", "padding")

MaxPool1d = _layer("MaxPool1d", "max_pool1d", "y = the largest of each window.", _Pool, _MAX_SHOWN, **_MAX)
MaxPool2d = _layer("MaxPool2d", "max_pool2d", "y = the largest of each window.", _Pool, _MAX_SHOWN, **_MAX)
MaxPool3d = _layer("MaxPool3d", "max_pool3d", "y = the largest of each window.", _Pool, _MAX_SHOWN, **_MAX)
AvgPool1d = _layer("AvgPool1d", "avg_pool1d", "y = the mean of each window.", _AvgPool1d, _AVG_SHOWN, **_AVG)
AvgPool2d = _layer(
    "AvgPool2d", "avg_pool2d", "y = the mean of each window.", _Pool, _AVG_SHOWN, **_AVG, divisor_override=None
)
AvgPool3d = _layer(
    "AvgPool3d", "avg_pool3d", "y = the mean of each window.", _Pool, _AVG_SHOWN, **_AVG, divisor_override=None
)

_EVEN = "y = the {} of output_size windows that cover x evenly."
_SIZE = ("output_size",)
AdaptiveAvgPool1d = _layer("AdaptiveAvgPool1d", "adaptive_avg_pool1d", _EVEN.format("means"), output_size=NEEDED)
AdaptiveAvgPool2d = _layer("AdaptiveAvgPool2d", "adaptive_avg_pool2d", _EVEN.format("means"), output_size=NEEDED)
AdaptiveAvgPool3d = _layer("AdaptiveAvgPool3d", "adaptive_avg_pool3d", _EVEN.format("means"), output_size=NEEDED)
AdaptiveMaxPool1d = _layer(
    "AdaptiveMaxPool1d", "adaptive_max_pool1d", _EVEN.format("maxima"), shown=_SIZE, output_size=NEEDED,
    return_indices=False,
)  # fmt: skip
AdaptiveMaxPool2d = _layer(
    "AdaptiveMaxPool2d", "adaptive_max_pool2d", _EVEN.format("maxima"), shown=_SIZE, output_size=NEEDED,
    return_indices=False,
)  # fmt: skip
AdaptiveMaxPool3d = _layer(
    "AdaptiveMaxPool3d", "adaptive_max_pool3d", _EVEN.format("maxima"), shown=_SIZE, output_size=NEEDED,
    return_indices=False,
)  # fmt: skip

PixelShuffle = _layer("PixelShuffle", "pixel_shuffle", "y = channels moved to pixels.", upscale_factor=NEEDED)
PixelUnshuffle = _layer(
    "PixelUnshuffle", "pixel_unshuffle", "y = pixels moved to channels.", downscale_factor=NEEDED
)
Unfold = _layer(
    "Unfold", "unfold", "y = the sliding blocks of x as columns.", kernel_size=NEEDED, dilation=1, padding=0, stride=1
)
Fold = _layer(
    "Fold", "fold", "y = the columns of x as blocks, added up.", output_size=NEEDED, kernel_size=NEEDED, dilation=1,
    padding=0, stride=1,
)  # fmt: skip


class Upsample(FunctionalLayer):
    """y = x at more places, by the mode of nn.functional.interpolate."""

    function = "interpolate"
    settings = {"size": None, "scale_factor": None, "mode": "nearest", "align_corners": None,
                "recompute_scale_factor": None}  # fmt: skip

    def _keep(self, name, value):
        if name == "scale_factor" and value is not None:
            value = tuple(map(float, value)) if isinstance(value, tuple) else float(value)
        setattr(self, name, value)

    def extra_repr(self):
        shown = "size" if self.scale_factor is None else "scale_factor"
        return f"{shown}={getattr(self, shown)}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """y = x at more places, each the nearest entry."""

    settings = {"size": None, "scale_factor": None}
    mode = "nearest"


class UpsamplingBilinear2d(Upsample):
    """y = x at more places, linearly between entries, corners on corners."""

    settings = {"size": None, "scale_factor": None}
    mode = "bilinear"

    def forward(self, input):
        return F.interpolate(input, self.size, self.scale_factor, mode="bilinear", align_corners=True)


class _Pad(Module):
    rank = 1
    mode = "constant"
    value = 0.0

    def __init__(self, padding):
        super().__init__()
        self.padding = (padding,) * (2 * self.rank) if isinstance(padding, int) else tuple(padding)

    def forward(self, input):
        if self.mode == "constant":
            return F.pad(input, self.padding, "constant", self.value)
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self):
        return str(self.padding)


class _ConstantPad(_Pad):
    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


def _padding(name, kind, says, **fields):
    return type(name, (kind,), {"__doc__": says, "__module__": __name__, **fields})


ZeroPad1d = _padding("ZeroPad1d", _Pad, "y = x with zeros around the last axis.")
ZeroPad2d = _padding("ZeroPad2d", _Pad, "y = x with zeros around the last two axes.", rank=2)
ZeroPad3d = _padding("ZeroPad3d", _Pad, "y = x with zeros around the last three axes.", rank=3)
ConstantPad1d = _padding("ConstantPad1d", _ConstantPad, "y = x with a value around the last axis.")
ConstantPad2d = _padding("ConstantPad2d", _ConstantPad, "y = x with a value around the last two axes.", rank=2)
ConstantPad3d = _padding("ConstantPad3d", _ConstantPad, "y = x with a value around the last three axes.", rank=3)
ReflectionPad1d = _padding("ReflectionPad1d", _Pad, "y = x mirrored at its ends.", mode="reflect")
ReflectionPad2d = _padding("ReflectionPad2d", _Pad, "y = x mirrored at its edges.", mode="reflect", rank=2)
ReplicationPad1d = _padding("ReplicationPad1d", _Pad, "y = x with its ends repeated.", mode="replicate")
ReplicationPad2d = _padding("ReplicationPad2d", _Pad, "y = x with its edges repeated.", mode="replicate", rank=2)
CircularPad1d = _padding("CircularPad1d", _Pad, "y = x going on from its other end.", mode="circular")
CircularPad2d = _padding("CircularPad2d", _Pad, "y = x going on from its other edges.", mode="circular", rank=2)

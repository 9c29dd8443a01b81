"""PyTorch's interpolate and its older names, on the operations of engine.ops.resampling."""

from math import floor

from engine.op import public
from engine.ops.pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from engine.ops.resampling import resample

# mode -> (method along an axis, numbers of axes)
MODES = {
    "nearest": ("nearest", (1, 2, 3)),
    "nearest-exact": ("nearest-exact", (1, 2, 3)),
    "linear": ("linear", (1,)),
    "bilinear": ("linear", (2,)),
    "trilinear": ("linear", (3,)),
    "bicubic": ("cubic", (2,)),
}
ALIGNED = ("linear", "bilinear", "bicubic", "trilinear")
AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}


@public("nn.functional.interpolate")
def interpolate(
    input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None,
    antialias=False,
):  # fmt: skip
    """y[i] = Σ w[i, j] x[j] along the axes after (N, C), w from the mode;  x̄[j] = Σ w[i, j] g[i].

    Modes: nearest, nearest-exact, linear, bilinear, bicubic, trilinear, area.

    >>> import engine as torch
    >>> torch.nn.functional.interpolate(torch.tensor([[[1., 3.]]]), scale_factor=2, mode="linear")
    tensor([[[1.0000, 1.5000, 2.5000, 3.0000]]])
    """
    if antialias:
        raise NotImplementedError(
            "interpolate(antialias=True) isn't supported; shrink with mode='area', which averages what it skips"
        )
    if mode not in ALIGNED and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    rank = input.ndim - 2
    sizes = tuple(input.shape[2:])
    size, scales = _target(sizes, size, scale_factor, recompute_scale_factor)
    if mode == "area" and rank in AREA:
        return AREA[rank](input, size)
    _check_mode(mode, rank)
    if min(size) < 1:
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input ({', '.join(map(str, sizes))}) "
            f"output ({', '.join(map(str, size))})"
        )
    return resample(input, size=size, method=MODES[mode][0], scales=scales, align=bool(align_corners))


def _target(sizes, size, scale_factor, recompute):
    """(output sizes, scale factors that decide places, or None)."""
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is not None:
        if recompute:
            raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
        return tuple(int(n) for n in _each(size, sizes, "output", "output size", "o")), None
    factors = _each(scale_factor, sizes, "scale_factor", "scale_factor", "s")
    wanted = tuple(floor(n * factor) for n, factor in zip(sizes, factors))
    return wanted, None if recompute else tuple(float(factor) for factor in factors)


def _each(value, sizes, what, name, letter):
    if not isinstance(value, (tuple, list)):
        return (value,) * len(sizes)
    if len(value) != len(sizes):
        letters = f"({letter}1, {letter}2, ...,{letter}K)"
        phrase = "output size of" if name == "output size" else "scale_factor of shape"
        raise ValueError(
            f"Input and {what} must have the same number of spatial dimensions, but got input with spatial dimensions "
            f"of {list(sizes)} and {phrase} {tuple(value)}. Please provide input tensor in (N, C, d1, d2, ...,dK) "
            f"format and {name} in {letters} format."
        )
    return tuple(value)


def _check_mode(mode, rank):
    if mode not in MODES or rank not in (1, 2, 3):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank + 2}D) for the modes: nearest | "
            f"linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got {mode})"
        )
    ranks = MODES[mode][1]
    if rank not in ranks:
        raise NotImplementedError(f"Got {rank + 2}D input, but {mode} mode needs {ranks[0] + 2}D input")


@public("nn.functional.upsample")
def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """As interpolate, under its older name."""
    return interpolate(input, size, scale_factor, mode, align_corners)


@public("nn.functional.upsample_nearest")
def upsample_nearest(input, size=None, scale_factor=None):
    """As interpolate with mode="nearest"."""
    return interpolate(input, size, scale_factor, mode="nearest")


@public("nn.functional.upsample_bilinear")
def upsample_bilinear(input, size=None, scale_factor=None):
    """As interpolate with mode="bilinear" and corners aligned."""
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)

"""PyTorch's calls for pooling, resampling and sliding blocks."""


def _max_pool(torch, x, *, kernel, stride, padding, dilation, ceil, indices=False):
    function = getattr(torch.nn.functional, f"max_pool{len(kernel)}d")
    return function(x, kernel, stride, padding, dilation, ceil, return_indices=indices)


def _avg_pool(torch, x, *, kernel, stride, padding, ceil, inside, divisor):
    function = getattr(torch.nn.functional, f"avg_pool{len(kernel)}d")
    extra = () if len(kernel) == 1 else (divisor,)
    return function(x, kernel, stride, padding, ceil, not inside, *extra)


def adjoint(torch, function, g, size):
    """What autograd sends back of g to an input whose last axes have this size."""
    lead = g.shape[: g.ndim - len(size)]
    x = torch.zeros(*lead, *size, dtype=g.dtype, requires_grad=True)
    return torch.autograd.grad(function(x), x, g, create_graph=True)[0]


def _adaptive(torch, name, x, size, **more):
    return getattr(torch.nn.functional, f"adaptive_{name}_pool{len(size)}d")(x, size, **more)


def _put(torch, g, positions, *, size):
    lead = g.shape[: g.ndim - len(size)]
    flat = torch.zeros(*lead, torch.Size(size).numel(), dtype=g.dtype)
    return flat.scatter_add(-1, positions.flatten(len(lead)), g.flatten(len(lead))).reshape(*lead, *size)


def _take(torch, x, positions, *, rank):
    lead = x.ndim - rank
    return x.flatten(lead).gather(-1, positions.flatten(lead)).reshape(positions.shape)


def _resample(torch, x, *, size, method, scales, align):
    mode = {1: {"linear": "linear"}, 2: {"linear": "bilinear", "cubic": "bicubic"}, 3: {"linear": "trilinear"}}
    mode = mode[len(size)].get(method, method)
    align = None if "nearest" in mode else align
    size = None if scales else size
    return torch.nn.functional.interpolate(x, size=size, scale_factor=scales, mode=mode, align_corners=align)


def _resample_back(torch, g, *, size, **how):
    out = tuple(g.shape[2:])
    return adjoint(torch, lambda x: _resample(torch, x, size=out, **how), g, size)


def _adaptive_spread(torch, g, *, size):
    out = tuple(g.shape[2:])
    return adjoint(torch, lambda x: _adaptive(torch, "avg", x, out), g, size)


def _unfold(torch, x, *, kernel, stride, padding, dilation):
    return torch.nn.functional.unfold(x, kernel, dilation, padding, stride)


def _fold(torch, x, *, size, kernel, stride, padding, dilation):
    return torch.nn.functional.fold(x, size, kernel, dilation, padding, stride)


TORCH = {
    "max_pool": _max_pool,
    "max_positions": lambda torch, x, **how: _max_pool(torch, x, **how, indices=True)[1],
    "put_positions": _put,
    "take_positions": _take,
    "adaptive_max_pool": lambda torch, x, size: _adaptive(torch, "max", x, size),
    "adaptive_max_positions": lambda torch, x, size: _adaptive(torch, "max", x, size, return_indices=True)[1],
    "avg_pool": _avg_pool,
    "avg_spread": lambda torch, g, size, **how: adjoint(torch, lambda x: _avg_pool(torch, x, **how), g, size),
    "resample": _resample,
    "resample_back": _resample_back,
    "adaptive_avg_pool": lambda torch, x, size: _adaptive(torch, "avg", x, size),
    "adaptive_avg_spread": _adaptive_spread,
    "unfold": _unfold,
    "fold": _fold,
    "pixel_shuffle": lambda torch, x, factor: torch.pixel_shuffle(x, factor),
    "pixel_unshuffle": lambda torch, x, factor: torch.pixel_unshuffle(x, factor),
}

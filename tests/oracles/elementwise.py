"""PyTorch's calls for the elementwise operations."""

TORCH = {
    "sub": lambda torch, a, b: a - b,
    "div": lambda torch, a, b: a / b,
    "remainder": lambda torch, a, b: (a if hasattr(a, "dtype") else torch.full_like(b, a)) % b,
    "round": lambda torch, x, decimals: torch.round(x, decimals=decimals) if decimals else torch.round(x),
    "clamp_min": lambda torch, x, low: torch.clamp(x, min=low),
    "clamp_max": lambda torch, x, high: torch.clamp(x, max=high),
    "fmod": lambda torch, a, b: torch.fmod(a if hasattr(a, "dtype") else torch.full_like(b, a), b),
    "copysign": lambda torch, a, b: torch.copysign(a if hasattr(a, "dtype") else torch.full_like(b, a), b),
    "divide_rounded": lambda torch, a, b, rounding_mode: torch.div(a, b, rounding_mode=rounding_mode),
    "digamma": lambda torch, x: _digamma(torch, x),
    "polygamma": lambda torch, x, n: torch.polygamma(n, x) if n > 1 else _trigamma(torch, x),
    "hardsigmoid": lambda torch, x: _hardsigmoid(torch, x),
    "where": lambda torch, c, a, b: torch.where(c, a, b),
    "clamp": lambda torch, x, low, high: _mixed(torch, torch.clamp, x, low, high),
    "log_sigmoid": lambda torch, x: torch.nn.functional.logsigmoid(x),
    "prelu_kernel": lambda torch, x, w: torch._prelu_kernel(x, w),
    "gelu_tanh": lambda torch, x: torch.nn.functional.gelu(x, approximate="tanh"),
    "threshold": lambda torch, x, threshold, value: torch.nn.functional.threshold(x, threshold, value),
}


def _digamma(torch, x):
    """PyTorch's digamma, with its gradient from Hurwitz's zeta: its own trigamma is 5e-10 off in float64."""

    class Digamma(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            context.save_for_backward(x)
            return torch.digamma(x)

        @staticmethod
        def backward(context, g):
            return g * _zeta(torch, 2, *context.saved_tensors)

    return Digamma.apply(x)


def _trigamma(torch, x):
    class Trigamma(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            context.save_for_backward(x)
            return _zeta(torch, 2, x)

        @staticmethod
        def backward(context, g):
            return g * torch.polygamma(2, *context.saved_tensors)

    return Trigamma.apply(x)


def _zeta(torch, s, x):
    """Hurwitz's zeta function; where it isn't defined, below zero, PyTorch's trigamma."""
    return torch.where(x > 0, torch.special.zeta(float(s), x), torch.polygamma(s - 1, x))


def _hardsigmoid(torch, x):
    """By its parts: the backward of PyTorch's own has 1/6 as a float32 even in float64, 3e-8 off."""
    return torch.nn.functional.relu6(x + 3) / 6 if x.dtype == torch.float64 else torch.nn.functional.hardsigmoid(x)


def _mixed(torch, call, x, *limits):
    """PyTorch takes limits that are all numbers or all tensors."""
    if any(hasattr(limit, "dtype") for limit in limits):
        limits = [torch.as_tensor(limit, dtype=x.dtype) for limit in limits]
    return call(x, *limits)


def _of_tensors(name):
    """PyTorch's function that takes no Python numbers."""

    def call(torch, *args):
        dtype = next(arg.dtype for arg in args if hasattr(arg, "dtype"))
        return getattr(torch, name)(*(torch.as_tensor(arg, dtype=dtype) for arg in args))

    return call


for _name in ("maximum", "minimum", "fmax", "fmin", "logical_and", "logical_or", "logical_xor"):
    TORCH[_name] = _of_tensors(_name)
for _name in ("atan2", "hypot", "heaviside"):
    TORCH[_name] = _of_tensors(_name)

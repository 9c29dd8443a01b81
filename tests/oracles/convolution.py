"""PyTorch's calls for convolution and its adjoints."""


def _ends(amount):
    return amount if isinstance(amount, tuple) else (amount, amount)


def _conv(torch, x, w, b=None, *, stride, padding, dilation, groups):
    around = [end for amount in reversed(padding) for end in _ends(amount)]
    function = getattr(torch.nn.functional, f"conv{len(stride)}d")
    return function(torch.nn.functional.pad(x, around), w, b, stride, 0, dilation, groups)


def _conv_input(torch, g, w, b=0, *, size, groups, **how):
    x = torch.zeros(g.shape[0], w.shape[1] * groups, *size, dtype=g.dtype, requires_grad=True)
    y = _conv(torch, x, w, groups=groups, **how)
    bias = b if isinstance(b, int) else b.reshape(-1, *(1,) * len(size))
    return torch.autograd.grad(y, x, g, create_graph=True)[0] + bias


def _conv_weight(torch, x, g, *, size, groups, **how):
    w = torch.zeros(g.shape[1], x.shape[1] // groups, *size, dtype=g.dtype, requires_grad=True)
    return torch.autograd.grad(_conv(torch, x, w, groups=groups, **how), w, g, create_graph=True)[0]


TORCH = {
    "convolution": _conv,
    "convolution_bias": _conv,
    "convolution_input": _conv_input,
    "convolution_input_bias": _conv_input,
    "convolution_weight": _conv_weight,
}

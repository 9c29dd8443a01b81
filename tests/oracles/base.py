"""PyTorch's calls for the engine's base."""


def _sized(name):
    return lambda torch, x, dim, keepdim: getattr(torch, name)(x, dim=dim, keepdim=keepdim)


def _unsqueeze(torch, x, dim):
    for at in sorted(dim):
        x = x.unsqueeze(at)
    return x


TORCH = {
    "sum_to": lambda torch, x, size: x.sum_to_size(size),
    "expand": lambda torch, x, size: torch.broadcast_to(x, size),
    "cast": lambda torch, x, dtype: x.to(getattr(torch, str(dtype))),
    "sum": _sized("sum"),
    "mean": _sized("mean"),
    "unsqueeze": _unsqueeze,
    "reshape": lambda torch, x, size: torch.reshape(x, size),
}

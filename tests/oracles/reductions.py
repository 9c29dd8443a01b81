"""Reductions, running sums and softmax: PyTorch takes one axis where we keep a tuple."""


def _one(name):
    return lambda torch, x, dim: getattr(torch, name)(x, dim=dim[0])


def _prod(torch, x, dim, keepdim):
    return torch.prod(x, dim=dim[0], keepdim=keepdim) if len(dim) == 1 else torch.prod(x)


def _running(name):
    def call(torch, x, dim, reverse):
        f = getattr(torch, name)
        return f(x.flip(dim), dim=dim).flip(dim) if reverse else f(x, dim=dim)

    return call


def _shift(torch, x, dim, by, fill):
    moved = torch.roll(x, by, dim)
    at = torch.arange(x.shape[dim]).reshape([-1 if axis == dim else 1 for axis in range(x.ndim)])
    return torch.where((at - by >= 0) & (at - by < x.shape[dim]), moved, fill)


def _recurrence(torch, a, b, dim, reverse):
    a, b = a.unbind(dim), b.unbind(dim)
    order = range(len(b))[::-1] if reverse else range(len(b))
    found = {}
    before = None
    for j in order:
        before = found[j] = b[j] if before is None else b[j] + a[j] * before
    return torch.stack([found[j] for j in range(len(b))], dim)


def _others(torch, x, dim):
    if x.ndim == 0:
        return x * 0 + 1
    flat = x.reshape(1, -1) if len(dim) == x.ndim else x.movedim(dim[0], -1)
    size = flat.shape[-1]
    eye = torch.eye(size, dtype=torch.bool)
    out = torch.where(eye, 1, flat[..., None, :].expand(*flat.shape[:-1], size, size)).prod(-1)
    return out.reshape(x.shape) if len(dim) == x.ndim else out.movedim(-1, dim[0])


def _whole(name):
    return lambda torch, x, dim, keepdim: getattr(torch, name)(x) if len(dim) == x.ndim else getattr(torch, f"a{name}")(
        x, dim=dim, keepdim=keepdim
    )


def _along(name):
    return lambda torch, x, dim, keepdim: getattr(torch, name)(x, dim=dim, keepdim=keepdim).values


def _indicator(torch, index, dim, size):
    return torch.nn.functional.one_hot(index, size).movedim(-1, dim).to(torch.int8)


TORCH = {
    "all": lambda torch, x, dim, keepdim: torch.all(x, dim=dim, keepdim=keepdim),
    "any": lambda torch, x, dim, keepdim: torch.any(x, dim=dim, keepdim=keepdim),
    "count_nonzero": lambda torch, x, dim, keepdim: (x != 0).sum(dim=dim, keepdim=keepdim),
    "cumprod": _running("cumprod"),
    "cumsum": _running("cumsum"),
    "indicator": _indicator,
    "log_softmax": _one("log_softmax"),
    "max_all": _whole("max"),
    "max_along": _along("max"),
    "min_all": _whole("min"),
    "min_along": _along("min"),
    "others": _others,
    "prod": _prod,
    "recurrence": _recurrence,
    "shift": _shift,
    "softmax": _one("softmax"),
}

"""Losses, which PyTorch has in nn.functional."""


def _labelled(name):
    def call(torch, x, labels, weight=None, *, ignore_index, **params):
        ignore_index = -100 if ignore_index is None else ignore_index
        return getattr(torch.nn.functional, name)(x, labels, weight, ignore_index=ignore_index, **params)

    return call


def _named(name):
    """Operands may be numbers that stand for a weight that isn't given."""

    def call(torch, x, t, *more, **params):
        more = [None if isinstance(weight, int) else weight for weight in more]
        more = dict(zip(("weight", "pos_weight"), more))
        return getattr(torch.nn.functional, name)(x, t, **more, **params)

    return call


def _multi_margin(torch, x, labels, weight=None, **params):
    return torch.nn.functional.multi_margin_loss(x, labels, weight=weight, **params)


def _soft_margin(torch, x, t, **params):
    return torch.nn.functional.soft_margin_loss(x, t.detach(), **params)


TORCH = {
    **{name: _named(name) for name in (
        "binary_cross_entropy", "binary_cross_entropy_with_logits", "huber_loss", "mse_loss", "smooth_l1_loss",
    )},
    "cosine_similarity": lambda torch, a, b, dim: torch.cosine_similarity(a, b, dim=dim, eps=0),
    "linear": lambda torch, *args: torch.nn.functional.linear(*args),
    "multi_margin_loss": _multi_margin,
    "soft_margin_loss": _soft_margin,
    "unit": lambda torch, x, dim: torch.nn.functional.normalize(x, dim=dim),
    "cross_entropy": _labelled("cross_entropy"),
    "nll_loss": _labelled("nll_loss"),
    "soft_cross_entropy": lambda torch, *args, **params: torch.nn.functional.cross_entropy(*args, **params),
}

"""Losses, which PyTorch has in nn.functional."""


def _labelled(name):
    def call(torch, x, labels, weight=None, *, ignore_index, **params):
        ignore_index = -100 if ignore_index is None else ignore_index
        return getattr(torch.nn.functional, name)(x, labels, weight, ignore_index=ignore_index, **params)

    return call


TORCH = {
    "cross_entropy": _labelled("cross_entropy"),
    "nll_loss": _labelled("nll_loss"),
    "soft_cross_entropy": lambda torch, *args, **params: torch.nn.functional.cross_entropy(*args, **params),
}

"""Normalisation layers, which PyTorch has in nn.functional."""


def _none(weight):
    return None if isinstance(weight, int) else weight


def _inverse_deviation(torch, x, dim, eps):
    return (x.var(dim, correction=0, keepdim=True) + eps).rsqrt()


def _inverse_rms(torch, x, dim, eps):
    return ((x * x).mean(dim, keepdim=True) + eps).rsqrt()


def _layer_norm(torch, x, weight=None, bias=None, *, rank, eps):
    return torch.nn.functional.layer_norm(x, x.shape[-rank:], _none(weight), bias, eps)


def _batch_norm(torch, x, weight=None, bias=None, *, eps):
    return torch.nn.functional.batch_norm(x, None, None, weight, bias, training=True, eps=eps)


def _frozen_batch_norm(torch, x, mean, var, weight=None, bias=None, *, eps):
    return torch.nn.functional.batch_norm(x, mean.detach(), var.detach(), weight, bias, eps=eps)


def _group_norm(torch, x, weight=None, bias=None, *, groups, eps):
    return torch.nn.functional.group_norm(x, groups, weight, bias, eps)


def _rms_norm(torch, x, weight=None, *, rank, eps):
    return torch.nn.functional.rms_norm(x, x.shape[-rank:], weight, eps)


TORCH = {
    "batch_norm": _batch_norm,
    "frozen_batch_norm": _frozen_batch_norm,
    "group_norm": _group_norm,
    "inverse_deviation": _inverse_deviation,
    "inverse_rms": _inverse_rms,
    "layer_norm": _layer_norm,
    "rescale": lambda torch, x, dim, eps: x * _inverse_rms(torch, x, dim, eps),
    "rms_norm": _rms_norm,
    "standardize": lambda torch, x, dim, eps: (x - x.mean(dim, keepdim=True)) * _inverse_deviation(torch, x, dim, eps),
}

"""Sorting and what is found by it: PyTorch gives values and indices together."""


def _values(name):
    return lambda torch, x, **params: getattr(torch, name)(x, **params).values


def _indices(name):
    return lambda torch, x, **params: getattr(torch, name)(x, **params).indices


TORCH = {
    "argsort": lambda torch, x, dim, descending: torch.sort(x, dim=dim, descending=descending, stable=True).indices,
    "cummax": _values("cummax"),
    "cummax_index": _indices("cummax"),
    "cummin": _values("cummin"),
    "cummin_index": _indices("cummin"),
    "kth_index": _indices("kthvalue"),
    "kthvalue": _values("kthvalue"),
    "median_all": lambda torch, x: torch.median(x),
    "median_along": _values("median"),
    "median_index": _indices("median"),
    "sort": _values("sort"),
    "top_indices": _indices("topk"),
    "topk": _values("topk"),
}

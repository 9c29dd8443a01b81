"""Results of several tensors, named and printed as PyTorch's torch.return_types. Imported by engine.ops.

    >>> import engine as torch
    >>> print(torch.return_types.max(values=7.0, indices=2))
    torch.return_types.max(
    values=7.0,
    indices=2)
"""

from collections import namedtuple

PAIR = ("values", "indices")
FIELDS = {
    "aminmax": ("min", "max"),
    **dict.fromkeys(["cummax", "cummin", "kthvalue", "max", "median", "min", "sort", "topk"], PAIR),
    "linalg_eigh": ("eigenvalues", "eigenvectors"),
    "linalg_lstsq": ("solution", "residuals", "rank", "singular_values"),
    "linalg_qr": ("Q", "R"),
    "linalg_slogdet": ("sign", "logabsdet"),
    "linalg_svd": ("U", "S", "Vh"),
    "slogdet": ("sign", "logabsdet"),
    "svd": ("U", "S", "V"),
}


def __getattr__(name):
    """The named tuple of this name, made when first asked for."""
    if name not in FIELDS:
        raise AttributeError(f"torch.return_types has no {name!r}; it has {', '.join(FIELDS)}")
    made = type(name, (namedtuple(name, FIELDS[name]),), {"__slots__": (), "__repr__": _lines, "__module__": __name__})
    globals()[name] = made
    return made


def _lines(self):
    inner = ",\n".join(f"{field}={value!r}" for field, value in zip(self._fields, self))
    return f"torch.return_types.{type(self).__name__}(\n{inner})"

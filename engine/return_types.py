"""Results of several tensors, named and printed as PyTorch's torch.return_types. Imported by engine.ops."""

from collections import namedtuple


def return_type(name, *fields):
    """A named tuple that prints as PyTorch's.

    >>> print(return_type("max", "values", "indices")(7.0, 2))
    torch.return_types.max(
    values=7.0,
    indices=2)
    """

    def __repr__(self):
        inner = ",\n".join(f"{field}={value!r}" for field, value in zip(fields, self))
        return f"torch.return_types.{name}(\n{inner})"

    return type(name, (namedtuple(name, fields),), {"__slots__": (), "__repr__": __repr__, "__module__": __name__})


aminmax = return_type("aminmax", "min", "max")
cummax = return_type("cummax", "values", "indices")
cummin = return_type("cummin", "values", "indices")
kthvalue = return_type("kthvalue", "values", "indices")
max = return_type("max", "values", "indices")
median = return_type("median", "values", "indices")
min = return_type("min", "values", "indices")
sort = return_type("sort", "values", "indices")
topk = return_type("topk", "values", "indices")

"""PyTorch's call for each operation that isn't simply named as in PyTorch: a module a family, each with a TORCH.

TORCH maps an operation's name to a function of the module torch, the operands and the parameters.
"""

import importlib
import pkgutil

from engine.op import PUBLIC

TORCH = {}
for _module in (found for found in pkgutil.iter_modules(__path__) if not found.ispkg):
    TORCH.update(importlib.import_module(f"{__name__}.{_module.name}").TORCH)


def _paths(op):
    """Where PyTorch may have the function: under the public names, else by the operation's own name."""
    yield from (path for path, made in PUBLIC.items() if made is op)
    yield op.name
    yield f"nn.functional.{op.name}"
    yield op.name.replace("_", ".", 1)


def torch_call(torch, op):
    """PyTorch's function for an operation: the one of a table, else the one of its public name."""
    if op.name in TORCH:
        return lambda *args, **params: TORCH[op.name](torch, *args, **params)
    for path in _paths(op):
        found = torch
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is not None and not path.startswith("Tensor.__"):
            return found
    raise AssertionError(f"which call of PyTorch is {op.name}? Name it in tests/oracles")

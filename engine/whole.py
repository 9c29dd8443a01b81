"""Declaring operations all or nothing. Imported by engine.rest and explain, whose imports declare operations."""

import sys
from contextlib import contextmanager

from engine.op import PUBLIC, REGISTRY, WAITING
from engine.tensor import Tensor


@contextmanager
def whole(*packages):
    """All or nothing: what is interrupted, by Ctrl-C say, is as if it had never begun.

    The operations and methods that were declared within are forgotten, and so are the modules of `packages` that were
    imported: they hold operations that the next attempt declares anew.
    """
    tables = [(table, dict(dict.items(table))) for table in (REGISTRY, PUBLIC)]  # as far as they are complete
    waiting, methods, modules = list(WAITING), dict(vars(Tensor)), set(sys.modules)
    try:
        yield
    except BaseException:
        WAITING[:] = waiting
        for table, before in tables:
            dict.clear(table)
            dict.update(table, before)
        for name in [name for name, method in vars(Tensor).items() if methods.get(name) is not method]:
            setattr(Tensor, name, methods[name]) if name in methods else delattr(Tensor, name)
        for name in [name for name in sys.modules if name.partition(".")[0] in packages and name not in modules]:
            package, _dot, own = name.rpartition(".")
            made, holder = sys.modules.pop(name), vars(sys.modules.get(package, Tensor))
            if holder.get(own) is made:
                delattr(sys.modules[package], own)
        raise

"""The operations that `import engine` leaves out: layers, losses, linear algebra, ...; its own cost is a third less.

Imported when one of them is asked for: by a name of engine, a method of Tensor, engine.op's tables, engine.nn.
"""

import sys
from contextlib import contextmanager

from engine.memory import uncollected
from engine.op import PUBLIC, REGISTRY, WAITING
from engine.tensor import Tensor


@contextmanager
def whole():
    """All or nothing: what is interrupted, by Ctrl-C say, is as if it had never begun."""
    tables = [(table, dict.copy(table)) for table in (REGISTRY, PUBLIC)]
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
        for name in [name for name in sys.modules if name.startswith("engine.") and name not in modules]:
            package, _dot, own = name.rpartition(".")
            made, holder = sys.modules.pop(name), vars(sys.modules.get(package, Tensor))
            if holder.get(own) is made:
                delattr(sys.modules[package], own)
        raise


with uncollected(), whole():
    import engine.absent
    import engine.legacy
    import engine.turning
    from engine import inplace, recording
    from engine.ops import (  # noqa: F401
        added_products,
        assembling,
        attention,
        average_pooling,
        batch_normalization,
        binary_losses,
        contraction,
        convolution,
        convolving,
        counting,
        cross_entropy,
        cumulative,
        decompositions,
        diagonals,
        distances,
        elementwise,
        gathering,
        gating,
        interpolation,
        inverse,
        likelihood_losses,
        linear,
        logic,
        losses,
        margin_losses,
        max_pooling,
        missing,
        normalization,
        norms,
        order,
        own,
        padding,
        pooling,
        powers,
        products,
        recurrence,
        regression_losses,
        repeating,
        resampling,
        searching,
        singular,
        smooth_activation,
        solving,
        special_values,
        standardize,
        statistics,
        tables,
        unfolding,
        variance,
        windows,
    )

    inplace.declare()
    engine.turning.declare()
    recording.install()
    WAITING.clear()

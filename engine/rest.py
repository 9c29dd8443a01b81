"""The operations that `import engine` leaves out: layers, losses, linear algebra, ...; its own cost is a third less.

Imported when one of them is asked for: by a name of engine, a method of Tensor, engine.op's tables, engine.nn.
"""

from engine.memory import uncollected
from engine.op import WAITING
from engine.whole import whole

with uncollected(), whole("engine"):
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

"""The operations that only layers and losses use: imported with engine.nn, with engine.symbols, or by a name of theirs.

`import engine` leaves them out, and so costs a fifth less. None of them is a method of Tensor.
"""

from engine.op import PUBLIC
from engine.ops import (  # noqa: F401
    attention,
    average_pooling,
    batch_normalization,
    binary_losses,
    convolution,
    convolving,
    cross_entropy,
    distances,
    gating,
    interpolation,
    likelihood_losses,
    linear,
    losses,
    margin_losses,
    max_pooling,
    normalization,
    own,
    pooling,
    recurrence,
    regression_losses,
    resampling,
    standardize,
    tables,
    unfolding,
    windows,
)
from engine.recording import as_functions

as_functions(PUBLIC)

"""Arrays that depend on nothing, or on a shape alone. Imported by engine.symbols and by rules that need one."""

import numpy as np

from engine.op import call, first_shape, op

constant = op(
    "constant",
    numpy=lambda values: values,
    shape=lambda values: values.shape,
    types=None,
    saves=False,
    rule="constant",
    says="A constant doesn't depend on anything.",
    law="y = the given values",
    internal="a value written into a formula, never recorded",
)

identity = op(
    "identity",
    numpy=lambda rows, columns: np.eye(rows, columns),
    shape=lambda rows, columns: (rows, columns),
    types=None,
    saves=False,
    text="I",
    rule="identity",
    says="The identity matrix doesn't depend on anything.",
    law="y = I",
    internal="written into a formula, never recorded",
)

identity_like = op(
    "identity_like",
    numpy=lambda x: np.broadcast_to(np.eye(*x.shape[-2:], dtype=x.dtype), x.shape),
    shape=first_shape,
    normal=lambda x: x.filled(x.nullary(identity, rows=x.shape[-2], columns=x.shape[-1]).expr, x.shape),
    types=None,
    saves=False,
    text="I",
    rule="identity",
    says="The identity matrix takes only its shape from its operand.",
    law="y = I, of the shape of x",
    samples=[call((3, 3)), call((2, 3)), call((4, 2, 2))],
)

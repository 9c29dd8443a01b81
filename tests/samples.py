"""Samples of the registry as arrays: seeded, in each operand's domain. Imported by checks."""

import zlib

import numpy as np

from engine.domains import draw
from engine.op import Draw


def generator(op, number=0):
    """Random numbers that depend on nothing but the operation and the number."""
    return np.random.default_rng([zlib.crc32(op.name.encode()), number])


def arrays(op, sample, rng, size=None):
    """The operands of a sample: float64 arrays for shapes and draws, Python numbers as they are.

    `size` replaces every shape, to try an elementwise operation at many points.
    """
    args, _params = sample
    return [operand(arg, domain_of(op, at), rng, size) for at, arg in enumerate(args)]


def domain_of(op, at):
    """The domain of an operand; the last one stands for all further operands."""
    return op.domain[min(at, len(op.domain) - 1)] if op.domain else "real"


def operand(arg, domain, rng, size=None):
    if isinstance(arg, Draw):
        return drawn(arg, rng, arg.shape if size is None else size)
    if isinstance(arg, tuple):
        return np.asarray(draw(domain, arg if size is None else size, rng))
    if isinstance(arg, list):
        return np.array(arg, dtype=float)
    return arg


def drawn(arg, rng, shape):
    if arg.kind == "integer":
        return np.asarray(rng.integers(arg.low, arg.high, shape))
    if arg.kind == "boolean":
        return np.asarray(rng.random(shape) < 0.5)
    if arg.kind == "positive definite":
        a = rng.standard_normal(shape)
        return a @ np.swapaxes(a, -1, -2) + 2 * np.eye(shape[-1])
    if arg.kind == "symmetric":
        return symmetrised(rng.standard_normal(shape))
    if arg.kind == "lower triangular":
        return np.tril(rng.standard_normal(shape), -1) + np.eye(shape[-1]) * draw("nonzero", shape, rng)
    return np.asarray(draw(arg.kind, shape, rng))


def direction(arg, value, rng):
    """A random direction in which a sample's operand may move without leaving its kind."""
    d = rng.standard_normal(np.shape(value))
    if isinstance(arg, Draw) and arg.kind in ("positive definite", "symmetric"):
        return symmetrised(d)
    if isinstance(arg, Draw) and arg.kind == "lower triangular":
        return np.tril(d)
    return d


def symmetrised(a):
    return (a + np.swapaxes(a, -1, -2)) / 2

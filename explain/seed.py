"""The cotangent that a derivation starts from, and the gradients in numbers. Imported by explain.explanation."""

import numpy as np

from engine.symbols import lift, symbol
from engine.tape import NUMBERS, Parts, order, sweep
from engine.tensor import Tensor
from explain.naming import fresh


def seed_of(node, gradient, program):
    """The cotangent of the output: as a Sym, and as an array."""
    shape = program.shape(node)
    if gradient is None and all(size == 1 for size in shape):
        return lift(1).filled(1, shape), np.ones_like(np.asarray(node.output))
    taken = set(program.names.values())
    seed = symbol(fresh("G", taken), shape)
    if gradient is None and node.output.size == 1:
        return seed, np.ones_like(np.asarray(node.output))  # one entry, of a size that is a letter
    if gradient is None:
        generator = np.random.default_rng(1)
        return seed, generator.standard_normal(node.shape).astype(node.output.dtype)
    given = gradient._node.output if isinstance(gradient, Tensor) else np.asarray(gradient)
    if given.shape != node.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[0] has a shape of {given.shape} and output[0] has a shape of {node.shape}."
        )
    return seed, given.astype(node.output.dtype)


def gradients_of(out, wanted, cotangent):
    """node -> its gradient as numbers, in the program's own dtypes; no .grad is touched."""
    found = sweep(order(out), {out: cotangent}, NUMBERS)
    for node in wanted:
        found.setdefault(node, np.zeros_like(node.output))
    return {node: g if g.__class__ is Parts else np.asarray(g) for node, g in found.items()}

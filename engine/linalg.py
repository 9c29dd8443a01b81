"""PyTorch's torch.linalg: the functions that engine.ops declares for it. Imported by engine."""

import engine.rest  # noqa: F401  (all operations, or none, before some of them)
from engine.op import names_in
from engine.ops import contraction, decompositions, inverse, matrix, norms, powers, products, singular, solving  # noqa: F401

globals().update(names_in("linalg"))
__all__ = sorted(names_in("linalg"))  # noqa: PLE0605

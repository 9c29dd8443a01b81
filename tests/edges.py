"""Edge values of the registry's operations beside PyTorch's: where both differ, and what docs/pytorch.md says of it.

A Difference is one value or gradient that isn't PyTorch's. Imported by test_edges.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

import checks
import numpy as np
from oracles import torch_call
from samples import arrays, generator

import engine
from engine.op import REGISTRY

DOCUMENT = Path(__file__).parent.parent / "docs" / "pytorch.md"
HEADING = "| operation | of | at | PyTorch | here | why |"
RELATIVE = {"float64": 1e-10, "float32": 2e-4}
SKIPPED = ("hardsigmoid", "special_erfcx")  # PyTorch's own cancels; test_elementwise compares them


def points(dtype):
    """Points for an operation of one operand."""
    f = np.finfo(dtype)
    near = [f.smallest_subnormal, f.tiny, f.eps / 4, 0.5, 1 - f.eps, 1, 1 + f.eps, 1.5, 2, 3, 20, 100, 710, 750, 1e5]
    sizes = [0.0, *near, f.max / 2, f.max, np.inf]
    return np.array([*sizes, *(-np.array(sizes)), np.nan], dtype)


def few(dtype, operands):
    """Points for each of several operands, all combinations of which are tried."""
    f = np.finfo(dtype)
    chosen = [0.0, -0.0, f.smallest_subnormal, 1, -1, np.inf, np.nan]
    more = [-np.inf, 0.5, -0.5, -2, f.max, -f.max, f.tiny]
    return np.array(chosen + more if operands == 2 else chosen, dtype)


PATTERNS = {
    "zeros": lambda f: [0.0],
    "-0": lambda f: [0.0, -0.0],
    "ties": lambda f: [1, 2, 2, 1, 2],
    "nan": lambda f: [1, np.nan, 2, -1],
    "inf": lambda f: [1, np.inf, -2, 0.5],
    "-inf": lambda f: [1, -np.inf, -2, 0.5],
    "inf and -inf": lambda f: [np.inf, -np.inf, 1],
    "all inf": lambda f: [np.inf],
    "all -inf": lambda f: [-np.inf],
    "all nan": lambda f: [np.nan],
    "huge": lambda f: [f.max / 64, -f.max / 128, 1.0, f.max / 96],
    "one huge": lambda f: [1e30, 1, -1, 2],
    "tiny": lambda f: [f.tiny, -f.tiny * 2, f.tiny],
    "subnormal": lambda f: [f.smallest_subnormal * 3, -f.smallest_subnormal * 2, 0],
}
# Operations along axes that are compared on every pattern.
ALONG_AXES = [
    "sum", "mean", "prod", "amax", "amin", "max_all", "min_all", "max_along", "min_along", "argmax", "argmin", "cumsum",
    "cumprod", "softmax", "log_softmax", "logsumexp", "var", "std", "vector_norm", "layer_norm", "group_norm",
    "rms_norm", "batch_norm", "cross_entropy", "nll_loss", "soft_cross_entropy", "mse_loss", "smooth_l1_loss",
    "huber_loss", "binary_cross_entropy_with_logits", "soft_margin_loss", "multi_margin_loss", "any", "all",
    "count_nonzero",
]  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """`of` is "value" or "gradient"; `at` holds the operands' entries there, or the name of a pattern."""

    operation: str
    of: str
    at: tuple
    mine: float
    theirs: float
    dtype: str


@lru_cache(maxsize=1)
def differences():
    """Every Difference found, elementwise and along axes, in float64 and float32."""
    return [*elementwise(), *along_axes()]


def elementwise():
    for op in REGISTRY.values():
        if not op.elementwise or op.internal or op.name in SKIPPED:
            continue
        for args, params in op.samples:
            places = [at for at, arg in enumerate(args) if isinstance(arg, tuple) and not hasattr(arg, "kind")]
            if any(hasattr(arg, "kind") or isinstance(arg, list) for arg in args) or (0,) in args or () in args:
                continue
            for dtype in RELATIVE:
                grid = points(dtype) if len(places) == 1 else few(dtype, len(places))
                laid = np.array(list(product(grid, repeat=len(places))), dtype).T
                values = list(args)
                for at, column in zip(places, laid):
                    values[at] = np.array(column)
                yield from compared(op, values, params, dtype, lambda index, laid=laid: tuple(laid[:, index[0]]))


def along_axes():
    for name in ALONG_AXES:
        op = REGISTRY[name]
        for number, sample in enumerate(op.samples):
            for dtype, (pattern, fill) in product(RELATIVE, PATTERNS.items()):
                values = arrays(op, sample, generator(op, number))
                values = [checks.as_dtype(value, dtype) for value in values]
                values[0] = np.resize(np.array(fill(np.finfo(dtype)), dtype), np.shape(values[0]))
                yield from compared(op, values, sample[1], dtype, lambda index, name=pattern: (name,), whole=True)


def compared(op, values, params, dtype, at, whole=False):
    """The differences of one call; `whole` allows for rounding at the scale of the result, as sums have."""
    mine, theirs = engines(op, values, params), pytorchs(op, values, params)
    assert len(mine) == len(theirs)
    for (of, have), (_of, want) in zip(mine, theirs):
        assert have.shape == want.shape and have.dtype == want.dtype, (op, of, have.dtype, want.dtype)
        for index in np.argwhere(np.atleast_1d(~alike(have, want, dtype, whole, of))):
            where = tuple(index) if have.ndim else ()
            yield Difference(op.name, of, at(tuple(index)), float(have[where]), float(want[where]), dtype)


def alike(have, want, dtype, whole, of):
    """Entry by entry: equal, both nan, or near; zeros of a value with their signs."""
    if have.dtype.kind != "f":
        return have == want
    with np.errstate(all="ignore"):
        room = RELATIVE[dtype] * np.minimum(abs(have), abs(want))
        if whole:
            finite = abs(want[np.isfinite(want)])
            room = room + 64 * np.finfo(dtype).eps * finite.max(initial=1)
        near = np.isfinite(have) & np.isfinite(want) & (abs(have - want) <= room)
        same = (have == want) | (np.isnan(have) & np.isnan(want)) | near
        if of == "value" and not whole:
            same &= (have != 0) | (want != 0) | (np.signbit(have) == np.signbit(want))
    return same


def engines(op, values, params):
    """("value" or "gradient", array) of everything that an operation gives here, the cotangent all ones."""
    leaves = checks.tensors(op, values)
    with np.errstate(all="ignore"):
        outputs = checks.several(op(*leaves, **params))
        return found(op, values, engine, leaves, outputs)


def pytorchs(op, values, params):
    import torch

    leaves = [torch.tensor(v, requires_grad=checks.differentiable(op, at, v)) if checks.is_array(v) else v
              for at, v in enumerate(values)]  # fmt: skip
    answer = torch_call(torch, op)(*leaves, **params)
    return found(op, values, torch, leaves, list(answer) if isinstance(answer, tuple) else [answer])


def found(op, values, lib, leaves, outputs):
    made = [("value", y.detach().numpy()) for y in outputs]
    recorded = [y for y in outputs if y.requires_grad]
    asked = [leaves[at] for at in checks.wanted(op, values)]
    if not recorded:
        return made
    grads = lib.autograd.grad(recorded, asked, [lib.ones_like(y) for y in recorded], allow_unused=True)
    zeros = [np.zeros(tuple(leaf.shape), leaf.detach().numpy().dtype) for leaf in asked]
    return made + [("gradient", zero if g is None else g.detach().numpy()) for g, zero in zip(grads, zeros)]


# What the document says

PLACES = {
    "0": lambda x, f: x == 0,
    "nan": lambda x, f: math.isnan(x),
    "inf": lambda x, f: x == math.inf,
    "-inf": lambda x, f: x == -math.inf,
    "subnormal": lambda x, f: 0 < abs(x) < f.tiny,
    "tiny": lambda x, f: 0 < abs(x) < f.eps,
    "huge": lambda x, f: f.max / 4 < abs(x) < math.inf,
    "far out": lambda x, f: 15 < abs(x) < math.inf,
    "below 0": lambda x, f: x < 0,
    "ordinary": lambda x, f: 0.1 < abs(x) < 10,
}


@dataclass(frozen=True)
class Row:
    operations: tuple
    of: str
    places: tuple
    theirs: str
    here: str
    why: str

    def covers(self, difference):
        if difference.operation not in self.operations or self.of not in (difference.of, "both"):
            return False
        f = np.finfo(difference.dtype)
        return any(place in difference.at if isinstance(difference.at[0], str) else self._meets(place, difference, f)
                   for place in self.places) and self._says(difference)  # fmt: skip

    def _meets(self, place, difference, f):
        return any(PLACES[place](float(x), f) for x in difference.at)

    def _says(self, difference):
        """A cell that is one number in code is that number."""
        return all(_agrees(cell, number)
                   for cell, number in ((self.theirs, difference.theirs), (self.here, difference.mine)))  # fmt: skip


def _agrees(cell, number):
    try:
        told = float(cell.strip("`")) if cell.startswith("`") else None
    except ValueError:
        return True
    return told is None or told == number or (math.isnan(told) and math.isnan(number))


def rows():
    """The rows of the document's table of edge values."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    begin = lines.index(HEADING) + 2
    found = []
    for line in lines[begin:]:
        if not line.startswith("|"):
            break
        operations, of, places, theirs, here, why = (cell.strip() for cell in line.strip("|").split("|"))
        found.append(Row(_names(operations), of, _names(places), theirs, here, why))
    return found


def _names(cell):
    return tuple(name.strip().strip("`") for name in cell.split(","))

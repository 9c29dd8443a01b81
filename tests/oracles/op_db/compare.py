"""One sample in both libraries: what it comes to. Imported by the command, its test and the table of operations."""

import itertools
import random
import warnings
from collections import namedtuple

import numpy as np
import pytest

import engine
from oracles.op_db import calls
from oracles.op_db.names import RANDOM

torch = pytest.importorskip("torch")

RTOL = 1e-10  # of the largest entry, in float64
SINGLE = 1e-5  # where a sample's own dtypes make the result float32
NOISE = 1e-13  # rounding where the true result is zero; inputs and cotangents are of order one

Outcome = namedtuple("Outcome", "kind detail")
Outcome.__doc__ = """What a sample comes to.

kind: "agrees" on value and gradient, "constant" (the values agree, and nothing requires grad), "alike" (random
numbers, of which dtype and shape agree), "value" (wrong, or of another dtype or shape), "gradient", "refused"
(NotImplementedError), "raised" (anything else), "missing" (no such function), "complex", or "skipped" (PyTorch itself
fails). The last two don't count.
"""
UNCOUNTED = ("complex", "skipped")
RIGHT = ("agrees", "constant", "alike")


def samples(info, at_most=None):
    """PyTorch's samples of an entry in float64, or in int64 where it takes no floats."""
    if torch.int64 not in info.dtypes and torch.float64 not in info.dtypes:
        return []  # for another device than the CPU
    dtype = torch.float64 if torch.float64 in info.dtypes else torch.int64
    recorded = info.supports_autograd and dtype.is_floating_point
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in (torch.manual_seed, np.random.seed, random.seed):
            seed(0)
        return list(itertools.islice(info.sample_inputs("cpu", dtype, requires_grad=recorded), at_most))


def outcome(info, sample):
    """Run one sample in PyTorch and here, and compare."""
    theirs = (sample.input, sample.args, sample.kwargs)
    drawn = info.name in RANDOM or bool(sample.kwargs.get("dropout_p"))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            made = {}
            ours = calls.translated(theirs, made)
            leaves = [(a, b) for a, b in made.values() if a.requires_grad]
            expected = run(info.op, theirs, sample.output_process_fn_grad)
        except calls.Complex:
            return Outcome("complex", "complex numbers")
        except calls.Missing as missing:
            return Outcome("missing", str(missing))
        except Exception as error:
            return Outcome("skipped", said(error))
        if any(y.is_complex() for y in calls.tensors(expected, torch.Tensor)):
            return Outcome("complex", "complex numbers")
        try:
            return compared(info, expected, ours, leaves, calls.with_engine(sample.output_process_fn_grad), drawn)
        except calls.Missing as missing:
            return Outcome("missing", str(missing))
        except NotImplementedError as error:
            return Outcome("refused", said(error))
        except Exception as error:
            return Outcome("raised", said(error))


def compared(info, expected, arguments, leaves, process, drawn):
    """The function against PyTorch's result, its gradients, and the method's values."""
    result = run(calls.ours(info), arguments, process)
    difference = of_values(expected, result, drawn)
    if difference is not None:
        return Outcome("value", difference)
    method = calls.method(info)
    if method is not None and isinstance(arguments[0], engine.Tensor):
        difference = of_values(expected, run(method, arguments, process), drawn)
        if difference is not None:
            return Outcome("value", f"as a method: {difference}")
    if drawn:
        return Outcome("alike", "")
    if not any(y.requires_grad for y in calls.tensors(expected, torch.Tensor)):
        return Outcome("constant", "")
    difference = of_gradients(expected, result, leaves)
    return Outcome("agrees", "") if difference is None else Outcome("gradient", difference)


def run(function, arguments, process):
    first, rest, params = arguments
    return process(function(first, *rest, **params))


def said(error):
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"


def of_values(expected, result, drawn=False):
    """How the results differ, None if they don't."""
    theirs, ours = calls.tensors(expected, torch.Tensor), calls.tensors(result, engine.Tensor)
    if len(theirs) != len(ours):
        return f"{len(ours)} tensors where PyTorch gives {len(theirs)}"
    if not theirs and calls.plain(expected, torch.Tensor) != calls.plain(result, engine.Tensor):
        return f"{result!r} where PyTorch gives {expected!r}"
    for a, b in zip(theirs, ours):
        if str(a.dtype) != str(b.dtype):
            return f"{b.dtype} where PyTorch gives {a.dtype}"
        if tuple(a.shape) != tuple(b.shape):
            return f"shape {tuple(b.shape)} where PyTorch gives {tuple(a.shape)}"
        if drawn:
            continue
        difference = of_numbers(a.detach().numpy(force=True), b.detach().numpy())
        if difference is not None:
            return difference
        if a.requires_grad and a.numel() and not b.requires_grad:
            return "no history where PyTorch records one"
        if b.requires_grad and not a.requires_grad:
            return "history where PyTorch records none"
    return None


def of_numbers(expected, result):
    if expected.dtype.kind != "f":
        return None if np.array_equal(expected, result) else "other numbers"
    finite = np.abs(expected[np.isfinite(expected)])
    rtol = RTOL if expected.dtype == np.float64 else SINGLE
    least = max(rtol * finite.max(initial=0.0), NOISE)
    near = np.isclose(result, expected, rtol=rtol, atol=least, equal_nan=True)
    if near.all():
        return None
    worst = np.unravel_index(np.argmin(near), near.shape)
    return f"{float(result[worst])} where PyTorch gives {float(expected[worst])}"


def of_gradients(expected, result, leaves):
    """How the gradients along one random cotangent differ, None if they don't."""
    rng = np.random.default_rng(7)
    theirs, ours = calls.tensors(expected, torch.Tensor), calls.tensors(result, engine.Tensor)
    pairs = [(a, b, rng.standard_normal(tuple(a.shape))) for a, b in zip(theirs, ours) if b.requires_grad]
    if not pairs or not leaves:
        return None
    try:
        wanted = torch.autograd.grad(
            [a for a, _, _ in pairs], [a for a, _ in leaves],
            [torch.as_tensor(g).to(a.dtype) for a, _, g in pairs], allow_unused=True,
        )  # fmt: skip
    except (RuntimeError, NotImplementedError):  # PyTorch has no derivative here
        return None
    found = engine.autograd.grad(
        [b for _, b, _ in pairs], [b for _, b in leaves],
        [engine.as_tensor(g).to(b.dtype) for _, b, g in pairs], allow_unused=True,
    )  # fmt: skip
    for (leaf, _), g, mine in zip(leaves, wanted, found):
        g = np.zeros(tuple(leaf.shape)) if g is None else g.detach().numpy(force=True)
        mine = np.zeros(tuple(leaf.shape)) if mine is None else mine.detach().numpy()
        if g.shape != mine.shape:
            return f"gradient of shape {mine.shape} where PyTorch gives {g.shape}"
        difference = of_numbers(g, mine)
        if difference is not None:
            return f"gradient {difference}"
    return None

"""One sample in both libraries: what it comes to."""

import warnings
from collections import namedtuple

import numpy as np
import torch

import engine
from oracles.op_db import calls

RTOL = 1e-10  # of the largest entry, in float64
SINGLE = 1e-5  # where a sample's own dtypes make the result float32
NOISE = 1e-14  # rounding where the true result is zero; inputs and cotangents are of order one

Outcome = namedtuple("Outcome", "kind detail")
Outcome.__doc__ = """What a sample comes to.

kind: "agrees", "value" (wrong or of another dtype or shape), "gradient", "refused" (NotImplementedError),
"raised" (anything else), "missing" (no such function), "complex", or "skipped" (PyTorch itself fails)
"""


def samples(info):
    """PyTorch's samples of an entry in float64, or in int64 where it takes no floats."""
    dtype = torch.float64 if torch.float64 in info.dtypes else torch.int64
    recorded = info.supports_autograd and dtype.is_floating_point
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        return list(info.sample_inputs("cpu", dtype, requires_grad=recorded))


def outcome(info, sample, shapes_only=False):
    """Run one sample in PyTorch and here, and compare; with `shapes_only`, random numbers may differ."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            made = {}
            arguments = calls.translated((sample.input, sample.args, sample.kwargs), made)
            leaves = [(pair[0], pair[1]) for pair in made.values() if pair[0].requires_grad]
            expected = run(info.op, (sample.input, sample.args, sample.kwargs), sample.output_process_fn_grad)
        except calls.Complex:
            return Outcome("complex", "complex numbers")
        except calls.Missing as missing:
            return Outcome("missing", str(missing))
        except Exception as error:
            return Outcome("skipped", said(error))
        if any(y.is_complex() for y in calls.tensors(expected, torch.Tensor)):
            return Outcome("complex", "complex numbers")
        try:
            process = calls.with_engine(sample.output_process_fn_grad)
            result = run(calls.ours(info), arguments, process)
            difference = of_values(expected, result, shapes_only)
            if difference is None:
                as_method = calls.method(info)
                if as_method is not None and isinstance(arguments[0], engine.Tensor):
                    difference = of_values(expected, run(as_method, arguments, process), shapes_only)
                    difference = difference and f"as a method: {difference}"
            if difference is None and not shapes_only:
                wrong = of_gradients(expected, result, leaves)
                if wrong is not None:
                    return Outcome("gradient", wrong)
        except calls.Missing as missing:
            return Outcome("missing", str(missing))
        except NotImplementedError as error:
            return Outcome("refused", said(error))
        except Exception as error:
            return Outcome("raised", said(error))
    return Outcome("agrees", "") if difference is None else Outcome("value", difference)


def run(function, arguments, process):
    first, rest, params = arguments
    return process(function(first, *rest, **params))


def said(error):
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"


def of_values(expected, result, shapes_only=False):
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
        if not shapes_only:
            difference = of_numbers(a.detach().numpy(force=True), b.detach().numpy())
            if difference is not None:
                return difference
            if a.requires_grad and not b.requires_grad:
                return "no history where PyTorch records one"
    return None


def of_numbers(expected, result):
    if expected.dtype.kind != "f":
        return None if np.array_equal(expected, result) else "other numbers"
    finite = np.abs(expected[np.isfinite(expected)])
    size = finite.max(initial=0.0) or 1.0
    rtol = RTOL if expected.dtype == np.float64 else SINGLE
    near = np.isclose(result, expected, rtol=rtol, atol=max(rtol * size, NOISE), equal_nan=True)
    if near.all():
        return None
    worst = np.unravel_index(np.argmin(near), near.shape)
    return f"{result[worst]!r} where PyTorch gives {expected[worst]!r}"


def of_gradients(expected, result, leaves):
    """How the gradients along one random cotangent differ, None if they don't."""
    rng = np.random.default_rng(7)
    theirs, ours = calls.tensors(expected, torch.Tensor), calls.tensors(result, engine.Tensor)
    pairs = [(a, b, rng.standard_normal(tuple(a.shape))) for a, b in zip(theirs, ours) if a.requires_grad]
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

"""Contestants timed side by side: interleaved, the order turning from round to round, and only ratios kept.

A ratio is taken within its round, so that a machine that slows down slows both; the processor's time is counted, on
one thread. Imported by every comparison.
"""

import gc
import os
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import quantiles
from time import process_time

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
PEERS = {"PyTorch eager": "torch", "HIPS autograd": "autograd", "JAX eager": "jax"}


@dataclass(frozen=True)
class Row:
    """One line of a table: what was measured, relative to what, and the ratio's quartiles for each contestant."""

    what: str
    base: str
    ratios: dict  # name -> (lower quartile, median, upper quartile)


def installed(peer):
    """Whether a peer can take part."""
    return find_spec(PEERS[peer]) is not None


def absent():
    """The peers that are left out, by name."""
    return [peer for peer in PEERS if not installed(peer)]


def fresh_environment():
    """The environment of a process to measure: one thread, and compiled files kept."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | ONE_THREAD


def compare(what, contestants, base, rounds=15, at_least=0.002):
    """Time `contestants`, name -> function without arguments, and relate each to `base`."""
    repeats = {name: _repeats(run, at_least) for name, run in contestants.items()}
    times = {name: [] for name in contestants}
    names = list(contestants)
    gc.collect()
    gc.freeze()  # what the peers' imports left behind is nobody's burden
    try:
        for turn in range(rounds):
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                times[name].append(_seconds(contestants[name], repeats[name]))
    finally:
        gc.unfreeze()
    ratios = {
        name: tuple(quantiles([own / other for own, other in zip(times[name], times[base])], n=4))
        for name in contestants
        if name != base
    }
    return Row(what, base, ratios)


def _repeats(run, at_least):
    """How often to run in one measurement, found while warming up."""
    run()
    return max(1, round(at_least / max(_seconds(run, 1), 1e-9)))


def _seconds(run, repeats):
    gc.collect()
    start = process_time()
    for _ in range(repeats):
        run()
    return (process_time() - start) / repeats

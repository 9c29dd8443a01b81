"""Hostile input: a page, a verdict or a sentence; never a traceback or a hang. A few by default, more marked slow."""

import random
import time

import pytest
from fuzz.inputs import KINDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LONGEST = 5.0  # seconds of one input


def tried(kind, seed):
    start = time.monotonic()
    KINDS[kind](random.Random(seed))
    assert time.monotonic() - start < LONGEST, (kind, seed)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_a_few(kind, seed):
    tried(kind, seed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many(kind):
    """More: python tests/fuzz --count 100000 --seed 1, which also watches memory and what is run or written."""
    for seed in range(500):
        tried(kind, seed)

"""Random programs are right, or honestly refused: a few by default, thousands marked slow."""

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from random_programs.checks import Refused, check
from random_programs.generator import RandomProgram, generate, seeded

import engine

try:
    import torch
except ImportError:
    torch = None


def outcome(program, turn=None):
    try:
        check(program, torch, turn)
    except Refused:
        return "refused"
    return "right"


@pytest.mark.parametrize("seed", range(60))
def test_a_few(seed):
    outcome(seeded(seed), seed)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(10_000, 12_000, 100))
def test_many(start):
    outcomes = [outcome(seeded(seed), seed) for seed in range(start, start + 100)]
    assert outcomes.count("refused") <= 2


@st.composite
def programs(draw):
    def choose(options):
        return draw(st.sampled_from(list(options)))

    return generate(choose, draw(st.integers(0, 3)), length=3)


QUIETLY = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True, "database": None}


@settings(max_examples=25, **QUIETLY)
@given(programs())
def test_programs_that_shrink(program):
    outcome(program, len(program.source))


def test_a_wrong_gradient_is_found(monkeypatch):
    program = RandomProgram((("a", (2, 3), True),), ("h = torch.tanh(a)", "out = (h * h).sum()"), 0)
    check(program, torch)
    tanh = engine.op.REGISTRY["tanh"]
    monkeypatch.setattr(tanh, "vjp", (lambda g, y, x: g * (1 + y * y),))
    with pytest.raises(AssertionError):
        check(program, None)


def test_what_is_found_shrinks(monkeypatch):
    monkeypatch.setattr(engine.op.REGISTRY["exp"], "vjp", (lambda g, y, x: -g * y,))

    def wrong(program):
        if "exp(" not in str(program.lines):
            return False
        try:
            check(program, None)
        except Refused:
            return False
        except (AssertionError, ArithmeticError):
            return True
        return False

    found = find(programs(), wrong, settings=settings(max_examples=1000, **QUIETLY))
    assert len(found.lines) == 2 and len(found.leaves) == 1

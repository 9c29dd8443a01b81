"""Random programs: what the explanation itself says is called right in every form, and changed it is called wrong."""

import numpy as np
import pytest
from random_programs.generator import seeded

import engine
from explain import explain
from explain.trials import trials


def checked(seed):
    """How many candidates were judged as they should be."""
    program = seeded(seed, 5)
    names = program.run(engine)
    out = names["out"]
    count = 0
    for name, _shape, grad in program.leaves:
        if not (grad and out.requires_grad):
            continue
        try:
            e = explain(out, wrt=names[name], names=names)
            formula = e.expanded
        except (ValueError, NotImplementedError, ArithmeticError):
            continue  # not used by the output, or honestly refused
        where = f"seed {seed}, {name}"
        assert e.check(formula), where
        largest = [np.max(np.abs(point.gradients[e._wrt]), initial=0.0) / (point.largest or 1)
                   for _kind, point in trials(e)]  # fmt: skip
        if max(largest) > 1e-8:  # not zero but for rounding
            verdict = e.check(-formula)
            assert not verdict and verdict.mistakes[0].kind == "sign", where
            verdict = e.check(3 * formula)
            assert not verdict and verdict.mistakes[0].kind == "factor", where
        assert not e.check(formula + 1), where
        if e.value is not None:
            assert e.check(e.value) and not e.check(e.value + 1), where
        count += 1
    return count


@pytest.mark.parametrize("start", range(0, 40, 10))
def test_random_programs(start):
    assert sum(checked(seed) for seed in range(start, start + 10)) > 3


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 1600, 100))
def test_many_random_programs(start):
    assert sum(checked(seed) for seed in range(start, start + 100)) > 50

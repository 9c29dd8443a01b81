"""Every operation of the registry, with every sample beside its declaration, against independent oracles."""

import checks
import numpy as np
import pytest

import engine  # noqa: F401  (declares all operations)
from engine.domains import INSIDE
from engine.op import REGISTRY, Every

OPS = list(REGISTRY.values())
SAMPLES = [(op, number, sample) for op in OPS for number, sample in enumerate(op.samples)]


def over(cases):
    """Parametrise a test by (op, number, sample)."""
    cases = [pytest.param(*case, id=f"{case[0].name}-{case[1]}") for case in cases]
    return pytest.mark.parametrize("op, number, sample", cases)


def has_gradient(op, sample):
    """Whether an operand of this sample has a derivative."""
    values = checks.arrays(op, sample, checks.generator(op))
    return bool(checks.wanted(op, values))


DIFFERENTIABLE = [case for case in SAMPLES if has_gradient(case[0], case[2])]


@over(DIFFERENTIABLE)
def test_gradient_is_the_slope_along_any_direction(op, number, sample):
    checks.check_gradient(op, sample, number)


@over(DIFFERENTIABLE)
def test_second_derivative_is_the_slope_of_the_gradient(op, number, sample):
    checks.check_second(op, sample, number)


@over([case for case in DIFFERENTIABLE if case[0].sympy is not None])
def test_rule_is_sympys_derivative_of_the_operations_expression(op, number, sample):
    checks.check_sympy(op, sample, number)


@over(SAMPLES)
def test_formula_gives_the_numbers(op, number, sample):
    checks.check_formula(op, sample, number)


@over([case for case in DIFFERENTIABLE if case[0].numeric])
def test_rule_for_numbers_is_the_rule(op, number, sample):
    checks.check_numeric(op, sample, number)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@over(SAMPLES)
def test_as_in_pytorch(op, number, sample, dtype):
    pytest.importorskip("torch")
    checks.check_torch(op, sample, number, dtype)


@over([(op, number, edge) for op in OPS for number, edge in enumerate(op.edges)])
def test_edge_as_in_pytorch(op, number, sample):
    pytest.importorskip("torch")
    checks.check_edge(op, sample)


@over(SAMPLES)
def test_memory_layout_does_not_matter(op, number, sample):
    checks.check_layouts(op, sample, number)


@over(SAMPLES)
def test_float32_stays(op, number, sample):
    checks.check_single(op, sample, number)


@over([case for case in SAMPLES if case[0].elementwise])
def test_any_size(op, number, sample):
    checks.check_sizes(op, sample, number)


@pytest.mark.parametrize("op", OPS, ids=[op.name for op in OPS])
def test_declaration_is_whole(op):
    assert op.rule and op.words(0).endswith(".") and op.law
    assert op.samples or op.internal, f"{op.name} needs samples, or a reason in `internal` why it has none"
    assert all(domain in INSIDE for domain in op.domain)


@pytest.mark.parametrize("op", [op for op in OPS if op.vjp and not op.internal], ids=lambda op: op.name)
def test_every_derivative_is_covered(op):
    for at in range(1 if isinstance(op.vjp, Every) else len(op.vjp)):
        if op.vjp[at] is not None:
            drawn = [checks.arrays(op, sample, checks.generator(op)) for sample in op.samples]
            assert any(len(values) > at and np.size(values[at]) and checks.differentiable(op, at, values[at])
                       for values in drawn), f"no sample of {op.name} differentiates operand {at}"  # fmt: skip

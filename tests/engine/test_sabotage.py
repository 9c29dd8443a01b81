"""Wrong declarations must fail the registry's checks, each kind of check at least once."""

import checks
import numpy as np
import pytest

from engine.op import REGISTRY, Every, call, op
from engine.ops.elementwise import exp, sin, tanh
from engine.ops.reduction import restored, sum_
from engine.symbols.evaluate import functions
from engine.tape import Outputs


@pytest.fixture
def declare():
    """Declare operations under a name of their own and take them out of the registry afterwards."""
    functions()  # cached: without the sabotaged ones
    before = set(REGISTRY)
    yield lambda numpy, **fields: op("sabotage", numpy=numpy, **fields)
    for name in set(REGISTRY) - before:
        del REGISTRY[name]


SQUARE = call((2, 3))
WRONG_TANH = {"numpy": np.tanh, "vjp": [lambda g, y, x: g * (1 + y * y)], "sympy": "tanh"}
RIGHT_TANH = {"numpy": np.tanh, "vjp": [lambda g, y, x: g * (1 - y * y)], "sympy": "tanh"}


@pytest.mark.parametrize("check", [checks.check_gradient, checks.check_sympy], ids=lambda check: check.__name__)
def test_wrong_sign_is_found(declare, check):
    with pytest.raises(AssertionError):
        check(declare(**WRONG_TANH), SQUARE)


@pytest.mark.parametrize(
    "check",
    [checks.check_gradient, checks.check_sympy, checks.check_formula, checks.check_second, checks.check_layouts],
    ids=lambda check: check.__name__,
)
def test_the_right_rule_passes(declare, check):
    check(declare(**RIGHT_TANH), SQUARE)


PER_SAMPLE = [
    checks.check_gradient,
    checks.check_second,
    checks.check_formula,
    checks.check_layouts,
    checks.check_single,
]


@pytest.mark.parametrize("check", PER_SAMPLE, ids=lambda check: check.__name__)
def test_several_outputs_are_checked(declare, check):
    def pullback(sign):
        return [lambda g, y, x: g.of(0, y[0]) * y[1] + sign * g.of(1, y[1]) * y[0]]

    both = {"numpy": lambda x: Outputs((np.sin(x), np.cos(x))), "shape": lambda shape: (shape, shape)}
    check(declare(**both, vjp=pullback(-1)), SQUARE)
    del REGISTRY["sabotage"]
    if check is checks.check_gradient:
        with pytest.raises(AssertionError):
            check(declare(**both, vjp=pullback(1)), SQUARE)


@pytest.mark.parametrize("check", PER_SAMPLE, ids=lambda check: check.__name__)
def test_any_number_of_operands_is_checked(declare, check):
    def weighted(*xs):
        return sum((at + 1) * x for at, x in enumerate(xs))

    three = call((2, 3), (3,), (2, 1))
    check(declare(weighted, vjp=Every(lambda at, g, y, *xs: g * (at + 1))), three)
    del REGISTRY["sabotage"]
    if check is checks.check_gradient:
        with pytest.raises(AssertionError):
            check(declare(weighted, vjp=Every(lambda at, g, y, *xs: g)), three)


def test_dropped_sum_is_found(declare):
    wrong = declare(np.multiply, vjp=[lambda g, y, a, b: g * b, lambda g, y, a, b: (g * a)[:1] * 1.0])
    with pytest.raises(AssertionError):
        checks.check_gradient(wrong, call((4, 3), (3,)))


def test_factor_of_an_axis_is_found(declare):
    """A mean whose pullback forgets to divide."""
    wrong = declare(
        lambda x, dim, keepdim: np.mean(x, axis=dim, keepdims=keepdim),
        vjp=[lambda g, y, x, dim, keepdim: restored(g, x, dim, keepdim)],
        shape=sum_.shape,
        types=None,
    )
    with pytest.raises(AssertionError):
        checks.check_gradient(wrong, call((2, 3), dim=(1,), keepdim=False))


def test_wrong_expression_is_found(declare):
    wrong = declare(np.tanh, vjp=tanh.vjp, sympy="sin")
    with pytest.raises(AssertionError):
        checks.check_sympy(wrong, SQUARE)
    with pytest.raises(AssertionError, match="forward"):
        checks.check_formula(wrong, SQUARE)


def test_wrong_shape_is_found(declare):
    wrong = declare(
        sum_.forward, vjp=sum_.vjp, shape=lambda shape, dim, keepdim: tuple(reversed(shape)), types=None
    )
    with pytest.raises(AssertionError):
        checks.check_formula(wrong, call((2, 3), dim=(1,), keepdim=False))


def test_wrong_normal_form_is_found(declare):
    wrong = declare(
        np.tanh, vjp=[lambda g, y, x: g * (1 - REGISTRY["sabotage"](x) ** 2)], normal=lambda x: sin(x) * 1
    )
    checks.check_gradient(wrong, SQUARE)
    with pytest.raises(AssertionError, match="forward"):
        checks.check_formula(wrong, SQUARE)


def test_constant_in_a_rule_is_found(declare):
    """A rule that is right on numbers but hides its operand from the tape."""
    hidden = declare(np.exp, vjp=[lambda g, y, x: g * np.exp(np.asarray(x))], sympy="exp")
    checks.check_gradient(hidden, SQUARE)
    with pytest.raises((AssertionError, RuntimeError)):
        checks.check_second(hidden, SQUARE)


def test_wrong_second_derivative_is_found(declare):
    """The rule for numbers is right, the one for everything wrong: only the second derivative and (f) can see it."""
    wrong = declare(np.tanh, vjp=WRONG_TANH["vjp"], numeric=RIGHT_TANH["vjp"])
    checks.check_gradient(wrong, SQUARE)
    with pytest.raises(AssertionError):
        checks.check_second(wrong, SQUARE)
    with pytest.raises(AssertionError):
        checks.check_numeric(wrong, SQUARE)
    with pytest.raises(AssertionError, match="formula"):
        checks.check_formula(wrong, SQUARE)


def test_wrong_numeric_formula_is_found(declare):
    wrong = declare(np.exp, vjp=[lambda g, y, x: g * y * y], numeric=exp.vjp)
    with pytest.raises(AssertionError, match="formula"):
        checks.check_formula(wrong, SQUARE)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_disagreement_with_pytorch_is_found(declare, monkeypatch, dtype):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(checks, "torch_call", lambda module, op: torch.tanh)
    checks.check_torch(declare(**RIGHT_TANH), SQUARE, dtype=dtype)
    REGISTRY.pop("sabotage")
    with pytest.raises(AssertionError, match="gradient"):
        checks.check_torch(declare(**WRONG_TANH), SQUARE, dtype=dtype)
    REGISTRY.pop("sabotage")
    with pytest.raises(AssertionError, match="value"):
        checks.check_torch(declare(lambda x: np.tanh(x) * (1 + 1e-4), vjp=tanh.vjp), SQUARE, dtype=dtype)


def test_wrong_convention_is_found(declare, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(checks, "torch_call", lambda module, op: torch.relu)
    wrong = declare(lambda x: np.maximum(x, 0), vjp=[lambda g, y, x: g * (x >= 0)], samples=[SQUARE])
    checks.check_torch(wrong, SQUARE)
    with pytest.raises(AssertionError, match="gradient"):
        checks.check_edge(wrong, (0.0,))


def test_order_of_memory_is_found(declare):
    wrong = declare(lambda x: np.exp(x.ravel(order="K")).reshape(x.shape), vjp=exp.vjp)
    checks.check_gradient(wrong, SQUARE)
    with pytest.raises(AssertionError):
        checks.check_layouts(wrong, SQUARE)


def test_lost_dtype_is_found(declare):
    wrong = declare(lambda x: np.exp(x.astype(float)), vjp=exp.vjp)
    with pytest.raises(AssertionError):
        checks.check_single(wrong, SQUARE)


def test_lost_axes_are_found(declare):
    wrong = declare(lambda x: np.atleast_1d(np.exp(x)), vjp=exp.vjp)
    with pytest.raises(AssertionError):
        checks.check_sizes(wrong, SQUARE)

"""Arithmetic and comparisons: the operations behind + - * / ** and < <= > >= == !=."""

import operator

import numpy as np

from engine.op import call, op, public


def is_number(node, at):
    """Whether an operand of a recorded operation is a Python number."""
    return node.inputs[at].__class__ in (int, float, bool)


add = op(
    "add",
    numpy=np.add,
    sympy=operator.add,
    vjp=[lambda g, y, a, b: g, lambda g, y, a, b: g],
    saves=False,
    rule="sum",
    says="A sum passes its cotangent on to each term unchanged.",
    law="y = a + b",
    samples=[call((2, 3), (2, 3)), call((3,), (2, 1)), call((), (2,)), call((2,), 5), call((0,), ())],
)

sub = op(
    "sub",
    numpy=np.subtract,
    sympy=operator.sub,
    vjp=[lambda g, y, a, b: g, lambda g, y, a, b: -g],
    saves=False,
    torch=lambda node: "RsubBackward1" if is_number(node, 0) else "SubBackward0",
    rule="difference",
    says=(
        "A difference passes its cotangent on unchanged to what is subtracted from.",
        "A difference passes its cotangent on with the opposite sign to what is subtracted.",
    ),
    law="y = a - b",
    samples=[call((2, 3), (2, 3)), call((3,), (2, 1)), call(2, (3,))],
)

mul = op(
    "mul",
    numpy=np.multiply,
    sympy=operator.mul,
    vjp=[lambda g, y, a, b: g * b, lambda g, y, a, b: g * a],
    rule="product",
    says="Each factor's slope is the other factor.",
    law="y = a ⊙ b",
    samples=[call((2, 3), (2, 3)), call((3,), (2, 1)), call((2,), 2.5)],
)

div = op(
    "div",
    numpy=np.true_divide,
    sympy=operator.truediv,
    vjp=[lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b],
    types="float",
    torch=lambda node: "MulBackward0" if is_number(node, 0) else "DivBackward0",
    rule="quotient",
    says=(
        "The numerator's slope is one over the denominator.",
        "The denominator's slope is minus the quotient over the denominator.",
    ),
    law="y = a / b",
    domain=("real", "nonzero"),
    samples=[call((2, 3), (2, 3)), call((3,), (2, 1)), call(1, (3,)), call((3,), 4)],
)

neg = op(
    "neg",
    numpy=np.negative,
    sympy=operator.neg,
    vjp=[lambda g, y, x: -g],
    saves=False,
    rule="negation",
    says="The slope of minus x is minus one.",
    law="y = -x",
    samples=[call((2, 3))],
    public=("neg", "negative", "Tensor.neg", "Tensor.negative", "Tensor.__neg__"),
)


def _base_slope(g, y, a, b):
    if b.__class__ in (int, float):
        if b == 2:
            return g * (a * 2)
        return g * (b * a ** (b - 1)) if b else g * 0
    return g * np.where(b == 0, 0, b * a ** np.where(b == 0, 1, b - 1)).astype(y.dtype)


def _base_rule(g, y, a, b):
    return g * 0 if b.__class__ in (int, float) and b == 0 else g * (b * a ** (b - 1))


def _exponent_slope(g, y, a, b):
    with np.errstate(all="ignore"):
        return g * np.where((a == 0) & (b >= 0), 0, y * np.log(a)).astype(y.dtype)


def _pow_numbers(a, b):
    if y_is_integer(a) and y_is_integer(b) and np.any(np.asarray(b) < 0):
        raise ValueError("Integers to negative integer powers are not allowed.")
    y = a**b
    truths = getattr(a, "dtype", None) == np.bool_ and y.dtype == np.int8
    return y.astype(bool) if truths else y


def y_is_integer(value):
    return getattr(value, "dtype", np.dtype(type(value))).kind in "iub"


def _exponent_rule(g, y, a, b):
    from engine.ops.exponential import log

    return g * y * log(a)


def _pow_name(node):
    """PyTorch numbers the three cases: a number as exponent, two tensors, a number as base."""
    return "PowBackward2" if is_number(node, 0) else "PowBackward0" if is_number(node, 1) else "PowBackward1"


pow_ = op(
    "pow",
    numpy=_pow_numbers,
    sympy=operator.pow,
    vjp=[_base_rule, _exponent_rule],
    numeric=[_base_slope, _exponent_slope],
    torch=_pow_name,
    rule="power",
    says=(
        "Bring the exponent down and lower it by one.",
        "The slope in the exponent is the power itself times the logarithm of the base.",
    ),
    law="y = a ** b",
    domain=("positive", "real"),
    edges=[(0.0, 2.0), (0.0, 0.0), (0.0, 1.0)],
    samples=[call((2, 3), 2), call((2, 3), 3), call((2, 3), -1), call((2, 3), 0.5), call((3,), (2, 1)), call(2, (3,))],
)


def _comparison(name, alias, numpy, sign):
    return op(
        name,
        numpy=numpy,
        types="arithmetic",
        text=f"{{0}} {sign} {{1}}",
        rule="comparison",
        says="A comparison is constant between its jumps: it has no derivative.",
        law=f"y = [a {sign} b]",
        samples=[call((2, 3), (2, 3)), call((3,), 0)],
        public=(name, f"Tensor.{name}", alias, f"Tensor.{alias}"),
    )


lt = _comparison("lt", "less", np.less, "<")
le = _comparison("le", "less_equal", np.less_equal, "<=")
gt = _comparison("gt", "greater", np.greater, ">")
ge = _comparison("ge", "greater_equal", np.greater_equal, ">=")
eq = _comparison("eq", "eq", np.equal, "==")
ne = _comparison("ne", "not_equal", np.not_equal, "!=")


@public("add", "Tensor.add")
def _add(input, other, *, alpha=1):
    """y = a + alpha b;  ā = g, b̄ = alpha g. Shapes broadcast. Source: the sum rule.

    >>> import engine as torch
    >>> torch.add(torch.tensor([1., 2.]), 1, alpha=10)
    tensor([11., 12.])
    """
    return add(input, other if alpha == 1 else other * alpha)


@public("sub", "subtract", "Tensor.sub", "Tensor.subtract")
def _sub(input, other, *, alpha=1):
    """y = a - alpha b;  ā = g, b̄ = -alpha g. Shapes broadcast. Source: the sum rule.

    >>> import engine as torch
    >>> torch.sub(torch.tensor([1., 2.]), 1)
    tensor([0., 1.])
    """
    return sub(input, other if alpha == 1 else other * alpha)


@public("rsub")
def _rsub(input, other, *, alpha=1):
    """y = b - alpha a;  ā = -alpha g, b̄ = g. Shapes broadcast. Source: the sum rule.

    >>> import engine as torch
    >>> torch.rsub(torch.tensor([1., 2.]), 1)
    tensor([ 0., -1.])
    """
    return sub(other, input if alpha == 1 else input * alpha)


@public("mul", "multiply", "Tensor.mul", "Tensor.multiply")
def _mul(input, other):
    """y = a ⊙ b;  ā = g ⊙ b, b̄ = g ⊙ a. Shapes broadcast. Source: the product rule.

    >>> import engine as torch
    >>> torch.mul(torch.tensor([1., 2.]), 3)
    tensor([3., 6.])
    """
    return mul(input, other)


@public("pow", "Tensor.pow")
def _pow(input, exponent):
    """y = a ** b;  ā = g b a^(b - 1), b̄ = g y log a. Shapes broadcast. Source: the power rule.

    >>> import engine as torch
    >>> torch.pow(torch.tensor([1., 2.]), 3)
    tensor([1., 8.])
    """
    return pow_(input, exponent)


@public("div", "divide", "true_divide", "Tensor.div", "Tensor.divide", "Tensor.true_divide")
def _div(input, other, *, rounding_mode=None):
    """y = a / b;  ā = g / b, b̄ = -g y / b. Shapes broadcast. Source: the quotient rule.

    >>> import engine as torch
    >>> torch.div(torch.tensor([1., 2.]), 4)
    tensor([0.2500, 0.5000])
    """
    if rounding_mode is None:
        return div(input, other)
    from engine.ops.rounding import divide_rounded

    return divide_rounded(input, other, rounding_mode)

"""Choosing between entries: where, maximum, clamp, masks, and what interpolates between two."""

import math

import numpy as np

from engine.op import bools, call, op, public
from engine.ops.arithmetic import eq, is_number
from engine.ops.functions import IN_PLACE, function_of_two
from engine.ops.typing import C_TYPES, dtype_name, dtype_of


def _selected(c, a, b):
    """A formula for where(c, a, b): a mask is a factor if one branch is zero; what both branches share comes out."""
    if b.expr == 0:
        return c * a
    if a.expr == 0:
        return (1 - c) * b
    if a.expr == b.expr:
        return a.filled(a.expr, where.shape(c.shape, a.shape, b.shape))
    theirs = {factor.expr for factor in b.factors}
    common = [factor for factor in a.factors if factor.expr in theirs and factor.expr != 1 and factor.shape]
    if not common:
        return None
    shared = {factor.expr for factor in common}
    left, right = (_product(x, [f for f in x.factors if f.expr not in shared]) for x in (a, b))
    return _product(a, common) * where(c, left, right)


def _product(like, factors):
    product = like.filled(1, ())
    for factor in factors:
        product = product * factor
    return product


where = op(
    "where",
    numpy=np.where,
    vjp=[None, lambda g, y, c, a, b: where(c, g, 0), lambda g, y, c, a, b: where(c, 0, g)],
    normal=_selected,
    types="choice",
    rule="choice",
    says="Each entry comes from one branch, and its cotangent goes back to that branch alone.",
    law="y = a where c, b elsewhere",
    samples=[
        call(bools((2, 3)), (2, 3), (2, 3)),
        call(bools((3,)), (2, 1), ()),
        call(bools((2, 3)), (3,), 0.5),
        call(bools((2, 1)), 2.0, (3,)),
        call(bools((0,)), (0,), ()),
    ],
)


@public("where")
def _where(condition, input=None, other=None):
    """y = a where the condition holds, b elsewhere;  ā = g there, b̄ = g elsewhere. Shapes broadcast.

    >>> import engine as torch
    >>> x = torch.tensor([1., -2.])
    >>> torch.where(x > 0, x, 0)
    tensor([1., 0.])
    """
    if input is None and other is None:
        from engine.tensor import wrap

        return tuple(wrap(index) for index in np.nonzero(condition.numpy(force=True)))
    if dtype_of(condition).kind not in "bu":
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {dtype_name(condition)}"
        )
    return where(condition, input, other)


@public("Tensor.where")
def _where_of(self, condition, other):
    """This tensor where the condition holds, `other` elsewhere."""
    return where(condition, self, other)


masked_fill = op(
    "masked_fill",
    numpy=lambda x, mask, value: np.where(mask, value, x),
    vjp=[lambda g, y, x, mask, value: where(mask, 0, g), None, lambda g, y, x, mask, value: where(mask, g, 0)],
    types="filling",
    torch=lambda node: "MaskedFillBackward0" if is_number(node, 2) else "MaskedFillBackward1",
    rule="masked entries replaced",
    says="A replaced entry no longer depends on what stood there; its cotangent goes to the value put in.",
    law="y = value where mask, x elsewhere",
    samples=[
        call((2, 3), bools((2, 3)), 1.5),
        call((2, 3), bools((3,)), ()),
        call((3,), bools((2, 1)), 0),
        call((2,), bools(()), -1e4),
    ],
)


@public("masked_fill", "Tensor.masked_fill")
def _masked_fill(input, mask, value):
    """y = value where the mask holds, x elsewhere;  x̄ = g outside the mask, v̄ = Σ g inside it.

    >>> import engine as torch
    >>> x = torch.tensor([1., 2.])
    >>> torch.masked_fill(x, x > 1, 0)
    tensor([1., 0.])
    """
    if mask.dtype.numpy.kind != "b":
        raise RuntimeError("masked_fill_ only supports boolean masks, but got mask with dtype " + _c_name(mask))
    if getattr(value, "ndim", 0):
        raise RuntimeError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    return masked_fill(input, mask, value)


IN_PLACE.add("masked_fill")


def _c_name(x):
    return {"int64": "long int", "int32": "int", "float32": "float", "float64": "double"}.get(
        str(x.dtype.numpy), str(x.dtype.numpy)
    )


# The greater and the smaller of two


def _tied(wins):
    """The rule of a winner that gets the cotangent, half of it in a tie."""
    return [lambda g, y, a, b: g * (wins(a, b) + 0.5 * eq(a, b)), lambda g, y, a, b: g * (wins(b, a) + 0.5 * eq(a, b))]


def _tied_numbers(loses):
    """The same on numbers; a nan loses to nothing."""

    def share(g, a, b):
        return np.where(a == b, g / 2, np.where(loses(a, b), np.zeros_like(g), g))

    return [lambda g, y, a, b: share(g, a, b), lambda g, y, a, b: share(g, b, a)]


TIES = [(1.0, 1.0), (0.0, -0.0), (math.nan, 1.0), (1.0, math.nan)]

maximum = function_of_two(
    "maximum",
    in_place=False,
    numpy=np.maximum,
    vjp=_tied(lambda a, b: a > b),
    numeric=_tied_numbers(lambda a, b: a < b),
    rule="the greater of two",
    says="The greater operand gets the cotangent; in a tie each gets half, by convention.",
    law="y = max(a, b)",
    edges=TIES,
)

minimum = function_of_two(
    "minimum",
    in_place=False,
    numpy=np.minimum,
    vjp=_tied(lambda a, b: a < b),
    numeric=_tied_numbers(lambda a, b: a > b),
    rule="the smaller of two",
    says="The smaller operand gets the cotangent; in a tie each gets half, by convention.",
    law="y = min(a, b)",
    edges=TIES,
)


def _first_wins(wins):
    """On numbers: the first operand gets all in a tie, and against nan."""

    def won(a, b):
        return wins(a, b) | np.isnan(b)

    return [
        lambda g, y, a, b: np.where(won(a, b), g, np.zeros_like(g)),
        lambda g, y, a, b: np.where(won(a, b), np.zeros_like(g), g),
    ]


fmax = function_of_two(
    "fmax",
    in_place=False,
    numpy=lambda a, b: np.fmax(b, a),  # in this order the first of two zeros wins
    vjp=[lambda g, y, a, b: g * (a >= b), lambda g, y, a, b: g * (a < b)],
    numeric=_first_wins(np.greater_equal),
    rule="the greater of two, nan left out",
    says="The greater operand gets the cotangent; in a tie the first one, by convention.",
    law="y = max(a, b), the other where one is nan",
    edges=TIES,
)

fmin = function_of_two(
    "fmin",
    in_place=False,
    numpy=lambda a, b: np.fmin(b, a),  # in this order the first of two zeros wins
    vjp=[lambda g, y, a, b: g * (a <= b), lambda g, y, a, b: g * (a > b)],
    numeric=_first_wins(np.less_equal),
    rule="the smaller of two, nan left out",
    says="The smaller operand gets the cotangent; in a tie the first one, by convention.",
    law="y = min(a, b), the other where one is nan",
    edges=TIES,
)


# Limits


def _inside(g, y, x, low, high):
    return where((x >= low) * (x <= high), g, 0)


clamp_both = op(
    "clamp",
    numpy=lambda x, low, high: np.minimum(np.maximum(x, low), high),
    vjp=[
        _inside,
        lambda g, y, x, low, high: where((x < low) * (low < high), g, 0),
        lambda g, y, x, low, high: where(maximum(x, low) > high, g, 0),
    ],
    numeric=[
        _inside,
        lambda g, y, x, low, high: where((x < low) * (low < high), g, 0),
        lambda g, y, x, low, high: np.where((x > high) | (low > high), g, 0),
    ],
    torch=lambda node: "ClampBackward1" if is_number(node, 1) else "ClampBackward0",
    rule="limits on both sides",
    says="Between its limits an entry passes its cotangent on, the limits included; outside, the limit gets it.",
    law="y = min(max(x, low), high)",
    samples=[
        call((2, 3), -0.5, 0.7),
        call((), -1, 0.1),
        call((5,), (5,), (5,)),
        call((4, 3), (3,), 0.4),
        call((0,), -1, 1),
    ],
    edges=[call(0.5, 0.5, 1.0), call(1.0, 0.5, 1.0), call(0.7, 1.0, 0.5), call(math.nan, 0.0, 1.0)],
)

clamp_min = op(
    "clamp_min",
    numpy=lambda x, low: np.maximum(low, x),
    vjp=[lambda g, y, x, low: where(x >= low, g, 0), lambda g, y, x, low: where(x < low, g, 0)],
    torch=lambda node: "ClampBackward1" if is_number(node, 1) else "ClampBackward0",
    rule="lower limit",
    says="From its limit upwards an entry passes its cotangent on; below, the limit gets it.",
    law="y = max(x, low)",
    samples=[call((2, 3), 0.1), call((2, 3), (3,)), call((), 0), call((0,), 0)],
    edges=[call(0.5, 0.5), call(math.nan, 0.5)],
)

clamp_max = op(
    "clamp_max",
    numpy=lambda x, high: np.minimum(high, x),
    vjp=[lambda g, y, x, high: where(x <= high, g, 0), lambda g, y, x, high: where(x > high, g, 0)],
    torch=lambda node: "ClampBackward1" if is_number(node, 1) else "ClampBackward0",
    rule="upper limit",
    says="Up to its limit an entry passes its cotangent on; above, the limit gets it.",
    law="y = min(x, high)",
    samples=[call((2, 3), 0.1), call((2, 3), (3,)), call((), 0), call((0,), 0)],
    edges=[call(0.5, 0.5), call(math.nan, 0.5)],
)


@public("clamp", "clip", "Tensor.clamp", "Tensor.clip")
def _clamp(input, min=None, max=None):
    """y = min(max(x, low), high);  x̄ = g where low ≤ x ≤ high. A limit may be a number, a tensor or None.

    >>> import engine as torch
    >>> torch.clamp(torch.tensor([-2., 0.5, 3.]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if max is None:
        return clamp_min(input, min)
    return clamp_max(input, max) if min is None else clamp_both(input, min, max)


@public("clamp_min", "Tensor.clamp_min")
def _clamp_min(input, min):
    """y = max(x, low);  x̄ = g where x ≥ low."""
    return clamp_min(input, min)


@public("clamp_max", "Tensor.clamp_max")
def _clamp_max(input, max):
    """y = min(x, high);  x̄ = g where x ≤ high."""
    return clamp_max(input, max)


IN_PLACE.update(("clamp", "clip", "clamp_min", "clamp_max"))


# Between two and products added


def _between(a, b, weight):
    """a + w (b - a), from b's side where that is nearer, so that the ends are exact."""
    step = b - a
    return np.where(np.abs(weight) < 0.5, a + weight * step, b - step * (1 - weight))


lerp = op(
    "lerp",
    numpy=_between,
    sympy=lambda a, b, weight: a + weight * (b - a),
    vjp=[
        lambda g, y, a, b, weight: g * (1 - weight),
        lambda g, y, a, b, weight: g * weight,
        lambda g, y, a, b, weight: g * (b - a),
    ],
    torch=lambda node: "LerpBackward0" if is_number(node, 2) else "LerpBackward1",
    rule="linear interpolation",
    says="Each end counts with its weight; the weight's slope is the distance between the ends.",
    law="y = a + w (b - a)",
    samples=[call((2, 3), (2, 3), 0.3), call((3,), (2, 1), (2, 3)), call((2,), (2,), ()), call((0,), (0,), 0.3)],
)


@public("lerp", "Tensor.lerp")
def _lerp(input, end, weight):
    """y = a + w (b - a);  ā = g (1 - w), b̄ = g w, w̄ = g ⊙ (b - a). Shapes broadcast.

    >>> import engine as torch
    >>> torch.lerp(torch.tensor([1.]), torch.tensor([3.]), 0.25)
    tensor([1.5000])
    """
    for name, other in (("end", end), ("weight", weight)):
        if hasattr(other, "dtype") and dtype_of(other) != dtype_of(input):
            mine, theirs = (C_TYPES[dtype_name(x)] for x in (input, other))
            raise RuntimeError(f"expected dtype {mine} for `{name}` but got dtype {theirs}")
    return lerp(input, end, weight)


addcmul = op(
    "addcmul",
    numpy=lambda x, a, b, value: x + value * a * b,
    sympy=lambda x, a, b, value: x + value * (a * b),
    vjp=[
        lambda g, y, x, a, b, value: g,
        lambda g, y, x, a, b, value: g * (value * b),
        lambda g, y, x, a, b, value: g * (value * a),
    ],
    rule="product added",
    says="A sum passes its cotangent on, and each factor's slope is the other factor.",
    law="y = x + value a ⊙ b",
    samples=[call((2, 3), (2, 3), (2, 3), value=1), call((3,), (2, 1), (3,), value=-0.5), call((), (2,), (), value=2)],
)


@public("addcmul", "Tensor.addcmul")
def _addcmul(input, tensor1, tensor2, *, value=1):
    """y = x + value a ⊙ b;  x̄ = g, ā = value g ⊙ b, b̄ = value g ⊙ a. Shapes broadcast.

    >>> import engine as torch
    >>> torch.addcmul(torch.tensor([1.]), torch.tensor([2.]), torch.tensor([3.]), value=10)
    tensor([61.])
    """
    return addcmul(input, tensor1, tensor2, value=value)


addcdiv = op(
    "addcdiv",
    numpy=lambda x, a, b, value: x + value * a / b,
    sympy=lambda x, a, b, value: x + value * (a / b),
    vjp=[
        lambda g, y, x, a, b, value: g,
        lambda g, y, x, a, b, value: g * (value / b),
        lambda g, y, x, a, b, value: -g * (value * a / (b * b)),
    ],
    types="float",
    rule="quotient added",
    says="A sum passes its cotangent on; the quotient's operands get theirs by the quotient rule.",
    law="y = x + value a / b",
    domain=("real", "real", "nonzero"),
    samples=[call((2, 3), (2, 3), (2, 3), value=1), call((3,), (2, 1), (3,), value=-0.5), call((), (2,), (), value=2)],
)


@public("addcdiv", "Tensor.addcdiv")
def _addcdiv(input, tensor1, tensor2, *, value=1):
    """y = x + value a / b;  x̄ = g, ā = value g / b, b̄ = -value g ⊙ a / b². Shapes broadcast.

    >>> import engine as torch
    >>> torch.addcdiv(torch.tensor([1.]), torch.tensor([2.]), torch.tensor([4.]), value=10)
    tensor([6.])
    """
    return addcdiv(input, tensor1, tensor2, value=value)


IN_PLACE.update(("lerp", "addcmul", "addcdiv"))

"""Absolute value, sign, and what is constant between jumps: rounding and remainders."""

import numpy as np

from engine.op import call, op, public
from engine.ops.arithmetic import is_number
from engine.ops.functions import IN_PLACE, described, function, function_of_two

FLAT = "It is constant between its jumps, so its slope is zero wherever it has one."


def no_slope(g, y, *operands, **params):
    """The pullback of what is constant between jumps."""
    return g * 0


def no_slope_numbers(g, y, *operands, **params):
    """The same on numbers, zero even where the cotangent is infinite."""
    return np.zeros_like(g)


def jumps(name, *aliases, **fields):
    """Declare an elementwise function that is constant between jumps; integers stay what they are."""
    fields = {"types": "arithmetic", "saves": False, "says": FLAT, **fields}
    return function(name, *aliases, vjp=[no_slope], numeric=[no_slope_numbers], **fields)


def _keeping_integers(rounded):
    return lambda x: x if np.asarray(x).dtype.kind in "iu" else rounded(x)


def _sign(x):
    if np.asarray(x).dtype.kind == "f":
        return np.where(np.isnan(x), 0, np.sign(x))
    return x if np.asarray(x).dtype.kind == "b" else np.sign(x)


absolute = function(
    "abs",
    "absolute",
    numpy=np.abs,
    sympy="Abs",
    vjp=[lambda g, y, x: g * sign(x)],
    types="arithmetic",
    rule="absolute value",
    says="The slope of the absolute value is the sign; at zero it is zero by convention.",
    law="y = |x|",
    edges=[(0.0,)],
)
public("Tensor.__abs__")(absolute)

sign = jumps("sign", "sgn", numpy=_sign, sympy="sign", law="y = the sign of x: -1, 0 or 1",
             edges=[(0.0,), (-0.0,), (np.nan,)])  # fmt: skip
angle = jumps(
    "angle",
    types="float",
    numpy=lambda x: np.where(np.isnan(x), x, np.where(np.asarray(x) < 0, np.asarray(x).dtype.type(np.pi), 0)),
    law="y = π where x < 0, 0 elsewhere",
    edges=[(0.0,), (-0.0,), (-2.0,)],
    rule="angle of a real number",
    in_place=False,
)
floor = jumps("floor", numpy=_keeping_integers(np.floor), law="y = ⌊x⌋", edges=[(1.0,), (-0.5,)])
ceil = jumps("ceil", numpy=_keeping_integers(np.ceil), law="y = ⌈x⌉", edges=[(1.0,)], rule="ceiling")
trunc = jumps(
    "trunc", "fix", numpy=_keeping_integers(np.trunc), law="y = x rounded towards zero", edges=[(1.0,), (-0.5,)]
)

frac = function(
    "frac",
    numpy=lambda x: x - np.trunc(x),
    vjp=[lambda g, y, x: g],
    types="arithmetic",
    saves=False,
    rule="fractional part",
    says="Between jumps the fractional part grows as fast as its argument.",
    law="y = x - trunc x",
)

round_ = op(
    "round",
    numpy=lambda x, decimals: x if np.asarray(x).dtype.kind in "iu" else np.round(x, decimals),
    vjp=[no_slope],
    numeric=[no_slope_numbers],
    saves=False,
    torch=lambda node: "RoundBackward1" if node.params["decimals"] else "RoundBackward0",
    rule="rounding",
    says=FLAT,
    law="y = x rounded to `decimals` digits, halves to the even digit",
    samples=[call((2, 3), decimals=0), call((2, 3), decimals=1), call((), decimals=-1)],
    edges=[(0.5,), (1.5,)],
)


@public("round", "Tensor.round")
def _round(input, *, decimals=0):
    """y = x rounded to `decimals` digits, halves to the even digit;  x̄ = 0.

    >>> import engine as torch
    >>> torch.round(torch.tensor([0.5, 1.5, 2.26]))
    tensor([0., 2., 2.])
    """
    return round_(input, decimals=decimals)


IN_PLACE.add("round")


def _magnitude_slope(g, y, a, b):
    """g y / a, and 0 where a is 0, by convention."""
    a, y = np.asarray(a), np.asarray(y)
    return g * np.divide(y, a, out=np.zeros(np.broadcast_shapes(a.shape, y.shape), y.dtype), where=a != 0)


copysign = function_of_two(
    "copysign",
    numpy=np.copysign,
    vjp=[lambda g, y, a, b: g * y / a, no_slope],
    numeric=[_magnitude_slope, no_slope_numbers],
    types="float",
    torch=lambda node: "CopysignBackward1" if is_number(node, 1) else "CopysignBackward0",
    rule="magnitude with another's sign",
    says="The slope is one, or minus one where the sign was turned; the sign's own slope is zero.",
    law="y = |a| with the sign of b",
    domain=("nonzero", "nonzero"),
    edges=[(0.0, 1.0), (1.0, -0.0)],
)

heaviside = function_of_two(
    "heaviside",
    numpy=lambda a, b: np.where(np.equal(a, 0), b, np.greater(a, 0).astype(np.result_type(a, b))),
    vjp=[None, None],
    rule="step",
    says="PyTorch gives the step function no derivative.",
    law="y = 0 where a < 0, b where a = 0, 1 where a > 0",
)


# Division with a rounded quotient


def _divided(a, b, rounding_mode):
    if _both_integers(a, b):
        if not np.all(b):
            raise RuntimeError("ZeroDivisionError")
        down = a // b
        if rounding_mode == "floor":
            return down
        return down + ((down < 0) & (down * b != a))
    return np.floor_divide(a, b) if rounding_mode == "floor" else np.trunc(np.true_divide(a, b))


def _both_integers(a, b):
    return np.asarray(a).dtype.kind in "iu" and np.asarray(b).dtype.kind in "iu"


_divide_rounded = op(
    "divide_rounded",
    numpy=_divided,
    vjp=[no_slope, no_slope],
    numeric=[no_slope_numbers, no_slope_numbers],
    torch="DivBackward2",
    saves=False,
    rule="rounded quotient",
    says=FLAT,
    law="y = a / b rounded down (floor) or towards zero (trunc)",
    domain=("real", "nonzero"),
    samples=[
        call((2, 3), (2, 3), rounding_mode="floor"),
        call((3,), (2, 1), rounding_mode="trunc"),
        call((3,), 0.3, rounding_mode="floor"),
    ],
)


def divide_rounded(input, other, rounding_mode):
    """The quotient, rounded as div's `rounding_mode` says."""
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return _divide_rounded(input, other, rounding_mode=rounding_mode)


floor_divide = function_of_two(
    "floor_divide",
    numpy=lambda a, b: _divided(a, b, "floor"),
    vjp=[None, None],
    rule="floored quotient",
    says="PyTorch gives it no derivative; torch.div with rounding_mode='floor' has the derivative zero.",
    law="y = ⌊a / b⌋",
    domain=("real", "nonzero"),
)


def _trunc_quotient(a, b):
    return _divide_rounded(a, b, rounding_mode="trunc")


def _floor_quotient(a, b):
    return _divide_rounded(a, b, rounding_mode="floor")


def _checked(remainder):
    def forward(a, b):
        if _both_integers(a, b) and not np.all(b):
            raise RuntimeError("ZeroDivisionError")
        return remainder(a, b)

    return forward


def _remainder(a, b):
    if _both_integers(a, b):
        return np.remainder(a, b)
    rest = np.fmod(a, b)
    return np.where((rest != 0) & (np.less(rest, 0) != np.less(b, 0)), rest + b, rest)


fmod = function_of_two(
    "fmod",
    numpy=_checked(np.fmod),
    vjp=[lambda g, y, a, b: g, lambda g, y, a, b: -g * _trunc_quotient(a, b)],
    torch=lambda node: "FmodBackward0" if is_number(node, 1) else "FmodBackward1",
    rule="remainder with the dividend's sign",
    says="Between jumps the remainder is the dividend minus a constant multiple of the divisor.",
    law="y = a - b trunc(a / b)",
    domain=("real", "nonzero"),
)

remainder = function_of_two(
    "remainder",
    numpy=_checked(_remainder),
    vjp=[lambda g, y, a, b: g, lambda g, y, a, b: -g * _floor_quotient(a, b)],
    torch=lambda node: "RemainderBackward0" if is_number(node, 1) else "RemainderBackward1",
    rule="remainder with the divisor's sign",
    says="Between jumps the remainder is the dividend minus a constant multiple of the divisor.",
    law="y = a - b ⌊a / b⌋",
    domain=("real", "nonzero"),
)

for _name, _operation in (("floordiv", floor_divide), ("mod", remainder)):
    public(f"Tensor.__{_name}__")(described(lambda self, other, f=_operation: f(self, other), _name, _operation))
    public(f"Tensor.__r{_name}__")(described(lambda self, other, f=_operation: f(other, self), _name, _operation))

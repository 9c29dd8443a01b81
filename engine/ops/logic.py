"""What has no derivative: tests on entries, logic on booleans and on bits, comparisons of whole tensors."""

import numpy as np

from engine.op import bools, call, ints, op, public
from engine.ops.functions import IN_PLACE, PAIRS, described, function, function_of_two
from engine.ops.typing import refuse_numbers

NONE = "Its values jump, so it has no derivative."


def _test(name, numpy, law):
    return function(
        name, in_place=False, numpy=numpy, types="arithmetic", saves=False, rule="a test", says=NONE, law=law
    )


isnan = _test("isnan", np.isnan, "y = [x is not a number]")
isinf = _test("isinf", np.isinf, "y = [x is infinite]")
isfinite = _test("isfinite", np.isfinite, "y = [x is finite]")
isposinf = _test("isposinf", lambda x: np.asarray(x) == np.inf, "y = [x is +∞]")
isneginf = _test("isneginf", lambda x: np.asarray(x) == -np.inf, "y = [x is -∞]")
signbit = _test("signbit", np.signbit, "y = [x has a minus sign]")
logical_not = function(
    "logical_not",
    numpy=np.logical_not,
    types="arithmetic",
    saves=False,
    rule="logic",
    says=NONE,
    law="y = [x is zero]",
)

BITS = (call(ints((2, 3)), ints((3,))), call(bools((2, 3)), bools((3,))), call(ints((2,)), ints(())))


def _logic(name, numpy, law, **fields):
    return function_of_two(
        name, numpy=numpy, saves=False, rule="logic", says=NONE, law=law, **{"samples": (*PAIRS, *BITS), **fields}
    )


logical_and = _logic("logical_and", np.logical_and, "y = [a and b are both nonzero]")
logical_or = _logic("logical_or", np.logical_or, "y = [a or b is nonzero]")
logical_xor = _logic("logical_xor", np.logical_xor, "y = [one of a and b is nonzero]")
bitwise_and = _logic("bitwise_and", np.bitwise_and, "y = a & b, bit by bit", samples=BITS)
bitwise_or = _logic("bitwise_or", np.bitwise_or, "y = a | b, bit by bit", samples=BITS)
bitwise_xor = _logic("bitwise_xor", np.bitwise_xor, "y = a ^ b, bit by bit", samples=BITS)


def _of_integers(shift):
    def numpy(a, b):
        if a.dtype.kind == "b":
            raise TypeError("shifts are of integers")
        return shift(a, b)

    return numpy


bitwise_left_shift = _logic("bitwise_left_shift", _of_integers(np.left_shift), "y = a 2^b", samples=BITS[::2])
bitwise_right_shift = _logic("bitwise_right_shift", _of_integers(np.right_shift), "y = ⌊a / 2^b⌋", samples=BITS[::2])
bitwise_not = function(
    "bitwise_not",
    numpy=np.bitwise_not,
    types="arithmetic",
    saves=False,
    rule="logic",
    says=NONE,
    law="y = ~x, bit by bit",
    samples=[call(ints((2, 3))), call(bools((2, 3)))],
)
public("Tensor.__invert__")(bitwise_not)

for _name, _operation in (("and", bitwise_and), ("or", bitwise_or), ("xor", bitwise_xor)):
    _forward = described(lambda self, other, f=_operation: f(self, other), f"__{_name}__", _operation)
    public(f"Tensor.__{_name}__", f"Tensor.__r{_name}__")(_forward)


for _name, _operation in (("lshift", bitwise_left_shift), ("rshift", bitwise_right_shift)):
    public(f"Tensor.__{_name}__")(described(lambda self, other, f=_operation: f(self, other), _name, _operation))
    public(f"Tensor.__r{_name}__")(described(lambda self, other, f=_operation: f(other, self), _name, _operation))


@public("Tensor.__pos__", "positive", "Tensor.positive")
def _positive(input):
    """The tensor itself."""
    return input


nan_to_num_ = op(
    "nan_to_num",
    numpy=lambda x, nan, posinf, neginf: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    vjp=[lambda g, y, x, nan, posinf, neginf: g * isfinite(x)],
    numeric=[lambda g, y, x, nan, posinf, neginf: np.where(np.isfinite(x), g, np.zeros_like(g))],
    rule="entries that aren't finite replaced",
    says="A finite entry passes its cotangent on; a replaced one doesn't depend on x any more.",
    law="y = x, with nan and ±∞ replaced",
    samples=[call((2, 3), nan=0.0, posinf=None, neginf=None)],
    edges=[(np.nan,), (np.inf,), (-np.inf,)],
)


@public("nan_to_num", "Tensor.nan_to_num")
def _nan_to_num(input, nan=None, posinf=None, neginf=None):
    """y = x with nan (by default 0) and ±∞ (by default the largest numbers) replaced;  x̄ = g where x is finite.

    >>> import engine as torch
    >>> torch.nan_to_num(torch.tensor([float("nan"), 1.]))
    tensor([0., 1.])
    """
    return nan_to_num_(input, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


IN_PLACE.add("nan_to_num")


@public("isclose", "Tensor.isclose")
def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether |a - b| ≤ atol + rtol |b|, entry by entry.

    >>> import engine as torch
    >>> torch.isclose(torch.tensor([1., 2.]), torch.tensor([1., 3.]))
    tensor([ True, False])
    """
    refuse_numbers("isclose", input=input, other=other)
    a, b = _both(input, other, "isclose")
    return _wrapped(np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan))


@public("allclose", "Tensor.allclose")
def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether all entries are close: |a - b| ≤ atol + rtol |b|.

    >>> import engine as torch
    >>> torch.allclose(torch.ones(2), torch.ones(2) + 1e-9)
    True
    """
    refuse_numbers("allclose", input=input, other=other)
    a, b = _both(input, other, "isclose")
    return bool(np.all(np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)))


@public("equal", "Tensor.equal")
def equal(input, other):
    """Whether two tensors have the same shape and the same entries.

    >>> import engine as torch
    >>> torch.equal(torch.ones(2), torch.ones(1))
    False
    """
    refuse_numbers("equal", input=input, other=other)
    a, b = input.numpy(force=True), other.numpy(force=True)
    return a.shape == b.shape and bool(np.all(a == b))


def _both(input, other, name):
    if input.dtype != other.dtype:
        raise RuntimeError(f"{_type(input)} did not match {_type(other)}")
    return input.numpy(force=True), other.numpy(force=True)


def _type(x):
    names = {"float32": "Float", "float64": "Double", "int64": "Long", "int32": "Int", "bool": "Bool"}
    return names.get(str(x.dtype.numpy), str(x.dtype.numpy).capitalize())


def _wrapped(array):
    from engine.tensor import wrap

    return wrap(np.asarray(array))

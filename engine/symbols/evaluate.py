"""The value of an expression at given arrays, without any rule of differentiation.

Imported by explain.certify, which compares formulas with the tape and with finite differences.
"""

import math
from functools import lru_cache

import numpy as np
import sympy
from sympy import Add, Mul, Pow

from engine.op import REGISTRY
from engine.symbols.arrays import is_number, symbols_in
from engine.symbols.structure import Structure
from engine.tape import Outputs

BOOL = np.dtype(bool)
INTEGER = frozenset((int,))


class ZeroOverZero(dict):
    """A memo for evaluate() under which 0 times anything is 0: the slope x/‖x‖ of a norm at 0, as PyTorch has it."""


def evaluate(expr, values, memo=None):
    """The expression as float64 numbers: `values` maps symbols to arrays and letters to ints.

    >>> from engine.symbols import symbol
    >>> x = symbol("x", (2,))
    >>> evaluate((x * x + 1).expr, {x.expr: np.array([1.0, 2.0])})
    array([2., 5.])
    """
    memo = {} if memo is None else memo
    with np.errstate(all="ignore"):
        return _value(expr, values, memo)


def _value(expr, values, memo):
    found = memo.get(expr)
    if found is None:
        found = memo[expr] = _fresh_value(expr, values, memo)
    return found


def _fresh_value(expr, values, memo):
    if expr.is_Symbol:
        if expr not in values:
            raise KeyError(f"no value is given for {expr}")
        return values[expr]
    if is_number(expr) and not isinstance(expr, Structure):
        return _in_floats(expr)
    if isinstance(expr, Add):
        return _folded(np.add, expr.args, values, memo)
    if isinstance(expr, Mul):
        total = _folded(np.multiply, expr.args, values, memo)
        return _zeroed(total, expr.args, values, memo) if memo.__class__ is ZeroOverZero else total
    if isinstance(expr, Pow):
        return _power(*(_value(arg, values, memo) for arg in expr.args))
    if isinstance(expr, Structure):
        return _structure(expr, values, memo)
    forward = functions().get(type(expr))
    if forward is None:
        raise NotImplementedError(f"the function {type(expr).__name__} has no numeric counterpart here")
    return forward(*(_value(arg, values, memo) for arg in expr.args))


def _in_floats(expr):
    """A number as a float; nan where it isn't real, as arcsin(2)."""
    if expr.is_finite is False:
        return _infinite(expr)
    try:
        return float(expr)
    except TypeError:
        return math.nan


def _infinite(expr):
    return math.nan if expr is sympy.nan else math.copysign(math.inf, 1 if expr.is_positive else -1)


def _folded(ufunc, args, values, memo):
    total = _number(_value(args[0], values, memo))
    for arg in args[1:]:
        total = ufunc(total, _number(_value(arg, values, memo)))
    return total


def _zeroed(total, args, values, memo):
    """A product, and 0 where a factor is 0 though another is infinite."""
    if not np.isnan(total).any():
        return total
    zero = False
    for arg in args:
        zero = zero | (np.asarray(_value(arg, values, memo)) == 0)
    return np.where(zero & np.isnan(total), 0.0, total)


def _number(value):
    """[x > 0] as 0 or 1: NumPy's sum of two truths is a truth."""
    return value.astype(float) if getattr(value, "dtype", float) is BOOL else value


def _float(value):
    """Positions, such as an order, as numbers: weights cast to their type would be cut to integers."""
    return value.astype(float) if getattr(getattr(value, "dtype", None), "kind", "f") in "biu" else value


def _power(base, exponent):
    if isinstance(exponent, float):
        if exponent == -1:
            return np.true_divide(1.0, base)
        if exponent == 0.5:
            return np.sqrt(base)
        if exponent == -0.5:
            return np.true_divide(1.0, np.sqrt(base))
    return np.power(base, exponent) if not isinstance(exponent, float) else np.asarray(base, float) ** exponent


def _structure(expr, values, memo):
    operands = []
    linear = expr.op.linear
    for at, (operand, shape) in enumerate(zip(expr.operands, expr.operand_shapes)):
        value = _value(operand, values, memo)
        if at in linear and not expr.op.moves:  # what only moves entries may move truths and positions
            value = _float(value)
        if value.__class__ is float:
            value = np.float64(value)  # operations ask operands for their dtype
        if value.__class__ is not Outputs:
            size = sizes(shape, values)
            value = value if np.shape(value) == size else np.broadcast_to(value, size)
        operands.append(value)
    params = {name: resolved(value, values) for name, value in expr.params.items()}
    if expr.operation == "cast" and operands[0].dtype.kind == np.dtype(params["dtype"]).kind == "f":
        return operands[0]  # all is float64 here: a narrower float would only round
    return expr.op.forward(*operands, **params)


def sizes(shape, values):
    """A shape with its letters replaced by numbers."""
    if INTEGER.issuperset(map(type, shape)):
        return shape
    return tuple(size if isinstance(size, int) else int(resolved(size, values)) for size in shape)


def resolved(param, values):
    """A parameter with its letters replaced by numbers."""
    if isinstance(param, sympy.Expr):
        return int(param.subs({key: values[key] for key in symbols_in(param) if key in values}))
    if isinstance(param, tuple):
        return tuple(resolved(item, values) for item in param)
    if isinstance(param, slice):
        return slice(*(resolved(part, values) for part in (param.start, param.stop, param.step)))
    return param


@lru_cache(maxsize=1)
def functions():
    """SymPy's function class -> the NumPy function of the operation that declares it."""
    found = {}
    for op in REGISTRY.values():
        if isinstance(op.sympy, str) and op.sympy != "sqrt":
            found[getattr(sympy, op.sympy)] = op.forward
    return found

"""Where float64 leaves doubt: candidate and formula worked out in many digits, else by how rounding moves them.

Imported by explain.verdict when two values differ by more than rounding usually does, and by less than a mistake.
"""

import mpmath
import numpy as np
from sympy import Add, Mul, Pow

from engine.symbols import Structure
from engine.symbols.evaluate import sizes as sizes_of
from explain.proof import in_leaves, symbolic

DIGITS = 60
SAME = 1e-30  # relative; of two results in so many digits
EXACT_STRUCTURE = ("sum", "matmul", "permute", "unsqueeze", "squeeze", "expand", "reshape", "sum_to", "mean", "cast")
JITTER = 2.0**-50


class TooHard(NotImplementedError):
    """An operation that isn't worked out in many digits here."""


def agrees(candidate, explanation, sizes, tried):
    """Whether a candidate and the formula are equal at the points where float64 can't tell."""
    doubtful = [trial for trial in tried if trial.error > 1e-9]
    sym = symbolic(candidate, explanation, sizes)
    other = in_leaves(explanation._found.main, explanation._derivation)
    mine = None if sym is None else in_leaves(sym, explanation._derivation)
    if mine is not None and other is not None:
        try:
            return all(_same(mine, other, trial.point, trial.truth.shape) for trial in doubtful)
        except (TooHard, TypeError, ValueError, ArithmeticError, AttributeError):
            pass
    return all(_within_rounding(candidate, explanation, sizes, trial) for trial in doubtful)


def _same(one, two, point, shape):
    with mpmath.workdps(DIGITS):
        left, right = (np.broadcast_to(value(sym.expr, point.env), shape) for sym in (one, two))
        gap = max((abs(a - b) for a, b in zip(left.flat, right.flat)), default=mpmath.mpf(0))
        size = max((abs(b) for b in right.flat), default=mpmath.mpf(0))
        return bool(gap <= SAME * max(size, mpmath.mpf(1e-30)))


def value(expr, env):
    """An expression's value as an array of mpmath numbers; TooHard where an operation has none.

    >>> from engine.symbols import symbol
    >>> x = symbol("x", (1,))
    >>> with mpmath.workdps(30):
    ...     print(value((x / 3).expr, {x.expr: np.array([1.0])})[0])
    0.333333333333333333333333333333
    """
    memo = {}

    def of(part):
        if part not in memo:
            memo[part] = _fresh(part)
        return memo[part]

    def _fresh(part):
        if part.is_Symbol:
            return _exact(env[part])
        if part.is_number and not isinstance(part, Structure):
            return _exact_number(part)
        if isinstance(part, Add | Mul):
            total = of(part.args[0])
            for arg in part.args[1:]:
                total = total + of(arg) if isinstance(part, Add) else total * of(arg)
            return total
        if isinstance(part, Pow):
            base, exponent = of(part.args[0]), of(part.args[1])
            return np.vectorize(mpmath.power, otypes=[object])(base, exponent)
        if isinstance(part, Structure):
            return _structure(part, [of(operand) for operand in part.operands], env)
        function = getattr(mpmath, {"Abs": "fabs", "loggamma": "loggamma"}.get(type(part).__name__,
                                                                              type(part).__name__), None)  # fmt: skip
        if function is None:
            raise TooHard(type(part).__name__)
        return np.vectorize(function, otypes=[object])(*(of(arg) for arg in part.args))

    return np.asarray(of(expr), dtype=object)


def _exact(array):
    return np.vectorize(mpmath.mpf, otypes=[object])(np.asarray(array, dtype=float))


def _exact_number(number):
    return np.array(mpmath.mpf(str(number.evalf(DIGITS + 10))), dtype=object)


def _structure(expr, operands, env):
    if expr.operation == "sigmoid":
        return np.vectorize(lambda x: 1 / (1 + mpmath.exp(-x)), otypes=[object])(operands[0])
    if expr.operation not in EXACT_STRUCTURE:
        raise TooHard(expr.operation)
    full = [np.broadcast_to(np.asarray(x, dtype=object), sizes_of(shape, env))
            for x, shape in zip(operands, expr.operand_shapes)]  # fmt: skip
    return expr.op.forward(*full, **{name: _in_numbers(param, env) for name, param in expr.params.items()})


def _in_numbers(param, env):
    from engine.symbols.evaluate import resolved

    return resolved(param, env)


def _within_rounding(candidate, explanation, sizes, trial):
    """Whether moving every input in its last digits moves the candidate by as much as it is off."""
    from explain.candidates import names_at
    from explain.tokens import InputError

    generator = np.random.default_rng(5)
    names = names_at(explanation, trial.point, sizes)
    spread = 0.0
    for _round in range(6):
        moved = {name: array * (1 + JITTER * generator.choice([-1, 1], np.shape(array)))
                 if isinstance(array, np.ndarray) and array.dtype.kind == "f" else array
                 for name, array in names.items()}  # fmt: skip
        try:
            made = candidate.on(moved)
        except InputError:
            return False
        array = np.asarray(made._node.output if hasattr(made, "_node") else made, dtype=float)
        spread = max(spread, float(np.max(np.abs(array - trial.value), initial=0.0)))
    gap = float(np.max(np.abs(np.broadcast_to(trial.value, trial.truth.shape) - trial.truth), initial=0.0))
    return gap <= 30 * spread

"""A formula at one entry, in SymPy's own index notation: Indexed, Sum, KroneckerDelta. Imported by explain.forms.

Indices count from 0. What has no spelling in indices, such as an inverse, stands as an array whose entry is taken.
"""

from dataclasses import dataclass

import numpy as np
import sympy
from sympy import Indexed, IndexedBase, KroneckerDelta, Max, Piecewise, S, Sum
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from engine.symbols import Structure, shape_of
from engine.symbols.evaluate import evaluate, functions
from explain.entry_places import PLACES, sum_over

FREE = "ijklpqrs"  # the indices of the result, then of sums


@dataclass(frozen=True)
class Entry:
    """expr is the entry at `indices`; bases: IndexedBase or Symbol -> array symbol, or the
    operation whose result it stands for."""

    expr: sympy.Expr
    indices: tuple
    shape: tuple
    bases: dict


def entry(sym):
    """One entry of an expression in array symbols.

    >>> from engine.symbols import symbol
    >>> from engine.ops.matrix import matmul
    >>> entry(matmul(symbol("A", (2, 3)), symbol("x", (3,)))).expr
    Sum(A[i, j]*x[j], (j, 0, 2))
    """
    walk = _Walk({str(atom) for atom in sym.expr.free_symbols})
    indices = tuple(walk.fresh() for _size in sym.shape)
    return Entry(walk.write(sym.expr, sym.shape, indices), indices, sym.shape, walk.bases)


class _Walk:
    def __init__(self, taken):
        self.taken = set(taken)
        self.scope = set()  # the indices in use around what is being written
        self.bases = {}

    def fresh(self):
        """An index that no variable and no index around it is called."""
        stems = [*FREE, *(f"{letter}{at}" for at in range(1, 100) for letter in FREE)]
        name = next(stem for stem in stems if stem not in self.taken | self.scope)
        self.scope.add(name)
        return sympy.Symbol(name, integer=True)

    def write(self, expr, shape, at):
        """The entry of `expr`, an array of `shape`, at indices `at`."""
        if isinstance(expr, Structure):
            have = expr.shape
            # What the expression repeats, its own axes don't have.
            inner = at[len(at) - len(have):] if have else ()
            inner = tuple(S.Zero if size == 1 else index for size, index in zip(have, inner))
            rule = RULES.get(expr.operation)
            written = None if rule is None else rule(self, expr, inner)
            if written is None and expr.operation in POINTWISE:
                written = self.pointwise(expr, inner)
            return self.whole(expr, inner) if written is None else written
        if expr.is_Symbol:
            return self.symbol(expr, at)
        if not expr.args or expr.is_number:
            return expr
        return expr.func(*(self.write(arg, shape, at) for arg in expr.args))

    def symbol(self, expr, at):
        have = shape_of(expr)
        if expr.is_integer and not have:
            return expr
        if not have:
            plain = sympy.Symbol(expr.name, real=True)
            self.bases[plain] = expr
            return plain
        base = IndexedBase(expr.name, real=True)
        self.bases[base] = expr
        inner = at[len(at) - len(have):]
        return Indexed(base, *(S.Zero if size == 1 else index for size, index in zip(have, inner)))

    def whole(self, expr, at):
        """An operation's result as an array of its own, from which the entry is taken."""
        base = IndexedBase(expr) if at else expr
        self.bases[base] = expr
        return Indexed(base, *at) if at else expr

    def operand(self, expr, which, at):
        return self.write(expr.operands[which], expr.operand_shapes[which], at)

    def pointwise(self, expr, at):
        operands = [self.aligned(expr, which, at) for which in range(len(expr.operands))]
        if expr.operation in COMPARISONS and any(one.has(Piecewise) for one in operands):
            return self.whole(expr, at)  # SymPy would solve them, or take them out of sums
        if any(one.is_number and not one.is_comparable for one in operands):
            return self.whole(expr, at)  # a number that SymPy can't work out, which it wouldn't compare
        return POINTWISE[expr.operation](*operands)

    def aligned(self, expr, which, at):
        """An operand's entry where the operation broadcasts it."""
        shape = expr.operand_shapes[which]
        inner = at[len(at) - len(shape):] if shape else ()
        return self.operand(expr, which, tuple(S.Zero if size == 1 else index for size, index in zip(shape, inner)))

    def within(self, indices, write):
        """What `write` gives while bound indices are in scope, which they leave afterwards."""
        try:
            return write()
        finally:
            self.scope -= {str(index) for index in indices}

    def summed(self, expr, which, at, dim):
        """(entry with fresh indices along `dim`, their ranges); `at` has no place for these axes."""
        shape = expr.operand_shapes[which]
        rest, full, ranges = iter(at), [], []
        for axis, size in enumerate(shape):
            if axis in dim:
                index = self.fresh()
                full.append(index)
                ranges.append((index, 0, size - 1))
            else:
                full.append(next(rest))
        bound = [index for index, _low, _high in ranges]
        return self.within(bound, lambda: self.operand(expr, which, tuple(full))), ranges


def _without(at, dim, keepdim):
    return tuple(index for axis, index in enumerate(at) if not (keepdim and axis in dim))


def _sum(walk, expr, at):
    dim, keepdim = expr.params["dim"], expr.params["keepdim"]
    inner, ranges = walk.summed(expr, 0, _without(at, dim, keepdim), dim)
    return sum_over(inner, *ranges) if ranges else inner


def _mean(walk, expr, at):
    count = S.One
    for axis in expr.params["dim"]:
        count = count * expr.operand_shapes[0][axis]
    return _sum(walk, expr, at) / count


def _matmul(walk, expr, at):
    a, b = expr.operand_shapes
    index = walk.fresh()
    batch = at[: len(at) - (len(a) > 1) - (len(b) > 1)]
    row = (at[len(batch)],) if len(a) > 1 else ()
    column = (at[-1],) if len(b) > 1 else ()

    def lead(shape):
        own = batch[len(batch) - max(len(shape) - 2, 0):] if len(shape) > 2 else ()
        return tuple(S.Zero if size == 1 else one for size, one in zip(shape, own))

    def product():
        return walk.operand(expr, 0, (*lead(a), *row, index)) * walk.operand(expr, 1, (*lead(b), index, *column))

    return sum_over(walk.within([index], product), (index, 0, a[-1] - 1))


def _outer(walk, expr, at):
    split = len(expr.operand_shapes[0])
    return walk.operand(expr, 0, at[:split]) * walk.operand(expr, 1, at[split:])


def _permute(walk, expr, at):
    dims = expr.params["dims"]
    return walk.operand(expr, 0, tuple(at[dims.index(axis)] for axis in range(len(dims))))


def _unsqueeze(walk, expr, at):
    return walk.operand(expr, 0, tuple(index for axis, index in enumerate(at) if axis not in expr.params["dim"]))


def _squeeze(walk, expr, at):
    rest = iter(at)
    rank = len(expr.operand_shapes[0])
    return walk.operand(expr, 0, tuple(S.Zero if axis in expr.params["dim"] else next(rest) for axis in range(rank)))


def _expand(walk, expr, at):
    shape = expr.operand_shapes[0]
    inner = at[len(at) - len(shape):] if shape else ()
    return walk.operand(expr, 0, tuple(S.Zero if size == 1 else index for size, index in zip(shape, inner)))


def _normaliser(walk, expr, at):
    """Σ exp(x) along the axes of a softmax."""
    dim = expr.params["dim"]
    rest = tuple(index for axis, index in enumerate(at) if axis not in dim)
    inner, ranges = walk.summed(expr, 0, rest, dim)
    return sum_over(sympy.exp(inner), *ranges)


def _softmax(walk, expr, at):
    return sympy.exp(walk.operand(expr, 0, at)) / _normaliser(walk, expr, at)


def _log_softmax(walk, expr, at):
    return walk.operand(expr, 0, at) - sympy.log(_normaliser(walk, expr, at))


def _logsumexp(walk, expr, at):
    dim, keepdim = expr.params["dim"], expr.params["keepdim"]
    inner, ranges = walk.summed(expr, 0, _without(at, dim, keepdim), dim)
    return sympy.log(sum_over(sympy.exp(inner), *ranges))


def _identity(walk, expr, at):
    return KroneckerDelta(at[-2], at[-1])


def _einsum(walk, expr, at):
    """Letters of the equation become indices; those that the output lacks are summed."""
    equation = expr.params["equation"].replace(" ", "")
    if "." in equation:
        return None
    inputs, output = equation.split("->")
    index, ranges = dict(zip(output, at)), []
    for letters, shape in zip(inputs.split(","), expr.operand_shapes):
        for letter, size in zip(letters, shape):
            if letter not in index:
                index[letter] = walk.fresh()
                ranges.append((index[letter], 0, size - 1))

    def product():
        places = [tuple(index[letter] for letter in letters) for letters in inputs.split(",")]
        return sympy.Mul(*(walk.operand(expr, which, place) for which, place in enumerate(places)))

    parts = walk.within([bound for bound, _low, _high in ranges], product)
    return sum_over(parts, *ranges) if ranges else parts


RULES = {
    "sum": _sum, "mean": _mean, "matmul": _matmul, "permute": _permute, "unsqueeze": _unsqueeze,
    "squeeze": _squeeze, "expand": _expand, "softmax": _softmax, "log_softmax": _log_softmax,
    "logsumexp": _logsumexp, "identity": _identity, "identity_like": _identity, "einsum": _einsum,
    "outer": _outer, **PLACES,
}  # fmt: skip


def _chosen(condition):
    """1 where a relation holds, else 0."""
    return Piecewise((1, condition), (0, True))


def _holds_of(value):
    """The relation that a number stands for, which is one where it holds; SymPy would try to solve it for zero."""
    if isinstance(value, Piecewise) and len(value.args) == 2 and [part for part, _when in value.args] == [1, 0]:
        return value.args[0][1]
    return sympy.Ne(value, 0)


COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
POINTWISE = {
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "logsigmoid": lambda x: -sympy.log(1 + sympy.exp(-x)),
    "relu": lambda x: Max(x, 0),
    "maximum": Max,
    "minimum": sympy.Min,
    "where": lambda condition, a, b: Piecewise((a, _holds_of(condition)), (b, True)),
    "lt": lambda a, b: _chosen(a < b),
    "le": lambda a, b: _chosen(a <= b),
    "gt": lambda a, b: _chosen(a > b),
    "ge": lambda a, b: _chosen(a >= b),
    "eq": lambda a, b: _chosen(sympy.Eq(a, b)),
    "ne": lambda a, b: _chosen(sympy.Ne(a, b)),
    "square": lambda x: x**2,
    "reciprocal": lambda x: 1 / x,
    "rsqrt": lambda x: 1 / sympy.sqrt(x),
}


# evaluation, for the certificate


def value_at(found, place, values, letters):
    """The entry at a place, from `values`: array symbol -> ndarray, by looping over every sum."""
    with np.errstate(all="ignore"):
        arrays = {base: values[array] if array in values else evaluate(array, values)
                  for base, array in found.bases.items()}  # fmt: skip
    return _value(found.expr, {**letters, **dict(zip(found.indices, place))}, arrays)


def work(found, letters):
    """About how many numbers are looked at to evaluate an entry: sums within sums multiply."""
    counts = {}

    def counted(expr):
        if expr not in counts:
            inner = expr.function if isinstance(expr, Sum) else None
            if inner is None:
                counts[expr] = 1 + sum(map(counted, expr.args))
            else:
                many = 1
                for _index, low, high in expr.limits:
                    size = sympy.sympify(high - low).subs(letters)
                    many *= int(size) + 1 if size.is_Integer else 2
                counts[expr] = 1 + many * counted(inner)
        return counts[expr]

    return counted(found.expr)


def _value(expr, env, arrays):
    if expr in env:
        return env[expr]
    if expr in arrays:
        return float(arrays[expr])
    if isinstance(expr, Indexed):
        return float(arrays[expr.base][tuple(int(_value(index, env, arrays)) for index in expr.indices)])
    if isinstance(expr, Sum):
        return _summed(expr.function, expr.limits, env, arrays)
    if isinstance(expr, KroneckerDelta):
        return float(_value(expr.args[0], env, arrays) == _value(expr.args[1], env, arrays))
    if isinstance(expr, Piecewise):
        for part, condition in expr.args:
            if condition == True or _holds(condition, env, arrays):  # noqa: E712  (SymPy's true)
                return _value(part, env, arrays)
    if isinstance(expr, (Relational, BooleanFunction, BooleanAtom)):
        return float(_holds(expr, env, arrays))
    if expr.is_number:
        return float(expr) if expr.is_extended_real else float("nan")
    args = [_value(arg, env, arrays) for arg in expr.args]
    if expr.is_Add:
        return sum(args)
    if expr.is_Mul:
        return float(np.prod(args))
    with np.errstate(all="ignore"):
        if expr.is_Pow:
            return float(np.float64(args[0]) ** args[1])
        if isinstance(expr, Max):
            return max(args)
        if isinstance(expr, sympy.Min):
            return min(args)
        return float(functions()[type(expr)](*args))


def _summed(term, limits, env, arrays):
    """The sum of a term; the last limits are the outermost, on whose index the others may depend."""
    if not limits:
        return _value(term, env, arrays)
    index, low, high = limits[-1]
    places = range(int(_value(low, env, arrays)), int(_value(high, env, arrays)) + 1)
    return sum(_summed(term, limits[:-1], {**env, index: place}, arrays) for place in places)


def _holds(condition, env, arrays):
    if isinstance(condition, (sympy.And, sympy.Or, sympy.Not)):  # of nested brackets SymPy makes one
        held = [_holds(part, env, arrays) for part in condition.args]
        return not held[0] if isinstance(condition, sympy.Not) else (any, all)[isinstance(condition, sympy.And)](held)
    if condition in (sympy.true, sympy.false):
        return condition is sympy.true
    if isinstance(condition, sympy.ITE):
        test, yes, no = condition.args
        return _holds(yes if _holds(test, env, arrays) else no, env, arrays)
    left, right = (_value(arg, env, arrays) for arg in condition.args)
    tests = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right, "==": left == right}
    return tests.get(condition.rel_op, left != right)

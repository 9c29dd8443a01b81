"""Contractions of symbols as the matrix products, sums and Hadamard products that they are, where they are.

Imported by engine.ops.contraction.
"""

from functools import reduce
from operator import mul

from engine.op import REGISTRY
from engine.ops.matrix import matmul, outer
from engine.ops.reduction import sum_
from engine.ops.shape import permute, unsqueeze


def contraction_form(operands, inputs, out):
    """A contraction in simpler operations, two operands at a time; None where it has to stay one."""
    scalars, operands = zip(*(operand.split_scalar() for operand in operands))
    made = _contracted(list(operands), list(inputs), out)
    given = [scalar for scalar in scalars if scalar is not None]
    if made is None and given:
        made = REGISTRY["einsum"](*operands, equation=f"{','.join(inputs)}->{out}")
    return None if made is None else reduce(mul, given, made)


def _contracted(operands, inputs, out):
    uniform = next((at for at, operand in enumerate(operands) if operand.uniform), None)
    if uniform is not None:
        return _without(uniform, operands, inputs, out)
    while len(operands) > 1:
        a, b, *others = operands
        needed = set(out).union(*inputs[2:])
        kept = out if not others else "".join(i for i in dict.fromkeys(inputs[0] + inputs[1]) if i in needed)
        made = _pair(a, inputs[0], b, inputs[1], kept)
        if made is None:
            return None
        if made.uniform or made.split_scalar()[0] is not None:
            return REGISTRY["einsum"](made, *others, equation=f"{','.join([kept, *inputs[2:]])}->{out}")
        operands, inputs = [made, *others], [kept, *inputs[2:]]
    return _ordered(*_summed(operands[0], inputs[0], out), out)


def _without(at, operands, inputs, out):
    """An operand whose entries are all the same is a factor; indices that it alone has count, or repeat."""
    operand, own = operands[at], inputs[at]
    others = [(x, indices) for place, (x, indices) in enumerate(zip(operands, inputs)) if place != at]
    known = set().union(*(indices for _x, indices in others))
    factor = operand.filled(operand.expr, ())
    for index, size in zip(own, operand.shape):
        if index not in known and index not in out:
            factor = factor * size
    shape = REGISTRY["einsum"].shape(*(x.shape for x in operands), equation=f"{','.join(inputs)}->{out}")
    if not others:
        return factor.filled(factor.expr, shape)
    kept = "".join(index for index in out if index in known)
    rest = REGISTRY["einsum"](*(x for x, _i in others), equation=f"{','.join(i for _x, i in others)}->{kept}")
    made = _spread(rest, kept, out) * factor
    return made.filled(made.expr, shape)


def _summed(x, indices, kept):
    alone = tuple(at for at, index in enumerate(indices) if index not in kept)
    if not alone:
        return x, indices
    return sum_(x, dim=alone, keepdim=False), "".join(index for index in indices if index in kept)


def _ordered(x, indices, out):
    return permute(x, dims=tuple(indices.index(index) for index in out))


def _spread(x, indices, out):
    """x in the order of `out`, with axes of size one for what it lacks; those in front broadcast by themselves."""
    x = _ordered(x, indices, [index for index in out if index in indices])
    first = next((at for at, index in enumerate(out) if index in indices), len(out))
    missing = tuple(at - first for at, index in enumerate(out) if at > first and index not in indices)
    return unsqueeze(x, dim=missing) if missing else x


def _pair(a, a_indices, b, b_indices, out):
    a, a_indices = _summed(a, a_indices, b_indices + out)
    b, b_indices = _summed(b, b_indices, a_indices + out)
    shared = [index for index in a_indices if index in b_indices]
    batch = [index for index in shared if index in out]
    summed = [index for index in shared if index not in out]
    rows = [index for index in a_indices if index not in b_indices]
    columns = [index for index in b_indices if index not in a_indices]
    if not summed:
        return _hadamard(a, a_indices, b, b_indices, out)
    if a.ndim == b.ndim == 1:
        return matmul(a, b)
    if not rows and not columns:
        both = "".join([*batch, *summed])
        return _ordered(*_summed(_ordered(a, a_indices, both) * _ordered(b, b_indices, both), both, out), out)
    if len(summed) > 1 or len(rows) > 1 or len(columns) > 1:
        return None
    if batch and not (rows and columns):
        return None
    if rows and columns and out.index(columns[0]) < out.index(rows[0]):
        a, a_indices, b, b_indices, rows, columns = b, b_indices, a, a_indices, columns, rows
    left, right = _ordered(a, a_indices, batch + rows + summed), _ordered(b, b_indices, batch + summed + columns)
    return _ordered(matmul(left, right), "".join(batch + rows + columns), out)


def _hadamard(a, a_indices, b, b_indices, out):
    if len(a_indices) == len(b_indices) == 1 and a_indices != b_indices:
        return outer(a, b) if out == a_indices + b_indices else outer(b, a)
    return _spread(a, a_indices, out) * _spread(b, b_indices, out)

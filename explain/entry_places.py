"""Entries of operations that pick, place or accumulate: slices, triangles, diagonals, running sums.

Each rule gets what walks the formula (explain.entries), the expression and the indices of its entry; None where it has
no spelling for these parameters.
"""

import sympy
from sympy import KroneckerDelta, Piecewise, S, Sum


def sum_over(inner, *ranges):
    """Σ of an entry over indices; an error where SymPy would get it wrong.

    SymPy takes conditions out of a sum, and out of sums within it, even where these bind an index of the condition.
    """
    bound = {index for index, _low, _high in ranges}
    for total in inner.atoms(Sum):
        own = {limit[0] for limit in total.limits}
        if any(part.has(*bound) and part.has(*own) for part in total.function.atoms(Piecewise)):
            raise NotImplementedError(
                "a sum over brackets that a sum within it binds has no entries here, since SymPy takes conditions out "
                "of sums that they depend on; use .expanded or .code()"
            )
    return Sum(inner, *ranges)


def running_sum(walk, expr, at):
    dim, size = expr.params["dim"], expr.operand_shapes[0][expr.params["dim"]]
    index = walk.fresh()
    ends = (index, at[dim], size - 1) if expr.params["reverse"] else (index, 0, at[dim])
    inner = walk.within([index], lambda: walk.operand(expr, 0, (*at[:dim], index, *at[dim + 1:])))
    return sum_over(inner, ends)


def lower_triangle(walk, expr, at):
    return Piecewise((walk.operand(expr, 0, at), at[-1] <= at[-2] + expr.params["diagonal"]), (0, True))


def upper_triangle(walk, expr, at):
    return Piecewise((walk.operand(expr, 0, at), at[-1] >= at[-2] + expr.params["diagonal"]), (0, True))


def reversed_axes(walk, expr, at):
    shape = expr.operand_shapes[0]
    turned = (shape[axis] - 1 - one if axis in expr.params["dims"] else one for axis, one in enumerate(at))
    return walk.operand(expr, 0, tuple(turned))


def diagonal(walk, expr, at):
    offset = expr.params["offset"]
    return walk.operand(expr, 0, (*at[:-1], at[-1] + max(0, -offset), at[-1] + max(0, offset)))


def on_the_diagonal(walk, expr, at):
    """x_(i, i + offset) on an array that has as many rows, or as many columns, as x has entries."""
    offset, count = expr.params["offset"], expr.operand_shapes[0][-1]
    rows, columns = expr.params["size"][-2:]
    if not (rows == count and offset >= 0 or columns == count and offset <= 0):
        return None
    place = at[-2] if rows == count and offset >= 0 else at[-1]
    return walk.operand(expr, 0, (*at[:-2], place)) * KroneckerDelta(at[-2] + max(0, offset), at[-1] + max(0, -offset))


def trace(walk, expr, at):
    rows, columns = expr.operand_shapes[0]
    if rows != columns:
        return None
    index = walk.fresh()
    return sum_over(walk.within([index], lambda: walk.operand(expr, 0, (index, index))), (index, 0, rows - 1))


def norm(walk, expr, at):
    """The Euclidean norm; others are written as they are."""
    dim, keepdim = expr.params["dim"], expr.params["keepdim"]
    if expr.params["ord"] != 2:
        return None
    rest = tuple(index for axis, index in enumerate(at) if not (keepdim and axis in dim))
    inner, ranges = walk.summed(expr, 0, rest, dim)
    return sympy.sqrt(sum_over(inner**2, *ranges)) if ranges else sympy.Abs(inner)


def part_of_array(walk, expr, at):
    """x[key], where the key picks by integers and slices."""
    taken = _by_axis(expr.params["key"], expr.operand_shapes[0])
    if taken is None:
        return None
    rest = iter(at)
    places = (place if start is None else start + step * next(rest) for place, start, step in taken)
    return walk.operand(expr, 0, tuple(places))


def among_zeros(walk, expr, at):
    """y[key] = x, where the key picks whole axes and single places of others."""
    taken = _by_axis(expr.params["key"], expr.params["size"])
    if taken is None or any(item is not None and start is not None for item, start, _step in taken):
        return None
    inner = tuple(one for one, (_item, start, _step) in zip(at, taken) if start is not None)
    placed = (KroneckerDelta(one, item) for one, (item, start, _step) in zip(at, taken) if start is None)
    return sympy.Mul(walk.operand(expr, 0, inner), *placed)


def _by_axis(key, shape):
    """For each axis: (place, None, None), (None, 0, 1) of a whole one, (size, start, step) of one that a slice cuts.

    None for keys that hold anything else.
    """
    if any(item is not Ellipsis and not isinstance(item, int | slice) or isinstance(item, bool) for item in key):
        return None
    if Ellipsis in key:
        at = key.index(Ellipsis)
        key = (*key[:at], *[slice(None)] * (len(shape) - len(key) + 1), *key[at + 1:])
    key = (*key, *[slice(None)] * (len(shape) - len(key)))
    found = []
    for item, size in zip(key, shape):
        if isinstance(item, int):
            found.append((S(item) if item >= 0 else size + item, None, None))
        elif item == slice(None):
            found.append((None, 0, 1))
        elif isinstance(size, int):
            start, _stop, step = item.indices(size)
            found.append((size, start, step))
        else:
            return None
    return found


def one_of_several(walk, expr, at):
    """The entry of a stack: of the operand at the index along the new axis."""
    dim = expr.params["dim"]
    rest = (*at[:dim], *at[dim + 1:])
    return sympy.Add(*(KroneckerDelta(at[dim], S(which)) * walk.operand(expr, which, rest)
                       for which in range(len(expr.operands))))  # fmt: skip


PLACES = {
    "cumsum": running_sum, "tril": lower_triangle, "triu": upper_triangle, "flip": reversed_axes,
    "diagonal": diagonal, "diag_embed": on_the_diagonal, "trace": trace, "vector_norm": norm,
    "getitem": part_of_array, "put_slice": among_zeros, "stack": one_of_several,
}  # fmt: skip

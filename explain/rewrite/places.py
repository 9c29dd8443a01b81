"""Passes over operations that take entries or put them elsewhere: slices, new axes, reshapes, overwritten parts."""

from sympy import Add, Mul

from engine.ops.indexing import getitem
from engine.ops.reduction import sum_
from engine.ops.shape import reshape, unsqueeze
from engine.symbols import Structure, Sym, shape_of
from engine.symbols.substitute import product_of
from explain.cost import cost
from explain.rewrite.axes import dropped, operand, squeezed
from explain.rewrite.terms import constant_along, terms, total
from explain.rewrite.walk import proposal, rule, through

ALL = slice(None)


def new_axes(key):
    """The places of None in a key that has only whole slices besides, else None."""
    if not all(item is None or item is Ellipsis or item == ALL for item in key) or None not in key:
        return None
    return tuple(at for at, item in enumerate(key) if item is None) if Ellipsis not in key else None


@rule("getitem", name="axes of size one", reason="x[:, None] is x with an axis of size one", quiet=True)
def new_axis(expr, _facts):
    at = new_axes(expr.params["key"])
    return None if at is None else unsqueeze(operand(expr), dim=at).expr


@rule("put_slice", name="axes of size one", reason="x[:, None] takes an axis of size one away again", quiet=True)
def old_axis(expr, _facts):
    at = new_axes(expr.params["key"])
    return None if at is None else squeezed(operand(expr), at).expr


def only_entries(key, shape):
    """The axes of size one of which a key takes the only entry, if it takes all others whole; else None."""
    if len(key) > len(shape) or any(item is None or item is Ellipsis for item in key):
        return None
    at = tuple(axis for axis, item in enumerate(key) if item != ALL)
    return at if at and all(key[axis].__class__ is int and shape[axis] == 1 for axis in at) else None


@rule("getitem", name="axes of size one", reason="an axis of size one has one entry", quiet=True)
def only_entry_taken(expr, _facts):
    """x[:, 0] of one column is x without that axis."""
    x = operand(expr)
    at = only_entries(expr.params["key"], x.shape)
    return None if at is None else squeezed(x, at).expr


@rule("put_slice", name="axes of size one", reason="an axis of size one has one entry", quiet=True)
def only_entry_put(expr, _facts):
    at = only_entries(expr.params["key"], expr.params["size"])
    return None if at is None else unsqueeze(operand(expr), dim=at).expr


@rule("reshape", name="reshape", quiet=True, reason="two reshapes are one, or none if the shape is the old one")
def reshaped_again(expr, _facts):
    x = operand(expr)
    while x.operation == "reshape" and x.expr.shape == x.shape:
        x = x.operands[0]
    if x.shape == expr.shape:
        return x.expr
    return reshape(x, size=expr.shape).expr if x.expr != expr.operands[0] else None


@rule("reshape", name="reshape", reason="axes of size one come and go", quiet=True)
def reshaped_by_ones(expr, _facts):
    """A reshape that only adds axes of size one, or only drops them."""
    x, after = operand(expr), expr.shape
    if tuple(size for size in x.shape if size != 1) != tuple(size for size in after if size != 1):
        return None
    if 1 not in x.shape:
        return unsqueeze(x, dim=tuple(at for at, size in enumerate(after) if size == 1)).expr
    if 1 not in after:
        return squeezed(x, tuple(at for at, size in enumerate(x.shape) if size == 1)).expr
    return None


@proposal("getitem", name="part of an array", reason="a part of a sum or product is the sum or product of the parts")
def taken_part_by_part(expr, _facts):
    """f(x, y)[key] = f(x[key], y[key]) for what works entry by entry."""
    x, key = operand(expr), expr.params["key"]
    return through(x.expr, lambda part: getitem(Sym(part, x.shape), key=key).expr)


@proposal("squeeze", "unsqueeze", name="axes of size one", reason="moved to the parts", quiet=True)
def ones_part_by_part(expr, _facts):
    x, dim = operand(expr), expr.params["dim"]
    move = unsqueeze if expr.operation == "unsqueeze" else lambda x, dim: squeezed(x, dim)
    return through(x.expr, lambda part: move(Sym(part, x.shape), dim=dim).expr)


@rule("*", name="entries among zeros", reason="what multiplies zeros doesn't matter", of=("put_slice",))
def times_put(expr, _facts):
    """a ⊙ put(v, key) = put(a[key] ⊙ v, key) where a[key] cancels."""
    for at, part in enumerate(expr.args):
        if isinstance(part, Structure) and part.operation == "put_slice" and part.shape == shape_of(expr):
            others = [other for index, other in enumerate(expr.args) if index != at and shape_of(other)]
            plain = [other for index, other in enumerate(expr.args) if index != at and not shape_of(other)]
            if not others:
                continue
            value, key = operand(part), part.params["key"]
            taken = getitem(Sym(product_of(others), part.shape), key=key)
            inner = Sym(product_of([taken.expr, value.expr]), value.shape)
            out = product_of([*plain, part.op(inner, **part.params).expr])
            if cost(out) < cost(expr):
                return out
    return None


@rule("sum", name="entries among zeros", reason="zeros add nothing to a sum")
def sum_of_put(expr, _facts):
    """Σ put(v, key) along axes is v, summed along those of them that v has too."""
    x, dim = operand(expr), expr.params["dim"]
    if x.operation != "put_slice" or x.expr.shape != x.shape:
        return None
    value, key, rank = x.operands[0], x.params["key"], len(x.shape)
    if any(item is None or item is Ellipsis for item in key):
        return None
    key = (*key, *[ALL] * (rank - len(key)))
    if any(key[at] != ALL for at in range(rank) if at not in dim):
        return None
    axes = [at for at in range(rank) if isinstance(key[at], slice)]  # those that v has
    summed = tuple(axes.index(at) for at in dim if at in axes)
    out = sum_(value, dim=summed, keepdim=False) if summed else value
    if expr.params["keepdim"]:
        out = unsqueeze(out, dim=tuple(dim))
    return out.expr


@rule("set_slice", name="overwritten part", reason="what is overwritten twice is what was written last")
def overwritten_twice(expr, _facts):
    x, value = Sym(expr.operands[0], expr.operand_shapes[0]), Sym(expr.operands[1], expr.operand_shapes[1])
    if x.operation == "set_slice" and x.params["key"] == expr.params["key"]:
        return expr.op(x.operands[0], value, key=expr.params["key"]).expr
    zero = value.expr == 0
    for factor in Mul.make_args(x.expr):
        if zero and isinstance(factor, Structure) and factor.operation == "set_slice" and factor.operands[1] == 0 and (
            factor.params["key"] == expr.params["key"] and factor.shape == x.shape
        ):  # fmt: skip
            return x.expr  # zero there already
    return None


def apart(x, dim):
    """(what varies along axes, what doesn't) of a sum."""
    rank = len(x.shape)
    varying, same = {}, {}
    for term, number in terms(x.expr).items():
        constant = all(constant_along(term, rank, at) for at in dim)
        (same if constant else varying)[term] = number
    return total(varying), total(same)


@rule("softmax", "log_softmax", name="shift", reason="a softmax is the same if a constant is added along its axis")
def shifted_softmax(expr, _facts):
    x, dim = operand(expr), expr.params["dim"]
    varying, same = apart(x, dim if isinstance(dim, tuple) else (dim,))
    if same == 0 or varying == 0:
        return None
    return expr.op(Sym(varying, x.shape), dim=dim).expr


@rule("logsumexp", name="shift", reason="logsumexp(z + c) is logsumexp(z) + c")
def shifted_logsumexp(expr, _facts):
    x, dim, keepdim = operand(expr), expr.params["dim"], expr.params["keepdim"]
    varying, same = apart(x, dim)
    if same == 0 or varying == 0:
        return None
    rest = expr.op(Sym(varying, x.shape), dim=dim, keepdim=keepdim)
    return Add(rest.expr, dropped(Sym(same, x.shape), dim, keepdim).expr)



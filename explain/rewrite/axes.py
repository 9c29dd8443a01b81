"""Passes over sums along axes, and over operations that only move entries.

An operand's shape as a value is kept by the node around it, so whatever only repeats entries can go.
"""

from sympy import Add, Mul, S

from engine.op import REGISTRY
from engine.ops.fitting import spread_axes
from engine.ops.reduction import mean, sum_
from engine.ops.shape import permute, squeeze, unsqueeze
from engine.symbols import Structure, Sym, shape_of
from engine.symbols.substitute import product_of
from explain.rewrite.collect import multiplied_out
from explain.rewrite.terms import constant_along, powers, product, scaled, terms, total
from explain.rewrite.walk import proposal, rebuild, rule, through


def operand(expr):
    """The first operand of a node, with its shape as a value."""
    return Sym(expr.operands[0], expr.operand_shapes[0])


@rule("expand", name="repetition", reason="repeating entries changes no value", quiet=True)
def repeated(expr, _facts):
    return expr.operands[0]


@rule("cast", name="dtype", reason="another float dtype changes no value", quiet=True)
def recast(expr, _facts):
    return expr.operands[0] if getattr(expr.params["dtype"], "kind", "f") == "f" else None


@rule("clone", "contiguous", "detach", name="copy", reason="a copy has the same values", quiet=True)
def copied(expr, _facts):
    return expr.operands[0]


def reduction(expr):
    """Whether an expression is a sum or a mean over axes."""
    return isinstance(expr, Structure) and expr.operation in ("sum", "mean")


@rule("*", name="mean", reason="a sum over n entries divided by n is their mean", quiet=True, of=("sum", "mean"))
def averaged(expr, _facts):
    """(1/n) Σ x is the mean, and n times a mean the sum, where that leaves no other number."""
    for part in expr.args:
        if not reduction(part):
            continue
        number, found = powers(expr)
        if found.get(part) != 1:
            continue
        x = operand(part)
        size, letters = powers(entries(x.shape, part.params["dim"]))
        if part.operation == "mean":
            size, letters = 1 / size, {letter: -exponent for letter, exponent in letters.items()}
        rest = {base: exponent for base, exponent in found.items() if base != part}
        met = all(found.get(letter, S.Zero) * exponent < 0 for letter, exponent in letters.items())
        if not met or not (letters and size == 1) and (abs(number * size) != 1 or size == 1):
            continue
        for letter, exponent in letters.items():
            rest[letter] = rest.get(letter, S.Zero) + exponent
        other = (sum_ if part.operation == "mean" else mean)(x, **part.params).expr
        if other in rest:
            continue
        rest[other] = S.One
        return product(number * size, {base: exponent for base, exponent in rest.items() if exponent != 0})
    return None


def entries(shape, dim):
    count = S.One
    for at in dim:
        count = count * shape[at]
    return count


@rule("sum_to", name="sum over repeated axes", reason="what was repeated is summed", quiet=True)
def summed_to(expr, _facts):
    x = operand(expr)
    return fitted(x, expr.shape).expr


def fitted(x, size):
    """x summed over the axes that `size` lacks or has as one, as sums over named axes."""
    dims = spread_axes(x.shape, size)
    if not dims:
        return x
    extra = len(x.shape) - len(size)
    if all(dim < extra for dim in dims):
        return sum_(x, dim=dims, keepdim=False)
    if not extra:
        return sum_(x, dim=dims, keepdim=True)
    inner = tuple(dim for dim in dims if dim >= extra)
    kept = sum_(x, dim=inner, keepdim=True)
    return sum_(kept, dim=tuple(range(extra)), keepdim=False)


def dropped(x, dims, keepdim):
    """x, which is the same all along `dims`, without those axes, or with them as ones."""
    thin = Sym(x.expr, tuple(1 if at in dims else size for at, size in enumerate(x.shape)))
    return thin if keepdim else squeezed(thin, dims)


def squeezed(x, dims):
    """x without axes of size one; nothing to do where its expression lacks them anyway."""
    rank = len(x.shape)
    shape = tuple(size for at, size in enumerate(x.shape) if at not in dims)
    missing = rank - len(shape_of(x.expr))
    if all(dim < missing for dim in dims):
        return Sym(x.expr, shape)
    if x.made_by(unsqueeze) and x.params["dim"] == tuple(dims) and x.expr.shape == x.shape:
        return x.operands[0]
    return squeeze(x, dim=tuple(dims))


@rule("sum", "mean", name="constant along the axis", quiet=True,
      reason="a sum of equal entries is their number times one")  # fmt: skip
def sum_of_constant(expr, _facts):
    """Σ c = n c over axes along which c doesn't vary, and the mean is c."""
    reduce = expr.op
    x, dim, keepdim = operand(expr), expr.params["dim"], expr.params["keepdim"]
    rank = len(x.shape)
    flat = tuple(at for at in dim if constant_along(x.expr, rank, at))
    if not flat:
        return None
    count = entries(x.shape, flat) if reduce is sum_ else S.One
    thin = Sym(x.expr, tuple(1 if at in flat else size for at, size in enumerate(x.shape)))
    rest = tuple(at for at in dim if at not in flat)
    if not rest:
        out = dropped(x, flat, keepdim)
    elif keepdim:
        out = reduce(thin, dim=rest, keepdim=True)
    else:
        lower = tuple(at - sum(gone < at for gone in flat) for at in rest)
        out = reduce(squeezed(thin, flat), dim=lower, keepdim=False)
    return times_size(count, out.expr)


def times_size(count, expr):
    return scaled(count, expr) if count.is_Number else count * expr


@rule("sum", "mean", name="sum of all", quiet=True,
      reason="a sum over all axes is one number, with axes of size one or without")  # fmt: skip
def whole_sum(expr, _facts):
    x = operand(expr)
    if not expr.params["keepdim"] or len(expr.params["dim"]) != len(x.shape):
        return None
    return expr.op(x, dim=expr.params["dim"], keepdim=False).expr


@rule("sum", "mean", name="constant factor", reason="what is constant along the axis moves out of the sum", quiet=True)
def factor_out_of_sum(expr, _facts):
    """Σ c x = c Σ x where c doesn't vary along the axes."""
    x, dim, keepdim = operand(expr), expr.params["dim"], expr.params["keepdim"]
    if not x.expr.is_Mul:
        return None
    rank = len(x.shape)
    outer = [part for part in x.expr.args if all(constant_along(part, rank, at) for at in dim)]
    if not outer:
        return None
    inner = [part for part in x.expr.args if part not in outer]
    if not inner:
        return None
    front = dropped(Sym(product_of(outer), x.shape), dim, keepdim)
    rest = expr.op(Sym(product_of(inner), x.shape), dim=dim, keepdim=keepdim)
    return product_of([front.expr, rest.expr])




@rule("sum", "mean", name="known sum", reason="")
def known_sum(expr, facts):
    """Σ x where a definition or an assumption tells it: rows of a softmax, centred values, one-hot rows."""
    x = operand(expr)
    value, reason = facts.sum_of(x, expr.params["dim"])
    if value is None:
        return None
    return (value if expr.op is sum_ else value / entries(x.shape, expr.params["dim"])), reason


@rule("sum", name="one-hot rows", reason="a one-hot array sums to one along its axis")
def sum_of_indicator(expr, _facts):
    inner = expr.operands[0]
    if not (isinstance(inner, Structure) and inner.operation == "indicator" and inner.shape == expr.operand_shapes[0]):
        return None
    dim = inner.params["dim"]
    if dim not in expr.params["dim"]:
        return None
    rest = tuple(at for at in expr.params["dim"] if at != dim)
    return S.One * entries(inner.shape, rest)


@rule("ungather", name="one-hot rows", quiet=True, reason="one number put at one place of each row is a one-hot array")
def ungather_of_constant(expr, _facts):
    """The same number added at one index of each row: number · one_hot(index)."""
    x, index, dim = operand(expr), Sym(expr.operands[1], expr.operand_shapes[1]), expr.params["dim"]
    if not x.uniform or index.shape[dim] != 1 or dim != len(index.shape) - 1:
        return None
    rows = squeezed(index, (dim,))
    same = index.shape[:dim] == expr.params["size"][:dim]
    found = REGISTRY["indicator"](rows, dim=dim, size=expr.params["size"][dim])
    return product_of([x.expr, found.expr]) if same else None


@rule("sum", "mean", name="sum of a sum", reason="two sums are one over both sets of axes", quiet=True)
def sum_of_sum(expr, _facts):
    inner = expr.operands[0]
    same = isinstance(inner, Structure) and inner.operation == expr.operation
    if not same or shape_of(inner) != expr.operand_shapes[0]:
        return None
    x, before = operand(inner), inner.params["dim"]
    kept = [at for at in range(len(x.shape)) if inner.params["keepdim"] or at not in before]
    dims = {kept[at] for at in expr.params["dim"]} | set(before)
    if inner.params["keepdim"] == expr.params["keepdim"]:
        return expr.op(x, dim=tuple(sorted(dims)), keepdim=inner.params["keepdim"]).expr
    return None


@rule("sum", "mean", name="order of entries", reason="a sum doesn't depend on the order of its entries", quiet=True)
def sum_of_moved(expr, _facts):
    """Over all axes, a permutation or reshape inside a sum changes nothing."""
    inner = expr.operands[0]
    whole = len(expr.params["dim"]) == len(expr.operand_shapes[0])
    moved = isinstance(inner, Structure) and inner.operation in ("permute", "reshape")
    if not (moved and whole and not expr.params["keepdim"] and inner.shape == expr.operand_shapes[0]):
        return None
    x = operand(inner)
    return expr.op(x, dim=tuple(range(len(x.shape))), keepdim=False).expr


@proposal("sum", "mean", name="sum of terms", reason="a sum of several terms is the sum of their sums")
def split_sum(expr, _facts):
    x = operand(expr)
    if not x.expr.is_Add:
        return None
    return Add(*(scaled(number, expr.op(Sym(term, x.shape), **expr.params).expr) for term, number in
                    terms(x.expr).items()))  # fmt: skip


@proposal("sum", "mean", name="sum of terms", reason="a product with a sum is multiplied out")
def split_product(expr, facts):
    """Σ (a + b) c = Σ a c + Σ b c."""
    x = operand(expr)
    if not x.expr.is_Mul:
        return None
    spread = multiplied_out(x.expr)
    if not spread.is_Add:
        return None
    return Add(*(scaled(number, expr.op(Sym(term, x.shape), **expr.params).expr) for term, number in
                    terms(spread).items()))  # fmt: skip


@proposal("+", name="sum of terms", reason="sums over the same axes are one sum", quiet=True, of=("sum", "mean"))
def merged_sums(expr, _facts):
    """c Σ a + c Σ b = c Σ (a + b)."""
    groups = {}
    for term, number in terms(expr).items():
        rest, sums = [], []
        for part in Mul.make_args(term):
            (sums if reduction(part) else rest).append(part)
        if len(sums) == 1:
            key = (tuple(rest), sums[0].operation, sums[0].args[-1])
            groups.setdefault(key, []).append((term, number, sums[0]))
    found = next((group for group in groups.items() if len(group[1]) > 1), None)
    if found is None:
        return None
    (rest, _op, _setting), members = found
    others = {term: number for term, number in terms(expr).items() if term not in {term for term, _n, _s in members}}
    one = members[0][2]
    inside = total({part.operands[0]: number for _term, number, part in members})
    merged = one.op(Sym(inside, one.operand_shapes[0]), **one.params).expr
    return Add(*[total(others), product_of([*rest, merged])])


# axes of size one


@rule("unsqueeze", name="axes of size one", reason="leading axes of size one change no value", quiet=True)
def unsqueezed(expr, _facts):
    """Leading axes are implied; an axis that was dropped comes back."""
    x, dim = operand(expr), expr.params["dim"]
    rank = len(expr.shape)
    have = len(shape_of(x.expr))
    kept = [at for at in range(rank) if at not in dim]
    first = kept[len(kept) - have] if have else rank
    inner = tuple(at for at in dim if at >= first)
    if not inner:
        return x.expr
    if isinstance(x.expr, Structure):
        if x.expr.operation == "squeeze" and x.expr.params["dim"] == dim and x.expr.shape == x.shape:
            return x.expr.operands[0]
        if reduction(x.expr) and not x.expr.params["keepdim"] and x.expr.params["dim"] == dim:
            inside = operand(x.expr)
            if len(inside.shape) == rank:
                return x.expr.op(inside, dim=dim, keepdim=True).expr
    return None


@proposal("unsqueeze", "squeeze", name="axes of size one", reason="moved to the parts", quiet=True)
def spread_over_parts(expr, _facts):
    """The axes of each part of a sum or product, where a part then loses them."""
    x = operand(expr)
    if not (x.expr.is_Add or x.expr.is_Mul or x.expr.is_Pow):
        return None
    move = unsqueeze if expr.operation == "unsqueeze" else squeezed_by
    parts = []
    for part in x.expr.args:
        if not shape_of(part):
            parts.append(part)
        else:
            parts.append(move(Sym(part, x.shape), dim=expr.params["dim"]).expr)
    return rebuild(x.expr, parts)


def squeezed_by(x, dim):
    return squeezed(x, dim)


@proposal("*", name="axes of size one", reason="factors with the same new axes are one", quiet=True, of=("unsqueeze",))
def gathered(expr, _facts):
    """a[:, None] ⊙ b[:, None] = (a ⊙ b)[:, None], where something may cancel."""
    number, found = powers(expr)
    groups = {}
    for base in found:
        if isinstance(base, Structure) and base.operation == "unsqueeze":
            groups.setdefault(base.args[-1], []).append(base)
    members = next((group for group in groups.values() if len(group) > 1), None)
    if members is None:
        return None
    inside = Mul(*(base.operands[0] ** found[base] for base in members))
    one = unsqueeze(Sym(inside, members[0].operand_shapes[0]), **members[0].params).expr
    rest = product(number, {base: exponent for base, exponent in found.items() if base not in members})
    return product_of([rest, one])


@rule("squeeze", name="axes of size one", reason="axes of size one change no value", quiet=True)
def squeeze_of(expr, _facts):
    x, dim = operand(expr), expr.params["dim"]
    missing = len(x.shape) - len(shape_of(x.expr))
    if all(at < missing for at in dim):
        return x.expr
    inner = x.expr
    if isinstance(inner, Structure) and inner.shape == x.shape:
        if inner.operation == "unsqueeze" and inner.params["dim"] == dim:
            return inner.operands[0]
        if reduction(inner) and inner.params["keepdim"] and set(inner.params["dim"]) == set(dim):
            return inner.op(operand(inner), dim=dim, keepdim=False).expr
    return None


@rule("permute", name="transpose", reason="the transpose of a product, of a vector, or of equal rows", quiet=True)
def permuted(expr, facts):
    """Transposes pushed in: (A B)ᵀ = Bᵀ Aᵀ; rows that are all equal become columns."""
    x, dims = operand(expr), expr.params["dims"]
    rank = len(dims)
    if facts.symmetric(x) and dims == (*range(rank - 2), rank - 1, rank - 2):
        return x.expr
    if rank != 2 or not shape_of(x.expr):
        return None
    if len(shape_of(x.expr)) == 1:
        return unsqueeze(Sym(x.expr, (x.shape[1],)), dim=(1,)).expr
    thin = Sym(x.expr, shape_of(x.expr))
    return permute(thin, dims=dims).expr if thin.shape != x.shape else None


@proposal("permute", name="transpose", reason="(A + B)ᵀ = Aᵀ + Bᵀ, and part by part in ⊙", quiet=True)
def permuted_parts(expr, _facts):
    x, dims = operand(expr), expr.params["dims"]
    return through(x.expr, lambda part: permute(Sym(part, x.shape), dims=dims).expr)

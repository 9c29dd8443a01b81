"""Passes over matrix products: vectors, outer products, scaled rows, shared factors, sums that are products."""

from sympy import Add, Mul, S

from engine.ops.inverse import inv
from engine.ops.matrix import matmul, outer
from engine.ops.reduction import sum_
from engine.ops.shape import squeeze, swap_last, unsqueeze
from engine.symbols import Structure, Sym, shape_of
from engine.symbols.substitute import product_of
from explain.cost import cost
from explain.rewrite.axes import squeezed
from explain.rewrite.collect import multiplied_out
from explain.rewrite.terms import constant_along, scaled, terms, varies
from explain.rewrite.walk import proposal, rule, walk


def operands(expr):
    """The operands of a node, with their shapes as values."""
    return [Sym(each, shape) for each, shape in zip(expr.operands, expr.operand_shapes)]


def plain(a, b):
    """Whether both are vectors or matrices, without batches."""
    return len(a.shape) <= 2 and len(b.shape) <= 2


@rule("matmul", name="scaled rows and columns", quiet=True,
      reason="what scales rows of the left factor or columns of the right one scales those of the product")  # fmt: skip
def scaling_out(expr, _facts):
    a, b = operands(expr)
    if not plain(a, b):
        return None
    inner_left, inner_right = len(a.shape) - 1, max(len(b.shape) - 2, 0)
    left_out, left_in = parted(a, inner_left)
    right_out, right_in = parted(b, inner_right)
    if not (left_in and left_out or right_in and right_out):
        return None
    front = []
    if left_in and left_out:
        scale = Sym(product_of(left_out), (*a.shape[:-1], 1))
        front.append(squeezed(scale, (len(a.shape) - 1,)).expr if len(b.shape) == 1 else scale.expr)
        a = Sym(product_of(left_in), a.shape)
    if right_in and right_out:
        front.append(product_of(right_out))
        b = Sym(product_of(right_in), b.shape)
    return product_of([*front, matmul(a, b).expr])


def parted(x, inner):
    """(outside, inside): the factors of x that don't vary along its contracted axis, and those that do."""
    outside, inside = [], []
    for part in Mul.make_args(x.expr):
        (outside if constant_along(part, len(x.shape), inner) else inside).append(part)
    return outside, inside


@rule("matmul", name="equal rows or columns", quiet=True,
      reason="a factor whose rows or columns are all equal is a vector")  # fmt: skip
def constant_operand(expr, _facts):
    """A factor that is constant along an axis: a sum along the contracted axis, or one vector product.

    A column of a matrix product stays one: n×1 times 1×d is written as it was.
    """
    a, b = operands(expr)
    if not plain(a, b):
        return None
    inner_left, inner_right = len(a.shape) - 1, max(len(b.shape) - 2, 0)
    if a.shape[inner_left] == 1:
        return None
    if constant_along(a.expr, len(a.shape), inner_left):
        side = Sym(a.expr, (*a.shape[:-1], 1))
        side = squeezed(side, (inner_left,)) if len(b.shape) == 1 else side
        return (side * sum_(b, dim=(inner_right,), keepdim=False)).expr
    if constant_along(b.expr, len(b.shape), inner_right):
        total = sum_(a, dim=(inner_left,), keepdim=len(b.shape) == 2)
        return (total * Sym(b.expr, (1, *b.shape[1:]) if len(b.shape) == 2 else ())).expr
    if len(a.shape) == 2 and a.shape[0] != 1 and constant_along(a.expr, 2, 0):
        row = squeezed(Sym(a.expr, (1, a.shape[1])), (0,))
        return matmul(row, b).expr
    if len(b.shape) == 2 and b.shape[1] != 1 and constant_along(b.expr, 2, 1):
        column = squeeze(Sym(b.expr, (b.shape[0], 1)), dim=(1,))
        product = matmul(a, column)
        return unsqueeze(product, dim=(1,)).expr if len(a.shape) == 2 else product.expr
    return None


@rule("*", name="outer product", reason="a column times a row is their outer product", quiet=True)
def column_times_row(expr, _facts):
    """u_i v_j of two vectors alone."""
    if len(shape_of(expr)) != 2:
        return None
    arrays = [part for part in expr.args if shape_of(part)]
    if len(arrays) != 2:
        return None
    for one, other in (arrays, reversed(arrays)):
        tall, wide = shape_of(one), shape_of(other)
        if len(tall) == 2 and tall[1] == 1 != tall[0] and (len(wide) == 1 or wide[0] == 1) and wide[-1] != 1:
            u = squeezed(Sym(one, tall), (1,))
            v = squeezed(Sym(other, (1, wide[-1])), (0,))
            if any(side.made_by(squeeze) for side in (u, v)):
                return None
            return product_of([*(part for part in expr.args if not shape_of(part)), outer(u, v).expr])
    return None


@proposal("matmul", name="product with a sum", reason="A (B + C) = A B + A C")
def distributed(expr, _facts):
    a, b = operands(expr)
    for at, x in enumerate((a, b)):
        spread = multiplied_out(x.expr)
        if spread.is_Add:
            parts = []
            for term, number in terms(spread).items():
                pair = [a, b]
                pair[at] = Sym(term, x.shape)
                parts.append(scaled(number, matmul(*pair).expr))
            return Add(*parts)
    return None


@proposal("+", name="common matrix factor", reason="A B + A C = A (B + C)", of=("matmul", "outer"))
def common_factor(expr, _facts):
    """Products that share their first or their last factor are one product with a sum."""
    groups = {}
    for term, number in terms(expr).items():
        found = as_product(term)
        if found is None:
            continue
        scalars, arrays, chain = found
        for side, end in ((0, chain[0]), (1, chain[-1])):
            key = (side, arrays, end.expr, end.shape)
            groups.setdefault(key, []).append((term, scaled(number, product_of(scalars)), chain))
    best = max(groups.items(), key=lambda item: len({term for term, _n, _c in item[1]}), default=None)
    if best is None or len({term for term, _n, _c in best[1]}) < 2:
        return None
    (side, arrays, _end, _shape), members = best
    members = list({member[0]: member for member in members}.values())
    rest = [chain[1:] if side == 0 else chain[:-1] for _term, _number, chain in members]
    parts = [chained(factors) for factors in rest]
    sign = S.NegativeOne if all(number.could_extract_minus_sign() for _t, number, _c in members) else S.One
    inside = Sym(Add(*(product_of([sign, number, part.expr]) for (_t, number, _c), part in zip(members, parts))),
                 parts[0].shape)  # fmt: skip
    end = members[0][2][0 if side == 0 else -1]
    merged = matmul(end, inside) if side == 0 else matmul(inside, end)
    gone = {term for term, _number, _chain in members}
    others = [scaled(number, term) for term, number in terms(expr).items() if term not in gone]
    return Add(*others, product_of([sign, *arrays, merged.expr]))


def as_product(term):
    """(scalars, arrays, factors of the matrix product) of a term with one matrix or outer product, else None."""
    scalars, arrays, product = [], [], None
    for part in Mul.make_args(term):
        if isinstance(part, Structure) and part.operation in ("matmul", "outer") and product is None:
            product = part
        elif shape_of(part):
            arrays.append(part)
        else:
            scalars.append(part)
    if product is None or not plain(*operands(product)) or len(shape_of(product)) > 2:
        return None
    chain = chain_of(product)
    return (scalars, tuple(arrays), chain) if len(chain) > 1 else None


def chain_of(expr):
    """The factors of a matrix product, nested products taken apart; (A u) vᵀ is A (u vᵀ)."""
    if expr.operation == "outer":
        u, v = operands(expr)
        before, u = matrices_before(u)
        after, v = matrices_before(v)
        return [*before, outer(u, v), *(swap_last(m) for m in reversed(after))]
    found = []
    for x in operands(expr):
        nested = x.made_by(matmul) and x.expr.shape == x.shape and len(x.shape) > 0
        found.extend(chain_of(x.expr) if nested and plain(*operands(x.expr)) else [x])
    return found


def matrices_before(v):
    """The matrices of A (B v), and v."""
    found = []
    while v.made_by(matmul) and len(v.operands[0].shape) == 2 and v.expr.shape == v.shape:
        matrix, v = v.operands
        nested = matrix.made_by(matmul) and matrix.expr.shape == matrix.shape
        found.extend(chain_of(matrix.expr) if nested else [matrix])
    return found, v


def chained(factors):
    """The product of a chain, from the right if it ends in a vector."""
    if len(factors) == 1:
        return factors[0]
    if len(factors[-1].shape) == 1:
        return matmul(chained(factors[:-1]) if len(factors) > 2 and len(factors[0].shape) == 1 else factors[0],
                      chained(factors[1:])) if len(factors) > 2 else matmul(*factors)  # fmt: skip
    out = factors[0]
    for factor in factors[1:]:
        out = matmul(out, factor)
    return out


@proposal("sum", name="sum as a product", reason="Σ_j A_ij B_jk is a matrix product")
def contraction(expr, _facts):
    """Σ over one axis of two factors that share no other axis: a product of matrices or vectors."""
    x, dim, keepdim = Sym(expr.operands[0], expr.operand_shapes[0]), expr.params["dim"], expr.params["keepdim"]
    if not x.expr.is_Mul and not x.expr.is_Pow:
        return None
    rank = len(x.shape)
    if len(dim) != 1 or rank > 3:
        return None
    (axis,) = dim
    sides = {}
    for part in factors_of(x.expr):
        sides.setdefault(varies(part, rank), []).append(part)
    groups = _two_sides(sides, axis, rank)
    if groups is None:
        return None
    left, right = groups
    free_left, free_right = sorted(left[0] - {axis}), sorted(right[0] - {axis})
    if free_left and free_right and free_left[0] > free_right[0]:
        left, right, free_left, free_right = right, left, free_right, free_left
    a = _laid_out(left[1], x.shape, rank, (*free_left, axis))
    b = _laid_out(right[1], x.shape, rank, (axis, *free_right))
    if a is None or b is None:
        return None
    out = matmul(a, b)
    free = (*free_left, *free_right)
    if keepdim:
        if free and len(free) < rank:
            return None  # a column that is a sum over rows reads better as one
        out = unsqueeze(out, dim=tuple(at for at in range(rank) if at not in free)) if len(free) < rank else out
    elif len(free) < rank - 1:
        return None
    return out.expr


@proposal("matmul", name="product as a sum", reason="xᵀ y is Σ x ⊙ y, whose factors may cancel")
def dot_as_sum(expr, _facts):
    a, b = operands(expr)
    if len(a.shape) != 1 or len(b.shape) != 1 or not (a.expr.is_Mul or b.expr.is_Mul):
        return None
    return sum_(a * b, dim=(0,), keepdim=False).expr


def factors_of(expr):
    """The factors of a product, a square as two."""
    found = []
    for part in Mul.make_args(expr):
        if part.is_Pow and part.args[1] == 2 and part.args[0].is_Symbol:
            found.extend((part.args[0], part.args[0]))
        else:
            found.append(part)
    return found


def _two_sides(sides, axis, rank):
    """The factors as two groups that share only the summed axis, or None."""
    if any(axis not in axes for axes in sides):
        return None
    if len(sides) == 1:
        ((axes, parts),) = sides.items()
        if len(parts) != 2 or len(axes) != 1:
            return None
        return (axes, parts[:1]), (axes, parts[1:])
    if len(sides) != 2 or any(len(parts) > 1 for parts in sides.values()):
        return None
    (one, ones), (two, twos) = sides.items()
    return ((one, ones), (two, twos)) if one & two == {axis} and max(len(one), len(two)) <= 2 else None


def _laid_out(parts, shape, rank, order):
    """A product of factors as a vector or matrix with its axes in this order; None for a column that isn't a vector."""
    from engine.ops.shape import permute

    axes = sorted(order)
    thin = Sym(product_of(parts), tuple(shape[at] if at in order else 1 for at in range(rank)))
    gone = tuple(at for at in range(rank) if at not in order)
    if gone:
        thin = squeezed(thin, gone)
        if thin.made_by(squeeze):
            return None
    if tuple(axes) != tuple(order):
        thin = permute(thin, dims=tuple(axes.index(at) for at in order))
    return thin


INTO = {"matmul", "outer", "sum", "mean", "permute", "unsqueeze", "squeeze"}


@proposal("*", name="scale moved in",
          reason="a factor of a product scales one of its parts: the two make one thing", of=INTO)  # fmt: skip
def scale_moved_in(expr, facts):
    """c (A e) = A (c e) where c e is shorter than e: exp(z)/Σexp(z) within a matrix product is a softmax."""
    scales = [part for part in expr.args if not shape_of(part) and part.free_symbols]
    products = [part for part in expr.args if isinstance(part, Structure) and part.operation in INTO]
    found = []
    for part in products:
        for scale in scales:
            moved = _moved_into(part, scale, facts)
            if moved is not None:
                rest = [other for other in expr.args if other != part and other != scale]
                found.append(product_of([moved, *rest]))
    return found or None


def _moved_into(expr, scale, facts):
    """The structure node with its scale in one operand, if that folds into something that needs no scale."""
    for at in range(len(expr.operands)):
        operand, shape = expr.operands[at], expr.operand_shapes[at]
        inner = None
        if isinstance(operand, Structure) and operand.operation in INTO:
            inner = _moved_into(operand, scale, facts)
        elif shape_of(operand):
            scaled_one, _trace = walk(product_of([scale, operand]), facts, explore=False)
            if scale.free_symbols and scale not in Mul.make_args(scaled_one) and cost(scaled_one) <= cost(operand):
                inner = scaled_one
        if inner is not None:
            syms = operands(expr)
            syms[at] = Sym(inner, shape)
            return expr.op(*syms, **expr.params).expr
    return None


@proposal("matmul", name="inverse of a product", reason="(A B)⁻¹ = B⁻¹ A⁻¹, whose factors may cancel")
def inverses_apart(expr, _facts):
    if not plain(*operands(expr)):
        return None
    chain, apart = chain_of(expr), []
    for x in chain:
        transposed = x.operation == "permute"
        inner = x.operands[0] if transposed else x
        of = inner.operands[0] if inner.operation == "inv" else None
        if of is None or not of.made_by(matmul) or len(of.shape) != 2:
            apart.append(x)
            continue
        factors = chain_of(of.expr)
        if any(factor.shape != of.shape for factor in factors):
            apart.append(x)
            continue
        inverses = [inv(factor) for factor in factors]
        apart.extend(map(swap_last, inverses) if transposed else reversed(inverses))
    return chained(apart).expr if len(apart) > len(chain) else None

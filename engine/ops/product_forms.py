"""The normal form of matrix products of symbols: one spelling for each product, so that equal terms meet.

A product of matrices leans left, (A B) C; before a vector it leans right, A (B v). A row times a matrix is the
transposed matrix times a column. Neighbours that cancel go, identities are dropped, products with an outer product
go into its vectors, and what is the same in every entry is summed. Imported by engine.ops.matrix.
"""

from engine.op import REGISTRY, broadcast_shapes
from engine.ops.constants import identity
from engine.ops.reduction import sum_
from engine.ops.shape import TRANSPOSED, permute, swap_last

NEIGHBOURS = []  # rules (a, b) -> a simpler product of two neighbours, or None; a family enters its own


def same(a, b):
    """Whether two symbols are the same array by the look of their expressions."""
    return a.shape == b.shape and a.expr == b.expr


def identity_of(x):
    """The identity matrix of a square matrix's size."""
    return x.nullary(identity, rows=x.shape[-2], columns=x.shape[-1])


def is_identity(x):
    return made(x, "identity") and x.params["rows"] == x.params["columns"]


TRANSPOSED["identity"] = lambda x: x.nullary(identity, rows=x.shape[-1], columns=x.shape[-2])


def made(x, name):
    """Whether a symbol is a node of an operation, and not one that is repeated along rows or columns."""
    return x.operation == name and x.expr.shape[-2:] == x.shape[-2:]


def all_matrices(operands):
    return all(x.ndim == 2 for x in operands)


def product_form(a, b):
    """The normal form of a b, None where it is in normal form already."""
    if a.split_scalar()[0] is not None or b.split_scalar()[0] is not None:
        return None  # factors without shape move out first
    made = _simpler(a, b)
    if made is None:
        return None
    rows = a.shape[-2:-1] if a.ndim > 1 else ()
    columns = b.shape[-1:] if b.ndim > 1 else ()
    shape = (*broadcast_shapes(a.shape[:-2], b.shape[:-2]), *rows, *columns)
    return made if made.shape == shape else made.filled(made.expr, shape)


def _simpler(a, b):
    for rule in (_with_same_entries, _with_identity, _of_vectors, _with_outer, _associated):
        made = rule(a, b)
        if made is not None:
            return made
    return None


def _matmul(a, b):
    return REGISTRY["matmul"](a, b)


def _with_same_entries(a, b):
    """A product with an array whose entries are all the same is a sum."""
    if a.uniform and b.uniform:
        return a.filled(a.expr * b.expr * a.shape[-1], ())
    if b.uniform:
        return _summed(a, a.ndim - 1, b.ndim > 1) * b.filled(b.expr, ())
    if a.uniform:
        return _summed(b, max(b.ndim - 2, 0), a.ndim > 1 and b.ndim > 2) * a.filled(a.expr, ())
    return None


def _summed(x, axis, keepdim):
    if x.made_by(permute) and x.ndim == 2 and not keepdim:
        (inner,) = x.operands
        return sum_(inner, dim=(1 - axis,), keepdim=False)
    return sum_(x, dim=(axis,), keepdim=keepdim and x.ndim > 1)


def _with_identity(a, b):
    if is_identity(a):
        return b
    return a if is_identity(b) else None


def _of_vectors(a, b):
    """A row times a matrix as a column; a product of two vectors in one spelling."""
    if a.ndim == 1 and b.ndim == 2:
        return _matmul(swap_last(b), a)
    if a.ndim == 1 and b.ndim == 1:
        return _bilinear(a, b)
    return None


def _bilinear(u, v):
    """(A x)·(B y) as x·(AᵀB y) or y·(BᵀA x): the one with fewer transposes, then by the vectors' names."""
    left, x = _unchained(u)
    right, y = _unchained(v)
    chain = _merged_chain([swap_last(m) for m in reversed(left)] + right)
    turned = [swap_last(m) for m in reversed(chain)]
    cost, other = (sum(m.made_by(permute) for m in ms) for ms in (chain, turned))
    if (other, str(y.expr)) < (cost, str(x.expr)):
        x, y, chain = y, x, turned
    if same(x, u) and not left and len(chain) == len(right) and all(map(same, chain, right)):
        return None
    for m in reversed(chain):
        y = _matmul(m, y)
    return _matmul(x, y)


def _merged_chain(chain):
    merged = []
    for m in chain:
        simpler = _neighbours(merged[-1], m) if merged else None
        if simpler is None:
            merged.append(m)
        elif is_identity(simpler):
            merged.pop()
        else:
            merged[-1] = simpler
    return merged


def _unchained(v):
    """The matrices that stand before a vector, and the vector."""
    matrices = []
    while v.ndim == 1 and made(v, "matmul") and v.operands[0].ndim == 2 and v.operands[1].ndim == 1:
        m, v = v.operands
        matrices += _factors(m)
    return matrices, v


def _factors(m):
    if made(m, "matmul") and all_matrices(m.operands):
        a, b = m.operands
        return [*_factors(a), *_factors(b)]
    return [m]


def _with_outer(a, b):
    """A (u vᵀ) = (A u) vᵀ and (u vᵀ) B = u (Bᵀ v)ᵀ; with a vector, a multiple of u."""
    outer = REGISTRY["outer"]
    if b.ndim == 2 and made(b, "outer") and a.ndim == 2:
        u, v = b.operands
        return outer(_matmul(a, u), v)
    if a.ndim == 2 and made(a, "outer") and b.ndim <= 2:
        u, v = a.operands
        return u * _matmul(v, b) if b.ndim == 1 else outer(u, _matmul(swap_last(b), v))
    return None


def _associated(a, b):
    """Products lean left, before a vector right; what cancels where they meet goes."""
    if b.ndim == 1:
        if a.ndim != 2:
            return None
        if made(a, "matmul") and all_matrices(a.operands):
            first, second = a.operands
            return _matmul(first, _matmul(second, b))
        if made(b, "matmul") and [x.ndim for x in b.operands] == [2, 1]:
            second, v = b.operands
            merged = _neighbours(a, second)
            return None if merged is None else _matmul(merged, v)
        return _neighbours(a, b)
    if made(b, "matmul") and all(x.ndim > 1 for x in b.operands):
        first, second = b.operands
        return _matmul(_matmul(a, first), second)
    if made(a, "matmul") and all(x.ndim > 1 for x in a.operands):
        first, second = a.operands
        merged = _neighbours(second, b)
        return None if merged is None else _matmul(first, merged)
    return _neighbours(a, b)


def _neighbours(a, b):
    for rule in NEIGHBOURS:
        made = rule(a, b)
        if made is not None:
            return made
    if b.ndim > 1 and a.made_by(permute) and b.made_by(permute):
        turned = (swap_last(b), swap_last(a))
        if not any(x.made_by(permute) for x in turned):
            made = _neighbours(*turned)
            return None if made is None else swap_last(made)
    return None


def product_transposed(x):
    """(A B)ᵀ = Bᵀ Aᵀ."""
    a, b = x.operands
    return _matmul(swap_last(b), swap_last(a)) if a.ndim > 1 and b.ndim > 1 else None


def outer_transposed(x):
    """(u vᵀ)ᵀ = v uᵀ."""
    u, v = x.operands
    return REGISTRY["outer"](v, u) if u.ndim == 1 else None

"""Passes that write a small array entry by entry, as in ∂f/∂x = [2x[0], 1], where single places were taken.

A literal is `stack` of scalars, or of literals of one shape. Imported by explain.rewrite.
"""

from math import prod

from sympy import Add, Mul, S

from engine.op import REGISTRY
from engine.ops.indexing import getitem
from engine.symbols import Structure, Sym, shape_of
from engine.symbols.substitute import product_of
from explain.rewrite.axes import operand
from explain.rewrite.terms import scaled, terms, total
from explain.rewrite.walk import proposal, rule

MOST = 9  # entries of an array that is written so


def literal(expr):
    """Whether an expression is an array written entry by entry."""
    if not (isinstance(expr, Structure) and expr.operation == "stack" and expr.params["dim"] == 0):
        return False
    return all(shape == () or literal(part) for part, shape in zip(expr.operands, expr.operand_shapes))


def entries(expr, rank):
    """The entries of a literal, row by row."""
    return [expr] if rank == 0 else [entry for row in expr.operands for entry in entries(row, rank - 1)]


def written(found, shape):
    """The literal of these entries, row by row."""
    if not shape:
        return found[0]
    size = len(found) // shape[0]
    rows = [written(found[at : at + size], shape[1:]) for at in range(0, len(found), size)]
    return REGISTRY["stack"](*(Sym(row, shape[1:]) for row in rows), dim=0).expr


@rule("put_slice", name="entry by entry", reason="a number at one place of a small array is that array", quiet=True)
def single_place(expr, _facts):
    """put(v, [1]) = [0, v]."""
    key, size = expr.params["key"], expr.shape
    small = all(n.__class__ is int for n in size) and prod(size) <= MOST
    if not small or len(key) != len(size) or expr.operand_shapes[0] != () or any(at.__class__ is not int for at in key):
        return None
    found = [S.Zero] * prod(size)
    place = 0
    for at, n in zip(key, size):
        place = place * n + at % n
    found[place] = expr.operands[0]
    return written(found, size)


def multiple(term, shape):
    """(scalar, literal of this shape) whose product a term is, or None."""
    parts = Mul.make_args(term)
    arrays = [part for part in parts if shape_of(part)]
    if len(arrays) != 1 or not literal(arrays[0]) or arrays[0].shape != shape:
        return None
    return product_of([part for part in parts if part is not arrays[0]]), arrays[0]


@rule("+", name="entry by entry", reason="arrays are added entry by entry", quiet=True, of=("stack",))
def added_literals(expr, _facts):
    """a [x, 0] + b [0, y] = [a x, b y]."""
    shape = shape_of(expr)
    found = {term: (number, *multiple(term, shape)) for term, number in terms(expr).items() if multiple(term, shape)}
    if len(found) < 2:
        return None
    columns = zip(*([(number, scalar, entry) for entry in entries(array, len(shape))]
                    for number, scalar, array in found.values()))  # fmt: skip
    made = [Add(*(scaled(number, product_of([scalar, entry])) for number, scalar, entry in one)) for one in columns]
    rest = {term: number for term, number in terms(expr).items() if term not in found}
    return Add(total(rest), written(made, shape))


@proposal("*", name="entry by entry", reason="a factor multiplies each entry", quiet=True, of=("stack",))
def scaled_literal(expr, _facts):
    """a [x, 0] = [a x, 0]."""
    found = multiple(expr, shape_of(expr))
    if found is None:
        return None
    scalar, array = found
    return written([product_of([scalar, entry]) for entry in entries(array, len(array.shape))], array.shape)


@rule("getitem", name="one of several", reason="the entry is the one that was put there", quiet=True)
def taken_from_stack(expr, _facts):
    """stack(x, y)[1] = y."""
    x, key = operand(expr), expr.params["key"]
    stacked = x.operation == "stack" and x.params["dim"] == 0 and x.expr.shape == x.shape
    if not stacked or not key or key[0].__class__ is not int:
        return None
    one = Sym(x.expr.operands[key[0]], x.expr.operand_shapes[key[0]])
    return getitem(one, key=key.__class__(key[1:])).expr if len(key) > 1 else one.expr

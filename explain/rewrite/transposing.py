"""A matrix transposed all the way in, to see whether it is its own transpose. Imported by explain.rewrite.facts."""

from sympy import Pow

from engine.ops.shape import permute, unsqueeze
from engine.symbols import Structure, Sym, shape_of
from explain.rewrite.terms import signs_inverted
from explain.rewrite.walk import through


def transposed(expr, shape, dims):
    """An array with its axes in another order, the order of its parts changed instead where that can be.

    >>> from engine.symbols import symbol
    >>> x = symbol("x", (4,))
    >>> d = unsqueeze(x, dim=(1,)) - x
    >>> transposed((d * d).expr, (4, 4), (1, 0)) == signless((d * d).expr)
    True
    """
    return signless(through(expr, lambda part: _moved(part, shape, dims)) or _moved(expr, shape, dims))


def _moved(expr, shape, dims):
    """A part that isn't elementwise, or a symbol."""
    own = shape_of(expr)
    if len(own) < len(shape):  # leading axes are implied
        gone = len(shape) - len(own)
        at = [dims.index(axis) for axis in range(gone, len(shape))]
        if at == sorted(at):
            new = tuple(axis for axis in range(len(shape)) if axis not in at)
            return unsqueeze(Sym(expr, own), dim=new).expr if any(axis > at[0] for axis in new) else expr
        return permute(Sym(expr, shape), dims=dims).expr
    if isinstance(expr, Structure) and expr.operation in ("sum", "mean") and not expr.params["keepdim"]:
        inner, gone = expr.operand_shapes[0], expr.params["dim"]
        if gone == tuple(range(len(own), len(inner))):
            turned = transposed(expr.operands[0], inner, (*dims, *gone))
            return expr.op(Sym(turned, tuple(inner[at] for at in (*dims, *gone))), dim=gone, keepdim=False).expr
    if isinstance(expr, Structure) and expr.operation == "unsqueeze":
        x, new = expr.operands[0], expr.params["dim"]
        kept = [axis for axis in range(len(own)) if axis not in new]
        order = [axis for axis in dims if axis in kept]
        if order == kept:
            places = tuple(at for at, axis in enumerate(dims) if axis in new)
            if all(at < len(places) for at in places):
                return x
            return unsqueeze(Sym(x, expr.operand_shapes[0]), dim=places).expr
    return permute(Sym(expr, shape), dims=dims).expr


def signless(expr):
    """(a − b)² and (b − a)² as one."""
    return expr.replace(
        lambda part: isinstance(part, Pow) and part.exp.is_even and part.base.is_Add
        and part.base.could_extract_minus_sign(),
        lambda part: signs_inverted(part.base) ** part.exp,
    )  # fmt: skip

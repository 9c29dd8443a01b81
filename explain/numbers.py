"""One number of a gradient explained: the formula at one entry, with numbers in place of symbols.

Imported by explain.explanation.
"""

import itertools
from math import prod
from typing import NamedTuple

import numpy as np
from sympy import Add

from engine.op import REGISTRY
from engine.ops.indexing import Key
from engine.symbols import ArraySymbol, Structure, Sym, evaluate, is_number, shape_of
from engine.symbols.arrays import applied
from engine.symbols.substitute import product_of
from engine.symbols.sym import apply
from explain.cost import children, length
from explain.rewrite.literals import entries, literal
from explain.steps import Numbers, Slope, Step, single
from explain.windows import WINDOWS

LIMITS = (9, 4, 2, 0)  # terms up to which a sum is written out, tried in this order
LONGEST = 80
MOST_SHOWN = 4  # entries of an array that is written entry by entry, all of which a page computes
COUNTED = {}  # name of an operation -> about how many terms its entry has, from the operands' shapes and its own
MOVES = {}  # name of an operation -> entry(expr, index, walk), an expression in entries of its operands, or None


class Walk(NamedTuple):
    """limit: terms up to which a sum is written out; sizes: letter -> the user's size.

    What is found is kept, since the formulas of several variables have parts in common.
    """

    limit: int
    sizes: dict
    entries: dict  # (expression, index) -> entry
    weights: dict  # expression -> about how long its entry would be

    def number(self, size):
        return size if isinstance(size, int) else int(size.subs(self.sizes))


def shown_entries(formula, shape):
    """The places of the entries that a page computes: the first; all that are no numbers, of few written one by one."""
    if literal(formula) and prod(shape) <= MOST_SHOWN:
        found = [at for at, entry in zip(np.ndindex(*shape), entries(formula, len(shape))) if not is_number(entry)]
        if found:
            return found
    return [(0,) * len(shape)]


def entry_step(derivation, wrt, formula, index, env, truth, everywhere=True):
    """The step that computes one entry of the gradient from numbers.

    formula the one to read; where its entry would be long, what the variable's consumers pass back serves
    env     symbol -> value of everything at hand
    truth   the gradient as numbers
    everywhere  whether one number may stand for all entries where they are alike
    """
    program = derivation.program
    left = Slope(derivation.target, program.names[wrt], "", tuple(index) if truth.shape else None)
    found, shape, whole = formula.expr, formula.shape, None
    if not (everywhere and _everywhere(found, env)):
        shape = ()
        found, of = _readable([formula.expr, derivation.cotangents[wrt].expr], tuple(index), derivation)
        whole = Sym(of, formula.shape), tuple(index)
    elif truth.shape:
        left = Slope(derivation.target, program.names[wrt])
    form = single(Sym(found, shape))
    forms = _with_numbers(form, found, env, derivation)
    value = np.asarray(float(truth[index] if truth.shape else truth))
    return Step("entry", left, forms, "numbers", (), (), value, wrt, whole)


def _with_numbers(form, expr, env, derivation):
    numbers = tuple((part, _number(part, env, derivation)) for part in places(expr))
    return (form, Numbers(form, numbers)) if numbers else (form,)


def _number(part, env, derivation):
    """A symbol, an entry, or what is left whole, as a number; the formulas of several variables share their parts."""
    symbol, index = symbol_entry(part)
    if symbol is not None and all(at.__class__ is int for at in index):
        found = np.asarray(env[symbol])[index]
    else:
        found = evaluate(part, env, derivation.made.setdefault("evaluated", {}))
    return float(np.ravel(found)[0])


def entry_of(part, sym, index, env, node, derivation):
    """The step that computes an entry of another variable: `part`, by the variable's definition `sym`."""
    found, _of = _readable([sym.expr], index, derivation)
    value = np.asarray(_number(part, env, derivation))
    forms = (single(Sym(part, ())), *_with_numbers(single(Sym(found, ())), found, env, derivation))
    return Step("entry", None, forms, "numbers", (), (), value, node, (sym, index))


def symbol_entry(part):
    """(symbol, index) of an entry of a symbol, or (None, ())."""
    if part.is_Symbol:
        return part, ()
    if isinstance(part, Structure) and part.operation == "getitem" and part.operands[0].is_Symbol:
        return part.operands[0], tuple(part.params["key"])
    return None, ()


def followed(derivation, step, env, most=16):
    """The steps of the entries that a step uses, and of those that these use: forward, then backward."""
    program = derivation.program
    found, queue = {}, [step]
    for step in queue:  # which grows
        numbers = step.forms[-1].numbers if isinstance(step.forms[-1], Numbers) else ()
        for part, _number in numbers:
            symbol, index = symbol_entry(part)
            node = derivation.by_cotangent.get(symbol)
            if node is not None:
                sym, place = derivation.cotangents[node], (1, -node.seq)
            else:
                node = program.by_symbol.get(symbol)
                if node is None or node.op is None:
                    continue
                sym, place = program.definition(node), (0, node.seq)
            if part in found or not isinstance(sym, Sym) or len(found) >= most:
                continue
            made = entry_of(part, sym, index, env, node, derivation)
            found[part] = (*place, index), made
            queue.append(made)
    return [made for _place, made in sorted(found.values(), key=lambda pair: pair[0])]


def _walk(derivation, limit):
    key = "entries", limit
    return derivation.made.setdefault(key, Walk(limit, derivation.program.letters.sizes, {}, {}))


def _readable(exprs, index, derivation):
    """An entry that is neither long nor hides everything, of the first expression, else the next one; and of which."""
    for limits in (LIMITS[:2], LIMITS[2:]):
        for expr in exprs:
            for limit in limits:
                walk = _walk(derivation, limit)
                if limit and weight(expr, walk) > 4 * LONGEST:
                    continue  # sums within sums: written out, they would be as many as there are paths
                try:
                    found = entry(expr, index, walk)
                except TooLong:
                    continue
                if length(found) <= LONGEST and not (limits == LIMITS[:2] and hides(found)):
                    return found, expr
    return found, expr


class TooLong(Exception):
    """A sum written out that is longer than an entry that is shown may be."""


def _added(terms):
    """The sum of terms, made one after the other; TooLong as soon as those that differ are longer than shown."""
    found, seen, total = [], set(), 0
    for term in terms:
        found.append(term)
        total += 0 if term in seen else length(term)
        seen.add(term)
        if total > LONGEST:
            raise TooLong
    return Add(*found)


def weight(expr, walk):
    """About how long an entry would be if sums of up to `walk.limit` terms were written out."""
    limit, memo = walk.limit, walk.weights
    if expr not in memo:
        inner = 1 + sum(weight(part, walk) for part in children(expr))
        if isinstance(expr, Structure) and expr.operand_shapes and expr.operand_shapes[0]:
            shape = expr.operand_shapes[0]
            dim = expr.params.get("dim", (len(shape) - 1,) if expr.operation == "matmul" else ())
            if expr.operation in COUNTED:
                count = COUNTED[expr.operation](expr.operand_shapes, expr.shape)
                inner *= min(limit, count) if isinstance(count, int) else 1
                dim = ()
            for at in dim if isinstance(dim, tuple) else (dim,):
                count = shape[at] if at < len(shape) else 1
                inner *= count if isinstance(count, int) and 0 < count <= limit else 1
        memo[expr] = inner
    return memo[expr]


def hides(found):
    """Whether an entry is that of a whole expression."""
    return any(isinstance(part, Structure) and part.operation == "getitem" and not part.operands[0].is_Symbol
               and isinstance(part.operands[0], Structure) and part.operands[0].operation == "matmul"
               for part in places(found))  # fmt: skip


def _everywhere(expr, env):
    """Whether every array in an elementwise expression has the same number in every entry."""
    if expr.has(Structure):
        return False
    atoms = expr.atoms(ArraySymbol)
    return all(np.size(env[atom]) and np.all(env[atom] == np.ravel(env[atom])[0]) for atom in atoms)


def places(expr):
    """The symbols and entries that numbers take the place of, as they come."""
    found, stack = {}, [expr]
    while stack:
        part = stack.pop()
        if isinstance(part, Structure) or part.is_Symbol:
            found.setdefault(part)
        else:
            stack.extend(reversed(children(part)))
    return list(found)


def entry(expr, index, walk):
    """An expression's entry at `index`, in entries of its symbols; sums of more than `walk.limit` terms stay whole."""
    own = shape_of(expr)
    index = tuple(0 if size == 1 else at for size, at in zip(own, index[len(index) - len(own) :])) if own else ()
    found = walk.entries.get((expr, index))
    if found is None:
        found = walk.entries[expr, index] = _entry(expr, own, index, walk)
    return found


def _entry(expr, own, index, walk):
    if isinstance(expr, Structure):
        move = MOVES.get(expr.operation)
        found = move(expr, index, walk) if move is not None else None
        if found is None and expr.op.elementwise and walk.limit:
            syms = [Sym(_operand(expr, at, index, walk), ()) for at in range(len(expr.operands))]
            found = apply(expr.op, syms, expr.params).expr
        return _taken(expr, own, index) if found is None else found
    if not own and not expr.has(Structure):
        return expr
    if expr.is_Symbol:
        return _taken(expr, own, index)
    parts = [entry(arg, index, walk) for arg in expr.args]
    if expr.is_Mul:
        return product_of(parts)
    return Add(*parts) if expr.is_Add else applied(expr.func, *parts)


def _taken(expr, own, index):
    """x[index], as a node."""
    if not own:
        return expr
    return apply(REGISTRY["getitem"], [Sym(expr, own)], {"key": Key(index)}).expr


def _operand(expr, at, index, walk):
    """An operand's entry; index is for the shape that the operand has in this node."""
    return entry(expr.operands[at], _fit(index, expr.operand_shapes[at]), walk)


def _fit(index, shape):
    index = index[len(index) - len(shape) :]
    return tuple(0 if size == 1 else at for size, at in zip(shape, index))


def moves(*names):
    def enter(function):
        for name in names:
            MOVES[name] = function
        return function

    return enter


def _at(expr, at, index, walk):
    """An operand's entry at an index into the operand itself."""
    return entry(expr.operands[at], tuple(index), walk)


@moves("matmul")
def _matmul(expr, index, walk):
    left, right = expr.operand_shapes
    inner = walk.number(left[-1])
    if len(left) > 2 or len(right) > 2 or not 0 < inner <= walk.limit:
        return None
    rows, columns = index[: len(left) - 1], index[len(left) - 1 :]
    return _added(
        product_of([_at(expr, 0, (*rows, k), walk), _at(expr, 1, (k, *columns), walk)]) for k in range(inner)
    )


@moves("outer")
def _outer(expr, index, walk):
    rank = len(expr.operand_shapes[0])
    return product_of([_at(expr, 0, index[:rank], walk), _at(expr, 1, index[rank:], walk)])


@moves("permute")
def _permute(expr, index, walk):
    dims = expr.params["dims"]
    return _at(expr, 0, tuple(index[dims.index(at)] for at in range(len(dims))), walk)


@moves("unsqueeze")
def _unsqueeze(expr, index, walk):
    return _at(expr, 0, tuple(at for axis, at in enumerate(index) if axis not in expr.params["dim"]), walk)


@moves("squeeze")
def _squeeze(expr, index, walk):
    rest = iter(index)
    return _at(expr, 0, tuple(0 if axis in expr.params["dim"] else next(rest)
                              for axis in range(len(expr.operand_shapes[0]))), walk)  # fmt: skip


@moves("expand", "cast", "copied", "clone")
def _expand(expr, index, walk):
    return _operand(expr, 0, index, walk)


@moves("reshape")
def _reshape(expr, index, walk):
    before, after = (tuple(map(walk.number, shape)) for shape in (expr.operand_shapes[0], expr.shape))
    flat = np.ravel_multi_index(index, after) if after else 0
    return _at(expr, 0, tuple(map(int, np.unravel_index(flat, before))) if before else (), walk)


@moves("identity", "identity_like")
def _identity(expr, index, walk):
    from sympy import S

    return S.One if index[-1] == index[-2] else S.Zero


@moves("sum", "mean")
def _sum(expr, index, walk):
    shape, dim = expr.operand_shapes[0], expr.params["dim"]
    sizes = [walk.number(shape[axis]) for axis in dim]
    count = int(np.prod(sizes))
    if not 0 < count <= walk.limit:
        return None
    rest = [at for axis, at in enumerate(index) if axis not in dim] if expr.params["keepdim"] else index

    def terms():
        for inner in itertools.product(*map(range, sizes)):
            kept, summed = iter(rest), iter(inner)
            place = tuple(next(summed) if axis in dim else next(kept) for axis in range(len(shape)))
            yield _at(expr, 0, place, walk)

    added = _added(terms())
    return added if expr.operation == "sum" else product_of([added, 1 / Add(count)])


def _windowed(pairs):
    """A sum of products over the places where the operands meet."""

    def move(expr, index, walk):
        if not walk.limit or not all(isinstance(size, int) for shape in expr.operand_shapes for size in shape):
            return None
        found = list(itertools.islice(pairs(expr, index), walk.limit + 1))
        if len(found) > walk.limit:
            return None
        return _added(product_of([_at(expr, 0, one, walk), _at(expr, 1, other, walk)]) for one, other in found)

    return move


for _name, (_pairs, _count) in WINDOWS.items():
    moves(_name)(_windowed(_pairs))
    COUNTED[_name] = _count

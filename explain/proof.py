"""A proof that two formulas are one: the candidate read on symbols, and the difference brought to zero.

A candidate that computes with our operations is recorded on a tape of its own, whose leaves are the explanation's
variables; that tape reads as a formula like any other. Imported by explain.verdict.
"""

import math
from dataclasses import dataclass

import numpy as np
import sympy
from sympy import S

from engine.symbols import Structure, Sym, substitute
from engine.symbols.reading import forward
from engine.tape import order
from engine.tensor import Tensor, tensor_of_leaf
from explain.candidates import names_at
from explain.cost import length
from explain.letters import lettered
from explain.program import Lettered
from explain.rewrite import Facts, simplify
from explain.sympy_candidates import symbols_of
from explain.tokens import InputError
from explain.trials import trials

LONG = 160  # formulas longer than this aren't taken apart
EXPANDED = 400
MANY = 300  # terms
HIGHEST = 12  # exponent
POINTWISE, TRIGONOMETRIC = 80, 30  # lengths up to which SymPy's own simplifications, which may be slow, are tried


@dataclass(frozen=True)
class Proof:
    """The candidate as a formula, the explanation's, and the rewrites that make one of the other.

    given: (name, definition) of the variables that are written out, if that alone makes them the same
    """

    candidate: Sym
    formula: Sym
    rewrites: tuple
    given: tuple = ()

    @property
    def same(self):
        """Whether the two are the same formula, not only equal."""
        return self.candidate.expr == self.formula.expr

    def __str__(self):
        names = ", ".join(dict.fromkeys(each.name for each in self.rewrites))
        return f"their difference simplifies to 0{f' ({names})' if names else ''}"


def symbolic(candidate, explanation, sizes):
    """The candidate as a Sym in the explanation's symbols, or None where it doesn't read as one."""
    if candidate.expr is not None:
        return candidate.expr
    if candidate.kind == "array":
        return None
    derivation = explanation._derivation
    program = derivation.program
    point = trials(explanation)[0][1]
    names, leaves = {}, {}
    shapes = {program.names[node]: program.shape(node) for node in program.names}
    symbols = symbols_of(explanation)
    for name, value in names_at(explanation, point, sizes).items():
        symbol = symbols.get(name)
        array = np.asarray(value, dtype=float)
        if symbol is None or getattr(value, "dtype", array.dtype).kind != "f":
            names[name] = value
            continue
        tensor = names[name] = tensor_of_leaf(array, True)
        shape = shapes.get(name, explanation._derivation.seed.shape if isinstance(value, np.ndarray) else ())
        leaves[tensor._node] = Sym(symbol, shape)
    try:
        made = candidate.on(names)
        if not isinstance(made, Tensor):
            if isinstance(made, (int, float)):
                return Sym(S(0) + sympy.Integer(made), ()) if made == int(made) else None
            return None
        return _read(made, leaves, program)
    except (InputError, ValueError, TypeError, ArithmeticError, AttributeError, NotImplementedError, KeyError,
            IndexError, RuntimeError, RecursionError):  # fmt: skip
        return None  # there is no proof then, and the numbers decide


def _read(made, leaves, program):
    """A tensor as a formula of the leaves."""
    nodes = order(made._node, needed=False)
    letters = lettered(nodes, {}, {})
    if program.letters.sizes:
        given = {node: tuple(map(str, sym.shape)) for node, sym in leaves.items() if node in set(nodes)}
        letters = lettered(nodes, given, {})
    found = {}
    for node in nodes:
        if node in leaves:
            found[node] = leaves[node]
        elif node.op is None:
            from engine.symbols import lift

            found[node] = lift(np.asarray(node.output))
        else:
            params = letters.params.get(node)
            view = node if params is None else Lettered(node, params)
            found[node] = forward(view, lambda x: found[x.node if x.__class__ is Lettered else x])
    return found[made._node]


def prove(sym, explanation):
    """The Proof that a Sym is the explanation's formula, or None where none was found."""
    derivation = explanation._derivation
    facts = derivation.facts
    if length(sym.expr) > LONG:
        return None
    found = explanation._found
    forms = [found.main, found.named]
    for form in forms:
        if form.expr == sym.expr:
            return Proof(sym, form, ())
    try:
        given = _by_definition(sym, found.main, derivation)
        if given:
            return Proof(sym, found.main, (), given)
        for form in forms:
            rewrites = _vanishes(sym, form, facts)
            if rewrites is not None:
                return Proof(sym, found.main, rewrites)
        leaves = in_leaves(sym, derivation)
        other = in_leaves(found.main, derivation)
        if leaves is None or other is None:
            return None
        # Facts about named variables would put their names back.
        rewrites = _vanishes(leaves, other, Facts(assumptions=derivation.program.assumptions))
    except (TypeError, ValueError, NotImplementedError, AttributeError, RecursionError, ArithmeticError):
        return None
    return None if rewrites is None else Proof(sym, found.main, rewrites)


def _by_definition(sym, main, derivation):
    """(name, definition) of the variables that are to be written out to make a formula of a candidate; () if none."""
    names = [atom for atom in sym.expr.free_symbols - main.expr.free_symbols if derivation.known(atom) is not None]
    if not names:
        return ()
    values = {atom: derivation.known(atom).definition for atom in names}
    written = substitute(sym.expr, {atom: value.expr for atom, value in values.items()})
    facts = derivation.facts.without(names)
    made, wanted = (simplify(Sym(expr, main.shape), facts, explore=False)[0] for expr in (written, main.expr))
    return tuple(sorted((atom.name, value) for atom, value in values.items())) if made.expr == wanted.expr else ()


def _vanishes(left, right, facts):
    """The rewrites that bring left − right to zero, or None."""
    shape = right.shape
    difference = Sym(left.expr - right.expr, shape)
    simple, rewrites = simplify(difference, facts)
    if simple.expr == 0:
        return tuple(rewrites)
    if length(simple.expr) > LONG:
        return None
    one, first = simplify(Sym(left.expr, shape), facts)
    two, second = simplify(Sym(right.expr, shape), facts)
    if one.expr == two.expr:
        return (*first, *second)
    if terms_of(simple.expr) > MANY:
        return None
    spread = distributed(simple.expr)
    if spread == 0:
        return tuple(rewrites)
    if length(spread) > EXPANDED:
        return None
    simple, more = simplify(Sym(spread, shape), facts)
    if simple.expr == 0:
        return (*rewrites, *more)
    return tuple(rewrites) if _pointwise_zero(simple.expr) else None


def terms_of(expr):
    """About how many terms an expression has when its products are multiplied out.

    >>> a, b = sympy.symbols("a b")
    >>> terms_of((a + b) ** 3), terms_of((a + b) * (a - b) + 1)
    (8, 5)
    """
    if expr.is_Add:
        return sum(map(terms_of, expr.args))
    if expr.is_Pow and expr.exp.is_Integer:
        return min(terms_of(expr.base) ** min(abs(int(expr.exp)), 64), 10**9)
    parts = [arg for arg in expr.args if isinstance(arg, sympy.Expr)]
    if expr.is_Mul or isinstance(expr, Structure):
        return min(math.prod(map(terms_of, parts)), 10**9)
    return max(map(terms_of, parts), default=1) if parts and terms_of(parts[0]) > MANY else 1


def distributed(expr, memo=None):
    """Products and linear operations spread over sums: A (b + c) is A b + A c."""
    memo = {} if memo is None else memo
    if expr in memo:
        return memo[expr]
    if isinstance(expr, Structure):
        operands = [distributed(operand, memo) for operand in expr.operands]
        made = _spread(expr, operands)
    elif expr.args:
        made = sympy.expand(expr.func(*(distributed(arg, memo) for arg in expr.args)), deep=False)
    else:
        made = expr
    memo[expr] = made
    return made


def _spread(expr, operands):
    op, shapes = expr.op, list(expr.operand_shapes)
    for at in op.linear:
        if at < len(operands) and operands[at].is_Add and len(operands[at].args) <= 12:
            parts = []
            for term in operands[at].args:
                others = [*operands[:at], term, *operands[at + 1 :]]
                parts.append(distributed(_rebuilt(expr, others, shapes)))
            return sympy.Add(*parts)
    return _rebuilt(expr, operands, shapes)


def _rebuilt(expr, operands, shapes):
    from engine.symbols.sym import apply

    return apply(expr.op, [Sym(e, shape) for e, shape in zip(operands, shapes)], expr.params).expr


def _pointwise_zero(expr):
    """Whether an elementwise expression is zero as an expression of real numbers; structure stands as it is."""
    if length(expr) > POINTWISE or terms_of(expr) > MANY or _degree(expr) > HIGHEST:
        return False
    outer = elementary(expr)
    structures = {part: sympy.Dummy(real=True) for part in sympy.preorder_traversal(outer)
                  if isinstance(part, Structure)}  # fmt: skip
    outer = outer.xreplace(structures)
    if outer.has(Structure):
        return False
    forms = [outer]
    if outer.has(sympy.exp, sympy.functions.elementary.hyperbolic.HyperbolicFunction):
        forms.append(outer.rewrite(sympy.exp))
    for form in forms:
        if length(form) > EXPANDED:  # written by exponentials, a formula may be forty times as long
            continue
        try:
            expanded = sympy.expand(form)
            if expanded == 0 or length(expanded) <= EXPANDED and sympy.cancel(expanded) == 0:
                return True
        except (sympy.PolynomialError, ValueError, NotImplementedError):
            pass
    trigonometric = outer.has(sympy.functions.elementary.trigonometric.TrigonometricFunction)
    return trigonometric and length(outer) <= TRIGONOMETRIC and sympy.trigsimp(outer) == 0


def elementary(expr):
    """The sigmoids of an elementwise expression by the exponential."""
    if not expr.has(Structure):
        return expr
    if isinstance(expr, Structure):
        if expr.operation != "sigmoid":
            return expr
        return 1 / (1 + sympy.exp(-elementary(expr.operands[0])))
    return expr.func(*map(elementary, expr.args))


def _degree(expr):
    return max((abs(power.exp) for power in expr.atoms(sympy.Pow) if power.exp.is_Rational), default=0)


def in_leaves(sym, derivation, bound=EXPANDED):
    """A formula with every named variable and cotangent written out; None where that gets too long."""
    program = derivation.program
    made = derivation.written(sym)
    for _round in range(len(derivation.by_cotangent) + 1):
        atoms = [atom for atom in made.expr.free_symbols if atom in derivation.by_cotangent]
        if not atoms:
            break
        last = min(atoms, key=lambda atom: derivation.by_cotangent[atom].seq)
        known = derivation.cotangents[derivation.by_cotangent[last]].expr
        made = Sym(substitute(made.expr, {last: known}), made.shape)
        if length(made.expr) > bound:
            return None
    made = derivation.written(made)
    for node in sorted(program.nodes, key=lambda x: -x.seq):
        symbol = program.symbols[node]
        if node.op is None or not isinstance(symbol, Sym) or symbol.expr not in made.expr.free_symbols:
            continue
        made = Sym(substitute(made.expr, {symbol.expr: program.definition(node).expr}), made.shape)
        if length(made.expr) > bound:
            return None
    return made


__all__ = ["Proof", "in_leaves", "prove", "symbolic"]

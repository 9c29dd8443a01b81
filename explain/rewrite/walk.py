"""The engine of the passes: an expression rebuilt from its leaves upward, each node brought to its cheapest form.

A Rule is a small pass with a name and a reason. Some always apply; others propose a form that is kept if it is
cheaper. What was done is recorded, so that a reader can be shown it. Imported by explain.rewrite's modules.
"""

from dataclasses import dataclass
from functools import lru_cache

from sympy import Add, Expr, Mul

from engine.op import REGISTRY
from engine.symbols import Structure, Sym, is_number, shape_of
from engine.symbols.arrays import applied
from engine.symbols.substitute import product_of
from engine.symbols.sym import apply
from explain.cost import children, cost
from explain.rewrite.terms import CACHED, powers, terms

RULES = {}  # what a node is -> rules that always apply
PROPOSALS = {}  # what a node is -> rules whose result is kept if cheaper
ROUNDS = 40  # of rules at one node; more means that two rules undo each other


@dataclass(frozen=True)
class Rewrite:
    """What a pass did: its name, the reason, and the expressions before and after."""

    name: str
    reason: str
    before: Expr
    after: Expr


@dataclass(frozen=True)
class Rule:
    """A pass at one node: `change(expr, facts)` gives another expression, or None where it doesn't apply.

    It may give (expression, reason) where the reason depends on what it found; a proposal may give a list.
    `quiet` passes change how a formula is written, not what a reader would call a step.
    `of`: a sum or a product must have a part of one of these kinds, else the pass isn't asked; empty: always asked.
    """

    name: str
    reason: str
    change: object
    quiet: bool = False
    of: frozenset = frozenset()


def rule(*kinds, name, reason, quiet=False, of=()):
    """Enter a pass that always applies to nodes of these kinds."""
    return _entered(RULES, kinds, name, reason, quiet, of)


def proposal(*kinds, name, reason, quiet=False, of=()):
    """Enter a pass whose result is kept where it is cheaper."""
    return _entered(PROPOSALS, kinds, name, reason, quiet, of)


def _entered(table, kinds, name, reason, quiet, of):
    def enter(change):
        for kind in kinds:
            table.setdefault(kind, []).append(Rule(name, reason, change, quiet, frozenset(of)))
        return change

    return enter


def asked(table, expr):
    """The passes of a table that may apply to a node."""
    found = table.get(kind_of(expr), ())
    if not (expr.is_Add or expr.is_Mul or expr.is_Pow):
        return found
    inside = kinds_inside(expr)
    return [each for each in found if not each.of or not each.of.isdisjoint(inside)]


@lru_cache(maxsize=CACHED)
def kinds_inside(expr):
    """The kinds of a sum's terms and their factors, or of a product's factors and the bases of its powers."""
    if expr.is_Add:
        parts = {*expr.args, *terms(expr)}
        return frozenset(map(kind_of, parts)).union(*(kinds_inside(part) for part in parts if part.is_Mul))
    return frozenset(map(kind_of, (*Mul.make_args(expr), *powers(expr)[1])))


def kind_of(expr):
    """What the tables call a node: an operation's name, sum, product, power, or a function's name."""
    if isinstance(expr, Structure):
        return expr.operation
    if expr.is_Add:
        return "+"
    if expr.is_Mul:
        return "*"
    if expr.is_Pow:
        return "**"
    return type(expr).__name__


def walk(expr, facts, explore=True):
    """(the cheapest form found, a trace of rewrites): children first, then the node itself."""
    memo = facts.memo if explore else facts.reduced
    found = memo.get(expr)
    if found is None or not facts.stands(expr, found[0]):
        memo[expr] = expr, ()  # met again on the way, it stays: two rules that undo each other end there
        found = memo[expr] = _walk(expr, facts, explore)
    return found


def _walk(expr, facts, explore):
    if not expr.args or is_number(expr) and not isinstance(expr, Structure):
        return expr, ()
    traces = []
    rebuilt = expr
    operands = expr.operands if isinstance(expr, Structure) else expr.args
    if operands:
        done = []
        changed = False
        for operand in operands:
            if not operand.args:
                done.append(operand)
                continue
            after, trace = walk(operand, facts, explore)
            if after is not operand and after == operand:
                after = operand  # remembered from another object
            changed = changed or after is not operand
            done.append(after)
            if trace:
                traces.append(trace)
        if changed:
            rebuilt = rebuild(expr, done)
    if type(rebuilt) is not type(expr):
        # Something cancelled: what is left has simple children already, but may be of another kind.
        after, trace = walk(rebuilt, facts, explore)
        return after, (*traces, *((trace,) if trace else ()))
    best = settled(rebuilt, facts, traces)
    if explore and best != rebuilt and best != expr:
        best, trace = walk(best, facts)  # rules made new parts, which may have cheaper forms of their own
        traces.extend((trace,) if trace else ())
    elif explore:
        best = explored(best, facts, traces)
    return best, tuple(traces)


def rebuild(expr, operands):
    """A node on other operands, in the same form: no number is spread over a sum."""
    if expr.is_Add:
        return Add(*operands)
    if expr.is_Mul:
        return product_of(operands)
    if isinstance(expr, Structure):
        syms = [Sym(operand, shape) for operand, shape in zip(operands, expr.operand_shapes)]
        return apply(REGISTRY[expr.operation], syms, expr.params).expr
    return applied(expr.func, *operands)


def through(expr, move):
    """An elementwise expression with `move` applied to the arrays inside; None where there is nothing elementwise."""
    if not elementwise(expr):
        return None

    def inside(part):
        if not shape_of(part):
            return part
        if not elementwise(part):
            return move(part)
        parts = [inside(each) for each in children(part)]
        if not isinstance(part, Structure):
            return rebuild(part, parts)
        return REGISTRY[part.operation](*(Sym(each, shape_of(each)) for each in parts), **part.params).expr

    return inside(expr)


def elementwise(expr):
    return bool(children(expr)) and not (isinstance(expr, Structure) and not expr.op.elementwise)


def settled(expr, facts, traces):
    """A node after the rules that always apply, until none does; its new parts are walked too."""
    for _round in range(ROUNDS):
        for each in asked(RULES, expr):
            after = each.change(expr, facts)
            if after is not None and after != expr:
                break
        else:
            return facts.folded(expr, traces)
        reason = each.reason
        if after.__class__ is tuple:
            after, reason = after
        if not each.quiet:
            traces.append(Rewrite(each.name, reason, expr, after))
        after, trace = walk(after, facts, explore=False)
        if trace:
            traces.append(trace)
        expr = after
    return expr


def explored(expr, facts, traces):
    """A node in the cheapest of the forms that the proposals give."""
    price = cost(expr)
    for _round in range(ROUNDS):
        best = None
        for each in asked(PROPOSALS, expr):
            made = each.change(expr, facts)
            for after in made if made.__class__ is list else (made,):
                if after is None or after == expr:
                    continue
                reduced, trace = walk(after, facts, explore=False)
                other = cost(reduced)
                if other < price:
                    price, best = other, (each, after, reduced, trace)
        if best is None:
            return expr
        each, after, reduced, trace = best
        if not each.quiet:
            traces.append(Rewrite(each.name, each.reason, expr, after))
        if trace:
            traces.append(trace)
        # Its new parts may have cheaper forms of their own.
        finer, trace = walk(reduced, facts)
        if cost(finer) < price:
            if trace:
                traces.append(trace)
            return finer
        expr = reduced
    return expr


def flat(trace):
    """The rewrites of a trace in the order in which they were made, each once."""
    found, stack = {}, [trace]
    while stack:
        item = stack.pop()
        if isinstance(item, Rewrite):
            found.setdefault(item)
        else:
            stack.extend(reversed(item))
    return tuple(found)

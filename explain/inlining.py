"""Which names a formula keeps: each is written out where that makes formula and definitions together shorter.

Imported by explain.derive.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from engine.symbols import Sym, substitute, symbols_in
from explain.cost import Tally, children, length
from explain.rewrite import simplify

LONGEST = 240  # neither a formula nor a definition is made longer than this by writing names out
FEW = 40  # up to so many definitions, all are weighed together at each step
SHORT = 12  # in longer programs, definitions up to that length are written out where they are used once
LONG = 40  # and only into what stays that short
PASSES = 4
MANY = 5  # cotangents in one formula


@dataclass(frozen=True)
class Formula:
    """A formula and how it came about.

    named          before names were written out
    main           the formula to read
    where          symbol -> Sym: the definitions that it needs
    substitutions  (symbol, definition, before, after, rewrites) for each name written out
    rewrites       what the passes did
    """

    named: Sym
    main: Sym
    where: dict
    substitutions: tuple
    rewrites: tuple


class Known(NamedTuple):
    """What a symbol stands for.

    place       where it comes in the order of definitions: variables as recorded, then cotangents backward
    definition  Sym
    own         whether its operations are the formula's own: a cotangent's are, those of a variable that the
                user named aren't, since the program computes it anyway
    """

    place: tuple
    definition: Sym
    own: bool


class Shared:
    """What the formulas of one derivation have in common, found once."""

    def __init__(self, known, several):
        self.known = known
        self.several = several  # whether there are several formulas
        self.names, self.written = {}, {}
        self.tally = Tally()

    def names_in(self, expr):
        """The symbols of an expression that stand for something computed."""
        found = self.names.get(expr)
        if found is None:
            known = self.known
            found = self.names[expr] = frozenset(atom for atom in symbols_in(expr) if known(atom) is not None)
        return found

    def with_written(self, expr, atom, value):
        """An expression with a name written out; so are its parts, which other formulas may share."""
        memo = self.written.setdefault((atom, value), {}) if self.several else None
        return substitute(expr, {atom: value}, memo)


class _State:
    """A formula under way: None stands for the formula itself among the keys of `parts`."""

    def __init__(self, main, shared, facts):
        self.shared, self.known, self.facts = shared, shared.known, facts
        self.parts = {None: main}
        self.users = {}
        self.price = self.tried = None  # total(self.parts), once it is known, and the same with a name written out
        self._enter(None)

    def _enter(self, start):
        """Add the definitions that a part needs, and theirs."""
        stack = [start]
        while stack:
            key = stack.pop()
            for atom in self.shared.names_in(self.parts[key].expr):
                self.users.setdefault(atom, set()).add(key)
                if atom not in self.parts:
                    self.parts[atom] = self.known(atom).definition
                    stack.append(atom)

    def order(self):
        """The names, cotangents first, each kind from the last computed."""
        names = [key for key in self.parts if key is not None]
        return sorted(names, key=lambda atom: self.known(atom).place, reverse=True)

    def price_now(self):
        if self.price is None:
            self.price = self.total(self.parts)
        return self.price

    def facts_for(self, key, hidden):
        """What may be used in a part: in a definition, only what was defined before."""
        facts = self.facts.without(hidden)
        return facts if key is None or self.known(key).place[0] else facts.before(key)

    def without(self, atom, hidden):
        """(changed parts, their rewrites) with one name written out, or None if that makes them too long."""
        value, changed, rewrites = self.parts[atom].expr, {}, {}
        if len(self.parts) > FEW:
            (key,) = self.users[atom]
            if length(self.parts[key].expr) + length(value) > LONG:
                return None
        for key in self.users[atom]:
            part = self.parts[key]
            out = Sym(self.shared.with_written(part.expr, atom, value), part.shape)
            if length(out.expr) > LONGEST:
                return None
            changed[key], rewrites[key] = simplify(out, self.facts_for(key, hidden))
        return changed, rewrites

    def total(self, parts, own=False):
        """What is needed of these parts costs; with `own`, how many operations formula and cotangents take."""
        exprs, needed = [parts[None].expr], [None]
        found = {None}
        for expr in exprs:  # which grows
            new = self.shared.names_in(expr) - found
            found |= new
            needed += new
            exprs += [(parts.get(atom) or self.known(atom).definition).expr for atom in new]
        if own:
            exprs = [expr for key, expr in zip(needed, exprs) if key is None or self.known(key).own]
            return self.shared.tally.distinct_operations(exprs)
        return self.shared.tally.cost(exprs)

    def worth(self, atom):
        """Whether a name is worth trying: in a long program, only short ones that are used in one place.

        Where a formula goes on over many cotangents, as through the steps of a recurrence, all of them stay.
        """
        if self.known(atom).own:
            inside = symbols_in(self.parts[None].expr)
            if atom in inside and sum(self.known(other).own for other in inside if other in self.users) > MANY:
                return False
        return len(self.parts) <= FEW or len(self.users[atom]) == 1 and length(self.parts[atom].expr) <= SHORT

    def better(self, atom, changed):
        """Whether the changed parts, without the definition of `atom`, read better.

        A name that is used once goes if nothing gets longer; one used more often only if operations of the
        formula itself vanish, since the program computes the name anyway.
        """
        if len(self.parts) > FEW:
            return sum(occurrences(atom, self.parts[key].expr) for key in changed) == 1
        self.tried = None
        uses = sum(occurrences(atom, self.parts[key].expr) for key in changed)
        parts = {key: part for key, part in {**self.parts, **changed}.items() if key != atom}
        inner = all(key is not None and not self.known(key).own for key in changed)  # only in variables' definitions
        if uses == 1 or self.known(atom).own:
            self.tried = self.total(parts)
            return self.tried <= self.price_now()
        if inner:
            self.tried = self.total(parts)
            return self.tried[0] < self.price_now()[0]
        own, before = self.total(parts, own=True), self.total(self.parts, own=True)
        return own < before or own <= before + 1 and self.total(parts)[0] < self.price_now()[0]

    def replace(self, atom, changed):
        """Put changed parts in place, and drop the definition of `atom`."""
        self.price = self.tried
        before = set()
        for key in (atom, *changed):
            for other in symbols_in(self.parts[key].expr):
                if other in self.users:
                    self.users[other].discard(key)
                    before.add(other)
        self.parts.update(changed)
        del self.parts[atom], self.users[atom]
        for key in changed:
            self._enter(key)
        self._collect(before)

    def _collect(self, atoms):
        """Forget those of these definitions that nothing needs any more, and what they alone needed."""
        gone = [atom for atom in atoms if atom in self.users and not self.users[atom]]
        while gone:
            atom = gone.pop()
            part = self.parts.pop(atom, None)
            self.users.pop(atom, None)
            if part is None:
                continue
            for other in symbols_in(part.expr):
                users = self.users.get(other)
                if users is not None:
                    users.discard(atom)
                    if not users:
                        gone.append(other)


@lru_cache(maxsize=1 << 14)
def occurrences(atom, expr):
    """How often a symbol stands in an expression; remembered of its parts, which other formulas may share."""
    if expr == atom:
        return 1
    return sum(occurrences(atom, child) for child in children(expr) if atom in symbols_in(child))


def written_out(formula, facts):
    """A Formula's main expression in the leaves alone."""
    expr = formula.main.expr
    for atom, sym in reversed(formula.where.items()):
        expr = substitute(expr, {atom: sym.expr})
    return simplify(Sym(expr, formula.main.shape), facts.without(facts.definitions), explore=False)[0]


def shortest(named, shared, facts):
    """The Formula that is cheapest together with its definitions; `shared` among the formulas of one derivation."""
    state = _State(named, shared, facts)
    substitutions, rewrites, hidden = [], [], set()
    for _pass in range(PASSES):
        improved = False
        for atom in state.order():
            if atom not in state.parts or not state.worth(atom):
                continue
            hidden.add(atom)
            found = state.without(atom, hidden)
            if found is None or not state.better(atom, found[0]):
                hidden.discard(atom)
                continue
            changed, done = found
            before, definition = state.parts[None], state.parts[atom]
            state.replace(atom, changed)
            for some in done.values():
                rewrites.extend(some)
            improved = True
            if before.expr != state.parts[None].expr:
                substitutions.append((atom, definition, before, state.parts[None], tuple(done[None])))
        if not improved:
            break
    where = {atom: state.parts[atom] for atom in reversed(state.order())}
    return Formula(named, state.parts[None], where, tuple(substitutions), tuple(rewrites))

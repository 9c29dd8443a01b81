"""Which names a formula keeps: each is written out where that makes formula and definitions together shorter.

Imported by explain.derive.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from engine.symbols import Sym, substitute, symbols_in
from engine.symbols.arrays import NONE
from explain.cost import Tally, children, digits, length
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


class Part(NamedTuple):
    """The formula or a definition as it is read when it is weighed.

    names       the symbols in it that stand for something computed
    operations  its operations, by the numbers that a Tally gave them
    """

    sym: Sym
    names: frozenset
    operations: frozenset
    length: int
    digits: int


class Shared:
    """What the formulas of one derivation have in common, found once."""

    def __init__(self, known, several):
        self.known = known
        self.several = several  # whether there are several formulas
        self.parts, self.written = {}, {}
        self.tally = Tally()

    def part(self, sym):
        """An expression as a Part."""
        expr = sym.expr
        found = self.parts.get((expr, sym.shape))
        if found is None:
            names = frozenset(atom for atom in symbols_in(expr) if self.known(atom) is not None)
            found = Part(sym, names, self.tally.operations(expr), length(expr), digits(expr))
            self.parts[expr, sym.shape] = found
        return found

    def cost(self, parts):
        """The cost of these parts together, in the order in which forms compete."""
        distinct = self.tally.distinct([part.operations for part in parts])
        return distinct, sum(part.length for part in parts) + len(parts) - 1, sum(part.digits for part in parts)

    def with_written(self, expr, atom, value):
        """An expression with a name written out; so are its parts, which other formulas may share."""
        memo = self.written.setdefault((atom, value), {}) if self.several else None
        return substitute(expr, {atom: value}, memo)


class _State:
    """A formula under way: None stands for the formula itself among the keys of `parts`."""

    def __init__(self, main, shared, facts):
        self.shared, self.known, self.facts = shared, shared.known, facts
        self.parts = {None: shared.part(main)}
        self.users = {}
        self.price = self.own = None  # total and operations of self.parts, once they are known
        self.tried = None  # the total with a name written out
        self._enter(None)

    def _enter(self, start):
        """Add the definitions that a part needs, and theirs."""
        stack = [start]
        while stack:
            key = stack.pop()
            for atom in self.parts[key].names:
                self.users.setdefault(atom, set()).add(key)
                if atom not in self.parts:
                    self.parts[atom] = self.defined(atom)
                    stack.append(atom)

    def defined(self, atom):
        return self.shared.part(self.known(atom).definition)

    def order(self):
        """The names, cotangents first, each kind from the last computed."""
        names = [key for key in self.parts if key is not None]
        return sorted(names, key=lambda atom: self.known(atom).place, reverse=True)

    def price_now(self):
        if self.price is None:
            self.price = self.total(self.parts)
        return self.price

    def own_now(self):
        if self.own is None:
            self.own = self.own_operations(self.parts)
        return self.own

    def facts_for(self, key, hidden):
        """What may be used in a part: in a definition, only what was defined before."""
        facts = self.facts.without(hidden)
        return facts if key is None or self.known(key).place[0] else facts.before(key)

    def without(self, atom, hidden):
        """(changed parts, their rewrites) with one name written out, or None if that makes them too long."""
        written, changed, rewrites = self.parts[atom], {}, {}
        if len(self.parts) > FEW:
            (key,) = self.users[atom]
            if self.parts[key].length + written.length > LONG:
                return None
        for key in self.users[atom]:
            sym = self.parts[key].sym
            out = Sym(self.shared.with_written(sym.expr, atom, written.sym.expr), sym.shape)
            if length(out.expr) > LONGEST:
                return None
            simple, rewrites[key] = simplify(out, self.facts_for(key, hidden))
            changed[key] = self.shared.part(simple)
        return changed, rewrites

    def needed(self, parts):
        """key -> part: those that the formula needs, and the definitions that were missing."""
        used = NONE.union(*(part.names for part in parts.values()))
        if len(used) == len(parts) - 1 and used <= parts.keys():
            return parts  # each is used, and in the last resort by the formula: no definition needs itself
        found, queue = {}, [None]
        for key in queue:  # which grows
            if key not in found:
                found[key] = parts.get(key) or self.defined(key)
                queue += found[key].names
        return found

    def total(self, parts):
        """What all that is needed of these parts costs."""
        return self.shared.cost(self.needed(parts).values())

    def own_operations(self, parts):
        """How many operations the formula and its cotangents take."""
        needed = self.needed(parts).items()
        return self.shared.tally.distinct(
            [part.operations for key, part in needed if key is None or self.known(key).own]
        )

    def worth(self, atom):
        """Whether a name is worth trying: in a long program, only short ones that are used in one place.

        Where a formula goes on over many cotangents, as through the steps of a recurrence, all of them stay.
        """
        inside = self.parts[None].names
        if atom in inside and self.known(atom).own and sum(self.known(other).own for other in inside) > MANY:
            return False
        return len(self.parts) <= FEW or len(self.users[atom]) == 1 and self.parts[atom].length <= SHORT

    def better(self, atom, changed):
        """Whether the changed parts, without the definition of `atom`, read better.

        A name that is used once goes if nothing gets longer; one used more often only if operations of the
        formula itself vanish, since the program computes the name anyway.
        """
        uses = sum(occurrences(atom, self.parts[key].sym.expr) for key in changed)
        self.tried = None
        if len(self.parts) > FEW:
            return uses == 1
        parts = {**self.parts, **changed}
        del parts[atom]
        inner = all(key is not None and not self.known(key).own for key in changed)  # only in variables' definitions
        if uses == 1 or self.known(atom).own:
            self.tried = self.total(parts)
            return self.tried <= self.price_now()
        if inner:
            self.tried = self.total(parts)
            return self.tried[0] < self.price_now()[0]
        own, before = self.own_operations(parts), self.own_now()
        return own < before or own <= before + 1 and self.total(parts)[0] < self.price_now()[0]

    def replace(self, atom, changed):
        """Put changed parts in place, and drop the definition of `atom`."""
        self.price, self.own = self.tried, None
        before = set()
        for key in (atom, *changed):
            before |= self.parts[key].names
            for other in self.parts[key].names:
                self.users[other].discard(key)
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
            for other in part.names:
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
            before, definition = state.parts[None].sym, state.parts[atom].sym
            state.replace(atom, changed)
            for some in done.values():
                rewrites.extend(some)
            improved = True
            after = state.parts[None].sym
            if before.expr != after.expr:
                substitutions.append((atom, definition, before, after, tuple(done[None])))
        if not improved:
            break
    where = {atom: state.parts[atom].sym for atom in reversed(state.order())}
    return Formula(named, state.parts[None].sym, where, tuple(substitutions), tuple(rewrites))

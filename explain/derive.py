"""A tape turned into a derivation: forward definitions, local derivatives, the chain rule, the formula.

Everything here comes from reading the operations' rules on symbols; nothing knows an example.
Imported by explain.explanation.
"""

from sympy import Add

from engine.symbols import Sym, lift, substitute, symbol, symbols_in
from engine.symbols.reading import forward, reader
from engine.tape import pull
from explain.cost import length
from explain.inlining import Formula, Known, Shared, shortest, written_out
from explain.rewrite import Facts, simplify

SMALL = 3  # the length up to which a cotangent is passed on as it is
LONG = 24  # the length from which a cotangent isn't written out in a step


class Contributions(dict):
    """node -> what its consumers passed back; added up once, since a sum made term by term takes the square of time."""

    def get(self, node, default=None):
        return default  # so that `pull` enters a contribution instead of adding it

    def __setitem__(self, node, g):
        self.setdefault(node, []).append(g)

    def total(self, node):
        """The cotangent of a node, None if nothing was passed back."""
        if node not in self:
            return None
        first, *others = self[node]
        if others and isinstance(first, Sym):
            return Sym(Add(first.expr, *(g.expr for g in others)), first.shape)
        for g in others:
            first = first + g
        return first


class Derivation:
    """The sweep over one program on symbols, and what is read off it for each variable asked for."""

    def __init__(self, program, seed):
        self.program = program
        self.seed = seed  # Sym: 1 for a scalar output, else the upstream gradient
        self.by_cotangent = {}  # symbol -> node
        self.slopes = {}  # (variable, one that it is made from) -> its slope, or None
        self.made = {}  # what a step is of -> the step, which the derivations of several variables share
        self.target = "L" if seed.expr.free_symbols else program.names[program.out]
        program.define_all()
        self.reader = reader(program.value)
        self.facts = Facts(assumptions=program.assumptions)
        self.definitions = self._definitions()  # node -> Sym, simplified
        nodes = [node for node in program.nodes if node in program.live]
        self.live_named = [node for node in nodes if node in program.names]
        self.cotangents = {}  # named node -> Sym, in names and in its consumers' cotangents
        self.resolved = {}  # the same in names alone, where that isn't too long
        self._known = {}
        self.shared = Shared(self.known, len(program.wrt) > 1)  # what the formulas of several variables have in common
        self._sweep(nodes)

    def _definitions(self):
        """What named variables are computed from, simplified in recording order with what is known by then."""
        program, found = self.program, {}
        for node in program.nodes:
            if node.op is not None and node in program.names and isinstance(program.value(node), Sym):
                simple, _rewrites = simplify(program.definition(node), self.facts)
                found[node] = simple
                self.facts.define(program.value(node).expr, simple)
        return found

    def _sweep(self, nodes):
        """The reverse sweep: each named variable's cotangent is simplified and stands as a symbol from there on."""
        program = self.program
        found = Contributions()
        found[program.out] = self.seed
        for node in reversed(nodes):
            g = found.total(node)
            if g is None:
                continue
            if node in program.names and node is not program.out and isinstance(g, Sym):
                g = self._named_cotangent(node, g)
            elif node is program.out:
                self.cotangents[node] = self.resolved[node] = self.seed
            if node.op is not None:
                pull(program.symbolic(node), g, self.reader, found, program.live)

    def _named_cotangent(self, node, g):
        simple, _rewrites = simplify(self.written(g), self.facts)
        self.cotangents[node] = simple
        self.resolved[node] = self._resolve(simple)
        if length(simple.expr) <= SMALL:
            return simple
        return self.cotangent_symbol(node)

    def _resolve(self, sym):
        """An expression with cotangents written out, unless that makes it long."""
        replacements = {}
        for atom in symbols_in(sym.expr):
            node = self.by_cotangent.get(atom)
            if node is not None and length(self.resolved[node].expr) <= LONG:
                replacements[atom] = self.resolved[node].expr
        if not replacements:
            return sym
        out = Sym(substitute(sym.expr, replacements), sym.shape)
        return simplify(out, self.facts)[0] if length(out.expr) <= 2 * LONG else sym

    def written(self, sym):
        """An expression with unnamed temporaries replaced by their definitions."""
        expr, program = sym.expr, self.program
        for atom in symbols_in(expr) & program.parts.keys():
            expr = substitute(expr, {atom: program.part_definition(atom).expr})
        written = {program.value(node).expr: program.definition(node).expr for node in self._temporaries(expr)}
        return Sym(substitute(expr, written), sym.shape)

    def _temporaries(self, expr):
        by_symbol = self.program.by_symbol
        nodes = (by_symbol.get(atom) for atom in symbols_in(expr))
        return [node for node in nodes if node is not None and node.op is not None and not self.program.named(node)]

    # the parts of a derivation

    def slope(self, node, parent):
        """∂node/∂parent where it is one number an entry (elementwise paths, or a scalar output), else None."""
        if (node, parent) not in self.slopes:
            self.slopes[node, parent] = self._slope(node, parent)
        return self.slopes[node, parent]

    def _slope(self, node, parent):
        program = self.program
        path = program.between(node, parent)
        inner = [x for x in path if x is not parent]
        shape = program.shape(node)
        pointwise = all(x.op.elementwise and program.shape(x) == shape for x in inner)
        if shape != () and not (pointwise and program.shape(parent) == shape):
            return None
        ones = lift(1).filled(1, program.shape(node))
        return simplify(self.written(self.passed(node, parent, path, ones)), self.facts)[0]

    def passed(self, node, parent, path, g):
        """The cotangent that `parent` gets from `node` alone, if node's is g."""
        found = {node: g}
        inside = set(path)
        for x in reversed(path):
            if x in found and x is not parent:
                pull(self.program.symbolic(x), found[x], self.reader, found, inside)
        return found[parent]

    def cotangent_symbol(self, node):
        """∂L/∂node as a symbol, for steps that build on it."""
        made = symbol(f"∂{self.target}/∂{self.program.names[node]}", self.program.shape(node))
        self.by_cotangent[made.expr] = node
        return made

    # the formula

    def formula(self, wrt):
        """The Formula: named intermediates and cotangents written out where that reads better."""
        return shortest(self.cotangents[wrt], self.shared, self.facts)

    def known(self, atom):
        """What is Known of a symbol that stands for something computed, else None."""
        found = self._known.get(atom)
        if found is None:
            found = self._looked_up(atom)
            if found is not None:
                self._known[atom] = found
        return found

    def _looked_up(self, atom):
        node = self.by_cotangent.get(atom)
        if node is not None:
            return Known((1, -node.seq), self.cotangents[node], True)
        node = self.program.by_symbol.get(atom)
        if node is not None and node in self.definitions:
            return Known((0, node.seq), self.definitions[node], node in self.program.automatic)
        return None

    def expanded(self, wrt):
        """The formula in the leaves alone."""
        return written_out(self.formula(wrt), self.facts)


__all__ = ["Derivation", "Formula", "forward"]

"""A tape turned into a derivation: forward definitions, local derivatives, the chain rule, the formula.

Everything here comes from reading the operations' rules on symbols; nothing knows an example.
Imported by explain.explanation.
"""

from engine.symbols import Sym, lift, substitute, symbol
from engine.symbols.reading import forward, reader
from engine.tape import pull
from explain.cost import length
from explain.inlining import Formula, Known, shortest, written_out
from explain.rewrite import Facts, simplify
from explain.steps import Form, Name, Slope, Step, product, single

SMALL = 3  # the length up to which a cotangent is passed on as it is
LONG = 60  # the length from which a cotangent isn't written out in a step


class Derivation:
    """The sweep over one program on symbols, and what is read off it for each variable asked for."""

    def __init__(self, program, seed):
        self.program = program
        self.seed = seed  # Sym: 1 for a scalar output, else the upstream gradient
        self.by_cotangent = {}  # symbol -> node
        self.target = "L" if seed.expr.free_symbols else program.names[program.out]
        program.define_all()
        self.reader = reader(program.value)
        self.facts = Facts(assumptions=program.assumptions)
        self.definitions = self._definitions()  # node -> Sym, simplified
        nodes = [node for node in program.nodes if node in program.live]
        self.live_named = [node for node in nodes if node in program.names]
        self.cotangents = {}  # named node -> Sym, in names and in its consumers' cotangents
        self.resolved = {}  # the same in names alone, where that isn't too long
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
        found = {program.out: self.seed}
        for node in reversed(nodes):
            g = found.get(node)
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
        for atom in sym.expr.free_symbols:
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
        for atom in expr.free_symbols & program.parts.keys():
            expr = substitute(expr, {atom: program.part_definition(atom).expr})
        for node in sorted(self._temporaries(expr), key=lambda x: -x.seq):
            expr = substitute(expr, {program.value(node).expr: program.definition(node).expr})
        return Sym(expr, sym.shape)

    def _temporaries(self, expr):
        by_symbol = self.program.by_symbol
        nodes = (by_symbol.get(atom) for atom in expr.free_symbols)
        return [node for node in nodes if node is not None and node.op is not None and not self.program.named(node)]

    # the parts of a derivation

    def forward_steps(self):
        """One step a named variable: what it is computed from."""
        program = self.program
        return tuple(
            Step("forward", Name(program.names[node]), (single(program.definition(node)),), node.op.rule,
                 node.op.words(0), node.shape, node.output, node)
            for node in program.nodes
            if node.op is not None and node in program.names
        )  # fmt: skip

    def slope(self, node, parent):
        """∂node/∂parent where it is one number an entry (elementwise paths, or a scalar output), else None."""
        program = self.program
        path = program.between(node, parent)
        inner = [x for x in path if x is not parent]
        pointwise = all(x.op.elementwise and x.shape == node.shape for x in inner) and parent.shape == node.shape
        if not pointwise and node.shape != ():
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

    def local_steps(self):
        """From the output backward: the derivative of each variable with respect to those it is made from."""
        steps = []
        for node in reversed(self.live_named):
            for parent in reversed(self.program.parents(node)):
                steps.append(self.local_step(node, parent))
        return tuple(steps)

    def local_step(self, node, parent):
        names = self.program.names
        path = self.program.between(node, parent)
        operations = [x for x in reversed(path) if x is not parent]
        rule = ", ".join(dict.fromkeys(x.op.rule for x in operations))
        words = " ".join(dict.fromkeys(sentence for x in operations for sentence in words_on(x, set(path))))
        slope = self.slope(node, parent)
        if slope is not None:
            left = Slope(names[node], names[parent])
            return Step("local", left, (single(slope),), rule, words, parent.shape, None, node, parent)
        g = self.passed(node, parent, path, self.cotangent_symbol(node))
        left = Slope(self.target, names[parent])
        form = single(simplify(self.written(g), self.facts)[0])
        note = f"by way of {names[node]}"
        return Step("local", left, (form,), rule, words, parent.shape, None, node, parent, (note,))

    def chain_steps(self, wrt):
        """The chain rule: one product along a single pointwise path, else one sum of contributions a variable."""
        path = self.single_path(wrt)
        if path is not None:
            return (self.product_step(path),)
        return tuple(
            self.contribution_step(node)
            for node in reversed(self.live_named)
            if node is not self.program.out and self.leads_to(node, wrt)
        )

    def leads_to(self, node, wrt):
        """Whether a node's cotangent takes part in that of wrt."""
        return node is wrt or wrt in self._ancestors(node)

    def _ancestors(self, node):
        cache = self.__dict__.setdefault("_behind", {})
        if node not in cache:
            behind = set()
            for x in self.program.nodes:
                if x is node:
                    break
            stack = [node]
            while stack:
                for x in stack.pop().inputs:
                    if x.__class__ is type(node) and x in self.program.live and x not in behind:
                        behind.add(x)
                        stack.append(x)
            cache[node] = behind
        return cache[node]

    def single_path(self, wrt):
        """[out, ..., wrt] if each variable on the way has one consumer and a slope, and nothing branches."""
        path = [self.program.out]
        while path[-1] is not wrt:
            onward = [x for x in self.program.parents(path[-1]) if self.leads_to(x, wrt)]
            if len(onward) != 1 or self.slope(path[-1], onward[0]) is None:
                return None
            path.append(onward[0])
        return path

    def product_step(self, path):
        names = self.program.names
        slopes = [self.slope(node, parent) for node, parent in zip(path, path[1:])]
        if self.seed.expr != 1:
            slopes.insert(0, self.seed)
        labels = tuple(Slope(names[node], names[parent]) for node, parent in zip(path, path[1:]))
        wrt = path[-1]
        result = self.resolved[wrt]
        forms = (product(slopes), single(result)) if len(slopes) > 1 else (single(result),)
        return Step("chain", Slope(self.target, names[wrt]), forms, "chain rule",
                    "The derivatives along the path are multiplied.", wrt.shape, None, wrt, None, labels)  # fmt: skip

    def contribution_step(self, node):
        """∂L/∂node as the sum of what each consumer passes back."""
        names = self.program.names
        terms = []
        for consumer in reversed(self.live_named):
            if node in self.program.parents(consumer):
                path = self.program.between(consumer, node)
                slope = self.slope(consumer, node)
                g = self.cotangent_symbol(consumer) if consumer is not self.program.out else self.seed
                if slope is not None and (consumer is not self.program.out or g.expr != 1):
                    terms.append((g, slope))
                else:
                    terms.append((simplify(self.written(self.passed(consumer, node, path, g)), self.facts)[0],))
        result = self.resolved[node]
        forms = [Form(tuple(terms))]
        if forms[0] != single(result):
            forms.append(single(result))
        words = "The derivatives along the path are multiplied."
        if len(terms) > 1:
            words = f"{names[node]} is used {len(terms)} times, so its contributions are added."
        return Step("chain", Slope(self.target, names[node]), tuple(forms), "chain rule", words,
                    node.shape, None, node, None)  # fmt: skip

    # the formula

    def formula(self, wrt):
        """The Formula: named intermediates and cotangents written out where that reads better."""
        return shortest(self.cotangents[wrt], self.known, self.facts)

    def known(self, atom):
        """What is Known of a symbol that stands for something computed, else None."""
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


def words_on(node, path):
    """What an operation says of those of its operands that lie on a path."""
    return [node.op.words(at) for at, x in enumerate(node.inputs) if x in path]


__all__ = ["Derivation", "Formula", "forward"]

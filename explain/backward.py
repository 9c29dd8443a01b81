"""The steps of a derivation: definitions forward, derivatives from the output backward, names written out.

Imported by explain.explanation. Each variable is visited once, so that the cost is linear in the length of the program.
"""

from sympy import Add

from engine.symbols import Sym, shape_of
from engine.symbols.structure import frozen
from engine.tape import Node, leading_to
from explain.cost import length
from explain.rewrite import simplify
from explain.steps import Form, Said, Slope, Step, product, single
from explain.steps import Name as Label
from explain.words import said_on

RESOLVED = 24  # up to this length a derivative is also shown in the program's own variables
MULTIPLIED = Said("The derivatives along the path are multiplied.", "chain")


class Backward:
    """The steps toward one variable; `gradients`: node -> number arrays, empty where there are none."""

    def __init__(self, derivation, wrt, gradients):
        self.derivation, self.wrt, self.gradients = derivation, wrt, gradients
        self.program = program = derivation.program
        self.out = program.out
        leading = leading_to([node for node in program.nodes if node in program.live], [wrt])
        self.nodes = [node for node in derivation.live_named if node in leading]
        self.parents = {node: [x for x in program.parents(node) if x in leading] for node in self.nodes}
        self.consumers = {node: [] for node in self.nodes}
        for node, parents in self.parents.items():
            for parent in parents:
                self.consumers[parent].append(node)
        self.shared = derivation.made
        self.signatures = self.shared.setdefault("signatures", {})

    def once(self, make, *of):
        """A step, or what it is made from, that doesn't depend on the variable asked for."""
        key = (make.__name__, bool(self.gradients), *of)
        if key not in self.shared:
            self.shared[key] = make(*of)
        return self.shared[key]

    def steps(self):
        """All steps, in the order in which they are shown."""
        path = self.single_path()
        if path is not None:
            slopes = [self.once(self.slope_step, *pair) for pair in zip(path, path[1:])]
            alone = len(slopes) == 1 and self.derivation.seed.expr == 1
            return (*self.once(self.forward), *slopes, *(() if alone else (self.product_step(path),)))
        steps = list(self.once(self.forward))
        for node in reversed(self.nodes):
            if node is self.out:
                continue
            consumers = self.consumers[node][::-1]
            if len(consumers) == 1:
                steps.append(self.once(self.passed_step, consumers[0], node, node is self.wrt))
            else:
                steps += [self.once(self.contribution_step, consumer, node) for consumer in consumers]
                steps.append(self.once(self.sum_step, node, tuple(consumers), node is self.wrt))
        return tuple(steps)

    def forward(self):
        return tuple(self.definitions())

    def definitions(self):
        program = self.program
        for node in program.nodes:
            if node.op is not None and node in program.names:
                definition = program.definition(node)
                if isinstance(definition, Sym):
                    yield Step("forward", Label(program.names[node]), (single(definition),), node.op.rule, (),
                               program.shape(node), node.output, node, like=self.signature(node))  # fmt: skip

    def signature(self, node):
        """What a variable is computed by, whatever its operands are called."""
        if node not in self.signatures:
            program = self.program
            inner, placed, made = {}, {}, []
            for x in self.program.inside(node):
                if x is not node and (x in program.names or x.op is None):
                    continue
                inputs = []
                for y in x.inputs:
                    if y.__class__ is not Node:
                        inputs.append(("number", y))
                    elif y in inner:
                        inputs.append(inner[y])
                    else:
                        inputs.append(("operand", placed.setdefault(y, len(placed)), program.shape(y)))
                inner[x] = len(inner)
                made.append((x.op.name, frozen(dict(x.params)), tuple(inputs)))
            self.signatures[node] = tuple(made), placed
        return self.signatures[node][0]

    def likeness(self, consumer, node):
        """Equal for pairs of variables between which the same happens."""
        made = self.signature(consumer)
        return made, self.signatures[consumer][1].get(node)

    def single_path(self):
        """[out, ..., wrt] if each variable on the way has one consumer and a slope, and nothing branches."""
        path = [self.out]
        while path[-1] is not self.wrt:
            onward = self.parents[path[-1]]
            if len(onward) != 1 or self.derivation.slope(path[-1], onward[0]) is None:
                return None
            path.append(onward[0])
        return path

    def slope_step(self, node, parent):
        names, program = self.program.names, self.program
        rule, said = said_on(program, node, parent)
        slope = self.derivation.slope(node, parent)
        return Step("local", Slope(names[node], names[parent]), (single(slope),), rule, said, program.shape(parent),
                    None, node, parent, like=self.likeness(node, parent))  # fmt: skip

    def product_step(self, path):
        names, derivation = self.program.names, self.derivation
        slopes = [derivation.slope(node, parent) for node, parent in zip(path, path[1:])]
        labels = [Slope(names[node], names[parent]) for node, parent in zip(path, path[1:])]
        if derivation.seed.expr != 1:
            slopes.insert(0, derivation.seed)
            labels.insert(0, Slope(derivation.target, names[path[0]]))
        wrt = path[-1]
        result = single(derivation.resolved[wrt])
        forms = (product(slopes), result) if len(slopes) > 1 else (result,)
        said = (MULTIPLIED,) if len(slopes) > 1 else ()
        return Step("chain", Slope(derivation.target, names[wrt]), forms, "", said, self.program.shape(wrt),
                    self.gradients.get(wrt), wrt, None, tuple(labels) if len(labels) > 1 else ())  # fmt: skip

    def contribution(self, consumer, node):
        """(the factors that a consumer passes back, the labels of their product, reasons of what was simplified)."""
        names, derivation = self.program.names, self.derivation
        outermost = consumer is self.out
        g = derivation.seed if outermost else derivation.cotangent_symbol(consumer)
        slope = derivation.slope(consumer, node)
        labels = (Slope(derivation.target, names[consumer]), Slope(names[consumer], names[node]))
        if slope is not None:
            if outermost and g.expr == 1:
                return (slope,), (), ()
            if slope.expr == 1:
                return (g.filled(g.expr, slope.shape),), labels, ()
            return (g, slope), labels, ()
        passed = derivation.passed(consumer, node, self.program.between(consumer, node), g)
        simple, rewrites = simplify(derivation.written(passed), derivation.facts)
        return (simple,), (), tuple(rewrites)

    def passed_step(self, consumer, node, asked):
        """∂L/∂node where one variable alone uses it."""
        names, derivation = self.program.names, self.derivation
        factors, labels, rewrites = self.once(self.contribution, consumer, node)
        rule, said = said_on(self.program, consumer, node)
        forms = self.with_result(Form((factors,)), node, asked)
        return Step("chain", Slope(derivation.target, names[node]), forms, rule, (*said, *reasons(rewrites)),
                    self.program.shape(node), self.gradients.get(node), node, consumer, labels,
                    self.likeness(consumer, node))  # fmt: skip

    def contribution_step(self, consumer, node):
        """What one of several consumers adds to ∂L/∂node."""
        names, derivation = self.program.names, self.derivation
        factors, _labels, rewrites = self.once(self.contribution, consumer, node)
        rule, said = said_on(self.program, consumer, node)
        via = "directly" if consumer is self.out else names[consumer]
        left = Slope(derivation.target, names[node], via)
        return Step("local", left, (Form((factors,)),), rule, (*said, *reasons(rewrites)), self.program.shape(node),
                    None, consumer, node, (), self.likeness(consumer, node))  # fmt: skip

    def sum_step(self, node, consumers, asked):
        """∂L/∂node as the sum of what each consumer passes back."""
        names = self.program.names
        terms = tuple(self.once(self.contribution, consumer, node)[0] for consumer in consumers)
        users = [names[consumer] for consumer in consumers]
        listed = ", ".join(users[:-1]) + f" and {users[-1]}" if len(users) <= 4 else f"{users[0]} to {users[-1]}"
        times = "twice" if len(users) == 2 else f"{len(users)} times"
        said = Said(f"{names[node]} is used {times}, in {listed}, so its contributions are added.")
        left = Slope(self.derivation.target, names[node])
        return Step("chain", left, self.with_result(Form(terms), node, asked), "sum of paths", (said,),
                    self.program.shape(node), self.gradients.get(node), node, None,
                    like=tuple(self.likeness(consumer, node) for consumer in consumers))  # fmt: skip

    def with_result(self, form, node, asked):
        """A form, and what it comes to, if that is short or is what was asked for."""
        derivation = self.derivation
        forms = [form]
        simple, resolved = derivation.cotangents[node], derivation.resolved[node]
        plain = all(len(term) == 1 for term in form.terms)
        if not plain or Add(*(term[0].expr for term in form.terms)) != simple.expr:
            forms.append(single(simple))
        if resolved.expr != simple.expr and (length(resolved.expr) <= RESOLVED or asked and len(forms) == 1):
            forms.append(single(resolved))
        return tuple(forms)


def reasons(rewrites):
    """Why an expression could be shortened, as sentences."""
    found = dict.fromkeys(rewrite.reason for rewrite in rewrites)
    return tuple(Said(f"Simplified: {reason}.", f"reason {reason}") for reason in list(found)[:3])


def substitution_steps(derivation, wrt, substitutions):
    """Names in the formula replaced by their definitions, each with the rewrites that follow."""
    program = derivation.program
    left = Slope(derivation.target, program.names[wrt])
    shape = program.shape(wrt)
    steps = []
    for atom, definition, before, after, rewrites in substitutions:
        raw = Sym(derivation.shared.with_written(before.expr, atom, definition.expr), before.shape)
        forms = [single(before), single(raw)]
        if raw.expr != after.expr and not rewrites:
            forms.append(single(after))
        said = Said(f"{atom.name} is replaced by what it was computed from.")
        steps.append(Step("substitute", left, tuple(forms), "substitution", (said,), shape, None, wrt))
        for rewrite in rewrites:
            forms = tuple(single(Sym(expr, shape_of(expr))) for expr in (rewrite.before, rewrite.after))
            steps.append(Step("simplify", None, forms, rewrite.name, (Said(rewrite.reason),), (), None, wrt))
        if rewrites:
            steps.append(Step("substitute", left, (single(after),), "", (), shape, None, wrt))
    return tuple(steps)

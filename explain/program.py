"""A tape as a program in the user's names: which nodes stand as symbols, and how each is defined.

Named intermediates are atoms: that keeps every expression small and the cost linear in the length of the
program. Temporaries have symbols too while the sweep runs, and are written out by their definitions after.
"""

from collections import Counter
from itertools import count

from engine.symbols import Sym, symbol
from engine.symbols.reading import forward
from engine.symbols.structure import frozen
from engine.tape import Node, Outputs, leading_to, order, part
from explain.constants import with_constants
from explain.earlier import earlier_values
from explain.letters import lettered
from explain.naming import fresh

MANY = 100  # operations; from there on, the bound that follows is the second
WRITTEN = 16, 6  # operations up to which the definition of an unnamed temporary is written out in another's
SAME = {"cast", "copied", "clone"}  # what they give is what they take
FEW = 8  # so many unnamed operations are shown one by one


class Program:
    """The nodes behind `out`, with names, symbols and definitions.

    nodes    all of them in recording order, constants included
    live     those that depend on what is asked for
    names    node -> name, for what the user named, leaves, and the output
    value    node -> Sym: a symbol for every node, named or not
    assumed  node -> words that were assumed of a leaf
    letters  sizes of nodes, in letters where dims= gives them

    naming: which temporaries have names too: "few" in short programs, "every", or only the "mixed" ones, where what
    follows isn't computed entry by entry. layers: node -> the name of the layer that returned it.
    """

    def __init__(self, out, wrt, names, assumed=None, dims=None, naming="few", layers=None):
        stands = with_constants(order(out, needed=False), names, wrt, set(assumed or ()))

        def placed(found):
            return {stands.get(node, node): value for node, value in found.items()}

        self.out = stands.get(out, out)
        self.wrt = tuple(stands.get(node, node) for node in wrt)
        self.nodes = order(self.out, needed=False)
        self.nodes += others_of(self.nodes, names)
        self.nodes.sort(key=lambda node: node.seq)
        self.live = leading_to(order(self.out), self.wrt)  # not by way of a comparison, which has no derivative
        present = set(self.nodes)
        self.names = {node: name for node, name in placed(names).items() if node in present}
        layers = placed(layers or {})
        self.names.update(earlier := earlier_values(self.names, layers))
        self.automatic = set(earlier)  # nodes that got their names here
        self._name_leaves()
        self._name_layers(layers)
        self._name_temporaries(naming)
        self._name_bends()
        self._name_long()
        self.assumed = placed(assumed or {})
        if dims and any(node.op is not None for node in wrt):
            dims = with_sizes_of(wrt, dims, lettered(order(out, needed=False), dims, names))
        self.letters = lettered(self.nodes, placed(dims or {}), self.names)
        self.read_as = read_as(self.nodes)
        self.symbols = {}
        for at, node in enumerate(self.nodes):
            name = self.names.get(node) or f"#{at}"  # no user's name looks like that
            words = self.assumed.get(node, ())
            self.symbols[node] = symbols_for(name, self.letters.shapes[node], node.output, "positive" in words)
        self.assumptions = {self.symbols[node].expr: set(words) for node, words in self.assumed.items()
                            if node in self.symbols}  # fmt: skip
        self.parts = {sym.expr: (node, at) for node, syms in self.symbols.items() if isinstance(syms, Outputs)
                      for at, sym in enumerate(syms)}  # fmt: skip
        self.taken = {(node.inputs[0], node.params["index"]): sym for node, sym in self.symbols.items()
                      if node in self.names and node.op is not None and node.op.name == "part"}  # fmt: skip
        self._defined = {}
        self.by_symbol = {
            sym.expr: node for node, sym in self.symbols.items() if isinstance(sym, Sym)
        }

    def _name_leaves(self):
        taken = set(self.names.values())
        for node in self.nodes:
            if node in self.names:
                continue
            if node is self.out:
                stem = "out"
            elif node.op is None or node in self.wrt:
                stem = "x" if node.needs else "k"
            else:
                continue
            self.names[node] = fresh(stem, taken)
            taken.add(self.names[node])

    def _way(self):
        """The live operations before the output."""
        return [node for node in self.nodes if node in self.live and node.op is not None and node is not self.out]

    def _short(self):
        """Whether the user named nothing on the way, and it is short enough to be shown step by step."""
        way = self._way()
        return len(way) <= FEW and not any(node in self.names for node in way)

    def _name_layers(self, layers):
        """Where temporaries aren't shown one by one, the results of layers upon layers go by the layers' names."""
        taken, names = set(self.names.values()), {}
        groups, stepwise = self._groups(), self.live if self._short() else ()
        members = Counter(last for node, last in groups.items() if node in layers)
        for node in self.nodes:
            if node in layers and members[groups.get(node)] > 1 and node not in stepwise:
                stem = layers[node]
                self._give(node, names.setdefault(stem, numbered(f"{stem}_", taken, stem)))
                taken.add(self.names[node])

    def _name_temporaries(self, naming):
        """Where the user named nothing on the way, short programs get names for the temporaries: t1, t2, ..."""
        every, way = naming == "every", self._way()
        if every:
            way = [node for node in way if node not in self.names and not isinstance(node.output, Outputs)]
        elif not self._short():
            return
        taken = set(self.names.values())
        if naming == "mixed":
            way = [node for node in way if node in self._mixed()]
        calls = [] if every else [(node.op, node.inputs, frozen(node.params)) for node in way]
        for at, node in enumerate(way):
            if isinstance(node.output, Outputs) or not every and node.op.name in SAME:
                continue
            if calls and calls.count(calls[at]) > 1:
                continue  # written twice, as in (a + 5) * (a + 5): two names would hide that
            self.names[node] = fresh("t", taken | {"t"})
            self.automatic.add(node)
            taken.add(self.names[node])

    def _mixed(self):
        """The nodes that aren't computed entry by entry, or don't go on so: rules of calculus end there."""
        found = set()
        for node in self.nodes:
            if node.op is not None and not (node.op.elementwise and all(
                x.__class__ is not Node or x.shape in ((), node.shape) for x in node.inputs
            )):
                found |= {node, *(x for x in node.inputs if x.__class__ is Node)}
        return found

    def _name_bends(self):
        """In long definitions, what comes out of products and sums and goes into a function has a name: t = x W + b.

        The function's slope is taken there, so that it would be written out once more with every such slope.
        """
        names = numbered("t", set(self.names.values()))
        groups = self._groups()
        members = Counter(groups.values())
        bends = {x for node in self.nodes if node.op is not None and node.op.saves
                 for at, x in enumerate(node.inputs) if at not in node.op.linear}  # fmt: skip
        inside = set()  # those whose definition has a product or a sum
        for node in self.nodes:
            if members[groups.get(node)] <= FEW or node is self.out:
                continue
            if not (node.op.elementwise or node.op.moves) or not inside.isdisjoint(node.inputs):
                inside.add(node)
            if node in inside and node in bends and not isinstance(node.output, Outputs):
                self._give(node, names)
                inside.discard(node)

    def _groups(self):
        """An operation without a name -> the last of those that hang together with it, the output perhaps."""
        groups, into = {}, {}  # into: a node -> the last one of what it goes into
        for node in reversed(self.nodes):
            if node is self.out or node.op is not None and node not in self.names:
                last = groups[node] = into.get(node, node)
                for x in node.inputs:
                    into.setdefault(x, last)
        return groups

    def _name_long(self):
        """Temporaries whose definitions would be long if all that is in them were written out get names too.

        So does what an operation with several outputs takes, since it would stand in each of them.
        """
        names, sizes = numbered("t", set(self.names.values())), {}
        bound = WRITTEN[len(self.nodes) > MANY]

        def give(node):
            self._give(node, names)
            sizes[node] = 1

        for node in self.nodes:
            if node.op is None or node in self.names:
                sizes[node] = 1
                continue
            inputs = [x for x in node.inputs if x.__class__ is Node]
            several = isinstance(node.output, Outputs)
            for x in inputs if several else ():
                if sizes[x] > 1 and sizes[x] * len(node.output) > bound:
                    give(x)
            sizes[node] = 1 + sum(map(sizes.get, inputs)) + len(node.inputs) - len(inputs)
            if sizes[node] > bound and not several:
                give(node)

    def _give(self, node, names):
        """The next of some names."""
        self.names[node] = next(names)
        self.automatic.add(node)

    def value(self, node):
        """The Sym that stands for a node."""
        return self.symbols[node.node if node.__class__ is Lettered else node]

    def shape(self, node):
        """A node's sizes, in letters where there are any."""
        return self.letters.shapes[node]

    def sizes_of(self, shape):
        """A shape in numbers, at the user's sizes."""
        return tuple(size if isinstance(size, int) else int(size.subs(self.letters.sizes)) for size in shape)

    def symbolic(self, node):
        """A node as rules on symbols read it."""
        params = self.letters.params.get(node)
        return node if params is None else Lettered(node, params)

    def part_definition(self, atom):
        """What the symbol of one of several outputs stands for: its name, if it has one, else how it is computed.

        None for any other symbol.
        """
        if not self.parts:
            return None
        node, at = self.parts.get(atom, (None, None))
        named = self.taken.get((node, at))
        return named or (None if node is None else part(self.definition(node), index=at))

    def named(self, node):
        return node in self.names

    def definition(self, node):
        """What a node is computed from: its operation on its inputs, unnamed temporaries written out."""
        if node not in self._defined:
            self._defined[node] = forward(self.symbolic(node), self._written)
        return self._defined[node]

    def _written(self, node):
        """A node inside another's definition: its symbol if named, else its own definition."""
        if node.op is None or node in self.names:
            return self.symbols[node]
        # Recording order bounds the depth: a temporary's own temporaries are defined already.
        return self.definition(node)

    def define_all(self):
        """Definitions of all nodes, in recording order, so that no recursion goes deep."""
        for node in self.nodes:
            if node.op is not None:
                self.definition(node)

    def parents(self, node):
        """The named live nodes that a node is computed from, through unnamed temporaries, in recording order."""
        found, stack, seen = set(), [node], {node}
        while stack:
            for x in stack.pop().inputs:
                if x.__class__ is not Node or x not in self.live or x in seen:
                    continue
                seen.add(x)
                if x in self.names:
                    found.add(x)
                else:
                    stack.append(x)
        return sorted(found, key=lambda x: x.seq)

    def between(self, node, parent):
        """The nodes on unnamed paths from `parent` to `node`, both included, in recording order."""
        inside = [x for x in self.inside(node) if x in (node, parent) or x not in self.names]
        leading = leading_to(inside, [parent])
        return [x for x in inside if x in leading]

    def inside(self, node):
        """A node and the unnamed live temporaries behind it, and the named nodes where they end."""
        found, stack = {node}, [node]
        while stack:
            for x in stack.pop().inputs:
                if x.__class__ is Node and x in self.live and x not in found:
                    found.add(x)
                    if x not in self.names:
                        stack.append(x)
        return sorted(found, key=lambda x: x.seq)


def others_of(nodes, names):
    """The outputs, named by the user, that `nodes` leave out of an operation with several."""
    inside = set(nodes)
    return [node for node in names
            if node not in inside and node.op is not None and node.op.name == "part" and node.inputs[0] in inside]


def numbered(stem, taken, first=None):
    """stem1, stem2, ... without those that are taken, or `first`, stem2, ...

    >>> names = numbered("h_", {"h_2"}, "h")
    >>> next(names), next(names)
    ('h', 'h_3')
    """
    names = (f"{stem}{at}" if at > 1 or first is None else first for at in count(1))
    return (name for name in names if name not in taken)


def symbols_for(name, shape, output, positive=False):
    """The symbol of an output, or of each of several outputs."""
    if isinstance(output, Outputs):
        return Outputs(symbol(f"{name}_{at}", part) for at, part in enumerate(shape))
    return symbol(name, shape, positive=True) if positive else symbol(name, shape)


class Lettered:
    """A node whose parameters are in letters, as rules on symbols read it."""

    __slots__ = ("op", "inputs", "params", "node")

    def __init__(self, node, params):
        self.op, self.inputs, self.params, self.node = node.op, node.inputs, params, node


TRANSPOSED = {"symmetric": "symmetric", "lower triangle": "upper triangle", "upper triangle": "lower triangle"}


def read_as(nodes):
    """node -> a key of TRANSPOSED, for matrices of which an operation reads one triangle: they can only move so."""
    found = {}
    for node in reversed(nodes):  # what reads comes after what is read
        if node.op is None:
            continue
        for x, domain in zip(node.inputs, node.op.domain):
            if domain == "symmetric":
                found[x] = "symmetric"
            elif domain == "triangle":
                found.setdefault(x, "upper triangle" if node.params["upper"] else "lower triangle")
        if node in found and node.op.name == "permute":  # of the last two axes, or they wouldn't be read so
            found.setdefault(node.inputs[0], TRANSPOSED[found[node]])
    return found


def with_sizes_of(wrt, dims, letters):
    """dims= for computed nodes as well, as far as theirs are letters; the others' are left out."""
    made = {node: [str(size) if size.is_Symbol else number for size, number in zip(letters.shapes[node], node.shape)]
            for node in wrt if node not in dims}  # fmt: skip
    return {**dims, **made}

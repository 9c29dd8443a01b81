"""explain() and the Explanation that it returns. Imported by explain's users, the command line and renderers."""

import sys
from functools import partial

import numpy as np

from engine.autograd import NO_GRAPH
from engine.creation import tensor
from engine.memory import uncollected
from engine.ops.linalg_checks import LinAlgError
from engine.symbols import Sym
from engine.tape import Node, order
from engine.tensor import Tensor
from explain.assumptions import checked
from explain.backward import Backward, substitution_steps
from explain.certify import CertificateError, certify, certify_steps
from explain.constants import behind
from explain.derive import Derivation
from explain.details import known_detail
from explain.fresh import refuse_contradictions
from explain.layers import layers_of
from explain.naming import (
    Nodes,
    asked_for,
    beside,
    call_with_locals,
    names_in_frames,
    plain,
    take_attributes,
    take_names,
)
from explain.numbers import entry_step, followed, shown_entries
from explain.points import points
from explain.program import Program
from explain.replay import as_float64
from explain.seed import gradients_of, seed_of
from explain.several import Explanations
from explain.strangers import called, remedy
from explain.targets import target_of, targets_of


def explain(out, *args, wrt=None, gradient=None, dims=None, names=None, assume=None, detail="steps"):
    """The derivative of `out` with respect to `wrt`: value, formula, steps, and what was checked.

    out       a tensor, or a function followed by its arguments
    wrt       a tensor, a name, or several; without it every leaf that requires grad. One that the program
              computed is a variable of its own: what it was computed from is left out. A leaf that was updated
              since has the values that it had
    gradient  the upstream gradient of a non-scalar output; without it a symbol of that shape
    dims      letters for the sizes of leaves, by tensor or name: dims={"X": "n d", "y": "n"}
    names     name -> tensor, where the caller's variables don't tell
    assume    what leaves are, by tensor or name: assume={"A": "symmetric"}; also positive, orthogonal,
              distribution, one_hot; the data is checked
    detail    how much its pages tell: "short", "steps", "ops" (every recorded operation), "rules" (calculus rule by
              rule), "entries" (in indices)

    >>> import engine as torch
    >>> a = torch.ones(2, 2, requires_grad=True)
    >>> out = (2 * (a + 5) ** 2).mean()
    >>> explain(out, wrt=a).formula
    a + 5
    """
    frame = sys._getframe(1)
    variables = {}
    if not isinstance(out, Tensor):
        if not callable(out):
            raise TypeError(
                f"explain() takes a tensor, or a function and its arguments, not {called(out)}; "
                + remedy(out, "give it the tensor that your program computed")
            )
        if not any(isinstance(arg, Tensor) for arg in args):
            args = [_variable(arg) for arg in args]
        out, variables = call_with_locals(out, args)
        if not isinstance(out, Tensor):
            raise TypeError(
                f"the function returned {called(out)}; explain() needs it to return one tensor, computed from its "
                "arguments: " + remedy(out, "tensors, or arrays and numbers with a decimal point")
            )
    elif args:
        raise TypeError("explain(tensor) takes no further positional arguments; write wrt=...")
    named = dict(names or {})
    named.update({name: value for name, value in variables.items() if name not in named and plain(name)})
    return explanation_of(out, wrt, gradient, named, frame, dims=dims, assume=assume, detail=detail)


def _variable(arg):
    """An array or a number as a tensor that requires grad; anything else as it is."""
    if isinstance(arg, float) or isinstance(arg, (np.ndarray, np.generic)) and arg.dtype.kind == "f":
        return tensor(np.asarray(arg), requires_grad=True)
    return arg


def explanation_of(out, wrt, gradient, names, frame=None, *, dims=None, assume=None, detail="steps"):
    """The explanation of a tensor; `names` (name -> tensor or any variable) win over the variables of `frame`."""
    if not out._node.needs:
        raise RuntimeError(f"{NO_GRAPH}; make a tensor that it depends on with requires_grad=True")
    nodes = order(out._node, needed=False)
    seen = Nodes((*nodes, *behind(nodes)))
    asked = wrt if isinstance(wrt, (list, tuple)) else [wrt]
    found = asked_for([*asked, *(dims or ()), *(assume or ())], names, frame, seen)
    take_names(names, seen, found, given=True)
    if frame is not None:
        taken = set(found.values())
        found.update({node: name for node, name in names_in_frames(frame, seen).items()
                      if node not in found and name not in taken})  # fmt: skip
    take_attributes(names, frame, seen, found)
    targets = targets_of(wrt, out, Nodes(nodes), found)

    def find(key):
        return target_of(key, out, seen, found, needs=False)

    sizes = {find(key): given for key, given in (dims or {}).items()}
    found = {**found, **beside(nodes, found, names, frame)}
    assumed = checked(assume, find, found)
    layers = layers_of(nodes, names, frame)
    with uncollected():  # a derivation keeps nearly all that it makes
        return _explanations(out, targets, found, layers, gradient, assumed, sizes, known_detail(detail))


def _explanations(out, targets, names, layers, gradient, assumed, dims, detail, naming="few"):
    asked, several = targets
    if several and any(node.op is not None for node in asked):  # each is a variable in a program of its own
        return Explanations({
            node: _explanations(out, ([node], False), names, layers, gradient, assumed, dims, detail, naming)
            for node in asked
        })  # fmt: skip
    program = Program(out._node, asked, names, assumed, dims, naming, layers)
    refuse_contradictions(program)
    node, nodes = program.out, program.wrt
    seed, cotangent = seed_of(node, gradient, program)
    derivation = Derivation(program, seed)
    gradients = gradients_of(node, nodes, cotangent)

    def remade(one, naming):
        return _explanations(out, ([one], False), names, layers, gradient, assumed, dims, detail, naming)

    numbers = gradient is not None or node.output.size == 1
    try:
        evidence = list(points(derivation, np.asarray(cotangent, dtype=float)))
        made = [Explanation(derivation, wrt, gradients, cotangent, evidence, numbers, partial(remade, one), detail)
                for one, wrt in zip(asked, nodes)]  # fmt: skip
    except LinAlgError as error:
        raise CertificateError(
            f"the formula can't be evaluated at these values: {error} Ask at values where that matrix is regular"
        ) from error
    return Explanations(dict(zip(asked, made))) if several else made[0]


class Explanation:
    """The derivative of one output with respect to one variable: number, formula, derivation, evidence."""

    def __init__(self, derivation, wrt, gradients, cotangent, evidence, given, remade, detail):
        self._remade = remade
        self.detail = detail
        self._derivation = derivation
        self._wrt = wrt
        self._cotangent = np.asarray(cotangent, dtype=float)
        program = derivation.program
        self.name = program.names[wrt]
        self.output_name = program.names[program.out]
        found = derivation.formula(wrt)
        self._found = found
        formula = found.main
        self.rewrites = found.rewrites
        self.formula = formula.expr
        self.where = tuple((atom.name, sym) for atom, sym in found.where.items())
        self.definitions = {name: sym.expr for name, sym in self.where}
        self._gradients = gradients
        self.value = None if derivation.seed.expr.is_Symbol and not given else gradients[wrt]
        if self.value is not None:
            self.value.flags.writeable = False
        self.steps = (
            *Backward(derivation, wrt, gradients if self.value is not None else {}).steps(),
            *substitution_steps(derivation, wrt, found.substitutions),
            *self._numbers(),
        )
        self.certificate = certify(
            derivation, self.steps, {wrt: [("the formula", formula), ("the named formula", found.named)]}, found.where,
            evidence,
        )  # fmt: skip

    @property
    def target(self):
        """The name of what is differentiated: the output, or L where there is an upstream gradient."""
        return self._derivation.target

    @property
    def seed(self):
        """The output's cotangent: 1, or the symbol of the upstream gradient."""
        return self._derivation.seed

    @property
    def formula_sym(self):
        """The formula with its shape."""
        return self._found.main

    @property
    def given(self):
        """(name, value) of the leaves that the derivation starts from."""
        program = self._derivation.program
        return tuple((program.names[node], np.asarray(node.output)) for node in program.nodes if node.op is None)

    def _numbers(self):
        """The first entry's step from numbers, where there are numbers; each entry's where each has its own formula."""
        if self.value is None or not self.value.size:
            return ()
        return tuple(map(self._entry_step, shown_entries(self.formula, self.value.shape)))

    def _entry_step(self, index, everywhere=True):
        return entry_step(self._derivation, self._wrt, self._found.main, index, self._env, self.value, everywhere)

    def at(self, *index):
        """One number explained: the entry at `index`, with the numbers that it comes from substituted.

        >>> import engine as torch
        >>> a = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
        >>> b = a + 5
        >>> print(explain((b * b).sum(), wrt=a).at(0, 1).text().splitlines()[0])
        ∂out/∂a[0, 1] = 14
        """
        from explain.render.entry import Entry

        if self.value is None:
            raise ValueError("there are no numbers without the upstream gradient; give explain() gradient=...")
        shape = self.value.shape
        if len(index) != len(shape) or not all(-size <= at < size for at, size in zip(index, shape)):
            raise IndexError(f"{self.name} has the shape {shape}; give one index for each axis, within it")
        index = tuple(int(at) % size for at, size in zip(index, shape))
        step = self._entry_step(index, everywhere=False)
        before = followed(self._derivation, step, self._env)
        certify_steps(self._derivation, (*before, step), self._cotangent)
        return Entry(self, index, step, before)

    def rules(self):
        """The definitions differentiated rule by rule, as a tutor of calculus does it; certified when made."""
        from explain.rules import rule_steps

        steps = self.__dict__.get("_rules")
        if steps is None:
            made = self.by_rules()
            steps = self.__dict__["_rules"] = rule_steps(made.derivation, made.wrt)
            certify_steps(made.derivation, steps, self._cotangent)
        return steps

    def by_operations(self):
        """The same explanation with a name for every operation that was recorded."""
        return self._remade("every")

    def by_rules(self):
        """The same explanation without names for what the user left unnamed and rules of calculus go through."""
        if "_by_rules" not in self.__dict__:
            self.__dict__["_by_rules"] = self._remade("mixed") if self._derivation.program.automatic else self
        return self.__dict__["_by_rules"]

    def indices(self):
        """The names of the indices in entries()."""
        from explain import forms

        return forms.indices(self)

    @property
    def _env(self):
        """symbol -> its value in the user's program, in float64; the explanations of several variables share it."""
        made = self._derivation.made
        if "values" not in made:
            made["values"] = self._values()
        return made["values"]

    def _values(self):
        derivation = self._derivation
        program = derivation.program
        env = dict(program.letters.sizes)
        for node, sym in program.symbols.items():
            pairs = [(sym, node.output)] if isinstance(sym, Sym) else zip(sym, node.output)
            env.update({part.expr: as_float64(np.asarray(output)) for part, output in pairs})
        for atom, node in derivation.by_cotangent.items():
            env[atom] = np.asarray(self._gradients.get(node, 0.0), dtype=float)
        if derivation.seed.expr.is_Symbol:
            env[derivation.seed.expr] = self._cotangent
        return env

    @property
    def expanded(self):
        """The formula in the leaves alone."""
        from explain import forms

        return forms.expanded(self).expr

    def entries(self):
        """One entry of the formula in the leaves alone, with SymPy's Indexed, Sum and KroneckerDelta."""
        from explain import forms

        return forms.entries(self)

    def code(self, target="numpy"):
        """The source of a function `grad_NAME(leaves...)`, certified; it needs NumPy alone.

        Its arguments are the leaves that the formula uses, and the upstream gradient G where there is one.
        """
        from explain import forms

        return forms.code(self, target)

    def function(self, target="numpy"):
        """The function that `.code()` is the source of."""
        from explain import forms

        return forms.function(self, target)

    def check(self, candidate):
        """The Verdict on a derivative that somebody worked out: truthy if it is right, else it says what is wrong.

        A candidate is NumPy text (parsed, never run), LaTeX, a SymPy expression, a function of the variables, or an
        array. `assert explain(loss, wrt=W).check("X.T @ (p - y) / n")` fails with the diagnosis.
        """
        from explain.candidates import sizes_among
        from explain.verdict import check, heard

        frame = sys._getframe(1)
        return heard(check(self, candidate, sizes_among({**frame.f_globals, **frame.f_locals}, self)), frame)

    @property
    def derivation(self):
        """The sweep on symbols behind the steps."""
        return self._derivation

    @property
    def wrt(self):
        """The tape's node of the variable."""
        return self._wrt

    def page(self, detail=None):
        """The page as data, of which each format is one rendering."""
        from explain.render.outline import page

        return page(self, detail or self.detail)

    def text(self, detail=None):
        """The walkthrough as plain text. `detail`: short, steps, ops, rules or entries."""
        from explain.render.text import render

        return render(self.page(detail))

    def markdown(self, detail=None):
        """The walkthrough as Markdown with formulas that GitHub renders."""
        from explain.render.markdown import render

        return render(self.page(detail))

    def latex(self, detail=None, document=True):
        """The walkthrough as a LaTeX document, or as a fragment for one that loads amsmath."""
        from explain.render.latex import render

        return render(self.page(detail), document)

    def html(self, detail=None):
        """The walkthrough as one HTML file that works offline; the arrow keys walk through its steps."""
        from explain.render.html import render

        return render(self.page(detail))

    def json(self, detail=None):
        """The walkthrough as JSON, which explain.render.data.loads reads back; the schema is in docs/json.md."""
        from explain.render.data import dumps

        return dumps(self.page(detail))

    def doctest(self):
        """The derivative as a doctest: its source, and what it gives on the program's numbers. It needs NumPy alone."""
        from explain.render.doctest import render

        return render(self)

    def _repr_markdown_(self):
        return self.markdown()

    def __str__(self):
        return self.text()

    def __repr__(self):
        return f"<Explanation: ∂{self.target}/∂{self.name} = {self.formula}>"


__all__ = ["Explanation", "Explanations", "Node", "Sym", "explain"]

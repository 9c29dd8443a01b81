"""The page of an explanation as data: sections of lines, in one order for every format. Imported by renderers.

A line is an equation (parts that are equal, from left to right) with the rule and the words that go with it.
"""

from dataclasses import dataclass

from engine.symbols import Sym
from explain.details import known_detail
from explain.render.values import abridged, shape_words
from explain.steps import Derivative, Form, Name, Numbers, Slope

MANY = 14  # lines from which steps that are like earlier ones are left out
ALIKE = 4  # so many of them in a row
NARROW = 30  # letters up to which a value stands behind a formula


@dataclass(frozen=True)
class Value:
    """A number or an abridged array at the end of an equation."""

    shown: str


@dataclass(frozen=True)
class Path:
    """The product of derivatives along a path, as labels."""

    slopes: tuple


@dataclass(frozen=True)
class Line:
    """parts: labels, forms, numbers and ready texts, all equal; rule, shape and words may be empty.

    node: the name of the variable that the line is about, for a renderer that lights it in the graph.
    """

    parts: tuple
    rule: str = ""
    shape: str = ""
    words: tuple = ()
    node: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    lines: tuple


@dataclass(frozen=True)
class Page:
    """title: the derivative; headline: it, its formula, its value; where: definitions; checked: the certificate."""

    title: Slope
    headline: Line
    where: tuple
    sections: tuple
    legend: tuple
    checked: str
    graph: object


def page(explanation, detail="steps"):
    """The Page of an explanation."""
    from explain.render.graph import graph
    from explain.render.legend import legend, upstream

    if known_detail(detail) == "ops":
        return page(explanation.by_operations())
    explanation = explanation.by_rules() if detail == "rules" else explanation
    left = Slope(explanation.target, explanation.name)
    value = () if explanation.value is None else (_value(explanation.value),)
    headline = Line((left, explanation.formula_sym, *value), node=explanation.name)
    likeness = _likeness(explanation.steps)
    where = condensed([(Line((Name(name), sym), node=name), likeness.get(name)) for name, sym in explanation.where])
    sections = () if detail == "short" else tuple(s for s in _sections(explanation, detail) if s.lines)
    notation = (*upstream(explanation), *legend(explanation.target, headline, where, sections))
    return Page(left, headline, where, sections, notation, str(explanation.certificate), graph(explanation))


def _sections(explanation, detail):
    steps = explanation.steps
    teller = Teller()
    yield Section("Forward", condensed([*_given(explanation), *((_forward(step), step.like) for step in
                                                                 _of(steps, "forward"))]))  # fmt: skip
    if detail == "rules":
        yield Section("Rule by rule", tuple(_rule(step, teller) for step in explanation.rules()))
    alone = any(step.kind == "local" and not step.left.via for step in steps)
    if alone:
        local = _of(steps, "local")
        yield Section("Local derivatives", condensed([(_local(step, teller), step.like) for step in local]))
        yield Section("Chain rule", tuple(_chain(step, teller) for step in _of(steps, "chain")))
    else:
        lines = [(_chain(step, teller), step.like) for step in _of(steps, "local", "chain")]
        yield Section(f"Chain rule, backward from {explanation.output_name}", condensed(lines))
    yield Section("Substitution", tuple(_substitution(steps)))
    if detail == "entries":
        yield Section("In indices", tuple(_indices(explanation)))
    yield Section("Numbers", tuple(_numbers(explanation)))


def _likeness(steps):
    """name of a variable, or of a derivative -> equal things for what is computed alike."""
    found = {}
    for step in steps:
        if step.kind == "forward":
            found[step.left.name] = step.like
        elif step.kind == "chain" and step.like is not None:
            found[f"∂{step.left.of}/∂{step.left.wrt}"] = ("chain", step.like)
    return found


class Teller:
    """Remembers what was said, so that nothing is said twice on a page."""

    def __init__(self):
        self.said = set()

    def __call__(self, words):
        out = []
        for said in words:
            key = said.kind or said.text
            text = said.text if key not in self.said else said.again
            if text and text not in self.said:
                out.append(text)
            self.said |= {key, said.text, text}
        return tuple(out)


def condensed(pairs):
    """Lines, of (line, likeness) pairs; in a long list, runs of lines that are like two earlier ones are left out."""
    if len(pairs) < MANY:
        return tuple(line for line, _like in pairs)
    seen, out, run = {}, [], []
    for line, like in pairs:
        if like is not None:
            seen[like] = seen.get(like, 0) + 1
        if like is not None and seen[like] > 2:
            run.append(line)
            continue
        out += _left_out(run)
        run = []
        out.append(line)
    return tuple([*out, *_left_out(run)])


def _left_out(run):
    """A run of like lines: what is left out is named, and the last one kept."""
    if len(run) < ALIKE:
        return run
    names = list(dict.fromkeys(getattr(line.parts[0], "via", "") or line.node for line in run[:-1]))
    listed = ", ".join(names) if len(names) <= 4 else f"{names[0]}, {names[1]}, …, {names[-1]}"
    return [Line((), "", "", (f"{len(run) - 1} more lines like these, for {listed}.",)), run[-1]]


def _of(steps, *kinds):
    return [step for step in steps if step.kind in kinds]


def _given(explanation):
    program = explanation.derivation.program
    for node in program.nodes:
        if node.op is None:
            name, shape = program.names[node], program.shape(node)
            yield Line((Name(name), _value(node.output)), "given", shape_words(shape), (), name), ("given", shape)


def _forward(step):
    return Line((step.left, *step.forms, _value(step.value)), "", shape_words(step.shape), (), step.left.name)


def _rule(step, teller):
    return Line((step.left, *step.forms), step.rule, "", teller(step.words), step.left.wrt)


def _local(step, teller):
    shape = _shape(step) if step.left.via else ""  # a slope's shape is its variable's
    return Line((step.left, *step.forms), step.rule, shape, teller(step.words), step.left.wrt)


def _chain(step, teller):
    path = (Path(step.path),) if len(step.path) > 1 else ()
    value = _beside(step.value)
    shape = _shape(step) if step.rule else ""
    return Line((step.left, *path, *step.forms, *value), step.rule, shape, teller(step.words), step.left.wrt)


def _shape(step):
    return shape_words(step.shape) if step.shape else ""


def _beside(value):
    """A value that is short enough to stand behind a formula."""
    if value is None:
        return ()
    shown = abridged(value)
    return (Value(shown),) if len(shown) <= NARROW and "entries" not in shown else ()


def _substitution(steps):
    chosen = _of(steps, "substitute", "simplify")
    begun = False
    for step in chosen:
        words = tuple(said.text for said in step.words)
        forms = step.forms
        if step.kind == "simplify":
            yield Line(forms, "", "", (f"Simplified: {words[0]}.",))
            continue
        if begun and len(forms) > 1:
            forms = forms[1:]
        begun = True
        yield Line((step.left, *forms), "", "", words, step.left.wrt)


def _indices(explanation):
    found = explanation.entries()
    left = Slope(explanation.target, explanation.name, "", explanation.indices())
    yield Line((left, Sym(found, ())), "", "", (), explanation.name)


def _numbers(explanation):
    if explanation.value is None:
        return
    shape = explanation.value.shape
    for step in _of(explanation.steps, "entry"):
        everywhere = shape and step.left.index is None
        # The entries by name, then the same with numbers; what is uniform has numbers at once.
        forms = step.forms[1:] if (everywhere or not shape) and len(step.forms) > 1 else step.forms
        where = "in every entry" if everywhere else ""
        yield Line((step.left, *forms, _value(step.value)), "", "", (where,) if where else (), explanation.name)
    if shape and any(step.left.index is not None for step in _of(explanation.steps, "entry")):
        left = Slope(explanation.target, explanation.name)
        yield Line((left, _value(explanation.value)), "", shape_words(shape), (), explanation.name)


def _value(array):
    return Value(abridged(array))


__all__ = [
    "Derivative", "Form", "Line", "Name", "Numbers", "Page", "Path", "Section", "Slope", "Value", "page",
]  # fmt: skip

"""The order of a page: sections of lines, the same for every format. Imported by renderers.

A line is an equation (parts that are equal, from left to right) with the rule and the words that go with it.
"""

from dataclasses import dataclass

from explain.render.values import abridged, shape_text
from explain.steps import Form, Name, Numbers, Slope


@dataclass(frozen=True)
class Line:
    """parts: labels, forms, numbers and ready texts, all equal; rule and words may be empty."""

    parts: tuple
    rule: str = ""
    words: str = ""


@dataclass(frozen=True)
class Value:
    """A number or an abridged array at the end of an equation."""

    shown: str


@dataclass(frozen=True)
class Path:
    """The product of derivatives along a path, as labels."""

    slopes: tuple


@dataclass(frozen=True)
class Section:
    title: str
    lines: tuple


def outline(explanation):
    """The sections of an explanation, from the forward pass to what was checked."""
    steps = explanation.steps
    return (
        Section("Forward", (*_given(explanation), *(_forward(step) for step in _of(steps, "forward")))),
        Section("Local derivatives", tuple(map(_local, _of(steps, "local")))),
        Section("Chain rule", tuple(map(_chain, _of(steps, "chain")))),
        Section("Substitution", tuple(map(_substitution, _of(steps, "substitute", "simplify")))),
        Section("Numbers", _numbers(explanation)),
    )


def headline(explanation):
    """∂out/∂a = the formula = its value, then where-definitions."""
    left = Slope(explanation.target, explanation.name)
    value = () if explanation.value is None else (_value(explanation.value),)
    lines = [Line((left, explanation.formula_sym, *value))]
    for name, sym in explanation.where:
        lines.append(Line((Name(name), sym)))
    return tuple(lines)


def _of(steps, *kinds):
    return [step for step in steps if step.kind in kinds]


def _given(explanation):
    for name, value in explanation.given:
        yield Line((Name(name), _value(value)), "", f"given, {shape_text(value.shape)}")


def _forward(step):
    return Line((step.left, *step.forms, _value(step.value)), "", shape_text(step.shape))


def _local(step):
    note = f" ({step.notes[0]})" if step.notes else ""
    return Line((step.left, *step.forms), step.rule + note, step.words)


def _chain(step):
    path = (Path(step.notes),) if step.notes and len(step.notes) > 1 else ()
    return Line((step.left, *path, *step.forms), "", step.words)


def _substitution(step):
    return Line((step.left, *step.forms), "", step.words)


def _numbers(explanation):
    numbers = explanation.numbers
    left = Slope(explanation.target, explanation.name)
    if explanation.value is None:
        return ()
    if numbers is None:
        return (Line((left, _value(explanation.value)), "", shape_text(explanation.value.shape)),)
    where = "in every entry" if numbers.everywhere else f"in entry {list(numbers.index)}"
    where = where if explanation.value.shape else ""
    parts = (left, numbers, Value(abridged(numbers.result)))
    lines = [Line(parts, "", where)]
    if not numbers.everywhere:
        lines.append(Line((left, _value(explanation.value)), "", shape_text(explanation.value.shape)))
    return tuple(lines)


def _value(array):
    return Value(abridged(array))


__all__ = ["Form", "Line", "Name", "Numbers", "Path", "Section", "Slope", "Value", "headline", "outline"]

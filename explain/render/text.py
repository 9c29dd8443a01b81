"""The walkthrough as plain Unicode text, 80 columns wide."""

import textwrap

from engine.symbols import Sym
from explain.render.notation import Writer
from explain.render.outline import Form, Name, Numbers, Path, Slope, headline, outline
from explain.render.vocabulary import TEXT

WIDTH = 80


def render(explanation):
    """The whole explanation as text."""
    lines = [_equation(line) for line in headline(explanation)[:1]]
    lines += ["  where " + _equation(line) for line in headline(explanation)[1:]]
    for section in outline(explanation):
        if section.lines:
            lines += ["", section.title]
            lines += _table(section.lines)
    lines += ["", "Checked", *_wrapped(str(explanation.certificate) + ".")]
    return "\n".join(lines)


def _table(lines):
    """Equations, with rule and words beside them where they fit, else below."""
    rows = [(_equation(line), _comment(line)) for line in lines]
    width = max((len(equation) for equation, comment in rows if len(equation) <= 34), default=0)
    out = []
    for equation, comment in rows:
        beside = f"  {equation:<{width}}   {comment}".rstrip()
        if len(beside) <= WIDTH:
            out.append(beside)
            continue
        out += _folded(equation)
        out += _wrapped(comment, "      ")
    return out


def _comment(line):
    return ": ".join(part for part in (line.rule, line.words) if part)


def _folded(equation):
    """A long equation broken before its equals signs, else where a line ends."""
    if len(equation) + 2 <= WIDTH:
        return ["  " + equation]
    first, *rest = equation.split(" = ")
    lines = [f"  {first} = {rest[0]}"] if rest else [f"  {first}"]
    lines += [f"      = {part}" for part in rest[1:]]
    return [row for line in lines for row in textwrap.wrap(line, WIDTH, subsequent_indent=" " * 8,
                                                           break_long_words=False, break_on_hyphens=False)]  # fmt: skip


def _wrapped(words, indent="  "):
    return textwrap.wrap(words, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _equation(line):
    return " = ".join(dict.fromkeys(_part(part) for part in line.parts))


def _part(part):
    if isinstance(part, Name):
        return part.name
    if isinstance(part, Slope):
        return TEXT.slope(part.of, part.wrt)
    if isinstance(part, Path):
        return " · ".join(TEXT.slope(slope.of, slope.wrt) for slope in part.slopes)
    if isinstance(part, Sym):
        return Writer(TEXT).write(part.expr)[0]
    if isinstance(part, Form):
        return " + ".join(_product(term) for term in part.terms)
    if isinstance(part, Numbers):
        return Writer(TEXT, dict(part.numbers)).write(part.expr)[0]
    return part.shown


def _product(term):
    """A product as it was multiplied, factor by factor."""
    writer = Writer(TEXT)
    if len(term) == 1:
        return writer.write(term[0].expr)[0]
    return " · ".join(writer.at(factor.expr, 1) for factor in term)

"""The walkthrough as Markdown with formulas that GitHub renders."""

from engine.symbols import Sym
from explain.render.notation import Writer
from explain.render.outline import Form, Name, Numbers, Path, Slope, headline, outline
from explain.render.tex import LATEX, tex_name, tex_text


def render(explanation):
    """The whole explanation as Markdown."""
    title = LATEX.slope(explanation.target, explanation.name)
    lines = [f"### ${title}$", ""]
    head, *where = headline(explanation)
    lines += [_display(head)]
    if where:
        lines += ["", "where", "", *(_display(line) for line in where)]
    for section in outline(explanation):
        if section.lines:
            lines += ["", f"**{section.title}**", ""]
            lines += [_item(line) for line in section.lines]
    lines += ["", "**Checked**", "", _escaped(str(explanation.certificate)) + "."]
    return "\n".join(lines) + "\n"


def _display(line):
    return f"$$\n{_equation(line)}\n$$"


def _item(line):
    rule = f" — *{_escaped(line.rule)}*" if line.rule else ""
    words = (": " if rule else " — ") + _escaped(line.words) if line.words else ""
    return f"- ${_equation(line)}${rule}{words}"


def _equation(line):
    return " = ".join(dict.fromkeys(_part(part) for part in line.parts))


def _part(part):
    if isinstance(part, Name):
        return tex_name(part.name)
    if isinstance(part, Slope):
        return LATEX.slope(part.of, part.wrt)
    if isinstance(part, Path):
        return r" \cdot ".join(LATEX.slope(slope.of, slope.wrt) for slope in part.slopes)
    if isinstance(part, Sym):
        return Writer(LATEX).write(part.expr)[0]
    if isinstance(part, Form):
        return " + ".join(_product(term) for term in part.terms)
    if isinstance(part, Numbers):
        return Writer(LATEX, dict(part.numbers)).write(part.expr)[0]
    return _value(part.shown)


def _value(shown):
    return shown.replace("−", "-") if not any(letter.isalpha() for letter in shown) else rf"\text{{{tex_text(shown)}}}"


def _product(term):
    writer = Writer(LATEX)
    if len(term) == 1:
        return writer.write(term[0].expr)[0]
    return r" \cdot ".join(writer.at(factor.expr, 1) for factor in term)


def _escaped(words):
    for mark in "\\`*_{}[]<>#|":
        words = words.replace(mark, "\\" + mark if mark not in "<>" else {"<": "&lt;", ">": "&gt;"}[mark])
    return words

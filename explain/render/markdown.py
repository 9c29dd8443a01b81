"""The walkthrough as Markdown with formulas and a graph that GitHub renders."""

import re

from explain.render.equations import equation
from explain.render.mermaid import mermaid
from explain.render.tex import LATEX


def render(page):
    """The whole page as Markdown."""
    lines = [f"### ${equation(LATEX, _only(page.title))}$", "", _display(page.headline)]
    if page.where:
        lines += ["", "where"]
        for line in page.where:
            lines += ["", _display(line) if line.parts else _said(line)]
    if page.graph is not None and page.sections:
        lines += ["", "```mermaid", mermaid(page.graph), "```"]
    for section in page.sections:
        lines += ["", f"**{escaped(section.title)}**", "", *map(_item, section.lines)]
    if page.legend:
        lines += ["", "**Notation**", "", *(f"- {escaped(sentence)}" for sentence in page.legend)]
    lines += ["", "**Checked**", "", escaped(page.checked) + "."]
    return "\n".join(lines) + "\n"


def _only(part):
    from explain.render.outline import Line

    return Line((part,))


def _display(line):
    return f"$$\n{equation(LATEX, line)}\n$$"


def _item(line):
    if not line.parts:
        return f"- ⋮ {_said(line)}"
    head = ", ".join(part for part in (f"*{escaped(line.rule)}*" if line.rule else "", escaped(line.shape)) if part)
    said = _said(line)
    comment = f"{head}: {said}" if head and said else head or said
    return f"- ${equation(LATEX, line)}$" + (f" — {comment}" if comment else "")


def _said(line):
    return " ".join(map(escaped, line.words))


def escaped(words):
    """Words with the signs that Markdown would take as its own escaped."""
    words = re.sub(r"([\\`*_{}\[\]#|$~])", r"\\\1", words)
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

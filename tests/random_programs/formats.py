"""A random program's pages: each must be whole, and read back by a parser of its format.

Imported by random_programs.checks. What belongs into no page: names of classes, such as ArraySum(...).
"""

import re
from html.parser import HTMLParser
from xml.dom.minidom import parseString

from pages.katex import formulas_of

from explain.render import html, latex, markdown, text
from explain.render.data import loads

LEAK = re.compile(r"\bArray[A-Z]\w*\(|<(?:op|function|built-in|class|lambda)\b|\bobject at 0x|\bSym\(|np\.float64\(")
VOID = {"meta", "br", "hr", "img", "link", "input", "wbr", "col"}


def json_and_html(program, name, explained, gradient, upstream):
    """JSON comes back as the same page; HTML's elements are closed, its formulas and drawings are XML."""
    page = explained.page()
    back = loads(explained.json())
    whole = explained.html()
    assert html.render(back) == whole and text.render(back) == text.render(page), "JSON"
    Elements().whole(whole)
    for element in re.findall(r"<math.*?</math>|<svg.*?</svg>", whole, re.DOTALL):
        parseString(element.replace("&nbsp;", " "))
    assert not LEAK.search(whole), "HTML leaks " + LEAK.search(whole)[0]


class Elements(HTMLParser):
    """Every element that is opened is closed, in order."""

    def whole(self, page):
        self.open = []
        self.feed(page)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"


def latex_and_markdown(program, name, explained, gradient, upstream):
    """Braces, \\left and \\right, environments and dollars of both are paired."""
    document = explained.latex()
    paired(document)
    page = explained.markdown()
    assert page.count("\n$$\n") % 2 == 0 or page.count("$$") % 2 == 0, "Markdown's displayed formulas"
    formulas = formulas_of(page)
    assert formulas, "Markdown has no formula"
    for _where, formula, _displayed in formulas:
        paired(formula)
    for made in (document, page):
        assert not LEAK.search(made), "leaks " + LEAK.search(made)[0]


def paired(source):
    depth = 0
    plain = re.sub(r"\\\\|\\[{}]", "", re.sub(r"(?<!\\)%.*", "", source))
    for sign in re.findall(r"[{}]", plain):
        depth += 1 if sign == "{" else -1
        assert depth >= 0, "a brace closes nothing"
    assert depth == 0, "a brace stays open"
    assert len(re.findall(r"\\left(?![a-z])", plain)) == len(re.findall(r"\\right(?![a-z])", plain)), "left and right"
    environments = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", source):
        if kind == "begin":
            environments.append(name)
        else:
            assert environments and environments.pop() == name, f"\\end{{{name}}}"
    assert not environments, f"\\begin{{{environments}}}"


def text_and_details(program, name, explained, gradient, upstream):
    """Text at every length of telling leaks no class; the rules' steps are certified."""
    for detail in ("short", "steps", "ops", "rules"):
        made = explained.text(detail)
        assert made.strip() and not LEAK.search(made), f"{detail}: {LEAK.search(made)}"
    for render in (markdown, latex, html):
        assert render.render(explained.page("short"))

"""Pages in every format: kept files of ten programs, and what browsers, TeX and parsers say about them."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.dom.minidom import parseString

import pytest
from pages.katex import formulas_of, missing, refused
from pages.programs import DETAILS, PROGRAMS, pages

from explain.render import html as html_page
from explain.render import latex, markdown, text
from explain.render.data import loads

GOLDEN = Path(__file__).parents[1] / "pages" / "golden"
SUFFIXES = ("txt", "md", "tex", "html", "json")
made = {}


def page(name, suffix):
    if name not in made:
        made[name] = pages(name)
    return made[name][suffix]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_as_kept(name, suffix):
    """After a change on purpose: python tests/pages, and read the difference."""
    kept = (GOLDEN / f"{name}.{suffix}").read_text(encoding="utf-8")
    assert page(name, suffix) == kept


@pytest.mark.parametrize("name", PROGRAMS)
def test_text_fits(name):
    assert max(map(len, page(name, "txt").splitlines())) <= 80


@pytest.mark.parametrize("name", PROGRAMS)
def test_json_comes_back_whole(name):
    explanation = PROGRAMS[name]()
    for detail in {"steps", DETAILS.get(name, "steps")}:
        before, after = explanation.page(detail), loads(explanation.json(detail))
        for renderer in (text, markdown, latex, html_page):
            assert renderer.render(after) == renderer.render(before)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({}, "has no 'page'"),
        ({"version": 0, "page": {}}, "reads version 1"),
        ({"version": 1, "page": {"type": "Popen"}}, "can't hold a 'Popen'"),
        ({"version": 1, "page": {"type": "Formula", "expression": ["system", ["number", "1"]], "shape": []}},
         "no function 'system'"),
        ({"version": 1, "page": {"type": "Formula", "expression": ["operation", "none", [], [], {}, []], "shape": []}},
         "no operation 'none'"),
    ],
)  # fmt: skip
def test_json_of_something_else_is_refused(data, complaint):
    with pytest.raises(ValueError, match=complaint):
        loads(json.dumps(data))


@pytest.mark.parametrize("name", PROGRAMS)
def test_html_is_well_formed_and_needs_nothing_else(name):
    whole = PROGRAMS[name]().html(DETAILS.get(name, "steps"))
    for element in re.findall(r"<math.*?</math>|<svg.*?</svg>", whole, re.DOTALL):
        parseString(html.unescape("").join([element]).replace("&nbsp;", " "))
    assert not re.findall(r"(?:src|href)=|url\((?!#)|https?:", whole)
    assert "<b>&" not in whole


def test_html_names_are_escaped():
    assert "&lt;b&gt;" in page("awkward_names", "html") and "<b>" not in page("awkward_names", "html")


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_katex_takes_every_formula():
    formulas = [each for name in PROGRAMS for each in formulas_of(page(name, "md"), name)]
    assert len(formulas) > 100
    assert refused(formulas) == []


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_katex_refuses_a_wrong_formula():
    assert refused([["here", r"\frac{1}{", False]])[0][0] == "here"


@pytest.mark.parametrize("name", PROGRAMS)
def test_markdown_is_read_as_meant(name):
    """A CommonMark parser with maths finds our formulas as formulas, our lists as lists, and no HTML."""
    markdown_it = pytest.importorskip("markdown_it")
    dollarmath = pytest.importorskip("mdit_py_plugins.dollarmath")
    parser = markdown_it.MarkdownIt("commonmark").use(dollarmath.dollarmath_plugin)
    written = page(name, "md")
    tokens = parser.parse(written)
    inner = [child for token in tokens for child in token.children or ()]
    assert not [token for token in [*tokens, *inner] if token.type.startswith("html")]
    found = [token.content.strip() for token in [*tokens, *inner] if token.type.startswith("math")]
    assert sorted(found) == sorted(formula.strip() for _where, formula, _display in formulas_of(written))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX is installed")
@pytest.mark.parametrize("name", PROGRAMS)
def test_latex_compiles(name, tmp_path):
    (tmp_path / "page.tex").write_text(PROGRAMS[name]().latex(DETAILS.get(name, "steps")), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert ran.returncode == 0, "\n".join(line for line in ran.stdout.splitlines() if line.startswith(("!", "l.")))

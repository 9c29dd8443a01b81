"""Documents from scripts and Markdown, doctests, notebooks, the command line's formats, the page in a browser."""

import doctest
import json
import re
import shutil
import subprocess
import textwrap

import pytest
from pages.programs import PROGRAMS

import engine as torch
from explain import explain
from explain.cli import main
from explain.document import BlockError, from_markdown, from_script
from explain.render.data import loads

NOTES = """# Notes

```python
import engine as torch
x = torch.tensor([1., 2.], requires_grad=True)
w = torch.tensor([3., 4.], requires_grad=True)
```

```python explain wrt=x detail=short
y = (w * x * x).sum()
```

```text
y = (no code)
```
"""


def test_a_markdown_file():
    page = from_markdown(NOTES)
    assert "```python\ny = (w * x * x).sum()\n```\n\n### $\\frac{\\partial y}{\\partial x}$" in page
    assert "= [6, 16]" in page and "```text\ny = (no code)\n```" in page
    assert "\\partial w" not in page
    assert from_markdown(NOTES.replace(" wrt=x", "")).count("###") == 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```python explain\n1 / 0\n```", "notes.md, line 2: ZeroDivisionError"),
        ("\n```python explain\nx = (\n```", r"notes.md, line 3: '\(' was never closed"),
        ("```python explain\nx = 1\n```", "notes.md, line 1: no scalar with a derivative"),
        ("```python explain out=y\nx = 1\n```", "there is no variable 'y'"),
        ("```python explain loudly\nx = 1\n```", "'loudly' isn't understood"),
        ("```python\nx = 1\n", "notes.md, line 1: close this fence"),
    ],
)
def test_what_is_wrong_with_a_block(text, complaint):
    with pytest.raises(BlockError, match=complaint):
        from_markdown(text, "notes.md")


def test_a_script(tmp_path):
    path = tmp_path / "walk.py"
    path.write_text('"""Why six?"""\n\nimport engine as torch\n\na = torch.ones(2, requires_grad=True)\n'
                    "out = (a * 3).sum()\n", encoding="utf-8")  # fmt: skip
    page = from_script(path)
    assert page.startswith("# walk\n\nWhy six?\n\n```python\nimport engine as torch\n")
    assert r"\frac{\partial \mathrm{out}}{\partial a} = 3" in page


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in ("layer_norm", "attention")])
def test_a_doctest_passes_in_a_docstring(name):
    written = PROGRAMS[name]().doctest()
    source = 'def f():\n    """A gradient.\n\n' + textwrap.indent(written, "    ") + '    """\n'
    space = {}
    exec(source, space)
    tests = doctest.DocTestFinder().find(space["f"], "f", globs={})
    failed, tried = doctest.DocTestRunner(verbose=False).run(tests[0])
    assert tried >= 4 and not failed


def test_a_doctest_needs_numbers():
    with pytest.raises(ValueError, match="gradient="):
        PROGRAMS["layer_norm"]().doctest()
    x = torch.ones(300, requires_grad=True)
    with pytest.raises(ValueError, match="300 entries"):
        explain((x * x).sum(), wrt=x).doctest()


def test_the_level_can_be_said_at_once():
    x = torch.ones(2, requires_grad=True)
    out = (x * x).sum()
    e = explain(out, wrt=x, detail="short")
    assert str(e) == e.text("short") != e.text("steps")
    with pytest.raises(ValueError, match="detail takes one of"):
        explain(out, wrt=x, detail="all")


def test_several_at_once_in_every_format():
    x, w = (torch.tensor([1.0, 2.0], requires_grad=True) for _each in range(2))
    out = (x * x * w).sum()
    both = explain(out)
    assert both.text().count("Checked") == both.markdown().count("**Checked**") == 2
    assert both.latex().count(r"\begin{document}") == 1 and both.latex().count(r"\section*") == 2
    assert both.html().count("<main") == 2 and both.html().count("<html") == 1
    assert [page.title.wrt for page in loads(both.json())] == ["x", "w"]


@pytest.mark.parametrize(
    ("suffix", "begins"),
    [("md", "### $"), ("tex", r"\documentclass"), ("html", "<!DOCTYPE html>"), ("json", "{"), ("txt", "∂")],
)
def test_the_command_lines_formats(tmp_path, suffix, begins):
    target = tmp_path / f"out.{suffix}"
    assert main(["sum(x**2)", "--let", "x=[1,2,3]", "--detail", "rules", "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8").startswith(begins)


def test_the_command_line_on_markdown(tmp_path, capsys):
    path, target = tmp_path / "notes.md", tmp_path / "out.md"
    path.write_text(NOTES, encoding="utf-8")
    assert main([str(path), "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == from_markdown(NOTES)
    path.write_text("```python explain\n1 / 0\n```\n", encoding="utf-8")
    assert main([str(path)]) == 1
    assert "line 2: ZeroDivisionError" in capsys.readouterr().err
    assert main([str(path), "--wrt", "x"]) == 2


def test_a_notebook():
    core = pytest.importorskip("IPython.core.interactiveshell")
    shell = core.InteractiveShell.instance()
    shell.run_cell("import engine as torch\nx = torch.tensor([1., 2.], requires_grad=True)")
    shell.run_line_magic("load_ext", "explain")
    shown = shell.run_cell_magic("explain", "--wrt x --detail short", "y = (x * x).sum()")
    assert shown._repr_mimebundle_()["text/markdown"].startswith(r"### $\frac{\partial y}{\partial x}$")
    shown = shell.run_cell_magic("explain", "--format html", "y = (x * x).sum()")
    assert shown._repr_mimebundle_()["text/html"].startswith("<iframe sandbox")
    with pytest.raises(ValueError, match="%%explain"):
        shell.run_cell_magic("explain", "--nothing", "y = 1")


BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
KEYS = """<script>
const press = key => dispatchEvent(new KeyboardEvent("keydown", { key }));
const seen = [];
const all = which => [...document.querySelectorAll(which)];
const look = () => seen.push([all("li.lit").length, all("li.lit")[0]?.dataset.node,
  all(".vertex.lit").map(one => one.dataset.name).join(), document.getElementById("at").textContent]);
look(); press("ArrowRight"); look(); press("ArrowRight"); look(); press("ArrowLeft"); look(); press("End"); look();
press("ArrowRight"); look(); press("Home"); look(); press("Escape"); look();
document.title = JSON.stringify(seen);
</script></body>"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
def test_the_page_is_walked_through_by_keyboard(tmp_path):
    page = PROGRAMS["tutorial"]().html().replace("</body>", KEYS)
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]  # fmt: skip
    command = [BROWSER, *flags, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.as_uri()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    title = re.search(r"<title>(.*?)</title>", ran.stdout)
    assert title, ran.stderr[-2000:]
    seen = json.loads(title[1].replace("&quot;", '"'))
    count = int(seen[0][3].split()[0])
    assert seen[0][0] == 0 and seen[0][3] == f"{count} steps"
    assert seen[1] == [1, "a", "a", f"1 of {count}"]
    assert seen[2] == [1, "b", "b", f"2 of {count}"]
    assert seen[3] == seen[1] == seen[6]
    assert seen[4] == seen[5] == [1, "a", "a", f"{count} of {count}"]
    assert seen[7][0] == 0

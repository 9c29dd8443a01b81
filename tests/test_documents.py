"""Every Python block of README.md and docs/ runs as a test.

The blocks of a document share a namespace and a directory, in order. A block with `>>>` is a doctest;
any other is executed, and a block labelled `text output` right after it is what it must print.
"""

import doctest
import linecache
import re
from collections import defaultdict
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [path for path in [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))] if path.exists()]

FENCE = re.compile(r"(?P<margin>[ \t>]*)(?P<ticks>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
ADDRESS = re.compile(r"\bat 0x[0-9a-f…]+")  # of an object: differs from run to run
OUTPUT = ("text output", "output")


@dataclass(frozen=True)
class Block:
    """A fenced block: its document, the line of its fence, its info string, its text."""

    document: str
    line: int
    info: str
    text: str
    output: str | None = None

    def __str__(self):
        return f"{self.document}:{self.line}"


@dataclass
class Session:
    """What the blocks of one document share, and how many of them have run."""

    directory: Path
    names: dict = field(default_factory=lambda: {"__name__": "__main__"})
    done: int = 0


def fences(text, document):
    """All fenced blocks of a document, each with the line on which it ends."""
    found, opened, lines = [], None, []
    for number, line in enumerate(text.splitlines(), start=1):
        match = FENCE.match(line)
        if opened is None:
            if match:
                opened, start, lines = match, number, []
            elif "```" in line or "~~~" in line:
                raise ValueError(f"{document}:{number}: put the fence on a line of its own")
        elif match and not match["info"] and match["ticks"].startswith(opened["ticks"]):
            block = Block(document, start, opened["info"].strip(), "".join(f"{line}\n" for line in lines))
            found.append((block, number))
            opened = None
        else:
            margin = opened["margin"]
            lines.append(line.removeprefix(margin) if line.startswith(margin) else line.lstrip(" \t>"))
    if opened is not None:
        raise ValueError(f"{document}:{start}: close this fence")
    return found


def python_blocks(text, document):
    """The Python blocks of a document, each with the output block that directly follows it."""
    lines = text.splitlines()
    found, end = [], None  # end: the last line of a block that may have an output
    for block, last in fences(text, document):
        language = re.split(r"\W", block.info.lower().lstrip("{ "))[0]
        if block.info in OUTPUT:
            if end is None or "".join(lines[end : block.line - 1]).strip(" \t>"):
                raise ValueError(f"{block}: an output must directly follow the plain block that prints it")
            found[-1] = replace(found[-1], output=block.text)
            end = None
        elif block.info == "python":
            if "+SKIP" in block.text:
                raise ValueError(f"{block}: every block runs; take +SKIP out")
            found.append(block)
            end = None if is_doctest(block) else last
        elif language in ("py", "python", "python3", "pycon"):
            raise ValueError(f"{block}: every block runs; write 'python' instead of {block.info!r}")
        else:
            end = None
    return found


def is_doctest(block):
    return re.search(r"^\s*>>>", block.text, re.MULTILINE) is not None


def run(block, names):
    """Run one block in the namespace; AssertionError or the block's own exception where it fails."""
    if is_doctest(block):
        run_doctest(block, names)
        return
    printed = printed_by(block, names)
    if block.output is not None:
        assert without_addresses(printed) == without_addresses(block.output)


def printed_by(block, names):
    """What a plain block prints."""
    # Empty lines in front, so that a traceback's line is the document's. In linecache with no time, so that
    # tracebacks and inspect.getsource find the source.
    filename, source = f"<{block}>", "\n" * block.line + block.text
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(source, filename, "exec", dont_inherit=True), names)
    return printed.getvalue()


def run_doctest(block, names):
    test = doctest.DocTestParser().get_doctest(block.text, {}, str(block), block.document, block.line)
    test.globs = names  # the constructor would copy it
    report = []
    failed, _tried = doctest.DocTestRunner(verbose=False).run(test, out=report.append, clear_globs=False)
    assert not failed, "".join(report)


def without_addresses(text):
    return ADDRESS.sub("at 0x…", text)


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    return defaultdict(lambda: Session(tmp_path_factory.mktemp("document")))


def blocks_of(path):
    return python_blocks(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())


def numbered_blocks():
    """(the blocks of a document, the number of one) for each block there is."""
    documents = map(blocks_of, DOCUMENTS)
    return [
        pytest.param(blocks, number, id=str(block))
        for blocks in documents
        for number, block in enumerate(blocks)
    ]


@pytest.mark.parametrize("blocks, number", numbered_blocks())
def test_block(blocks, number, sessions, monkeypatch):
    session = sessions[blocks[number].document]
    monkeypatch.chdir(session.directory)
    while session.done <= number:  # those before it too, where this test was asked for alone
        session.done += 1
        run(blocks[session.done - 1], session.names)


def test_readme_has_blocks():
    assert blocks_of(ROOT / "README.md")


# The runner itself


def run_all(text):
    names = {"__name__": "__main__"}
    for block in python_blocks(text, "page.md"):
        run(block, names)
    return names


def test_blocks_share_a_namespace_in_order():
    plain = "```python\nx = 1\n```\n"
    prompt = "```python\n>>> x = x + 1\n>>> x\n2\n```\n"
    quoted = "> ```python\n> y = x + 1\n>\n> z = y\n> ```\n"
    page = plain + prompt + quoted
    assert run_all(page)["z"] == 3


def test_right_output_passes():
    run_all("```python\nprint('a', 1)\n```\n\n```text output\na 1\n```\n")


def test_address_in_output_is_ignored():
    run_all("```python\nprint(object())\n```\n```text output\n<object object at 0x7f00>\n```\n")


@pytest.mark.parametrize(
    "page, error",
    [
        ("```python\nprint(1)\n```\n```text output\n2\n```\n", AssertionError),
        ("```python\nprint(1)\n```\n```output\n1\n\n```\n", AssertionError),
        ("```python\n1 / 0\n```\n", ZeroDivisionError),
        ("```python\n>>> 1 + 1\n3\n```\n", AssertionError),
        ("```python\n>>> 1 / 0\n```\n", AssertionError),
        ("```python\n(\n```\n", SyntaxError),
        ("- item\n\n  ```python\n  1 / 0\n  ```\n", ZeroDivisionError),
    ],
)
def test_wrong_block_fails(page, error):
    with pytest.raises(error):
        run_all(page)


@pytest.mark.parametrize(
    "page, remedy",
    [
        ("```python no-run\n1 / 0\n```\n", "every block runs"),
        ("```py\n1 / 0\n```\n", "write 'python'"),
        ("```{python}\n1 / 0\n```\n", "write 'python'"),
        ("```python\n>>> 1 / 0  # doctest: +SKIP\n```\n", "take \\+SKIP out"),
        ("```python\nprint(1)\n```\nprints\n```text output\n2\n```\n", "must directly follow"),
        ("```text output\n2\n```\n", "must directly follow"),
        ("```python\n>>> 1\n1\n```\n```text output\n2\n```\n", "must directly follow"),
        ("```python\n1\n", "close this fence"),
        ("- ```python\n  1 / 0\n  ```\n", "a line of its own"),
    ],
)
def test_block_that_would_not_run_is_refused(page, remedy):
    with pytest.raises(ValueError, match=f"page.md:.*{remedy}"):
        python_blocks(page, "page.md")


def test_fence_inside_a_longer_fence_is_text():
    assert python_blocks("````text\n```python\n1 / 0\n```\n````\n", "page.md") == []


def test_block_sees_its_own_frame_and_source():
    page = (
        "```python\nimport inspect, sys\ndef f():\n    return 1\n\n"
        "source = inspect.getsource(f)\nframe = sys._getframe()\n```\n"
    )
    names = run_all(page)
    assert names["source"] == "def f():\n    return 1\n"
    assert names["frame"].f_globals is names and names["frame"].f_locals is names


def test_traceback_shows_the_documents_line():
    with pytest.raises(ZeroDivisionError) as error:
        run_all("# Title\n\n```python\nx = 1\nx / 0\n```\n")
    entry = error.traceback[-1]
    assert (entry.path, entry.lineno + 1, str(entry.statement)) == ("<page.md:3>", 5, "x / 0")

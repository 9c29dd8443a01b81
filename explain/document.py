"""Documents: a Markdown file whose blocks are explained, or a script with the explanation of what it computes.

    from explain.document import from_markdown, from_script

A block ```` ```python explain ```` is run, in one namespace with all blocks ```` ```python ````; after it stands the
explanation of the last scalar that it computed. Its first line can say more: wrt=W,b out=loss detail=short.
Imported by explain.cli.
"""

import ast
import linecache
import re
import traceback
from pathlib import Path

from explain.naming import last_scalar

FENCE = re.compile(r"^(?P<ticks>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
SETTINGS = {"wrt", "out", "detail"}


class BlockError(Exception):
    """A block of a document failed, or asks for what isn't there; says where."""


def from_markdown(text, name="document"):
    """The document with an explanation after each block that asks for one.

    >>> page = from_markdown('''```python explain detail=short
    ... import engine as torch
    ... x = torch.tensor(3., requires_grad=True)
    ... y = x * x
    ... ```''')
    >>> print(page.splitlines()[9])
    \\frac{\\partial y}{\\partial x} = 2 x = 6
    """
    lines = text.splitlines()
    variables = {"__name__": "__main__"}
    out, at = [], 0
    while at < len(lines):
        opened = FENCE.match(lines[at])
        if opened is None:
            out.append(lines[at])
            at += 1
            continue
        end = _closing(lines, at, opened["ticks"], name)
        words = opened["info"].split()
        code = "\n".join(lines[at + 1 : end])
        if words[:1] == ["python"]:
            settings = _settings(words[1:], f"{name}, line {at + 1}")
            _run(code, variables, name, at + 1)
            out += [f"{opened['ticks']}python", *lines[at + 1 : end + 1]]
            if settings is not None:
                out += ["", _explained(variables, settings, f"{name}, line {at + 1}").rstrip("\n")]
        else:
            out += lines[at : end + 1]
        at = end + 1
    return "\n".join(out) + "\n"


def from_script(path, wrt=None, out=None, detail="steps"):
    """A script as a Markdown document: its docstring, its source, and the explanation of its last scalar."""
    source = Path(path).read_text(encoding="utf-8")
    variables = {"__name__": "__main__", "__file__": str(path)}
    _run(source, variables, str(path), 0)
    tree = ast.parse(source)
    said = ast.get_docstring(tree) or ""
    body = source.splitlines()[tree.body[0].end_lineno :] if said else source.splitlines()
    code = "\n".join(body).strip("\n")
    settings = {"wrt": wrt, "out": out, "detail": detail}
    return "\n".join([f"# {Path(path).stem}", "", *([said, ""] if said else []), "```python", code, "```", "",
                      _explained(variables, settings, str(path))])  # fmt: skip


def _closing(lines, start, ticks, name):
    for at in range(start + 1, len(lines)):
        found = FENCE.match(lines[at])
        if found and found["ticks"].startswith(ticks) and not found["info"]:
            return at
    raise BlockError(f"{name}, line {start + 1}: close this fence")


def _settings(words, where):
    """What a block asks for, as {"wrt": ..., "out": ..., "detail": ...}; None if it asks for no explanation."""
    if "explain" not in words:
        return None
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if word == "explain":
            continue
        if not equals or key not in SETTINGS:
            raise BlockError(f"{where}: {word!r} isn't understood; a block takes wrt=NAME,NAME out=NAME detail=LEVEL")
        found[key] = value.split(",") if key == "wrt" else value
    return found


def _run(code, variables, name, line):
    """Run code that stands at a line of a file; a BlockError tells the line where it fails."""
    source = "\n" * line + code
    filename = f"<{name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    try:
        exec(compile(source, filename, "exec", dont_inherit=True), variables)
    except SyntaxError as error:
        raise BlockError(f"{name}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
        raise BlockError(f"{name}, line {lines[-1]}: {type(error).__name__}: {error}") from error


def _explained(variables, settings, where):
    from explain.explanation import explanation_of

    out = settings.get("out")
    if out is not None and out not in variables:
        raise BlockError(f"{where}: there is no variable {out!r}")
    value = last_scalar(variables) if out is None else variables[out]
    if value is None:
        raise BlockError(f"{where}: no scalar with a derivative was computed; say which tensor is meant by out=NAME")
    wrt = settings.get("wrt")
    try:
        made = explanation_of(value, wrt[0] if wrt and len(wrt) == 1 else wrt, None, variables)
        return made.markdown(settings.get("detail") or "steps")
    except (RuntimeError, ValueError, TypeError, NotImplementedError, ArithmeticError) as error:
        raise BlockError(f"{where}: {error}") from error

"""The walkthrough as plain Unicode text, 80 columns wide."""

import re
import textwrap

from explain.render.equations import parts
from explain.render.vocabulary import TEXT

WIDTH = 80
BESIDE = 34  # letters up to which an equation has its words beside it


def render(page):
    """The whole page as text."""
    lines = _folded(parts(TEXT, page.headline), "")
    for at, line in enumerate(page.where):
        lines += _labelled("  where " if at == 0 else "        ", line)
    for section in page.sections:
        lines += ["", section.title, *_table(section.lines)]
    if page.legend:
        lines += ["", "Notation", *(row for sentence in page.legend for row in _wrapped(sentence))]
    lines += ["", "Checked", *_wrapped(page.checked + ".")]
    return "\n".join(lines)


def _labelled(label, line):
    if not line.parts:
        return _wrapped(" ".join(line.words), "        ")
    first, *rest = _folded(parts(TEXT, line), " " * 8)
    return [label + first.lstrip(), *rest]


def _table(lines):
    """Equations, with rule and words beside them where they fit, else below."""
    rows = [(parts(TEXT, line), _comment(line)) for line in lines]
    equations = [TEXT.equal(row) for row, _comment in rows]
    width = max((len(shown) for shown in equations if len(shown) <= BESIDE), default=0)
    out = []
    for shown, (row, comment) in zip(equations, rows):
        beside = f"  {shown:<{width}}   {comment}".rstrip()
        if not shown:
            out += _wrapped(comment, "  ⋮ ", "    ")
        elif len(beside) <= WIDTH:
            out.append(beside)
        else:
            out += _folded(row)
            out += _wrapped(comment, "      ")
    return out


def _comment(line):
    head = ", ".join(part for part in (line.rule, line.shape) if part)
    words = " ".join(line.words)
    return f"{head}: {words}" if head and words else head or words


def _folded(row, indent="  "):
    """An equation's parts; a long one is broken before its equals signs, else where a line ends."""
    shown = TEXT.equal(row)
    if len(shown) + len(indent) <= WIDTH:
        return [indent + shown]
    first, *rest = row
    head = f"{indent}{first} = {rest[0]}" if rest else indent + first
    if rest and len(head) > WIDTH and len(first) > WIDTH // 4:
        lines, rest = [indent + first], ["", *rest]
    else:
        lines = [head]
    lines += [f"{indent}    = {part}" for part in rest[1:]]
    return [row for line in lines for row in _broken(line)]


def _broken(line):
    """A formula over several lines; an index such as [2, 0] stays in one piece."""
    kept = re.sub(r"\[[^\[\]]{1,14}\]", lambda found: found[0].replace(" ", "\0"), line)
    rows = textwrap.wrap(kept, WIDTH, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False)
    return [row.replace("\0", " ") for row in rows]


def _wrapped(words, indent="  ", later=None):
    return textwrap.wrap(words, WIDTH, initial_indent=indent, subsequent_indent=indent if later is None else later,
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip

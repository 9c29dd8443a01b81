"""The walkthrough as one HTML file that needs nothing else: MathML, a graph, steps that the arrow keys walk through."""

import re
from html import escape

from explain.render.equations import written
from explain.render.mathml import MATHML
from explain.render.outline import Value
from explain.render.page_style import SCRIPT, STYLE
from explain.render.svg import svg
from explain.render.vocabulary import TEXT

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def render(*pages):
    """One page, or several below each other, as HTML."""
    title = ", ".join(heading(page.title) for page in pages)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{escape(POLICY, quote=True)}">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
{"".join(map(_article, pages))}
<nav aria-label="steps">
<button id="back" aria-label="previous step">←</button>
<output id="at" aria-live="polite"></output>
<button id="on" aria-label="next step">→</button>
</nav>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _article(page):
    graph = f'<aside aria-label="the computation">{svg(page.graph)}</aside>' if page.graph and page.sections else ""
    return f"""<header>
<h1>{escape(heading(page.title))}</h1>
<div class="headline" data-node="{escape(page.headline.node, quote=True)}">{_equation(page.headline)}</div>
{_where(page)}
</header>
<main{'' if graph else ' class="alone"'}>
{graph}
<div class="steps">
{"".join(map(_section, page.sections))}
{_legend(page)}
<section><h2>Checked</h2><p>{escape(page.checked)}.</p></section>
</div>
</main>
"""


def heading(slope):
    """A derivative in words."""
    entry = f" at entry {list(slope.index)}" if slope.index else ""
    return f"The derivative of {slope.of} with respect to {slope.wrt}{entry}"


def _equation(line):
    """An equation, a MathML element a part, so that a narrow window breaks it before an equals sign."""
    pieces, seen = [], set()
    for part in line.parts:
        if isinstance(part, Value):
            shown = TEXT.value(part.shown)
            pieces.append(f'<span class="value">{"= " if pieces else ""}{escape(shown)}</span>')
            continue
        shown = written(MATHML, part)
        if shown not in seen:
            first, *rest = broken(shown)
            pieces.append(math(f"<mo>=</mo>{first}" if pieces else first))
            pieces += map(math, rest)
        seen.add(shown)
    return f'<span class="equation">{" ".join(pieces)}</span>'


def math(elements):
    return f'<math displaystyle="true">{elements}</math>'


def broken(elements, longest=900):
    """A long sum in pieces, since browsers don't break lines within MathML.

    >>> broken("<mi>a</mi><mo>+</mo><mi>b</mi>", longest=10)
    ['<mi>a</mi>', '<mo>+</mo><mi>b</mi>']
    """
    if len(elements) <= longest:
        return [elements]
    out, depth, start = [], 0, 0
    for tag in re.finditer(r"<(/?)(\w+)[^>]*?(/?)>", elements):
        if depth == 0 and tag[2] == "mo" and not tag[1] and elements[tag.end() :][:1] in "+−" and tag.start() > start:
            out.append(elements[start : tag.start()])
            start = tag.start()
        depth += 0 if tag[3] else -1 if tag[1] else 1
    return [*out, elements[start:]]


def _where(page):
    if not page.where:
        return ""
    rows = "".join(f"<li>{_equation(line) if line.parts else _said(line)}</li>" for line in page.where)
    return f"<p>where</p><ul class='where'>{rows}</ul>"


def _section(section):
    rows = "".join(map(_row, section.lines))
    return f"<section><h2>{escape(section.title)}</h2><ol>{rows}</ol></section>\n"


def _row(line):
    if not line.parts:
        return f'<li class="more">⋮ {_said(line)}</li>'
    rule = f"<em>{escape(line.rule)}</em>" if line.rule else ""
    head = ", ".join(part for part in (rule, escape(line.shape)) if part)
    said = _said(line)
    comment = f"{head}: {said}" if head and said else head or said
    comment = f"<p>{comment}</p>" if comment else ""
    return f'<li class="step" data-node="{escape(line.node, quote=True)}">{_equation(line)}{comment}</li>'


def _said(line):
    return " ".join(map(escape, line.words))


def _legend(page):
    if not page.legend:
        return ""
    return f"<section><h2>Notation</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in page.legend)}</ul></section>"


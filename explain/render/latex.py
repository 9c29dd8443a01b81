"""The walkthrough as LaTeX: a document that compiles, or a fragment for one that loads amsmath."""

import unicodedata

from explain.render.equations import equation, parts
from explain.render.outline import Line
from explain.render.tex import LATEX, LETTERS, tex_text

PREAMBLE = r"""\documentclass{article}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
  \usepackage{lmodern}
\else
  \usepackage{fontspec}
\fi
\usepackage{amsmath}
\usepackage{amssymb}
\usepackage[margin=2.5cm]{geometry}
\setlength{\emergencystretch}{3em}
\allowdisplaybreaks
\begin{document}
"""
BESIDE = 90  # letters of LaTeX up to which an equation stays on one line
SIGNS = {
    "Σ": r"$\Sigma$", "∂": r"$\partial$", "⊙": r"$\odot$", "×": r"$\times$", "·": r"$\cdot$", "−": "$-$", "′": "$'$",
    "ᵀ": r"$^{\mathsf{T}}$", "√": r"$\surd$", "≤": r"$\le$", "≥": r"$\ge$", "≠": r"$\ne$", "→": r"$\to$", "ⁿ": "$^n$",
    "∗": r"$\ast$", "⊗": r"$\otimes$", "‖": r"$\Vert$", "…": r"\ldots{}", "⋮": r"$\vdots$", "₍": "$_($", "₎": "$_)$",
    "Π": r"$\prod$", "π": r"$\pi$", "∫": r"$\int$", "±": r"$\pm$", "∓": r"$\mp$", "⟨": r"$\langle$", "⟩": r"$\rangle$",
    "⌊": r"$\lfloor$", "⌋": r"$\rfloor$", "⌈": r"$\lceil$", "⌉": r"$\rceil$", "\u0304": r"$\bar{\ }$",
    "∞": r"$\infty$", "⁺": "$^+$", "⁻": "$^-$", "|": r"$\vert$", "<": "$<$", ">": "$>$", "’": "'", "“": "``", "”": "''",
}  # fmt: skip


def render(page, document=True):
    """The whole page as LaTeX."""
    lines = [rf"\section*{{${equation(LATEX, Line((page.title,)))}$}}", "", _display(page.headline)]
    if page.where:
        lines += ["where", *(_display(line) if line.parts else _said(line) for line in page.where)]
    for section in page.sections:
        lines += ["", rf"\subsection*{{{words(section.title)}}}", r"\begin{itemize}"]
        lines += map(_item, section.lines)
        lines += [r"\end{itemize}"]
    if page.legend:
        lines += ["", r"\subsection*{Notation}", r"\begin{itemize}"]
        lines += [rf"\item {words(sentence)}" for sentence in page.legend]
        lines += [r"\end{itemize}"]
    lines += ["", r"\subsection*{Checked}", words(page.checked) + "."]
    body = "\n".join(lines) + "\n"
    return documented(body) if document else body


def documented(body):
    """A document around fragments."""
    return PREAMBLE + body + "\\end{document}\n"


def _display(line):
    first, *rest = parts(LATEX, line)
    if len(first) + sum(map(len, rest)) <= BESIDE:
        return "\\[\n" + " = ".join([first, *rest]) + "\n\\]"
    rows = []
    for at, part in enumerate(rest or [""]):
        start, *more = broken(part)
        rows.append(f"{first if not at else ''} &= {start}" if part else first)
        rows += [rf"&\qquad {piece}" for piece in more]
    return "\\[\n\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}\n\\]"


def broken(piece):
    """A long sum in pieces that fit on a line, each but the first with its sign.

    >>> broken("a + (b + c)")
    ['a + (b + c)']
    """
    if len(piece) <= BESIDE:
        return [piece]
    places, depth = [], 0
    for at, letter in enumerate(piece):
        depth += (letter in "{([") - (letter in "})]")
        if depth == 0 and piece[at : at + 3] in (" + ", " - "):
            places.append(at)
    out, start = [], 0
    for at, following in zip(places, [*places[1:], len(piece)]):
        if following - start > BESIDE and at > start:
            out.append(piece[start:at])
            start = at + 1
    return [*out, piece[start:]]


def _item(line):
    if not line.parts:
        return rf"\item[$\vdots$] {_said(line)}"
    head = ", ".join(part for part in (rf"\emph{{{words(line.rule)}}}" if line.rule else "", words(line.shape)) if part)
    said = _said(line)
    comment = f"{head}: {said}" if head and said else head or said
    return rf"\item $\displaystyle {equation(LATEX, line)}$" + (f" --- {comment}" if comment else "")


def _said(line):
    return " ".join(map(words, line.words))


def words(text):
    """A sentence in LaTeX: signs of mathematics become commands, special characters are escaped.

    >>> words("g ⊙ x_1 ²")
    'g $\\\\odot$ x\\\\_1 $^2$'
    """
    return "".join(map(_sign, text))


def _sign(letter):
    if letter in SIGNS:
        return SIGNS[letter]
    if letter in LETTERS:
        return f"${LETTERS[letter]}$"
    if letter.isascii():
        return tex_text(letter)
    name = unicodedata.name(letter, "")
    if name.startswith(("SUPERSCRIPT", "SUBSCRIPT", "MODIFIER LETTER SMALL")):
        return f"${'_' if name.startswith('SUB') else '^'}{unicodedata.normalize('NFKC', letter)}$"
    base, *mark = unicodedata.normalize("NFD", letter)
    return rf"$\bar{{{base}}}$" if mark == ["\u0304"] else letter

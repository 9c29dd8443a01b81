"""The pages of docs/gallery: program, walkthrough, certificate. Imported by tests/gallery and its test."""

from pathlib import Path

from gallery.programs import ALL

import engine as torch
from explain.explanation import Explanations, explanation_of
from explain.render.equations import parts
from explain.render.tex import LATEX

FOLDER = Path(__file__).parents[2] / "docs" / "gallery"


def explained(derivation):
    """The explanations of a derivation, as a list."""
    space = {"torch": torch}
    exec(compile(derivation.code, f"<{derivation.name}>", "exec"), space)
    del space["torch"]
    wrt = list(derivation.wrt)
    made = explanation_of(space[derivation.out], wrt[0] if len(wrt) == 1 else wrt, None, space,
                          detail=derivation.detail, **derivation.options)  # fmt: skip
    return list(made.values()) if isinstance(made, Explanations) else [made]


def file_name(derivation):
    """The page's file: 07-relu.md."""
    return f"{ALL.index(derivation) + 1:02d}-{derivation.name}.md"


def page(derivation, explanations):
    """A derivation's page."""
    code = f"import engine as torch\n\n{derivation.code.strip()}"
    lines = [f"# {derivation.title}", "", derivation.words, "", "```python", code, "```", ""]
    lines += ["\n".join(explanation.markdown() for explanation in explanations)]
    return "\n".join(lines)


def index(all_explanations):
    """The index page: each derivation with its formulas."""
    lines = [
        "# Gallery", "",
        f"{len(ALL)} derivations, each from a program that runs. What stands on a page comes from reading the "
        "program's operations, and every equation was evaluated on both sides. The pages are written "
        "by `python tests/gallery`; a test holds them to what the code gives.", "",
        "| derivation | formula |", "|---|---|",
    ]  # fmt: skip
    for derivation, explanations in zip(ALL, all_explanations):
        formulas = "<br>".join(f"${_short(explanation)}$" for explanation in explanations)
        lines.append(f"| [{derivation.title}]({file_name(derivation)}) | {formulas} |")
    return "\n".join(lines) + "\n"


def _short(explanation):
    """The derivative and its formula in LaTeX, without its value."""
    headline = explanation.page("short").headline
    shown = parts(LATEX, headline)[:2]
    return " = ".join(shown).replace("|", r"\vert ")


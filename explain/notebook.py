"""Jupyter's cell magic: `%load_ext explain`, then `%%explain` above a cell explains the last scalar that it computed.

    %%explain --wrt W,b --detail rules --format html
"""

import argparse
import shlex

from explain.details import DETAILS
from explain.naming import last_scalar
from explain.progress import Progress
from explain.strangers import REMEDY, among, called


def load_ipython_extension(shell):
    """Register the magic; IPython calls this for `%load_ext explain`."""

    def magic(line, cell):
        return explain_cell(shell, line, cell)

    magic.__doc__ = explain_cell.__doc__
    shell.register_magic_function(magic, "cell", "explain")


def explain_cell(shell, line, cell):
    """Run the cell, then show the explanation of the last scalar, or of --out NAME, with respect to --wrt NAME,NAME."""
    from explain.explanation import explanation_of

    options = _arguments().parse_args(shlex.split(line))
    ran = shell.run_cell(cell)
    if not ran.success:
        return None
    variables = shell.user_ns
    if options.out is not None and options.out not in variables:
        raise ValueError(f"--out {options.out}: there is no such variable")
    out = last_scalar(variables) if options.out is None else variables[options.out]
    if out is None and among(variables):
        raise ValueError(f"{among(variables)} is {called(variables[among(variables)])}; {REMEDY}")
    if out is None:
        raise ValueError("no scalar with a derivative was computed; say which tensor is meant by --out NAME")
    wrt = options.wrt.split(",") if options.wrt else None
    named = {name: value for name, value in variables.items() if not name.startswith("_")}
    with Progress("deriving and checking"):
        made = explanation_of(out, wrt[0] if wrt and len(wrt) == 1 else wrt, None, named)
    return Shown(made, options.format, options.detail)


class Shown:
    """An explanation as a notebook shows it, in one format and level of detail."""

    def __init__(self, explanation, format, detail):
        self.explanation, self.format, self.detail = explanation, format, detail

    def _repr_mimebundle_(self, **_wanted):
        text = self.explanation.text(self.detail)
        if self.format == "html":
            return {"text/plain": text, "text/html": framed(self.explanation.html(self.detail))}
        if self.format == "latex":
            return {"text/plain": text, "text/latex": self.explanation.latex(self.detail, document=False)}
        return {"text/plain": text, **({"text/markdown": self.explanation.markdown(self.detail)}
                                       if self.format == "markdown" else {})}  # fmt: skip


def framed(page):
    """A whole HTML page within another, with its own style, script and keys."""
    from html import escape

    return (f'<iframe sandbox="allow-scripts" style="width: 100%; height: 40rem; border: 0" title="explanation" '
            f'srcdoc="{escape(page, quote=True)}"></iframe>')  # fmt: skip


class _Arguments(argparse.ArgumentParser):
    def error(self, message):
        raise ValueError(f"%%explain: {message}")


def _arguments():
    parser = _Arguments("%%explain", add_help=False)
    parser.add_argument("--wrt")
    parser.add_argument("--out")
    parser.add_argument("--detail", choices=DETAILS, default="steps")
    parser.add_argument("--format", choices=("markdown", "html", "latex", "text"), default="markdown")
    return parser

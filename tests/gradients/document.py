"""docs/formulas.md, generated from the rows by running them."""

from gradients import layers, matrices, practice, probability, regression, scalars
from gradients.row import compared

GROUPS = {
    "Functions of entries": scalars.ROWS,
    "Vectors and matrices": matrices.ROWS,
    "Linear models": regression.ROWS,
    "Layers of networks": layers.ROWS,
    "Similarities, likelihoods, divergences": probability.ROWS,
    "Programs as people write them": practice.ROWS,
}
ROWS = [row for rows in GROUPS.values() for row in rows]
HEAD = """# Formulas

Gradients that books and papers print, as `explain` derives them from the program. Each formula is certified; the
book's is evaluated too and is the same. Operations are counted for both in the same way: distinct ones, with
whatever the named variables stand for, each computed once; a transpose, a sign, a division within a product and
axes of size one are notation. Data are random; sizes are letters. `labels`, `one_hot` and the like are told to
`explain` by `assume=`. Names that a formula keeps follow it.

This page is written by `python tests/gradients`; a test holds it to what the code gives.

"""
COLUMNS = "| gradient | program | of | formula | ours | book | source |\n|---|---|---|---|---|---|---|\n"


def line(row, result):
    """A row of the table."""
    program = "`" + "`<br>`".join(row.program.splitlines()) + "`"
    where = "".join(f"<br>{item}" for item in result.where)
    mark = "" if result.no_longer else " (longer)"
    note = f"<br>{row.note}" if row.note else ""
    cells = [row.title, program, f"`{row.wrt}`", f"{result.formula}{where}{note}", f"{result.ours}{mark}",
             str(result.book), row.source]  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def page():
    """The whole page."""
    results = {row: compared(row) for row in ROWS}
    shorter = sum(result.ours < result.book for result in results.values())
    longer = [row.title for row, result in results.items() if not result.no_longer]
    out = HEAD + f"{len(ROWS)} gradients; {shorter} formulas are shorter than the book's, "
    out += f"{len(longer)} longer" + (f" ({', '.join(longer)})" if longer else "") + ".\n"
    for title, rows in GROUPS.items():
        out += f"\n## {title}\n\n{COLUMNS}" + "".join(line(row, results[row]) for row in rows)
    return out

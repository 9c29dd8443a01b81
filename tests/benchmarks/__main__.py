"""All comparisons, or those named: `python tests/benchmarks`, `python tests/benchmarks chain mlp`.

Prints a table of ratios; a run of all is saved in docs/performance.md.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from timing import ONE_THREAD, PEERS, absent

ROOT = Path(__file__).parents[2]
COMPARISONS = ("chain", "memory", "mlp", "convnet", "lstm", "attention", "formulas", "derivation", "imports")
DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- table: written by python tests/benchmarks -->", "<!-- end of the table -->"


def table(rows):
    """Markdown: a line for each row and contestant."""
    lines = ["| what | who | relative to | median | quartiles |", "|---|---|---|--:|--:|"]
    for row in rows:
        for name, (low, median, high) in row.ratios.items():
            lines.append(f"| {row.what} | {name} | {row.base} | {median:.2f} | {low:.2f} to {high:.2f} |")
    return "\n".join(lines)


def setting():
    """The machine and the versions, and who was left out."""
    import platform

    import numpy
    import sympy

    versions = [f"Python {platform.python_version()}", f"NumPy {numpy.__version__}", f"SymPy {sympy.__version__}"]
    for peer, module in PEERS.items():
        if peer not in absent():
            from importlib.metadata import version

            versions.append(f"{peer} {version(module)}")
    left_out = f" Left out, since not installed: {', '.join(absent())}." if absent() else ""
    return f"{platform.machine()}, {platform.system()}, one thread; {', '.join(versions)}.{left_out}"


def save(text):
    """Put the table between its marks in the document."""
    document = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main(names):
    unknown = sorted(set(names) - set(COMPARISONS))
    if unknown:
        sys.exit(f"there is no comparison {', '.join(unknown)}; choose among {', '.join(COMPARISONS)}")
    rows = []
    for name in names or COMPARISONS:
        for row in import_module(name).rows():
            print(*table([row]).splitlines()[2:], sep="\n", flush=True)
            rows.append(row)
    text = f"{setting()}\n\n{table(rows)}"
    print(f"\n{text}")
    if not names:
        save(text)


if __name__ == "__main__":
    if any(os.environ.get(name) != number for name, number in ONE_THREAD.items()):  # read when NumPy is loaded
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | ONE_THREAD)
    sys.path.insert(0, str(ROOT))
    main(sys.argv[1:])

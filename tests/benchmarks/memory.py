"""Memory for each operation recorded, arrays of 2x2 float64 included: the growth of a fresh process.

The chain is chain.py's. What a tensor's user drops, its tape keeps.
"""

import subprocess
import sys
from pathlib import Path

from timing import Row, fresh_environment, installed

LENGTH = 100_000
MEASURE = """
import os, sys
sys.path[:0] = {paths!r}
import chain
import {module} as torch
leaves = [torch.tensor(array, requires_grad=True) for array in (chain.X, chain.B, chain.W)]
chain.forward(torch.sin, *leaves, 100).sum().backward()
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

before = resident()
out = chain.forward(torch.sin, *leaves, {length})
print((resident() - before) / {length})
"""


def bytes_an_operation(module):
    """The growth of the resident memory while a chain is recorded, divided by its length."""
    here = Path(__file__).parent
    program = MEASURE.format(paths=[str(here), str(here.parents[1])], module=module, length=LENGTH)
    ran = subprocess.run(
        [sys.executable, "-c", program], env=fresh_environment(), capture_output=True, text=True, check=True
    )
    return float(ran.stdout)


def rows():
    if not installed("PyTorch eager") or not Path("/proc/self/statm").exists():
        return
    ours, theirs = ([bytes_an_operation(module) for _ in range(3)] for module in ("engine", "torch"))
    ratios = sorted(own / other for own, other in zip(ours, theirs))
    what = f"memory an operation ({min(ours):.0f} bytes here, {min(theirs):.0f} in PyTorch)"
    yield Row(what, "PyTorch eager", {"this tape": tuple(ratios)})

"""What it costs to import: fresh processes, the compiled files already there."""

import resource
import subprocess
import sys
from pathlib import Path
from statistics import quantiles

from timing import Row, fresh_environment

PROGRAMS = {
    "import numpy": "import numpy",
    "import engine": "import engine",
    "import sympy": "import sympy",
    "the first formula": (
        "import engine as torch\n"
        "from explain import explain\n"
        "a = torch.ones(2, 2, requires_grad=True)\n"
        "b = a + 5\n"
        "out = (b * b * 2).mean()\n"
        "out.backward()\n"
        "str(explain(out, wrt=a).formula)\n"
    ),
}
PAIRS = [("import engine", "import numpy"), ("the first formula", "import sympy")]


def seconds(program):
    """The processor's time for a program in a fresh interpreter."""
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", program], env=fresh_environment(), cwd=Path(__file__).parents[2], check=True
    )
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime


def rows(rounds=21):
    bare = "pass"
    for what, base in PAIRS:
        times = {name: [] for name in (what, base, bare)}
        for turn in range(rounds + 1):
            for name in list(times)[:: 1 if turn % 2 else -1]:
                times[name].append(seconds(PROGRAMS.get(name, bare)))
        start = sorted(times[bare][1:])[rounds // 2]
        pairs = list(zip(times[what][1:], times[base][1:]))
        whole = [own / other for own, other in pairs]
        alone = [(own - start) / (other - start) for own, other in pairs]
        yield Row(f"a program that is only: {what}", base, {"this project": tuple(quantiles(whole, n=4))})
        yield Row(f"{what}, less the interpreter's start", base, {"this project": tuple(quantiles(alone, n=4))})

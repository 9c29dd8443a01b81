"""How many samples agree, by entry of PyTorch's table; kept in counts.json, which needs no PyTorch to be read."""

import collections
import json
from pathlib import Path

FILE = Path(__file__).with_name("counts.json")


def counted(info, at_most=None):
    """(Counter of kinds, Counter of "kind: detail" of what doesn't agree) over an entry's samples."""
    from oracles.op_db.compare import RIGHT, UNCOUNTED, outcome, samples

    kinds, details = collections.Counter(), collections.Counter()
    for sample in samples(info, at_most):
        got = outcome(info, sample)
        if got.kind not in UNCOUNTED:
            kinds[got.kind] += 1
        if got.kind not in RIGHT:
            details[f"{got.kind}: {got.detail[:150]}"] += 1
    return kinds, details


def entries(names):
    """The entries of PyTorch's table with these names, by title."""
    from torch.testing._internal.common_methods_invocations import op_db

    from oracles.op_db.names import title

    return {title(info): info for info in sorted(op_db, key=title) if info.name in names}


def read():
    """The counts that documentation shows: {"torch": version, "entries": {title: {kind: count}}}."""
    return json.loads(FILE.read_text())


def write(found):
    """Replace the file by counts of all entries, one a line."""
    import torch

    lines = ",\n".join(f"  {json.dumps(title)}: {json.dumps(kinds, sort_keys=True)}" for title, kinds in found.items())
    version = torch.__version__.partition("+")[0]
    FILE.write_text(f'{{"torch": "{version}", "entries": {{\n{lines}\n}}}}\n')

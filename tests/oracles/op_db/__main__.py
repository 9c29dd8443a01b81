"""`python tests/oracles/op_db [NAME ...]`: PyTorch's samples run here, counted; names pick operations or families."""

import argparse
import collections
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[3]), str(Path(__file__).parents[2])]

from torch.testing._internal.common_methods_invocations import op_db  # noqa: E402

from oracles.op_db.compare import outcome, samples  # noqa: E402
from oracles.op_db.names import COVERED, RANDOM, title  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of operations or families; all of them by default")
    parser.add_argument("--show", type=int, default=3, help="so many kinds of disagreement of each operation are shown")
    options = parser.parse_args()
    families = set(COVERED.values())
    wanted = {name for name in COVERED if not options.names or {name, COVERED[name]} & set(options.names)}
    wanted |= set(options.names) - families
    total = collections.Counter()
    for info in sorted(op_db, key=title):
        if info.name not in wanted:
            continue
        counts, details = collections.Counter(), collections.Counter()
        for sample in samples(info):
            got = outcome(info, sample, info.name in RANDOM)
            counts[got.kind] += 1
            if got.kind != "agrees":
                details[f"{got.kind}: {got.detail[:150]}"] += 1
        total += counts
        if set(counts) - {"agrees"}:
            print(f"{title(info)}: {dict(counts)}", flush=True)
            for text, count in details.most_common(options.show):
                print(f"    {count} {text}")
    compared = sum(count for kind, count in total.items() if kind not in ("complex", "skipped"))
    print(dict(total), f"agree: {total['agrees']} of {compared}, {100 * total['agrees'] / max(compared, 1):.1f} %")


main()

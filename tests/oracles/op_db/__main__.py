"""`python tests/oracles/op_db [NAME ...]`: PyTorch's samples run here, counted; names pick operations or families."""

import argparse
import collections
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[3]), str(Path(__file__).parents[2])]

from oracles.op_db.compare import RIGHT  # noqa: E402
from oracles.op_db.counts import counted, entries, write  # noqa: E402
from oracles.op_db.names import COVERED  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of operations or families; all that are covered by default")
    parser.add_argument("--show", type=int, default=3, help="so many kinds of disagreement of each operation are shown")
    parser.add_argument("--write", action="store_true", help="keep the counts in counts.json, for docs/operations.md")
    options = parser.parse_args()
    if options.write and options.names:
        parser.error("--write counts all operations; leave the names out")
    wanted = {name for name in COVERED if not options.names or {name, COVERED[name]} & set(options.names)}
    wanted |= set(options.names)
    found, total = {}, collections.Counter()
    for title, info in entries(wanted).items():
        kinds, details = counted(info)
        total += kinds
        if kinds:
            found[title] = dict(kinds)
        if details:
            print(f"{title}: {dict(kinds)}", flush=True)
            for text, count in details.most_common(options.show):
                print(f"    {count} {text}")
    right = sum(total[kind] for kind in RIGHT)
    print(dict(total), f"agree: {right} of {total.total()}, {100 * right / max(total.total(), 1):.2f} %")
    if options.write:
        write(found)


main()

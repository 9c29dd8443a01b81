"""`python tests/fuzz --count N --seed S`: so many inputs, and what became of them."""

import argparse
import collections
import random
import resource
import sys
import time
import traceback
import warnings
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from fuzz.inputs import KINDS  # noqa: E402

LONGEST, LARGEST = 5.0, 1 << 30  # seconds of the processor for one input, bytes of the process
FORBIDDEN = ("os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.remove", "os.rename", "socket.connect")
watched = []


def watch(event, arguments):
    """Nothing is run, sent or written while input is read."""
    if watched and (event in FORBIDDEN or event == "open" and str(arguments[1] or "r")[0] in "wax"):
        watched.append((event, str(arguments)[:200]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first input; the others follow")
    parser.add_argument("--kind", choices=KINDS, action="append", help="default: all in turn")
    parser.add_argument("--show", type=int, default=5, help="so many failures are printed whole")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    sys.addaudithook(watch)
    kinds = list(options.kind or KINDS)
    outcomes, failures, slowest, begin = collections.Counter(), [], (0.0, None), time.monotonic()
    for seed in range(options.seed, options.seed + options.count):
        kind = kinds[seed % len(kinds)]
        watched[:] = [kind]
        start = time.process_time()
        try:
            found = KINDS[kind](random.Random(seed))
            outcomes[kind, "left out" if found is None else "taken" if found[1] else "refused"] += 1
            assert len(watched) == 1, f"did {watched[1:]}"
            assert time.process_time() - start < LONGEST, "too slow"
        except Exception as error:
            failures.append((seed, kind, f"{type(error).__name__}: {str(error)[:200]}"))
            if len(failures) <= options.show:
                print(f"--- seed {seed} {kind}")
                traceback.print_exc(limit=-4, file=sys.stdout)
        finally:
            watched.clear()
        slowest = max(slowest, (time.process_time() - start, seed), key=lambda pair: pair[0])
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        {" ".join(key): count for key, count in sorted(outcomes.items())},
        f"failed {len(failures)}",
        f"slowest {slowest[0]:.2f} s (seed {slowest[1]})",
        f"{size / 2**20:.0f} MiB",
        f"{time.monotonic() - begin:.0f} s",
    )
    for text, count in collections.Counter(text[:110] for _seed, _kind, text in failures).most_common(20):
        print(f"failed {count}: {text}  seeds {[seed for seed, _k, t in failures if t[:110] == text][:4]}")
    sys.exit(bool(failures) or size > LARGEST)


main()

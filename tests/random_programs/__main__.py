"""`python tests/random_programs --count N --seed S`: so many programs, and what became of them."""

import argparse
import collections
import sys
import time
import traceback
import warnings
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from random_programs.checks import Refused, check  # noqa: E402
from random_programs.generator import seeded  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="of the first program; the others follow")
    parser.add_argument("--length", type=int, default=6, help="of a program, in lines")
    parser.add_argument("--show", type=int, default=5, help="so many failures are printed whole")
    parser.add_argument("--all", action="store_true", help="every check of every program, where they else take turns")
    options = parser.parse_args()
    try:
        import torch
    except ImportError:
        torch = None
    outcomes, refusals, forms, failures = collections.Counter(), collections.Counter(), collections.Counter(), []
    warnings.simplefilter("ignore")  # PyTorch warns of ways to call its functions
    start = time.monotonic()
    for seed in range(options.seed, options.seed + options.count):
        try:
            program = seeded(seed, options.length)
            check(program, torch, None if options.all else seed, forms)
            outcomes["right"] += 1
        except Refused as refusal:
            outcomes["refused"] += 1
            refusals[str(refusal)[:100]] += 1
        except Exception as error:
            outcomes["failed"] += 1
            failures.append((seed, f"{type(error).__name__}: {str(error).strip()[:200]}"))
            if len(failures) <= options.show:
                print(f"--- seed {seed}\n{program.leaves}\n{program.source}")
                traceback.print_exc(limit=-3)
    print(dict(outcomes), f"{time.monotonic() - start:.0f} s, PyTorch {'compared' if torch else 'not installed'}")
    for reason, count in refusals.most_common(20):
        print(f"refused {count}: {reason}")
    for reason, count in forms.most_common(20):
        print(f"without a form {count}: {reason}")
    kinds = collections.Counter(text.split("\n")[0][:110] for _seed, text in failures)
    for text, count in kinds.most_common(25):
        seeds = [seed for seed, t in failures if t.split("\n")[0][:110] == text][:4]
        print(f"failed {count}: {text}  seeds {seeds}")
    sys.exit(bool(failures))


main()

"""Write tests/pages/golden/ again: `python tests/pages [PROGRAM ...]`. Read the difference."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from pages.programs import PROGRAMS, pages  # noqa: E402


def main(names):
    GOLDEN.mkdir(exist_ok=True)
    for name in names or PROGRAMS:
        for suffix, text in pages(name).items():
            path = GOLDEN / f"{name}.{suffix}"
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                print("rewrote", path.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])

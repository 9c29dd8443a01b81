"""`python tests/gallery`: write docs/gallery again. Read the difference."""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from gallery.programs import ALL  # noqa: E402
from gallery.writing import FOLDER, explained, file_name, index, page  # noqa: E402


def main():
    FOLDER.mkdir(exist_ok=True)
    written = {}
    found = []
    for derivation in ALL:
        began = time.perf_counter()
        found.append(explained(derivation))
        written[FOLDER / file_name(derivation)] = page(derivation, found[-1])
        print(f"{derivation.name}: {time.perf_counter() - began:.1f} s")
    written[FOLDER / "README.md"] = index(found)
    for path in FOLDER.glob("*.md"):
        if path not in written:
            path.unlink()
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

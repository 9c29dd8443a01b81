"""`python tests/operations`: write docs/operations.md."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from operations.document import page  # noqa: E402

if __name__ == "__main__":
    (ROOT / "docs" / "operations.md").write_text(page(), encoding="utf-8")

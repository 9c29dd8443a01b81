"""Write into README.md and docs/ what their Python blocks print: `python tests/write_outputs.py [DOCUMENT ...]`.

Read the difference before committing it: the tests hold documents to what stands there.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from test_documents import DOCUMENTS, is_doctest, printed_by, python_blocks, run  # noqa: E402


def rewritten(path):
    """A document's text with every output block replaced by what its program prints."""
    text = path.read_text(encoding="utf-8")
    names = {"__name__": "__main__"}
    at = 0
    for block in python_blocks(text, path.name):
        if is_doctest(block):
            run(block, names)
            continue
        printed = printed_by(block, names)
        if block.output is not None:
            at = text.index(block.text, at) + len(block.text)
            start = text.index("output\n", at) + len("output\n")
            end = start + len(block.output)
            text = text[:start] + printed + text[end:]
    return text


def main(paths):
    before = os.getcwd()
    for path in [Path(path).resolve() for path in paths] or DOCUMENTS:
        with tempfile.TemporaryDirectory() as directory:
            os.chdir(directory)
            try:
                text = rewritten(path)
            finally:
                os.chdir(before)
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            print("rewrote", path.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])

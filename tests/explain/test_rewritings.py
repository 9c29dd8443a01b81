"""Right derivatives in other forms: every one is called right, and nearly every one is proved so."""

import sys
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from derivations import ROWS  # noqa: E402
from mistakes import Case  # noqa: E402
from rewritings import rewritings  # noqa: E402

from explain import explain  # noqa: E402


@cache
def verdicts():
    found = []
    for row in ROWS:
        case = Case(row)
        explanation = explain(case.out, wrt=case.names[case.wrt], names=case.names)
        found += [(row[1], what, text, explanation.check(text)) for what, text in rewritings(case)]
    return found


def test_every_one_is_called_right():
    found = verdicts()
    assert len(found) >= 300 and len({what for _row, what, _text, _verdict in found}) >= 12
    assert [(row, text, str(verdict)) for row, _what, text, verdict in found if not verdict] == []


def test_nearly_every_one_is_proved():
    """Measured: 627 of 628."""
    found = verdicts()
    assert sum(verdict.proof is not None for *_rest, verdict in found) >= 0.99 * len(found)

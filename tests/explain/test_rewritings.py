"""Right derivatives in other forms: every one is called right, and nearly every one is proved so."""

import sys
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from derivations import ROWS  # noqa: E402
from mistakes import Case  # noqa: E402
from rewritings import rewritings  # noqa: E402

from explain import explain  # noqa: E402

EACH = 6  # of a row's rewritings, spread over their kinds


@cache
def verdicts(every=False):
    found = []
    for row in ROWS:
        case = Case(row)
        explanation = explain(case.out, wrt=case.names[case.wrt], names=case.names)
        made = rewritings(case)
        made = made if every else made[:: max(1, len(made) // EACH)]
        found += [(row[1], what, text, explanation.check(text)) for what, text in made]
    return found


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_every_one_is_called_right(every):
    found = verdicts(every)
    assert len(found) >= 300 and len({what for _row, what, _text, _verdict in found}) >= 12
    assert [(row, text, str(verdict)) for row, _what, text, verdict in found if not verdict] == []


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_nearly_every_one_is_proved(every):
    """Measured: 627 of 628."""
    found = verdicts(every)
    assert sum(verdict.proof is not None for *_rest, verdict in found) >= 0.99 * len(found)

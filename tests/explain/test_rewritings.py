"""Right derivatives in other forms: every one is called right, and nearly every one is proved so."""

from functools import cache

import pytest
from candidates.derivations import ROWS
from candidates.mistakes import Case
from candidates.rewritings import rewritings

from explain import explain

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

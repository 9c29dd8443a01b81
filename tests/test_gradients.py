"""The table of named gradients: no formula longer than the book's, however the program is written."""

from pathlib import Path

import pytest
from gradients.document import ROWS, line, page
from gradients.row import VARIANTS, compared

PAGE = Path(__file__).parents[1] / "docs" / "formulas.md"
# The book leaves ties out; PyTorch shares them, and so does the formula.
LONGER = {"larger of two"}
QUICK = ROWS[::9]


def by_title(rows):
    return {"argvalues": rows, "ids": [row.title for row in rows]}


def check(row):
    result = compared(row)
    assert result.no_longer or row.title in LONGER, f"{result.formula} takes {result.ours}, the book {result.book}"
    assert line(row, result) in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("row", **by_title(QUICK))
def test_no_longer_than_the_book(row):
    check(row)


@pytest.mark.slow
@pytest.mark.parametrize("row", **by_title(ROWS))
def test_no_longer_than_the_book_any(row):
    check(row)


def test_there_are_enough():
    assert len(ROWS) >= 120
    assert len({row.title for row in ROWS}) == len(ROWS)


@pytest.mark.slow
def test_the_page_is_what_the_code_gives():
    assert PAGE.read_text(encoding="utf-8") == page()


def check_variant(row, change):
    assert compared(VARIANTS[change](row)).ours <= compared(row).ours


@pytest.mark.parametrize("change", VARIANTS)
@pytest.mark.parametrize("row", **by_title(ROWS[3::27]))
def test_equally_short_however_written(row, change):
    check_variant(row, change)


@pytest.mark.slow
@pytest.mark.parametrize("change", VARIANTS)
@pytest.mark.parametrize("row", **by_title(ROWS))
def test_equally_short_however_written_any(row, change):
    check_variant(row, change)


def test_a_wrong_formula_of_a_book_is_found():
    from dataclasses import replace

    with pytest.raises(AssertionError, match="isn't the gradient"):
        compared(replace(ROWS[0], book="a + 6"))

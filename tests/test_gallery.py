"""docs/gallery holds what the code gives: a few pages always, all of them with `-m slow`."""

import pytest
from gallery.programs import ALL, QUICK
from gallery.writing import FOLDER, explained, file_name, index, page
from pages.katex import formulas_of, missing, refused

PAGES = sorted(FOLDER.glob("*.md"))


@pytest.mark.parametrize(
    "derivation",
    [pytest.param(each, id=each.name, marks=() if each.name in QUICK else pytest.mark.slow) for each in ALL],
)
def test_page(derivation):
    """After a change on purpose: python tests/gallery, and read the difference."""
    assert (FOLDER / file_name(derivation)).read_text(encoding="utf-8") == page(derivation, explained(derivation))


@pytest.mark.slow
def test_index():
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == index([explained(each) for each in ALL])


def test_there_are_forty_and_no_others():
    assert len(ALL) == 40
    assert [path.name for path in PAGES] == sorted([*map(file_name, ALL), "README.md"])


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_katex_takes_every_formula():
    formulas = [each for path in PAGES for each in formulas_of(path.read_text(encoding="utf-8"), path.name)]
    assert len(formulas) > 600
    assert refused(formulas) == []

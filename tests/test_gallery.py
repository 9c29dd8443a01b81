"""docs/gallery holds what the code gives: all its pages, and its index."""

import pytest
from gallery.programs import ALL
from gallery.writing import FOLDER, explained, file_name, index, page
from pages.katex import formulas_of, missing, refused

PAGES = sorted(FOLDER.glob("*.md"))


@pytest.fixture(scope="module")
def explanations():
    return [explained(derivation) for derivation in ALL]


@pytest.mark.parametrize("at", range(len(ALL)), ids=[each.name for each in ALL])
def test_page(at, explanations):
    """After a change on purpose: python tests/gallery, and read the difference."""
    derivation = ALL[at]
    assert (FOLDER / file_name(derivation)).read_text(encoding="utf-8") == page(derivation, explanations[at])


def test_index(explanations):
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == index(explanations)


def test_there_are_as_many_as_programs_and_no_others():
    assert len(ALL) == 42
    assert [path.name for path in PAGES] == sorted([*map(file_name, ALL), "README.md"])


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_katex_takes_every_formula():
    formulas = [each for path in PAGES for each in formulas_of(path.read_text(encoding="utf-8"), path.name)]
    assert len(formulas) > 600
    assert refused(formulas) == []

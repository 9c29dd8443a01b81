"""docs/operations.md is what the registry gives, and says something of every operation."""

from pathlib import Path

import pytest
from operations.document import block, page
from operations.naming import callers, families, public_names
from operations.rules import rules_of
from oracles.op_db.counts import read
from oracles.op_db.exceptions import EXCEPTIONS

from engine.op import PUBLIC, REGISTRY, Every

PAGE = Path(__file__).parents[1] / "docs" / "operations.md"


def test_the_page_is_what_the_registry_gives():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python tests/operations` and read what changed"


def test_every_operation_is_shown_and_every_operand_that_has_a_derivative_has_its_rule():
    written = PAGE.read_text(encoding="utf-8")
    assert sum(map(len, families().values())) == len(REGISTRY)
    for op in REGISTRY.values():
        assert op.internal or f"\n### {op.name}\n" in written
        if op.vjp and not op.internal and op.vjp.__class__ is not Every:
            assert len(rules_of(op)) == sum(rule is not None for rule in op.vjp)


def test_every_entry_of_pytorchs_table_is_counted_and_every_exception_has_its_reason():
    written = PAGE.read_text(encoding="utf-8")
    assert all(title in written for title in read()["entries"])
    assert all(f"{count} of {title}: {reason}" in written for title, (count, _kind, reason) in EXCEPTIONS.items())


@pytest.mark.parametrize(
    "path, name",
    [("exp", "exp"), ("Tensor.sum", "sum"), ("linalg.inv", "inv"), ("nn.functional.gelu", "gelu"), ("where", "where"),
     ("max", "max_along"), ("softmax", "softmax"), ("Tensor.__getitem__", None), ("nn.functional.glu", None)],
)  # fmt: skip
def test_public_names_lead_to_the_operation(path, name):
    assert path in PUBLIC
    assert [op.name for op in callers() if path in public_names(op) and op.name == name] == [name] * bool(name)
    if name is None:
        assert path not in callers()[REGISTRY["sigmoid"]][0]


def test_another_rule_would_be_another_page(monkeypatch):
    tanh = REGISTRY["tanh"]
    before = block(tanh, set())
    assert before in PAGE.read_text(encoding="utf-8") and "1 − y²" in before
    monkeypatch.setattr(tanh, "vjp", (lambda g, y, x: g * (1 + y * y),))
    assert block(tanh, set()) != before

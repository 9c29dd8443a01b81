"""PyTorch's own sample inputs: the first of every eighth entry by default, all of them marked slow."""

import importlib.util

import pytest
from oracles.op_db.counts import counted, entries, read
from oracles.op_db.exceptions import EXCEPTIONS
from oracles.op_db.names import COVERED

import engine  # noqa: F401
from engine.op import REGISTRY

RIGHT = {"agrees", "constant", "alike"}


def table():
    """The covered entries; skips with a message where PyTorch's tests can't be imported."""
    for name in ("torch", "expecttest"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"PyTorch's samples need {name}: pip install torch expecttest")
    return entries(COVERED)


def unexplained(title, kinds):
    """What doesn't agree and isn't listed as an exception."""
    wrong = {kind: count for kind, count in kinds.items() if kind not in RIGHT}
    count, kind, _reason = EXCEPTIONS.get(title, (0, "", ""))
    return {k: n for k, n in wrong.items() if k != kind or n > count}


def test_first_samples():
    wrong = {}
    for title, info in list(table().items())[::8]:
        kinds, details = counted(info, at_most=1)
        if unexplained(title, kinds):
            wrong[title] = dict(details)
    assert not wrong


@pytest.mark.slow
def test_all_samples_and_the_counts_that_are_kept():
    import torch

    found = {title: dict(counted(info)[0]) for title, info in table().items()}
    found = {title: kinds for title, kinds in found.items() if kinds}
    assert not {title: kinds for title, kinds in found.items() if unexplained(title, kinds)}
    kept = read()
    if kept["torch"] == torch.__version__.partition("+")[0]:
        assert found == kept["entries"], "run `python tests/oracles/op_db --write`"


def test_kept_counts_reach_the_goal_and_exceptions_are_listed():
    kept = read()["entries"]
    total = sum(sum(kinds.values()) for kinds in kept.values())
    agreeing = sum(count for kinds in kept.values() for kind, count in kinds.items() if kind in RIGHT)
    assert total > 10_000 and agreeing / total >= 0.95
    assert not {title: kinds for title, kinds in kept.items() if unexplained(title, kinds)}
    for title, (count, kind, reason) in EXCEPTIONS.items():
        assert kept[title].get(kind) == count and reason


def test_every_name_that_is_covered_is_in_the_table():
    assert COVERED.keys() == {info.name for info in table().values()}


@pytest.mark.parametrize("field", ["forward", "vjp"])
def test_a_wrong_operation_is_found(monkeypatch, field):
    info = table()["maximum"]
    wrong = {"forward": lambda a, b: a + b, "vjp": (lambda g, y, a, b: g, lambda g, y, a, b: g)}
    monkeypatch.setattr(REGISTRY["maximum"], field, wrong[field])
    monkeypatch.setattr(REGISTRY["maximum"], "numeric", None)
    kinds, _details = counted(info)
    assert kinds["value" if field == "forward" else "gradient"] > kinds.total() / 2

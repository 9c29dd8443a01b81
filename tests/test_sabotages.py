"""Test the tests: each wrong program of tests/sabotages.py fails the default suite; the right one passes the same."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sabotages import SABOTAGES

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the tree, in which sources may be changed."""
    made = tmp_path_factory.mktemp("sabotaged") / "tree"
    kept = shutil.ignore_patterns(".git", "__pycache__", ".pytest_cache", "benchmarks")
    shutil.copytree(ROOT, made, ignore=kept)
    return made


def suite(tree, tests, *options):
    """pytest on a selection of the default suite, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *options, *shlex.split(tests)]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=300)


def test_each_is_a_change_of_one_place():
    for sabotage in SABOTAGES:
        source = (ROOT / sabotage.file).read_text(encoding="utf-8")
        assert source.count(sabotage.old) == 1, f"{sabotage.name}: the place in {sabotage.file} isn't there once"


@pytest.mark.slow
@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_the_default_suite_fails(copy, sabotage):
    file = copy / sabotage.file
    source = file.read_text(encoding="utf-8")
    file.write_text(source.replace(sabotage.old, sabotage.new), encoding="utf-8")
    try:
        ran = suite(copy, sabotage.tests)
    finally:
        file.write_text(source, encoding="utf-8")
    assert ran.returncode == 1, f"{sabotage.name} passed, or couldn't be tried:\n{(ran.stdout + ran.stderr)[-1500:]}"
    assert "failed" in ran.stdout


@pytest.mark.slow
def test_the_right_program_passes_the_same(copy):
    for tests in dict.fromkeys(sabotage.tests for sabotage in SABOTAGES):
        ran = suite(copy, tests)
        assert ran.returncode == 0, f"{tests}\n{(ran.stdout + ran.stderr)[-1500:]}"

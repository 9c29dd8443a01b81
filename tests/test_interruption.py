"""Interrupted work leaves graph, gradients, modes and files as they were; threads don't disturb each other."""

import errno
import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from interruption import Program, after, alike, interrupted, text_of

import engine
from engine.mode import mode
from explain import cli, explain


def test_backward_interrupted_anywhere_changes_all_gradients_or_none():
    want = after(Program())
    moments = interrupted(Program().loss.backward)
    assert moments > 50
    whole = 0
    for at in range(moments):
        program = Program()
        nodes = program.nodes()
        assert interrupted(program.loss.backward, at) is None
        assert mode.enabled
        state = program.state()
        if alike(state, want):
            whole += 1
            continue
        assert alike(state, program.kept), f"half a backward at moment {at} of {moments}"
        assert program.nodes() == nodes
        program.loss.backward()  # as if nothing had happened
        assert alike(program.state(), want)
    assert whole < moments


def test_grad_interrupted_anywhere_leaves_the_graph():
    program = Program()

    def work():
        return engine.autograd.grad(program.loss, [program.w, program.b])

    moments = interrupted(lambda: engine.autograd.grad(program.loss, [program.w, program.b], retain_graph=True))
    for at in range(0, moments, 3):
        program = Program()
        if interrupted(work, at) is None and not any(node.spent for node, *_rest in program.nodes()):
            work()
        assert alike(program.state()[:3], program.kept[:3])


def explain_interrupted(points):
    """Interrupt explain at so many moments, evenly spread."""
    program = Program()
    nodes, state, page = program.nodes(), program.state(), text_of(program)

    def work():
        text_of(program)

    moments = interrupted(work)
    for at in np.linspace(0, moments - 1, points).astype(int):
        interrupted(work, at)  # a moment may not come when caches are warm
        assert mode.enabled and gc.isenabled() and sys.getprofile() is None
        assert program.nodes() == nodes and alike(program.state(), state)
    assert text_of(program) == page
    return moments


def test_explain_interrupted_leaves_everything():
    assert explain_interrupted(12) > 1000


@pytest.mark.slow
def test_explain_interrupted_at_many_moments():
    explain_interrupted(300)


def test_a_function_that_is_interrupted_leaves_the_profiler():
    def stopped(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explain(stopped, engine.ones(2, requires_grad=True))
    assert sys.getprofile() is None


@pytest.mark.parametrize("collecting", [True, False])
def test_explain_leaves_the_garbage_collector_as_it_was(collecting, monkeypatch):
    program, seen = Program(), []

    def failing(*_given):
        seen.append(gc.isenabled())
        raise ValueError("no derivation today")

    try:
        if not collecting:
            gc.disable()
        text_of(program)
        assert gc.isenabled() is collecting
        monkeypatch.setattr("explain.explanation.Derivation", failing)
        with pytest.raises(ValueError, match="no derivation today"):
            text_of(program)
        assert gc.isenabled() is collecting and seen == [False]
    finally:
        gc.enable()


def by_signals(seed, seconds):
    script = Path(__file__).with_name("interruption.py")
    paths = os.pathsep.join([str(script.parents[1]), str(script.parent)])
    run = subprocess.run(
        [sys.executable, str(script), str(seed), str(seconds)], capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    return [int(count) for count in run.stdout.split()]


def test_real_signals():
    stopped, _whole = by_signals(1, 3)
    assert stopped > 3


@pytest.mark.slow
def test_real_signals_for_a_minute():
    stopped, whole = by_signals(2, 60)
    assert stopped > 50
    print(f"{stopped} interruptions, {whole} whole runs")


# Files

COMMAND = ["sum(x**2)", "--let", "x=[1,2,3]", "-o"]


def kept_file(folder):
    target = folder / "page.md"
    target.write_text("what was there")
    return target


def left(folder):
    return sorted(path.name for path in folder.iterdir())


class Full:
    """A file on a disk that is full after some characters."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def write(self, text):
        self.file.write(text[: self.room])
        if len(text) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_leaves_the_file(tmp_path, monkeypatch, capsys):
    target, fdopen = kept_file(tmp_path), os.fdopen
    monkeypatch.setattr(cli.os, "fdopen", lambda *args, **kwargs: Full(fdopen(*args, **kwargs), room=20))
    assert cli.main([*COMMAND, str(target)]) == 2
    assert "can't be written: No space left" in capsys.readouterr().err
    assert target.read_text() == "what was there" and left(tmp_path) == ["page.md"]


@pytest.mark.parametrize("step", ["fdopen", "chmod", "replace"])
def test_an_interrupted_command_leaves_the_file(tmp_path, monkeypatch, capsys, step):
    target = kept_file(tmp_path)

    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.os, step, interrupt)
    assert cli.main([*COMMAND, str(target)]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert target.read_text() == "what was there" and left(tmp_path) == ["page.md"]


def test_a_command_interrupted_anywhere_writes_whole_or_not_at_all(tmp_path, capsys):
    target = kept_file(tmp_path)
    cli.main([*COMMAND, str(target)])
    page = target.read_text()
    write = lambda: cli.write(page, str(target))  # noqa: E731
    for at in range(interrupted(write)):
        target.write_text("what was there")
        interrupted(write, at)
        assert target.read_text() in ("what was there", page)


# Threads


def in_threads(*works):
    """Run each work some times in a thread of its own, all at once; the first error is raised here."""
    errors = []
    begin = threading.Barrier(len(works))

    def run(work):
        try:
            begin.wait()
            for _ in range(3):
                work()
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    if errors:
        raise errors[0]


def squares(x, w):
    inner = x @ w
    p = engine.sigmoid(inner)
    return (p * p).mean()


def ratios(a, b):
    q = a / b
    r = q.exp()
    return r.sum()


def test_two_threads_record_and_explain():
    rng = np.random.default_rng(0)
    x, w, a, b = (engine.from_numpy(rng.uniform(1, 2, shape)).requires_grad_() for shape in [(3, 2), (2,), (4,), (4,)])
    want = [explain(squares, x, w, wrt="w").text(), explain(ratios, a, b, wrt="b").text()]

    def first():
        assert explain(squares, x, w, wrt="w").text() == want[0]

    def second():
        assert explain(ratios, a, b, wrt="b").text() == want[1]

    in_threads(first, second, first)


def test_no_grad_is_per_thread():
    ready, done = threading.Event(), threading.Event()

    def without():
        with engine.no_grad():
            ready.set()
            done.wait(5)
            assert not (engine.ones(2, requires_grad=True) * 2).requires_grad

    def recording():
        ready.wait(5)
        assert (engine.ones(2, requires_grad=True) * 2).requires_grad
        done.set()

    for work in (without, recording):
        assert work
    in_threads_once = [threading.Thread(target=work) for work in (without, recording)]
    for thread in in_threads_once:
        thread.start()
    for thread in in_threads_once:
        thread.join()
    assert engine.is_grad_enabled()


def test_classes_are_made_once():
    """Two threads that meet an operation for the first time get the same class of formulas and of nodes."""
    from engine import graph
    from engine.symbols import structure

    for cache, key, make in (
        (graph._classes, "RaceBackward0", lambda: graph._class("RaceBackward0")),
        (structure._classes, "race", lambda: structure.structure(Race, (), (), {}, ()).__class__),
    ):
        made = []
        in_threads(*[lambda make=make, made=made: made.append(make())] * 4)
        assert len(set(made)) == 1
        del cache[key]


class Race:
    name = "race"

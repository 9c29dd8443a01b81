"""Ctrl-C at a chosen moment, as CPython delivers it: on entry to a function and after a call into C.

Run as a program, it interrupts real work by real signals and prints what it saw. Imported by test_interruption.
"""

import os
import signal
import sys
import time
from random import Random

import numpy as np

import engine
from engine.mode import mode
from explain import explain

# Where Python itself may lose the end of a `with` block (https://bugs.python.org/issue29988): nobody can prevent that.
UNSAFE = {"__enter__", "__exit__", "__del__"}
OURS = (os.sep + "engine" + os.sep, os.sep + "explain" + os.sep, os.sep + "sympy" + os.sep)


def interrupted(work, at=None):
    """Do some work, interrupted at its at-th moment; returns the number of moments, or None if it was interrupted."""
    moment = 0

    def watch(frame, event, _argument):
        nonlocal moment
        if event not in ("call", "c_return") or frame.f_code.co_name in UNSAFE:
            return
        if any(part in frame.f_code.co_filename for part in OURS):
            if moment == at:
                moment += 1
                raise KeyboardInterrupt
            moment += 1

    sys.setprofile(watch)
    try:
        work()
    except KeyboardInterrupt:
        return None
    finally:
        sys.setprofile(None)
    return moment


class Program:
    """A small network's loss, with gradients from an earlier sweep, a shared leaf and one that retains its gradient."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.x = engine.from_numpy(rng.standard_normal((4, 3)))
        self.w = engine.from_numpy(rng.standard_normal((3, 2))).requires_grad_()
        self.b = engine.from_numpy(rng.standard_normal(2)).requires_grad_()
        self.fresh = engine.from_numpy(rng.standard_normal(2)).requires_grad_()
        ((self.x @ self.w + self.b) ** 2).sum().backward()
        self.h = engine.tanh(self.x @ self.w + self.b) * self.fresh
        self.h.retain_grad()
        self.loss = (self.h * self.h).mean() + (self.w * self.w).sum()
        self.kept = self.state()

    def leaves(self):
        return [self.w, self.b, self.fresh, self.h]

    def state(self):
        return [None if leaf.grad is None else leaf.grad.detach().numpy().copy() for leaf in self.leaves()]

    def nodes(self):
        from engine.tape import order

        return [(node, node.op, node.inputs, node.spent, node.output) for node in order(self.loss._node)]


def alike(first, second):
    return all((a is None) == (b is None) and (a is None or np.array_equal(a, b)) for a, b in zip(first, second))


def by_signals(seed, seconds):
    """Interrupt backward and explain by SIGINT at random times; returns (interruptions, whole runs)."""
    random = Random(seed)
    page = text_of(Program())
    want = after(Program())
    counts = [0, 0]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        program = Program()
        try:
            signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 2e-3))
            program.loss.backward()
            signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 0.3))
            text_of(program)
            signal.setitimer(signal.ITIMER_REAL, 0)
            counts[1] += 1
        except KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, 0)
            counts[0] += 1
        assert mode.enabled and sys.getprofile() is None
        state = program.state()
        assert alike(state, program.kept) or alike(state, want), (state, want)
        if alike(state, program.kept):
            program.loss.backward()
            assert alike(program.state(), want)
    assert text_of(Program()) == page
    return counts


def text_of(program):
    return explain(program.loss, wrt=program.w, names={"x": program.x, "w": program.w, "b": program.b}).text()


def after(program):
    program.loss.backward()
    return program.state()


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    print(*by_signals(int(sys.argv[1]), float(sys.argv[2])))

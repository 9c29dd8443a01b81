"""The clock within one call of a function that an expression names; whatever watched Python's calls before goes on."""

import cProfile
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

import engine
from explain import explain
from explain.limits import LIMITS, Guard
from explain.parse import InputError, evaluate, parse
from explain.sizes import call_work, result_size
from explain.vocabulary import functions, methods

SHORT = replace(LIMITS, seconds=0.1)


def step():
    return 1


def endless(x):
    while True:
        step()


def stubborn(x):
    while True:
        try:
            step()
        except Exception:  # swallows what it can
            continue


@pytest.mark.parametrize("function", [endless, stubborn])
def test_one_call_is_stopped(function):
    begin = time.monotonic()
    with pytest.raises(InputError, match=r"column 3, 'slow\(1\)': this takes longer than 0.1 s"):
        evaluate(parse("1+slow(1)", SHORT), {}, {"slow": function}, {})
    assert time.monotonic() - begin < 2
    assert sys.getprofile() is None


def test_it_runs_only_while_a_function_does():
    seen = []
    evaluate(parse("f(1) + 1"), {}, {"f": lambda x: seen.append(sys.getprofile()) or x}, {})
    assert seen[0] is not None and sys.getprofile() is None


def test_a_function_that_fails_takes_the_clock_with_it():
    with pytest.raises(InputError, match="no"):
        evaluate(parse("f(1)"), {}, {"f": lambda x: [][x]} | {"f": failing}, {})
    assert sys.getprofile() is None


def failing(x):
    raise RuntimeError("no")


def test_anothers_profile_function_sees_the_calls_and_stays():
    seen = set()

    def profile(frame, event, _argument):
        if event == "call":
            seen.add(frame.f_code.co_name)

    sys.setprofile(profile)
    try:
        evaluate(parse("f(1)"), {}, {"f": lambda x: step()}, {})
        assert sys.getprofile() is profile
        with pytest.raises(InputError, match="longer"):
            evaluate(parse("f(1)", SHORT), {}, {"f": endless}, {})
        assert sys.getprofile() is profile
    finally:
        sys.setprofile(None)
    assert {"step", "endless"} <= seen


def test_clocks_within_clocks():
    """The sooner of two ends what runs in both; the outer one goes on."""
    inner, outer = Guard(SHORT), Guard(replace(LIMITS, seconds=0.4))
    seen = []

    def nested():
        with pytest.raises(ValueError, match="0.1 s"):
            inner.in_time(endless, (1,), {})
        seen.append(time.monotonic())
        endless(1)

    begin = time.monotonic()
    with pytest.raises(ValueError, match="0.4 s"):
        outer.in_time(nested, (), {})
    assert seen and 0.35 < time.monotonic() - begin < 2
    assert sys.getprofile() is None


def test_another_thread_is_left_alone():
    counted = []

    def work():
        assert sys.getprofile() is None
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            step()
        counted.append(sys.getprofile())

    other = threading.Thread(target=work)
    other.start()
    with pytest.raises(InputError, match="longer"):
        evaluate(parse("f(1)", SHORT), {}, {"f": endless}, {})
    other.join()
    assert counted == [None]


def squared(x):
    y = x * x
    return y.sum()


def test_a_profiler_in_c_goes_on():
    """cProfile's, which sys.setprofile can't put back before Python 3.12."""
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        assert str(explain(squared, engine.ones(2, requires_grad=True), wrt="x").formula) == "2*x"
        assert evaluate(parse("f(2)"), {}, {"f": lambda x: step()}, {}) == 1
        step()
    finally:
        profiler.disable()
    calls = {entry.code: entry.callcount for entry in profiler.getstats()}
    assert calls.get(step.__code__)


def test_names_of_a_function_are_found_under_a_profile_function():
    seen = []
    profile = lambda frame, event, argument: seen.append(frame.f_code)  # noqa: E731
    sys.setprofile(profile)
    try:
        assert explain(squared, engine.ones(2, requires_grad=True), wrt="x").definitions == {}
        assert sys.getprofile() is profile
    finally:
        sys.setprofile(None)
    assert squared.__code__ in seen


@pytest.mark.parametrize(
    "text",
    [
        "polygamma(40, 0.5)", "mvlgamma(x + 9, 4)", "local_response_norm(ones(1, 3, 4), 3)",
        "conv1d(ones(2, 9), ones(3, 2, 2))", "conv_transpose1d(ones(2, 5), ones(2, 3, 2))", "randint(9, (3, 2))",
    ],
)  # fmt: skip
def test_functions_that_the_fuzzer_found_are_worked_out(text):
    value = evaluate(parse(text), {"x": 1.0}, functions(), methods())
    assert np.all(np.isfinite(np.asarray(value)))


@pytest.mark.parametrize(
    "text",
    [
        "polygamma(100000, 0.5)", "mvlgamma(ones(1000), 100000)", "local_response_norm(ones(1, 900, 4), 10000000)",
        "conv1d(ones(900, 900), ones(900, 900, 100))", "randint(9, (10000, 2000))",
        "conv_transpose1d(ones(2, 900), ones(2, 900, 2), stride=10000)", "upsample(ones(1, 1, 2), 1e9)",
        "interpolate(ones(1, 1, 2, 2), scale_factor=1e6)", "adaptive_avg_pool1d(ones(1, 1, 2), 1000000000)",
    ],
)  # fmt: skip
def test_functions_that_the_fuzzer_found_are_bounded(text):
    begin = time.monotonic()
    with pytest.raises(InputError, match="elements|multiplications|longer"):
        evaluate(parse(text), {"x": 1.0}, functions(), methods())
    assert time.monotonic() - begin < 5


def test_the_new_rules():
    assert result_size("randint", (9, (3, 2)), {}) == 6
    assert call_work("polygamma", (100, 0.5), {}) == 10**8
    assert call_work("conv1d", (np.ones((2, 9)), np.ones((3, 2, 2))), {}) >= 3 * 8 * 4

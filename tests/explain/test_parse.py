"""Expressions that someone else wrote: right ones have their value, everything else is refused in one sentence."""

import ast
import operator
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from expressions import (
    FUNCTIONS,
    METHODS,
    RIGHT,
    WRONG,
    X,
    a,
    assert_sentence,
    b,
    value,
    y,
)

from explain.limits import LIMITS, Guard
from explain.measures import shape
from explain.parse import OPERATORS, InputError, evaluate, parse, parse_let
from explain.sizes import SIZES, WORK, call_work, result_size


@pytest.mark.parametrize("text, expected", RIGHT.items(), ids=[ascii(text[:50]) for text in RIGHT])
def test_right(text, expected):
    got = value(text)
    assert np.shape(got) == np.shape(expected)
    np.testing.assert_allclose(got, expected)


@pytest.mark.parametrize("text, says", WRONG.items(), ids=[ascii(text[:50]) for text in WRONG])
def test_wrong(text, says):
    begin = time.monotonic()
    with pytest.raises(InputError, match=says) as caught:
        value(text)
    assert time.monotonic() - begin < 5
    assert_sentence(caught.value)


@pytest.mark.parametrize("thing", [None, 5, b"a", ["a"], a])
def test_only_text_is_parsed(thing):
    with pytest.raises(InputError, match="pass a string"):
        parse(thing)
    with pytest.raises(InputError, match="pass a string"):
        parse_let(thing)


@pytest.mark.parametrize(
    "text, column, piece",
    [
        ("a + bb", 5, "'bb'"),
        ("  a + bb", 7, "'bb'"),
        ("σ + x̂ * bb", 10, "'bb'"),
        ("a\n+ bb", 5, "'bb'"),
        ("a + b and a", 7, "'and'"),
        ("a + exp(b, c)", 12, "'c'"),
        ("a + (b", 5, "'(b'"),
        ("a + ", 4, "'end'"),
    ],
)
def test_the_place_is_named(text, column, piece):
    with pytest.raises(InputError) as caught:
        value(text)
    assert str(caught.value).startswith(f"column {column}, {piece}: ")


def test_a_functions_complaint_is_passed_on():
    def picky(x):
        raise RuntimeError("The size of tensor a (2) must match\nsecond line")

    with pytest.raises(InputError) as caught:
        value("1 + picky(a)", functions={"picky": picky})
    assert str(caught.value) == "column 5, 'picky(a)': The size of tensor a (2) must match"
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_interruption_is_not_swallowed():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        value("stop(a)", functions={"stop": interrupted})


def test_names_come_before_functions_and_prefixes():
    assert value("exp + exp(n)", names={"exp": 1, "n": 0}) == 2
    assert value("np.T", names={"np": np.ones((2, 3))}).shape == (3, 2)
    with pytest.raises(InputError, match="unknown name"):
        value("np.a")


# Assignments


@pytest.mark.parametrize(
    "text, name, expected",
    [
        ("a=ones(2,2)", "a", np.ones((2, 2))),
        (" x̂ = 2 == 2", "x̂", True),
        ("σ=1", "σ", 1),
        ("W_1 = exp(0)", "W_1", 1),
        ("_=1", "_", 1),
    ],
)
def test_let(text, name, expected):
    got, tree = parse_let(text, FUNCTIONS)
    assert got == name
    np.testing.assert_array_equal(evaluate(tree, {}, FUNCTIONS, METHODS), expected)


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "no '='"),
        ("a", "no '='"),
        ("=1", "not a name"),
        ("1=1", "not a name"),
        ("a b=1", "not a name"),
        ("a.b=1", "not a name"),
        ("a,b=1", "not a name"),
        ("a<=1", "not a name"),
        ("a==1", "not an expression|=="),
        ("a+=1", "not a name"),
        ("lambda=1", "not a name"),
        ("ｌambda=1", "not a name"),
        ("None=1", "not a name"),
        ("__builtins__=1", "not a name"),
        ("exp=1", "function"),
        ("a=", "empty"),
        ("a=b=1", "column 4"),
        ("a=1; b=2", "column 4"),
        ("a" * 20_000, "bound"),
    ],
)
def test_let_refuses(text, says):
    with pytest.raises(InputError, match=says) as caught:
        parse_let(text, FUNCTIONS)
    assert_sentence(caught.value)


def test_let_counts_columns_from_its_own_beginning():
    _name, tree = parse_let("abc = 1 + oops")
    with pytest.raises(InputError, match="column 11, 'oops'"):
        evaluate(tree, {}, {}, {})


# Bounds


def test_time_is_bounded():
    functions = {"slow": lambda x: time.sleep(0.02) or x}
    begin = time.monotonic()
    with pytest.raises(InputError, match="longer than 0.1 s"):
        value("+".join(["slow(1)"] * 500), functions=functions, seconds=0.1)
    assert time.monotonic() - begin < 5


def test_one_guard_bounds_several_trees():
    guard = Guard(replace(LIMITS, total=15))
    evaluate(parse("ones(10)"), {}, FUNCTIONS, {}, guard=guard)
    with pytest.raises(InputError, match="all arrays together"):
        evaluate(parse("ones(10)"), {}, FUNCTIONS, {}, guard=guard)


def test_bounds_can_be_moved():
    assert value("a**99", elements=4, exponent=99).shape == (2, 2)
    with pytest.raises(InputError, match="3 is the bound"):
        value("a + 1", elements=3)


CALLS = [
    ("ones", (3, 4)), ("zeros", ((3, 4),)), ("full", ((3, 4), 99)), ("eye", (3,)), ("eye", (3, 5)), ("tri", (4,)),
    ("arange", (7,)), ("arange", (1, 9, 3)), ("arange", (9, 1, -2)), ("linspace", (0, 1, 9)), ("tile", (a, (3, 2))),
    ("repeat", (a, 3)), ("broadcast_to", (b, (5, 2))), ("outer", (b, X)), ("kron", (a, X)), ("diag", (b,)),
    ("diag", (b, -3)), ("diag", (a,)), ("diagflat", (a, 2)), ("vander", (b,)), ("vander", (b, 5)), ("pad", (a, 3)),
    ("pad", (X, ((1, 2), (3, 4)))), ("take", (X, y, 0)), ("take", (X, np.array([[0, 1]]), 1)), ("take", (X, y)),
    ("matmul", (X, a)), ("matmul", (a, b)), ("matmul", (b, b)), ("matmul", (np.ones((4, 1, 3, 2)), np.ones((5, 2, 6)))),
    ("dot", (X, a)), ("dot", (b, b)), ("dot", (np.ones((2, 3, 4)), np.ones((5, 4, 6)))), ("dot", (a, 2.0)),
    ("inner", (X, a)), ("inner", (np.ones((2, 3, 4)), np.ones((5, 4)))), ("tensordot", (a, X, ([1], [1]))),
    ("tensordot", (np.ones((2, 3, 4)), np.ones((3, 4, 5)))), ("tensordot", (a, X, 0)), ("meshgrid", (b, y)),
    ("einsum", ("ij,kj->ik", a, X)), ("einsum", ("ij,kj", a, X)), ("einsum", ("ii", a)), ("einsum", ("ij->", a)),
    ("einsum", ("...i,...j->...ij", np.ones((5, 1, 2)), np.ones((4, 3)))), ("einsum", ("ab...,b->a...", X, b)),
    ("tril_indices", (5,)), ("bincount", (np.array([0, 9]),)), ("identity", (3,)), ("geomspace", (1, 2, 5)),
]  # fmt: skip


@pytest.mark.parametrize("name, args", CALLS)
def test_a_size_is_never_understated(name, args):
    result = FUNCTIONS.get(name, getattr(np, name))(*args)
    size = sum(map(np.size, result)) if isinstance(result, (list, tuple)) else np.size(result)
    assert size <= result_size(name, args, {}) <= 10 * max(size, 10)
    assert call_work(name, args, {}) <= 1000 * max(size, 10)


INDICES = [
    "0", "-1", ":", "1:", "...", "None", "0, 0", ":, 0", "..., 0", "None, :, None", "[0, 1, 1]", "[0, 1], [1, 0]",
    ":, [1, 1, 1]", "a > 2", "b > 0", ":, b > 0", "[[0], [1]], [0, 1]", "..., [0, 0]", "[0], ..., None",
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES)
def test_an_indexed_size_is_never_understated(index):
    size = np.size(value(f"a[{index}]"))
    value(f"a[{index}]", elements=4 * max(4, size))
    if size > 4:
        with pytest.raises(InputError, match="elements"):
            value(f"a[{index}]", elements=size - 1)


def test_functions_whose_work_is_bounded_are_named_once():
    assert not [name for name in (*SIZES, *WORK) if not name.isidentifier()]
    assert result_size("no_such_function", (10**9,), {}) == 1


# Symbols: anything with Python's operators


def test_symbols():
    sympy = pytest.importorskip("sympy")
    x, k = sympy.symbols("x k", real=True)
    names, functions = {"x": x, "k": k}, {"exp": sympy.exp}
    assert value("exp(-x**2) / (2*k)", names, functions) == sympy.exp(-(x**2)) / (2 * k)
    assert value("(x < k)", names, functions) == (x < k)
    for text in ["(2*x)**64", "((x**8)**8)**8", "x**65", "(x/3)**64", "square(square(square(x**32)))"]:
        with pytest.raises(InputError, match="exponent|integer"):
            value(text, names, functions | {"square": lambda z: z**2})


def test_shared_parts_of_a_symbol_are_walked_once():
    sympy = pytest.importorskip("sympy")
    x = sympy.Symbol("x", real=True)
    twice = lambda z: sympy.exp(z) + sympy.sin(z)  # noqa: E731
    text = "f(" * 25 + "x" + ")" * 25
    assert value(text, {"x": x}, {"f": twice}) is not None


class Symbolic:
    """A value whose sizes are letters."""

    def __init__(self, *sizes):
        self.shape = sizes

    def __add__(self, other):
        return self

    __radd__ = __mul__ = __rmul__ = __matmul__ = __add__


def test_shapes_may_have_letters():
    names = {"X": Symbolic("n", 3), "w": Symbolic("d"), "v": Symbolic()}
    assert value("2 * (X @ w) + v + 1", names) is not None
    assert shape(names["X"]) == (1, 3)

    class Odd:
        shape = property(lambda self: 1 / 0)

    assert shape(Odd()) == shape(Symbolic) == ()


def test_neither_sympy_nor_the_engine_is_imported():
    folder = Path(__file__).parents[2] / "explain"
    sources = [(folder / f"{name}.py").read_text() for name in ("tokens", "measures", "sizes", "limits", "parse")]
    imported = {name for source in sources for node in ast.walk(ast.parse(source)) for name in imported_by(node)}
    assert "explain" in imported
    assert imported.isdisjoint({"sympy", "engine", "torch"})


def imported_by(node):
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [node.module.partition(".")[0]] if isinstance(node, ast.ImportFrom) else []


def test_every_operator_is_pythons_own():
    for sign, function in OPERATORS.values():
        assert function.__module__ == operator.add.__module__
        assert sign in "+-*/@**<=>===!="

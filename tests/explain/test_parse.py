"""Expressions that someone else wrote: right ones have their value, everything else is refused in one sentence."""

import ast
import operator
import time
import unicodedata
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explain.limits import LIMITS, Guard
from explain.measures import shape
from explain.parse import OPERATORS, InputError, evaluate, parse, parse_let
from explain.sizes import SIZES, WORK, call_work, result_size

NAMES = {
    "a": np.array([[1.0, 2.0], [3.0, 4.0]]),
    "b": np.array([0.5, -1.5]),
    "X": np.arange(6.0).reshape(3, 2),
    "y": np.array([0, 1, 1]),
    "n": 3,
    "σ": 2.0,
    "x̂": 7.0,
    "F": np.array([[5.0, 6.0]]),
    "mean_": 1.0,
}


def softmax(x, dim=-1):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    return e / e.sum(axis=dim, keepdims=True)


def mse_loss(x, y, reduction="mean"):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction]((x - y) ** 2)


def ones(*size):
    return np.ones(size[0] if len(size) == 1 else size)


FUNCTIONS = {
    **{name: getattr(np, name) for name in [
        "exp", "log", "sqrt", "sin", "abs", "sum", "mean", "where", "outer", "kron", "tile", "repeat", "eye", "arange",
        "linspace", "full", "zeros", "diag", "pad", "einsum", "broadcast_to", "logical_and", "matmul", "tensordot",
        "convolve", "stack", "concatenate", "take", "vander", "tri", "power", "maximum", "inner", "dot",
    ]},
    "ones": ones, "tensor": np.array, "softmax": softmax, "mse_loss": mse_loss,
    "linalg.inv": np.linalg.inv, "linalg.eig": np.linalg.eig, "linalg.svd": np.linalg.svd, "pi": np.pi,
}  # fmt: skip
METHODS = {"T", "mT", "sum", "mean", "reshape", "repeat", "shape", "max", "dot"}


def value(text, names=NAMES, functions=FUNCTIONS, methods=METHODS, **bounds):
    return evaluate(parse(text, replace(LIMITS, **bounds)), names, functions, methods)


a, b, X, y, n = (NAMES[name] for name in "abXyn")

RIGHT = {
    "2": 2,
    "  2 ": 2,
    "1.5e3": 1500.0,
    ".5": 0.5,
    "1.": 1.0,
    "-n**2": -9,
    "2**-1": 0.5,
    "2**-1**2": 0.5,
    "--n": 3,
    "a + 5": a + 5,
    "a\n + 5": a + 5,
    "(a +\t5)": a + 5,
    "a @ b": a @ b,
    "X.T @ (X @ b) / n": X.T @ (X @ b) / 3,
    "a*b - b/a": a * b - b / a,
    "a < 2": a < 2,
    "a != 2": a != 2,
    "n >= 3": True,
    "exp(a)": np.exp(a),
    "np.exp(a)": np.exp(a),
    "numpy.exp(a)": np.exp(a),
    "torch.exp(a)": np.exp(a),
    "math.exp(n)": np.exp(3),
    "torch.nn.functional.softmax(a, dim=0)": softmax(a, 0),
    "linalg.inv(a)": np.linalg.inv(a),
    "np.linalg.inv(a)": np.linalg.inv(a),
    "np.pi * n": np.pi * 3,
    "pi": np.pi,
    "F.T": NAMES["F"].T,
    "a.sum(axis=0)": a.sum(axis=0),
    "a.sum(0, keepdims=True)": a.sum(0, keepdims=True),
    "(a @ a).mean()": (a @ a).mean(),
    "X.shape[0]": 3,
    "sum(a) / X.shape[1]": a.sum() / 2,
    "a[0]": a[0],
    "a[-1, :]": a[-1],
    "a[:, None]": a[:, None],
    "a[..., 0]": a[..., 0],
    "a[::2, 1:]": a[::2, 1:],
    "X[[0, 2]]": X[[0, 2]],
    "X[arange(n), y - 1 + 1]": X[np.arange(3), y],
    "a[a > 2]": a[a > 2],
    "tensor([[1., 2.], [3, 4]])": a,
    "zeros((2, 3))": np.zeros((2, 3)),
    "stack([b, b])": np.stack([b, b]),
    "where(a > 2, a, 0)": np.where(a > 2, a, 0),
    "logical_and(a > 1, a < 4)": (a > 1) & (a < 4),
    "einsum('ij,j->i', a, b)": a @ b,
    'einsum("...j,j", a, b)': a @ b,
    "mse_loss(a, b, reduction='sum')": ((a - b) ** 2).sum(),
    "σ * x̂": 14.0,
    "mean_": 1.0,
    "1 / (a - a)": np.full((2, 2), np.inf),
    "(ones(1000)[:, None] * ones(1000)).sum()": 1e6,
    "ones(1000, 1000).sum()": 1e6,
    "+".join(["n"] * 900): 2700,
    "(" * 50 + "n" + ")" * 50: 3,
}

# text -> what the sentence says
WRONG = {
    # nothing is executed, nothing private is reached
    "__import__('os')": "not a name",
    "__import__('os').system('ls')": "not a name",
    "().__class__": "not a name",
    "(1).__class__.__mro__": "not a name",
    "a.__class__": "not a name",
    "a._x": "'_'",
    "a.add_(1)": "'_'",
    '"a".format': "text",
    "'a' + 'b'": "text",
    "'a' 'b'": "side by side",
    "'''a'''": "side by side",
    "f'{a}'": "prefix",
    "b'a'": "prefix",
    "f\"a\"": "prefix",
    "a.tofile": "unknown method 'tofile'",
    "a.tofile('x')": "text|unknown",
    "eval('1')": "text|unknown function",
    "open(0)": "unknown function",
    "exp.func": "function",
    "np.load(0)": "unknown function",
    "linalg.foo(a)": "unknown function",
    "exp(a, out=a)": "keyword",
    "exp(*a)": "not allowed",
    "exp(**a)": "keyword",
    "exp(a for a in b)": "'for'",
    "[a for a in b]": "'for'",
    "{a: b}": "character",
    "{a}": "character",
    "lambda: a": "'lambda'",
    "lambda x: x": "'lambda'",
    "(a := 5)": "not allowed|operator",
    "await a": "'await'",
    "(yield a)": "'yield'",
    "import os": "'import'",
    "a; b": "character",
    "a # b": "character",
    "a\\\nb": "character",
    "a\x00b": "character",
    "a\ud800": "character",
    "a @ b!": "character",
    "print(a)": "unknown function",
    # operators
    "a and b": r"logical_and\(a, b\)",
    "a or b": r"logical_or\(a, b\)",
    "not a": r"logical_not\(a\)",
    "a & b": r"logical_and",
    "~a": r"logical_not",
    "a if a > 0 else 0": r"where\(condition, a, b\)",
    "1 < n < 3": r"logical_and\(a < b, b < c\)",
    "n in a": "'in'",
    "n is a": "'is'",
    "a // 2": "operator",
    "a % 2": "character",
    "a << 2": "operator",
    "a^2": r"\*\*",
    "a⊙b": r"\*",
    "a²": r"\*\*2",
    "Xᵀ": r"\.T",
    "a − b": "-",
    "a = 1": "==",
    "exp(a=)": "not an expression",
    "(a = 1)": "not an expression",
    "a +": "not an expression",
    "": "empty",
    "   ": "empty",
    "(a": "never closed",
    "a)": "unmatched",
    "a b": "not an expression",
    "2a": r"\*",
    "2(a)": r"\*",
    "n(a)": r"variable.*\*",
    "(a + b)(a)": r"\*",
    "pi(a)": r"\*",
    "X.T()": r"leave out",
    "1..real": "unknown method",
    "a.sum": r"\.sum\(\)",
    "exp": r"exp\(\.\.\.\)",
    "exp + 1": r"exp\(\.\.\.\)",
    # kinds
    "[1, 2]": "list",
    "(1, 2)": "list",
    "[1, 2] * 9": "list",
    "X.shape * 1000000": "tuple",
    "X.shape + X.shape": "tuple",
    "-X.shape": "tuple",
    "None": "argument",
    "True + 1": "argument",
    "...": r"\[ \]",
    "exp(...)": r"\[ \]",
    "a[1:2:'x']": "text",
    "a['x']": "text",
    "exp('x')": "text",
    "mse_loss(a, b, reduction='x' )": "'mean', 'sum', 'none'",
    "mse_loss(a, b, name='mean')": "not known",
    "einsum(a, [0, 1])": "einsum",
    "einsum('ij;', a)": "character",
    r"einsum('\' + ((((((((', a)": "character",
    r"exp('\x41')": "character",
    "einsum('i0', a)": "einsum",
    "einsum()": "einsum",
    "einsum('ij,j->i', a, b, optimize=True)": "einsum",
    # names
    "aa": "did you mean a",
    "aa.T": "column 1, 'aa': unknown name; did you mean a",
    "xp(a)": "did you mean exp",
    "softmx(a)": "did you mean softmax",
    "a.men()": "did you mean mean",
    "ｅxp(aa)": "did you mean a",
    "ｌambda: 1": "'ｌambda'",
    "＿＿import＿＿('os')": "character",
    "_＿import_＿('os')": "character",
    "a.＿x": "character",
    "Ｔrue": "not allowed",
    # values
    "a @ X": "mismatch|matmul",
    "a + ones(3)": "broadcast",
    "a[5]": "out of bounds",
    "n[0]": "subscriptable",
    "n.T": "no attribute",
    "1 / 0": "division by zero",
    "(-8) ** 0.5": "real number",
    "exp()": "argument",
    "exp(a, a, a, a)": "argument|arguments",
    "sum(a, axis=7)": "out of bounds",
    # numbers
    "1e999": "too large",
    "-1e999": "too large",
    "9" * 30: "integer",
    "9" * 5000: "40 characters",
    "0." + "1" * 5000: "40 characters",
    "2**63": "integer",
    "2**64**2": "exponent",
    "9**9**9": "exponent",
    "9**99": "exponent",
    "9**-99": "exponent",
    "a**65.0": "exponent",
    "a**1e300": "exponent",
    "power(a, 99)": "exponent",
    "(2**62) * 4": "integer",
    "10.0**60**60": "integer",
    "(1e300)**2": "large|range",
    "0x10": "decimal number",
    "1_000": "decimal number",
    "1j": "decimal number",
    "1.2.3": "not an expression",
    "007": "not an expression",
    "tensor([-9223372036854775807 - 5])": "integer",
    # size and work
    "ones(10**9)": "elements",
    "ones(10**4, 10**4)": "elements",
    "ones((10**4, 10**4))": "elements",
    "ones(tensor([10000, 10000]))": "elements",
    "zeros(shape=(10**4, 10**4))": "elements",
    "full((10**4, 10**4), 1)": "elements",
    "eye(10**5)": "elements",
    "eye(N=10**5)": "elements",
    "tri(10**5)": "elements",
    "arange(10**9)": "elements",
    "arange(0, 1, 1e-12)": "elements",
    "arange(0, 1, step=1e-12)": "elements",
    "arange(0, 1e308, 1e-308)": "elements",
    "linspace(0, 1, 10**9)": "elements",
    "linspace(0, 1, num=10**9)": "elements",
    "tile(a, (10**4, 10**4))": "elements",
    "tile(A=a, reps=10**9)": "in order",
    "repeat(a, 10**9)": "elements",
    "a.repeat(10**9)": "elements",
    "broadcast_to(n, (10**4, 10**4))": "elements",
    "outer(ones(10**4), ones(10**4))": "elements",
    "outer(a=ones(10**4), b=ones(10**4))": "elements",
    "kron(ones(2000, 1), ones(1, 2000))": "elements",
    "diag(ones(2000))": "elements",
    "diag(ones(2), 10**5)": "elements",
    "vander(ones(2000))": "elements",
    "pad(a, 10**5)": "elements",
    "pad(a, pad_width=10**5)": "elements",
    "einsum('i,j->ij', ones(2000), ones(2000))": "elements",
    "einsum('ij,jk,kl,lm->im', ones(999, 999), ones(999, 999), ones(999, 999), ones(999, 999))": "multiplications",
    "ones(2000)[:, None] * ones(2000)": "elements",
    "ones(2000)[:, None] < ones(2000)": "elements",
    "ones(2000, 1) @ ones(1, 2000)": "elements",
    "ones(100, 100, 100) @ ones(100, 100, 1, 100)": "elements|multiplications|matmul",
    "ones(1, 1000000) @ ones(1000000, 1) + ones(500, 2000) @ ones(2000, 500) * (ones(500,2000) @ ones(2000, 2000))":
        "elements",
    "dot(ones(2000, 1), ones(1, 2000))": "elements",
    "ones(2000, 1).dot(ones(1, 2000))": "elements",
    "inner(ones(2000, 1), ones(2000, 1))": "elements",
    "tensordot(ones(2000), ones(2000), 0)": "elements",
    "tensordot(ones(2000), ones(2000), axes=0)": "elements",
    "convolve(ones(10**6), ones(10**6))": "multiplications",
    "linalg.eig(ones(999, 999))": "multiplications",
    "linalg.svd(ones(10**6, 1))": "elements",
    "take(ones(1000, 1000), arange(10**6), 0)": "elements",
    "ones(1000, 1000)[arange(10**6)]": "elements",
    "ones(1000, 1000)[arange(1000)[:, None], :, None][:, arange(1000)]": "elements",
    "+".join(["ones(1000, 1000)"] * 30): "all arrays together",
    "stack([" + ", ".join(["ones(1000, 1000)"] * 30) + "])": "all arrays together",
    # length, nesting
    "a" * 10_001: "10000 is the bound",
    "(" * 9000: "nested",
    "[" * 9000: "nested",
    "-" * 10_000: "nested",
    "- " * 4000 + "a": "nested",
    "a**" * 3000 + "a": "nested",
    "a**-" * 2000 + "a": "nested",
    "exp(" * 100 + "a" + ")" * 100: "nested",
    "a" + ".T" * 100: "nested",
    "a" + "[:]" * 100: "nested",
    "a+" * 4999 + "a": "2000",
    "a" + "()" * 4000: "2000",
    "a" + "[:]" * 3000: "2000",
    ("(" + "-" * 40) * 40 + "a" + ")" * 40: "nested",
}  # fmt: skip


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


def assert_sentence(error):
    sentence = str(error)
    assert 10 < len(sentence) < 500
    assert len(sentence.splitlines()) == 1
    sentence.encode()


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


# Fuzz: a value or an InputError, never anything else

ATOMS = ["a", "b", "X", "n", "σ", "F", "pi", "0", "1", "2", "0.5", "X.shape[0]", "a[0]", "b[:, None]"]
SENSIBLE = [f"({{}} {sign} {{}})" for sign, _ in OPERATORS.values() if sign != "@"] + [
    "(a @ {})", "-{}", "exp({})", "np.sin({})", "F.softmax(a * {}, dim=-1)", "mean({})", "where({} > 0, {}, a)",
    "({} * a).T", "({} + a)[:, 0]", "({} + a)[..., None]", "({} + b).sum(axis=-1)", "outer({}, b)", "power({}, 2)",
    "einsum('ij,j->i', a * {}, b)", "stack([a * {}, a + {}])", "linalg.inv(a * {})",
    "mse_loss({}, {}, reduction='sum')",
]  # fmt: skip
WILD = [
    *(f"{name}({{}})" for name in FUNCTIONS), *(f"{name}({{}}, {{}})" for name in FUNCTIONS),
    *(f"{name}([{{}}, {{}}], {{}})" for name in FUNCTIONS), *(f"({{}}).{name}" for name in METHODS),
    *(f"({{}}).{name}({{}})" for name in METHODS), "({} @ {})", "{}[{}]", "{}[{}:, None, ..., {}]", "a[[{}, {}]]",
    "exp({}, axis={})", "sum({}, keepdims=True)", "einsum('ij,jk', {}, {})", "einsum('...,{}', {})", "{} {}", "{}({})",
    "oops", "10**9", "64", "1e200", "ones(1000)", "arange(10**6)", "ones(1000, 1000)", "({} = {})", "{}.__class__",
]  # fmt: skip
PIECES = [
    *ATOMS, *"+-*/@<>()[],:=", "**", "==", "!=", "...", "None", "True", "dim=0", "axis=-1", "reduction='sum'", "exp",
    "ones", "sum", "linalg.inv", "np.", "torch.", "F.", "einsum", "zeros", "tensor", "eye", "arange", "tile", "x̂", ".T",
    ".sum", ".repeat", ".__class__", "__import__", "'ij,jk->ik'", "'os'", '"', "'", "1e999", "10**9", "9" * 25, " ",
    "\n", "lambda", "if", "and", "for", "{", "}", "\x00", "\\", "#", ";", "%", "//", "ｅ", "＿", "ᵀ", "\ud800", "._",
]  # fmt: skip
CHARACTERS = "abnX12.+-*/@()[],:=<>'\" \t_eσ\u0302\u2212\x00"


def filled(templates):
    """Expressions in which the places of a template are expressions in turn."""

    def fill(inner):
        parts = st.lists(inner, min_size=3, max_size=3)
        return st.builds(lambda template, parts: template.format(*parts), st.sampled_from(templates), parts)

    return st.recursive(st.sampled_from(ATOMS), fill, max_leaves=9)


sensible = filled(SENSIBLE)
texts = st.one_of(
    sensible,
    filled(SENSIBLE + WILD),
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join),
    st.text(max_size=40),
    st.text(alphabet=CHARACTERS, max_size=40),
)


def random_text(random, templates, depth):
    """What `filled` makes, some hundred times as fast; one text in eight is damaged."""
    if depth == 0 or random.random() < 0.2:
        return random.choice(ATOMS)
    parts = [random_text(random, templates, depth - 1) for _ in range(3)]
    text = random.choice(templates).format(*parts)
    if random.random() < 1 / 8:
        at = random.randrange(len(text))
        text = text[:at] + random.choice(PIECES) + text[at + random.randrange(3) :]
    return text


def value_or_refusal(text):
    """Whether a text has a value, or None; fails if it has neither value nor sentence."""
    begin = time.monotonic()
    got = None
    try:
        got = value(text)
    except InputError as error:
        assert_sentence(error)
    try:
        parse_let(text, FUNCTIONS)
    except InputError as error:
        assert_sentence(error)
    assert time.monotonic() - begin < 5
    return got


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_any_text_has_a_value_or_a_sentence(text):
    value_or_refusal(text)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_many_texts_have_a_value_or_a_sentence(seed):
    random = Random(seed)
    values = 0
    for _ in range(50_000):
        templates = random.choice([SENSIBLE, SENSIBLE + WILD])
        values += value_or_refusal(random_text(random, templates, random.randint(1, 4))) is not None
        value_or_refusal("".join(random.choices(PIECES, k=random.randint(1, 12))))
        value_or_refusal("".join(random.choices(CHARACTERS, k=random.randint(1, 12))))
    assert values > 10_000  # not all was refused


@settings(max_examples=300, deadline=None)
@given(texts)
def test_what_is_parsed_is_what_python_would_read(text):
    """The tree that was checked is Python's tree of the same text: no second reading of it exists."""
    try:
        tree = parse(text)
    except InputError:
        return
    assert ast.dump(tree.root) == ast.dump(ast.parse(tree.text, mode="eval").body)
    kinds = {type(node) for node in ast.walk(tree.root)}
    assert kinds <= {
        ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.keyword, ast.Attribute,
        ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Load, *OPERATORS,
    }  # fmt: skip
    for node in ast.walk(tree.root):
        assert not (isinstance(node, ast.Attribute) and node.attr.startswith("_"))
        assert not (isinstance(node, ast.Name) and unicodedata.normalize("NFKC", node.id).startswith("__"))


@settings(max_examples=300, deadline=None)
@given(sensible)
def test_plain_arithmetic_agrees_with_python(text):
    """On the texts that both accept, the value is that of Python's own evaluation, which the test alone may use."""
    try:
        got = value(text)
    except InputError:
        return
    with np.errstate(all="ignore"):
        expected = eval(text, {"__builtins__": {}, **FUNCTIONS, "linalg": np.linalg, "np": np, **NAMES})
    if isinstance(got, np.ndarray):
        np.testing.assert_array_equal(got, expected)
    else:
        assert type(got) is type(expected)


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

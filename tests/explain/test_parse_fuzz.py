"""Any text has a value or a sentence, and means what Python would read."""

import ast
import time
import unicodedata
from random import Random

import numpy as np
import pytest
from expressions import (
    FUNCTIONS,
    METHODS,
    NAMES,
    assert_sentence,
    value,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explain.parse import OPERATORS, InputError, parse, parse_let

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

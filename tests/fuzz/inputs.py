"""Hostile input of four kinds, each judged: a page, a verdict or a sentence; never a traceback, a hang or anything run.

Half of the commands and candidates are well formed, so that what is behind the reader is reached too.

`choose` is a random.Random; each kind is a function of it that returns what it tried. Imported by the command and by
test_fuzz.
"""

import contextlib
import copy
import io
import json
from functools import lru_cache

from candidates.hostile import ARGUMENTS, FUNCTIONS, LATEX, METHODS, NAMES, RIGHT, SIGNS, changed, text

import engine as torch
from explain import cli, explain
from explain.document import BlockError, from_markdown
from explain.parse import InputError
from explain.render.data import loads
from explain.verdict import Verdict
from explain.vocabulary import functions

VALUES = [
    "ones(2,2)",
    "[1,2]",
    "[[1.5,-2],[0,3]]",
    "2",
    "-0.5",
    "eye(2)",
    "zeros(0)",
    "[inf]",
    "1e308",
    "rand(2)",
    "[True]",
    "tensor([1,2])",
    "ones(3)/0",
    "<script>",
    "'x'",
    "",
    "x",
    "ones(10**9)",
    "[[1],[1,2]]",
]
LETS = ["a", "b", "X", "w", "x̂", "<script>", "a&b", "sum", "__a", "lambda", "σ", "a b", ""]
WRAPPERS = ["sum({})", "mean({})", "{}", "({})**2", "sum(exp({}))", "({}).sum()", "{} * {}", "sum({} @ {})"]
CODE = [
    "w = torch.ones(2, requires_grad=True)",
    "y = (w * w).sum()",
    "import engine as torch",
    "x = 1",
    "",
    "1/0",
    "y =",
]
FENCES = [
    "```",
    "````",
    "~~~",
    "```python",
    "```python explain",
    "```python explain y",
    "```python explain y wrt=w",
    "```python explain <script>",
    "``` python explain y",
    "```python explain out=y detail=rules",
    "```python explain wrt=",
]
WORDS = [
    "# Title",
    "text with <script>alert(1)</script>",
    "$x^2$",
    "| a | b |",
    "",
    "    indented",
    "> ```",
    "\x00",
    "\u202e",
]


GOOD = {  # values whose shapes fit one another
    "a": ["[1.5,-2]", "[0.3,0.7]", "[0,-0.0]", "[1e-3,1e3]", "ones(2)"],
    "w": ["[0.5,0.25]", "[2,2]", "-ones(2)", "rand(2)"],
    "b": ["[1,2]", "2", "-0.5", "[[1],[2]]"],
    "X": ["[[1.5,-2],[0,3]]", "eye(2)", "ones(2,2)", "rand(2,2)", "[[2,1],[1,2]]"],
    "y": ["[1,0]", "[[1,2],[3,4]]", "3"],
    "p": ["[0.2,0.8]", "[0.5,0.5]"],
}
ATOMS = ["a", "w", "a", "b", "p", "X", "X", "y", "2", "0.5"]
BINARY = ["{} + {}", "{} - {}", "{} * {}", "({}) / ({})", "{} @ {}", "maximum({}, {})", "where({} > 0, {}, 1)"]
UNARY = ["-({})", "({})**2", "({}).sum()", "({}).T", "mean({})", "sum({}, dim=0)", "abs({})", "({})[0]", "exp({})",
         "log(abs({}) + 1)", "tanh({})", "softmax({}, -1)", "sqrt(({})**2 + 1)", "cumsum({}, 0)"]  # fmt: skip


@lru_cache(maxsize=1)
def of_one():
    """The functions that take one vector."""
    found = []
    for name in FUNCTIONS:
        try:
            found += [name] * isinstance(functions()[name](torch.tensor([0.5, 0.25])), torch.Tensor)
        except (TypeError, ValueError, RuntimeError, IndexError, NotImplementedError, AttributeError):
            continue
    return found


def expression(choose, depth=3):
    """A well-formed expression over the real table of functions; its shapes may not fit."""
    kind = choose.random()
    if depth == 0 or kind < 0.15:
        return choose.choice(ATOMS)
    inner = expression(choose, depth - 1)
    if kind < 0.5:
        return choose.choice(UNARY).replace("{}", inner)
    if kind < 0.65:
        return f"{choose.choice(of_one())}({inner})"
    made = choose.choice(BINARY).replace("{}", f"({inner})", 1)
    return made.replace("{}", f"({expression(choose, depth - 1)})")


def command(choose):
    """An expression on the command line, over the real table of functions: well formed, or of pieces."""
    hostile = choose.random() < 0.4
    makers = [call, call, product, text, lambda c: changed(c, list(c.choice(RIGHT)))] if hostile else [expression]
    written = choose.choice(WRAPPERS).replace("{}", choose.choice(makers)(choose))
    arguments = [written]
    for name, values in GOOD.items():
        arguments += ["--let", f"{name}={choose.choice(VALUES if choose.random() < 0.02 else values)}"]
    if choose.random() < 0.1:
        arguments += ["--let", f"{choose.choice(LETS)}={choose.choice(VALUES)}"]
    arguments += ["--format", choose.choice(cli.FORMATS), "--detail", choose.choice(cli.DETAILS)]
    if written.startswith("-") or written.endswith((".py", ".md")) or written in ("check",):
        return None
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(arguments)
    assert code in (0, 2), (code, arguments, err.getvalue())
    if code == 2:
        said = err.getvalue()
        assert said.startswith("explain: ") and said.strip().count("\n") < 3, (arguments, said)
    if "html" in arguments:
        assert "<script>alert" not in out.getvalue()
    return arguments, code == 0


def product(choose):
    """What is likely to have a value."""
    return "*".join(f"{choose.choice(FUNCTIONS)}({choose.choice(['a', 'w', 'b', 'X', 'a*a+1'])})" for _ in range(2))


def call(choose):
    """A function or a method with random arguments."""
    arguments = ",".join(choose.choices(ARGUMENTS, k=choose.randint(0, 4)))
    if choose.random() < 0.7:
        return f"{choose.choice(FUNCTIONS)}({arguments})"
    return f"{choose.choice(['X', 'w', 'a', 'ones(2,3)'])}.{choose.choice(METHODS)}({arguments})"


@lru_cache(maxsize=1)
def explained():
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    w = torch.tensor([0.1, 0.2], requires_grad=True)
    y = torch.tensor([1.0, 0.0, 1.0])
    p = torch.sigmoid(X @ w)
    loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    return explain(loss, wrt=w, names={"X": X, "w": w, "y": y, "p": p, "loss": loss})


# The gradient of `explained`, and what may stand for a part of it.
WELL = ["X.T @ (p - y) / 3",
        "X.T @ (sigmoid(X @ w) - y) / len(y)", "((p - y)[:, None] * X).mean(axis=0)",
        r"\frac{1}{3} X^\top \left(p - y\right)", r"\frac{X^\top (\sigma(X w) - y)}{3}", "(p - y) @ X / 3"]  # fmt: skip
SAME = [("p", "sigmoid(X @ w)"), ("p", "1 / (1 + exp(-(X @ w)))"), ("y", "(2*y - y)"), ("X", "(X + 0)"),
        ("X", "(2*X/2)"),
        ("(p - y)", "-(y - p)"), ("3", "len(y)"), ("p", "(p*1)"), ("p", "(1 - (1 - p))")]  # fmt: skip
OTHER = [("-", "+"), ("3", "2"), ("X.T", "X"), ("p", "y"), ("p", "w"), (" / 3", ""), ("mean", "sum"), ("3", "4"),
         ("sigmoid", "tanh"), ("X^\\top", "X"), ("y", "p"), ("axis=0", "axis=1")]  # fmt: skip


def rewritten(choose):
    """The right formula, rewritten; every other time with a mistake."""
    given = choose.choice(WELL)
    for _ in range(choose.randint(0, 3)):
        old, new = choose.choice(SAME)
        if "\\" not in given:
            given = given.replace(old, new, 1)
    if choose.random() < 0.5:
        given = given.replace(*choose.choice(OTHER), 1)
    shapes = [
        lambda t: t,
        lambda t: f"({t})",
        lambda t: f"1 * ({t})",
        lambda t: f"({t}) + 0 * w",
        lambda t: f"-(-({t}))",
    ]
    return choose.choice(shapes)(given) if "\\" not in given else given


def candidate(choose):
    """A candidate for check(), NumPy text or LaTeX: rewritten from the right one, well formed, or of pieces."""
    given = choose.choice([rewritten, rewritten, rewritten, expression, text, latex, call])(choose)
    verdict = explained().check(given)
    assert isinstance(verdict, Verdict) and str(verdict) and "\n" not in str(verdict)
    return given, bool(verdict)


def latex(choose):
    return " ".join(choose.choices(LATEX + SIGNS + NAMES, k=choose.randint(1, 14)))


PARTS = [
    None,
    1,
    -1,
    "",
    "system",
    [],
    {},
    ["number", "1/0"],
    ["operation", "exec", []],
    1e400,
    ["symbol", "<script>", []],
    {"type": "Page"},
    True,
    ["__import__", ["symbol"]],
]


@lru_cache(maxsize=1)
def document():
    return json.loads(explained().json())


def data(choose):
    """A kept page with parts of it changed, or no JSON at all."""
    made = copy.deepcopy(document())
    for _ in range(choose.randint(1, 4)):
        places = [
            (holder, key)
            for holder in inside(made)
            for key in (holder if isinstance(holder, dict) else range(len(holder)))
        ]
        holder, key = choose.choice(places)
        holder[key] = copy.deepcopy(choose.choice([*PARTS, holder]))
    source = json.dumps(made)
    if choose.random() < 0.2:
        at = choose.randrange(len(source))
        source = (
            source[:at] + choose.choice(["", "{", "]", '"', "\x00", "9" * 400]) + source[at + choose.randrange(5) :]
        )
    try:
        page = loads(source)
    except ValueError:
        return source[:60], False
    return source[:60], page is not None


def inside(item):
    """The dicts and lists that a document holds."""
    found, stack = [], [item]
    while stack:
        held = stack.pop()
        if isinstance(held, (dict, list)) and held:
            found.append(held)
            stack += held.values() if isinstance(held, dict) else held
    return found


def markdown(choose):
    """A Markdown file whose fences, first lines and harmless code are put together at random."""
    lines = choose.choices(CODE + FENCES + WORDS, k=choose.randint(1, 14))
    source = "\n".join(lines)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            page = from_markdown(source, "notes.md")
        except (BlockError, cli.ProgramError, InputError, cli.Complaint) as error:
            assert str(error)
            return source, False
    assert isinstance(page, str)
    return source, True


KINDS = {"command": command, "candidate": candidate, "json": data, "markdown": markdown}

"""The first look at a text that someone else wrote: its characters, words, numbers, number of pieces and nesting.

What passes is small enough for Python's parser, which an unbounded text could exhaust. Imported by explain.parse.
"""

import keyword
import re
import unicodedata


class InputError(ValueError):
    """One sentence: where (the column, and the piece quoted), what is wrong, what to do."""


ALLOWED = "numbers, names, + - * / ** @, comparisons, calls and [ ] are"

HINTS = {
    "⊙": "* for the elementwise product",
    "×": "* (elementwise) or @ (matrix product)",
    "·": "* (elementwise) or @ (matrix product)",
    "−": "-",
    "÷": "/",
    "^": "** for a power",
    "²": "**2",
    "³": "**3",
    "ᵀ": ".T",
    "√": "sqrt(...)",
    "∑": "sum(...)",
    "&": "logical_and(a, b)",
    "|": "logical_or(a, b)",
    "~": "logical_not(a)",
}
WORDS = {
    "and": "logical_and(a, b)",
    "or": "logical_or(a, b)",
    "not": "logical_not(a)",
    "if": "where(condition, a, b)",
    "else": "where(condition, a, b)",
}

TOKEN = re.compile(
    r"""(?P<space>[ ]+)
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W\d][\w\u0300-\u036f]*)
      | (?P<text>'[A-Za-z0-9_,.> -]*'|"[A-Za-z0-9_,.> -]*")
      | (?P<operator>\*\*|[<>=!]=|\.\.\.|[-+*/@<>=()\[\],.:])""",
    re.VERBOSE,
)


def check_text(text, limits):
    """InputError where an expression isn't text, or is too long."""
    if not isinstance(text, str):
        raise InputError(f"an expression is text and this is of type {type(text).__name__}; pass a string")
    if len(text) > limits.length:
        raise InputError(f"this has {len(text)} characters and {limits.length} is the bound; shorten it")


def check_tokens(line, limits):
    """Refuse a line with a character, word, number, nesting or length that the grammar doesn't have.

    >>> from explain.limits import LIMITS
    >>> check_tokens("a^2", LIMITS)
    Traceback (most recent call last):
    explain.tokens.InputError: column 2, '^': not allowed; write ** for a power
    """
    outside = []  # the level around each open bracket
    at = pieces = level = 0
    kind_before = before = ""
    while at < len(line):
        kind, token = _token(line, at)
        if kind == "name":
            _check_name(token, at)
        elif kind == "number" and len(token) > limits.digits:
            raise wrong(at, token, f"a number may have {limits.digits} characters; round it")
        elif kind == "text" and kind_before == "text":
            raise wrong(at, token, "two texts side by side; write one")
        elif token == "=" and not outside:
            raise wrong(at, token, "an expression has no '='; write == to compare")
        if token in ("(", "["):
            outside.append(level)
            level += 1
        elif token in (")", "]"):
            level = outside.pop() if outside else 0
        elif token == "**" or (token in ("+", "-") and kind_before == "operator" and before not in (")", "]")):
            level += 1  # Python's parser goes down into a sign's operand and into an exponent
        elif kind == "operator" and token != ".":
            level = outside[-1] + 1 if outside else 0
        pieces += kind in ("name", "number", "text") or token in ("(", "[")
        if level > limits.depth:
            raise wrong(at, token, f"nested more than {limits.depth} deep; drop brackets or name parts")
        if pieces > limits.nodes:
            raise wrong(at, token, f"more than {limits.nodes} numbers, names and brackets; shorten the expression")
        at += len(token)
        if kind != "space":
            kind_before, before = kind, token


def _token(line, at):
    found = TOKEN.match(line, at)
    if line[at] in HINTS:
        raise wrong(at, line[at], f"not allowed; write {HINTS[line[at]]}")
    if not found:
        raise wrong(at, line[at], f"this character is not allowed; {ALLOWED}")
    kind, token = found.lastgroup, found.group()
    following = line[found.end() : found.end() + 1]
    if kind == "number" and re.match(r"\w", following):
        raise wrong(at, token + following, "not a decimal number; write 0.5 or 1e-3, and products with *")
    if kind in ("number", "name") and following in ("'", '"'):
        raise wrong(at, token, "a text may not have a prefix; drop it")
    return kind, token


def _check_name(token, at):
    name = unicodedata.normalize("NFKC", token)  # as Python reads it
    for letter in token:
        if letter in HINTS:
            raise wrong(at, token, f"not a name; write {HINTS[letter]}")
    if keyword.iskeyword(name) and token not in ("True", "False", "None"):
        raise wrong(at, token, f"not allowed; {'write ' + WORDS[name] if name in WORDS else ALLOWED}")
    if not is_name(token):
        raise wrong(at, token, "not a name; use letters and digits, beginning with a letter")


def is_name(token):
    """Whether a text may be a name: an identifier to Python, and not one of its own such as __import__."""
    name = unicodedata.normalize("NFKC", token)
    return token.isidentifier() and name.isidentifier() and not name.startswith("__")


def wrong(at, piece, what):
    """The InputError about a piece of a text that begins at an index."""
    return InputError(f"column {at + 1}, {quoted(piece)}: {what}")


def quoted(text):
    """A piece of a text on one line, abridged: lone surrogates and control characters are escaped.

    >>> print(quoted("a" * 50))
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'
    """
    return repr(text if len(text) <= 40 else text[:37] + "...")


def first_line(text):
    return (str(text).strip().splitlines() or [""])[0]

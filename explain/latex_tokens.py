"""LaTeX cut into pieces, and the names of what is read. Imported by explain.reading_latex."""

import re

from explain.tokens import InputError

LONGEST = 1500  # characters
DEEPEST = 30
TOKEN = re.compile(
    r"(?P<space>\\[,;:!> ]|~|\\quad\b|\\qquad\b|\\displaystyle\b|\s+)|(?P<command>\\[A-Za-z]+|\\[|{}])"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<letter>[^\W\d_])|(?P<sign>[-+*/^_(){}\[\]|.,'−·⊙=])"
)
SIZES = {"left", "right", "middle"} | {size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", *"lrm")}
FACES = {"mathbf", "mathrm", "mathit", "mathsf", "boldsymbol", "bm", "text", "operatorname", "vec", "textbf", "textit"}
ACCENTS = {"hat": ("hat", "\u0302"), "widehat": ("hat", "\u0302"), "bar": ("bar", "\u0304"),
           "overline": ("bar", "\u0304"), "tilde": ("tilde", "\u0303"), "dot": ("dot", "\u0307")}  # fmt: skip
FUNCTIONS = {"sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "exp": "exp",
             "log": "log", "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "det": "det"}  # fmt: skip
CALLED = {**FUNCTIONS, "sigmoid": "sigmoid", "softmax": "softmax", "relu": "relu", "ReLU": "relu", "diag": "diag",
          "sign": "sign", "sgn": "sign", "tr": "trace", "trace": "trace", "inv": "linalg.inv", "sqrt": "sqrt",
          "sum": "sum", "mean": "mean", "logsumexp": "logsumexp", "softplus": "softplus", "erf": "erf"}  # fmt: skip
TRANSPOSES = {"T", "top", "intercal"}
DOTS = {"odot", "circ"}
CROSSES = {"cdot", "times"}


def tokens(text):
    """(kind, text) of each piece; the left side of an equals sign is dropped, as are dollars and sizes of brackets."""
    text = text.strip()
    for opening, closing in (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$")):
        if text.startswith(opening) and text.endswith(closing):
            text = text.removeprefix(opening).removesuffix(closing)
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise InputError(f"{text[at]!r} isn't LaTeX that is read here")
        at = match.end()
        kind, token = match.lastgroup, match.group()
        if kind == "command":
            token = token[1:]
            if token in SIZES:
                if text[at : at + 1] == "." and token in ("left", "right"):
                    raise InputError("a bracket without its other half isn't read; close it")
                continue
        if kind != "space":
            found.append((kind, {"−": "-", "·": "cdot", "⊙": "odot"}.get(token, token)))
    equals = [at for at, (_kind, token) in enumerate(found) if token == "="]
    if len(equals) > 1:
        raise InputError("there is more than one equals sign; give the derivative alone")
    return found[equals[0] + 1 :] if equals else found

r"""LaTeX read into NumPy text, where it can mean one thing only: products by the shapes of what stands side by side.

What could mean two things is an InputError that names the two ways to write it. Imported by explain.candidates.
"""

import time
from dataclasses import dataclass

import numpy as np

from engine.tensor import Tensor
from explain.latex_arrays import listed, picked
from explain.latex_tokens import (
    ACCENTS,
    CALLED,
    CROSSES,
    DEEPEST,
    DOTS,
    FACES,
    FUNCTIONS,
    LONGEST,
    TRANSPOSES,
    tokens,
)
from explain.parse import parse
from explain.render.names import GREEK
from explain.tokens import InputError


@dataclass(frozen=True)
class Piece:
    """NumPy text, the shape that it has at the user's values, and whether it is a vector laid as a row."""

    text: str
    shape: tuple
    row: bool = False


def numpy_text(text, explanation, sizes):
    r"""The NumPy text of a formula in LaTeX, such as \frac{1}{n} X^\top (p - y)."""
    from explain.candidates import limits_for, names_at
    from explain.trials import trials

    if len(text) > LONGEST:
        raise InputError(f"this has {len(text)} characters and {LONGEST} is the bound for LaTeX; shorten it")
    names = names_at(explanation, trials(explanation)[0][1], sizes)
    reader = Reader(tokens(text), names, limits_for(explanation))
    piece = reader.expression(0)
    if reader.token() is not None:
        raise reader.wrong("this is not expected here; check the brackets")
    return piece.text


class Reader:
    """Reads tokens from left to right."""

    def __init__(self, found, names, limits):
        self.tokens, self.names, self.limits, self.at = found, names, limits, 0
        self.deadline = time.monotonic() + limits.seconds

    def token(self, ahead=0):
        """The text of a token to come, None at the end."""
        place = self.at + ahead
        return self.tokens[place][1] if place < len(self.tokens) else None

    def kind(self):
        return self.tokens[self.at][0] if self.at < len(self.tokens) else None

    def take(self, *wanted):
        if self.token() in wanted:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def need(self, wanted):
        if self.take(wanted) is None:
            raise self.wrong(f"{wanted!r} is missing")

    def wrong(self, what):
        coming = self.tokens[self.at : self.at + 4]
        near = " ".join(("\\" if kind == "command" else "") + token for kind, token in coming)
        return InputError(f"near {near or 'the end'!r}: {what}")

    # sums and products

    def expression(self, depth, closing=()):
        if depth > DEEPEST:
            raise InputError(f"nested more than {DEEPEST} deep; name parts")
        negative = self.take("-", "+") == "-"
        total = self.product(depth + 1, closing)
        if negative:
            total = Piece(f"(-{total.text})", total.shape, total.row)
        while (sign := self.take("+", "-")) is not None:
            other = self.product(depth + 1, closing)
            total = self.piece(f"({total.text} {sign} {other.text})", total.row and other.row)
        return total

    def product(self, depth, closing):
        left = self.factor(depth, closing)
        pending = None
        while True:
            token = self.token()
            if token in (None, "+", "-", ")", "}", "]", ",", "&") or token in closing:
                if pending is not None:
                    raise self.wrong("a factor is missing")
                return left
            if token in DOTS or token in CROSSES or token in ("*", "/"):
                self.at += 1
                right = self.factor(depth, closing)
                following = self.token()
                if token == "/" and not self.ends(following, closing):
                    raise self.wrong(r"what is divided by could be more than one thing; write \frac{...}{...}")
                left = self.signed(left, token, right)
                continue
            left = self.beside(left, self.factor(depth, closing))

    def ends(self, token, closing):
        signs = (None, "+", "-", ")", "}", "]", ",", "*", "/")
        return token in signs or token in closing or token in DOTS or token in CROSSES

    def signed(self, left, sign, right):
        if sign in DOTS:
            return self.piece(f"({left.text} * {right.text})")
        if sign == "/":
            return self.piece(f"({left.text} / {right.text})", left.row)
        if left.shape != () and right.shape != ():
            shown = {"*": "*"}.get(sign, "\\" + sign)
            raise self.wrong(f"{shown} between two arrays: write \\odot for the elementwise product, or nothing "
                             "between them for the matrix product")  # fmt: skip
        return self.piece(f"({left.text} * {right.text})", left.row or right.row)

    def beside(self, left, right):
        """The product of what stands side by side, by shapes."""
        if left.shape == () or right.shape == ():
            return self.piece(f"({left.text} * {right.text})", left.row or right.row)
        if left.shape and right.shape and len(left.shape) == len(right.shape) == 1:
            if left.row and not right.row:
                return self.piece(f"({left.text} @ {right.text})")
            if right.row and not left.row:
                return self.piece(f"outer({left.text}, {right.text})")
            raise self.wrong(r"two vectors side by side: write \odot for the elementwise product, x^\top y for the sum "
                             r"of products, x y^\top for the matrix of all products")  # fmt: skip
        return self.piece(f"({left.text} @ {right.text})", left.row)

    def piece(self, text, row=False):
        """A Piece, its shape worked out; where that can't be done the shape of a number stands in."""
        from explain.candidates import evaluated

        if time.monotonic() > self.deadline:
            raise InputError(f"this takes longer than {self.limits.seconds:g} s to read; shorten it")
        try:
            value = evaluated(parse(text, self.limits), self.names)
        except InputError:
            return Piece(text, None)  # sizes that don't fit: the whole is complained about
        made = tuple(np.shape(value._node.output)) if isinstance(value, Tensor) else np.shape(value)
        return Piece(text, made, row and len(made) == 1)

    # factors

    def factor(self, depth, closing):
        base, function = self.base(depth, closing)
        if function is not None:
            return self.applied(function, depth, closing)
        base = picked(self, base)
        while self.token() == "^" or self.token() == "'":
            if self.take("'"):
                raise self.wrong("a prime could be a transpose or a derivative; write ^\\top")
            self.at += 1
            base = self.raised(base, depth)
        return base

    def raised(self, base, depth):
        """A base with an exponent or a mark of transposition."""
        negative, mark = self.exponent_mark()
        if mark:
            if "T" in self.names and mark == "T":
                raise self.wrong("^T could be a transpose or your variable T as an exponent; write ^\\top")
            text = f"linalg.inv({base.text})" if negative else base.text
            if base.shape and len(base.shape) == 1:
                return Piece(text, base.shape, not base.row)
            return self.piece(f"{text}.T")
        hadamard = False
        if self.token() == "{" and self.token(1) in DOTS:
            self.at += 2
            exponent, hadamard = self.expression(depth + 1, ("}",)), True
            self.need("}")
        else:
            exponent = self.group(depth)
        square = base.shape and len(base.shape) == 2 and base.shape[0] == base.shape[1] > 1
        if square and not hadamard:
            if exponent.text == "(-1)":
                return self.piece(f"linalg.inv({base.text})")
            raise self.wrong(f"a power of a square matrix: write \\odot for entry by entry, or A A for a product "
                             f"of matrices (the exponent is {exponent.text})")  # fmt: skip
        if base.text == "e" and "e" not in self.names:
            return self.piece(f"exp({exponent.text})")
        return self.piece(f"({base.text} ** {exponent.text})", base.row)

    def exponent_mark(self):
        r"""(whether inverse, the mark) of ^\top, ^{T}, ^{-\mathsf{T}}; nothing is taken where it is an exponent."""
        start, braces = self.at, bool(self.take("{"))
        negative = bool(self.take("-"))
        face = self.kind() == "command" and self.token() in FACES and self.take(self.token())
        inner = bool(face and self.take("{"))
        mark = self.token() if self.token() in TRANSPOSES else None
        if mark:
            self.at += 1
            if (not inner or self.take("}")) and (not braces or self.take("}")):
                return negative, mark
        self.at = start
        return False, None

    def group(self, depth):
        r"""What stands in braces, or one token: the arguments of \frac and ^."""
        if self.take("{"):
            piece = self.expression(depth + 1, ("}",))
            self.need("}")
            return piece
        if self.kind() == "number" and len(self.token()) > 1:
            digits = self.token()
            self.tokens[self.at] = ("number", digits[1:])
            return Piece(digits[0], ())
        base, function = self.base(depth, ())
        if function is not None:
            raise self.wrong("a function needs braces here")
        return base

    def base(self, depth, closing):
        """(Piece, None), or (None, function) where a function's name was read."""
        kind, token = self.kind(), self.token()
        if token is None:
            raise self.wrong("something is missing")
        if kind == "number":
            self.at += 1
            return Piece(token, ()), None
        if token in ("(", "[", "{"):
            self.at += 1
            piece = self.expression(depth + 1, (")", "]", "}"))
            if token == "[" and self.token() == ",":
                piece = listed(self, piece, depth)
            self.need({"(": ")", "[": "]", "{": "}"}[token])
            return piece, None
        if token in ("|", "vert", "lvert"):
            return self.between(depth, ("|", "vert", "rvert"), "abs({})"), None
        if token in ("Vert", "lVert"):
            return self.between(depth, ("Vert", "rVert"), "linalg.norm({})"), None
        if kind == "command":
            return self.command(token, depth)
        if kind == "letter":
            return self.letters()
        raise self.wrong("not read here")

    def between(self, depth, closing, template):
        self.at += 1
        inner = self.expression(depth + 1, closing)
        if self.take(*closing) is None:
            raise self.wrong("the closing bar is missing")
        return self.piece(template.format(inner.text))

    def command(self, token, depth):
        if token in ("frac", "dfrac", "tfrac", "cfrac"):
            self.at += 1
            top, bottom = self.group(depth), self.group(depth)
            if bottom.shape and len(bottom.shape) == 2 and bottom.shape[0] == bottom.shape[1] > 1:
                raise self.wrong("a division by a matrix; write the inverse as A^{-1}, or 1/A entry by entry as "
                                 "A^{\\odot -1}")  # fmt: skip
            return self.piece(f"({top.text} / {bottom.text})", top.row), None
        if token == "sqrt":
            self.at += 1
            return self.piece(f"sqrt({self.group(depth).text})"), None
        if token in FUNCTIONS:
            self.at += 1
            return None, FUNCTIONS[token]
        if token in FACES or token in ACCENTS:
            return self.marked(token)
        if token == "sigma" and self.token(1) in ("(", "[") and "sigma" not in self.names and "σ" not in self.names:
            self.at += 1
            return None, "sigmoid"
        if token == "pi" and not {"pi", "π"} & self.names.keys():
            self.at += 1
            return Piece("pi", ()), None
        if token in GREEK:
            self.at += 1
            name = self.known([token, GREEK.get(token, token)])
            if token == "sigma" and self.token() in ("(", "["):
                raise self.wrong("\\sigma is a variable of yours, so \\sigma(...) could be a product; write "
                                 "\\operatorname{sigmoid}(...)")  # fmt: skip
            return name, None
        if token in ("sum", "prod", "int", "partial", "nabla", "begin", "mathbb", "lim", "delta"):
            raise self.wrong(f"\\{token} isn't read; write the derivative with products, \\odot, functions and "
                             "\\operatorname{sum}(...)")  # fmt: skip
        raise self.wrong(f"\\{token} isn't read here")

    def marked(self, token):
        r"""\mathbf{X}, \hat{p}, \operatorname{softmax}."""
        self.at += 1
        braces = bool(self.take("{"))
        word = ""
        while self.kind() in ("letter", "number") or self.kind() == "command" and self.token() in GREEK or (
            braces and self.token() == "_"
        ):
            word += GREEK.get(self.token(), self.token()) if self.kind() == "command" else self.token()
            self.at += 1
            if not braces:
                break
        if braces:
            self.need("}")
        if not word:
            raise self.wrong(f"\\{token} needs a name")
        if token in ACCENTS:
            plain, mark = ACCENTS[token]
            return self.known([f"{word}_{plain}", f"{word}{plain}", word + mark]), None
        if word in self.names or (self.token() == "_" and token != "operatorname"):
            return self.known([word]), None
        if word in CALLED:
            return None, CALLED[word]
        if word == "e":
            return Piece("e", ()), None
        return self.known([word]), None

    def letters(self):
        """A variable: the longest known name among the letters to come, a subscript included."""
        run = []
        while self.at + len(run) < len(self.tokens) and self.tokens[self.at + len(run)][0] == "letter":
            run.append(self.tokens[self.at + len(run)][1])
        if len(run) < len(self.tokens) - self.at and self.tokens[self.at + len(run)][0] == "number":
            whole = "".join(run) + self.tokens[self.at + len(run)][1]
            if whole in self.names and len(run) >= 1:
                self.at += len(run) + 1
                return self.piece(whole), None
        for length in range(len(run), 0, -1):
            word = "".join(run[:length])
            subscripted = length == len(run) and self.token(length) == "_" and self._begins_name(word)
            if word in self.names or length == 1 or subscripted:
                self.at += length
                if word == "e" and "e" not in self.names and self.token() == "^":
                    return Piece("e", ()), None
                if word not in self.names and self.token() != "_" and len(run) > 1:
                    raise InputError(f"{''.join(run)}: unknown name; there are {', '.join(sorted(self.names))}")
                return self.known([word]), None
        raise self.wrong("a name is expected")

    def _begins_name(self, word):
        return any(name.startswith(word) and name != word for name in self.names)

    def known(self, spellings):
        """The variable that has one of these spellings, with a subscript if one follows."""
        start = self.at
        if self.take("_"):
            index = self.subscript()
            spellings = [f"{name}{join}{index}" for name in spellings for join in ("_", "")]
        found = [name for name in dict.fromkeys(spellings) if name in self.names]
        if len(found) > 1:
            raise InputError(f"this could be {' or '.join(found)}; rename one")
        if not found:
            self.at = start
            raise InputError(f"{spellings[0]}: unknown name; there are {', '.join(sorted(self.names))}")
        return self.piece(found[0])

    def subscript(self):
        if not self.take("{"):
            self.at += 1
            return self.token(-1)
        word = ""
        while self.kind() in ("letter", "number"):
            word += self.token()
            self.at += 1
        self.need("}")
        return word

    def applied(self, function, depth, closing):
        """A function of what follows: in brackets, or one factor."""
        power = None
        if self.take("^"):
            power = self.group(depth).text
            if power.startswith("(-"):
                raise self.wrong("a negative power of a function could be its inverse; write it with brackets")
        bracket = self.token() in ("(", "[")
        if bracket:
            closes = {"(": ")", "[": "]"}[self.token()]
            self.at += 1
            arguments = [self.expression(depth + 1, (",", closes)).text]
            while self.take(","):
                arguments.append(self.expression(depth + 1, (",", closes)).text)
            self.need(closes)
        else:
            arguments = [self.factor(depth + 1, closing).text]
            if not self.ends(self.token(), closing):
                raise self.wrong("how far the function reaches could be read in two ways; put its operand in brackets")
        if function == "softmax" and len(arguments) == 1:
            arguments.append("-1")
        made = self.piece(f"{function}({', '.join(arguments)})")
        if power is not None:
            return self.piece(f"({made.text} ** {power})")
        while bracket and self.take("^"):
            made = self.raised(made, depth)
        return made

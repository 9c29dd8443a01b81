"""An operation's template, such as "{0}⁻¹ {1}" or "tr({0})", written in any vocabulary.

The template is text as a person writes it: names, brackets, signs, marks; {0}, {1}, ... stand for operands and other
names in braces for parameters. Imported by explain.render.structures.
"""

import re

TOKEN = re.compile(
    r"\{(?P<operand>\d+)\}|(?P<inverse_transpose>⁻ᵀ)|(?P<transpose>ᵀ)|(?P<power>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|⁺|\^[\w\-−.]+)"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<name>[^\W\d_]+(?:_[^\W\d_]+)*)|(?P<space>\s+)|(?P<sign><=|>=|==|!=|.)"
)
CLOSING = {"(": ")", "[": "]", "‖": "‖", "|": "|"}
PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
SUM, PRODUCT, UNARY, POWER, ATOM = range(5)  # how tightly a piece holds together
OPEN = 0.5  # tighter than a sum, but what follows would seem to belong to it: Σ x


def written(template, words, operand, params):
    """(text, how tightly it holds): `operand(at, level)` writes an operand, in brackets below that level.

    >>> from explain.render.vocabulary import TEXT
    >>> written("{0}⁻¹ {1}", TEXT, lambda at, level: "AB"[at], {})
    ('A⁻¹ B', 1)
    """
    template = re.sub(r"\{([^\d{}]\w*)\}", lambda found: str(params.get(found[1], found[0])), template)
    tokens = [(found.lastgroup, found[found.lastgroup]) for found in TOKEN.finditer(template)]
    return _Parser(words, operand, tokens).phrase(None)


class _Parser:
    def __init__(self, words, operand, tokens):
        self.words, self.operand, self.tokens, self.at = words, operand, tokens, 0

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else (None, None)

    def phrase(self, closing):
        """Pieces up to a closing bracket, joined by the signs and spaces between them."""
        words, pieces, holds, pending = self.words, None, ATOM, None
        alone = self.alone(closing)
        while self.at < len(self.tokens):
            kind, token = self.peek()
            if kind == "sign" and token == closing and pieces is not None:
                break
            self.at += 1
            if kind == "space":
                pending = pending or " "
                continue
            if kind == "sign" and token == ",":
                pending = ","
                continue
            if kind == "sign" and token not in CLOSING:
                pending = token
                continue
            piece, level = self.piece(kind, token, SUM if alone else PRODUCT if pending in (",", None, "=") else POWER)
            if pieces is None:
                pieces, holds = (words.negative(piece), SUM) if pending in ("-", "−") else (piece, level)
            else:
                pieces, holds = self.joined(pieces, pending, piece), SUM if pending not in (" ", "⊙", "·") else PRODUCT
            pending = None
        return pieces or "", holds

    def alone(self, closing):
        """Whether what comes next, up to the bracket's end, is operands between commas and nothing else."""
        depth, seen = 0, 0
        for kind, token in self.tokens[self.at :]:
            if kind == "sign" and token == closing and not depth:
                return True
            if kind in ("space",) or kind == "sign" and token == ",":
                seen = 0 if token == "," else seen
                continue
            seen += 1
            if kind != "operand" or seen > 1:
                return False
        return False

    def joined(self, left, sign, right):
        words = self.words
        if sign == ",":
            return words.commas([left, right])
        if sign in (" ", None):
            return words.spaced(left, right)
        return words.hadamard(left, right) if sign == "⊙" else words.operator(left, sign, right)

    def piece(self, kind, token, level):
        words = self.words
        after = self.peek()[0] in ("power", "transpose", "inverse_transpose") or self.peek()[1] == "["
        if kind == "operand":
            out, holds = self.operand(int(token), ATOM if after else level), ATOM if after else level
        elif kind == "name":
            follows = self.peek()[1]
            if follows == "(":
                self.at += 1
                inner = self.phrase(")")[0]
                self.at += 1
                out, holds = words.call(words.function(token), [inner]), ATOM
            elif self.peek()[0] == "space" and (self.peek(1)[0] in ("operand", "name") or self.peek(1)[1] == "("):
                self.at += 1
                kind, following = self.peek()
                self.at += 1
                inner, _holds = self.piece(kind, following, POWER if kind == "name" else SUM)
                if kind == "name":  # log det
                    return words.applied(words.function(token), inner), ATOM
                return words.call(words.function(token), [inner]), ATOM
            else:
                out, holds = words.symbol(token), ATOM
        elif kind == "number":
            out, holds = words.decimal(token), ATOM
        elif token == "[" and not self.compares():
            out, holds = words.square("".join(self.picks())), ATOM
        else:
            inner = self.phrase(CLOSING[token])[0]
            self.at += 1
            wrap = {"(": words.brackets, "[": words.square, "‖": words.norm, "|": words.bars}[token]
            out, holds = wrap(inner), ATOM
        return self.marks(out, holds)

    def compares(self):
        """Whether the bracket that opens here holds a comparison rather than an index."""
        for kind, token in self.tokens[self.at :]:
            if token == "]":
                return False
            if kind == "sign" and token in ("=", "<", ">", "<=", ">=", "==", "!="):
                return True
        return False

    def marks(self, out, holds):
        """Exponents, transposes and indices behind a piece."""
        words = self.words
        while True:
            kind, token = self.peek()
            if kind == "power":
                out = words.superscript(out, token.lstrip("^").translate(PLAIN))
            elif kind == "transpose":
                out = words.transpose(out)
            elif kind == "inverse_transpose":
                out = words.inverse_transpose(out)
            elif kind == "sign" and token == "[":
                self.at += 1
                out = words.indexed(out, self.picks())
                holds = ATOM
                continue
            else:
                return out, holds
            self.at += 1
            holds = POWER

    def picks(self):
        """What stands between an index's brackets: operands and code."""
        pieces, literal, depth = [], "", 0
        while self.at < len(self.tokens):
            kind, token = self.peek()
            self.at += 1
            if token == "]" and not depth:
                break
            depth += (token == "[") - (token == "]")
            if kind == "operand":
                if literal:
                    pieces.append(self.words.literal(literal))
                pieces.append(self.operand(int(token), SUM))
                literal = ""
            else:
                literal += token
        return [*pieces, self.words.literal(literal)] if literal else pieces

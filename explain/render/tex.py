"""How LaTeX spells each construct, as a journal takes it: upright transposes and function names, sized brackets."""

import re

from explain.render.names import GREEK, parted, slope_parts

COMMANDS = {
    **{letter: "\\" + {"eps": "epsilon", "lam": "lambda"}.get(name, name) for name, letter in GREEK.items()},
    "∞": r"\infty", "Σ": r"\sum",
}  # fmt: skip
LETTERS = {**{letter: command for letter, command in COMMANDS.items() if letter not in "Σ∞"}, "Σ": r"\Sigma"}
OWN = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "log", "exp", "max", "min", "det", "arcsin", "arccos", "arctan")
FUNCTIONS = {name: "\\" + name for name in OWN}
FUNCTIONS.update({"lgamma": r"\log\Gamma", "gamma": r"\Gamma", "asin": r"\arcsin", "acos": r"\arccos",
                  "atan": r"\arctan", "Φ": r"\Phi"})  # fmt: skip
OPERATORS = {
    "⊗": r"\otimes", "×": r"\times", "⊙": r"\odot", "∗": r"\ast", "<=": r"\le", ">=": r"\ge", "!=": r"\ne",
    "==": "=", "=": "=", "<": "<", ">": ">", "∧": r"\wedge", "∨": r"\vee", "≠": r"\ne", "≤": r"\le", "≥": r"\ge",
    "→": r"\to", ";": ";", "·": r"\cdot", "−": "-", "+": "+",
}  # fmt: skip
TALL = r"\\frac|\\sum|\\bigg"  # what brackets of several sizes are needed around
TEXT_SIGNS = {"\0": "backslash", "~": "asciitilde", "^": "asciicircum", "<": "less", ">": "greater"}
MIDDLE = r"\\sqrt|\\big|\\left|[)\]]\^|\(|_\{.*\}\^"
WIDE = 130  # letters of LaTeX above the line of a fraction


class Latex:
    """LaTeX's mathematics mode, in what KaTeX, MathJax and pdflatex all take."""

    functions = {"loggamma": "lgamma"}
    sum_holds = 0.5

    def symbol(self, name):
        slope = slope_parts(name)
        return self.slope(*slope) if slope else tex_name(name)

    def decimal(self, digits):
        mantissa, e, exponent = digits.partition("e")
        if not e:
            return mantissa
        return (rf"{mantissa} \cdot " if mantissa != "1" else "") + f"10^{{{int(exponent)}}}"

    def constant(self, name):
        return {"pi": r"\pi", "exp1": r"\mathrm{e}", "oo": r"\infty", "-oo": r"-\infty",
                "nan": r"\mathrm{nan}"}.get(name, rf"\mathrm{{{tex_text(name)}}}")  # fmt: skip

    def plain(self, words):
        """Words within a formula; × isn't a letter to KaTeX."""
        pieces = [rf"\text{{{tex_text(piece)}}}" if piece else "" for piece in words.split("×")]
        return r" \times ".join(pieces)

    def starts_with_digit(self, piece):
        return piece[:1].isdigit() or piece.startswith(r"\frac{") and piece[6:7].isdigit()

    def sum(self, signed):
        (_sign, out), *rest = signed
        return out + "".join(f" {'+' if sign > 0 else '-'} {piece}" for sign, piece in rest)

    def negative(self, piece):
        return f"-{piece}"

    def hadamard(self, left, right):
        return rf"{left} \odot {right}"

    def times(self, left, right):
        return rf"{left} \cdot {right}"

    def beside(self, left, right):
        return f"{left} {right}"

    def spaced(self, left, right):
        return rf"{left} \, {right}"

    def operator(self, left, sign, right):
        return f"{left} {OPERATORS.get(sign, sign)} {right}"

    def fraction(self, top, bottom):
        return rf"\frac{{{top}}}{{{bottom}}}"

    def front(self, fraction, rest):
        return rf"{fraction} \, {rest}"

    def breaks(self, top, bottom):
        """Whether a fraction is too wide: a line can't break within one."""
        return len(top) > WIDE > len(bottom)

    def over(self, top, bottom, holds=0):
        if self.breaks(top, bottom):
            return self.front(self.fraction("1", bottom), top if holds >= 1 else self.brackets(top))
        return self.fraction(top, bottom)

    def within_fraction(self, piece, _holds, _above):
        return piece

    def brackets(self, inner):
        size = sized(inner)
        return rf"{size}l({inner}{size}r)" if size else f"({inner})"

    def square(self, inner):
        size = sized(inner)
        return rf"{size}l[{inner}{size}r]" if size else f"[{inner}]"

    def bars(self, inner):
        return rf"\left\vert {inner} \right\vert"

    def norm(self, inner):
        return rf"\left\Vert {inner} \right\Vert"

    def commas(self, pieces):
        return ", ".join(pieces)

    def semicolons(self, pieces):
        return "; ".join(pieces)

    def root(self, piece, _atom):
        return rf"\sqrt{{{piece}}}"

    def superscript(self, base, exponent):
        return f"{self.base(base)}^{{{exponent.replace('−', '-')}}}"

    def subscript(self, base, index):
        return f"{self.base(base)}_{{{index}}}"

    def base(self, piece):
        """What gets an index: in braces if it has one already, since LaTeX refuses two."""
        return piece if re.fullmatch(r"[^\^_]*|.*[)\]]", piece) else f"{{{piece}}}"

    def transpose(self, inner):
        return self.superscript(inner, r"\mathsf{T}")

    def inverse_transpose(self, inner):
        return self.superscript(inner, r"-\mathsf{T}")

    def literal(self, picks):
        picks = re.sub(r"[A-Za-z]\w+", lambda word: rf"\mathrm{{{tex_text(word[0])}}}", picks)
        return picks.replace("...", r"\ldots").replace("×", r" \times ")

    def indexed(self, inner, pieces):
        return f"{inner}[{''.join(pieces)}]"

    def entry(self, name, indices):
        return f"{self.base(name)}_{{{' '.join(indices) if all(len(i) == 1 for i in indices) else ', '.join(indices)}}}"

    def counted(self, index, low, high, inner):
        return rf"\sum_{{{index}={low}}}^{{{high}}} {inner}"

    def cases(self, cases):
        rows = r" \cr ".join(rf"{value} & {when}" for value, when in cases)
        return rf"\begin{{cases}} {rows} \end{{cases}}"

    def filled(self, inner, shape):
        return self.subscript(inner, r" \times ".join(shape))

    def function(self, name):
        return FUNCTIONS.get(name) or rf"\operatorname{{{tex_text(name)}}}"

    def call(self, function, args):
        return function + self.brackets(self.commas(args))

    def applied(self, function, inner):
        return f"{function} {inner}"

    def exp(self, inner, _atom):
        short = len(inner) <= 24 and "\\frac" not in inner
        return rf"\mathrm{{e}}^{{{inner}}}" if short else self.call(r"\exp", [inner])

    def along(self, function, axes, kept):
        shown = ", ".join(map(str, axes))
        return f"{function}_{{{f'({shown})' if kept else shown}}}" if axes else function

    def sum_over(self, axes, kept, inner, holds):
        return f"{self.along(chr(92) + 'sum', axes, kept)} {inner if holds >= 3 else self.brackets(inner)}"

    def slope(self, of, wrt):
        return rf"\frac{{\partial {tex_name(of)}}}{{\partial {tex_name(wrt)}}}"

    def via(self, slope, variable):
        if variable == "directly":
            return rf"\left.{slope}\right|_{{\text{{directly}}}}"
        return rf"\left.{slope}\right|_{{\text{{by way of }} {tex_name(variable)}}}"

    def derivative(self, of, wrt):
        return rf"\frac{{\partial}}{{\partial {tex_name(wrt)}}} {self.brackets(of)}"

    def value(self, shown):
        return self.plain(shown) if any(c.isalpha() and c != "e" for c in shown) else _numerals(shown)

    def equal(self, parts):
        return " = ".join(parts)


def _numerals(shown):
    """Numbers in a list, powers of ten written as such."""
    return re.sub(r"(\d)e([+-]?\d+)", lambda found: rf"{found[1]} \cdot 10^{{{int(found[2])}}}", shown)


def sized(inner):
    r"""The command that sizes brackets around a piece; unlike \left and \right it lets a line break within them.

    >>> sized("x + y"), sized(r"\frac{x}{y}")
    ('', '\\bigg')
    """
    if re.search(TALL, inner):
        return r"\bigg"
    return r"\big" if re.search(MIDDLE, inner) else ""


def tex_text(text):
    """Text with LaTeX's special characters escaped.

    >>> tex_text("a_b")
    'a\\\\_b'
    """
    text = re.sub(r"([#$%&_{}])", r"\\\1", text.replace("\\", "\0"))
    for letter, command in TEXT_SIGNS.items():
        text = text.replace(letter, rf"{{\text{command}}}")
    return text


def tex_name(name):
    """A variable's name in LaTeX: w_1 and w1 get an index, mu a Greek letter, loss stands upright.

    >>> tex_name("w1"), tex_name("sigma"), tex_name("loss"), tex_name("x_hat")
    ('w_{1}', '\\\\sigma', '\\\\mathrm{loss}', '\\\\hat{x}')
    """
    stem, accent, index = parted(name.replace("\xb5", "μ"))
    if stem in GREEK:
        shown = LETTERS[GREEK[stem]]
    elif stem in LETTERS:
        shown = LETTERS[stem]
    elif len(stem) == 1:
        shown = stem if stem.isalpha() else tex_text(stem)
    else:
        shown = rf"\mathrm{{{_upright(stem)}}}"
    if accent:
        shown = rf"\{accent}{{{shown}}}"
    if index:
        shown = f"{shown}_{{{index if index.isdigit() or len(index) == 1 else rf'{chr(92)}mathrm{{{index}}}'}}}"
    return shown


def _upright(stem):
    """Letters within mathrm: spaces, quotes and the like are text there, Greek letters are commands."""
    if stem.isascii() and re.fullmatch(r"[\w.]+", stem):
        return tex_text(stem)
    pieces = re.split(f"([{''.join(LETTERS)}])", stem)
    return "".join(LETTERS.get(piece) or rf"\text{{{tex_text(piece)}}}" for piece in pieces if piece)


LATEX = Latex()

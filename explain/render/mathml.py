"""How MathML spells each construct: elements that browsers draw without any script."""

from html import escape

from explain.render.names import GREEK, parted, slope_parts

MARKS = {"hat": "^", "bar": "¯", "tilde": "~"}
OPERATORS = {"<=": "≤", ">=": "≥", "!=": "≠", "==": "="}


class MathML:
    """Presentation MathML; each method returns one or several elements as text."""

    functions = {"loggamma": "lgamma"}
    sum_holds = 0.5

    def symbol(self, name):
        slope = slope_parts(name)
        return self.slope(*slope) if slope else named(name)

    def decimal(self, digits):
        mantissa, e, exponent = digits.partition("e")
        whole = f"<mn>{mantissa.replace('-', '−')}</mn>"
        if not e:
            return whole
        power = self.superscript("<mn>10</mn>", number(str(int(exponent))))
        return power if mantissa == "1" else self.times(whole, power)

    def constant(self, name):
        shown = {"pi": "π", "exp1": "e", "oo": "∞", "-oo": "−∞"}.get(name, name)
        return f'<mi mathvariant="normal">{escape(shown)}</mi>'

    def plain(self, words):
        return f"<mtext>{escape(words)}</mtext>"

    def starts_with_digit(self, piece):
        return piece.startswith(("<mn>", "<mfrac><mn>", "<mfrac><mrow><mn>"))

    def sum(self, signed):
        (_sign, out), *rest = signed
        return out + "".join(f"<mo>{'+' if sign > 0 else '−'}</mo>{piece}" for sign, piece in rest)

    def negative(self, piece):
        return f'<mo form="prefix">−</mo>{piece}'

    def hadamard(self, left, right):
        return f"{left}<mo>⊙</mo>{right}"

    def times(self, left, right):
        return f"{left}<mo>·</mo>{right}"

    def beside(self, left, right):
        return f"{left}<mo>&#x2062;</mo>{right}"

    def spaced(self, left, right):
        return f'{left}<mspace width="0.17em"/>{right}'

    def operator(self, left, sign, right):
        return f"{left}<mo>{escape(OPERATORS.get(sign, sign))}</mo>{right}"

    def fraction(self, top, bottom):
        return f"<mfrac>{row(top)}{row(bottom)}</mfrac>"

    def front(self, fraction, rest):
        return self.spaced(fraction, rest)

    def breaks(self, _top, _bottom):
        return False

    def over(self, top, bottom, _holds=0):
        return self.fraction(top, bottom)

    def within_fraction(self, piece, _holds, _above):
        return piece

    def brackets(self, inner):
        return f'<mrow><mo form="prefix">(</mo>{inner}<mo form="postfix">)</mo></mrow>'

    def square(self, inner):
        return f'<mrow><mo form="prefix">[</mo>{inner}<mo form="postfix">]</mo></mrow>'

    def bars(self, inner):
        return f'<mrow><mo form="prefix">|</mo>{inner}<mo form="postfix">|</mo></mrow>'

    def norm(self, inner):
        return f'<mrow><mo form="prefix">‖</mo>{inner}<mo form="postfix">‖</mo></mrow>'

    def commas(self, pieces):
        return "<mo>,</mo>".join(pieces)

    def semicolons(self, pieces):
        return "<mo>;</mo>".join(pieces)

    def root(self, piece, _atom):
        return f"<msqrt>{piece}</msqrt>"

    def superscript(self, base, exponent):
        return f"<msup>{row(base)}{row(exponent if exponent.startswith('<') else number(exponent))}</msup>"

    def subscript(self, base, index):
        return f"<msub>{row(base)}{row(index if index.startswith('<') else number(index))}</msub>"

    def transpose(self, inner):
        return self.superscript(inner, '<mi mathvariant="normal">T</mi>')

    def inverse_transpose(self, inner):
        return self.superscript(inner, '<mo>−</mo><mi mathvariant="normal">T</mi>')

    def literal(self, picks):
        return f"<mtext>{escape(picks)}</mtext>"

    def indexed(self, inner, pieces):
        return f"{inner}{self.square(''.join(pieces))}"

    def entry(self, name, indices):
        return self.subscript(name, self.commas(indices) if any("<mo>" in i for i in indices) else "".join(indices))

    def counted(self, index, low, high, inner):
        under = row(f"{index}<mo>=</mo>{low}")
        return f"<munderover><mo>∑</mo>{under}{row(high)}</munderover>{inner}"

    def cases(self, cases):
        rows = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in cases)
        return f'<mrow><mo form="prefix">{{</mo><mtable columnalign="left">{rows}</mtable></mrow>'

    def filled(self, inner, shape):
        return self.subscript(inner, "<mo>×</mo>".join(part if part[:1] == "<" else number(part) for part in shape))

    def function(self, name):
        return f'<mi mathvariant="normal">{escape(name)}</mi>'

    def call(self, function, args):
        return f"{function}<mo>&#x2061;</mo>{self.brackets(self.commas(args))}"

    def applied(self, function, inner):
        return f'{function}<mo>&#x2061;</mo><mspace width="0.17em"/>{inner}'

    def exp(self, inner, _atom):
        if len(inner) > 200 or "<mfrac" in inner:
            return self.call(self.function("exp"), [inner])
        return self.superscript(self.constant("exp1"), inner)

    def along(self, function, axes, kept):
        if not axes:
            return function
        index = self.commas([number(str(axis)) for axis in axes])
        return self.subscript(function, self.brackets(index) if kept else index)

    def sum_over(self, axes, kept, inner, holds):
        sign = "<mo>∑</mo>"
        if axes:
            index = self.commas([number(str(axis)) for axis in axes])
            sign = f"<munder>{sign}{row(self.brackets(index) if kept else index)}</munder>"
        return f"{sign}{inner if holds >= 3 else self.brackets(inner)}"

    def slope(self, of, wrt):
        top, bottom = (f"<mrow><mo>∂</mo>{self.symbol(name)}</mrow>" for name in (of, wrt))
        return f"<mfrac>{top}{bottom}</mfrac>"

    def via(self, slope, variable):
        words = "directly" if variable == "directly" else "by way of\xa0"
        name = "" if variable == "directly" else self.symbol(variable)
        return f"<msub><mrow>{slope}<mo>|</mo></mrow><mrow><mtext>{words}</mtext>{name}</mrow></msub>"

    def derivative(self, of, wrt):
        return f"<mfrac><mo>∂</mo><mrow><mo>∂</mo>{self.symbol(wrt)}</mrow></mfrac>{self.brackets(of)}"

    def value(self, shown):
        return f"<mtext>{escape(shown)}</mtext>" if any(c.isalpha() for c in shown) else f"<mn>{shown}</mn>"

    def equal(self, parts):
        return "<mo>=</mo>".join(parts)


def row(pieces):
    """One element around any number of them."""
    return f"<mrow>{pieces}</mrow>"


def number(text):
    """Digits, or letters that stand for a size, as one element.

    >>> number("3"), number("-1")
    ('<mn>3</mn>', '<mo form="prefix">−</mo><mn>1</mn>')
    """
    sign = '<mo form="prefix">−</mo>' if text[:1] in "-−" else ""
    text = text.lstrip("-−")
    return sign + (f"<mn>{text}</mn>" if text[:1].isdigit() else f"<mi>{escape(text)}</mi>")


def named(name):
    """A variable's name: one letter in italics, longer ones upright, with accent and index.

    >>> named("W1")
    '<msub><mi>W</mi><mn>1</mn></msub>'
    """
    stem, accent, index = parted(name)
    stem = GREEK.get(stem, stem)
    shown = f"<mi>{escape(stem)}</mi>"  # browsers set several letters upright by themselves
    if accent:
        shown = f'<mover accent="true">{shown}<mo>{MARKS[accent]}</mo></mover>'
    if index:
        shown = f"<msub>{shown}{number(index)}</msub>"
    return shown


MATHML = MathML()
__all__ = ["MATHML", "MathML", "named", "number", "row"]

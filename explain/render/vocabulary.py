"""How text spells each construct that explain.render.notation meets; LaTeX and MathML have the same methods.

A method takes pieces that are written already and returns one.
"""

import re

SUPERSCRIPTS = str.maketrans("0123456789-−+()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺⁽⁾ⁿⁱ")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
EXPONENT = re.compile(r"[−-]?[0-9]+|n")


class Text:
    """Unicode for a terminal or a plain page."""

    functions = {"loggamma": "lgamma"}
    sum_holds = 4  # Σ( ... ) is closed

    # letters and numbers

    def symbol(self, name):
        return name

    def decimal(self, digits):
        mantissa, e, exponent = digits.replace("-", "−").partition("e")
        if not e:
            return mantissa
        power = self.superscript("10", str(int(exponent.replace("−", "-"))))
        return power if mantissa == "1" else f"{mantissa}·{power}"

    def constant(self, name):
        return {"pi": "π", "exp1": "e", "oo": "∞", "-oo": "−∞"}.get(name, name)

    def plain(self, words):
        """Words within a formula."""
        return words

    def starts_with_digit(self, piece):
        return piece[:1].isdigit()

    # sums and products

    def sum(self, signed):
        """Terms, each with its sign: +1 or -1."""
        (_sign, out), *rest = signed
        return out + "".join(f" {'+' if sign > 0 else '−'} {piece}" for sign, piece in rest)

    def negative(self, piece):
        return f"−{piece}"

    def hadamard(self, left, right):
        return f"{left} ⊙ {right}"

    def times(self, left, right):
        return f"{left} · {right}"

    def beside(self, left, right):
        """Factors written side by side without a space, as in 2x."""
        return left + right

    def spaced(self, left, right):
        """Factors side by side with a space between: a product of matrices."""
        return f"{left} {right}"

    def operator(self, left, sign, right):
        return f"{left} {sign} {right}"

    def fraction(self, top, bottom):
        """A fraction of integers, or of whole expressions without brackets of their own."""
        return f"{top}/{bottom}"

    def front(self, fraction, rest):
        """A fraction in front of an array."""
        return f"({fraction}) {rest}"

    def breaks(self, _top, _bottom):
        return False

    def over(self, top, bottom, _holds=0):
        return f"{top}/{bottom}" if " " not in top + bottom else f"{top} / {bottom}"

    def within_fraction(self, piece, holds, above):
        """A numerator or denominator, in brackets where it needs them."""
        return piece if holds >= (1 if above else 3) else self.brackets(piece)

    # marks

    def brackets(self, inner):
        return f"({inner})"

    def square(self, inner):
        return f"[{inner}]"

    def bars(self, inner):
        return f"|{inner}|"

    def norm(self, inner):
        return f"‖{inner}‖"

    def commas(self, pieces):
        return ", ".join(pieces)

    def semicolons(self, pieces):
        return "; ".join(pieces)

    def root(self, piece, atom):
        return f"√{piece}" if atom and len(piece) <= 2 else f"√({piece})"

    def superscript(self, base, exponent):
        if EXPONENT.fullmatch(exponent):
            return base + exponent.translate(SUPERSCRIPTS)
        return f"{base}^{exponent}" if re.fullmatch(r"\w+", exponent) else f"{base}^({exponent})"

    def subscript(self, base, index):
        digits = index.translate(SUBSCRIPTS)
        return base + (digits if not re.search(r"\w", re.sub("[₀-₉]", "", digits)) else f"_{index}")

    def transpose(self, inner):
        return f"{inner}ᵀ"

    def inverse_transpose(self, inner):
        return f"{inner}⁻ᵀ"

    def literal(self, picks):
        """Part of an index as code writes it, such as `:, None`."""
        return picks

    def indexed(self, inner, pieces):
        return f"{inner}[{''.join(pieces)}]"

    def entry(self, name, indices):
        """An entry of an array: its name with indices."""
        return f"{name}[{', '.join(indices)}]"

    def counted(self, index, low, high, inner):
        """A sum over an index from low to high."""
        return f"Σ_{index} {inner}"

    def cases(self, cases):
        """Values, each with its condition."""
        return "{" + "; ".join(f"{value} if {when}" if when != "otherwise" else f"{value} otherwise"
                               for value, when in cases) + "}"  # fmt: skip

    def filled(self, inner, shape):
        return f"{inner}[{'×'.join(shape)}]"

    # functions

    def function(self, name):
        return name

    def call(self, function, args):
        return f"{function}({self.commas(args)})"

    def applied(self, function, inner):
        """A function before its operand, without brackets."""
        return f"{function} {inner}"

    def exp(self, inner, _atom):
        return f"exp({inner})"

    def along(self, function, axes, kept):
        """A function over some axes of its operand; `kept` tells that they stay, with size one."""
        if not axes:
            return function
        digits = "".join(map(str, axes)) if max(axes) < 10 else "_".join(map(str, axes))
        return function + (f"₍{digits.translate(SUBSCRIPTS)}₎" if kept else digits.translate(SUBSCRIPTS))

    def sum_over(self, axes, kept, inner, _holds):
        return f"{self.along('Σ', axes, kept)}({inner})"

    def slope(self, of, wrt):
        return f"∂{of}/∂{wrt}"

    def via(self, slope, variable):
        """A part of a derivative: directly, or by way of a variable."""
        return f"{slope} {self.words_of(variable)}"

    def words_of(self, variable):
        return variable if variable == "directly" else f"by way of {variable}"

    def derivative(self, of, wrt):
        return f"∂({of})/∂{wrt}"

    def value(self, shown):
        if "[" in shown:
            return shown
        return re.sub(r"-?[\d.]+e[-+]?\d+", lambda number: self.decimal(number[0]), shown).replace("-", "−")

    def equal(self, parts):
        return " = ".join(parts)


TEXT = Text()

"""The two vocabularies of explain.render.notation: how text and LaTeX spell each construct."""

import re

SUPERSCRIPTS = str.maketrans("0123456789-+()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ⁿⁱ")
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "lam": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
TO_TEX = {letter: "\\" + {"eps": "epsilon", "lam": "lambda"}.get(name, name) for name, letter in GREEK.items()}


class Text:
    """Unicode for a terminal or a plain page."""

    minus = "−"
    hadamard = " ⊙ "
    juxtaposed = " "
    symbols = {"pi": "π", "E": "e"}
    functions = {"loggamma": "lgamma", "erfc": "erfc"}
    templates = None

    def symbol(self, name):
        return name

    def decimal(self, digits):
        return digits.replace("-", "−")

    def brackets(self, inner):
        return f"({inner})"

    def bars(self, inner):
        return f"|{inner}|"

    def function(self, name):
        return name

    def exp(self, inner):
        return f"exp({inner})"

    def fraction(self, top, bottom, negative):
        return f"{'−' if negative else ''}{top}/{bottom}"

    def scaled(self, front, written):
        return f"({front}) {written[0] if written[1] >= 1 else self.brackets(written[0])}"

    def over(self, top, bottom):
        return f"{top}/{bottom}" if " " not in top + bottom else f"{top} / {bottom}"

    def numerator(self, written, holds):
        return written if holds >= 1 else self.brackets(written)

    def denominator(self, written, holds):
        return written if holds >= 3 else self.brackets(written)

    def times(self, _with_number):
        return " · "

    def root(self, written, atom):
        return f"√{written}" if atom and len(written) <= 2 else f"√({written})"

    def superscript(self, base, exponent):
        if re.fullmatch(r"[−-]?[0-9]+|n", exponent):
            return base + exponent.replace("−", "-").translate(SUPERSCRIPTS)
        return f"{base}^{exponent}" if re.fullmatch(r"\w+", exponent) else f"{base}^({exponent})"

    def transpose(self, inner):
        return f"{inner}ᵀ"

    def inverse(self, inner):
        return f"{inner}⁻¹"

    def reduction(self, name, inner, dim, keepdim):
        axes = "" if dim is None else f", dim={_dims(dim)}"
        kept = ", keepdim=True" if keepdim else ""
        return f"{name}({inner}{axes}{kept})"

    def indexed(self, inner, picks):
        return f"{inner}[{picks}]"

    def filled(self, written, shape):
        return f"{written}[{'×'.join(map(str, shape))}]"

    def infinity(self, expr):
        return {"oo": "∞", "-oo": "−∞", "nan": "nan"}.get(str(expr), str(expr))

    def setting(self, value):
        return str(value)

    def slope(self, of, wrt):
        return f"∂{of}/∂{wrt}"


class Latex:
    """LaTeX as a journal takes it: upright transposes and function names, sized brackets."""

    minus = "-"
    hadamard = r" \odot "
    juxtaposed = " "
    symbols = {"pi": r"\pi", "E": r"\mathrm{e}"}
    functions = {
        "sin": r"\sin", "cos": r"\cos", "tan": r"\tan", "tanh": r"\tanh", "sinh": r"\sinh", "cosh": r"\cosh",
        "log": r"\log", "exp": r"\exp", "max": r"\max", "min": r"\min",
    }  # fmt: skip
    templates = None

    def symbol(self, name):
        slope = re.fullmatch(r"∂(.+)/∂(.+)", name)
        if slope:
            return self.slope(*slope.groups())
        return tex_name(name)

    def decimal(self, digits):
        mantissa, _e, exponent = digits.partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else digits

    def brackets(self, inner):
        return rf"\left({inner}\right)"

    def bars(self, inner):
        return rf"\left|{inner}\right|"

    def function(self, name):
        return name if name.startswith("\\") else rf"\operatorname{{{tex_text(name)}}}"

    def exp(self, inner):
        return rf"\mathrm{{e}}^{{{inner}}}"

    def fraction(self, top, bottom, negative):
        return rf"{'-' if negative else ''}\frac{{{top}}}{{{bottom}}}"

    def scaled(self, front, written):
        return f"{front} {written[0] if written[1] >= 1 else self.brackets(written[0])}"

    def over(self, top, bottom):
        return rf"\frac{{{top}}}{{{bottom}}}"

    def numerator(self, written, _holds):
        return written

    def denominator(self, written, _holds):
        return written

    def times(self, with_number):
        return r" \cdot " if with_number else r" \, "

    def root(self, written, _atom):
        return rf"\sqrt{{{written}}}"

    def superscript(self, base, exponent):
        return f"{base}^{{{exponent}}}"

    def transpose(self, inner):
        return rf"{inner}^{{\mathsf{{T}}}}"

    def inverse(self, inner):
        return rf"{inner}^{{-1}}"

    def reduction(self, name, inner, dim, keepdim):
        axes = "" if dim is None else f"_{{{_dims(dim)}}}"
        return rf"\operatorname{{{name}}}{axes}{self.brackets(inner)}"

    def indexed(self, inner, picks):
        shown = picks.replace("None", r"\mathrm{None}")
        return rf"{inner}_{{[{shown}]}}"

    def filled(self, written, shape):
        sizes = r" \times ".join(map(str, shape))
        return rf"{written}_{{{sizes}}}"

    def infinity(self, expr):
        return {"oo": r"\infty", "-oo": r"-\infty", "nan": r"\mathrm{nan}"}.get(str(expr), str(expr))

    def setting(self, value):
        return tex_text(str(value))

    def slope(self, of, wrt):
        return rf"\frac{{\partial {tex_name(of)}}}{{\partial {tex_name(wrt)}}}"


def _dims(dim):
    return ", ".join(map(str, dim)) if len(dim) == 1 else "(" + ", ".join(map(str, dim)) + ")"


def tex_text(text):
    """Text with LaTeX's special characters escaped.

    >>> tex_text("a_b")
    'a\\\\_b'
    """
    text = text.replace("\\", r"\backslash ").replace("~", r"\sim ").replace("^", r"\wedge ")
    return re.sub(r"([#$%&_{}])", r"\\\1", text)


def tex_name(name):
    """A variable's name in LaTeX: w_1 and w1 get an index, mu a Greek letter, loss stands upright.

    >>> tex_name("w1"), tex_name("sigma"), tex_name("loss")
    ('w_{1}', '\\\\sigma', '\\\\mathrm{loss}')
    """
    stem, sub = re.fullmatch(r"(.+?)_?(\d*)", name, re.DOTALL).groups()
    if stem in GREEK:
        shown = TO_TEX[GREEK[stem]]
    elif stem in TO_TEX:
        shown = TO_TEX[stem]
    elif len(stem) == 1:
        shown = stem
    else:
        shown = rf"\mathrm{{{tex_text(stem)}}}"
    return f"{shown}_{{{sub}}}" if sub else shown


TEXT = Text()
LATEX = Latex()

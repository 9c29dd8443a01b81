"""The parts of an equation, written in any vocabulary. Imported by renderers."""

from engine.symbols import Sym
from explain.render.notation import Writer, leading_minus, negated, shape_of
from explain.render.outline import Derivative, Form, Name, Numbers, Path, Slope, Value
from explain.render.templates import OPEN, PRODUCT

MOST = 8  # terms or factors that are shown one by one


def equation(words, line):
    """A line's parts, equal signs between them, repetitions left out."""
    return words.equal(parts(words, line))


def parts(words, line):
    """A line's parts in order, each once."""
    return list(dict.fromkeys(written(words, part) for part in line.parts))


def written(words, part):
    """One part of an equation."""
    if isinstance(part, Name):
        return words.symbol(part.name)
    if isinstance(part, Slope):
        return slope(words, part)
    if isinstance(part, Derivative):
        return words.derivative(Writer(words).write(part.of.expr)[0], part.wrt)
    if isinstance(part, Path):
        return _multiplied(words, [slope(words, each) for each in part.slopes])
    if isinstance(part, Sym):
        return Writer(words).write(part.expr)[0]
    if isinstance(part, Form):
        return form(words, part, {})
    if isinstance(part, Numbers):
        return form(words, part.form, dict(part.numbers))
    if isinstance(part, Value):
        return words.value(part.shown)
    raise TypeError(f"an equation can't hold a {type(part).__name__}")


def slope(words, part):
    """A derivative's label, with what it goes by way of and the entry that is meant."""
    out = words.slope(part.of, part.wrt)
    if part.index is not None:
        out = words.indexed(out, [words.literal(", ".join(map(str, part.index)))])
    return words.via(out, part.via) if part.via else out


def form(words, part, numbers):
    """A sum of products as it was put together, factor by factor."""
    writer = Writer(words, numbers)
    signed = [_term(writer, term, len(part.terms) > 1 or part.over is not None) for term in abridged(part.terms)]
    if len(signed) < len(part.terms):
        signed.insert(-1, (1, words.plain(f"… {len(part.terms) - len(signed)} more terms …")))
    if len(signed) == 1 and part.over is None:
        return signed[0][1]
    if signed[0][0] < 0:
        signed[0] = (1, words.negative(signed[0][1]))
    out = words.sum(signed)
    if part.over is None:
        return out
    return words.over(words.within_fraction(out, 0, True), words.within_fraction(*writer.write(part.over.expr), False))


def _term(writer, term, among_others):
    """(sign, text) of one product."""
    words = writer.words
    if len(term) == 1:
        expr = term[0].expr
        if not among_others:
            return 1, writer.write(expr)[0]
        return (-1, writer.at(negated(expr), OPEN)) if leading_minus(expr) else (1, writer.at(expr, OPEN))
    exprs = [factor.expr for factor in term]
    sign = -1 if among_others and leading_minus(exprs[0]) else 1
    exprs[0] = negated(exprs[0]) if sign < 0 else exprs[0]
    return sign, _multiplied(words, [writer.at(expr, PRODUCT) for expr in exprs],
                             [not writer.numbers and bool(shape_of(expr)) for expr in exprs])  # fmt: skip


def _multiplied(words, pieces, arrays=()):
    """A product of pieces; between two arrays stands ⊙."""
    if len(pieces) > MOST:
        left_out = words.plain(f"… {len(pieces) - 4} more …")
        return _multiplied(words, [*pieces[:3], left_out, pieces[-1]])
    out = pieces[0]
    for at, piece in enumerate(pieces[1:]):
        out = (words.hadamard if arrays and arrays[at] and arrays[at + 1] else words.times)(out, piece)
    return out


def abridged(pieces):
    """The first few pieces and the last one, where there are many."""
    return list(pieces) if len(pieces) <= MOST else [*pieces[:3], pieces[-1]]

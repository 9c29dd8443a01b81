"""Passes over sums and products of entries: factoring, multiplying out, whichever is shorter."""

import math
from functools import lru_cache
from itertools import product as choices

from sympy import Add, Mul, Rational, S

from engine.symbols.substitute import product_of
from explain.cost import cost, digits
from explain.rewrite.terms import CACHED, power, powers, product, scaled, terms, total
from explain.rewrite.walk import proposal, walk

MOST_TERMS = 24  # of a product multiplied out, and of a sum that is searched for factors
TRIED = 2  # factors that a sum is searched by to the end


@lru_cache(maxsize=CACHED)
def multiplied_out(expr):
    """Products with sums written as sums of products, if that takes no more than a few terms.

    >>> from engine.symbols import symbol
    >>> a, b, c = (symbol(name, ()).expr for name in "abc")
    >>> multiplied_out(a * (b + c))
    a*b + a*c
    """
    if expr.is_Add:
        return Add(*(scaled(number, multiplied_out(term)) if not term.is_Mul and not term.is_Pow
                     else multiplied_out(scaled(number, term)) for term, number in terms(expr).items()))  # fmt: skip
    plain, sums, count = [], [], 1
    for factor in Mul.make_args(expr):
        base, exponent = power(factor)
        if base.is_Add and exponent.is_Integer and 0 < exponent <= 3:
            for _time in range(int(exponent)):
                sums.append(base.args)
                count *= len(base.args)
        else:
            plain.append(factor)
    if not sums or count > MOST_TERMS:
        return expr
    front = Mul(*plain)
    return Add(*(Mul(front, *picked) for picked in choices(*sums)))


@proposal("*", name="multiplying out", reason="products are multiplied out so that terms cancel", of=("+",))
def spread_product(expr, _facts):
    """All sums multiplied out, or one of them, whose terms may cancel against the others as they stand."""
    spread = multiplied_out(expr)
    if spread == expr:
        return None
    sums = [factor for factor in expr.args if factor.is_Add]
    if len(sums) < 2:
        return spread
    ones = []
    for each in sums:
        front = [factor for factor in expr.args if factor != each]
        ones.append(Add(*(Mul(*front, term) for term in each.args)))
    return [spread, *ones]


@proposal("+", name="multiplying out", reason="products are multiplied out so that terms cancel", of=("+",))
def spread_sum(expr, _facts):
    spread = multiplied_out(expr)
    return spread if spread != expr else None


@proposal("+", name="multiplying out and factoring",
          reason="products are multiplied out, then factors taken out", of=("+",))  # fmt: skip
def spread_and_factored(expr, facts):
    spread = multiplied_out(expr)
    return factored(spread) if spread.is_Add and spread != expr and _gains(expr, spread, facts) else None


@proposal("*", name="multiplying out and factoring",
          reason="products are multiplied out, then factors taken out", of=("+",))  # fmt: skip
def product_refactored(expr, facts):
    spread = multiplied_out(expr)
    return factored(spread) if spread.is_Add and _gains(expr, spread, facts) else None


def _gains(expr, spread, facts):
    """Whether something met when an expression was multiplied out: else factoring only undoes that."""
    expected = 0
    for term in Add.make_args(expr):
        count = 1
        for factor in Mul.make_args(term):
            base, exponent = power(factor)
            if base.is_Add and exponent.is_Integer and 0 < exponent <= 3:
                count *= len(base.args) ** int(exponent)
        expected += count
    if len(spread.args) < expected:
        return True
    if any(part.is_Pow and part.args[1].is_negative for term in Add.make_args(expr) for part in _parts(term)):
        return True  # a denominator may have met its numerator
    return any(walk(term, facts, explore=False)[0] != term for term in spread.args)


def _parts(term):
    """The factors of a product, and those of the terms of its sums."""
    for factor in Mul.make_args(term):
        yield factor
        if factor.is_Add:
            for inner in factor.args:
                yield from Mul.make_args(inner)


@proposal("*", "**", name="clearing denominators",
          reason="numerator and denominator are multiplied by the same", of=("+",))  # fmt: skip
def cleared(expr, _facts):
    """1/(1 + x²/n) = n/(n + x²): what divides a term of a sum moves out of the sum."""
    number, found = powers(expr)
    out = dict(found)
    for base in found:
        exponent = out[base]  # one base may stand in the denominators of another
        if not base.is_Add or not exponent.is_Integer or not exponent:
            continue
        below = {}
        for term in terms(base):
            for part, inside in powers(term)[1].items():
                if inside < 0 and inside.is_Integer:
                    below[part] = min(below.get(part, S.Zero), inside)
        if not below:
            continue
        inside = Add(*(multiplied(n, term, below) for term, n in terms(base).items()))
        del out[base]
        out[inside] = out.get(inside, S.Zero) + exponent
        for part, lowest in below.items():
            out[part] = out.get(part, S.Zero) + lowest * exponent
    if out == found:
        return None
    return product(number, {base: exponent for base, exponent in out.items() if exponent != 0})


def multiplied(number, term, below):
    """A term times the denominators."""
    inside, found = powers(term)
    for part, lowest in below.items():
        found[part] = found.get(part, S.Zero) - lowest
    return product(number * inside, {base: exponent for base, exponent in found.items() if exponent != 0})


@proposal("+", name="factoring", reason="a factor shared by several terms is taken out")
def factored_sum(expr, _facts):
    return factored(expr)


@proposal("*", name="factoring", reason="a factor shared by several terms is taken out", of=("+",))
def factored_factor(expr, _facts):
    """a (b c − b) = a b (c − 1): what a sum shares joins the factors around it."""
    found = []
    for part in expr.args:
        if part.is_Add:
            taken = factored(part)
            if taken is not None and taken.is_Mul:
                found.append(product_of([other for other in expr.args if other is not part] + [taken]))
    return found or None


@lru_cache(maxsize=4096)
def factored(expr):
    """The cheapest way found to take shared factors out of a sum, as written; None if nothing is shared.

    What is left over is factored in turn for the most promising factors alone: trying all would take exponential time.
    """
    found = terms(expr)
    if not 2 <= len(found) <= MOST_TERMS:
        return None
    split = [(number, powers(term)[1]) for term, number in found.items()]
    best, common = None, _common(split)
    shared = _shared(split)
    if len(shared) > TRIED:
        shared = sorted(shared, key=lambda key: cost(_taken_out(split, common, *key, rest=lambda expr: expr)))[:TRIED]
    for base, sign in shared:
        candidate = _taken_out(split, common, base, sign)
        if best is None or cost(candidate) < cost(best):
            best = candidate
    for candidate in (_all_taken_out(common), _number_taken_out(split)):
        if candidate is not None and (best is None or cost(candidate) < cost(best)):
            best = candidate
    return best


def _shared(split):
    """(base, sign of its exponent) that at least two terms have."""
    counts = {}
    for _number, found in split:
        for base, exponent in found.items():
            key = base, 1 if exponent > 0 else -1
            counts[key] = counts.get(key, 0) + 1
    return [key for key, count in counts.items() if count > 1]


def _taken_out(split, common, base, sign, rest=None):
    """base · (what remains of the terms that have it) + the other terms, which `rest` (factored) takes further."""
    inside, outside = [], []
    for number, found in split:
        (inside if sign * found.get(base, 0) > 0 else outside).append((number, found))
    if not outside:
        return _times(*common)
    least = sign * min(sign * found[base] for _number, found in inside)
    front = {base: least}
    for other in inside[0][1]:
        if other != base and all(other in found for _number, found in inside):
            exponents = [found[other] for _number, found in inside]
            if all(x > 0 for x in exponents):
                front[other] = min(exponents)
            elif all(x < 0 for x in exponents):
                front[other] = max(exponents)
    number, total_inside = _content([(number, _divided(found, front)) for number, found in inside])
    return Add(_times(number, front, total_inside), (rest or _refactored)(_sum(outside)))


def _refactored(expr):
    return (factored(expr) or expr) if expr.is_Add else expr


def _common(split):
    """(number, powers, what remains of the sum) if all terms share powers; else None."""
    first = split[0][1]
    front = {}
    for base in first:
        exponents = [found.get(base, S.Zero) for _number, found in split]
        if all(x > 0 for x in exponents):
            front[base] = min(exponents)
        elif all(x < 0 for x in exponents):
            front[base] = max(exponents)
    if not front:
        return None
    number, inside = _content([(number, _divided(found, front)) for number, found in split])
    return number, front, inside


def _all_taken_out(common):
    """What all terms share, as one factor."""
    if common is None:
        return None
    number, front, inside = common
    return _times(number, front, _refactored(inside))


def _times(number, front, inside):
    """number · front · inside, where what is inside may be one of the factors in front: (u + 2)(u + 2)."""
    return product(number, {**front, inside: front.get(inside, S.Zero) + S.One})


def _number_taken_out(split):
    if _shared_number(split) is S.One:
        return None
    number, inside = _content(split)
    return scaled(number, inside)


def _divided(found, front):
    rest = dict(found)
    for base, exponent in front.items():
        left = rest[base] - exponent
        if left == 0:
            del rest[base]
        else:
            rest[base] = left
    return rest


def _content(split):
    """(number, rest): the number that all terms share, and the sum of what is left."""
    shared = _shared_number(split)
    if shared is S.One:
        return shared, _sum(split)
    return shared, _sum([(number / shared, found) for number, found in split])


def _shared_number(split):
    """The number that the coefficients of all terms have as a factor, negative if all are."""
    numbers = [number for number, _found in split]
    if not all(number.is_Rational for number in numbers):
        return S.One
    over, under = math.gcd(*(number.p for number in numbers)), math.lcm(*(number.q for number in numbers))
    shared = S.One if over == under == 1 else Rational(over, under)
    if shared is not S.One and sum(digits(number / shared) for number in numbers) > sum(map(digits, numbers)):
        shared = S.One  # 0.134x² + 1 rather than (134x² + 1000)/1000
    return -shared if all(number.is_negative for number in numbers) else shared


def _sum(split):
    return Add(*(product(number, found) for number, found in split))


__all__ = ["factored", "multiplied_out", "total"]

"""Passes over functions of entries: definitions folded back to the functions that books name."""

import sympy
from sympy import S

from engine.op import REGISTRY
from engine.ops.softmax import logsumexp, softmax
from engine.symbols import Structure, Sym, shape_of
from engine.symbols.sym import apply
from explain.rewrite.axes import operand
from explain.rewrite.terms import powers, product, signs_inverted, terms, total
from explain.rewrite.walk import proposal, rule


def made(name, expr, shape=None):
    """The operation `name` of an elementwise function on an expression, or None where it isn't declared."""
    op = REGISTRY.get(name)
    if op is None:
        return None
    return apply(op, [Sym(expr, shape_of(expr) if shape is None else shape)], {}).expr


def argument(expr, name):
    """x where expr is the operation `name` of x, else None."""
    return expr.operands[0] if isinstance(expr, Structure) and expr.operation == name else None


def one_plus_exp(expr):
    """u where expr is 1 + exp(u), else None."""
    if not (expr.is_Add and len(expr.args) == 2 and S.One in expr.args):
        return None
    (other,) = [part for part in expr.args if part is not S.One]
    return other.args[0] if isinstance(other, sympy.exp) else None


@rule("**", name="sigmoid", reason="1/(1 + exp(−z)) is σ(z)")
def reciprocal_sigmoid(expr, _facts):
    base, exponent = expr.args
    u = one_plus_exp(base)
    if u is None or exponent != -1:
        return None
    return made("sigmoid", signs_inverted(u))


@rule("*", name="sigmoid", reason="1/(1 + exp(−z)) is σ(z), and exp(z)/(1 + exp(z)) too", of=("+",))
def sigmoid_in_product(expr, _facts):
    number, found = powers(expr)
    for base, exponent in found.items():
        u = one_plus_exp(base)
        if u is None or not exponent.is_Integer or exponent >= 0:
            continue
        rest = {other: power for other, power in found.items() if other != base}
        top = sympy.exp(u)
        if rest.get(top, 0) > 0:
            return _with_power(number, rest, {top: -1}, made("sigmoid", u), base, exponent)
        return _with_power(number, rest, {}, made("sigmoid", signs_inverted(u)), base, exponent)
    return None


def _with_power(number, rest, change, sigma, base, exponent):
    """The product with one 1/base replaced by sigma."""
    if sigma is None:
        return None
    out = dict(rest)
    for other, power in change.items():
        out[other] = out[other] + power
    out[base] = exponent + 1
    out[sigma] = out.get(sigma, S.Zero) + 1
    return product(number, {other: power for other, power in out.items() if power != 0})


@rule("*", name="sigmoid", reason="exp(−z) σ(z) is 1 − σ(z)", of=("sigmoid",))
def exp_times_sigmoid(expr, _facts):
    number, found = powers(expr)
    for base, exponent in found.items():
        z = argument(base, "sigmoid")
        if z is None or exponent <= 0:
            continue
        falling = sympy.exp(signs_inverted(z))
        if found.get(falling, 0) > 0:
            rest = dict(found)
            rest[falling] -= 1
            rest[base] -= 1
            complement = 1 - base
            rest[complement] = rest.get(complement, S.Zero) + 1
            return product(number, {other: power for other, power in rest.items() if power != 0})
    return None


@proposal("+", name="sigmoid", reason="1 − σ(z) is σ(−z)", of=("sigmoid",))
def complement_of_sigmoid(expr, _facts):
    """c − c σ(z) = c σ(−z)."""
    found = terms(expr)
    for term, number in found.items():
        z = argument(term, "sigmoid")
        if z is not None and found.get(S.One) == -number:
            rest = {other: n for other, n in found.items() if other != term and other != S.One}
            rest[made("sigmoid", signs_inverted(z))] = -number
            return total(rest)
    return None


@rule("*", name="sigmoid", reason="σ(z) σ(−z) is σ(z)(1 − σ(z))", quiet=True, of=("sigmoid",))
def sigmoid_and_complement(expr, _facts):
    number, found = powers(expr)
    for base, exponent in found.items():
        z = argument(base, "sigmoid")
        if z is None or exponent <= 0 or z.could_extract_minus_sign():
            continue
        other = made("sigmoid", signs_inverted(z))
        if found.get(other, 0) > 0:
            rest = {part: power for part, power in found.items() if part != other}
            rest[1 - base] = rest.get(1 - base, S.Zero) + found[other]
            return product(number, rest)
    return None


@rule("*", name="softmax", reason="exp(z)/Σ exp(z) is softmax(z)", of=("sum",))
def exp_over_sum(expr, _facts):
    number, found = powers(expr)
    for base, exponent in found.items():
        if exponent >= 0 or not (isinstance(base, Structure) and base.operation == "sum"):
            continue
        top = base.operands[0]
        if not isinstance(top, sympy.exp) or found.get(top, 0) <= 0:
            continue
        x = operand(base)
        if shape_of(top) != x.shape or not (base.params["keepdim"] or len(base.params["dim"]) == len(x.shape)):
            continue
        share = softmax(Sym(top.args[0], x.shape), dim=base.params["dim"]).expr
        rest = dict(found)
        rest[top] -= 1
        rest[base] += 1
        rest[share] = rest.get(share, S.Zero) + 1
        return product(number, {other: power for other, power in rest.items() if power != 0})
    return None


@rule("log", name="log-sum-exp", reason="log Σ exp(z) is logsumexp(z)")
def log_of_sum_of_exp(expr, _facts):
    (inner,) = expr.args
    if not (isinstance(inner, Structure) and inner.operation == "sum" and isinstance(inner.operands[0], sympy.exp)):
        return None
    x = operand(inner)
    if shape_of(inner.operands[0]) != x.shape:
        return None
    return logsumexp(Sym(inner.operands[0].args[0], x.shape), **inner.params).expr


@rule("sum", name="rows of a softmax", reason="a softmax sums to one along its axis")
def sum_of_softmax(expr, _facts):
    inner = expr.operands[0]
    if not (isinstance(inner, Structure) and inner.operation == "softmax" and inner.shape == expr.operand_shapes[0]):
        return None
    return S.One if set(inner.params["dim"]) == set(expr.params["dim"]) else None


@rule("exp", name="softmax", reason="exp(z − logsumexp(z)) is softmax(z)")
def exp_of_log_softmax(expr, _facts):
    (inner,) = expr.args
    x = argument(inner, "log_softmax")
    if x is not None:
        return softmax(operand(inner), dim=inner.params["dim"]).expr
    for term, number in terms(inner).items():
        if number == -1 and isinstance(term, Structure) and term.operation == "logsumexp":
            rest = terms(inner)
            del rest[term]
            z = operand(term)
            kept = term.params["keepdim"] or len(term.params["dim"]) == len(z.shape)
            if kept and total(rest) == z.expr:
                return softmax(z, dim=term.params["dim"]).expr
    return None


RATIOS = {sympy.cosh: (sympy.sinh, sympy.tanh), sympy.cos: (sympy.sin, sympy.tan)}


@rule("*", name="tangent", reason="sin(x)/cos(x) is tan(x), and sinh(x)/cosh(x) is tanh(x)", of=("cos", "cosh"))
def ratio_as_tangent(expr, _facts):
    number, found = powers(expr)
    for base, exponent in found.items():
        if type(base) not in RATIOS or exponent >= 0:
            continue
        above, tangent = RATIOS[type(base)]
        _sign, top = above(base.args[0]).as_coeff_Mul()
        if found.get(top, 0) > 0:
            sign, ratio = tangent(top.args[0]).as_coeff_Mul()
            rest = {**found, top: found[top] - 1, base: exponent + 1, ratio: found.get(ratio, S.Zero) + 1}
            return product(number * sign, {other: power for other, power in rest.items() if power != 0})
    return None


@rule("*", name="sign and size", reason="sign(x)/|x| is 1/x, and sign(x)|x| is x", of=("sign",))
def sign_of_absolute(expr, _facts):
    number, found = powers(expr)
    for base, exponent in found.items():
        if isinstance(base, sympy.sign) and exponent > 0:
            x = base.args[0]
            size = next((other for other in found if isinstance(other, sympy.Abs) and other.args[0] in (x, -x)), None)
            if size is not None and found[size].is_Integer:
                step = S.One if found[size] > 0 else -S.One
                rest = {**found, base: exponent - 1, size: found[size] - step, x: found.get(x, S.Zero) + step}
                return product(number, {other: power for other, power in rest.items() if power != 0})
    return None


@rule("*", name="rectifier", reason="relu(x) is zero wherever [x > 0] is", of=("gt", "ge", "lt", "le"))
def mask_of_rectifier(expr, _facts):
    """[x > 0] relu(x) = relu(x), and a bracket times itself is itself."""
    number, found = powers(expr)
    for base, exponent in found.items():
        if not (isinstance(base, Structure) and base.operation in ("gt", "ge", "lt", "le")):
            continue
        if exponent.is_Integer and exponent > 1:
            return product(number, {**found, base: S.One}), "a bracket is 0 or 1, so it is its own square"
        x = argument_of_mask(base)
        if x is not None and exponent == 1 and found.get(made("relu", x), 0) > 0:
            return product(number, {other: power for other, power in found.items() if other != base})
    return None


def argument_of_mask(expr):
    """x where expr is [x > 0]."""
    left, right = expr.operands
    return left if expr.operation == "gt" and right == 0 else None


@rule("*", name="powers of one base", reason="exponents of the same base add up", of=("**",))
def same_base(expr, _facts):
    """b^m b^w = b^(m + w), w being a whole expression."""
    number, found = powers(expr)
    for factor in found:
        if not factor.is_Pow or found[factor] != 1 or not found.get(factor.base, S.Zero).is_Integer:
            continue
        own = found.get(factor.base)
        if own is None or own <= 0:
            continue
        rest = {other: n for other, n in found.items() if other not in (factor, factor.base)}
        exponent = total({**(have := terms(factor.exp)), S.One: have.get(S.One, S.Zero) + own})
        merged = factor.base**exponent
        base, power_ = (merged, S.One) if not exponent.is_Rational else (factor.base, exponent)
        rest[base] = rest.get(base, S.Zero) + power_
        return product(number, rest)
    return None

"""Arrays as SymPy's symbols and nodes: what SymPy is told about them at once is what it would find out itself."""

import pytest
import sympy
from sympy.core.assumptions import StdFactKB

from engine.ops.products import matmul
from engine.symbols import symbol
from engine.symbols.arrays import applied
from engine.symbols.sym import times

FACTS = sorted(StdFactKB({}).rules.defined_facts)


@pytest.mark.parametrize("assumed", [{"real": True}, {"positive": True}, {"real": True, "nonzero": True}])
def test_an_array_is_known_to_be_what_a_symbol_is(assumed):
    plain = sympy.Symbol("x", **assumed)
    array = symbol("x", (3, 3), **assumed).expr
    assert {fact: getattr(array, f"is_{fact}") for fact in FACTS} == {
        fact: getattr(plain, f"is_{fact}") for fact in FACTS
    }


def test_a_node_is_known_to_be_real_and_no_more():
    class Unknown(sympy.Expr):
        is_commutative = is_real = is_extended_real = True

    node, plain = matmul(symbol("A", (3, 3)), symbol("B", (3, 3))).expr, Unknown(sympy.Symbol("x"))
    assert len(FACTS) > 20
    for fact in FACTS:
        assert getattr(node, f"is_{fact}") == getattr(plain, f"is_{fact}"), fact


def test_functions_are_what_sympy_makes_of_them():
    a, b, p = symbol("a", (2,)).expr, symbol("b", (2,)).expr, symbol("p", (2,), positive=True).expr
    A = matmul(symbol("A", (2, 2)), symbol("x", (2,))).expr
    x = sympy.Rational(1, 2)
    for arg in (a + b, -a - b, a - b, b - a, a + 1, -1 - a, a + sympy.pi, p + p**2, A + b, -A, A - x * b, a * (a + b),
                x + sympy.sqrt(2), a, sympy.atanh(a), sympy.atanh(a) + b, sympy.S.Zero):  # fmt: skip
        for function in (sympy.tanh, sympy.sin, sympy.exp, sympy.Abs):
            assert applied(function, arg) == function(arg)
    assert not applied(sympy.Abs, 2**a).has(sympy.re)


def test_a_number_stands_in_front_of_a_product_as_sympy_puts_it_there():
    a, b, n = symbol("a", (2,)).expr, symbol("b", (2,)).expr, sympy.Symbol("n", integer=True, positive=True)
    half, root, S = sympy.Rational(1, 2), sympy.sqrt(2), sympy.S
    numbers = [S.One, S.NegativeOne, S(2), half, -3 * half, S.Zero, sympy.Float(0.5), sympy.pi, S.Infinity, S.NaN, root]
    # fmt: off
    rests = [a, a * b, 2 * a, -a, a**2, 1 / a, 2**a, half**a, root, root * a, sympy.sqrt(a), sympy.sqrt(2 * a), n / 2,
             sympy.exp(a), sympy.exp(2), (a + b) ** 2, a * (a + b), n, sympy.pi * a, *numbers, S.ComplexInfinity]
    # fmt: on
    for number in numbers:
        for rest in rests:
            for made in (times(number, rest), times(rest, number)):
                assert made == number * rest and made.args == (number * rest).args
    assert times(half, a + b) == times(a + b, half) == sympy.Mul(half, a + b, evaluate=False)

"""SymPy expressions as candidates: in the explanation's symbols, or in plain ones of the same names.

Imported by explain.candidates when it meets one.
"""

import sympy

from engine.symbols import ArraySymbol, Structure, Sym, evaluate, shape_of, substitute
from engine.symbols.evaluate import functions
from explain.candidates import Candidate
from explain.cost import length
from explain.tokens import InputError, first_line

LARGEST = 3000  # parts of an expression


def of_sympy(given, explanation, sizes):
    """A Candidate of a SymPy expression; `*` is elementwise, as in the explanation's own formula."""
    shown = str(given)
    shown = shown if len(shown) <= 120 else "the SymPy expression"
    if isinstance(given, sympy.MatrixBase | sympy.MatrixExpr):
        raise InputError(
            f"{shown} is one of SymPy's own matrices, which don't have NumPy's products; write it as text with @ and *"
        )
    if not isinstance(given, sympy.Expr):
        raise InputError(f"{shown} is not an expression; give the derivative itself, without an equals sign")
    given = without_cotangents(given, explanation)
    if sum(1 for _part in sympy.preorder_traversal(given)) > LARGEST:
        raise InputError(f"the expression has more than {LARGEST} parts; simplify it")
    known = symbols_of(explanation)
    replacements = {}
    for symbol in given.free_symbols:
        if isinstance(symbol, ArraySymbol) and symbol in known.values():
            continue
        if symbol.name in known:
            replacements[symbol] = known[symbol.name]
        elif symbol.name in sizes:
            replacements[symbol] = sympy.Integer(sizes[symbol.name])
        else:
            names = ", ".join(sorted(known))
            raise InputError(f"{symbol.name} is not a variable of this explanation; there are {names}")
    expr = substitute(given, replacements) if replacements else given
    for part in sympy.preorder_traversal(expr):
        if isinstance(part, sympy.Function) and type(part) not in functions():
            raise InputError(f"the function {type(part).__name__} isn't known here; write it as text or by others")
    by_name = {value: name for name, value in known.items()}

    def on(names, seconds=None):
        values = {symbol: names[name] for symbol, name in by_name.items() if name in names}
        try:
            return evaluate(expr, values)
        except Exception as error:
            raise InputError(f"{shown} can't be worked out: {first_line(error)}") from error

    return Candidate("sympy", shown, on, expr=Sym(expr, shape_of(expr)))


def without_cotangents(given, explanation):
    """An expression with what stands for a derivative, such as ∂loss/∂h, written out, as long as that is short."""
    derivation = explanation.derivation
    for _round in derivation.by_cotangent:
        found = given.free_symbols & derivation.by_cotangent.keys()
        if not found or length(given) > LARGEST:
            break
        values = {atom: derivation.cotangents[derivation.by_cotangent[atom]].expr for atom in found}
        given = substitute(given, values)
    return given


def symbols_of(explanation):
    """name -> the explanation's symbol, its letters included."""
    derivation = explanation._derivation
    program = derivation.program
    found = {str(letter): letter for letter in program.letters.sizes}
    if derivation.seed.expr.is_Symbol:
        found[derivation.seed.expr.name] = derivation.seed.expr
    for node, name in program.names.items():
        value = program.symbols[node]
        if isinstance(value, Sym):
            found[name] = value.expr
    return found


__all__ = ["Structure", "of_sympy", "symbols_of"]

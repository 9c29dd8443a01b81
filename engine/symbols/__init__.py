"""Arrays as SymPy expressions with NumPy's meaning: `*` is the Hadamard product, shapes broadcast.

An array is a commuting real symbol that carries a shape; structure (sums over axes, matrix products) is
a node that names an operation of the registry. This package is what rules are read on for formulas.
"""

from engine.symbols.arrays import ArraySymbol, is_number, letter, shape_of, symbols_in
from engine.symbols.evaluate import evaluate
from engine.symbols.exact import exact
from engine.symbols.structure import Structure
from engine.symbols.substitute import substitute
from engine.symbols.sym import Sym, lift, symbol

__all__ = [
    "ArraySymbol", "Structure", "Sym", "evaluate", "exact", "is_number", "letter", "lift", "shape_of", "substitute",
    "symbol", "symbols_in",
]  # fmt: skip

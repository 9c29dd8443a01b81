"""A formula with numbers in place of symbols, at one entry. Imported by explain.explanation."""

import numpy as np

from engine.symbols import ArraySymbol, Structure, evaluate
from explain.steps import Numbers


def numbers_of(formula, program):
    """The formula at its first entry, or None where it isn't elementwise (an entry then needs whole arrays)."""
    expr = formula.expr
    shape = program.sizes_of(formula.shape)
    if not shape or 0 not in shape:
        atoms = expr.atoms(ArraySymbol)
        letters = expr.free_symbols - atoms
        if expr.has(Structure) or not letters <= program.letters.sizes.keys() or not atoms <= program.by_symbol.keys():
            return None
        values = {atom: np.asarray(program.by_symbol[atom].output, dtype=float) for atom in atoms}
        index = (0,) * len(shape)
        numbers = tuple(
            (atom, float(np.broadcast_to(values[atom], shape)[index]))
            for atom in sorted(atoms, key=lambda x: x.name)
        )
        sizes = {size: program.letters.sizes[size] for size in sorted(letters, key=str)}
        numbers += tuple((size, float(value)) for size, value in sizes.items())
        result = np.broadcast_to(np.asarray(evaluate(expr, {**values, **sizes}), dtype=float), shape)
        everywhere = all(np.all(value == value.flat[0]) for value in values.values() if value.size)
        return Numbers(expr, index, numbers, float(result[index]), everywhere)
    return None

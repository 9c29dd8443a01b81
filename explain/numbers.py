"""A formula with numbers in place of symbols, at one entry. Imported by explain.explanation."""

import numpy as np

from engine.symbols import ArraySymbol, Structure, evaluate
from explain.steps import Numbers


def numbers_of(formula, program):
    """The formula at its first entry, or None where it isn't elementwise (an entry then needs whole arrays)."""
    expr = formula.expr
    if not formula.shape or 0 not in formula.shape:
        atoms = expr.atoms(ArraySymbol)
        if expr.has(Structure) or not all(atom in program.by_symbol for atom in atoms):
            return None
        values = {atom: np.asarray(program.by_symbol[atom].output, dtype=float) for atom in atoms}
        index = (0,) * len(formula.shape)
        numbers = tuple(
            (atom, float(np.broadcast_to(values[atom], formula.shape)[index]))
            for atom in sorted(atoms, key=lambda x: x.name)
        )
        result = np.broadcast_to(np.asarray(evaluate(expr, values), dtype=float), formula.shape)
        everywhere = all(np.all(value == value.flat[0]) for value in values.values() if value.size)
        return Numbers(expr, index, numbers, float(result[index]), everywhere)
    return None

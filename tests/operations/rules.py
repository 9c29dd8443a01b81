"""The rule of an operation in symbols: its VJP rule run on symbols, in the names that the rule itself uses."""

import inspect
from collections import namedtuple

import numpy as np
import sympy
from checks import is_array, made_of_several, numbers, wanted
from samples import arrays, generator

from engine.op import Every
from engine.symbols import letter, symbol
from engine.tape import Outputs, Parts
from explain.render.notation import text

Rule = namedtuple("Rule", "operand formula shapes params")
Rule.__doc__ = "One rule: the operand's name, its cotangent's formula, the shapes and the parameters that it is for."
SIZES = {2: "m", 3: "n", 4: "k", 5: "l", 6: "p"}


def rules_of(op):
    """The rules of all operands, each from the first sample that differentiates it."""
    found = {}
    plain_first = sorted(enumerate(op.samples), key=lambda sample: not all_arrays(sample[1]))
    for number, (args, params) in plain_first:
        values = arrays(op, (args, params), generator(op, number))
        missing = [at for at in wanted(op, values) if at not in found and np.size(values[at])]
        if missing:
            made = _run(op, values, params, missing)
            found.update(made)
    return [found[at] for at in sorted(found)]


def all_arrays(sample):
    return not any(isinstance(arg, (int, float)) for arg in sample[0])


def _run(op, values, params, positions):
    """The rules on symbols whose sizes are letters, or numbers where a parameter fixes them."""
    for sizes in (SIZES, {}):
        try:
            return _run_with(op, values, params, positions, sizes)
        except Exception as error:
            failed = error
    raise AssertionError(f"the rule of {op.name} doesn't run on symbols") from failed


def _run_with(op, values, params, positions, sizes):
    names = operand_names(op)
    cotangent, output, *others = names
    shapes = [tuple(letter(sizes[n]) if n in sizes else n for n in np.shape(value)) for value in values]
    operands = [symbol(others[at], shape) if is_array(value) else value
                for at, (value, shape) in enumerate(zip(values, shapes))]  # fmt: skip
    made = op.shape(*shapes, **params)
    if made_of_several(op, values, params):
        floats = [y.dtype.kind == "f" for y in numbers(op, values, params)]
        ys = [symbol(f"{output}{subscript(at)}", shape) for at, shape in enumerate(made)]
        g = Parts({at: symbol(f"{cotangent}{subscript(at)}", shape)
                   for at, shape in enumerate(made) if floats[at]})  # fmt: skip
        y = Outputs(ys)
    else:
        g, y = symbol(cotangent, made), symbol(output, made)
    found = {}
    for at in positions:
        pulled = op.vjp[at](g, y, *operands, **params)
        where = {name: shape for name, shape, value in zip(others, shapes, values) if is_array(value)}
        found[at] = Rule(others[at], text(sympy.sympify(pulled.expr)), where, params)
    return found


def subscript(number):
    return "₀₁₂₃₄₅₆₇₈₉"[number]


def operand_names(op):
    """(cotangent, output, operands ...) as the first rule of the operation calls them."""
    rule = op.vjp.rule if op.vjp.__class__ is Every else next(filter(None, op.vjp))
    given = list(inspect.signature(rule).parameters.values())
    if op.vjp.__class__ is Every:
        given = given[1:]
    plain = [p.name.lstrip("_") for p in given if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "params"]
    named = plain[2:]
    if any(p.kind is p.VAR_POSITIONAL for p in given):
        if named:
            named += [f"i{subscript(at)}" for at in range(1, 9)]
        else:
            count = max(len(args) for args, _params in op.samples)
            named = UNNAMED.get(count) or [f"x{subscript(at)}" for at in range(1, 9)]
    return plain[0], plain[1], *(SHORT.get(name, name) for name in named)


UNNAMED = {1: ["x"], 2: ["a", "b"]}
SHORT = {"indices": "i", "index": "i", "places": "i"}

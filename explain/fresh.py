"""Fresh values of a program's leaves, at other sizes too where sizes are letters; letters that don't fit are refused.

Imported by explain.points, explain.certify, explain.trials and explain.explanation.
"""

import numpy as np

from engine.symbols.evaluate import resolved
from engine.symbols.evaluate import sizes as shape_in_numbers
from engine.tape import Node
from explain.assumptions import kept
from explain.replay import as_float64, replay

KEPT = {  # how a matrix moves of which one triangle is read
    "symmetric": lambda move: move + np.swapaxes(move, -1, -2), "lower triangle": np.tril, "upper triangle": np.triu,
}  # fmt: skip

def larger(letters):
    """Other sizes: all larger, no two alike."""
    found = {}
    for letter, size in letters.items():
        found[letter] = next(other for other in range(size + 1, size + len(letters) + 2) if other not in found.values())
    return found


def fresh_value(program, node, value, sizes, generator):
    """A leaf's values nearby, of other sizes perhaps, with what was assumed of it."""
    read = program.read_as.get(node)
    words = (*program.assumed.get(node, ()), *(("symmetric",) if read == "symmetric" else ()))
    want = shape_in_numbers(program.shape(node), sizes)
    for axis, (have, size) in enumerate(zip(value.shape, want)):
        if have != size:
            extra = np.arange(size - have) % have if have else np.zeros(0, int)
            value = np.take(value, np.concatenate([np.arange(have), extra]), axis=axis)
    now = shape_in_numbers(program.shape(node), program.letters.sizes)
    if value.dtype.kind == "f" and len(want) >= 2 and want[-1] == want[-2] != now[-1]:
        value = regular(value, node.output.shape[-1])
    # A constant of zeros and ones is a mask or a choice of classes: it keeps its values.
    if value.dtype.kind == "f" and (node in program.live or words):
        value = _moved(value, generator)
    value = kept(words, value, generator) if words else value
    return value if read in (None, "symmetric") else KEPT[read](value)


def far_value(program, node, value, sizes, generator):
    """A variable's values of other signs and sizes, where it may have any; else as fresh_value."""
    fresh = fresh_value(program, node, value, sizes, generator)
    bound = program.assumed.get(node) or program.read_as.get(node)
    free = value.dtype.kind == "f" and node in program.live and not bound
    return 1.5 * generator.standard_normal(fresh.shape) if free else fresh


def regular(value, have):
    """Square matrices that grew by repeating rows and columns, their repetitions weakened: they aren't singular."""
    value = np.array(value)
    value[..., have:, :have] *= 0.5
    value[..., :have, have:] *= 0.5
    return value


def _moved(value, generator):
    """Values nearby, of the same signs, so that they stay in the domain where the user's are."""
    nudge = 0.01 * generator.standard_normal(value.shape)
    return np.where(value == 0, nudge, value * generator.uniform(0.7, 1.3, value.shape))


def direction_at(base, drawn, kept=None):
    """A random direction as drawn, `kept` as KEPT has it; in proportion to entries that are of very different sizes.

    A step that suits the large ones would leave the domain at the small ones. An infinite entry, such as a masked
    score, stays where it is.
    """
    finite = np.isfinite(base)
    direction = np.where(finite, drawn, 0)
    if kept:
        direction = KEPT[kept](direction)
    sizes = np.abs(base[finite & (base != 0)])
    spread = sizes.size and sizes.max() > 1e3 * sizes.min()
    return direction * np.where(finite, base, 0) if spread else direction


def refuse_contradictions(program):
    """ValueError where the program can't run at other sizes that its letters allow, so that two uses must differ."""
    letters = program.letters
    if not letters.sizes or letters.notes:  # where sizes had to stay numbers, the certificate says so
        return
    sizes = larger(letters.sizes)
    generator = np.random.default_rng(5)
    values = {node: fresh_value(program, node, as_float64(node.output), sizes, generator)
              for node in program.nodes if node.op is None}  # fmt: skip
    for node in program.nodes:
        if node.op is None:
            continue
        params = {name: resolved(value, sizes) for name, value in letters.params.get(node, {}).items()}
        try:
            values = replay([node], values, {node: params} if params else {})
        except ValueError as error:
            raise ValueError(contradiction(program, node, sizes, error)) from error
        except (ArithmeticError, IndexError, RuntimeError):  # outside a domain: the certificate looks for other values
            return


def contradiction(program, node, sizes, error):
    """The sentence about sizes at which an operation doesn't run."""
    shapes = [f"({', '.join(map(str, program.shape(x)))})" for x in node.inputs if x.__class__ is Node]
    operands = f"{', '.join(shapes[:-1])} and {shapes[-1]}" if len(shapes) > 1 else shapes[0]
    at = ", ".join(f"{letter} = {size}" for letter, size in sizes.items())
    return (
        f"the sizes in dims= ({program.letters.given}) contradict the program at {node.op.name}, whose operands have "
        f"the sizes {operands}: at {at} it doesn't run ({error}){program.letters.places(operands)}; give sizes that "
        "must be equal one letter, and a size that can't vary its number"
    )

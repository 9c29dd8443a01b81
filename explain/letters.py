"""Sizes as letters: the shapes of leaves as the user names them, carried through every operation's shape rule.

Imported by explain.program. A size that can't be carried stays a number, and a note says so.
"""

import itertools
import math
import re
from dataclasses import dataclass, field

from engine.op import ShapeError
from engine.ops.constants import identity
from engine.origin import Recipe
from engine.symbols import letter
from engine.tape import Node, Outputs

TRIED = 256  # choices of sizes for leaves that dims= leaves out
OPTIONS = 9  # of one leaf
SIZED = {"size", "shape", "sizes"}  # parameters that hold an output's sizes
AXES = {"dim", "dims", "axis", "axes", "order", "offset"}  # and those that tell axes


@dataclass
class Letters:
    """shapes: node -> sizes; params: node -> parameters in letters; sizes: letter -> int; notes: sentences;
    numbers: the nodes whose sizes stay numbers.
    """

    shapes: dict = field(default_factory=dict)
    params: dict = field(default_factory=dict)
    sizes: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    numbers: set = field(default_factory=set)
    uses: dict = field(default_factory=dict)  # letter -> where it was first given
    given: str = ""  # dims= as the user wrote it

    @property
    def fixed(self):
        """Whether no size may vary."""
        return not self.sizes

    def fit(self, outputs):
        """Whether what has numbers for sizes has these in a run at other sizes: a mask chooses as many as it finds."""
        return all(_plain(outputs[node]) == _plain(node.output) for node in self.numbers)

    def places(self, sentence):
        """Where the letters that stand in a sentence come from."""
        words = re.findall(r"[^\W\d]\w*", sentence)
        found = [f"{letter} is the size of {self.uses[letter]}" for letter in self.uses if str(letter) in words]
        return f"; {' and '.join(found)}" if found else ""


def lettered(nodes, dims, names):
    """The Letters of a tape whose leaves' sizes are given as `dims`: node -> "n d".

    Where a leaf that dims= leaves out has a size that several letters have, the first choice that fits is taken.
    """
    given = Letters()
    present = {node: words for node, words in dims.items() if node in set(nodes)}
    given.given = "; ".join(f"{names.get(node, 'a leaf')}: {words if isinstance(words, str) else ' '.join(words)}"
                            for node, words in (present or dims).items())  # fmt: skip
    for node, words in dims.items():
        given.shapes[node] = _given(given, node, words, names)
    if not dims:
        for node in nodes:
            given.shapes[node] = _plain(node.output)
        return given
    first = None
    for chosen in itertools.islice(_choices(given, nodes), TRIED):
        try:
            return _carried(given, nodes, chosen)
        except ValueError as error:
            first = first or error
    raise first


def _choices(given, nodes):
    """node -> sizes for leaves that dims= leaves out, likely ones first: a letter of that size on every axis."""
    options = {}
    for node in nodes:
        if (node.op is None or node.op is identity) and node not in given.shapes:
            each = [(*_letters_of(given, size), size) for size in node.output.shape]
            options[node] = list(itertools.islice(itertools.product(*each), OPTIONS))
    first = {node: found[0] for node, found in options.items()}
    yield first
    several = [node for node, found in options.items() if len(found) > 1]
    for changed in range(1, len(several) + 1):  # as few as possible otherwise
        for some in itertools.combinations(several, changed):
            for picked in itertools.product(*(options[node][1:] for node in some)):
                yield {**first, **dict(zip(some, picked))}


def _carried(given, nodes, chosen):
    """The letters of all nodes, with some choices for axes of leaves."""
    found = Letters(dict(given.shapes), {}, dict(given.sizes), [], set(), given.uses, given.given)
    for node in nodes:
        if node in found.shapes and node.op is None:
            continue
        if node.op is None:
            found.shapes[node] = _guessed(found, node, chosen)
        elif node.op is identity:
            found.shapes[node] = _guessed(found, node, chosen)
            found.params[node] = dict(zip(("rows", "columns"), found.shapes[node]))
        else:
            _carry(found, node)
    used = {size for node in nodes for size in _flat(found.shapes[node])}
    letters = set().union(*(getattr(size, "free_symbols", set()) for size in used))
    found.sizes = {letter: size for letter, size in found.sizes.items() if letter in letters}
    return found


def _flat(shape):
    """The sizes of an output, or of several."""
    return [size for part in shape for size in (part if isinstance(part, tuple) else (part,))]


def _plain(output):
    """The sizes of an output in numbers; of several, those of each."""
    return tuple(part.shape for part in output) if isinstance(output, Outputs) else output.shape


def _given(found, node, given, names):
    words = tuple(given.split()) if isinstance(given, str) else tuple(given)
    name, shape = names.get(node, "the tensor"), node.output.shape
    if len(words) != len(shape):
        raise ValueError(
            f"dims= gives {name} {len(words)} sizes ({' '.join(map(str, words))}), but its shape is {shape}; "
            "give one letter or number for each axis"
        )
    sizes = []
    for at, (word, size) in enumerate(zip(words, shape)):
        if str(word).isdigit():
            if int(word) != size:
                raise ValueError(f"dims= says that axis {at} of {name} has size {word}, but it has {size}")
            sizes.append(size)
            continue
        if not str(word).isidentifier():
            raise ValueError(f"{word!r} can't name a size; dims= takes letters such as \"n d\"")
        symbol = letter(str(word))
        if found.sizes.setdefault(symbol, size) != size:
            raise ValueError(
                f"the size {word} is {found.sizes[symbol]} on {found.uses[symbol]} but {size} on axis {at} of {name}; "
                "give them two letters"
            )
        found.uses.setdefault(symbol, f"axis {at} of {name}")
        sizes.append(symbol)
    return tuple(sizes)


def _letters_of(found, size):
    """The letters that stand for a size; 1 is the size of axes that are there to be repeated."""
    return [symbol for symbol, value in found.sizes.items() if value == size and size != 1]


def _guessed(found, node, chosen):
    """The sizes of a leaf that dims= leaves out: those of what it was computed from, else by the letters' sizes."""
    if isinstance(node.owner, Recipe):
        shape = _of_recipe(found, node.owner)
        if shape is not None and _valued(found, shape) == node.output.shape:
            return shape
    return chosen[node]


def _of_recipe(found, recipe):
    """The sizes of what a recipe computes, or None where its operands' aren't known."""
    shapes = []
    for operand in recipe.operands:
        if not isinstance(operand, tuple):
            shapes.append(getattr(operand, "shape", ()))
            continue
        weak, inner = operand
        node = weak()
        shape = found.shapes.get(node)
        if shape is None and inner is not None:
            shape = _of_recipe(found, inner)
        if shape is None:
            return None
        shapes.append(shape)
    try:
        return recipe.op.shape(*shapes, **_in_letters(found, shapes[0], recipe.op.name, recipe.params))
    except (TypeError, ValueError, AttributeError, IndexError):
        return None


def _by_size(found, size):
    letters = _letters_of(found, size)
    return letters[0] if len(letters) == 1 else size


def _carry(found, node):
    """The output's sizes by the operation's own shape rule."""
    shapes = [found.shapes[x] if x.__class__ is Node else getattr(x, "shape", ()) for x in node.inputs]
    params = _in_letters(found, shapes[0] if shapes else (), node.op.name, node.params)
    try:
        shape = node.op.shape(*shapes, **params)
    except ShapeError as error:
        raise ValueError(
            f"the sizes in dims= ({found.given}) contradict the program at {node.op.name}: {error}"
            f"{found.places(str(error))}"
        ) from error
    except (TypeError, ValueError, AttributeError, IndexError):
        shape = None
    if shape is None or _valued(found, shape) != _plain(node.output):
        shape, params = _plain(node.output), dict(node.params)
        found.numbers.add(node)
        found.notes.append(f"sizes after {node.op.name} stay numbers, since its shape rule needs numbers")
    elif any(n is not None for n in params.get("counts", ())) and any(hasattr(size, "subs") for size in shapes[0]):
        found.numbers.add(node)
        _numbers(found, node.op.name, shape, "a mask chooses as many entries as it holds")
    found.shapes[node] = shape
    if _coincide(found, shapes, params):
        note = f"numbers among the parameters of {node.op.name} stay as they are, though a size equals one"
        if note not in found.notes:
            found.notes.append(note)
    if params != dict(node.params):
        found.params[node] = params


def _coincide(found, shapes, params):
    """Whether a number that says how much is taken, not along which axis, equals a size of an operand with letters."""
    sizes = {int(size.subs(found.sizes)) for shape in shapes for size in shape if hasattr(size, "subs")}
    sizes |= {value for value in found.sizes.values() if sizes}
    return not sizes.isdisjoint(_integers([value for name, value in params.items() if name not in AXES | SIZED]))


def _integers(value):
    """The integers above one in nested tuples and slices."""
    if isinstance(value, slice):
        value = (value.start, value.stop)
    if isinstance(value, (tuple, list)):
        return {number for part in value for number in _integers(part)}
    return {value} if type(value) is int and value > 1 else set()


def _valued(found, shape):
    if shape and isinstance(shape[0], tuple):
        return tuple(_valued(found, part) for part in shape)
    return tuple(int(size.subs(found.sizes)) if hasattr(size, "subs") else size for size in shape)


def _in_letters(found, before, name, params):
    """An operation's parameters with sizes in the letters of its operand."""
    made = dict(params)
    for key in SIZED & made.keys():
        if isinstance(made[key], tuple):
            scales = made.get("scales")
            made[key] = _scaled(found, before, name, made[key], scales) if scales else _resized(
                found, before, name, made[key])  # fmt: skip
    return made


def _scaled(found, before, name, sizes, scales):
    """The sizes of an image that is resampled by factors: whole ones times the letters of the image."""
    last = before[len(before) - len(sizes) :]
    if all(scale == int(scale) for scale in scales):
        return tuple(int(scale) * size for scale, size in zip(scales, last))
    return _numbers(found, name, sizes, "the factor isn't whole")


def _numbers(found, name, sizes, why):
    note = f"sizes after {name} stay numbers, since {why}"
    if note not in found.notes:
        found.notes.append(note)
    return sizes


def _resized(found, before, name, sizes):
    """The sizes that a reshape or expansion asks for, in the letters of its operand where these are plain."""
    given = _valued(found, before)
    out, at, pending = [], 0, list(sizes)
    if name in ("expand", "sum_to", "diag_embed"):
        extra = len(sizes) - len(before)
        return tuple(
            before[place - extra] if place >= extra and given[place - extra] == size else _by_size(found, size)
            for place, size in enumerate(pending)
        )
    if math.prod(given) != math.prod(sizes):  # not the operand's entries in another shape
        return sizes
    while at < len(given) or pending:
        # As many axes before and after as have the same number of entries.
        taken, made, before_count, after_count = [], [], 1, 1
        while not made or before_count != after_count:
            if pending and (not made or after_count < before_count):
                made.append(pending.pop(0))
                after_count *= made[-1]
            elif at < len(given):
                taken.append(before[at])
                before_count *= given[at]
                at += 1
            else:
                break
        letters = math.prod(taken)
        if len(made) == 1:
            out.append(letters)
        elif isinstance(letters, int):
            out += made
        else:
            return _numbers(found, name, sizes, "they split an axis")
    return tuple(out)

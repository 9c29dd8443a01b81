"""Sizes as letters: the shapes of leaves as the user names them, carried through every operation's shape rule.

Imported by explain.program. A size that can't be carried stays a number, and a note says so.
"""

from dataclasses import dataclass, field

from engine.op import ShapeError
from engine.symbols import letter
from engine.tape import Node, Outputs

SIZED = {"size", "shape", "sizes"}  # parameters that hold an output's sizes


@dataclass
class Letters:
    """shapes: node -> sizes; params: node -> parameters in letters; sizes: letter -> int; notes: sentences."""

    shapes: dict = field(default_factory=dict)
    params: dict = field(default_factory=dict)
    sizes: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    uses: dict = field(default_factory=dict)  # letter -> where it was first given

    @property
    def fixed(self):
        """Whether no size may vary."""
        return not self.sizes


def lettered(nodes, dims, names):
    """The Letters of a tape whose leaves' sizes are given as `dims`: node -> "n d"."""
    found = Letters()
    for node, given in dims.items():
        found.shapes[node] = _given(found, node, given, names)
    if not dims:
        for node in nodes:
            found.shapes[node] = _plain(node)
        return found
    for node in nodes:
        if node in found.shapes and node.op is None:
            continue
        if node.op is None:
            found.shapes[node] = _guessed(found, node)
        else:
            _carry(found, node, names, dims)
    return found


def _plain(node):
    output = node.output
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


def _guessed(found, node):
    """The sizes of a leaf that dims= leaves out: the one letter that has this size, else the number."""
    return tuple(_by_size(found, size) for size in node.output.shape)


def _by_size(found, size):
    letters = [symbol for symbol, value in found.sizes.items() if value == size]
    return letters[0] if size != 1 and len(letters) == 1 else size


def _carry(found, node, names, dims):
    """The output's sizes by the operation's own shape rule."""
    shapes = [found.shapes[x] if x.__class__ is Node else getattr(x, "shape", ()) for x in node.inputs]
    params = dict(node.params)
    for key in SIZED & params.keys():
        if isinstance(params[key], tuple):
            params[key] = _resized(found, shapes[0], node, params[key])
    try:
        shape = node.op.shape(*shapes, **params)
    except ShapeError as error:
        given = "; ".join(f"{names.get(x, 'a leaf')}: {' '.join(map(str, found.shapes[x]))}" for x in dims)
        raise ValueError(f"the sizes in dims= ({given}) contradict the program at {node.op.name}: {error}") from error
    except (TypeError, ValueError, AttributeError, IndexError):
        shape = None
    if shape is None or _valued(found, shape) != _plain(node):
        shape = _plain(node)
        found.notes.append(f"sizes after {node.op.name} stay numbers, since its shape rule needs numbers")
    found.shapes[node] = shape
    if params != dict(node.params):
        found.params[node] = params


def _valued(found, shape):
    if shape and isinstance(shape[0], tuple):
        return tuple(_valued(found, part) for part in shape)
    return tuple(int(size.subs(found.sizes)) if hasattr(size, "subs") else size for size in shape)


def _resized(found, before, node, sizes):
    """The sizes that a reshape or expansion asks for, in the letters of its operand where these are plain."""
    given = _valued(found, before)
    out, at, pending = [], 0, list(sizes)
    if node.op.name in ("expand", "sum_to"):
        extra = len(sizes) - len(before)
        return tuple(
            before[place - extra] if place >= extra and given[place - extra] == size else _by_size(found, size)
            for place, size in enumerate(pending)
        )
    for size in pending:
        product, letters, start = 1, 1, at
        while at < len(given) and (product < size or size == 1 == given[at] and at == start):
            product *= given[at]
            letters = letters * before[at]
            at += 1
        if product != size:
            note = f"sizes after {node.op.name} stay numbers, since they split an axis"
            if note not in found.notes:
                found.notes.append(note)
            return sizes
        out.append(letters)
    return tuple(out)

"""Random, well-typed programs as source text, grown a line at a time by running them in the engine.

`choose(options)` makes every decision, so that Hypothesis can shrink a program and a seed can repeat it.
"""

import random
import re
from dataclasses import dataclass

import numpy as np

import engine
import engine.nn.functional
from random_programs.templates import TEMPLATES

SHAPES = [(2,), (2, 3), (3,), (), (3, 2), (2, 2), (3, 3), (2, 1), (1, 3), (2, 2, 3), (2, 3, 2), (1,)]
CONSTANTS = ["2", "0.5", "-1.5", "3", "0.25"]
LEAF_NAMES = ["a", "b", "w"]
NAMES = ["h", "u", "s", "p", "q", "r", "v", "m", "k", "z"]
LARGEST, MOST = 40.0, 64  # values and entries beyond these aren't kept


@dataclass(frozen=True)
class RandomProgram:
    """Leaves (name, shape, requires grad), lines of source, and the seed of the leaves' values."""

    leaves: tuple
    lines: tuple
    seed: int

    @property
    def source(self):
        return "\n".join(self.lines)

    def values(self):
        """The leaves' values: away from zero and from ties, so that kinks are rare."""
        generator = np.random.default_rng(self.seed)
        return {name: generator.uniform(0.2, 1.5, shape) * generator.choice([-1.0, 1.0], shape)
                for name, shape, _grad in self.leaves}  # fmt: skip

    def run(self, torch, values=None):
        """The program's variables after running it with a module that has PyTorch's names."""
        names = {"torch": torch, "F": torch.nn.functional}
        for name, array in (values or self.values()).items():
            grad = next(grad for leaf, _shape, grad in self.leaves if leaf == name)
            names[name] = torch.tensor(array, dtype=torch.float64, requires_grad=grad)
        exec(self.source, names)
        return names


def generate(choose, seed=0, length=6, templates=TEMPLATES):
    """A random program whose last line is `out = ...`, a scalar or not."""
    leaves = [("a", choose(SHAPES), True)]
    for name in LEAF_NAMES[1 : choose([1, 2, 3])]:
        leaves.append((name, choose([leaves[0][1], *SHAPES]), choose([True, True, False])))
    program = RandomProgram(tuple(leaves), (), seed)
    names = program.run(engine)
    known = {name: names[name].shape for name, _shape, _grad in leaves}
    lines = []
    for at in range(choose(range(1, length + 1))):
        line = _line(choose, known, names, NAMES[at % len(NAMES)], templates)
        if line is not None:
            lines.append(line)
    last = next((name for name in reversed(list(known)) if names[name].requires_grad), "a")
    other = choose([None, *[name for name in known if names[name].requires_grad and name != last]])
    if other is not None and choose([False, True]):  # a second output, whose gradient is asked for together with out's
        lines.append(f"also = {other} * {choose(CONSTANTS)}")
    lines.append(f"out = {choose([f'({last}).sum()', f'({last} * {last}).mean()', last + ' * 1.5'])}")
    return RandomProgram(tuple(leaves), unnamed(choose, lines), seed)


def unnamed(choose, lines):
    """Some variables that one later line alone uses lose their names: their expressions stand in it."""
    kept, at = list(lines), 0
    while at < len(kept) - 1:
        to = _single_use(kept, at)
        if to is not None and choose([False, False, False, True]):
            name, _equals, written = kept.pop(at).partition(" = ")
            kept[to - 1] = re.sub(rf"\b{name}\b(?!=)", lambda _match, written=written: f"({written})", kept[to - 1])
        else:
            at += 1
    return tuple(kept)


def _single_use(lines, at):
    """The only line that uses what the line `at` sets, once, where the expression may as well stand there; or None."""
    name, _equals, written = lines[at].partition(" = ")
    word = re.compile(rf"\b{name}\b(?!=)")  # p=1 is a keyword
    uses = [n for n, line in enumerate(lines) if n != at for _ in word.findall(line)]
    if len(uses) != 1 or uses[0] < at or word.search(written) or lines[uses[0]].startswith(f"{name} = "):
        return None
    between = lines[at + 1 : uses[0]]
    return None if ";" in lines[at] + lines[uses[0]] or _changes(between, written) else uses[0]


def _changes(lines, written):
    """Whether lines rebind, or change in place, a name that an expression uses."""
    return any(re.search(rf"\b{line.partition(' = ')[0]}\b", written) for line in lines)


def _line(choose, known, names, name, templates):
    """One more line, run at once; None if what was chosen doesn't fit or doesn't stay in bounds."""
    target = choose([name, name, name, *[n for n in known if n not in LEAF_NAMES][-1:]])  # sometimes a name is rebound
    written = _expression(choose, known, templates, target)
    if written is None:
        return None
    if ";" not in written and choose([False, False, True]):  # an unnamed temporary inside a line
        family = [t for t in templates if t.operands == 1 and t.family == "elementwise"]
        written = choose(family).source.format(x=f"({written})", c=choose(CONSTANTS))
    line = f"{target} = {written}"
    try:
        scope = dict(names)
        exec(line, scope)
        value = scope[target]
        array = value._node.output
    except (RuntimeError, ValueError, IndexError, TypeError, AttributeError, NotImplementedError):
        return None
    if not array.size or array.size > MOST or not np.all(np.isfinite(array)) or np.max(np.abs(array)) > LARGEST:
        return None
    names[target] = value
    known.pop(target, None)
    known[target] = value.shape
    return line


def _expression(choose, known, templates, target):
    """What stands to the right of `target =`; None if nothing known fits."""
    template = choose(templates)
    operands = []
    for _ in range(template.operands):
        operands.append(choose(list(reversed(known))))
    shapes = [tuple(known[operand]) for operand in operands]
    if template.fits is not None and not template.fits(*shapes):
        fitting = [other for other in reversed(known) if template.fits(*shapes[:-1], tuple(known[other]))]
        if not fitting:
            return None
        operands[-1] = choose(fitting)
        shapes[-1] = tuple(known[operands[-1]])
    rank = len(shapes[0])
    fields = dict(zip("xyz", operands))
    axes = range(rank) if rank else [0]
    size = int(np.prod(shapes[0], dtype=int))
    fields.update(
        c=choose(CONSTANTS), d=choose([-1, *axes]) if rank else 0, u=choose(range(rank + 1)),
        n=shapes[0][0] if rank else 1, t=target,
        r=f"({size},)" if size % 2 else f"({size // 2}, 2)", p=", ".join(map(str, reversed(range(rank)))),
    )  # fmt: skip
    return template.source.format(**fields)


def seeded(seed, length=6):
    """The program of a seed."""
    source = random.Random(seed)
    return generate(lambda options: source.choice(list(options)), seed, length)

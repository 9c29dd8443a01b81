"""A named gradient: forward program, what a book prints, and how ours compares."""

import ast
import re
from dataclasses import dataclass, replace

import numpy as np
from gradients.notation import read

import engine as torch
from engine.symbols import Sym, evaluate, letter, symbol
from explain.certify import EXACT
from explain.cost import distinct_operations
from explain.explanation import explanation_of
from explain.points import points
from explain.render.notation import text
from explain.rounding import relative

SIZES = {"n": 5, "d": 3, "m": 4, "k": 2, "c": 4, "h": 6, "t": 4, "p": 3, "b": 2}


@dataclass(frozen=True)
class Row:
    """title, leaves ("X n d, w* d": a star for what is differentiated), program, wrt, book's formula, source.

    A leaf may end in a kind of data: positive, unit, sign, binary, one_hot, distribution, symmetric, spd,
    orthogonal, labels, mask; with ! the kind is told to explain() as an assumption.
    """

    title: str
    leaves: str
    program: str
    wrt: str
    book: str
    source: str
    sizes: tuple = ()
    note: str = ""

    def specs(self):
        """(name, differentiable, sizes as words, kind, assumed) of each leaf."""
        for spec in self.leaves.split(","):
            name, *words = spec.split()
            kind = words.pop() if words and words[-1].strip("!") in KINDS else "real"
            yield name.rstrip("*"), name.endswith("*"), words, kind.rstrip("!"), kind.endswith("!")

    def numbers(self):
        return {**SIZES, **dict(self.sizes)}


def _one_hot(rng, shape):
    return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]


def _spd(rng, shape):
    root = rng.standard_normal(shape)
    return root @ np.swapaxes(root, -1, -2) + shape[-1] * np.eye(shape[-1])


KINDS = {
    "real": lambda rng, shape: rng.standard_normal(shape),
    "positive": lambda rng, shape: rng.uniform(0.5, 2.0, shape),
    "unit": lambda rng, shape: rng.uniform(0.1, 0.9, shape),
    "sign": lambda rng, shape: rng.choice([-1.0, 1.0], shape),
    "binary": lambda rng, shape: rng.choice([0.0, 1.0], shape),
    "mask": lambda rng, shape: rng.choice([0.0, 1.0], shape),
    "one_hot": _one_hot,
    "distribution": lambda rng, shape: rng.dirichlet(np.ones(shape[-1]), shape[:-1]),
    "symmetric": lambda rng, shape: (lambda x: x + np.swapaxes(x, -1, -2))(rng.standard_normal(shape)),
    "spd": _spd,
    "orthogonal": lambda rng, shape: np.linalg.qr(rng.standard_normal(shape))[0],
    "labels": lambda rng, shape: rng.integers(0, 3, shape),
}


def explained(row):
    """The explanation of a row's gradient, the tensors of its program, and their sizes as words."""
    rng = np.random.default_rng(7)
    names, dims, assume = {}, {}, {}
    sizes = row.numbers()
    for name, grad, words, kind, assumed in row.specs():
        shape = tuple(int(word) if word.isdigit() else sizes[word] for word in words)
        value = KINDS[kind](rng, shape)
        names[name] = torch.tensor(np.asarray(value), requires_grad=grad)
        if any(not word.isdigit() for word in words):
            dims[name] = " ".join(words)
        if assumed:
            assume[name] = kind
    space = {"torch": torch, "F": torch.nn.functional, "np": np, **names}
    exec(row.program, space)  # noqa: S102  (our own data)
    found = {name: value for name, value in space.items() if isinstance(value, torch.Tensor)}
    last = row.program.strip().splitlines()[-1].split("=")[0].strip()
    return explanation_of(space[last], row.wrt, None, found, dims=dims, assume=assume), found, dims


@dataclass(frozen=True)
class Result:
    """Our formula as text, how many distinct operations it takes, and how many the book's takes."""

    formula: str
    where: tuple
    ours: int
    book: int

    @property
    def no_longer(self):
        return self.ours <= self.book


def compared(row):
    """The Result of a row; an error if the book's formula isn't the gradient."""
    explanation, tensors, dims = explained(row)
    derivation = explanation._derivation
    program = derivation.program
    names = {program.names[node]: program.value(node) for node in program.nodes if node in program.names}
    names["G"] = derivation.seed
    for size in program.letters.sizes:
        names.setdefault(str(size), Sym(size, ()))
    point = next(points(derivation, explanation._cotangent))
    for name, tensor in tensors.items():  # a constant that only other constants are made from
        if name not in names:
            words = dims.get(name, "").split() or tensor.shape
            names[name] = symbol(name, tuple(letter(word) if isinstance(word, str) and not word.isdigit() else int(word)
                                             for word in words))  # fmt: skip
            point.env[names[name].expr] = tensor.detach().numpy()
    book = read(row.book, names)
    value = np.broadcast_to(evaluate(book.expr, point.env), point.gradients[explanation._wrt].shape)
    error = relative(value, point.gradients[explanation._wrt])
    assert error <= EXACT, f"the book's formula of {row.title!r} isn't the gradient: relative error {error:.1e}"
    where = tuple(f"{name} = {text(sym.expr)}" for name, sym in explanation.where)
    ours = distinct_operations([explanation.formula, *(sym.expr for _name, sym in explanation.where)])
    return Result(text(explanation.formula), where, ours, operations(book.expr, derivation.known))


def operations(expr, known):
    """How many operations a formula takes with everything that its names stand for, each computed once."""
    parts, stack = {None: expr}, [None]
    while stack:
        for atom in parts[stack.pop()].free_symbols:
            found = known(atom)
            if found is not None and atom not in parts:
                parts[atom] = found.definition.expr
                stack.append(atom)
    return distinct_operations(parts.values())


# the same gradient written otherwise


def renamed(row):
    """Every variable under another name."""
    names = sorted({name for name, *_rest in row.specs()} | set(_assigned(row.program)), key=len, reverse=True)
    new = {name: f"v{at}x" for at, name in enumerate(names)}

    def change(code):
        return re.sub(r"(?<![\w.])[A-Za-z_]\w*", lambda match: new.get(match.group(), match.group()), code)

    leaves = ", ".join(" ".join([change(spec.split()[0].rstrip("*")) + "*" * spec.split()[0].endswith("*"),
                                 *spec.split()[1:]]) for spec in row.leaves.split(","))  # fmt: skip
    return replace(row, leaves=leaves, program=change(row.program), wrt=change(row.wrt), book=change(row.book))


def resized(row):
    """Other sizes."""
    return replace(row, sizes=tuple((name, value + 2) for name, value in row.numbers().items()))


class _Turned(ast.NodeTransformer):
    """a * b as b * a, a + b as b + a."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, (ast.Mult, ast.Add)):
            node.left, node.right = node.right, node.left
        return node


def reordered(row):
    """Factors and terms in the opposite order."""
    tree = _Turned().visit(ast.parse(row.program))
    return replace(row, program=ast.unparse(ast.fix_missing_locations(tree)))


class _Split(ast.NodeTransformer):
    """The first operation inside each line gets a line and a name of its own."""

    def __init__(self):
        self.lines, self.done = [], False

    def visit_BinOp(self, node):
        node.left, node.right = self.visit(node.left), self.visit(node.right)
        if self.done or isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant):
            return node
        self.done = True
        name = f"part{len(self.lines)}"
        self.lines.append(ast.Assign([ast.Name(name, ast.Store())], node))
        return ast.Name(name, ast.Load())


def split(row):
    """Each line in two."""
    tree, body, at = ast.parse(row.program), [], 0
    for statement in tree.body:
        splitter = _Split()
        splitter.lines = [None] * at
        if isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.BinOp):
            statement.value = splitter.visit(statement.value)
        elif isinstance(statement, ast.Assign):
            value = statement.value
            value.left, value.right = splitter.visit(value.left), splitter.visit(value.right)
        body.extend(line for line in splitter.lines if line is not None)
        at = len(splitter.lines)
        body.append(statement)
    tree.body = body
    return replace(row, program=ast.unparse(ast.fix_missing_locations(tree)))


def _assigned(program):
    return {target.id for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Assign)
            for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip


VARIANTS = {"renamed": renamed, "resized": resized, "reordered": reordered, "split": split}


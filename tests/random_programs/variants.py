"""The same random program otherwise: by entries, as code, renamed, with operands changed round, with letters for sizes.

Imported by random_programs. Each compares with the gradient that the unchanged program has.
"""

import ast
import random
import re

import numpy as np

import engine
import engine.nn.functional
import explain.entries as indexed
from engine.symbols import ArraySymbol
from engine.tape import order
from explain import forms
from random_programs.evaluation import Refused, check_forms, engine_gradients, explanation, gradient_at
from random_programs.generator import LEAF_NAMES, NAMES, RandomProgram

SAMPLED = 3  # entries evaluated of an index form
# Names that SymPy or Python has a meaning for, Greek ones, long ones, ones with numbers and with accents.
STRANGE = ["S", "E", "I", "N", "Q", "O", "pi", "beta", "gamma", "zeta", "lambda_", "x_1", "theta_hat", "W2", "C", "x̂",
           "très", "sum", "e", "Sum", "G", "n", "out_1", "exp", "σ2"]  # fmt: skip


def by_entries(program, name, explained, gradient, upstream):
    """The index form at some entries."""
    explained.entries()
    found = indexed.entry(forms.expanded(explained))
    env, letters = explained._env, explained._derivation.program.letters.sizes
    places = list(np.ndindex(gradient.shape))
    for at in np.random.default_rng(2).permutation(len(places))[:SAMPLED]:
        value = indexed.value_at(found, places[at], env, letters)
        if not np.isnan(value):
            np.testing.assert_allclose(value, gradient[places[at]], rtol=1e-6, atol=1e-8, err_msg="by entries")


def as_code(program, name, explained, gradient, upstream):
    """The compiled function, called with the leaves' values by its arguments' names."""
    source = explained.code()
    run = {}
    exec(source, run)
    function = run["grad_" + forms.name_of(explained)]
    given = {label: explained._env[sym.expr] for label, sym in forms.leaves(explained)}
    made = np.broadcast_to(function(*given.values()), gradient.shape)
    known = ~np.isnan(made)
    np.testing.assert_allclose(made[known], gradient[known], rtol=1e-6, atol=1e-8, err_msg="compiled code")


def renamed(program, name, explained, gradient, upstream):
    """With other names for all variables."""
    generator = random.Random(program.seed)
    olds = [*LEAF_NAMES, *NAMES, "also"]
    names = dict(zip(olds, generator.sample(STRANGE, len(olds))))
    leaves = tuple((names[leaf], shape, grad) for leaf, shape, grad in program.leaves)
    lines = tuple(rewritten(line, Rename(names)) for line in program.lines)
    compare_other(RandomProgram(leaves, lines, program.seed), names[name], gradient, upstream, "renamed")


def reordered(program, name, explained, gradient, upstream):
    """With the operands of commutative operations changed round."""
    generator = random.Random(program.seed)
    lines = tuple(rewritten(line, Swap(generator)) for line in program.lines)
    compare_other(RandomProgram(program.leaves, lines, program.seed), name, gradient, upstream, "reordered")


def rewritten(line, transformer):
    return ast.unparse(transformer.visit(ast.parse(line))).replace("\n", "; ")


class Rename(ast.NodeTransformer):
    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


class Swap(ast.NodeTransformer):
    """a + b as b + a, a * b as b * a and the like, half of the times."""

    FUNCTIONS = {"maximum", "minimum", "logaddexp", "hypot", "fmax", "fmin", "logaddexp2"}

    def __init__(self, generator):
        self.generator = generator

    def visit_BinOp(self, node):
        self.generic_visit(node)
        shapes = any(isinstance(part, ast.Tuple) for part in ast.walk(node))  # tuples of sizes are joined by +
        if isinstance(node.op, (ast.Add, ast.Mult)) and not shapes and self.generator.random() < 0.5:
            node.left, node.right = node.right, node.left
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        called = getattr(node.func, "attr", "")
        if called in self.FUNCTIONS and len(node.args) == 2 and self.generator.random() < 0.5:
            node.args.reverse()
        return node


def compare_other(program, name, gradient, upstream, label):
    """Another writing of a program has the same gradient, and an explanation of its own that evaluates to it."""
    names = program.run(engine)
    out = names["out"]
    used = {leaf: names[leaf] for leaf, _shape, grad in program.leaves if grad and leaf == name}
    found = engine_gradients(out, used, upstream)[name]
    np.testing.assert_allclose(found, gradient, rtol=1e-7, atol=1e-9, err_msg=label)
    explained = explanation(out, names[name], names, upstream)
    check_forms(explained, program.values(), gradient, upstream)


def with_letters(program, name, explained, gradient, upstream):
    """With a letter for every size but 1, at sizes that no number in the source equals; then at other sizes."""
    first, truth, seed = at_sizes(program, name, {2: 5, 3: 7})
    if truth is None or "attention" in program.source:  # its scale is a number to the tape
        return
    names = first.run(engine)
    words = {5: "n", 7: "m"}
    recorded = order(names["out"]._node, needed=False)
    dims = {leaf: " ".join(words.get(size, "1") for size in shape) for leaf, shape, _grad in first.leaves
            if shape and names[leaf]._node in recorded}  # fmt: skip
    try:
        lettered = explanation(names["out"], names[name], names, seed, dims=dims)
    except Refused as refusal:
        raise NotImplementedError(str(refusal)) from refusal
    except ValueError as error:  # sizes that the program itself ties to one another, or to numbers
        raise NotImplementedError(re.sub(r"\b[a-z]\d?\b|\d+", "#", str(error))) from error
    check_at(lettered, first.values(), truth, seed, {"n": 5, "m": 7})
    live = all(grad for _leaf, _shape, grad in program.leaves)  # what comes of others isn't recorded, but a constant
    shaped = {leaf for leaf, shape, _grad in first.leaves if shape}
    used = {symbol.name for expr in (lettered.expanded, lettered.formula, *lettered.definitions.values())
            for symbol in expr.atoms(ArraySymbol)}  # fmt: skip
    lettered_all = used & shaped <= set(dims)  # a leaf that is only compared has no letters, but a constant's numbers
    if live and lettered_all and all("also at the sizes" in note for note in lettered.certificate.notes):
        second, truth, seed = at_sizes(program, name, {2: 6, 3: 8})
        if truth is not None:
            check_at(lettered, second.values(), truth, seed, {"n": 6, "m": 8})


def at_sizes(program, name, sizes):
    """(program, gradient, upstream) where leaves have other sizes; no gradient if the source doesn't run at these."""
    leaves = tuple((leaf, tuple(sizes.get(n, n) for n in shape), grad) for leaf, shape, grad in program.leaves)
    other = RandomProgram(leaves, program.lines, program.seed)
    try:
        out = other.run(engine)["out"]
    except (RuntimeError, ValueError, IndexError, TypeError):
        return other, None, None
    seed = np.random.default_rng(3).standard_normal(out.shape) if out.shape else np.ones(())
    truth = gradient_at(other, other.values(), name, seed)
    finite = truth is not None and np.all(np.isfinite(truth))
    return other, truth if finite else None, seed


def check_at(explained, values, truth, upstream, sizes):
    env = {symbol: sizes[str(symbol)] for symbol in explained._derivation.program.letters.sizes}
    check_forms(explained, values, truth, upstream, env)

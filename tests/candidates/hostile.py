"""Candidates that nobody means well: random pieces of expressions and of LaTeX, and right ones with letters changed."""

import random
import string

from explain.vocabulary import functions, methods

FUNCTIONS = sorted(functions())
METHODS = sorted(methods())
NAMES = ["X", "y", "w", "p", "z", "loss", "a", "b", "G", "n", "np", "torch", "F", "linalg", "T", "shape", "lambda",
         "if", "__class__", "__import__", "None", "True", "self", "e", "pi"]  # fmt: skip
SIGNS = ["+", "-", "*", "/", "**", "@", "(", ")", "[", "]", ",", ".", "==", "<", ">", "=", ":", "...", "'", '"', "1",
         "2", "0", "3.5", "1e308", "64", "10**9", "axis=0", "keepdims=True", "dim=1", ".T", "1e-320", "-1", "inf",
         "nan"]  # fmt: skip
LATEX = [r"\frac", r"\sqrt", "^", "{", "}", r"\top", r"\odot", r"\left(", r"\right)", "_", r"\mathbf", r"\hat", "|",
         r"\|", "'", "=", r"\sigma", r"\sin", r"\operatorname", r"\cdot", "&", "\\\\", r"\text", r"\exp"]  # fmt: skip
ARGUMENTS = ["X", "w", "y", "p", "2", "0", "-1", "a", "b", "[1,2]", "(2,3)", "dim=0", "1e9", "10**6", "X.T"]
RIGHT = [
    "X.T @ (p - y) / 3",
    "X.T @ (sigmoid(X@w) - y) / len(y)",
    "((p - y)[:, None] * X).mean(axis=0)",
    r"\frac{1}{3} X^\top \left(p - y\right)",
    "cos(b)*2*a*a*G + sin(b)*G",
    "sin(X.T @ p)**2 + cos(X.T@p)**2 - 1 + X.T@(p-y)/3",
    "((X.T@p + 1)**64 + 2)**64 * 0 + X.T@(p-y)/3",
]


def texts(seed, count):
    """So many texts."""
    generator = random.Random(seed)
    return [text(generator) for _ in range(count)]


def text(generator):
    kind = generator.random()
    if kind < 0.35:
        everything = NAMES + SIGNS + FUNCTIONS + ["." + name for name in METHODS]
        return generator.choice(["", " "]).join(generator.choices(everything, k=generator.randint(1, 12)))
    if kind < 0.55:
        return " ".join(generator.choices(NAMES + SIGNS + LATEX, k=generator.randint(1, 14)))
    if kind < 0.65:
        letters = string.printable + "αβσ∂⊙²ᵀ\u0000\ud800\u202e"
        return "".join(generator.choices(letters, k=generator.randint(0, 40)))
    if kind < 0.75:
        return f"{generator.choice(FUNCTIONS)}({','.join(generator.choices(ARGUMENTS, k=generator.randint(0, 4)))})"
    if kind < 0.8:
        arguments = ",".join(generator.choices(["0", "1", "-1", "X", "w", "2", "(1,0)"], k=generator.randint(0, 3)))
        return f"{generator.choice(['X', 'p', 'w', '(X.T@p)'])}.{generator.choice(METHODS)}({arguments})"
    return changed(generator, list(generator.choice(RIGHT)))


def changed(generator, letters):
    """A right candidate with a few letters changed, left out or put in."""
    for _ in range(generator.randint(1, 4)):
        at, what = generator.randrange(len(letters) + 1), generator.random()
        if what < 0.4 and at < len(letters):
            letters[at] = generator.choice(SIGNS + NAMES + LATEX)
        elif what < 0.7 and at < len(letters):
            del letters[at]
        else:
            letters.insert(at, generator.choice(SIGNS + NAMES + LATEX))
    return "".join(letters)

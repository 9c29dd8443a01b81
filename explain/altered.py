"""The reverse sweep with one thing done wrong: what the gradient would be if a reader had made that mistake.

Each alteration is a small named change to what one operation passes back. Imported by explain.diagnosis.
"""

import numpy as np

from engine.ops.fitting import fit_shape
from engine.tape import NUMBERS, Node, Outputs, Parts, arrive

LARGEST = 200  # nodes of a program that is searched


class Sweep:
    """The numeric sweep over a program at one point, to be run with changes."""

    def __init__(self, derivation, point):
        program = derivation.program
        self.program, self.point = program, point
        self.nodes = [node for node in program.nodes if node in program.live]
        self.seed = point.seed
        self.memo = {}

    def params(self, node):
        return self.point.params.get(node, node.params)

    def primals(self, node):
        return [self.point.outputs[x] if x.__class__ is Node else x for x in node.inputs]

    def cotangents(self, change=None, seeds=None):
        """node -> cotangent; `change(node, at, g, d)` gives what is passed back instead of d, None for nothing."""
        found = dict(seeds or {self.program.out: self.seed})
        live, outputs = self.program.live, self.point.outputs
        with np.errstate(all="ignore"):
            for node in reversed(self.nodes):
                g = found.get(node)
                if node.op is None or g is None:
                    continue
                primals, params = self.primals(node), self.params(node)
                rules = NUMBERS.rules(node.op)
                for at, x in enumerate(node.inputs):
                    if x.__class__ is not Node or x not in live:
                        continue
                    d = rules[at](g, outputs[node], *primals, **params)
                    if change is not None:
                        d = change(node, at, g, d)
                    if d is not None:
                        arrive(found, x, d, primals[at])
        return found

    def gradient(self, wrt, change=None, seeds=None):
        """The cotangent of one variable, zeros where nothing arrives."""
        found = self.cotangents(change, seeds).get(wrt)
        return np.zeros_like(self.point.outputs[wrt]) if found is None else np.asarray(found, dtype=float)

    def plain(self):
        """All cotangents of the sweep as it is right, made once."""
        if "plain" not in self.memo:
            self.memo["plain"] = self.cotangents()
        return self.memo["plain"]

    def slope(self, node, wrt):
        """The gradient of the sum of a node's entries; for an elementwise path its slope, entry by entry."""
        key = ("slope", node, wrt)
        if key not in self.memo:
            self.memo[key] = self.gradient(wrt, seeds={node: np.ones_like(self.point.outputs[node])})
        return self.memo[key]

    def without(self, edges, wrt):
        """The gradient if nothing is passed back along some edges (node, at)."""
        key = ("without", edges, wrt)
        if key not in self.memo:
            self.memo[key] = self.gradient(wrt, lambda node, at, g, d: None if (node, at) in edges else d)
        return self.memo[key]

    def with_rule(self, rules, wrt):
        """The gradient with other rules at some edges: {(node, at): rule(g, y, primals, params, d)}."""

        def change(node, at, g, d):
            rule = rules.get((node, at))
            if rule is None:
                return d
            made = rule(g, self.point.outputs[node], self.primals(node), self.params(node), d)
            return fit_shape(np.asarray(made, dtype=float), np.shape(self.primals(node)[at]))

        return self.gradient(wrt, change)


def edges(program):
    """(node, at) for every operand on a path from the output to what is asked for."""
    found = []
    for node in program.nodes:
        if node.op is not None and node in program.live and not isinstance(node.output, (Outputs, Parts)):
            found += [(node, at) for at, x in enumerate(node.inputs) if x.__class__ is Node and x in program.live]
    return found


# What a reader may pass back instead, by the kind of operation. Each: (kind, what is said of it, rule).
# A rule gets (g, y, primals, params, d): the cotangent, the output, the operands, and what would be right.

OWN = ("activation", "the function itself stands where its derivative belongs",
       lambda g, y, p, _k, d: g * y)  # fmt: skip
PASSED = ("chain", "its derivative is missing", lambda g, y, p, _k, d: g)

BY_NAME = {
    "sigmoid": [
        ("activation", "1 − σ stands where the derivative σ (1 − σ) belongs", lambda g, y, p, _k, d: g * (1 - y)),
        ("activation", "σ² stands where the derivative σ (1 − σ) belongs", lambda g, y, p, _k, d: g * y * y),
        ("activation", "1 − σ² (tanh's derivative) stands where σ (1 − σ) belongs",
         lambda g, y, p, _k, d: g * (1 - y * y)),
    ],
    "tanh": [
        ("activation", "1 − tanh stands where the derivative 1 − tanh² belongs", lambda g, y, p, _k, d: g * (1 - y)),
        ("activation", "1 + tanh² stands where the derivative 1 − tanh² belongs",
         lambda g, y, p, _k, d: g * (1 + y * y)),
        ("activation", "tanh² stands where the derivative 1 − tanh² belongs", lambda g, y, p, _k, d: g * y * y),
        ("activation", "σ (1 − σ) (the sigmoid's derivative) stands where 1 − tanh² belongs",
         lambda g, y, p, _k, d: g * y * (1 - y)),
    ],
    "softmax": [
        ("missing sum", "in p ⊙ (g − Σ g p) the sum is missing, as if each output depended on its own input alone",
         lambda g, y, p, _k, d: y * (g - g * y)),
        ("activation", "in p ⊙ (g − Σ g p) the sum is left out", lambda g, y, p, _k, d: y * g),
        ("activation", "in p ⊙ (g − Σ g p) the factor p is missing",
         lambda g, y, p, k, d: np.divide(d, y, out=np.zeros_like(d), where=y != 0)),
    ],
    "relu": [("chain", "its derivative, 1 where the operand is positive and 0 elsewhere, is missing",
              lambda g, y, p, _k, d: g)],
    "log": [("chain", "log's derivative 1/u is written as u", lambda g, y, p, _k, d: g * p[0])],
    "sqrt": [("activation", "√u / 2 stands where the derivative 1 / (2√u) belongs",
              lambda g, y, p, _k, d: g * y / 2)],
    "exp": [("chain", "exp's derivative is missing", lambda g, y, p, _k, d: g)],
    "sin": [("activation", "sin stands where its derivative cos belongs", lambda g, y, p, _k, d: g * y)],
    "cos": [("activation", "cos stands where its derivative −sin belongs", lambda g, y, p, _k, d: g * y)],
    "amax": [("chain", "every entry gets the cotangent, not the largest alone", lambda g, y, p, k, d: _all(g, p, k))],
}  # fmt: skip

POWER = [
    ("power", "the exponent isn't lowered by one", lambda g, y, p, _k, d: g * p[1] * p[0] ** p[1]),
    ("power", "the exponent is raised where it should be lowered",
     lambda g, y, p, _k, d: g * p[1] * np.sign(p[0]) ** (p[1] + 1) * np.abs(p[0]) ** (p[1] + 1)),
    ("power", "the exponent comes down but the factor is missing and the power stays",
     lambda g, y, p, _k, d: g * p[0] ** p[1]),
    ("power", "the exponent isn't brought down as a factor", lambda g, y, p, _k, d: g * p[0] ** (p[1] - 1)),
    ("power", "the exponent is brought down, lowered by one, without it as a factor of the power's base",
     lambda g, y, p, _k, d: g * (p[1] - 1) * p[0] ** (p[1] - 1)),
]  # fmt: skip


def _all(g, primals, params):
    keep = params.get("keepdim", True)
    dims = params.get("dim")
    if not keep and dims is not None:
        g = np.expand_dims(g, dims)
    return np.broadcast_to(g, primals[0].shape)


def turned(array):
    return np.swapaxes(array, -1, -2) if np.ndim(array) >= 2 else array


def matrix_variants(at):
    """(kind, words, rule) for a matrix product's pullback with a transpose, an order or a product gone wrong."""
    other = 1 - at

    def product(make):
        def rule(g, y, primals, params, d):
            made = make(g, primals[other])
            if np.shape(made) != np.shape(primals[at]):
                raise ValueError("another shape")
            return made

        return rule

    right_first = at == 1  # the right pullback is Aᵀ g for the second operand, g Bᵀ for the first
    plain = (lambda g, b: b @ g) if right_first else (lambda g, b: g @ b)
    swapped = (lambda g, b: g @ turned(b)) if right_first else (lambda g, b: turned(b) @ g)
    swapped_plain = (lambda g, b: g @ b) if right_first else (lambda g, b: b @ g)
    other_turned = (lambda g, b: turned(b) @ turned(g)) if right_first else (lambda g, b: turned(g) @ turned(b))
    whole = (lambda g, b: turned(g) @ b) if right_first else (lambda g, b: b @ turned(g))
    return [
        ("transpose", "a transpose is missing", product(plain)),
        ("order", "the two factors are in the wrong order", product(swapped)),
        ("order", "the two factors are in the wrong order, without the transpose", product(swapped_plain)),
        ("transpose", "the incoming gradient is transposed too", product(other_turned)),
        ("transpose", "the result is transposed", product(whole)),
        ("hadamard", "⊙ stands where a matrix product belongs", product(lambda g, b: g * b)),
        ("hadamard", "⊙ stands where a matrix product belongs", product(lambda g, b: g * turned(b))),
    ]


def local_rules(node, at):
    """What a reader may pass back at one edge instead of what is right."""
    op = node.op
    found = []
    if op.name == "matmul":
        return matrix_variants(at)
    live_alone = len([x for x in node.inputs if x.__class__ is Node]) == 1
    same = op.elementwise and node.shape == np.shape(node.inputs[at].output)
    found += BY_NAME.get(op.name, [])
    if op.name in ("pow", "power") and at == 0:
        found += POWER
    if op.name == "mul" and len(node.inputs) == 2:
        found.append(("product rule", "each factor is multiplied by itself, where the other one belongs",
                      lambda g, y, p, _k, d: g * p[at]))  # fmt: skip
    if op.name == "div":
        found += DIVISION[at]
    if same and live_alone and op.name not in ("add", "sub", "neg"):
        found += [OWN, PASSED]
    return found


DIVISION = {
    0: [("quotient rule", "the numerator's slope isn't divided by the denominator", lambda g, y, p, _k, d: g)],
    1: [
        ("quotient rule", "the denominator stands where its square belongs", lambda g, y, p, _k, d: d * p[1]),
        ("quotient rule", "the squared denominator is missing", lambda g, y, p, _k, d: d * p[1] * p[1]),
        ("quotient rule", "the reciprocal's derivative −1/v² is written as 1/v",
         lambda g, y, p, _k, d: g * p[0] / p[1]),
        ("quotient rule", "log(v) stands where −1/v² belongs",
         lambda g, y, p, _k, d: g * p[0] * np.log(np.abs(p[1]))),
    ],
}  # fmt: skip

# Changes at both operands of a division: (words, what each part is multiplied by).
QUOTIENT = [
    ("the denominator stands where its square belongs", lambda d, v: d * v),
    ("the squared denominator is missing", lambda d, v: d * v * v),
]

"""Mistakes made mechanically from right derivatives: marks taken wrong, and changes to the text.

NumPy evaluates what comes out, with Python's own eval on this repository's own text: an oracle that shares nothing with
the checker's reading of candidates.
"""

import ast
import copy

import numpy as np

import engine

FUNCTIONS = {
    "np": np, "sin": np.sin, "cos": np.cos, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "tanh": np.tanh,
    "ones_like": np.ones_like, "relu": lambda x: np.maximum(x, 0), "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}  # fmt: skip
MARKS = ("inner", "term", "up", "act", "uv", "quot")


class Case:
    """One row: its program run at random values, its right derivative as text."""

    def __init__(self, row, seed=0):
        leaves, self.source, self.wrt, self.formula = row
        self.leaves = {part.split(":")[0].strip(): tuple(map(int, part.split(":")[1].split()))
                       for part in leaves.split(",")}  # fmt: skip
        self.right = right(self.formula)
        self.values = self.drawn(seed)
        self.names = self.run(self.values)
        self.out = self.names["loss" if "loss" in self.names else "out"]

    def drawn(self, seed):
        generator = np.random.default_rng(seed)
        return {name: generator.uniform(0.3, 1.6, shape) * generator.choice([-1, 1], shape)
                for name, shape in self.leaves.items()}  # fmt: skip

    def run(self, values):
        names = {name: engine.tensor(value, requires_grad=True) for name, value in values.items()}
        functions = {name: getattr(engine, name) for name in ("sin", "cos", "exp", "log", "sqrt", "tanh", "sigmoid")}
        functions |= {"relu": engine.relu, "softmax": engine.softmax}
        exec(self.source, functions, names)
        return {name: value for name, value in names.items() if isinstance(value, engine.Tensor)}

    def at(self, seed):
        """(names as arrays, the gradient) at other values, by the engine's own backward."""
        values = self.drawn(seed)
        names = self.run(values)
        out = names["loss" if "loss" in names else "out"]
        G = np.random.default_rng(seed + 1).standard_normal(out.shape)
        seeded = engine.tensor(G) if out.shape else None
        (gradient,) = engine.autograd.grad(out, [names[self.wrt]], seeded)
        arrays = {name: np.array(value.detach().numpy()) for name, value in names.items()}
        return {**arrays, "G": G}, np.asarray(gradient.numpy())

    def numbers(self, text, points):
        """The text's values at some points, None where NumPy can't."""
        found = []
        for names, _gradient in points:
            try:
                with np.errstate(all="ignore"):
                    found.append(np.asarray(eval(text, {**FUNCTIONS, **names}), dtype=float))
            except (ValueError, TypeError, IndexError, AttributeError):
                return None
        return found


def right(formula):
    """The formula with every mark taken as it is right."""
    return _unmarked(ast.parse(formula, mode="eval").body, {})


def _unmarked(root, wrong):
    """The text of a marked tree; `wrong`: index of a mark -> which of its mistakes."""
    root = copy.deepcopy(root)
    marks = marked(root)
    for at in reversed(range(len(marks))):
        node = marks[at]
        made = _meaning(node, wrong.get(at))
        root = _replace(root, node, made)
    return ast.unparse(root)


def marked(root):
    return [node for node in ast.walk(root)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS]  # fmt: skip


def _replace(root, node, made):
    if root is node:
        return made
    for parent in ast.walk(root):
        for field, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, field, made)
            elif isinstance(value, list):
                setattr(parent, field, [made if item is node else item for item in value])
    return root


def _op(left, kind, right_):
    return ast.BinOp(left, kind(), right_)


def _meaning(node, wrong):
    args = node.args
    match node.func.id:
        case "inner":
            return ast.Constant(1) if wrong else args[0]
        case "term":
            return ast.Constant(0) if wrong else args[0]
        case "up":
            return ast.Call(ast.Name("ones_like"), args, []) if wrong else args[0]
        case "act":
            return args[1] if wrong else args[0]
        case "uv":
            return args[2] if wrong else _op(args[0], ast.Add, args[1])
        case "quot":
            a, b, v = args
            top = {None: _op(a, ast.Sub, b), 1: _op(a, ast.Add, b), 2: _op(b, ast.Sub, a), 3: _op(a, ast.Sub, b)}[wrong]
            return _op(top, ast.Div, v if wrong == 3 else _op(v, ast.Pow, ast.Constant(2)))


KINDS = {"inner": "chain", "term": "path", "up": "upstream", "act": "activation", "uv": "product rule",
         "quot": "quotient rule"}  # fmt: skip


def mistakes(case):
    """(kind, text) of every mistake, whether or not what comes out is wrong."""
    root = ast.parse(case.formula, mode="eval").body
    made = []
    for at, node in enumerate(marked(root)):
        for variant in (1, 2, 3) if node.func.id == "quot" else (1,):
            made.append((KINDS[node.func.id], _unmarked(root, {at: variant})))
    if "up" in case.formula:  # all of the upstream gradient
        all_of_it = {at: 1 for at, node in enumerate(marked(root)) if node.func.id == "up"}
        made.append(("upstream", _unmarked(root, all_of_it)))
    plain = ast.parse(case.right, mode="eval").body
    text = case.right
    sizes = sorted({n for shape in case.leaves.values() for n in shape if n > 2})
    made += [("sign", f"-({text})"), ("factor", f"2 * ({text})")]
    made += [("factor", f"({text}) / {n}") for n in sizes[:1]]
    shape = case.leaves[case.wrt]
    if len(shape) == 1 and shape[0] > 1:
        made.append(("shape", f"({text})[:, None]"))
    if len(shape) == 2:
        made.append(("transpose", f"({text}).T"))
        if 1 in shape:
            made.append(("shape", f"({text}).ravel()"))
    literal = np.array2string(case.values[case.wrt], separator=", ", floatmode="unique").replace("\n", "")
    fresh = copy.deepcopy(plain)
    own = [node for node in ast.walk(fresh) if isinstance(node, ast.Name) and node.id == case.wrt]
    if own:
        numbers = ast.parse(f"np.array({literal})", mode="eval").body
        made.append(("only here", ast.unparse(_replace(fresh, own[0], numbers))))
    nodes = list(ast.walk(plain))
    for at, node in enumerate(nodes):
        for kind, change in _changes(node):
            fresh = copy.deepcopy(plain)
            target = list(ast.walk(fresh))[at]
            made.append((kind, ast.unparse(_replace(fresh, target, change(target)))))
    return list(dict.fromkeys(made))


def _changes(node):
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transpose", lambda t: t.value
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.MatMult):
            yield "order", lambda t: _op(t.right, ast.MatMult, t.left)
            yield "hadamard", lambda t: _op(t.left, ast.Mult, t.right)
        if isinstance(node.op, ast.Add) and not isinstance(node.left, ast.Constant):
            yield "sign", lambda t: _op(t.left, ast.Sub, t.right)
        if isinstance(node.op, ast.Sub) and not isinstance(node.left, ast.Constant):
            yield "sign", lambda t: _op(t.left, ast.Add, t.right)
        if isinstance(node.op, ast.Mult) and isinstance(node.left, ast.Constant):
            yield "factor", lambda t: t.right
        if isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant):
            yield "factor", lambda t: t.left
        if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant):
            yield "power", lambda t: _op(t.left, ast.Pow, ast.Constant(t.right.value + 1))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sum":
        yield "missing sum", lambda t: t.func.value
        yield "factor", lambda t: ast.Call(ast.Attribute(t.func.value, "mean"), t.args, t.keywords)


def same(one, two):
    """Whether two lists of values are equal, each within rounding; a value may be the same along axes it lacks."""
    if one is None or two is None:
        return False
    for a, b in zip(one, two):
        try:
            if np.broadcast_shapes(a.shape, b.shape) != b.shape:
                return False
        except ValueError:
            return False
        if not np.allclose(a, b, 1e-8, 1e-10):
            return False
    return True


def wrong_candidates(case):
    """text -> kinds: every text that isn't the derivative, with the kinds of the mistakes that it may be."""
    points = [case.at(seed) for seed in (11, 12, 13)]
    truths = [gradient for _names, gradient in points]
    found = []
    for kind, text in mistakes(case):
        values = case.numbers(text, points)
        if not same(values, truths):
            found.append((kind, text, values))
    made = {}
    for kind, text, values in found:
        kinds = {other for other, _text, theirs in found if values is not None and theirs is not None
                 and same(values, theirs) and same(theirs, values)}  # fmt: skip
        made.setdefault(text, set()).update({kind}, kinds, constant_factor(values, truths))
    return made


def constant_factor(values, truths):
    """{"factor"}, or {"sign"}, where the values are a constant times the derivative, whatever mistake made them."""
    if values is None or any(value.shape != truth.shape for value, truth in zip(values, truths)):
        return set()
    at = np.argmax(np.abs(truths[0]))
    ratio = values[0].flat[at] / truths[0].flat[at]
    if not ratio or not same(values, [ratio * truth for truth in truths]):
        return set()
    return {"sign"} if abs(ratio + 1) < 1e-9 else {"factor"}

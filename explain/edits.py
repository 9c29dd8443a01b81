"""A candidate's text with one thing changed: the change that makes it right is its diagnosis.

Imported by explain.diagnosis.
"""

import ast
import copy
from dataclasses import dataclass

from explain.parse import parse
from explain.tokens import InputError

SITES = 60  # parts of an expression that are tried


@dataclass(frozen=True)
class Edit:
    """A changed tree: the kind of mistake that it corrects, the words for it, and the piece before and after."""

    kind: str
    words: str
    before: str
    after: str
    tree: object


def edits(tree, alike=None):
    """Edit for each change, the likelier first; `alike`: a variable's name -> others of its shape."""
    nodes = [node for node in ast.walk(tree.root) if isinstance(node, ast.expr)]
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    called |= {part.value for part in called if isinstance(part, ast.Attribute)}  # np in np.exp

    def others(node):
        for other in (alike or {}).get(node.id, ()) if isinstance(node, ast.Name) else ():
            yield "variable", "another variable is meant", ast.Name(other)

    for priority in (_means, _products, _signs, _upstream, _transposes, others, _sums, _factors, _powers, _shapes,
                     _activations):  # fmt: skip
        for at, node in enumerate(nodes[:SITES]):
            if node in called and not isinstance(node, (ast.BinOp, ast.Call)):
                continue
            for kind, words, made in priority(node):
                try:
                    changed = parse(ast.unparse(_replaced(tree.root, at, made)), tree.limits)
                except InputError:
                    continue
                yield Edit(kind, words, ast.unparse(node), ast.unparse(made), changed)


def _replaced(root, at, made):
    """A copy of a tree with the expression at an index of the walk replaced."""
    fresh = copy.deepcopy(root)
    nodes = [node for node in ast.walk(fresh) if isinstance(node, ast.expr)]
    target = nodes[at]
    if at == 0:
        return made
    for parent in ast.walk(fresh):
        for field, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, field, made)
            elif isinstance(value, list):
                setattr(parent, field, [made if item is target else item for item in value])
    return fresh


def _turned(node):
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T")


def _is_turned(node):
    """Whether a transpose is written in a factor."""
    return any(isinstance(part, ast.Attribute) and part.attr == "T" for part in ast.walk(node))


def _is(node, *kinds):
    return isinstance(node, ast.BinOp) and isinstance(node.op, kinds)


def _matrix(left, right):
    return ast.BinOp(left, ast.MatMult(), right)


def _products(node):
    if _is(node, ast.Mult):
        a, b = node.left, node.right
        words = "⊙ stands where a matrix product belongs"
        for made in (_matrix(a, b), _matrix(_turned(a), b), _matrix(a, _turned(b)), _matrix(b, a),
                     _matrix(_turned(b), a), _matrix(b, _turned(a))):  # fmt: skip
            yield "hadamard", words, made
    if _is(node, ast.MatMult):
        a, b = node.left, node.right
        # Who wrote a transpose knew of it: then the order is the likelier mistake.
        for made, turned in ((_matrix(_turned(a), b), a), (_matrix(a, _turned(b)), b)):
            if not _is_turned(turned):
                yield "transpose", "a transpose is missing", made
        yield "order", "the two factors are in the wrong order", _matrix(b, a)
        for made, turned in ((_matrix(_turned(a), b), a), (_matrix(a, _turned(b)), b)):
            if _is_turned(turned):
                yield "transpose", "a transpose is too many", made
        yield "order", "the two factors are in the wrong order", _matrix(_turned(b), _turned(a))
        yield "order", "the two factors are in the wrong order", _matrix(_turned(b), a)
        yield "order", "the two factors are in the wrong order", _matrix(b, _turned(a))
        yield "transpose", "two transposes are missing or too many", _matrix(_turned(a), _turned(b))
        yield "hadamard", "a matrix product stands where ⊙ belongs", ast.BinOp(a, ast.Mult(), b)
        if isinstance(a, ast.BinOp) and isinstance(a.op, ast.MatMult):  # a b c in another order
            yield "order", "the factors are in the wrong order", _matrix(_matrix(b, a.left), a.right)
            yield "order", "the factors are in the wrong order", _matrix(_matrix(a.right, a.left), b)
    if isinstance(node, ast.Call) and _name(node) in ("outer", "ger") and len(node.args) == 2:
        yield "order", "the two factors are in the wrong order", ast.Call(node.func, node.args[::-1], [])


def _name(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _signs(node):
    if _is(node, ast.Add):
        yield "sign", "a sign is wrong", ast.BinOp(node.left, ast.Sub(), node.right)
        yield "sign", "a sign is wrong", ast.BinOp(node.right, ast.Sub(), node.left)
    if _is(node, ast.Sub):
        yield "sign", "a sign is wrong", ast.BinOp(node.left, ast.Add(), node.right)
        yield "sign", "a difference is the wrong way round", ast.BinOp(node.right, ast.Sub(), node.left)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign", "a sign is wrong", node.operand


def _transposes(node):
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transpose", "a transpose is too many", node.value
    elif isinstance(node, ast.Name):
        yield "transpose", "a transpose is missing", _turned(node)


def _means(node):
    if isinstance(node, ast.Call) and _name(node) in ("sum", "mean"):
        other = {"sum": "mean", "mean": "sum"}[_name(node)]
        func = copy.deepcopy(node.func)
        if isinstance(func, ast.Attribute):
            func.attr = other
        else:
            func.id = other
        yield "factor", f"{_name(node)} stands where {other} belongs", ast.Call(func, node.args, node.keywords)


def _upstream(node):
    if isinstance(node, ast.Call) and _name(node) == "ones_like" and len(node.args) == 1:
        yield "upstream", "ones stand where the variable itself belongs", node.args[0]


def _factors(node):
    if _is(node, ast.Mult):
        yield "factor", "a factor is too many", node.left
        yield "factor", "a factor is too many", node.right
    if _is(node, ast.Div):
        yield "factor", "a division is too many", node.left
    if isinstance(node, (ast.Name, ast.Call, ast.BinOp)):
        for factor in (2, 3, 0.5):
            yield "factor", f"a factor {factor if factor >= 1 else '1/2'} is missing", ast.BinOp(
                ast.Constant(factor), ast.Mult(), node
            )


def _sums(node):
    if isinstance(node, (ast.BinOp, ast.Name, ast.Call, ast.Attribute)):
        for axis in (-1, 0, 1):
            for keep in (True, False):
                words = [ast.keyword("keepdim", ast.Constant(True))] if keep else []
                yield "missing sum", "a sum is missing", ast.Call(ast.Attribute(node, "sum"), [ast.Constant(axis)],
                                                                 words)  # fmt: skip
        yield "missing sum", "a sum is missing", ast.Call(ast.Attribute(node, "sum"), [], [])
    if isinstance(node, ast.Call) and _name(node) in ("sum", "mean"):
        method = isinstance(node.func, ast.Attribute) and not node.args
        inner = node.func.value if method else node.args[0] if node.args else None
        if inner is not None and not (isinstance(inner, ast.Name) and inner.id in ("np", "numpy", "torch")):
            yield "extra sum", f"a {_name(node)} is too many", inner
        for axis in (0, 1, -1):
            made = copy.deepcopy(node)
            for word in made.keywords:
                if word.arg == "dim":
                    word.value = ast.Constant(axis)
                    yield "axis", "the sum runs over the wrong axis", made


def _powers(node):
    if _is(node, ast.Pow) and isinstance(node.right, ast.Constant) and isinstance(node.right.value, int):
        for other in (node.right.value - 1, node.right.value + 1):
            yield "power", "an exponent is off by one", ast.BinOp(node.left, ast.Pow(), ast.Constant(other))
    elif isinstance(node, (ast.Name, ast.Call)):
        yield "power", "a square is missing", ast.BinOp(node, ast.Pow(), ast.Constant(2))


def _shapes(node):
    if isinstance(node, (ast.Name, ast.BinOp, ast.Call)):
        pick = ast.Tuple([ast.Slice(), ast.Constant(None)], ast.Load())
        yield "shape", "a vector stands where a column belongs", ast.Subscript(node, pick, ast.Load())
        yield "shape", "a column stands where a vector belongs", ast.Call(ast.Attribute(node, "ravel"), [], [])


def _activations(node):
    if isinstance(node, (ast.Name, ast.Call)):
        one = ast.Constant(1)
        kind = "activation"
        yield (kind, "σ stands where its derivative σ (1 − σ) belongs",
               ast.BinOp(node, ast.Mult(), ast.BinOp(one, ast.Sub(), node)))  # fmt: skip
        yield (kind, "tanh stands where its derivative 1 − tanh² belongs",
               ast.BinOp(one, ast.Sub(), ast.BinOp(node, ast.Pow(), ast.Constant(2))))  # fmt: skip

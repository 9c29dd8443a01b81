"""Right derivatives rewritten mechanically: expanded, factored, transposed twice, with definitions written out.

The formulas are those of derivations.py; NumPy confirms that a rewriting is equal before it counts as one.
"""

import ast
import copy
import re

from candidates.mistakes import _op, _replace, same


def rewritings(case):
    """(what was done, text) of everything equal that is made from a row's right formula."""
    plain = ast.parse(case.right, mode="eval").body
    made = [("transposed twice", f"({case.right}).T.T"), ("halved and doubled", f"2 * ({case.right}) * 0.5"),
            ("negated twice", f"-(-({case.right}))")]  # fmt: skip
    nodes = list(ast.walk(plain))
    for at, node in enumerate(nodes):
        for what, change in changes(node):
            fresh = copy.deepcopy(plain)
            target = list(ast.walk(fresh))[at]
            made.append((what, ast.unparse(_replace(fresh, target, change(target)))))
    for name, definition in re.findall(r"(\w+) = ([^;]+)", case.source):
        if name not in ("out", "loss") and re.search(rf"\b{name}\b", case.right):
            made.append(("written out", re.sub(rf"\b{name}\b", f"({numpy(definition)})", case.right)))
    points = [case.at(seed) for seed in (21, 22)]
    truths = [gradient for _names, gradient in points]
    unique = {text: what for what, text in reversed(made) if text != case.right}
    return [(what, text) for text, what in unique.items() if same(case.numbers(text, points), truths)]


def numpy(definition):
    """A line of a program as NumPy text."""
    return definition.replace("keepdim=", "keepdims=").replace(".mean(1,", ".mean(axis=1,")


def turned(node):
    return ast.Attribute(node, "T")


def changes(node):
    if isinstance(node, ast.BinOp):
        a, b = node.left, node.right
        match node.op:
            case ast.MatMult():
                yield "product transposed", lambda t: turned(_op(turned(t.right), ast.MatMult, turned(t.left)))
                if isinstance(b, ast.BinOp) and isinstance(b.op, (ast.Add, ast.Sub)):
                    yield "expanded", lambda t: _op(_op(t.left, ast.MatMult, t.right.left), type(t.right.op),
                                                   _op(t.left, ast.MatMult, t.right.right))  # fmt: skip
                if isinstance(a, ast.BinOp) and isinstance(a.op, ast.Mult):
                    yield "regrouped", lambda t: _op(t.left.left, ast.Mult, _op(t.left.right, ast.MatMult, t.right))
            case ast.Mult():
                yield "commuted", lambda t: _op(t.right, ast.Mult, t.left)
                if isinstance(b, ast.BinOp) and isinstance(b.op, (ast.Add, ast.Sub)):
                    yield "expanded", lambda t: _op(_op(t.left, ast.Mult, t.right.left), type(t.right.op),
                                                   _op(t.left, ast.Mult, t.right.right))  # fmt: skip
                if isinstance(a, ast.Constant) and a.value == 2:
                    yield "added to itself", lambda t: _op(t.right, ast.Add, t.right)
            case ast.Add():
                yield "commuted", lambda t: _op(t.right, ast.Add, t.left)
                yield "minus a negative", lambda t: _op(t.left, ast.Sub, ast.UnaryOp(ast.USub(), t.right))
            case ast.Sub():
                yield "negated difference", lambda t: ast.UnaryOp(ast.USub(), _op(t.right, ast.Sub, t.left))
            case ast.Div():
                one = ast.Constant(1)
                yield "times the reciprocal", lambda t: _op(t.left, ast.Mult, _op(one, ast.Div, t.right))
                if isinstance(a, ast.BinOp) and isinstance(a.op, (ast.Add, ast.Sub)):
                    yield "expanded", lambda t: _op(_op(t.left.left, ast.Div, t.right), type(t.left.op),
                                                   _op(t.left.right, ast.Div, t.right))  # fmt: skip
            case ast.Pow() if isinstance(b, ast.Constant) and b.value == 2:
                yield "multiplied out", lambda t: _op(t.left, ast.Mult, t.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "mean"):
        yield "np's name", lambda t: ast.Call(ast.Attribute(ast.Name("np"), t.func.attr), [t.func.value], t.keywords)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        yield "np's name", lambda t: ast.Call(ast.Attribute(ast.Name("np"), t.func.id), t.args, [])
        if node.func.id == "exp":
            yield "another function", lambda t: _op(ast.Constant(1), ast.Div, ast.Call(
                t.func, [ast.UnaryOp(ast.USub(), t.args[0])], []))  # fmt: skip
        if node.func.id == "cos":
            yield "another function", lambda t: ast.Call(ast.Name("sin"), [_op(t.args[0], ast.Add, _op(
                ast.Attribute(ast.Name("np"), "pi"), ast.Div, ast.Constant(2)))], [])  # fmt: skip
    if isinstance(node, ast.Name) and node.id.isupper() and len(node.id) == 1:
        yield "transposed twice", lambda t: turned(turned(t))

"""NumPy's spellings in a parsed expression, turned into ours: axis= into dim=, x.astype(float), a.dot(b), x.size.

A tree goes in and a tree comes out, so that nothing else has to know of them. Imported by explain.candidates.
"""

import ast
import copy
from dataclasses import replace

from explain.tokens import InputError

KEYWORDS = {"axis": "dim", "keepdims": "keepdim", "ddof": "correction"}
RENAMED = {"max": "amax", "min": "amin", "identity": "eye", "fabs": "abs", "size": "numel", "average": "mean"}
NUMPY_ONLY = {"repeat": "repeat_interleave"}
CASTS = ("astype", "float", "double", "type")
NUMPY = ("np", "numpy")
SPREADS = ("var", "std")


def spelled(tree):
    """The same expression with our functions' names and keywords.

    >>> from explain.parse import parse
    >>> spelled(parse("np.sum(X.astype(1) * (z > 0), axis=0, keepdims=True)")).text
    'np.sum(X * 1.0 * ((z > 0) * 1.0), dim=0, keepdim=True)'
    """
    root = _Spelling().visit(copy.deepcopy(tree.root))
    return of_root(tree, root)


def of_root(tree, root):
    """A tree with another root, and the text that goes with it."""
    root = ast.fix_missing_locations(root)
    text = ast.unparse(root)
    # Complaints quote a piece of the text by its columns, so these must be the new text's.
    return replace(tree, text=text, root=ast.parse(text, mode="eval").body, start=0)


class _Spelling(ast.NodeTransformer):
    def __init__(self):
        self.called = set()  # attributes that are called

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute) and node.func.attr in CASTS and not _module(node.func):
            return _number(self.visit(node.func.value))
        self.called.add(id(node.func))
        node = self.generic_visit(node)
        for word in node.keywords:
            word.arg = KEYWORDS.get(word.arg, word.arg)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
        module = _module(node.func) if isinstance(node.func, ast.Attribute) else ""
        method = isinstance(node.func, ast.Attribute) and not module
        if name == "dot" and len(node.args) == 2 - method:
            left = node.func.value if method else node.args[0]
            return ast.BinOp(left, ast.MatMult(), node.args[-1])
        if name == "transpose" and len(node.args) == 1 - method and not node.keywords:
            return ast.Attribute(node.func.value if method else node.args[0], "T")
        if name in SPREADS:
            _say_which(node, name, module)
        if name in NUMPY_ONLY and module in NUMPY:
            name = _rename(node, NUMPY_ONLY[name])
        if name in RENAMED and not (name == "size" and method):
            _rename(node, RENAMED[name])
        return node

    def visit_Attribute(self, node):
        called = id(node) in self.called
        node = self.generic_visit(node)
        if node.attr == "size" and not called and not _module(node):
            return ast.Call(ast.Name("numel"), [node.value], [])
        if node.attr == "newaxis" and _module(node) in NUMPY:
            return ast.Constant(None)
        return node

    def visit_BinOp(self, node):
        node = self.generic_visit(node)
        node.left, node.right = _arithmetic(node.left), _arithmetic(node.right)
        return node

    def visit_UnaryOp(self, node):
        node = self.generic_visit(node)
        node.operand = _arithmetic(node.operand)
        return node


def _module(attribute):
    """"np" for np.sum, "" for the attribute of a value; np.linalg counts as a module too."""
    value = attribute.value
    if isinstance(value, ast.Attribute) and value.attr == "linalg":
        value = value.value
    known = (*NUMPY, "torch", "F", "math", "linalg")
    return value.id if isinstance(value, ast.Name) and value.id in known else ""


def _arithmetic(node):
    """Comparisons count as 0 and 1 where they are multiplied or added."""
    return _number(node) if isinstance(node, ast.Compare) else node


def _number(node):
    return ast.BinOp(node, ast.Mult(), ast.Constant(1.0))


def _rename(node, name):
    if isinstance(node.func, ast.Attribute):
        node.func.attr = name
    else:
        node.func.id = name
    return name


def _say_which(node, name, module):
    """A variance divides by n in NumPy and by n − 1 in PyTorch: one has to say which."""
    said = any(word.arg in ("correction", "unbiased") for word in node.keywords)
    if module in NUMPY and not said:
        node.keywords.append(ast.keyword("correction", ast.Constant(0)))
    elif module not in ("torch", *NUMPY) and not said:
        raise InputError(
            f"{name}(...) divides by n in NumPy and by n − 1 in PyTorch; write np.{name}(...) or torch.{name}(...)"
        )

"""A page as JSON and back: nothing is lost, so that a page read from a file renders as the one that was written.

The schema is in docs/json.md. Imported by explain.explanation.
"""

import dataclasses
import json
import math

import numpy as np
import sympy

from engine.op import REGISTRY
from engine.ops.indexing import Key
from engine.symbols import ArraySymbol, Structure, Sym, letter
from engine.symbols.evaluate import functions
from engine.symbols.structure import structure
from explain.render import graph as graphs
from explain.render.outline import Derivative, Form, Line, Name, Numbers, Page, Path, Section, Slope, Value
from explain.tokens import first_line

VERSION = 1
HEADS = {sympy.Add: "add", sympy.Mul: "mul", sympy.Pow: "pow"}
CONSTANTS = {sympy.pi: "pi", sympy.E: "e", sympy.oo: "inf", -sympy.oo: "-inf", sympy.nan: "nan", sympy.true: "true",
             sympy.false: "false", sympy.zoo: "complex infinity"}  # fmt: skip
FUNCTIONS = {cls.__name__ for cls in functions()} | {
    "Abs", "Max", "Min", "sign", "Heaviside", "DiracDelta", "KroneckerDelta", "Mod", "floor", "ceiling", "And", "Or",
    "Not", "Equality", "Unequality", "StrictGreaterThan", "GreaterThan", "StrictLessThan", "LessThan", "digamma",
    "polygamma",
}  # fmt: skip
RECORDS = {
    cls.__name__: cls
    for cls in (Page, Section, Line, Name, Slope, Derivative, Path, Value, graphs.Graph, graphs.Vertex, graphs.Edge)
}


def dumps(page):
    """A page as JSON text."""
    return json.dumps({"version": VERSION, "page": encode(page)}, ensure_ascii=False, indent=1)


def dumps_all(pages):
    """Several pages as one JSON text."""
    return json.dumps({"version": VERSION, "pages": [encode(page) for page in pages]}, ensure_ascii=False, indent=1)


def loads(text):
    """The page that a JSON text holds, or a tuple of several; ValueError says what is wrong with another text."""
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise ValueError("this JSON is nested too deep") from error
    if not isinstance(found, dict) or not {"page", "pages"} & found.keys():
        raise ValueError("this JSON isn't an explanation: it has no 'page'; write one with Explanation.json()")
    if found.get("version") != VERSION:
        raise ValueError(f"this explanation has version {found.get('version')}; this program reads version {VERSION}")
    try:
        return decode(found["page"] if "page" in found else found["pages"])
    except (TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError) as error:
        why = first_line(error) or "a part is missing"
        raise ValueError(f"this JSON isn't an explanation as Explanation.json() writes it: {why}") from error


def encode(item):
    """A record, a tuple, an expression or a plain value as what JSON can hold."""
    if isinstance(item, Sym):
        return {"type": "Formula", "expression": expression(item.expr), "shape": encode_sizes(item.shape)}
    if isinstance(item, Form):
        return {"type": "Form", "terms": [[encode(factor) for factor in term] for term in item.terms],
                "over": encode(item.over)}  # fmt: skip
    if isinstance(item, Numbers):
        numbers = [[expression(part), number] for part, number in item.numbers]
        return {"type": "Numbers", "form": encode(item.form), "numbers": numbers}
    if dataclasses.is_dataclass(item):
        fields = {field.name: encode(getattr(item, field.name)) for field in dataclasses.fields(item)}
        return {"type": type(item).__name__, **fields}
    if isinstance(item, tuple):
        return [encode(part) for part in item]
    return item


def decode(item):
    """What `encode` was given."""
    if isinstance(item, list):
        return tuple(decode(part) for part in item)
    if not isinstance(item, dict):
        return item
    kind = item.get("type")
    if kind == "Formula":
        return Sym(read(item["expression"]), decode_sizes(item["shape"]))
    if kind == "Form":
        return Form(tuple(tuple(decode(factor) for factor in term) for term in item["terms"]), decode(item["over"]))
    if kind == "Numbers":
        return Numbers(decode(item["form"]), tuple((read(part), number) for part, number in item["numbers"]))
    if kind not in RECORDS:
        raise ValueError(f"an explanation's JSON can't hold a {kind!r}")
    cls = RECORDS[kind]
    names = {field.name for field in dataclasses.fields(cls)}
    return cls(**{name: decode(value) for name, value in item.items() if name in names})


def expression(expr):
    """A SymPy expression as nested lists: ["add", ...], ["symbol", name, shape], ["number", "1/4"], ..."""
    if isinstance(expr, ArraySymbol):
        return ["symbol", expr.name, encode_sizes(expr.shape), *(["positive"] if expr.is_positive else [])]
    if expr.is_Symbol:
        return ["size" if expr.is_positive else "index", expr.name]
    if expr.is_Rational:
        return ["number", str(expr)]
    if expr.is_Float:
        return ["float", float(expr).hex()]
    if isinstance(expr, Structure):
        shapes = [encode_sizes(shape) for shape in expr.operand_shapes]
        params = {name: _param(value) for name, value in expr.params.items()}
        operands = [expression(part) for part in expr.operands]
        return ["operation", expr.operation, operands, shapes, params, encode_sizes(expr.shape)]
    if isinstance(expr, sympy.Indexed):
        label = expr.base.label
        name = str(label) if label.is_Symbol else expression(label)
        return ["indexed", name, *map(expression, expr.indices)]
    if isinstance(expr, sympy.Sum):
        return ["sum", expression(expr.function), *([expression(part) for part in limit] for limit in expr.limits)]
    if isinstance(expr, sympy.Piecewise):
        return ["cases", *([expression(value), expression(when)] for value, when in expr.args)]
    if not expr.args:
        return ["constant", CONSTANTS[expr]]
    head = HEADS.get(type(expr)) or type(expr).__name__
    return [head, *map(expression, expr.args)]


def read(item):
    """The expression that nested lists stand for, in the same form."""
    head, *rest = item
    if head == "symbol":
        name, shape, *kind = rest
        return ArraySymbol(name, decode_sizes(shape), **({"positive": True} if kind else {}))
    if head == "size":
        return letter(rest[0])
    if head == "index":
        return sympy.Symbol(rest[0], integer=True)
    if head == "number":
        return sympy.Rational(rest[0])
    if head == "float":
        return sympy.Float(float.fromhex(rest[0]), 17)
    if head == "constant":
        return next(constant for constant, name in CONSTANTS.items() if name == rest[0])
    if head == "operation":
        return _read_operation(*rest)
    if head == "indexed":
        label = rest[0] if isinstance(rest[0], str) else read(rest[0])
        return sympy.Indexed(sympy.IndexedBase(label), *map(read, rest[1:]))
    if head == "sum":
        return sympy.Sum(read(rest[0]), *(tuple(map(read, limit)) for limit in rest[1:]))
    if head == "cases":
        return sympy.Piecewise(*((read(value), read(when)) for value, when in rest), evaluate=False)
    args = [read(part) for part in rest]
    if head in ("add", "mul"):
        return (sympy.Add if head == "add" else sympy.Mul)._from_args(args)
    if head == "pow":
        return sympy.Pow(*args, evaluate=False)
    if head not in FUNCTIONS:
        raise ValueError(f"there is no function {head!r} here")
    return getattr(sympy, head)(*args, evaluate=False)


def _read_operation(name, operands, shapes, params, shape):
    if name not in REGISTRY:
        raise ValueError(f"there is no operation {name!r} here")
    params = {key: _read_param(value) for key, value in params.items()}
    operands = [read(part) for part in operands]
    return structure(REGISTRY[name], operands, [decode_sizes(each) for each in shapes], params, decode_sizes(shape))


def encode_sizes(shape):
    """A shape: ints, letters, or the shapes of several outputs."""
    return [encode_sizes(size) if isinstance(size, tuple) else size if isinstance(size, int) else expression(size)
            for size in shape]  # fmt: skip


def decode_sizes(shape):
    """What `encode_sizes` was given; a list that starts with a name is an expression."""
    return tuple(
        size if isinstance(size, int) else read(size) if size and isinstance(size[0], str) else decode_sizes(size)
        for size in shape
    )


def _param(value):
    if isinstance(value, Key):
        return {"key": [_param(part) for part in value]}
    if isinstance(value, tuple | list):
        return {"tuple": [_param(part) for part in value]}
    if isinstance(value, slice):
        return {"slice": [_param(part) for part in (value.start, value.stop, value.step)]}
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": str(value.dtype)}
    if isinstance(value, np.generic):
        return _param(value.item())
    if isinstance(value, sympy.Expr):
        return {"expression": expression(value)}
    if isinstance(value, np.dtype):
        return {"dtype": value.name}
    if value is Ellipsis:
        return {"rest": True}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if not isinstance(value, str | int | float | None):
        raise NotImplementedError(f"{value!r} of the program can't be written as JSON; use another format")
    return value


def _read_param(value):
    if not isinstance(value, dict):
        return value
    ((kind, held), *_dtype) = value.items()
    if kind == "array":
        return np.array(held, dtype=value["dtype"])
    if kind == "slice":
        return slice(*map(_read_param, held))
    if kind == "key":
        return Key(map(_read_param, held))
    if kind == "tuple":
        return tuple(map(_read_param, held))
    return {"expression": read, "float": float, "dtype": np.dtype, "rest": lambda _held: Ellipsis}[kind](held)

"""Book formulas as data: Python expressions over our symbols, so that their operations are counted as ours are.

`*` is the Hadamard product, `@` the matrix product, `.T` the transpose; an axis that is summed stays as one.
"""

import sympy

from engine.op import REGISTRY
from engine.symbols import lift


class Book:
    """A symbol in a book's formula."""

    __slots__ = ("sym",)

    def __init__(self, sym):
        self.sym = sym

    @property
    def T(self):
        return Book(REGISTRY["permute"](self.sym, dims=tuple(reversed(range(self.sym.ndim)))))

    def __getitem__(self, key):
        """Only new axes: u[:, None]."""
        dim = tuple(at for at, item in enumerate(key) if item is None)
        return Book(REGISTRY["unsqueeze"](self.sym, dim=dim))


def sym_of(value):
    return value.sym if isinstance(value, Book) else lift(value)


def _operator(apply):
    return lambda self, other: Book(apply(sym_of(self), sym_of(other)))


for _name, _apply in {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "truediv": lambda a, b: a / b,
    "pow": lambda a, b: a**b, "matmul": lambda a, b: REGISTRY["matmul"](a, b),
}.items():  # fmt: skip
    setattr(Book, f"__{_name}__", _operator(_apply))
    setattr(Book, f"__r{_name}__", _operator(lambda a, b, apply=_apply: apply(b, a)))
for _name in ("lt", "le", "gt", "ge"):
    setattr(Book, f"__{_name}__", _operator(REGISTRY[_name]))
Book.__neg__ = lambda self: Book(-self.sym)


def _reduced(name):
    def reduce(x, axis=None):
        sym = sym_of(x)
        dim = tuple(range(sym.ndim)) if axis is None else (axis % sym.ndim,)
        return Book(REGISTRY[name](sym, dim=dim, keepdim=axis is not None))

    return reduce


def _along(name):
    def apply(x, axis=-1):
        sym = sym_of(x)
        return Book(REGISTRY[name](sym, dim=(axis % sym.ndim,)))

    return apply


def _named(name):
    def apply(*args, **params):
        return Book(REGISTRY[name](*map(sym_of, args), **params))

    return apply


def drop(x, axis):
    """An axis of size one dropped."""
    sym = sym_of(x)
    return Book(REGISTRY["squeeze"](sym, dim=(axis % sym.ndim,)))


def eye(x):
    """The identity matrix of x's size."""
    return Book(REGISTRY["identity_like"](sym_of(x)))


FUNCTIONS = {
    "sum": _reduced("sum"), "mean": _reduced("mean"), "softmax": _along("softmax"),
    "log_softmax": _along("log_softmax"), "sqrt": lambda x: Book(sym_of(x) ** sympy.Rational(1, 2)),
    "drop": drop, "eye": eye, "pi": sympy.pi, "size": lambda x: Book(REGISTRY["abs"](sym_of(x))),
}  # fmt: skip


def read(text, names):
    """The Sym of a formula; assignments before the last line name its parts, `names`: name -> Sym."""
    space = {name: Book(sym) for name, sym in names.items()}
    lines = [line.strip() for line in text.replace(";", "\n").splitlines() if line.strip()]
    scope = _Scope(space)
    for line in lines[:-1]:
        name, _equals, right = line.partition("=")
        space[name.strip()] = eval(right, {"__builtins__": {}}, scope)  # noqa: S307  (our own data)
    return sym_of(eval(lines[-1], {"__builtins__": {}}, scope))  # noqa: S307


class _Scope(dict):
    """Names of the row, then functions of this module, then operations of the registry."""

    def __init__(self, space):
        super().__init__()
        self.space = space

    def __missing__(self, name):
        if name in self.space:
            return self.space[name]
        if name in FUNCTIONS:
            return FUNCTIONS[name]
        if name in REGISTRY:
            return _named(name)
        raise NameError(f"a book formula uses {name}, which is neither a variable nor an operation")

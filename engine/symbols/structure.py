"""Structure as SymPy nodes: one class an operation, made from the registry when first needed.

A node keeps the shapes of its operands beside them, since an expression alone can lose them
(x/x is 1), so that it can be rebuilt, evaluated and printed. Imported by engine.symbols.sym.
"""

import atexit
from weakref import WeakValueDictionary

import numpy as np
import sympy
from sympy import Basic, Expr
from sympy.core.basic import Atom

from engine.op import REGISTRY
from engine.symbols.arrays import leave_open


class Setting(Atom):
    """The operand shapes and parameters of a structure node: data, without symbols to substitute."""

    __slots__ = ("shapes", "params", "key")

    def __new__(cls, shapes, params):
        new = Basic.__new__(cls)
        new.shapes = shapes
        new.params = params
        new.key = (shapes, tuple((name, frozen(value)) for name, value in sorted(params.items())))
        return new

    def _hashable_content(self):
        return self.key

    def __getnewargs__(self):
        return self.shapes, self.params

    def compare(self, other):
        """An order among settings; their sizes may be letters, of which `<` knows nothing."""
        if not isinstance(other, Setting):
            return super().compare(other)
        mine, others = repr(self.key), repr(other.key)
        return (mine > others) - (mine < others)

    def sort_key(self, order=None):
        return self.class_key(), (1, (repr(self.key),)), sympy.S.One.sort_key(), sympy.S.One

    def _sympystr(self, printer):
        return ", ".join(f"{name}={value!r}" for name, value in sorted(self.params.items()))


def frozen(value):
    """A hashable stand-in for a parameter."""
    if isinstance(value, np.ndarray):
        return ("array", value.shape, str(value.dtype), value.tobytes())
    if isinstance(value, (list, tuple)):  # Named axes and keys are tuples: what they are called for makes no difference
        return ("list" if isinstance(value, list) else "tuple", *map(frozen, value))
    if isinstance(value, dict):
        return ("dict", *((key, frozen(item)) for key, item in sorted(value.items())))
    if isinstance(value, slice):
        return ("slice", value.start, value.stop, value.step)
    if isinstance(value, (int, float)):
        return (type(value).__name__, value)
    return value


class Structure(Expr):
    """An operation of the registry applied to array expressions; args are the operands and a Setting."""

    operation = ""
    is_commutative = True
    is_real = True
    is_extended_real = True

    def __new__(cls, *args):
        """Rebuild from operands and Setting, as SymPy does after a substitution; normalises again."""
        from engine.symbols.sym import Sym, apply

        *operands, setting = args
        syms = [Sym(expr, shape) for expr, shape in zip(operands, setting.shapes)]
        return apply(REGISTRY[cls.operation], syms, setting.params).expr

    @property
    def op(self):
        return REGISTRY[self.operation]

    @property
    def operands(self):
        return self.args[:-1]

    @property
    def params(self):
        return self.args[-1].params

    @property
    def operand_shapes(self):
        return self.args[-1].shapes

    def _sympystr(self, printer):
        inner = [printer.doprint(arg) for arg in self.operands]
        settings = printer.doprint(self.args[-1])
        return f"{self.operation}({', '.join([*inner, settings] if settings else inner)})"

    def _eval_derivative(self, symbol):
        raise NotImplementedError(
            f"sympy.diff doesn't know {self.operation}; ask explain() for the derivative of the program instead"
        )


_classes = {}
_alive = WeakValueDictionary()  # the nodes that there are: equal ones are the same object, which SymPy sees at once
atexit.register(_alive.clear)  # as Python shuts down, a dying node would look for its key, which SymPy can't hash then


def structure(op, exprs, shapes, params, shape):
    """The node of `op`, as it stands, with the given output shape."""
    cls = _classes.get(op.name)
    if cls is None:
        # The class's name decides which printer method SymPy looks for: it mustn't be one of SymPy's own.
        name = "Array" + "".join(word.capitalize() for word in op.name.split("_"))
        made = type(name, (Structure,), {"operation": op.name, "__module__": __name__})
        leave_open(made.default_assumptions)
        cls = _classes.setdefault(op.name, made)  # another thread may have been first
    setting = Setting(tuple(shapes), params)
    key = (cls, *exprs, setting, shape)
    found = _alive.get(key)
    if found is None:
        found = Expr.__new__(cls, *exprs, setting)
        found.shape = shape
        _alive[key] = found
    return found

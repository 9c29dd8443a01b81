"""A formula as the source of one NumPy function of the leaves. Imported by explain.explanation.

Shared subexpressions are computed once, stable forms stay (softmax, logsumexp, sigmoid), and factors without shape
multiply the result of a matrix product, never a matrix: 2*X.T@r would copy X.
"""

import keyword
import math
import re

import numpy as np
import sympy

from engine.symbols import Structure, shape_of
from engine.symbols.evaluate import functions
from explain.numpy_calls import COMPARISONS, is_truth, spelled
from explain.sharing import Sharing
from explain.sources import HELPERS, NoSource, Sources

SUM, PRODUCT, UNARY, POWER, ATOM = range(5)  # how tightly a piece of Python holds together


def source(name, formula, where, leaves, shapes, result, truths=(), zeroed=False):
    """The source of `grad_NAME(leaves...)`.

    formula  Sym; where: (name, symbol, Sym) of definitions in order; leaves: (name, symbol) of the arguments
    shapes   leaf's name -> its sizes, so that letters can be read off the arguments
    result   the leaf's name whose shape the gradient has, and that shape
    truths   the symbols of arguments that hold truth values
    zeroed   whether 0/0 stands in the formula and counts as 0
    """
    return _Module(name, formula, where, leaves, shapes, result, truths, zeroed).text()


class _Module:
    def __init__(self, name, formula, where, leaves, shapes, result, truths, zeroed):
        self.truths, self.zeroed = truths, zeroed
        self.name, self.formula, self.where, self.leaves, self.result = name, formula, where, leaves, result
        self.shapes = shapes
        self.helpers = {}
        self.sources = Sources(self.helpers, HELPERS)
        self.taken = {"np"}
        self.names = {}  # symbol -> Python identifier
        for label, symbol in leaves:
            self.names[symbol] = self.identifier(label)
        self.lines = []
        self.used = set()  # symbols
        self.made = {}  # expression -> local variable
        self.sharing = Sharing([formula.expr, *(sym.expr for _label, _symbol, sym in where)])

    def identifier(self, label):
        """A Python name like the user's."""
        word = re.sub(r"\W+", "_", label.replace("∂", "d").replace("/", "_")).strip("_") or "x"
        if word[0].isdigit() or keyword.iskeyword(word):
            word = f"_{word}"
        found, at = word, 1
        while found in self.taken or found in HELPERS:
            found, at = f"{word}_{at}", at + 1
        self.taken.add(found)
        return found

    def text(self):
        self._letters()
        for label, symbol, sym in self.where:
            written = self.write(sym.expr)[0]
            if shape_of(sym.expr) != tuple(sym.shape):
                written = f"np.broadcast_to({written}, {self.shape(sym.shape)})"
            self.names[symbol] = self.identifier(label)
            self.lines.append(f"{self.names[symbol]} = {written}")
        value = self.term(self.formula.expr, SUM)
        label, shape = self.result
        if shape_of(self.formula.expr) != tuple(shape):
            value = f"np.broadcast_to({value}, {self.shape(shape)})"
        arguments = ", ".join(self.names[symbol] for _label, symbol in self.leaves)
        body = "\n".join(f"    {line}" for line in [*self._sizes_read(), *self.lines, f"return {value}"])
        sizes = ", ".join(f"{label} {self.size_words(self.shapes[label])}" for label, _s in self.leaves)
        doc = f'    """The gradient with respect to {label}. Shapes: {sizes}."""\n' if sizes else ""
        function = f"def grad_{self.name}({arguments}):\n{doc}{body}\n"
        helpers = "".join(f"{text}\n\n\n" for text in self.helpers.values())
        return f"import numpy as np\n\n\n{helpers}{function}"

    def size_words(self, shape):
        return "(" + ", ".join(map(str, shape)) + (",)" if len(shape) == 1 else ")")

    def _letters(self):
        """Names for the sizes that are letters: an argument's axis tells each."""
        self.axes = {}
        for label, symbol in self.leaves:
            for axis, size in enumerate(self.shapes[label]):
                if isinstance(size, sympy.Symbol) and size not in self.axes:
                    self.axes[size] = f"{self.names[symbol]}.shape[{axis}]"
                    self.names[size] = self.identifier(str(size))

    def _sizes_read(self):
        """The lines that read off the sizes that are used."""
        return [f"{self.names[size]} = {axis}" for size, axis in self.axes.items() if size in self.used]

    # expressions: every method returns (Python, how tightly it holds)

    def write(self, expr):
        if expr in self.made:
            return self.made[expr], ATOM
        if expr in self.sharing.together:
            function, both = self.sharing.together[expr]
            params = {name: self.setting(value) for name, value in expr.params.items()}
            call = self.helper(function.__name__, function, [self.operand(expr, 0)], params)[0]
            for each in both:
                self.made[each] = self.identifier(f"t{len(self.made) + 1}")
            self.lines.append(f"{', '.join(self.made[each] for each in both)} = {call}")
            return self.made[expr], ATOM
        written = self._written(expr)
        if expr in self.sharing.parts:
            name = self.identifier(f"t{len(self.made) + 1}")
            self.lines.append(f"{name} = {written[0]}")
            self.made[expr] = name
            return name, ATOM
        return written

    def at(self, expr, level):
        written, holds = self.write(expr)
        return written if holds >= level else f"({written})"

    def _written(self, expr):
        if expr.is_Symbol:
            if expr not in self.names:
                raise NotImplementedError(f"the size {expr} is no size of an argument, so the code can't know it")
            self.used.add(expr)
            return self.names[expr], ATOM
        if expr.is_number and not isinstance(expr, Structure):
            return self.number(expr)
        if expr.is_Add:
            return self.sum(expr)
        if expr.is_Mul:
            return self.product(expr)
        if expr.is_Pow:
            return self.power(expr)
        if isinstance(expr, Structure):
            return self.structure(expr)
        forward = functions().get(type(expr))
        if isinstance(forward, np.ufunc):
            return f"np.{forward.__name__}({', '.join(self.write(arg)[0] for arg in expr.args)})", ATOM
        if forward is None:
            raise NotImplementedError(f"{type(expr).__name__} has no NumPy spelling here; use .expanded or .value")
        name = type(expr).__name__.lower()
        operands = [self.array(arg, shape_of(arg), self.write(arg)[0]) for arg in expr.args]
        return self.helper(name, forward, operands, {})

    def number(self, expr):
        if expr.is_Integer:
            return str(expr), ATOM if expr >= 0 else UNARY
        if expr.is_Rational:
            value = float(expr)
            if sympy.Rational(repr(value)) == expr:
                return repr(value), ATOM if expr >= 0 else UNARY
            return f"{expr.p} / {expr.q}", PRODUCT
        if expr is sympy.pi:
            return "np.pi", ATOM
        if expr.is_finite is False or expr is sympy.nan:
            return {"oo": "np.inf", "-oo": "-np.inf"}.get(str(expr), "np.nan"), ATOM
        return repr(float(expr)), ATOM if expr.is_nonnegative else UNARY

    def sum(self, expr):
        ordered = sorted(expr.as_ordered_terms(), key=lambda term: term.could_extract_minus_sign())
        out = self.term(ordered[0], SUM)
        for term in ordered[1:]:
            coefficient, rest = term.as_coeff_Mul()
            if coefficient == -1:
                out += f" - {self.term(rest, PRODUCT)}"
            elif coefficient.is_negative:
                out += f" - {self.at(sympy.Mul(-coefficient, rest, evaluate=False), PRODUCT)}"
            else:
                out += f" + {self.term(term, PRODUCT)}"
        return out, SUM

    def term(self, expr, level):
        """A term of a sum; [x > 0] as a number, since NumPy's sum of two truths is a truth."""
        return f"1.0 * {self.at(expr, PRODUCT)}" if self.is_truth(expr) else self.at(expr, level)

    def is_truth(self, expr):
        return expr in self.truths or (all(map(self.is_truth, expr.args)) if expr.is_Mul else is_truth(expr))

    def product(self, expr):
        number, rest = expr.as_coeff_Mul()
        factors = self.factors(expr, rest)
        plain = [part for part in factors if len(factors) > 1 and part.is_number and not isinstance(part, Structure)]
        if plain:  # √3/3 is one number
            number = sympy.Mul(number, *plain)
            if number == sympy.zoo:
                number = sympy.nan
            number = sympy.Float(float(number), 17) if number.is_finite else number
            factors = [part for part in factors if part not in plain]
        if number == -1 and not any(map(self.is_truth, factors)):
            return f"-{self.at(rest, POWER if isinstance(rest, Structure) else PRODUCT)}", UNARY
        above, below = [], []
        if number.is_Rational and not number.is_Integer and number.p in (1, -1):
            below.append(sympy.Integer(number.q))
            if number.p < 0:
                above.append(sympy.S.NegativeOne)
        elif number != 1:
            above.append(number)
        for factor in factors:
            base, exponent = factor.args if factor.is_Pow else (factor, sympy.S.One)
            if exponent.is_Rational and exponent < 0:
                below.append(base ** -exponent)
            else:
                above.append(factor)
        # Numbers and sizes first, among themselves: one small factor for the arrays.
        above.sort(key=lambda part: bool(shape_of(part)))
        below.sort(key=lambda part: bool(shape_of(part)))
        small = [part for part in above if not shape_of(part)]
        large = [part for part in above if shape_of(part)]
        if small and large and below and not shape_of(below[0]):
            inner = [part for part in below if not shape_of(part)]
            small_text = self.quotient(small, inner)
            out = " * ".join([small_text, *(self.factor(part) for part in large)])
            rest_below = [part for part in below if shape_of(part)]
            return self.divided(out, rest_below), PRODUCT
        out = " * ".join(self.factor(part) for part in [*small, *large]) if above else "1"
        return self.divided(out, below), PRODUCT

    def factors(self, expr, rest):
        """The factors of a product without its number; those that make another product of the formula as that one."""
        inner = self.sharing.inside.get(expr)
        if inner is None or inner == expr:
            return sympy.Mul.make_args(rest)
        return [inner, *(part for part in sympy.Mul.make_args(rest) if part not in inner.args)]

    def quotient(self, above, below):
        return self.divided(" * ".join(self.factor(part) for part in above), below)

    def divided(self, out, below):
        if not below:
            return out
        if self.zeroed and any(map(shape_of, below)):
            self.helpers["ratio"] = HELPERS["ratio"]
            return f"ratio({out}, {' * '.join(map(self.factor, below))})"
        if len(below) == 1:
            return f"{out} / {self.at(below[0], UNARY)}"
        return f"{out} / ({' * '.join(self.factor(part) for part in below)})"

    def factor(self, part):
        """A factor of a product; a matrix product is bracketed, since @ and * bind alike, from the left."""
        return self.at(part, UNARY)

    def power(self, expr):
        base, exponent = expr.args
        if exponent == sympy.Rational(1, 2):
            return f"np.sqrt({self.write(base)[0]})", ATOM
        if exponent == -1:
            return self.divided("1", [base]), PRODUCT
        if exponent == sympy.Rational(-1, 2):
            return f"1 / np.sqrt({self.write(base)[0]})", PRODUCT
        return f"{self.at(base, ATOM)} ** {self.at(exponent, ATOM)}", POWER

    # structure

    def structure(self, expr):
        write = getattr(self, "write_" + expr.operation, None)
        if write is not None:
            return write(expr)
        if expr.operation in COMPARISONS:
            left, right = (self.at(operand, SUM) for operand in expr.operands)
            written = f"({left} {COMPARISONS[expr.operation]} {right})"
            if any(shape_of(operand) == tuple(expr.shape) for operand in expr.operands):
                return written, ATOM
            return f"np.broadcast_to({written}, {self.shape(expr.shape)})", ATOM  # of operands that are repeated
        operands = [self.operand(expr, at) for at in range(len(expr.operands))]
        params = {name: self.setting(value) for name, value in expr.params.items()}
        op = expr.op
        call = spelled(expr, operands, params)
        if call is not None:
            return call, ATOM
        if op.name in HELPERS:
            self.helpers[op.name] = HELPERS[op.name]
            renamed = {{"dim": "axis", "keepdim": "keepdims"}.get(name, name): value for name, value in params.items()}
            return self.call(op.name, operands, renamed), ATOM
        if isinstance(op.forward, np.ufunc):
            return f"np.{op.forward.__name__}({', '.join(operands)})", ATOM
        arrays = map(self.array, expr.operands, expr.operand_shapes, operands)
        return self.helper(op.name, op.forward, list(arrays), params)

    def array(self, expr, shape, written):
        """An operand for a function of ours, which takes arrays: a number, or what NumPy gives for one, is none."""
        if shape:
            return written
        return f"np.asarray({float(expr)!r})" if expr.is_number and expr.is_finite else f"np.asarray({written})"

    def helper(self, name, forward, operands, params):
        """A call of an operation's own forward function, whose source goes into the module."""
        try:
            free = name in self.helpers or name not in self.taken
            called = self.sources.enter(name if free else f"{name}_", forward)
        except NoSource as error:
            raise NotImplementedError(
                f"the operation {name} can't be written as NumPy code: {error}; use .value or .expanded"
            ) from error
        self.taken.add(called)
        return self.call(called, operands, params), ATOM

    def call(self, name, operands, params):
        return f"{name}({', '.join([*operands, *(f'{key}={value}' for key, value in params.items())])})"

    def setting(self, value):
        if isinstance(value, tuple):
            inner = ", ".join(self.setting(item) for item in value)
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        if isinstance(value, sympy.Expr):
            return self.write(value)[0]
        if isinstance(value, slice):
            return f"slice({value.start}, {value.stop}, {value.step})"
        if isinstance(value, np.ndarray):
            return f"np.array({value.tolist()!r})"
        if isinstance(value, np.dtype):
            return f"np.dtype({value.name!r})"
        if isinstance(value, float) and not math.isfinite(value):
            return f"float('{value}')"
        if value is None or value is Ellipsis or isinstance(value, (int, float, str)):
            return repr(value)
        raise NotImplementedError(f"a parameter of type {type(value).__name__} has no NumPy spelling here")

    def shape(self, shape):
        return self.setting(tuple(shape))

    def operand(self, expr, at):
        """An operand; repeated to its shape where the expression alone has a smaller one."""
        operand, shape = expr.operands[at], expr.operand_shapes[at]
        written = self.write(operand)[0]
        if at in expr.op.linear and not expr.op.moves and self.is_truth(operand):
            written = f"1.0 * {self.at(operand, PRODUCT)}"
        if shape is not None and shape_of(operand) != tuple(shape):
            if operand.is_Integer:
                written = repr(float(operand))  # an array of integers would round what is computed in it
            return f"np.broadcast_to({written}, {self.shape(shape)})"
        return written

    def tight(self, expr, at, level=ATOM):
        operand, shape = expr.operands[at], expr.operand_shapes[at]
        if shape_of(operand) != tuple(shape):
            return self.operand(expr, at)
        return self.at(operand, level)

    def write_matmul(self, expr):
        return f"{self.tight(expr, 0, PRODUCT + 1)} @ {self.tight(expr, 1, PRODUCT + 1)}", PRODUCT

    def write_permute(self, expr):
        dims = expr.params["dims"]
        if dims == tuple(reversed(range(len(dims)))):
            return f"{self.tight(expr, 0)}.T", ATOM
        if dims == (*range(len(dims) - 2), len(dims) - 1, len(dims) - 2):
            return f"np.swapaxes({self.operand(expr, 0)}, -1, -2)", ATOM
        return f"np.transpose({self.operand(expr, 0)}, {dims})", ATOM

    def write_outer(self, expr):
        if len(expr.operand_shapes[0]) == 1:
            return f"np.outer({self.operand(expr, 0)}, {self.operand(expr, 1)})", ATOM
        return f"np.multiply.outer({self.operand(expr, 0)}, {self.operand(expr, 1)})", ATOM

    def write_sum(self, expr, name="sum"):
        dim, keepdim = expr.params["dim"], expr.params["keepdim"]
        whole = len(dim) == len(expr.operand_shapes[0])
        axis = "" if whole and not keepdim else f", axis={dim[0] if len(dim) == 1 else dim}"
        return f"np.{name}({self.operand(expr, 0)}{axis}{', keepdims=True' if keepdim else ''})", ATOM

    def write_mean(self, expr):
        return self.write_sum(expr, "mean")

    def write_unsqueeze(self, expr):
        picks = ", ".join("None" if at in expr.params["dim"] else ":" for at in range(len(expr.shape)))
        return f"{self.tight(expr, 0)}[{picks}]", ATOM

    def write_squeeze(self, expr):
        dim = expr.params["dim"]
        return f"np.squeeze({self.operand(expr, 0)}, axis={dim[0] if len(dim) == 1 else dim})", ATOM

    def write_reshape(self, expr):
        return f"np.reshape({self.operand(expr, 0)}, {self.shape(expr.params['size'])})", ATOM

    def write_expand(self, expr):
        return f"np.broadcast_to({self.operand(expr, 0)}, {self.shape(expr.params['size'])})", ATOM

    def write_constant(self, expr):
        values = expr.params["values"]
        if values.size > 1000:
            raise NotImplementedError("an array of more than 1000 constants isn't written out; make it a variable")
        return f"np.array({values.tolist()!r})", ATOM


def compiled(text, name):
    """The function of a generated module."""
    namespace = {}
    exec(compile(text, f"<gradient of {name}>", "exec"), namespace)  # noqa: S102  (our own source)
    return namespace[f"grad_{name}"]

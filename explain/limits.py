"""What an expression that someone else wrote may cost: the bounds, and the guard that keeps to them.

Imported by explain.parse, which adds to a complaint (a ValueError) the place in the text that it is about.
"""

import math
import numbers
import sys
import time
from dataclasses import dataclass

from explain.measures import broadcast, elements, indexed_size, shape
from explain.sizes import call_work, result_size


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on an expression's text and on its evaluation.

    Where the reader's own arrays are larger: `dataclasses.replace(LIMITS, elements=...)`.
    """

    length: int = 10_000  # characters
    nodes: int = 2_000  # numbers, names, operations, brackets
    depth: int = 60  # brackets, calls, signs and powers inside one another; a + b + c is flat
    digits: int = 40  # characters of one number
    integer: int = 2**63  # integers stay below, so that int64 holds them
    exponent: int = 64
    elements: int = 1_000_000  # of one array
    total: int = 20_000_000  # elements of all arrays computed: a tape keeps every one
    work: int = 1_000_000_000  # multiplications of one operation
    seconds: float = 5.0


LIMITS = Limits()


class _Late(BaseException):
    """Time is over. No `except Exception` on the way may swallow it."""


class Guard:
    """Watches an evaluation: asked before each operation, shown each result. Its clock starts when it is made."""

    def __init__(self, limits=LIMITS):
        self.limits = limits
        self.total = 0
        self.deadline = time.monotonic() + limits.seconds

    def tick(self):
        if time.monotonic() > self.deadline:
            raise ValueError(self._late())

    def _late(self):
        return f"this takes longer than {self.limits.seconds:g} s; use smaller arrays"

    def in_time(self, function, args, kwargs):
        """function(*args, **kwargs), stopped when time is over: looked at on every call within, in this thread alone.

        Another's profile function is called as before; a profiler in C, as cProfile is before Python 3.12, is left
        alone, and time is looked at between operations only.
        """
        before, deadline, late = sys.getprofile(), self.deadline, False
        if before is not None and not callable(before):
            return function(*args, **kwargs)

        def watch(frame, event, argument, now=time.monotonic):
            if now() > deadline and not late:
                raise _Late
            if before is not None:
                before(frame, event, argument)

        try:
            sys.setprofile(watch)
            return function(*args, **kwargs)
        except _Late:
            late = True
            raise ValueError(self._late()) from None
        finally:
            late = True  # before this very call of setprofile is looked at
            sys.setprofile(before)

    def before_call(self, name, args, kwargs):
        """Refuse what would be too large, by the name of the function or method; a method's own value is args[0].

        >>> Guard().before_call("ones", (10**9,), {})
        Traceback (most recent call last):
        ValueError: this has 1000000000 elements and 1000000 is the bound; use a smaller size
        """
        name = name.rpartition(".")[2]
        self._check(result_size(name, args, kwargs), call_work(name, args, kwargs))
        if name in ("pow", "power", "float_power"):
            self._check_exponents([*args[1:], *kwargs.values()])

    def before_operator(self, symbol, left, right):
        """Refuse a @ b, a ** b or another elementwise operator by the shapes and the exponent."""
        if symbol == "@":
            self._check(result_size("matmul", (left, right), {}), call_work("matmul", (left, right), {}))
        else:
            self._check(math.prod(broadcast(shape(left), shape(right))))
        if symbol == "**":
            self._check_exponents([right])

    def before_index(self, value, index):
        self._check(indexed_size(value, index))

    def after(self, value):
        """Check a result, count its elements, return it."""
        if isinstance(value, (tuple, list)):
            for item in value:
                self.after(item)
            return value
        if isinstance(value, complex):
            raise ValueError("the result is not a real number; keep fractional powers to positive numbers")
        if str(getattr(value, "dtype", "")) == "object":
            raise ValueError("an array of something other than numbers; use numbers of one kind")
        self._check_exact(value)
        self._check(elements(value))
        self.total += elements(value) if shape(value) else 0
        if self.total > self.limits.total:
            raise ValueError(f"all arrays together have more than {self.limits.total} elements; use smaller ones")
        return value

    def _check(self, size, work=0):
        if size > self.limits.elements:
            bound = f"{self.limits.elements} is the bound; use a smaller size"
            raise ValueError(f"this has {_count(size)} elements and {bound}")
        if work > self.limits.work:
            bound = f"{self.limits.work} is the bound; use smaller arrays"
            raise ValueError(f"this takes {_count(work)} multiplications and {bound}")

    def _check_exponents(self, values):
        for value in values:
            if isinstance(value, numbers.Real) and not abs(value) <= self.limits.exponent:
                raise ValueError(f"an exponent may be at most {self.limits.exponent}; use a smaller one")

    def _check_exact(self, value):
        """Integers and fractions, those inside a SymPy expression too, which would grow without end."""
        parts, seen = [value], set()
        while parts:
            part = parts.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            if isinstance(part, numbers.Rational):
                if max(abs(part.numerator), abs(part.denominator)) >= self.limits.integer:
                    raise ValueError(f"an integer must stay below {self.limits.integer}; write a float such as 1e20")
            elif hasattr(part, "is_Pow"):
                parts += part.args
                if part.is_Pow:
                    self._check_exponents(part.args[1:])


def _count(size):
    return str(math.ceil(size)) if size < 10**12 else "over 10**12"

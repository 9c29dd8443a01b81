"""What an explanation is made of, as data: steps, labels, forms. Imported by derive, certify and renderers."""

from dataclasses import dataclass, field

import numpy as np

from engine.symbols import Sym


@dataclass(frozen=True)
class Name:
    """A variable on the left of an equation: b = ..."""

    name: str


@dataclass(frozen=True)
class Slope:
    """A derivative on the left of an equation: ∂of/∂wrt = ..."""

    of: str
    wrt: str


@dataclass(frozen=True)
class Form:
    """One side of an equation: a product of factors, kept apart as displayed; a sum of such, if `terms`."""

    terms: tuple  # of tuples of Sym factors

    @property
    def shape(self):
        from engine.op import broadcast_shapes

        return broadcast_shapes(*(factor.shape for term in self.terms for factor in term))


def single(sym):
    """The form that is one expression."""
    return Form(((sym,),))


def product(factors):
    """The form that is an unevaluated product."""
    return Form((tuple(factors),))


@dataclass(frozen=True)
class Step:
    """One line of a derivation: `left` = forms[0] = forms[1] = ..., by a rule, in words.

    kind is one of forward, local, chain, add, simplify, substitute, numbers. `value` is what both sides
    are at the user's values. `node` and `parent` tell certify which oracle applies.
    """

    kind: str
    left: Name | Slope
    forms: tuple
    rule: str
    words: str
    shape: tuple
    value: np.ndarray | None = field(compare=False, default=None)
    node: object = field(compare=False, default=None, repr=False)
    parent: object = field(compare=False, default=None, repr=False)
    notes: tuple = ()


@dataclass(frozen=True)
class Numbers:
    """The formula at one entry with numbers in place of symbols: expr at `index`, symbol -> number."""

    expr: object
    index: tuple
    numbers: tuple  # of (symbol, float)
    result: float
    everywhere: bool  # the same in every entry


@dataclass(frozen=True)
class Certificate:
    """What was checked, and how closely: the largest relative error against each oracle."""

    points: int
    equations: int
    tape_error: float
    difference_error: float
    notes: tuple = ()

    def __str__(self):
        return (
            f"the formula at {self.points} points in float64, against the tape's gradient (equal within "
            f"{closeness(self.tape_error)}) and against finite differences of the forward program (within "
            f"{closeness(self.difference_error)}); {self.equations} displayed equations, evaluated on both sides"
            + "".join(f"; {note}" for note in self.notes)
        )


def closeness(error):
    """A bound on a relative error, loose enough to be the same on every machine.

    >>> closeness(3e-13), closeness(0.0)
    ('1e-10', '1e-12')
    """
    return next((f"{bound:.0e}" for bound in (1e-12, 1e-10, 1e-8, 1e-6) if error * 10 <= bound), "1e-4")


def sym(expr, shape):
    """A Sym; named here so that steps are built without importing the reader."""
    return Sym(expr, tuple(shape))

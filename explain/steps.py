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
    """A derivative on the left of an equation: ∂of/∂wrt = ...

    via is empty for the whole derivative; "directly" or the name of the variable by way of which for a part of it.
    index: the entry that is meant, if one is.
    """

    of: str
    wrt: str
    via: str = ""
    index: tuple | None = None


@dataclass(frozen=True)
class Derivative:
    """The derivative of a piece of a definition, on the left of an equation: ∂/∂wrt (of) = ..."""

    of: Sym
    wrt: str


@dataclass(frozen=True)
class Form:
    """One side of an equation: a product of factors, kept apart as displayed; a sum of such, if `terms`."""

    terms: tuple  # of tuples of Sym factors
    over: Sym | None = None  # what the sum is divided by

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

    kind      forward     a variable's definition
              local       a variable's derivative by one that it is made from, or what it passes back to that one
              chain       the whole derivative by a variable: one product along a path, or a sum of contributions
              substitute  a name in the formula replaced by its definition
              simplify    a rewrite of a part of the formula; without a left side
              rule        one rule of calculus applied to a piece of a definition
              entry       the formula at one entry
    value     what both sides are at the user's values
    path      the derivatives whose product this is
    like      equal for steps that do the same to other variables
    node, parent    tell certify which oracle applies; of an entry, `parent` is (what it is an entry of, its index)
    """

    kind: str
    left: Name | Slope | Derivative | None
    forms: tuple
    rule: str
    words: tuple  # of Said
    shape: tuple
    value: np.ndarray | None = field(compare=False, default=None)
    node: object = field(compare=False, default=None, repr=False)
    parent: object = field(compare=False, default=None, repr=False)
    path: tuple = ()
    like: object = field(compare=False, default=None, repr=False)


@dataclass(frozen=True)
class Said:
    """A sentence or two. Where something of the same `kind` was said before, `again` is said instead."""

    text: str
    kind: str = ""
    again: str = ""


@dataclass(frozen=True)
class Numbers:
    """A form with numbers in place of symbols: symbol or entry -> number."""

    form: Form
    numbers: tuple  # of (expression, float)


@dataclass(frozen=True)
class Certificate:
    """What was checked, and how closely: the largest relative error against each oracle."""

    points: int
    equations: int
    tape_error: float
    difference_error: float
    notes: tuple = ()
    zeroed: int = 0  # entries in which 0/0 stands and counts as 0

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

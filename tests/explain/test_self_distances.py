"""Distances of rows among themselves, zero on the diagonal: x/‖x‖ at 0 counts as 0, as on the tape, and it is said."""

from dataclasses import replace

import numpy as np
import pytest
import sympy

import engine as torch
from explain import explain
from explain.certify import certify
from explain.findings import CertificateError
from explain.points import points
from explain.steps import Numbers

RANDOM = np.random.default_rng(3)
PROGRAMS = {
    "sum": lambda D: D.sum(),
    "Laplace kernel": lambda D: torch.exp(-D).sum(),
    "stress": lambda D: ((D - 1) ** 2).mean(),
    "hardest": lambda D: torch.relu(D.max(1).values - (D + 10 * torch.eye(4)).min(1).values + 1).mean(),
}


def slopes(program, distances):
    """The derivative by the distances, by differences away from the diagonal."""
    found = np.zeros_like(distances)
    for at in np.ndindex(distances.shape):
        if at[0] != at[1]:
            step = np.zeros_like(distances)
            step[at] = 1e-6
            above, below = (program(torch.tensor(distances + sign * step)).item() for sign in (1, -1))
            found[at] = (above - below) / 2e-6
    return found


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_formula_and_its_code(program):
    values = RANDOM.standard_normal((4, 2))
    E = torch.tensor(values, requires_grad=True)
    D = torch.cdist(E, E)
    loss = program(D)
    explanation = explain(loss, wrt=E)
    apart = values[:, None] - values[None]
    distances = np.sqrt((apart**2).sum(-1))
    unit = apart / (distances + np.eye(4))[:, :, None]
    slope = slopes(program, distances)
    want = ((slope + slope.T)[:, :, None] * unit).sum(1)
    np.testing.assert_allclose(explanation.value, want, atol=1e-7)
    np.testing.assert_allclose(explanation.function()(values), want, atol=1e-7)
    said = " ".join(str(explanation.certificate).split())
    assert ("counts as 0, as on the tape" in said) == (explanation.certificate.zeroed > 0)
    assert ("def ratio" in explanation.code()) == (explanation.certificate.zeroed > 0)


def test_where_nothing_is_zero_nothing_is_said():
    E, C = (torch.tensor(RANDOM.standard_normal((4, 2)), requires_grad=True) for _ in range(2))
    D = torch.cdist(E, C)
    loss = torch.exp(-D).sum()
    explanation = explain(loss, wrt=E)
    assert explanation.certificate.zeroed == 0 and "ratio" not in explanation.code()
    assert "D = np.linalg.norm(" in explanation.code()


def through_a_layer():
    """The explanation by W where z = X W, and all of ∂loss/∂z is 0/0 as written."""
    X = torch.tensor(RANDOM.standard_normal((4, 3)))
    W = torch.tensor(RANDOM.standard_normal((3, 2)), requires_grad=True)
    z = X @ W
    D = torch.cdist(z, z)
    loss = torch.exp(-D).sum() + z.tanh().sum() * z.sum()
    return explain(loss, wrt=W)


def test_steps_of_which_nothing_else_can_be_compared_are_checked_so_too():
    """A page of such formulas with one of its forms 0.1 % too large is refused, whichever it is."""
    explanation = through_a_layer()
    derivation, wrt, found = explanation._derivation, explanation._wrt, explanation._found
    formulas = {wrt: [("the formula", found.main), ("the named formula", found.named)]}
    evidence = list(points(derivation, explanation._cotangent))
    certify(derivation, explanation.steps, formulas, found.where, evidence)
    tried = 0
    for at, step in enumerate(explanation.steps):
        for which, form in enumerate(step.forms):
            if isinstance(form, Numbers) or step.kind == "forward":
                continue
            first, *others = form.terms[0]
            wrong = replace(form, terms=((first * sympy.Rational(1001, 1000), *others), *form.terms[1:]))
            forms = (*step.forms[:which], wrong, *step.forms[which + 1 :])
            steps = (*explanation.steps[:at], replace(step, forms=forms), *explanation.steps[at + 1 :])
            with pytest.raises(CertificateError):
                certify(derivation, steps, formulas, found.where, list(points(derivation, explanation._cotangent)))
            tried += 1
    assert tried > 8


def test_definitions_that_are_zero_over_zero_are_checked_so_too():
    explanation = through_a_layer()
    derivation, wrt, found = explanation._derivation, explanation._wrt, explanation._found
    cotangent = next(derivation.cotangent_symbol(node) for node in derivation.live_named
                     if derivation.program.names[node] == "z")  # fmt: skip
    right = derivation.expanded(next(node for node in derivation.live_named if derivation.program.names[node] == "z"))
    formulas = {wrt: [("the formula", found.main)]}
    for factor in (1, sympy.Rational(1001, 1000)):
        evidence = list(points(derivation, explanation._cotangent))
        assert all(np.isnan(point.value(right)).all() for point in evidence)
        definitions = {**found.where, cotangent.expr: right * factor}
        if factor == 1:
            certify(derivation, explanation.steps, formulas, definitions, evidence)
        else:
            with pytest.raises(CertificateError, match="definition"):
                certify(derivation, explanation.steps, formulas, definitions, evidence)


def test_a_wrong_slope_is_still_refused(monkeypatch):
    from engine.op import REGISTRY

    op = REGISTRY["vector_norm"]
    (right,) = op.vjp
    monkeypatch.setattr(op, "vjp", (lambda g, y, x, **params: right(g, y, x, **params) * 1.001,))
    E = torch.tensor(RANDOM.standard_normal((4, 2)), requires_grad=True)
    D = torch.cdist(E, E)
    loss = torch.exp(-D).sum()
    with pytest.raises(CertificateError, match="disagrees"):
        explain(loss, wrt=E)

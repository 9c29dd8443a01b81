"""Nothing is shown that no point could prove: steps that are 0/0, masks that are off, values that are all alike."""

from dataclasses import replace

import numpy as np
import pytest

import engine as torch
import explain.numbers as numbers
from explain import CertificateError, explain
from explain.certify import certify
from explain.derive import Derivation
from explain.points import points
from explain.steps import Numbers

RANDOM = np.random.default_rng(0)


def drawn(*shape):
    return torch.tensor(RANDOM.standard_normal(shape), requires_grad=True)


def squared_distances():
    """The slope of D is 0/0 on the diagonal, which the formula cancels: 4(n E − Σ E)."""
    E = drawn(4, 2)
    D = torch.cdist(E, E)
    loss = (D**2).sum()
    return explain(loss, wrt=E)


def constant_zero():
    """The slope of sinc at z = x − x is 0/0 in every entry, at every point."""
    x = drawn(3)
    z = x - x
    s = torch.sinc(z)
    u = s * x
    loss = u.sum() + z.sum()
    return explain(loss, wrt=x)


def masked_attention():
    """Scores of −∞, of which the first row's derivative is zero."""
    Q, K, V = drawn(4, 3), drawn(4, 3), drawn(4, 3)
    future = torch.tensor(np.triu(np.ones((4, 4), bool), 1))
    S = Q @ K.T
    Z = S.masked_fill(future, -np.inf)
    P = torch.softmax(Z, -1)
    y = P @ V
    loss = (y * y).sum()
    return explain(loss, wrt=Q)


def at_zero():
    """A norm at 0, where its slope is 0/0 as written and its numbers come from the tape."""
    x = torch.zeros(3, requires_grad=True, dtype=torch.float64)
    h = torch.relu(x)
    k = h.norm()
    loss = k * k + (x * x).sum()
    return explain(loss, wrt=x)


def mutants(step):
    """The step with one form, or its value, a little off; what is zero or a number stays."""
    for at, form in enumerate(step.forms):
        if not isinstance(form, Numbers) and form.terms[0][0].expr != 0:
            (first, *rest), *others = form.terms
            wrong = replace(form, terms=((first * 1.001, *rest), *others))
            yield replace(step, forms=(*step.forms[:at], wrong, *step.forms[at + 1 :]))
    if step.value is not None:
        yield replace(step, value=step.value * 1.01 + 0.01)


@pytest.mark.parametrize("program", [squared_distances, masked_attention, at_zero])
def test_every_side_of_every_step_is_checked(program):
    explanation = program()
    derivation, wrt = explanation._derivation, explanation._wrt
    evidence = list(points(derivation, explanation._cotangent))
    formulas = {wrt: [("the formula", explanation._found.main)]}
    for step in explanation.steps:
        for wrong in mutants(step):
            with pytest.raises(CertificateError):
                certify(derivation, [wrong], formulas, {}, evidence)


def test_a_step_that_is_undefined_throughout_is_said():
    for program in (squared_distances, constant_zero):
        said = " ".join(str(program().certificate).split())
        assert "of the steps 0/0 stands in every entry as written; it counts as 0, as on the tape" in said


def test_a_step_whose_numbers_alone_are_there_is_compared_with_the_tape():
    explanation = constant_zero()
    evidence = list(points(explanation._derivation, explanation._cotangent))
    (step,) = [step for step in explanation.steps if step.kind == "chain" and getattr(step.left, "wrt", "") == "z"]
    with pytest.raises(CertificateError):
        certify(explanation._derivation, [replace(step, value=step.value + 1)], {}, {}, evidence)


def test_masked_programs_are_tried_at_fresh_points_too():
    explanation = masked_attention()
    assert explanation.certificate.points == 3
    assert explanation.check(explanation.formula) and not explanation.check(2 * explanation.formula)


def test_an_entry_is_checked_where_its_symbols_differ(monkeypatch):
    """With symmetric values a transposed operand gives the same number, and another formula."""
    x = torch.tensor([[1.0, 2.0], [2.0, 1.0]], dtype=torch.float64)
    W = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)
    y = x.T @ W
    out = (y * y).sum()
    explain(out, wrt=W)
    monkeypatch.setitem(
        numbers.MOVES, "permute", lambda expr, index, walk: numbers._at(expr, 0, tuple(index), walk)
    )
    with pytest.raises(CertificateError, match="isn't shown"):
        explain(out, wrt=W)


def test_a_gradient_without_entries_is_said():
    x = torch.zeros(0, 3, requires_grad=True)
    loss = (x.exp() * x).sum()
    assert "the gradient has no entries, so nothing of it could be compared" in str(explain(loss, wrt=x).certificate)


def test_what_a_mask_hides_at_the_users_values_is_checked(monkeypatch):
    """All x are positive: the branch of the negative ones has a factor that they don't see."""
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
    h = torch.where(x > 0, x**2, x**3)
    loss = (h * torch.sin(h)).sum()
    names = {"x": x, "h": h, "loss": loss}
    explain(loss, wrt=x, names=names)
    original = Derivation.formula

    def wrong(self, wrt):
        found = original(self, wrt)
        hidden = 1 + torch.relu(-found_symbol(self, "x"))
        return replace(found, main=found.main * hidden)

    monkeypatch.setattr(Derivation, "formula", wrong)
    with pytest.raises(CertificateError, match="isn't shown"):
        explain(loss, wrt=x, names=names)


def found_symbol(derivation, name):
    program = derivation.program
    return next(program.value(node) for node in program.nodes if program.names.get(node) == name)


@pytest.mark.parametrize("given", [torch.zeros, torch.ones])
def test_an_upstream_gradient_of_zeros_or_ones_hides_nothing(monkeypatch, given):
    """The formula in G without its factor G, or with it twice, is right where G is 1, and zero where it is 0."""
    x = drawn(3)
    y = x.exp() * x
    explain(y, wrt=x, gradient=given(3, dtype=torch.float64))
    original = Derivation.formula

    def wrong(self, wrt):
        found = original(self, wrt)
        return replace(found, main=found.main * self.seed, named=found.named * self.seed)

    monkeypatch.setattr(Derivation, "formula", wrong)
    with pytest.raises(CertificateError, match="isn't shown"):
        explain(y, wrt=x, gradient=given(3, dtype=torch.float64))

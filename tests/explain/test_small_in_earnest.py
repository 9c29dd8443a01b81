"""What is far smaller than other numbers of a program is checked in its own digits: it isn't taken for rounding."""

from dataclasses import replace

import numpy as np
import pytest

import engine as torch
from engine.op import REGISTRY
from engine.symbols import lift
from explain import CertificateError, explain
from explain.certify import certify_steps
from explain.derive import Derivation

DOUBLE = torch.float64


def mass_and_light():
    """E = mc² of an electron: ∂E/∂c = 2mc is 5·10⁻²², where c² is 9·10¹⁶."""
    m = torch.tensor(9e-31, dtype=DOUBLE, requires_grad=True)
    c = torch.tensor(3e8, dtype=DOUBLE, requires_grad=True)
    E = m * c**2
    return explain(E, wrt=c)


def scaled():
    w = torch.tensor([1.0, 2.0], dtype=DOUBLE, requires_grad=True)
    out = (w * w * 1e-16).sum()
    return explain(out, wrt=w)


def enlarged():
    """Gradients of 10¹⁶, and variables of about 1."""
    a = torch.tensor([[1.0, 2.0, 3.0]], dtype=DOUBLE, requires_grad=True)
    h = torch.linalg.cross(a, a**2, dim=-1)
    out = (torch.sin(h) * h * 1e16).sum()
    return explain(out, wrt=a, names={"a": a, "h": h, "out": out})


def sabotaged(monkeypatch, change):
    original = Derivation.formula
    monkeypatch.setattr(Derivation, "formula", lambda self, wrt: change(original(self, wrt)))


@pytest.mark.parametrize("factor", [0, 3])
@pytest.mark.parametrize("program", [mass_and_light, scaled])
def test_a_small_gradient_that_is_wrong_is_not_shown(monkeypatch, program, factor):
    program()
    sabotaged(monkeypatch, lambda found: replace(found, main=found.main * factor, named=found.named * factor))
    with pytest.raises(CertificateError, match="isn't shown"):
        program()


def test_a_definition_is_measured_by_values_not_by_gradients(monkeypatch):
    program = enlarged()
    assert "h" in program.definitions

    def twice(found):
        return replace(found, where={atom: 2 * sym if atom.name == "h" else sym for atom, sym in found.where.items()})

    sabotaged(monkeypatch, twice)
    with pytest.raises(CertificateError, match="the definition of h"):
        enlarged()


@pytest.mark.parametrize("wrong", ["0", "m", "m * c", "c * 0"])
def test_a_small_candidate_that_is_wrong_is_wrong(wrong):
    assert not mass_and_light().check(wrong)


def test_a_small_candidate_that_is_right_is_right():
    assert mass_and_light().check("2 * m * c") and scaled().check("2e-16 * w")
    assert not scaled().check("0 * w") and not scaled().check("1e-16 * w")


def test_no_counterexample_of_two_numbers_that_read_alike():
    assert "yours gives 0, the derivative is 0" not in str(scaled().check("0 * w"))


def test_a_small_number_of_a_float32_program_that_is_wrong_is_not_shown(monkeypatch):
    sin = REGISTRY["sin"]

    def wrong_in_single_precision(g, y, x):
        return sin.vjp[0](g, y, x) * (0 if x.dtype == np.float32 else 1)

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = (1e-4 * a.sin()).sum()
    explain(out, wrt=a)
    monkeypatch.setattr(sin, "numeric", (wrong_in_single_precision,))
    with pytest.raises(CertificateError, match="the number for"):
        explain(out, wrt=a)


def test_a_zero_that_is_rounding_is_a_zero():
    """Contributions that cancel, by the data's digits, by constants' digits and where all inputs are zero."""
    x = torch.tensor([0.3, 1.7, -2.2], dtype=DOUBLE, requires_grad=True)
    b = torch.zeros(3, dtype=DOUBLE, requires_grad=True)
    assert explain((torch.softmax(x + b.sum(), 0) * x.detach()).sum(), wrt=b).certificate
    assert explain((x * 0.1 + x * 0.2 - x * 0.3).sum(), wrt=x).certificate
    assert explain(((b - b.mean()) * 3).sum() + b.sum() * 1e-3, wrt=b).certificate
    zero = explain(((x - x.mean()) / 7).sum(), wrt=x)
    assert zero.check("0 * x") and zero.check(np.zeros(3))


def test_a_slope_between_two_variables_is_measured_by_what_rounds_between_them():
    """∂E/∂k = 2mk is 5·10⁻²² though k² on the way is 9·10¹⁶; the 1 of log(1 + x) does hide an x of 10⁻¹⁷."""
    m = torch.tensor(9e-31, dtype=DOUBLE)
    c = torch.tensor(3e8, dtype=DOUBLE, requires_grad=True)
    k = c * 1.5
    E = m * k**2
    page = explain(E, wrt=c)
    local = next(step for step in page.steps if step.kind == "local" and step.left.of == "E")
    gradient = np.ones(())
    certify_steps(page._derivation, [local], gradient)
    wrong = replace(local, forms=tuple(replace(form, terms=((lift(3), *form.terms[0]),)) for form in local.forms))
    with pytest.raises(CertificateError, match="isn't shown"):
        certify_steps(page._derivation, [wrong], gradient)
    x = torch.tensor(1e-17, dtype=DOUBLE, requires_grad=True)
    y = x * 3
    out = torch.log(y + 1)
    assert explain(out, wrt=x).rules

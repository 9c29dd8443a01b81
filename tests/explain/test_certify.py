"""A certificate must be able to fail: sabotaged rules, formulas and steps are found, and nothing is shown."""

from dataclasses import replace
from functools import reduce
from operator import add, mul

import numpy as np
import pytest

import engine as torch
import explain.entries as indexed
from engine.op import REGISTRY
from engine.tape import order
from explain import CertificateError, explain
from explain.certify import certify, certify_steps
from explain.derive import Derivation
from explain.points import points
from explain.steps import Numbers, single


def program():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    b = a + 5
    c = torch.exp(b) * b
    out = c.mean()
    return a, b, c, out


@pytest.mark.parametrize("name", ["add", "exp", "mul", "mean"])
def test_a_sabotaged_rule_is_found(monkeypatch, name):
    op = REGISTRY[name]
    wrong = tuple(lambda g, y, *xs, rule=rule, **params: 2 * rule(g, y, *xs, **params) for rule in op.vjp)
    a, b, c, out = program()
    monkeypatch.setattr(op, "vjp", wrong)
    with pytest.raises(CertificateError):
        explain(out, wrt=a)


@pytest.mark.parametrize("at", range(7))
def test_a_corrupted_step_is_found(monkeypatch, at):
    a, b, c, out = program()
    e = explain(out, wrt=a)
    steps = list(e.steps)
    *rest, last = steps[at].forms
    (term,) = last.terms[:1]
    steps[at] = replace(steps[at], forms=(*rest, single(term[0] * 2)))
    with pytest.raises(CertificateError, match="isn't shown"):
        certify(e._derivation, steps, {}, {}, points(e._derivation, np.ones(())))


def corrupted(step):
    """The step with twice what stands at its right end, and one more."""
    if isinstance(step.forms[-1], Numbers):
        return replace(step, value=2 * step.value + 1)
    return replace(step, forms=(*step.forms[:-1], single(2 * sum_of(step.forms[-1]) + 1)))


def sum_of(form):
    """A form as one expression."""
    terms = [reduce(mul, term) for term in form.terms]
    total = reduce(add, terms)
    return total if form.over is None else total / form.over


@pytest.mark.parametrize("level", ["steps", "ops", "rules"])
def test_every_corrupted_step_of_every_level_is_found(level):
    a, b, c, out = program()
    loss = out * out + (a / 2).sum()
    e = explain(loss, wrt=a)
    made = {"steps": e, "ops": e.by_operations(), "rules": e.by_rules()}[level]
    steps = e.rules() if level == "rules" else made.steps
    certify_steps(made.derivation, steps, np.ones(()))
    assert len(steps) >= 6
    for step in steps:
        with pytest.raises(CertificateError, match="isn't shown"):
            certify_steps(made.derivation, [corrupted(step)], np.ones(()))


def test_a_corrupted_entry_is_found(monkeypatch):
    a, b, c, out = program()
    e = explain(out, wrt=a)
    right = indexed.entry
    monkeypatch.setattr(indexed, "entry", lambda sym: replace(right(sym), expr=right(sym).expr + 1))
    with pytest.raises(CertificateError):
        e.text("entries")


def test_a_wrong_formula_is_found(monkeypatch):
    original = Derivation.formula

    def wrong(self, wrt):
        found = original(self, wrt)
        return replace(found, main=found.main * 2)

    monkeypatch.setattr(Derivation, "formula", wrong)
    a, b, c, out = program()
    with pytest.raises(CertificateError, match="the formula"):
        explain(out, wrt=a)


@pytest.mark.parametrize("name", ["h", "∂out/∂h"])
def test_a_wrong_definition_is_found(monkeypatch, name):
    original = Derivation.formula

    def wrong(self, wrt):
        found = original(self, wrt)
        assert name in {atom.name for atom in found.where}
        return replace(found, where={a: sym * 2 if a.name == name else sym for a, sym in found.where.items()})

    a = torch.tensor([[1.0, 2.0, 3.0]], dtype=torch.float64, requires_grad=True)
    h = torch.linalg.cross(a, a**2, dim=-1)
    out = (torch.sin(h) * h).sum()
    names = {"a": a, "h": h, "out": out}
    explain(out, wrt=a, names=names)
    monkeypatch.setattr(Derivation, "formula", wrong)
    with pytest.raises(CertificateError, match=f"the definition of {name}"):
        explain(out, wrt=a, names=names)


@pytest.mark.parametrize("masked", ["causal", "masked_fill"])
def test_masked_scores_are_infinite_and_certified(masked):
    generator = np.random.default_rng(0)
    Q, K, V = (torch.from_numpy(generator.standard_normal((4, 3))).requires_grad_() for _ in range(3))
    if masked == "causal":
        y = torch.nn.functional.scaled_dot_product_attention(Q, K, V, is_causal=True)
    else:
        future = torch.from_numpy(np.triu(np.ones((4, 4), bool), 1))
        y = torch.softmax((Q @ K.T).masked_fill(future, -np.inf), dim=-1) @ V
    out = (y * y).sum()
    e = explain(out, wrt=Q)
    out.backward()
    np.testing.assert_allclose(e.value, Q.grad.numpy(), rtol=1e-10)


def test_matrices_of_which_one_triangle_is_read_move_symmetrically():
    A = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=torch.float64, requires_grad=True)
    values = torch.linalg.eigvalsh(A)
    cubes = explain((values**3).sum(), wrt=A)
    np.testing.assert_allclose(cubes.value, 3 * A.detach().numpy() @ A.detach().numpy(), rtol=1e-12)
    factor = explain(torch.linalg.cholesky(A).sum(), wrt=A)
    assert factor.certificate.points == 3


def test_a_removable_zero_over_zero_is_noted_not_refused():
    x = torch.tensor([0.0, 1.0, -2.0], dtype=torch.float64, requires_grad=True)
    e = explain(torch.sinc(x).sum(), wrt=x)
    assert "0/0" in str(e.certificate) and np.all(np.isfinite(e.value))


def test_a_complex_step_is_exact_where_it_applies():
    from explain.replay import complex_slope, difference_slope

    x = torch.tensor([0.3, 1.7], dtype=torch.float64, requires_grad=True)
    y = (x.sin() * x.exp() / x).log()
    nodes, node, out = order(y._node, needed=False), x._node, y._node
    path, direction, seed = [each for each in nodes if each.op is not None], np.array([0.5, -1.0]), np.ones(2)
    values = {node: node.output}
    exact = np.sum(direction * (1 / np.tan(node.output) + 1 - 1 / node.output))
    assert abs(complex_slope(path, values, node, direction, out, seed) - exact) < 1e-15
    assert abs(difference_slope(path, values, node, direction, out, seed)[0] - exact) > 1e-15
    kinked = torch.relu(x)
    assert complex_slope([kinked._node], values, node, direction, kinked._node, seed) is None


def test_ties_of_a_median_whose_slope_no_gradient_gives():
    x = torch.ones(1, 5, dtype=torch.float64, requires_grad=True)
    assert explain(torch.median(x, dim=1).values.sum(), wrt=x).certificate.points == 3


def test_a_step_that_leaves_the_domain_is_said_and_no_bug():
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    found = explain(((x - 1) ** 1.5).sum(), wrt=x)
    assert "a step to one side leaves the domain" in str(found.certificate)


def test_a_formula_that_is_undefined_at_the_values_says_so():
    x = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)
    with pytest.raises(CertificateError, match="can't be evaluated at these values.*singular.*Ask at values where"):
        explain(torch.det(x), wrt=x)


def test_a_wrong_formula_is_no_rounding_however_small(monkeypatch):
    original = Derivation.formula
    a = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([3.0, 4.0], dtype=torch.float64, requires_grad=True)
    out = (1e-11 * torch.sin(a)).sum() + b.sum()
    explain(out, wrt=[a, b])

    def wrong(self, wrt, *more):
        found = original(self, wrt, *more)
        return replace(found, main=-found.main) if wrt is a._node else found

    monkeypatch.setattr(Derivation, "formula", wrong)
    with pytest.raises(CertificateError, match="the formula"):
        explain(out, wrt=[a, b])


def test_what_is_nan_on_both_sides_proves_nothing():
    a = torch.tensor([0.001, 1000.0], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([0.5, 0.25], dtype=torch.float64, requires_grad=True)
    with pytest.raises(CertificateError, match="is nan at these values, so it has no derivative there"):
        explain(torch.asin((a * a + 1).sqrt()).sum(), wrt=a)
    with pytest.raises(CertificateError, match="is nan at these values"):
        explain(torch.asin((a * a + 1).sqrt()).sum() + b.sum(), wrt=[a, b])
    assert explain(torch.zeros(0, requires_grad=True).sum()).certificate.points == 3  # nothing to compare

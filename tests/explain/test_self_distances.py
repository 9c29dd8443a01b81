"""Distances of rows among themselves, zero on the diagonal: x/‖x‖ at 0 counts as 0, as on the tape, and it is said."""

import numpy as np
import pytest

import engine as torch
from explain import explain
from explain.findings import CertificateError

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

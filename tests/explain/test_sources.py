"""Every operation's forward function can be written out as NumPy code that needs nothing of ours."""

import numpy as np
import pytest
from samples import arrays, generator

import engine as torch
from engine.op import REGISTRY
from explain import explain
from explain.sources import NoSource, Sources


def run(found):
    space = {"np": np}
    for text in found.values():
        assert "engine" not in text and "sympy" not in text
        exec(text, space)  # noqa: S102  (our own source)
    return space


def alike(one, other):
    if isinstance(one, tuple):
        return all(map(alike, one, other))
    return np.allclose(one, other, 1e-14, 1e-14, equal_nan=True)


@pytest.mark.parametrize("name", [name for name, op in REGISTRY.items() if not isinstance(op.forward, np.ufunc)])
def test_source_does_what_the_operation_does(name):
    op, sources = REGISTRY[name], Sources({})
    called = sources.enter(name, op.forward)
    function = run(sources.found)[called]
    for sample in op.samples[:2]:
        operands = arrays(op, sample, generator(op))
        assert alike(op.forward(*operands, **sample[1]), function(*operands, **sample[1]))


def test_one_module_for_all_operations():
    """Names that stand for two things in different files become two names."""
    sources = Sources({})
    names = {op.name: sources.enter(op.name, op.forward) for op in REGISTRY.values()}
    space = run(sources.found)
    for name in ("max_pool", "argmax", "argmin", "gather", "mse_loss", "matrix_exp"):
        sample = REGISTRY[name].samples[0]
        operands = arrays(REGISTRY[name], sample, generator(REGISTRY[name]))
        want = REGISTRY[name].forward(*operands, **sample[1])
        assert alike(want, space[names[name]](*operands, **sample[1]))


def test_what_has_no_source_is_refused():
    with pytest.raises(NoSource, match="it uses thing"):
        Sources({}).enter("thing", object())


X = np.array([[4.0, 1.0, 0.5], [0.3, 3.0, 0.2], [0.1, 0.7, 5.0]])
INVERSE = np.linalg.inv(X)


@pytest.mark.parametrize(
    "program, spelled, gradient",
    [
        (lambda x: torch.logdet(x), "np.linalg.inv(X).T", INVERSE.T),
        (lambda x: torch.det(x), "np.linalg.det(X)", np.linalg.det(X) * INVERSE.T),
        (lambda x: torch.trace(x), "np.eye(n", np.eye(3)),
        (lambda x: torch.linalg.solve(x, x[0]).sum(), "np.linalg.solve(X", None),
        (lambda x: x.max(dim=1).values.sum(), "np.argmax(X, axis=1", np.eye(3)),
        (lambda x: torch.trace(torch.linalg.matrix_exp(x)), "matrix_exp(X)", None),
    ],
)  # fmt: skip
def test_linear_algebra_as_numpy_spells_it(program, spelled, gradient):
    x = torch.tensor(X, requires_grad=True)
    explanation = explain(program(x), wrt=x, names={"X": x}, dims={"X": "n n"})
    assert spelled in explanation.code()
    found = explanation.function()(X)
    assert np.allclose(found, explanation.value if gradient is None else gradient)

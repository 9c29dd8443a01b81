"""torch.distributions: log-probabilities, entropies, divergences, gradients as in PyTorch; samples by moments."""

import numpy as np
import pytest

import engine
from explain import explain

R = np.random.default_rng(0)
NORMAL, WIDTHS, VALUES = R.standard_normal(4), R.uniform(0.5, 2, 4), R.uniform(0.2, 0.9, 4)
PLACES = np.array([0, 2, 1, 1])
L = R.standard_normal((3, 3)) * 0.3 + np.eye(3)
MADE = {
    "normal": (lambda d, a, b: d.Normal(a, b), [R.standard_normal(4), R.uniform(0.5, 2, 4)], R.standard_normal((2, 4))),
    "log-normal": (lambda d, a, b: d.LogNormal(a, b), [NORMAL, WIDTHS], 3 * VALUES),
    "uniform": (lambda d, a, b: d.Uniform(a, b), [np.zeros(3), np.array([1.0, 2, 3])], np.array([0.5, 0.7, 2.9])),
    "exponential": (lambda d, a: d.Exponential(a), [R.uniform(0.5, 2, 4)], R.uniform(0.1, 3, 4)),
    "laplace": (lambda d, a, b: d.Laplace(a, b), [R.standard_normal(4), R.uniform(0.5, 2, 4)], R.standard_normal(4)),
    "gamma": (lambda d, a, b: d.Gamma(a, b), [2 * WIDTHS, WIDTHS], 2 * VALUES),
    "beta": (lambda d, a, b: d.Beta(a, b), [2 * WIDTHS, WIDTHS], VALUES),
    "gaussian": (lambda d, a, S: d.MultivariateNormal(a, S), [NORMAL[:3], L @ L.T], R.standard_normal((5, 3))),
    "gaussian by factor": (
        lambda d, a, S: d.MultivariateNormal(a, scale_tril=S), [R.standard_normal(3), np.linalg.cholesky(L @ L.T)],
        R.standard_normal((5, 3)),
    ),
    "gaussian by precision": (
        lambda d, a, S: d.MultivariateNormal(a, precision_matrix=S), [NORMAL[:3], L @ L.T], NORMAL[1:]
    ),
    "independent": (
        lambda d, a, b: d.Independent(d.Normal(a, b), 1), [R.standard_normal((2, 4)), R.uniform(0.5, 2, (2, 4))],
        R.standard_normal((2, 4)),
    ),
    "categorical": (lambda d, p: d.Categorical(p), [R.uniform(0.1, 1, (4, 3))], PLACES),
    "categorical by logits": (lambda d, z: d.Categorical(logits=z), [R.standard_normal((4, 3))], PLACES),
    "bernoulli": (lambda d, p: d.Bernoulli(p), [R.uniform(0.1, 0.9, 4)], np.array([0.0, 1, 1, 0])),
    "bernoulli by logits": (lambda d, z: d.Bernoulli(logits=z), [R.standard_normal(4)], np.array([0.0, 1, 1, 0])),
    "poisson": (lambda d, r: d.Poisson(r), [R.uniform(0.5, 4, 4)], np.array([0.0, 3, 1, 2])),
}  # fmt: skip


def told(torch, name):
    make, parameters, value = MADE[name]
    given = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in parameters]
    made = make(torch.distributions, *given)
    likely = made.log_prob(torch.tensor(value))
    found = [likely, *torch.autograd.grad(likely.sum(), given, retain_graph=True)]
    if name != "poisson":
        found.append(made.entropy())
        if name not in ("gamma", "beta"):  # PyTorch's trigamma has 9 digits
            found += torch.autograd.grad(made.entropy().sum(), given, allow_unused=True, retain_graph=True)
    if not name.startswith("categorical"):
        found += [made.mean, made.variance]
    shapes = [made.batch_shape, made.event_shape, made.sample((7,)).shape]
    return [x.detach().numpy() for x in found if x is not None], shapes


@pytest.mark.parametrize("name", MADE)
def test_as_in_pytorch(name):
    torch = pytest.importorskip("torch")
    ours, theirs = told(engine, name), told(torch, name)
    for mine, reference in zip(ours[0], theirs[0], strict=True):
        np.testing.assert_allclose(mine, reference, rtol=1e-10, atol=1e-12)
    assert [tuple(shape) for shape in ours[1]] == [tuple(shape) for shape in theirs[1]]


@pytest.mark.parametrize("name", ["gamma", "beta"])
def test_slope_of_the_entropy(name):
    make, parameters, _value = MADE[name]
    given = [engine.tensor(p, dtype=engine.float64, requires_grad=True) for p in parameters]
    assert engine.autograd.gradcheck(lambda *p: make(engine.distributions, *p).entropy(), given, atol=1e-8, rtol=1e-7)


@pytest.mark.parametrize("name", ["normal", "exponential", "gaussian", "categorical", "bernoulli", "independent"])
def test_divergence_as_in_pytorch(name):
    torch = pytest.importorskip("torch")
    found = []
    for library in (engine, torch):
        make, parameters, _value = MADE[name]
        p = [library.tensor(x, dtype=library.float64, requires_grad=True) for x in parameters]
        q = [library.tensor(x * 0.8 + 0.05 * np.eye(3) if x.shape == (3, 3) else x * 0.8 + 0.1, dtype=library.float64)
             for x in parameters]  # fmt: skip
        kl = library.distributions.kl_divergence(make(library.distributions, *p), make(library.distributions, *q))
        found.append([x.detach().numpy() for x in (kl, *library.autograd.grad(kl.sum(), p))])
    for mine, reference in zip(*found, strict=True):
        np.testing.assert_allclose(mine, reference, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in MADE if not name.startswith("categorical")])
def test_samples_have_the_moments(name):
    engine.manual_seed(1)
    make, parameters, _value = MADE[name]
    made = make(engine.distributions, *[engine.tensor(p, dtype=engine.float64) for p in parameters])
    draws = made.sample((20000,)).numpy()
    mean, spread = made.mean.numpy(), np.sqrt(made.variance.numpy())
    np.testing.assert_allclose(draws.mean(0), mean, atol=6 * spread.max() / np.sqrt(20000))
    if name != "log-normal":
        np.testing.assert_allclose(draws.std(0), spread, rtol=0.1)


def test_categories_come_as_often_as_they_should():
    engine.manual_seed(1)
    p = engine.tensor([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]])
    draws = engine.distributions.Categorical(p).sample((20000,)).numpy()
    often = np.stack([(draws == k).mean(0) for k in range(3)], 1)
    np.testing.assert_allclose(often, p.numpy(), atol=0.02)


def test_a_reparametrised_sample_has_a_gradient():
    m = engine.tensor([1.0, 2.0], requires_grad=True)
    s = engine.tensor([0.5, 0.1], requires_grad=True)
    z = engine.distributions.Normal(m, s).rsample()
    z.sum().backward()
    np.testing.assert_allclose(m.grad.numpy(), [1, 1])
    np.testing.assert_allclose(s.grad.numpy(), ((z - m) / s).detach().numpy(), rtol=1e-5)
    assert not engine.distributions.Normal(m, s).sample().requires_grad
    with pytest.raises(NotImplementedError, match="use sample"):
        engine.distributions.Gamma(s, s).rsample()


def test_explained():
    z = engine.tensor([0.1, 0.5, -0.2], dtype=engine.float64, requires_grad=True)
    policy = engine.distributions.Categorical(logits=z)
    loss = -policy.log_prob(engine.tensor(1)) * 2.0
    e = explain(loss, wrt=z)
    np.testing.assert_allclose(e.value, 2 * (np.exp(z.tolist()) / np.exp(z.tolist()).sum() - [0, 1, 0]))
    assert e.check("2 * (softmax(z, 0) - one_hot(tensor(1), 3))")


WRONG = {
    "scale": lambda d, t: d.Normal(0.0, -1.0),
    "rate": lambda d, t: d.Exponential(t.tensor([1.0, -1.0])),
    "bernoulli": lambda d, t: d.Bernoulli(2.0),
    "neither": lambda d, t: d.Categorical(),
    "two": lambda d, t: d.MultivariateNormal(t.ones(2)),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_parameters_are_refused_in_pytorchs_words(name):
    torch = pytest.importorskip("torch")
    said = []
    for library in (engine, torch):
        with pytest.raises(ValueError) as caught:
            WRONG[name](library.distributions, library)
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_an_interval_without_length_is_refused():
    with pytest.raises(ValueError, match="low is 1.0, high is 0.0"):
        engine.distributions.Uniform(1.0, 0.0)


def test_printed_form():
    torch = pytest.importorskip("torch")
    shown = [[repr(x) for x in (t.distributions.Normal(0.0, 1.0), t.distributions.Normal(t.zeros(3), 1.0),
                                t.distributions.Categorical(t.ones(3)), t.distributions.Bernoulli(0.5))]
             for t in (engine, torch)]  # fmt: skip
    assert shown[0] == shown[1]

"""LaTeX as a candidate: read where it can mean one thing, else a sentence."""

import pytest

import engine as torch
import explain.render.tex as tex
from explain import explain
from explain.render.notation import Writer


@pytest.fixture(scope="module")
def logistic():
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    y = torch.tensor([1.0, 0.0, 1.0])
    w = torch.zeros(2, requires_grad=True)
    z = X @ w
    p = torch.sigmoid(z)
    loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    return explain(loss, wrt=w, dims={"X": "n d", "y": "n"})


@pytest.mark.parametrize(
    "candidate",
    [
        r"\frac{1}{n} X^\top (p - y)",
        r"\frac1n X^T(p-y)",
        r"$\frac{1}{n}\, X^{\mathsf{T}} \left(\sigma(Xw) - y\right)$",
        r"\frac{\partial L}{\partial w} = \frac{X^\top (\sigma(X w)-y)}{n}",
        r"\mathbf{X}^{\top}(\mathbf{p}-\mathbf{y})/n",
        r"\frac{(p-y)^\top X}{n}",
        r"\frac{X^\top \frac{1}{1+e^{-X w}} - X^\top y}{n}",
        r"\frac{1}{n} X^\top \operatorname{sigmoid}(z) - \frac{1}{n} X^\top y",
        r"X^{\mathrm{T}} \bigl[p - y\bigr] \cdot \frac{1}{n}",
    ],
)
def test_right(logistic, candidate):
    assert logistic.check(candidate)


@pytest.mark.parametrize(
    "candidate, words",
    [
        (r"\frac{1}{n} X^\top (y - p)", "sign"),
        (r"X^\top (p - y)", "factor 1/n"),
        (r"\frac{1}{n} X (p - y)", "transpose is missing"),
        (r"\frac{1}{n} p y \odot p", "two vectors side by side"),
        (r"X^\top \cdot (p - y)", "\\cdot between two arrays"),
        (r"\sum_i x_i", r"\sum isn't read"),
        (r"\foo", "isn't read here"),
        (r"\frac{1", "missing"),
        (r"\sin p y", "unknown name|two ways|two vectors|reaches"),
        (r"q^2", "q: unknown name"),
        (r"\left. p", "without its other half"),
        (r"1/n p^{2}", "divided by could be more than one thing"),
        ("^", "not read"),
        ("{" * 400, "nested"),
    ],
)
def test_wrong_or_not_understood(logistic, candidate, words):
    verdict = logistic.check(candidate)
    assert not verdict
    assert any(word in str(verdict) for word in words.split("|")), str(verdict)


def test_names_and_powers():
    W_1 = torch.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    x_hat = torch.tensor([1.0, 3.0])
    u = W_1 @ x_hat
    out = (u**2).sum()
    e = explain(out, wrt=W_1)
    assert e.check(r"2 u \hat{x}^\top") and e.check(r"2 (W_1 \hat x) \hat x^{\top}")
    assert e.check(r"2 W_{1} \hat{x} \hat{x}^\top")
    assert "power of a square matrix" in str(e.check(r"W_1^2"))
    theta = torch.tensor(2.0, requires_grad=True)
    assert explain(torch.sin(theta) ** 3, wrt=theta).check(r"3 \sin^2 \theta \cdot \cos\theta")


@pytest.mark.parametrize("shape", [(), (3,)])
def test_our_own_latex_is_read(shape):
    a = torch.tensor([1.0, 2.0, 0.5]) if shape else torch.tensor(1.5)
    a.requires_grad_(True)
    b = a * a + 1
    for out in ((torch.exp(b) / b).sum(), (torch.sqrt(b) + torch.log(b)).sum(), torch.tanh(b).sum()):
        e = explain(out, wrt=a, names={"a": a, "b": b})
        assert e.check(Writer(tex.LATEX).write(e.formula)[0]), Writer(tex.LATEX).write(e.formula)[0]

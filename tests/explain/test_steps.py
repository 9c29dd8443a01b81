"""Steps and their words: levels of detail, contributions, broadcasting, conventions, one number at a time."""

from dataclasses import replace

import numpy as np
import pytest

import engine as torch
from explain import CertificateError, explain
from explain.certify import certify_steps
from explain.steps import Numbers, single

RANDOM = np.random.default_rng(0)


def leaf(*shape, grad=True):
    return torch.tensor(RANDOM.standard_normal(shape), dtype=torch.float64, requires_grad=grad)


def words(page):
    return " ".join(page.split())


def mlp():
    X, W1, W2, y = leaf(4, 3, grad=False), leaf(3, 2), leaf(2, 2), leaf(4, 2, grad=False)
    h = torch.tanh(X @ W1)
    p = h @ W2
    loss = ((p - y) ** 2).mean()
    return explain(loss, wrt=W1)


def layer_norm():
    x, gamma, beta = leaf(4, 5), leaf(5), leaf(5)
    mu = x.mean(1, keepdim=True)
    xc = x - mu
    var = (xc * xc).mean(1, keepdim=True)
    sigma = (var + 1e-5).sqrt()
    xh = xc / sigma
    y = gamma * xh + beta
    return explain(y, wrt=x, gradient=leaf(4, 5, grad=False))


def test_matrix_products_are_explained():
    page = words(mlp().text())
    assert "p_ik = Σ_j h_ij W2_jk, so h_ij acts on p_ik with the weight W2_jk" in page
    assert "hence W2 transposed, on the right, where it stood" in page
    assert "Shapes: 4×2 times 2×2 gives 4×2, that of h." in page
    assert "X transposed, on the left" in page and "the sum over the batch" in page
    assert "slopes multiply entry by entry (⊙)" in page


def test_nothing_is_said_twice():
    page = words(layer_norm().text())
    for sentence in ("Each of the 5 entries counts for 1/5", "The numerator's slope is one over"):
        assert page.count(sentence) == 1


def test_a_part_of_a_derivative_is_not_called_the_whole():
    W, X = leaf(3, 2), leaf(4, 3, grad=False)
    z = X @ W
    loss = (z * z).sum() + (W * W).sum()
    page = words(explain(loss, wrt=W).text())
    assert "∂loss/∂W directly = 2W" in page
    assert "∂loss/∂W by way of z = Xᵀ ∂loss/∂z" in page
    assert "W is used twice, in loss and z, so its contributions are added." in page


def test_what_broadcasting_adds_is_summed():
    z, b = leaf(4, 3), leaf(3)
    s = z + b
    loss = (s * s).sum()
    page = words(explain(loss, wrt=b).text())
    assert "b (3) is repeated 4 times along axis 0 to meet 4×3; so the cotangents of the copies are summed" in page
    assert "∂loss/∂b = Σ₀(∂loss/∂s)" in page


def test_softmax_is_explained():
    z, t = leaf(2, 3), leaf(2, 3, grad=False)
    p = torch.softmax(z, dim=1)
    q = (p * t).sum()
    assert "hence p ⊙ (g − Σ g ⊙ p)" in words(explain(q, wrt=z).text())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([0.0, 1.0, -2.0, 0.0], "2 entries of x are at 0, where the slope is 0 from the left and 1 from the right"),
        ([1.0, 2.0, -1.0, 3.0], None),
    ],
)
def test_a_convention_is_named_where_the_data_meets_it(data, said):
    x = torch.tensor(data, dtype=torch.float64, requires_grad=True)
    y = torch.relu(x)
    e = explain(y.sum(), wrt=x)
    page = words(e.text())
    if said is None:
        assert "PyTorch's convention" not in page
        assert not e.certificate.notes
    else:
        assert said in page and "PyTorch's convention for relu is 0." in page
        assert "the derivative is a convention" in str(e.certificate)


def test_ties_are_named():
    x = torch.tensor([3.0, 1.0, 3.0], dtype=torch.float64, requires_grad=True)
    m = torch.amax(x)
    page = words(explain(m, wrt=x).text())
    assert "there is a corner or a tie" in page and "ties share it equally" in page


def test_levels():
    a = torch.ones(2, 2, requires_grad=True)
    b = a + 5
    c = b * b * 2
    out = c.mean()
    e = explain(out, wrt=a)
    short = e.text("short")
    assert "Forward" not in short and "a + 5 = 6" in short and "Checked" in short
    operations = e.text("ops")
    assert "t1 = b²" in operations and "∂c/∂t1 = 2" in operations
    rules = words(e.text("rules"))
    assert "∂(b²)/∂b = 1 · b + b · 1 = 2b product rule: with u = b and v = b" in rules
    assert "constant multiple rule: with u = b²: the factor 2 stays" in rules
    assert "∂out/∂a[i, j] = a[i, j] + 5" in e.text("entries")
    with pytest.raises(ValueError, match="detail takes one of 'short', 'steps'"):
        e.text("long")


def test_rules_of_calculus():
    t = leaf(3)
    q = (torch.sin(t) * t**3 / (1 + t * t) + torch.exp(-t * t)).sum()
    page = words(explain(q, wrt=t).text("rules"))
    for rule in ("quotient rule: with u =", "product rule: with u =", "power rule: the exponent 3 comes down",
                 "sum rule:", "chain rule: with u =", "the derivative of sine at t"):  # fmt: skip
        assert rule in page


def test_one_number():
    e = mlp()
    one = e.at(0, 1)
    page = one.text()
    assert one.value == pytest.approx(e.value[0, 1])
    assert "∂loss/∂h[3, 1] = W2[1, 0] · ∂loss/∂p[3, 0] + W2[1, 1] · ∂loss/∂p[3, 1]" in page
    assert "∂loss/∂W1[0, 1] = X[0, 0] · ∂loss/∂h[0, 1]" in page
    assert e.at(-3, 1).value == one.value
    with pytest.raises(IndexError, match="one index for each axis"):
        e.at(0)
    with pytest.raises(IndexError, match="within it"):
        e.at(3, 0)


def corrupted(step):
    """The step with its last form, or its number, doubled."""
    *rest, last = step.forms
    if isinstance(last, Numbers):
        (part, number), *others = last.numbers
        return replace(step, forms=(*rest, replace(last, numbers=((part, 2 * number + 1), *others))))
    (term, *terms) = last.terms
    doubled = replace(last, terms=((*term[:-1], term[-1] * 2), *terms))
    return replace(step, forms=(*rest, doubled))


KINDS = ("forward", "local", "chain", "substitute", "simplify", "entry", "rule")


@pytest.mark.parametrize("kind", KINDS)
def test_a_corrupted_step_of_each_kind_is_found(kind):
    e = layer_norm()
    steps = [step for step in (*e.steps, *e.rules()) if step.kind == kind]
    assert steps
    for step in steps:
        if kind == "simplify" and step.forms[-1].terms[0][0].expr == 0:
            continue
        with pytest.raises(CertificateError):
            certify_steps(e.derivation, [corrupted(step)], e._cotangent)


def test_a_corrupted_value_is_found():
    e = mlp()
    (step,) = [step for step in e.steps if step.kind == "entry"]
    with pytest.raises(CertificateError, match="the number"):
        certify_steps(e.derivation, [replace(step, value=step.value + 1)], e._cotangent)


def test_a_wrong_rewrite_is_found():
    e = layer_norm()
    step = next(step for step in e.steps if step.kind == "simplify" and step.forms[-1].terms[0][0].expr == 0)
    wrong = replace(step, forms=(step.forms[0], single(step.forms[1].terms[0][0] + 1)))
    with pytest.raises(CertificateError):
        certify_steps(e.derivation, [wrong], e._cotangent)


@pytest.mark.parametrize("length", [12, 40])
def test_a_long_recurrence_stays_readable(length):
    W, h = leaf(3, 3), leaf(3)
    states = [h]
    for _step in range(length):
        states.append(torch.tanh(W @ states[-1]))
    loss = (states[-1] ** 2).sum()
    page = explain(loss, wrt=W).text()
    assert "more lines like these, for states[3], states[4]" in page
    assert len(page.splitlines()) < 110
    assert max(map(len, page.splitlines())) <= 80


def test_rules_go_through_what_has_no_name():
    """sin(t) exp(t) is a product of two functions of t, not of two variables."""
    t = torch.tensor(0.5, requires_grad=True)
    f = torch.sin(t) * torch.exp(t)
    page = words(explain(f, wrt=t).text("rules"))
    assert "product rule: with u = sin(t) and v = exp(t): u′ v + u v′." in page
    assert "t1" not in page
    u = torch.tensor(0.5, requires_grad=True)
    f = (u * u + 1) / torch.exp(u)
    assert "quotient rule: with f = " not in (page := words(explain(f, wrt=u).text("rules")))
    assert "quotient rule: with p = u² + 1 and q = exp(u): (p′ q − p q′)/q²." in page


def test_nothing_is_divided_by_that_was_not():
    """h = o tanh(c) gives tanh(c) = h/o, which no slope may use: o may be zero."""
    o, c = leaf(3, grad=False), leaf(3)
    h = o * torch.tanh(c)
    loss = (h * h).sum()
    assert "/o" not in explain(loss, wrt=c).text() and "/ o" not in explain(loss, wrt=c).text()


def test_signs_that_a_page_uses_are_explained():
    x, k = leaf(1, 1, 5, grad=False), leaf(1, 1, 3)
    y = torch.nn.functional.conv1d(x, k)
    page = words(explain(y, wrt=k).text())
    assert "conv_weight(x, g) has an entry for each weight" in page
    assert "G = ∂L/∂y" in page

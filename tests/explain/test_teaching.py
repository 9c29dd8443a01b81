"""What a reader meets on a page: parts by name, signs explained, numbers put in, no division by what may be zero."""

import re

import numpy as np
import pytest

import engine as torch
from explain import explain

RANDOM = np.random.default_rng(5)


def leaf(*shape, grad=True):
    return torch.tensor(RANDOM.standard_normal(shape), dtype=torch.float64, requires_grad=grad)


def words(page):
    return " ".join(page.split())


def test_outputs_of_a_decomposition_are_called_by_their_names():
    A = leaf(3, 3)
    lam, Q = torch.linalg.eigh(A)
    out = lam[2]
    page = explain(out, wrt=A).text()
    assert page.startswith("∂out/∂A = (Q ⊙ [0, 0, 1]) Qᵀ")
    assert "where Q = eigenvectors(A)" in page
    assert "part(" not in page


def test_and_by_what_they_are_where_they_have_none():
    A = leaf(3, 3)
    out = torch.linalg.eigvalsh(A)[2]
    page = words(explain(out, wrt=A).text())
    assert "eigenvectors(A)" in page and "part(" not in page
    assert "are those of A = V diag(λ) Vᵀ." in page


def test_a_direction_may_have_zeros():
    """d = w/‖w‖ gives 1/‖w‖ = d/w, which no formula may use: an entry of w may be zero."""
    w, C = torch.tensor([1.0, 0.0, 0.0], requires_grad=True), leaf(4, 3, grad=False)
    d = w / w.norm()
    f = ((C.float() @ d) ** 2).mean()
    page = explain(f, wrt=w).text()
    assert page.startswith("∂f/∂w = (∂f/∂d − (dᵀ ∂f/∂d) · d) / ‖w‖")
    assert "0/0" not in page


def test_the_affine_layer_in_words():
    layer, X = torch.nn.Linear(3, 2), leaf(4, 3, grad=False).float()
    y = layer(X)
    loss = (y * y).sum()
    found = explain(loss)
    assert "Σ_i g_ik X_ij, with g that of y: g transposed times X." in words(found["layer.weight"].text())
    assert "layer.bias_k is added in every row i. Its cotangent is Σ_i g_ik" in words(found["layer.bias"].text())


def test_functions_on_a_page_are_told():
    y = leaf(3)
    out = y.prod()
    assert "others: y_j = Π_{k ≠ j} x_k" in words(explain(out, wrt=y).text())
    page = words(explain((y * y).sum(), wrt=y).text())
    assert "The cotangent of a variable v is ∂out/∂v" in page and "@" not in page


def test_programs_of_mixed_precision_are_certified():
    v, w = leaf(3), torch.tensor([1.0, 0.5, 0.0], requires_grad=True)
    for narrow in (v.float(), v.half()):
        out = ((narrow * w) ** 2).mean()
        assert explain(out, wrt=v).text("short").startswith("∂out/∂v = (2/3) v ⊙ w² = [")


@pytest.mark.parametrize(
    "how", [{}, {"stride": 2, "padding": 1}, {"dilation": 2, "padding": 2}, {"groups": 2, "padding": 1}], ids=str
)
@pytest.mark.parametrize("name", ["x", "k"])
def test_entries_through_a_convolution_are_sums_of_products(name, how):
    """Each is compared with the tape's when it is made."""
    x, k, g = leaf(1, 2, 4), leaf(2, 2 // how.get("groups", 1), 2), leaf(1, 2, 7, grad=False)
    y = torch.nn.functional.conv1d(x, k, **how)
    loss = (y * g[..., : y.shape[2]]).sum()
    value = {"x": x, "k": k}[name]
    for index in np.ndindex(*value.shape):
        page = explain(loss, wrt=name).at(*index).text()
        assert "conv" not in page


def test_a_recurrence_by_entries_keeps_its_names():
    W, h = leaf(2, 2), leaf(2, grad=False)
    states = [h]
    for _step in range(8):
        states.append(torch.tanh(W @ states[-1]))
    loss = (states[-1] ** 2).sum()
    found = explain(loss, wrt=W)
    assert len(str(found.entries())) < 2000 and found.entries() == found.entries()
    assert found.check(found.formula)


def test_signs_of_laws_in_latex():
    y = leaf(3)
    out = y.prod()
    assert r"\item others: y\_j = $\prod$\_\{k $\ne$ j\} x\_k over axis 0" in explain(out, wrt=y).latex()


def test_a_step_of_an_lstm_reads_as_in_a_book():
    """The gates by their names, and what goes into them once, under a name of its own."""
    torch.manual_seed(0)
    cell = torch.nn.LSTMCell(2, 2)
    x = leaf(1, 2, grad=False).float()
    h, _c = cell(x)
    loss = h.sum()
    explanation = explain(loss, wrt=cell.weight_ih)
    page = words(explanation.text())
    formula = page.partition(" where ")[0]
    assert "output_gate(t1) ⊙ tanh_cell(t1, k) ⊙ (1 − output_gate(t1))]ᵀ" in formula and "lstm_step" not in page
    assert page.count("cell.weight_hhᵀ") == 2  # in the definition of t1, above and in the forward part
    assert "output_gate(a) are σ, σ, tanh, σ of the four parts of a" in page
    assert "part(" not in explanation.code()


def test_layers_of_time_are_written_as_indices():
    torch.manual_seed(0)
    net = torch.nn.GRU(2, 3)
    x = leaf(2, 1, 2, grad=False).float()
    out, _h = net(x)
    loss = out.sum()
    page = words(explain(loss, wrt=net.weight_hh_l0).text())
    assert re.search(r"[)\d]\[0\]", page) and "unstack" not in page and "update_gate(" in page

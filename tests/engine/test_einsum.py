"""einsum with random specifications against np.einsum and PyTorch; its errors in PyTorch's words; its formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.ops.contraction import einsum
from engine.symbols import evaluate, symbol

SIZES = {"i": 2, "j": 3, "k": 4, "B": 2, "a": 1}


@st.composite
def specifications(draw, ellipsis=True, ones=True, repeats=True):
    """(equation, shapes): one to three operands, with repeats, spaces, `...` and an output given or implied."""
    inputs, shapes = [], []
    for _ in range(draw(st.integers(1, 3))):
        named = draw(st.lists(st.sampled_from(sorted(SIZES)), max_size=3, unique=not repeats))
        shape = [SIZES[index] for index in named]
        if ones:
            alone = {index for index in named if draw(st.integers(0, 5)) == 0}
            shape = [1 if index in alone else size for index, size in zip(named, shape)]
        text = "".join(named)
        if ellipsis and draw(st.booleans()):
            at = draw(st.integers(0, len(named)))
            unnamed = draw(st.sampled_from([(), (3,), (2, 3), (2, 1)]))
            text, shape = text[:at] + "..." + text[at:], [*shape[:at], *unnamed, *shape[at:]]
        inputs.append(text)
        shapes.append(tuple(shape))
    every = sorted({index for text in inputs for index in text if index != "."})
    equation = ",".join(inputs)
    if draw(st.booleans()):
        kept = draw(st.permutations(every))[: draw(st.integers(0, len(every)))]
        dots = "..." if "..." in equation else ""
        equation += "->" + dots + "".join(kept)
    if draw(st.booleans()):
        equation = equation.replace(",", " , ").replace("->", " -> ")
    return equation, shapes


def drawn(shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.standard_normal(shape)) for shape in shapes]


@settings(max_examples=150, deadline=None)
@given(specifications())
def test_as_in_pytorch(case):
    torch = pytest.importorskip("torch")
    equation, shapes = case
    arrays = drawn(shapes)
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    ours = [engine.tensor(a, requires_grad=True) for a in arrays]
    z, y = torch.einsum(equation, *theirs), engine.einsum(equation, *ours)
    assert y.shape == tuple(z.shape)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-10, atol=1e-12)
    (z * z).sum().backward()
    (y * y).sum().backward()
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-9, atol=1e-10)


@settings(max_examples=100, deadline=None)
@given(specifications(ones=False))
def test_as_in_numpy(case):
    equation, shapes = case
    arrays = drawn(shapes)
    have = engine.einsum(equation, *map(engine.from_numpy, arrays)).numpy()
    np.testing.assert_allclose(have, np.einsum(equation, *arrays), rtol=1e-10, atol=1e-12)


@settings(max_examples=150, deadline=None)
@given(specifications(ellipsis=False, ones=False, repeats=False), st.integers(0, 3))
def test_its_formula_means_the_same(case, uniform):
    equation, shapes = case
    inputs, _, out = equation.replace(" ", "").partition("->")
    arrays = drawn(shapes)
    symbols = [symbol(f"x{at}", shape) for at, shape in enumerate(shapes)]
    known = {x.expr: array for x, array in zip(symbols, arrays)}
    if uniform < len(shapes):
        arrays[uniform] = np.full(shapes[uniform], 2.0)
        symbols[uniform] = symbols[uniform] * 0 + 2
    made = einsum(*symbols, equation=f"{inputs}->{out}") * 3
    want = 3 * np.einsum(f"{inputs}->{out}", *arrays)
    assert made.shape == want.shape
    np.testing.assert_allclose(np.broadcast_to(evaluate(made.expr, known), made.shape), want, rtol=1e-10, atol=1e-12)


A, B, C = (symbol(name, (3, 3)) for name in "ABC")
u, v = (symbol(name, (3,)) for name in "uv")


@pytest.mark.parametrize(
    "equation, operands, formula",
    [
        ("ij,jk->ik", (A, B), "matmul(A, B)"),
        ("ij,kj->ik", (A, B), "matmul(A, permute(B, dims=(1, 0)))"),
        ("ij,jk->ki", (A, B), "matmul(permute(B, dims=(1, 0)), permute(A, dims=(1, 0)))"),
        ("ij,j->i", (A, v), "matmul(A, v)"),
        ("i,i->", (u, v), "matmul(u, v)"),
        ("i,j->ij", (u, v), "outer(u, v)"),
        ("i,j->ji", (u, v), "outer(v, u)"),
        ("ij,ij->ij", (A, B), "A*B"),
        ("ij,j->ij", (A, v), "A*v"),
        ("ij,jk,kl->il", (A, B, C), "matmul(matmul(A, B), C)"),
        ("i,ij,j->", (u, A, v), "matmul(u, matmul(A, v))"),
    ],
)
def test_it_reads_as_the_product_that_it_is(equation, operands, formula):
    made = einsum(*operands, equation=equation)
    assert str(made.expr) == formula


REFUSED = [
    ("ij,jk", [(2, 3)]), ("ij", [(2, 3), (2,)]), ("ij", [(2, 3, 4)]), ("ijk", [(2, 3)]), ("ij->k", [(2, 3)]),
    ("ij->ii", [(2, 3)]), ("ii", [(2, 3)]), ("ii", [(1, 3)]), ("ij,jk", [(2, 3), (2, 3)]), ("i1", [(2, 3)]),
    ("i...j..", [(2, 3)]), ("...i...", [(2, 3)]), ("i.j", [(2, 3)]), ("ij-ji", [(2, 3)]), ("ij>ji", [(2, 3)]),
    ("ij,j2", [(2, 3), (3, 3)]), ("...ijk", [(2, 3)]), ("ij->i...j...", [(2, 3)]), ("ij->i.", [(2, 3)]),
]  # fmt: skip


@pytest.mark.parametrize("equation, shapes", REFUSED, ids=str)
def test_errors_are_pytorchs(equation, shapes):
    torch = pytest.importorskip("torch")
    said = []
    for module in (torch, engine):
        with pytest.raises(RuntimeError) as error:
            module.einsum(equation, *(module.ones(shape) for shape in shapes))
        said.append(str(error.value))
    assert said[1] == said[0]


@pytest.mark.parametrize("module", ["torch", "engine"])
def test_other_ways_to_call(module):
    t = engine if module == "engine" else pytest.importorskip("torch")
    x, y = t.ones(2, 3), t.ones(3, 2)
    assert t.einsum(x, [0, 1], y, [1, 2], [0, 2]).tolist() == [[3.0, 3.0], [3.0, 3.0]]
    assert tuple(t.einsum(x, [0, 1], y, [1, 2]).shape) == (2, 2)
    assert tuple(t.einsum(x, [Ellipsis, 1], [1, Ellipsis]).shape) == (3, 2)
    assert t.einsum("ij,ji->", [x, y]).item() == 6.0
    with pytest.raises(ValueError, match="valid range"):
        t.einsum(x, [0, 53])
    with pytest.raises(ValueError, match="at least one operand"):
        t.einsum("ij")
    with pytest.raises(TypeError, match="expected Tensor as element 1"):
        t.einsum("i,i", t.ones(2), "x")
    with pytest.raises(RuntimeError, match="Float but found Double"):
        t.einsum("i,i", t.ones(2), t.ones(2).double())


DOTS = [
    ((2, 3), (3, 4), 1), ((2, 3), (2, 3), 2), ((2, 3), (4, 5), 0), ((2, 3), (3, 2), ([0, 1], [1, 0])),
    ((2, 3, 4), (4, 5), ([-1], [0])), ((2, 1), (3, 4), ([1], [0])), ((2, 0), (0, 3), 1), ((2, 3), (2, 3), -1),
    ((2, 3), (2, 3), 3), ((2, 3), (2, 3), ([0], [0, 1])), ((2, 3), (2, 3), 1),
]  # fmt: skip


@pytest.mark.parametrize("a, b, dims", DOTS, ids=str)
def test_tensordot_is_pytorchs(a, b, dims):
    torch = pytest.importorskip("torch")
    arrays = drawn([a, b])
    found = []
    for module in (torch, engine):
        x, y = (module.tensor(array, requires_grad=True) for array in arrays)
        try:
            z = module.tensordot(x, y, dims)
        except RuntimeError as error:
            found.append(str(error))
            continue
        (z * z).sum().backward()
        found.append([z.detach().numpy(), x.grad.numpy(), y.grad.numpy()])
    if isinstance(found[0], str):
        assert found[1] == found[0]
    else:
        for want, have in zip(*found):
            np.testing.assert_allclose(have, want, rtol=1e-10, atol=1e-12)

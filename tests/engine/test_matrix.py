"""Products of matrices: PyTorch's functions with its errors and names, and the normal form of their symbols."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.ops.matrix import matmul, outer
from engine.ops.shape import swap_last
from engine.symbols import Structure, Sym, evaluate, symbol

RANKS = [
    ((2, 3), (3, 4)), ((2, 3), (3,)), ((3,), (3, 4)), ((3,), (3,)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)),
    ((2, 3), (5, 3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)), ((6, 5, 2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 4)),
    ((1, 2, 3), (1, 3, 4)), ((1, 2, 3), (3,)), ((0, 3), (3, 2)),
]  # fmt: skip


@pytest.mark.parametrize("a, b", RANKS, ids=str)
def test_a_product_bears_pytorchs_name(a, b):
    torch = pytest.importorskip("torch")
    theirs = torch.ones(a, requires_grad=True) @ torch.ones(b, requires_grad=True)
    ours = engine.ones(a, requires_grad=True) @ engine.ones(b, requires_grad=True)
    assert ours.grad_fn.name() == theirs.grad_fn.name()


def ones(torch, *shapes):
    return [torch.ones(shape) if isinstance(shape, tuple) else shape for shape in shapes]


def complaint(torch, call):
    with pytest.raises(RuntimeError) as error:
        call(torch)
    return str(error.value)


REFUSED = {
    "matmul": [((2, 3), (2, 3)), ((5, 2, 3), (5, 4, 4)), ((5, 2, 3), (6, 3, 4)), ((2, 3), (5, 4, 4)), ((3,), (4,)),
               ((5, 2, 3), (4, 4)), ((5, 2, 3), (4,)), ((3,), (5, 4, 4)), ((7, 5, 2, 3), (5, 4, 4)), ((3,), (4, 2))],
    "mm": [((2, 3), (2, 3)), ((3,), (2, 3)), ((2, 3), (3,))],
    "mv": [((3,), (3,)), ((2, 3), (2,))],
    "dot": [((3,), (2,)), ((3, 3), (2,))],
    "vdot": [((3,), (2,))],
    "inner": [((3, 2), (3,))],
    "outer": [((3, 2), (3,)), ((3,), (3, 2))],
    "bmm": [((3, 2), (3, 2)), ((2, 3, 2), (3, 2, 2)), ((2, 3, 2), (2, 3, 2)), ((2, 3, 2), (3, 2))],
}  # fmt: skip


@pytest.mark.parametrize("name, shapes", [(name, case) for name, cases in REFUSED.items() for case in cases], ids=str)
def test_shapes_are_refused_in_pytorchs_words(name, shapes):
    torch = pytest.importorskip("torch")
    theirs, ours = (complaint(t, lambda t: getattr(t, name)(*ones(t, *shapes))) for t in (torch, engine))
    assert ours == theirs


@pytest.mark.parametrize("name, shapes", [("mm", ((2, 3), (3, 2))), ("mv", ((2, 3), (3,))), ("dot", ((3,), (3,)))])
def test_dtypes_are_refused_in_pytorchs_words(name, shapes):
    torch = pytest.importorskip("torch")

    def call(t):
        a, b = ones(t, *shapes)
        return getattr(t, name)(a, b.double())

    assert complaint(engine, call) == complaint(torch, call)


ACCEPTED = {
    "mm": [((2, 3), (3, 2))],
    "mv": [((2, 3), (3,))],
    "dot": [((3,), (3,)), ((0,), (0,))],
    "vdot": [((3,), (3,))],
    "inner": [((2, 3), (4, 3)), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), ()), ((2, 5, 3), (4, 3))],
    "outer": [((2,), (3,)), ((0,), (3,))],
    "ger": [((2,), (3,))],
    "bmm": [((5, 2, 3), (5, 3, 4)), ((0, 2, 3), (0, 3, 4))],
}


@pytest.mark.parametrize("name, shapes", [(name, case) for name, cases in ACCEPTED.items() for case in cases], ids=str)
def test_values_and_gradients_are_pytorchs(name, shapes):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    arrays = [np.asarray(rng.standard_normal(shape)) for shape in shapes]
    ours = [engine.tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = getattr(engine, name)(*ours), getattr(torch, name)(*theirs)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-12)
    (y * y).sum().backward()
    (z * z).sum().backward()
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-12)


def test_an_array_on_the_left_multiplies():
    x = engine.tensor([1.0, 2.0], dtype=engine.float64, requires_grad=True)
    y = np.eye(2) @ x
    assert isinstance(y, engine.Tensor)
    assert y.tolist() == [1.0, 2.0]


# The normal form

M = {name: symbol(name, (3, 3)) for name in "ABC"}
V = {name: symbol(name, (3,)) for name in "uv"}
RNG = np.random.default_rng(1)
VALUES = {x.expr: RNG.standard_normal(x.shape) for x in [*M.values(), *V.values()]}

matrices = st.deferred(
    lambda: st.sampled_from(sorted(M)).map(M.get)
    | st.tuples(st.just("outer"), vectors, vectors)
    | st.tuples(st.just("product"), matrices, matrices)
    | st.tuples(st.just("transpose"), matrices)
    | st.tuples(st.just("sum"), matrices, matrices)
    | st.tuples(st.just("hadamard"), matrices, matrices)
    | st.just(Sym(symbol("A", (3, 3)).expr * 0 + 2, (3, 3)))
)
vectors = st.deferred(
    lambda: st.sampled_from(sorted(V)).map(V.get)
    | st.tuples(st.just("product"), matrices, vectors)
    | st.tuples(st.just("product"), vectors, matrices)
)
scalars = st.tuples(st.just("product"), vectors, vectors)

AS_SYMBOL = {
    "product": matmul, "outer": outer, "transpose": swap_last,
    "sum": lambda a, b: a + b, "hadamard": lambda a, b: a * b,
}  # fmt: skip
AS_NUMBERS = {
    "product": np.matmul, "outer": np.outer, "transpose": np.transpose, "sum": np.add, "hadamard": np.multiply,
}  # fmt: skip


def built(tree, leaf, make):
    if isinstance(tree, Sym):
        return leaf(tree)
    name, *parts = tree
    return make[name](*(built(part, leaf, make) for part in parts))


def number(leaf):
    return np.broadcast_to(evaluate(leaf.expr, VALUES), leaf.shape)


def means_the_same(tree):
    want = built(tree, number, AS_NUMBERS)
    made = built(tree, lambda leaf: leaf, AS_SYMBOL)
    assert made.shape == np.shape(want)
    np.testing.assert_allclose(number(made), want, rtol=1e-9, atol=1e-9 * np.abs(want).max(initial=1))


def stays_as_it_is(tree):
    made = built(tree, lambda leaf: leaf, AS_SYMBOL)
    for node in sympy.preorder_traversal(made.expr):
        assert not isinstance(node, Structure) or node.func(*node.args) == node


@settings(max_examples=30, deadline=None)
@given(matrices | vectors | scalars)
def test_the_normal_form_means_the_same(tree):
    means_the_same(tree)


@settings(max_examples=30, deadline=None)
@given(matrices)
def test_the_normal_form_stays_as_it_is(tree):
    stays_as_it_is(tree)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(matrices | vectors | scalars)
def test_the_normal_form_means_the_same_any(tree):
    means_the_same(tree)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(matrices)
def test_the_normal_form_stays_as_it_is_any(tree):
    stays_as_it_is(tree)


@pytest.mark.parametrize(
    "one, other",
    [
        (lambda A, B, C, u, v: (A @ B) @ C, lambda A, B, C, u, v: A @ (B @ C)),
        (lambda A, B, C, u, v: (A @ B) @ v, lambda A, B, C, u, v: A @ (B @ v)),
        (lambda A, B, C, u, v: u @ A, lambda A, B, C, u, v: A.T @ u),
        (lambda A, B, C, u, v: (A @ B).T, lambda A, B, C, u, v: B.T @ A.T),
        (lambda A, B, C, u, v: (A @ u) @ (B @ v), lambda A, B, C, u, v: (B.T @ (A @ u)) @ v),
        (lambda A, B, C, u, v: u @ v, lambda A, B, C, u, v: v @ u),
        (lambda A, B, C, u, v: A @ (u ^ v) @ B, lambda A, B, C, u, v: (A @ u) ^ (B.T @ v)),
        (lambda A, B, C, u, v: (u ^ v).T, lambda A, B, C, u, v: v ^ u),
        (lambda A, B, C, u, v: (A + A.T).T, lambda A, B, C, u, v: A + A.T),
    ],
)
def test_equal_products_have_one_spelling(one, other):
    class Written:
        def __init__(self, sym):
            self.sym = sym

        def __matmul__(self, b):
            return Written(matmul(self.sym, b.sym))

        def __xor__(self, b):
            return Written(outer(self.sym, b.sym))

        def __add__(self, b):
            return Written(self.sym + b.sym)

        @property
        def T(self):
            return Written(swap_last(self.sym))

    operands = [Written(x) for x in [*M.values(), *V.values()]]
    first, second = one(*operands).sym, other(*operands).sym
    assert first.expr == second.expr and first.shape == second.shape

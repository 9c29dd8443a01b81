"""linalg against PyTorch: values, gradients, batches, arrays without entries, degenerate points."""

import math

import numpy as np
import pytest

import engine
from engine.ops.decompositions import TALL, WIDE
from engine.ops.inverse import BATCH, MATRIX

RNG = np.random.default_rng(3)
GENERAL = RNG.standard_normal((4, 4)) + 4 * np.eye(4)
MANY = RNG.standard_normal((2, 3, 4, 4)) + 4 * np.eye(4)
SPD = MANY @ np.swapaxes(MANY, -1, -2) + np.eye(4)
LOWER = np.linalg.cholesky(SPD)
VECTOR, RIGHT = RNG.standard_normal(4), RNG.standard_normal((4, 2))
RIGHTS = RNG.standard_normal((2, 3, 4, 2))


def found(module, call, arrays, dtype="float64"):
    """The floating outputs of a call and the gradients of a fixed combination of those that require grad."""
    leaves = [module.tensor(np.asarray(a, dtype=dtype), requires_grad=True) for a in arrays]
    y = call(module, *leaves)
    outputs = [x for x in (y if isinstance(y, tuple) else (y,))]
    total = 0
    for at, x in enumerate(outputs):
        if x.requires_grad:
            total = total + (x * x * (at + 1) + x).sum()
    grads = []
    if not isinstance(total, int):
        total.backward()
        grads = [x.grad for x in leaves]
    return [x.detach().numpy() for x in outputs], [None if g is None else g.numpy() for g in grads], y


def compare(call, *arrays, dtype="float64", rtol=1e-9, atol=1e-10):
    torch = pytest.importorskip("torch")
    want, want_grads, theirs = found(torch, call, arrays, dtype)
    have, have_grads, ours = found(engine, call, arrays, dtype)
    assert len(have) == len(want)
    for mine, reference in zip(have, want):
        assert (mine.dtype, mine.shape) == (reference.dtype, reference.shape)
        np.testing.assert_allclose(mine, reference, rtol=rtol, atol=atol)
    assert len(have_grads) == len(want_grads)
    for mine, reference in zip(have_grads, want_grads):
        if reference is None:
            assert mine is None or not mine.any()
        else:
            assert (mine.dtype, mine.shape) == (reference.dtype, reference.shape)
            np.testing.assert_allclose(mine, reference, rtol=rtol, atol=atol)
    if hasattr(ours, "_fields"):
        assert ours._fields == tuple(n for n in ours._fields if hasattr(theirs, n))
        assert type(ours).__name__ == type(theirs).__name__
    return ours


CALLS = {
    "inv": (lambda t, a: t.linalg.inv(a), [GENERAL]),
    "inv-batch": (lambda t, a: t.linalg.inv(a), [MANY]),
    "inverse": (lambda t, a: a.inverse(), [GENERAL]),
    "inv-empty": (lambda t, a: t.linalg.inv(a), [np.ones((0, 0))]),
    "inv-empty-batch": (lambda t, a: t.linalg.inv(a), [np.ones((0, 2, 2))]),
    "det": (lambda t, a: t.linalg.det(a), [MANY]),
    "det-method": (lambda t, a: a.det(), [GENERAL]),
    "det-empty": (lambda t, a: t.linalg.det(a), [np.ones((0, 0))]),
    "logdet": (lambda t, a: t.logdet(a), [SPD]),
    "logdet-negative": (lambda t, a: t.logdet(a), [-np.eye(3)]),
    "slogdet": (lambda t, a: t.linalg.slogdet(a), [MANY]),
    "torch-slogdet": (lambda t, a: t.slogdet(a), [-GENERAL[:3, :3]]),
    "solve-vector": (lambda t, a, b: t.linalg.solve(a, b), [GENERAL, VECTOR]),
    "solve-matrix": (lambda t, a, b: t.linalg.solve(a, b), [GENERAL, RIGHT]),
    "solve-batch": (lambda t, a, b: t.linalg.solve(a, b), [MANY, RIGHTS]),
    "solve-broadcast": (lambda t, a, b: t.linalg.solve(a, b), [GENERAL, RIGHTS]),
    "solve-broadcast-b": (lambda t, a, b: t.linalg.solve(a, b), [MANY, RIGHT]),
    "solve-vectors": (lambda t, a, b: t.linalg.solve(a, b), [MANY, RIGHTS[..., 0]]),
    "solve-one-vector": (lambda t, a, b: t.linalg.solve(a, b), [MANY, VECTOR]),
    "solve-right": (lambda t, a, b: t.linalg.solve(a, b, left=False), [GENERAL, RIGHT.T]),
    "triangular-upper": (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True), [GENERAL, RIGHT]),
    "triangular-lower": (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=False), [MANY, RIGHTS]),
    "triangular-unit": (
        lambda t, a, b: t.linalg.solve_triangular(a, b, upper=False, unitriangular=True), [GENERAL, RIGHT]),
    "triangular-right": (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True, left=False), [GENERAL, RIGHT.T]),
    "triangular-broadcast": (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True), [MANY, RIGHT]),
    "cholesky": (lambda t, a: t.linalg.cholesky(a), [SPD]),
    "cholesky-upper": (lambda t, a: t.linalg.cholesky(a, upper=True), [SPD[0, 0]]),
    "cholesky-empty": (lambda t, a: t.linalg.cholesky(a), [np.ones((0, 0))]),
    "cholesky_solve": (lambda t, b, a: t.cholesky_solve(b, a), [RIGHTS, LOWER]),
    "cholesky_solve-upper": (
        lambda t, b, a: t.cholesky_solve(b, a, upper=True), [RIGHT, np.ascontiguousarray(LOWER[0, 0].T)]),
    "cholesky_inverse": (lambda t, a: t.cholesky_inverse(a), [LOWER]),
    "cholesky_inverse-upper": (
        lambda t, a: t.cholesky_inverse(a, upper=True), [np.ascontiguousarray(LOWER[0, 0].T)]),
    "qr": (lambda t, a: t.linalg.qr(a), [MANY]),
    "qr-tall": (lambda t, a: t.linalg.qr(a), [MANY[..., :2]]),
    "qr-wide": (lambda t, a: t.linalg.qr(a), [MANY[..., :2, :]]),
    "qr-R": (lambda t, a: t.linalg.qr(a).R, [GENERAL]),
    "qr-Q": (lambda t, a: t.linalg.qr(a).Q, [GENERAL]),
    "qr-complete": (lambda t, a: t.linalg.qr(a, mode="complete"), [GENERAL]),
    "qr-empty": (lambda t, a: t.linalg.qr(a), [np.ones((0, 3))]),
    "eigh-values": (lambda t, a: t.linalg.eigh(a).eigenvalues, [SPD]),
    "eigvalsh": (lambda t, a: t.linalg.eigvalsh(a), [SPD]),
    "eigvalsh-upper": (lambda t, a: t.linalg.eigvalsh(a, UPLO="U"), [GENERAL]),
    "eigvalsh-lower": (lambda t, a: t.linalg.eigvalsh(a), [GENERAL]),
    "eigh-projectors": (lambda t, a: (lambda v: v * v)(t.linalg.eigh(a)[1]), [SPD]),
    "eigh-rebuilt": (lambda t, a: (lambda e: (e[1] * t.exp(-e[0])) @ e[1].T)(t.linalg.eigh(a)), [SPD[0, 1]]),
    "eigh-empty": (lambda t, a: t.linalg.eigvalsh(a), [np.ones((0, 0))]),
    "svdvals": (lambda t, a: t.linalg.svdvals(a), [MANY]),
    "svdvals-wide": (lambda t, a: t.linalg.svdvals(a), [WIDE]),
    "svd-squares": (lambda t, a: t.linalg.svd(a, full_matrices=False).U ** 2, [TALL]),
    "svd-square": (lambda t, a: t.linalg.svd(a).Vh ** 2, [GENERAL]),
    "svd-rebuilt": (
        lambda t, a: (lambda e: (e.U * e.S ** 0.5) @ e.Vh)(t.linalg.svd(a, full_matrices=False)), [WIDE]),
    "svd-full": (
        lambda t, a: (lambda e: (e.U[:, :2] * e.S ** 0.5) @ e.Vh)(t.linalg.svd(a)), [TALL]),
    "svd-full-wide": (
        lambda t, a: (lambda e: (e.U * e.S ** 0.5) @ e.Vh[..., :2, :])(t.linalg.svd(a)), [np.stack([WIDE, WIDE])]),
    "pinv-hermitian": (lambda t, a: t.linalg.pinv(a, hermitian=True), [SPD]),
    "pinv-tolerances": (lambda t, a: t.linalg.pinv(a, rtol=t.tensor([0.5, 1e-9])), [MANY[:, 0]]),
    "torch-svd": (lambda t, a: (lambda e: (e.U * e.S ** 0.5) @ e.V.T)(t.svd(a)), [TALL]),
    "svd-empty": (lambda t, a: t.linalg.svd(a, full_matrices=False), [np.ones((0, 3))]),
    "pinv": (lambda t, a: t.linalg.pinv(a), [MANY[..., :2]]),
    "pinv-wide": (lambda t, a: t.linalg.pinv(a), [WIDE]),
    "pinv-rank-one": (lambda t, a: t.linalg.pinv(a), [np.ones((2, 3))]),
    "pinverse": (lambda t, a: t.pinverse(a), [TALL]),
    "lstsq": (lambda t, a, b: t.linalg.lstsq(a, b)[:2], [GENERAL[:, :2], RIGHT]),
    "lstsq-residuals": (lambda t, a, b: t.linalg.lstsq(a, b, driver="gelsd")[:3], [GENERAL[:, :2], RIGHT]),
    "lstsq-square": (lambda t, a, b: t.linalg.lstsq(a, b).solution, [GENERAL, RIGHT]),
    "lstsq-wide": (lambda t, a, b: t.linalg.lstsq(a, b).solution, [GENERAL[:2], RIGHT[:2]]),
    "matrix_rank": (lambda t, a: t.linalg.matrix_rank(a), [np.ones((2, 3))]),
    "cond": (lambda t, a: t.linalg.cond(a), [MANY]),
    "cond-1": (lambda t, a: t.linalg.cond(a.detach(), 1), [GENERAL]),
    "cond--2": (lambda t, a: t.linalg.cond(a, -2), [GENERAL]),
    "cond-fro": (lambda t, a: t.linalg.cond(a.detach(), "fro"), [GENERAL]),
    "norm": (lambda t, a: t.linalg.norm(a), [MANY]),
    "norm-1": (lambda t, a: t.linalg.norm(a, 1), [GENERAL]),
    "norm-vector": (lambda t, a: t.linalg.norm(a, 3), [VECTOR]),
    "norm-dim": (lambda t, a: t.linalg.norm(a, 1, dim=0), [GENERAL]),
    "torch-norm": (lambda t, a: t.norm(a), [GENERAL]),
    "torch-norm-nuc": (lambda t, a: t.norm(a, p="nuc"), [GENERAL]),
    "torch-norm-dim": (lambda t, a: a.norm(2, 0, True), [GENERAL]),
    "matrix_power": (lambda t, a: t.linalg.matrix_power(a, 5), [MANY]),
    "matrix_power-negative": (lambda t, a: t.linalg.matrix_power(a, -2), [GENERAL]),
    "matrix_power-zero": (lambda t, a: t.linalg.matrix_power(a, 0), [GENERAL]),
    "matrix_exp": (lambda t, a: t.linalg.matrix_exp(a), [MANY / 4]),
    "matrix_exp-large": (lambda t, a: t.matrix_exp(a), [GENERAL]),
    "matrix_exp-empty": (lambda t, a: t.matrix_exp(a), [np.ones((0, 0))]),
    "cdist": (lambda t, a, b: t.cdist(a, b), [RIGHT, RIGHT[:3] + 1]),
    "cdist-1": (lambda t, a, b: t.cdist(a, b, p=1.0), [RIGHT, RIGHT[:3] + 1]),
    "cdist-same": (lambda t, a, b: t.cdist(a, b), [RIGHT, RIGHT]),
    "vecdot": (lambda t, a, b: t.linalg.vecdot(a, b), [GENERAL, VECTOR]),
    "multi_dot": (lambda t, a, b, c: t.linalg.multi_dot([a, b, c]), [VECTOR, GENERAL, RIGHT]),
    "multi_dot-vectors": (lambda t, a, b, c: t.linalg.multi_dot([a, b, c]), [VECTOR, GENERAL, VECTOR]),
    "chain_matmul": (lambda t, a, b: t.chain_matmul(a, b, a), [GENERAL, GENERAL.T]),
    "kron": (lambda t, a, b: t.kron(a, b), [TALL, VECTOR]),
    "cross": (lambda t, a, b: t.cross(a, b, dim=0), [TALL, np.array(WIDE).T + 1]),
    "linalg-cross": (lambda t, a, b: t.linalg.cross(a, b), [WIDE, [[1.0, 2.0, 3.0]]]),
    "trace": (lambda t, a: t.trace(a), [TALL]),
    "addmm": (lambda t, c, a, b: t.addmm(c, a, b, beta=0.5, alpha=2), [RIGHT[0], GENERAL, RIGHT]),
    "addmv": (lambda t, c, a, b: t.addmv(c, a, b, alpha=-1), [VECTOR, GENERAL, VECTOR]),
    "addr": (lambda t, c, a, b: t.addr(c, a, b, beta=2), [GENERAL, VECTOR, VECTOR]),
    "baddbmm": (lambda t, c, a, b: t.baddbmm(c, a, b), [GENERAL[:, :2], MANY[0], RIGHTS[0]]),
    "addbmm": (lambda t, c, a, b: t.addbmm(c, a, b, alpha=3), [GENERAL[:, :2], MANY[0], RIGHTS[0]]),
}  # fmt: skip
SINGLE = {"rtol": 2e-4, "atol": 2e-4}


@pytest.mark.parametrize("name", CALLS)
def test_as_in_pytorch(name):
    call, arrays = CALLS[name]
    compare(call, *arrays)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in CALLS if not name.startswith(("cond", "matrix_exp-large"))])
def test_float32_as_in_pytorch(name):
    call, arrays = CALLS[name]
    compare(call, *arrays, dtype="float32", **SINGLE)


@pytest.mark.parametrize("ord", ["fro", "nuc", 2, -2, 1, -1, math.inf, -math.inf])
@pytest.mark.parametrize("dim, keepdim", [((-2, -1), False), ((0, 2), True), ((1, 0), False)])
def test_matrix_norms(ord, dim, keepdim):
    compare(lambda t, a: t.linalg.matrix_norm(a, ord, dim, keepdim), MANY[0])


@pytest.mark.parametrize("ord", ["fro", "nuc", 2, 1, math.inf])
@pytest.mark.parametrize("at", ["zero", "identity"])
def test_matrix_norms_where_values_tie(ord, at):
    compare(lambda t, a: t.linalg.matrix_norm(a, ord), np.zeros((2, 2)) if at == "zero" else np.eye(2))


@pytest.mark.parametrize("ord", [0, 0.5, 1, 2, 3.5, -1, -2, math.inf, -math.inf])
@pytest.mark.parametrize("dim, keepdim", [(None, False), (0, True), ((0, 2), False)])
def test_vector_norms(ord, dim, keepdim):
    compare(lambda t, a: t.linalg.vector_norm(a, ord, dim, keepdim), MANY[0])


@pytest.mark.parametrize("ord", [1, 2, 3, math.inf])
def test_vector_norms_of_large_entries(ord):
    compare(lambda t, a: t.linalg.vector_norm(a, ord), [1e4, -1e4, 3.0])


@pytest.mark.parametrize("values", [[0.0] * 9, [1.0] * 9, list(range(9))])
def test_the_gradient_of_a_singular_determinant_is_its_cofactors(values):
    x = engine.tensor(np.reshape(values, (3, 3)).astype(float), requires_grad=True)
    engine.linalg.det(x).backward()
    rest = np.array(values, dtype=float).reshape(3, 3)
    minors = [[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(rest, i, 0), j, 1)) for j in range(3)]
              for i in range(3)]  # fmt: skip
    np.testing.assert_allclose(x.grad.numpy(), minors, atol=1e-12)


def test_one_singular_matrix_leaves_the_others_gradients():
    x = engine.tensor(np.stack([np.eye(2), np.diag([1.0, 0.0])]), requires_grad=True)
    engine.linalg.det(x).sum().backward()
    assert x.grad.tolist() == [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]]]


@pytest.mark.parametrize("p", [1, "fro", math.inf])
def test_the_condition_number_has_a_gradient(p):
    """PyTorch's own stops with an error, so the oracle is a finite difference."""
    x = engine.tensor(GENERAL, requires_grad=True)
    engine.linalg.cond(x, p).backward()
    d = RNG.standard_normal((4, 4))

    def along(t):
        return float(np.linalg.cond(GENERAL + t * d, p))

    slope = (8 * (along(1e-4) - along(-1e-4)) - (along(2e-4) - along(-2e-4))) / 12e-4
    np.testing.assert_allclose((x.grad.numpy() * d).sum(), slope, rtol=1e-8)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 5, 2)])
def test_the_projection_on_what_completes_the_singular_vectors(shape):
    """PyTorch ignores these vectors; the oracle is the projection on the others, which is the identity less it."""
    a = RNG.standard_normal(shape)
    weights = engine.tensor(RNG.standard_normal((max(shape[-2:]),) * 2))
    k = min(shape[-2:])

    def projected(x, rest):
        u, _s, vh = engine.linalg.svd(x)
        columns = u if shape[-2] > shape[-1] else vh.mT
        columns = columns[..., k:] if rest else columns[..., :k]
        return ((columns @ columns.mT) * weights).sum()

    grads = []
    for rest in (True, False):
        x = engine.tensor(a, requires_grad=True)
        projected(x, rest).backward()
        grads.append(x.grad.numpy())
    np.testing.assert_allclose(grads[0], -grads[1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("tolerances", [{"atol": 1.0}, {"rtol": 0.5}, {"tol": 2.0}, {"atol": [1.0, 3.0]}])
def test_rank_with_tolerances(tolerances):
    torch = pytest.importorskip("torch")
    ranks = []
    for t in (torch, engine):
        given = {name: t.tensor(value) if isinstance(value, list) else value for name, value in tolerances.items()}
        ranks.append(t.linalg.matrix_rank(t.tensor(MANY[:, 0]), **given).tolist())
    assert ranks[1] == ranks[0]


def test_repeated_eigenvalues_alone_have_a_gradient():
    compare(lambda t, a: t.linalg.eigvalsh(a), np.eye(3))
    compare(lambda t, a: t.linalg.svdvals(a).sum(), np.eye(3))


@pytest.mark.filterwarnings("ignore")
def test_eigenvectors_of_repeated_eigenvalues_have_none():
    compare(lambda t, a: t.linalg.eigh(a)[1], np.eye(2))


@pytest.mark.filterwarnings("ignore")
def test_a_zero_on_the_diagonal_of_a_triangle():
    compare(lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True).detach(), np.diag([1.0, 0.0]), np.ones((2, 1)))


def test_second_derivatives_through_several_outputs():
    torch = pytest.importorskip("torch")
    found = []
    for t in (torch, engine):
        x = t.tensor(SPD[0, 0], requires_grad=True)
        e = t.linalg.eigh(x)
        y = ((e[1] * t.exp(-e[0] / 10)) @ e[1].T).sum()
        (g,) = t.autograd.grad(y, x, create_graph=True)
        (h,) = t.autograd.grad((g * g).sum(), x)
        found.append(h.numpy())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("scale", [1e-3, 0.01, 0.2, 0.9, 2.0, 5.0, 30.0])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_matrix_exp_of_any_size(scale, dtype):
    linalg = pytest.importorskip("scipy.linalg")
    x = RNG.standard_normal((5, 6, 6)) * scale / 6
    want = np.stack([linalg.expm(m) for m in x])
    have = engine.linalg.matrix_exp(engine.from_numpy(x.astype(dtype))).numpy()
    eps = np.finfo(dtype).eps
    error = np.abs(have - want).max(axis=(1, 2)) / np.abs(want).max(axis=(1, 2))
    assert error.max() < 300 * eps * max(1, scale)


def test_matrix_exp_in_a_batch_is_each_matrix_by_itself():
    x = RNG.standard_normal((4, 3, 3)) * np.array([0.01, 1, 10, 50])[:, None, None]
    together = engine.matrix_exp(engine.from_numpy(x)).numpy()
    for one, alone in zip(together, x):
        np.testing.assert_allclose(one, engine.matrix_exp(engine.from_numpy(alone)).numpy(), rtol=1e-12)


def test_what_has_no_derivative_is_refused():
    x = engine.tensor(TALL, requires_grad=True)
    with pytest.raises(RuntimeError, match="not differentiable when mode='complete'"):
        engine.linalg.qr(x, mode="complete")
    with pytest.raises(RuntimeError, match="not differentiable when mode='r'"):
        engine.linalg.qr(x, mode="r")
    with pytest.raises(NotImplementedError, match="use linalg.eigh"):
        engine.linalg.eig(x)


@pytest.mark.parametrize("mode", ["complete", "r"])
def test_qr_without_derivatives(mode):
    torch = pytest.importorskip("torch")
    for mine, reference in zip(engine.linalg.qr(engine.tensor(TALL), mode), torch.linalg.qr(torch.tensor(TALL), mode)):
        np.testing.assert_allclose(mine.numpy(), reference.numpy(), atol=1e-6)


def test_results_have_pytorchs_fields():
    x = engine.tensor(MATRIX)
    assert engine.linalg.svd(x)._fields == ("U", "S", "Vh")
    assert engine.linalg.qr(x)._fields == ("Q", "R")
    assert engine.linalg.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert engine.linalg.slogdet(x)._fields == ("sign", "logabsdet")
    assert engine.linalg.lstsq(x, x)._fields == ("solution", "residuals", "rank", "singular_values")
    assert engine.linalg.inv(engine.tensor(BATCH)).shape == (3, 2, 2)


NODES = [
    (lambda t, a: t.linalg.inv(a), "inv"), (lambda t, a: t.linalg.det(a), "det"),
    (lambda t, a: t.linalg.solve(a, a), "solve"), (lambda t, a: t.linalg.eigh(a)[0], "eigh"),
    (lambda t, a: t.linalg.svd(a).S, "svd"), (lambda t, a: t.linalg.qr(a).R, "qr"),
    (lambda t, a: t.linalg.slogdet(a)[1], "slogdet"), (lambda t, a: t.logdet(a), "logdet"),
    (lambda t, a: t.linalg.cholesky(a), "cholesky"), (lambda t, a: t.linalg.pinv(a), "pinv"),
    (lambda t, a: t.linalg.matrix_exp(a), "matrix_exp"), (lambda t, a: t.linalg.norm(a), "norm"),
    (lambda t, a: t.linalg.matrix_norm(a, 2), "matrix_norm"), (lambda t, a: t.linalg.matrix_power(a, 3), "power"),
    (lambda t, a: t.addmm(a, a, a), "addmm"), (lambda t, a: t.addmv(a[0], a, a[0]), "addmv"),
    (lambda t, a: t.einsum("ij,jk->ik", a, a), "einsum"), (lambda t, a: t.trace(a), "trace"),
    (lambda t, a: t.outer(a[0], a[0]), "outer"), (lambda t, a: t.kron(a, a), "kron"),
]  # fmt: skip


@pytest.mark.parametrize("call", [case[0] for case in NODES], ids=[case[1] for case in NODES])
def test_nodes_are_named_as_in_pytorch(call):
    torch = pytest.importorskip("torch")
    names = [call(t, t.tensor(SPD[0, 0], requires_grad=True)).grad_fn.name() for t in (torch, engine)]
    assert names[1] == names[0]

"""linalg's refusals, in PyTorch's words."""

import math

import numpy as np
import pytest

import engine
from engine.ops.decompositions import TALL, WIDE

S, B = np.ones((2, 2)), np.ones((3, 2, 2))
REFUSED = [
    (lambda t, a: t.linalg.inv(a), [S]), (lambda t, a: t.linalg.inv(a), [B]), (lambda t, a: t.linalg.inv(a), [S[0]]),
    (lambda t, a: t.linalg.inv(a), [[[1.0, 2.0, 3.0], [2.0, 4.0, 1.0], [0.0, 0.0, 0.0]]]),
    (lambda t, a: t.linalg.inv(a), [WIDE]), (lambda t, a: t.linalg.inv(a.long()), [S]),
    (lambda t, a: t.linalg.inv(a.half()), [S]), (lambda t, a: t.inverse(a), [WIDE]),
    (lambda t, a: t.linalg.det(a), [WIDE]), (lambda t, a: t.linalg.det(a), [S[0]]),
    (lambda t, a: t.linalg.slogdet(a), [WIDE]), (lambda t, a: t.logdet(a), [WIDE]),
    (lambda t, a, b: t.linalg.solve(a, b), [S, S[0]]), (lambda t, a, b: t.linalg.solve(a, b), [np.eye(2), np.ones(3)]),
    (lambda t, a, b: t.linalg.solve(a, b), [np.eye(2), np.ones((3, 2))]),
    (lambda t, a, b: t.linalg.solve(a, b), [WIDE, S[0]]), (lambda t, a, b: t.linalg.solve(a, b.float()), [S, S[0]]),
    (lambda t, a, b: t.linalg.solve(a, b, left=False), [np.eye(2), np.ones(2)]),
    (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True), [np.eye(2), np.ones(2)]),
    (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True), [np.eye(2), np.ones((3, 2))]),
    (lambda t, a: t.linalg.cholesky(a), [S]), (lambda t, a: t.linalg.cholesky(a), [-S]),
    (lambda t, a: t.linalg.cholesky(a), [np.stack([np.eye(2), -np.eye(2)])]),
    (lambda t, a: t.linalg.cholesky(a), [WIDE]), (lambda t, a: t.linalg.qr(a, mode="x"), [S]),
    (lambda t, a: t.linalg.qr(a), [S[0]]), (lambda t, a: t.linalg.eigh(a), [WIDE]),
    (lambda t, a: t.linalg.eigh(a, UPLO="X"), [S]), (lambda t, a: t.linalg.svd(a), [S[0]]),
    (lambda t, a: t.linalg.svd(a, driver="gesvd"), [S]), (lambda t, a: t.linalg.pinv(a.detach().long()), [S]),
    (lambda t, a: t.linalg.matrix_power(a, 2), [WIDE]), (lambda t, a: t.linalg.matrix_power(a, -1), [S]),
    (lambda t, a: t.linalg.matrix_exp(a), [WIDE]), (lambda t, a: t.linalg.matrix_norm(a, 3), [S]),
    (lambda t, a: t.linalg.matrix_norm(a, "foo"), [S]), (lambda t, a: t.linalg.matrix_norm(a, dim=(0, 0)), [S]),
    (lambda t, a: t.linalg.matrix_norm(a, dim=(0,)), [S]), (lambda t, a: t.linalg.matrix_norm(a), [S[0]]),
    (lambda t, a: t.linalg.vector_norm(a.long()), [S]), (lambda t, a: t.linalg.vector_norm(a, math.inf), [np.ones(0)]),
    (lambda t, a: t.linalg.vector_norm(a, -1), [np.ones(0)]),
    (lambda t, a: t.linalg.vector_norm(a, math.inf, dim=0), [np.ones((0, 2))]),
    (lambda t, a: t.linalg.norm(a, 1), [B]), (lambda t, a: t.linalg.norm(a, "nuc", dim=0), [S]),
    (lambda t, a: t.norm(a, p="nuc"), [B]), (lambda t, a: t.linalg.matrix_rank(a), [S[0]]),
    (lambda t, a: t.linalg.cond(a), [S[0]]), (lambda t, a, b: t.cdist(a, b), [WIDE, TALL]),
    (lambda t, a, b: t.cdist(a, b), [S[0], S]), (lambda t, a, b: t.cdist(a, b, p=-1), [S, S]),
    (lambda t, a, b: t.linalg.cross(a, b), [S, S]), (lambda t, a, b: t.linalg.cross(a, b), [WIDE, np.ones(3)]),
    (lambda t, a: t.trace(a), [B]), (lambda t, a: t.linalg.multi_dot([a]), [S]),
    (lambda t, a, b: t.linalg.multi_dot([a, b]), [WIDE, WIDE]),
    (lambda t, a, b: t.linalg.multi_dot([a, b, a]), [S, S[0]]), (lambda t, a: t.linalg.multi_dot([a, a]), [B]),
    (lambda t, a: t.chain_matmul(a, a), [S[0]]), (lambda t, a, b: t.linalg.vecdot(a, b.float()), [S, S]),
    (lambda t, a: t.linalg.vecdot(a.long(), a.long()), [S]),
    (lambda t, c, a, b: t.addmm(c, a, b), [S[0], TALL, TALL]),
    (lambda t, c, a, b: t.addmm(c, a, b), [np.ones(5), TALL, S]),
    (lambda t, c, a, b: t.addmm(c, a, b), [np.ones(5), S[0], S]),
    (lambda t, c, a, b: t.addmm(c.float(), a, b), [S, S, S]),
    (lambda t, c, a, b: t.addmv(c, a, b), [np.ones(5), TALL, S[0]]),
    (lambda t, c, a, b: t.addmv(c, a, b), [S, S, S[0]]), (lambda t, c, a, b: t.addr(c, a, b), [S, S, S[0]]),
    (lambda t, c, a, b: t.addr(c, a, b), [np.ones(5), np.ones(3), np.ones(2)]),
    (lambda t, c, a, b: t.baddbmm(c, a, b), [np.ones(5), B, B]),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_errors_are_pytorchs(number):
    torch = pytest.importorskip("torch")
    call, arrays = REFUSED[number]
    said = []
    for t in (torch, engine):
        with pytest.raises((RuntimeError, IndexError, ValueError, TypeError)) as error:
            call(t, *(t.tensor(np.asarray(a, dtype="float64")) for a in arrays))
        expected = t.linalg.LinAlgError if t is torch else engine.linalg.LinAlgError
        said.append((str(error.value).split("\n")[0], isinstance(error.value, expected)))
    assert said[1] == said[0]

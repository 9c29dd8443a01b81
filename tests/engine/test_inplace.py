"""x += 1 and its like: values, gradients, aliases and errors as in PyTorch."""

import numpy as np
import pytest
from agreement import agree, same_error

import engine

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(3)
A = RNG.uniform(0.5, 2, (3, 4))
B = RNG.uniform(0.5, 2, (3, 4))


def run(*statements):
    """A call that runs statements on y = x * 1 and gives y and whatever else they name."""

    def call(t, x, v):
        names = {"t": t, "x": x, "v": v, "y": x * 1}
        for statement in statements:
            exec(statement, names)
        return tuple(names[name] for name in ("y", "z", "w") if name in names)

    return call


PROGRAMS = {
    "iadd": run("y += 1"),
    "isub": run("y -= v"),
    "imul": run("y *= v"),
    "itruediv": run("y /= v"),
    "ipow": run("y **= 2"),
    "twice": run("y += y", "y *= 3"),
    "history-before": run("z = y.clone() * v", "y += 1"),
    "history-between": run("z = y.clone() * v", "y += z", "w = y * z"),
    "broadcast": run("y += v[0]", "y *= v[:, :1]"),
    "methods": run("y.add_(v, alpha=2)", "y.sub_(v, alpha=3)", "y.mul_(v)", "y.div_(2)"),
    "zero_": run("y.zero_()", "y += v"),
    "fill_": run("y.fill_(2.5)", "y *= v"),
    "copy_": run("y.copy_(v)"),
    "copy-broadcast": run("y.copy_(v[0])"),
    "row": run("y[0] += 1"),
    "row-value": run("y[1] *= v[0]"),
    "column": run("y[:, 2] -= v[:, 0]"),
    "entry": run("y[0, 1] /= v[2, 2]"),
    "stretch": run("y[1:, ::2] += v[:2, :2]"),
    "rows": run("for k in range(3): y[k] += y[k - 1].clone() * v[k]"),
    "index": run("y[[0, 2]] += v[:2]"),
    "mask": run("y[v > 1] *= 3"),
    "view": run("z = y[0]", "z += 1", "w = z * v[0]"),
    "view-twice": run("z = y[0]", "z += 1", "z *= v[1]"),
    "view-of-view": run("z = y[1:]", "w = z[0]", "w *= v[0]", "w += 1"),
    "view-then-base": run("z = y[0]", "z *= 2", "y += v", "w = y[0] * 2"),
    "constant-row": run("y = t.zeros(3, 4, dtype=x.dtype)", "y[0] += x[0]", "y[1] = y[0].clone() * v[1]"),
    "constant-view": run("y = t.zeros(3, 4, dtype=x.dtype)", "z = y[0]", "z += x[0]", "z *= v[0]"),
    "constant": run("y = t.ones(3, 4, dtype=x.dtype)", "z = y[0]", "y += 1", "z *= 3", "w = x * y"),
    "constant-used-before": run("y = t.ones(3, 4, dtype=x.dtype)", "w = x + y", "y += 1", "y[0] = 9"),
    "accumulate": run("z = t.zeros((), dtype=x.dtype)", "for k in range(3): z += (y[k] * v[k]).sum()"),
    "detached": run("z = y.detach()", "w = z * 2"),
    "view-then-base-row": run("z = y[0]", "y[0, 1] = v[1, 1]", "w = z * v[0]"),
    "siblings": run("z = y[0]", "w = y[:, 1]", "z *= v[0]", "w += z[0]"),
    "flattened": run("z = y.view(-1)", "z += 1", "w = z * v.view(-1)"),
    "flattened-entry": run("z = y.view(-1)", "z[5] *= v[0, 0]", "y += v", "w = z * 2"),
    "transposed": run("z = y.T", "z[1] += v[:, 0]", "w = z * v.T"),
    "unsqueezed": run("z = y.unsqueeze(0)", "z *= v", "w = z.squeeze(0)"),
    "constant-flattened": run("y = t.zeros(3, 4, dtype=x.dtype)", "z = y.view(-1)", "y[0] = x[0]", "z[4] += v[0, 0]"),
    "constant-stale": run("y = t.zeros(3, 4, dtype=x.dtype)", "z = y[0]", "y += x", "w = z * v[0]"),
    "diagonal": run("z = y.diagonal()", "y += v", "w = z * v[0, :3]"),
    "expanded": run("z = y[:1].expand(3, 4)", "y += v", "w = z * v"),
    "row of history not recorded": run("z = y * 1", "with t.no_grad(): z[0] += 1", "w = z.sin()"),
    "fill-tensor": run("y.fill_(v[0, 0])"),
    "no derivative": run("y.sign_()", "y *= v"),
    "not recorded": run("z = y.sin()", "with t.no_grad(): z.mul_(3)", "w = z * v"),
    "row not recorded": run("z = y * 1", "with t.no_grad(): z[0] = 3", "w = z.sin()"),
    "scalar-views": run("z = y[0, 0]", "z += 1", "w = z * y[0, 0]"),
}


@pytest.mark.parametrize("call", PROGRAMS.values(), ids=PROGRAMS)
def test_as_in_pytorch(call):
    agree(call, A, B)


@pytest.mark.parametrize("name", PROGRAMS)
def test_one_operand_constant(name):
    agree(PROGRAMS[name], A, B, frozen=(1,))
    if name != "siblings":  # PyTorch takes the view of what was a constant for a leaf, and refuses
        agree(PROGRAMS[name], A, B, frozen=(0,))


@pytest.mark.parametrize("name", PROGRAMS)
def test_float32(name):
    agree(PROGRAMS[name], A, B, dtype="float32", rtol=2e-6, second=False)


ERRORS = {
    "leaf-method": lambda t, w, x: w.mul_(2),
    "leaf-fill": lambda t, w, x: w.fill_(1),
    "leaf-row": lambda t, w, x: w.__setitem__(0, 1.0),
    "shape": lambda t, w, x: t.ones(2).add_(x),
    "dtype": lambda t, w, x: t.ones(2, dtype=t.int64).add_(1.5),
    "dtype-div": lambda t, w, x: t.ones(2, dtype=t.int64).div_(2),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error_as_in_pytorch(name):
    same_error(lambda t: ERRORS[name](t, t.ones(2, 2, requires_grad=True), t.ones(2, 2)))


@pytest.mark.parametrize("t", [engine, torch], ids=["engine", "torch"])
def test_leaf(t):
    w = t.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        w += 1
    with t.no_grad():
        w += 1
        w[0] = 5
        w[1] *= 2
        w.view(-1)[1] += 1
    assert w.tolist() == [5, 5] and w.is_leaf and w.requires_grad
    (w * w).sum().backward()
    assert w.grad.tolist() == [10, 10]


def test_a_step_of_gradient_descent_keeps_the_tape():
    w = engine.tensor([1.0, 2.0], requires_grad=True)
    y = (w * w).sum()
    with engine.no_grad():
        w[0] = 100
        w -= 1
        w.view(-1)[1] = 50
    y.backward()
    assert w.grad.tolist() == [2, 4] and w.tolist() == [99, 50]


def test_aliases_of_a_constant():
    array = np.ones(3)
    x = engine.from_numpy(array)
    y = x[1:]
    x += 1
    y *= 3
    assert array.tolist() == [2, 6, 6] and x.tolist() == [2, 6, 6]


def test_result_is_the_same_object():
    x = engine.ones(2)
    before = x
    x += 1
    assert x is before and x.add_(1) is x


def test_old_values_where_pytorch_errs():
    """What was recorded before stays valid: PyTorch refuses, here it is as if one had cloned."""
    x = engine.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    z = y * y
    y += 1
    (z.sum() + y.sum()).backward()
    assert x.grad.tolist() == [2 * 9 + 3, 2 * 18 + 3]


def test_a_view_that_cannot_be_followed_is_refused():
    x = engine.ones(2, 2, requires_grad=True) * 1
    with pytest.raises(RuntimeError, match="clone"):
        x.diagonal().add_(1)
    with pytest.raises(RuntimeError, match="clone"):
        x[:1].expand(2, 2).add_(1)


@pytest.mark.parametrize("t", [engine, torch], ids=["engine", "torch"])
@pytest.mark.parametrize("view", [
    lambda c: c[0], lambda c: c.view(-1)[:2], lambda c: c.T[:, 0], lambda c: c[:1].squeeze(0),
    lambda c: c.unsqueeze(0)[0, 0],
])  # fmt: skip
def test_a_part_of_a_constant_overwritten_after_use(t, view):
    """What the tape can't keep, since it recorded a part of the memory, is refused."""
    w = t.ones(2, requires_grad=True)
    c = t.tensor([[1.0, 2.0], [3.0, 4.0]])
    y = (w * view(c)).sum()
    c[0] = 5
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()
    (w * view(c)).sum().backward()
    assert w.grad.tolist() == [5, 5]


def test_a_part_of_a_constant_overwritten_while_it_is_held():
    w = engine.ones(2, requires_grad=True)
    c = engine.tensor([[1.0, 2.0], [3.0, 4.0]])
    row = c[0]
    y = (w * row).sum()
    c[0] = 5
    y.backward()
    assert w.grad.tolist() == [1, 2] and row.tolist() == [5, 5]


def test_recorded_views_of_a_leaf_stay():
    w = engine.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = (w.T @ w[0]).sum()
    with engine.no_grad():
        w[0] += 10
        w.view(-1)[3] = 0
    y.backward()
    assert w.tolist() == [[11, 12], [3, 0]]
    assert w.grad.tolist() == [[4, 8], [2, 2]]


def test_grad_is_cleared_in_place():
    w = engine.ones(2, requires_grad=True)
    (w * 3).sum().backward()
    w.grad.zero_()
    assert w.grad.tolist() == [0, 0]
    (w * 3).sum().backward()
    assert w.grad.tolist() == [3, 3]

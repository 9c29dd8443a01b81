"""torch.func and torch.autograd.functional: transforms of functions, nested and on trees, against PyTorch's."""

import numpy as np
import pytest

import engine
from engine import func

torch = pytest.importorskip("torch")


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def same(ours, theirs):
    """Equal trees of tensors."""
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        ours, theirs = tuple(ours.values()), tuple(theirs.values())
    if isinstance(theirs, (tuple, list)):
        assert type(ours) is type(theirs) and len(ours) == len(theirs)
        for one, other in zip(ours, theirs):
            same(one, other)
    else:
        assert tuple(ours.shape) == tuple(theirs.shape) and str(ours.dtype) == str(theirs.dtype)
        assert ours.requires_grad == theirs.requires_grad
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-10, atol=1e-12)


def both(run, *arrays):
    """run(module, transforms, tensors...) with ours and PyTorch's must give the same."""
    ours = run(engine, engine.func, *map(engine.from_numpy, arrays))
    theirs = run(torch, torch.func, *map(torch.from_numpy, arrays))
    same(ours, theirs)
    return ours


PROGRAMS = {
    "grad": lambda m, f, x, w: f.grad(lambda x: (x.sin() * x).sum())(x),
    "grad of several": lambda m, f, x, w: f.grad(lambda x, w: (x @ w).tanh().sum(), argnums=(0, 1))(x, w),
    "grad by the last": lambda m, f, x, w: f.grad(lambda x, w: (x @ w).tanh().sum(), argnums=-1)(x, w),
    "grad with aux": lambda m, f, x, w: f.grad(lambda x: ((x * x).sum(), x * 2), has_aux=True)(x),
    "grad and value": lambda m, f, x, w: f.grad_and_value(lambda x: (x * x).sum())(x),
    "grad and value with aux": lambda m, f, x, w: f.grad_and_value(lambda x: ((x * x).sum(), x), has_aux=True)(x),
    "grad of a dict": lambda m, f, x, w: f.grad(lambda p: (p["x"] @ p["w"]).exp().sum())({"x": x, "w": w}),
    "grad of grad": lambda m, f, x, w: f.grad(lambda x: f.grad(lambda x: (x**4).sum())(x).sum())(x),
    "grad three deep": lambda m, f, x, w: f.grad(f.grad(f.grad(lambda t: t.sin() * t)))(x.sum()),
    "grad in a closure": lambda m, f, x, w: f.grad(lambda x: f.grad(lambda w: (x @ w).sin().sum())(w).sum())(x),
    "grad of nothing": lambda m, f, x, w: f.grad(lambda x, w: (w * w).sum())(x, w),
    "vjp": lambda m, f, x, w: f.vjp(lambda x: x.sin(), x)[1](x * 0 + 2),
    "vjp of two": lambda m, f, x, w: f.vjp(lambda x, w: x @ w, x, w)[1]((x @ w) * 0 + 1),
    "vjp value": lambda m, f, x, w: f.vjp(lambda x, w: (x @ w, x), x, w)[0],
    "vjp of a tuple": lambda m, f, x, w: f.vjp(lambda x, w: (x @ w, x * 2), x, w)[1](((x @ w) * 0 + 1, x)),
    "vjp with aux": lambda m, f, x, w: f.vjp(lambda x: (x.sin(), x), x, has_aux=True)[2],
    "jvp": lambda m, f, x, w: f.jvp(lambda x: x.sin(), (x,), (x * 0 + 2,)),
    "jvp of two": lambda m, f, x, w: f.jvp(lambda x, w: (x @ w).exp(), (x, w), (x * 2, w * 3)),
    "jvp of a tuple": lambda m, f, x, w: f.jvp(lambda x: (x.sin(), x * x), (x,), (x,)),
    "jvp of grad": lambda m, f, x, w: f.jvp(f.grad(lambda x: (x**3).sum()), (x,), (x * 0 + 1,)),
    "grad of jvp": lambda m, f, x, w: f.grad(lambda x: f.jvp(lambda y: y.exp() * x, (x,), (x,))[1].sum())(x),
    "jacrev": lambda m, f, x, w: f.jacrev(lambda x: (x @ w).sin())(x),
    "jacrev of several": lambda m, f, x, w: f.jacrev(lambda x, w: x @ w, argnums=(0, 1))(x, w),
    "jacrev to a tuple": lambda m, f, x, w: f.jacrev(lambda x: (x.sum(), x.sin()))(x),
    "jacrev with aux": lambda m, f, x, w: f.jacrev(lambda x: (x.sin(), x), has_aux=True)(x),
    "jacfwd": lambda m, f, x, w: f.jacfwd(lambda x: (x @ w).sin())(x),
    "jacfwd of several": lambda m, f, x, w: f.jacfwd(lambda x, w: x @ w, argnums=(0, 1))(x, w),
    "jacfwd to a tuple": lambda m, f, x, w: f.jacfwd(lambda x: (x.sum(), x.sin()))(x),
    "jacfwd of jacrev": lambda m, f, x, w: f.jacfwd(f.jacrev(lambda x: (x**3).sum()))(x),
    "jacrev of jacfwd": lambda m, f, x, w: f.jacrev(f.jacfwd(lambda x: (x**3).sum()))(x),
    "hessian": lambda m, f, x, w: f.hessian(lambda x: (x @ w).tanh().sum())(x),
    "hessian of a vector": lambda m, f, x, w: f.hessian(lambda t: t**3)(x[0]),
    "hessian of two": lambda m, f, x, w: f.hessian(lambda x, w: (x @ w).tanh().sum(), argnums=(0, 1))(x, w),
    "vmap": lambda m, f, x, w: f.vmap(lambda r: r.sin().sum())(x),
    "vmap axes": lambda m, f, x, w: f.vmap(lambda r, c: r * c, in_dims=(1, 0), out_dims=1)(x, w),
    "vmap with a constant": lambda m, f, x, w: f.vmap(lambda r, w: r @ w, in_dims=(0, None))(x, w),
    "vmap of grad": lambda m, f, x, w: f.vmap(f.grad(lambda r: (r @ w).tanh().sum()))(x),
    "grad of vmap": lambda m, f, x, w: f.grad(lambda x: f.vmap(lambda r: (r @ w).tanh())(x).sum())(x),
    "vmap to a tuple": lambda m, f, x, w: f.vmap(lambda r: (r.sum(), r * 2))(x),
    "per-sample gradients": lambda m, f, x, w: f.vmap(
        f.grad(lambda w, r: (r @ w).tanh().sum()), in_dims=(None, 0))(w, x),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_in_pytorch(name):
    both(PROGRAMS[name], numbers(2, 3), numbers(3, 2, seed=1))


def test_linearize():
    y, push = func.linearize(lambda x: x.sin(), engine.from_numpy(numbers(3)))
    x = numbers(3)
    for t in (numbers(3, seed=1), numbers(3, seed=2)):
        np.testing.assert_allclose(push(engine.from_numpy(t)).numpy(), np.cos(x) * t, rtol=1e-12)
    np.testing.assert_allclose(y.numpy(), np.sin(x))


def test_no_gradient_is_left_behind():
    x = engine.ones(2, requires_grad=True)
    g = func.grad(lambda x: (x * x).sum())(x)
    assert x.grad is None and g.requires_grad
    g.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_closures_keep_their_history():
    w = engine.ones(2, requires_grad=True)
    g = func.grad(lambda x: (w * w * x).sum())(engine.ones(2))
    g.sum().backward()
    assert w.grad.tolist() == [2, 2]


def test_transforms_work_without_recording():
    with engine.no_grad():
        assert func.grad(lambda x: x**3)(engine.tensor(2.0)).item() == 12


def test_functional_call():
    def run(m, f, x):
        net = m.nn.Sequential(m.nn.Linear(3, 2), m.nn.Tanh(), m.nn.Linear(2, 1)).double()
        params = {name: p.detach() * 0 + 0.1 for name, p in net.named_parameters()}
        value = f.functional_call(net, params, (x,))
        grads = f.grad(lambda p: f.functional_call(net, p, (x,)).sum())(params)
        assert "Linear" in repr(net) and all(p.requires_grad for p in net.parameters())
        return value, grads

    both(run, numbers(4, 3))


def test_functional_call_refuses_unknown_names():
    with pytest.raises(RuntimeError, match="Unexpected key"):
        func.functional_call(engine.nn.Linear(1, 1), {"nothing": engine.ones(1)}, (engine.ones(1),))


FUNCTIONAL = {
    "jacobian": lambda m, a, x, w: a.jacobian(lambda x: (x @ w).sin(), x),
    "jacobian of two": lambda m, a, x, w: a.jacobian(lambda x, w: x @ w, (x, w)),
    "jacobian to a tuple": lambda m, a, x, w: a.jacobian(lambda x, w: (x @ w, x.sum()), (x, w)),
    "jacobian to a tuple of one": lambda m, a, x, w: a.jacobian(lambda x: (x.sin(), x.sum()), x),
    "hessian": lambda m, a, x, w: a.hessian(lambda x: (x @ w).tanh().sum(), x),
    "hessian of two": lambda m, a, x, w: a.hessian(lambda x, w: (x @ w).tanh().sum(), (x, w)),
    "vjp": lambda m, a, x, w: a.vjp(lambda x: x.sin(), x, x),
    "vjp of a number": lambda m, a, x, w: a.vjp(lambda x, w: (x @ w).sum(), (x, w)),
    "jvp": lambda m, a, x, w: a.jvp(lambda x: x.sin(), x, x),
    "jvp of two": lambda m, a, x, w: a.jvp(lambda x, w: x @ w, (x, w), (x, w)),
}


@pytest.mark.parametrize("name", FUNCTIONAL)
def test_autograd_functional_as_in_pytorch(name):
    arrays = numbers(2, 3), numbers(3, 2, seed=1)
    same(
        FUNCTIONAL[name](engine, engine.autograd.functional, *map(engine.from_numpy, arrays)),
        FUNCTIONAL[name](torch, torch.autograd.functional, *map(torch.from_numpy, arrays)),
    )


def test_jacobian_with_a_graph():
    x = engine.from_numpy(numbers(3)).requires_grad_()
    j = engine.autograd.functional.jacobian(lambda x: x**3, x, create_graph=True)
    j.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 6 * x.detach().numpy())


@pytest.mark.parametrize("run", [
    lambda f, x: f.grad(lambda x: x * 2)(x),
    lambda f, x: f.grad(lambda x: x.sum(), argnums=3)(x),
])  # fmt: skip
def test_refusals(run):
    with pytest.raises(RuntimeError):
        run(torch.func, torch.ones(2))
    with pytest.raises(RuntimeError):
        run(func, engine.ones(2))


def test_numbers_are_no_primals():
    with pytest.raises(TypeError, match="torch.tensor"):
        func.grad(lambda x: x)(3.0)


def test_a_pullback_within_another_transform():
    """What an inner pullback returns still depends on what the outer transform differentiates."""
    x = numbers(3)
    _, pullback = func.vjp(lambda x: x.sin(), engine.from_numpy(x))
    g = func.grad(lambda g: (pullback(g)[0] ** 2).sum())(engine.ones(3, dtype=engine.float64))
    np.testing.assert_allclose(g.numpy(), 2 * np.cos(x) ** 2)
    _, push = func.linearize(lambda x: x.sin(), engine.from_numpy(x))
    t = func.grad(lambda t: (push(t) ** 2).sum())(engine.ones(3, dtype=engine.float64))
    np.testing.assert_allclose(t.numpy(), 2 * np.cos(x) ** 2)


MISUSED = {
    "grad of a vector": lambda t: t.func.grad(lambda x: x * x)(t.ones(2)),
    "grad of a number": lambda t: t.func.grad(lambda x: 3.0)(t.ones(2)),
    "vmap of a number": lambda t: t.func.vmap(lambda x: x)(t.tensor(1.0)),
    "vmap of two sizes": lambda t: t.func.vmap(lambda x, y: x)(t.ones(2), t.ones(3)),
    "jvp of another size": lambda t: t.func.jvp(lambda x: x * x, (t.ones(2),), (t.ones(3),)),
}


@pytest.mark.parametrize("name", MISUSED)
def test_misuse_errs_in_pytorchs_words(name):
    said = []
    for library in (engine, torch):
        with pytest.raises((RuntimeError, ValueError)) as caught:
            MISUSED[name](library)
        said.append((type(caught.value), str(caught.value)))
    assert said[0] == said[1]


def test_products_with_the_hessian():
    for name in ("hvp", "vhp"):
        found = []
        for library in (engine, torch):
            x, v = library.tensor([1.0, 2.0], dtype=library.float64), library.tensor([0.5, -1.0], dtype=library.float64)
            functional = library.autograd.functional
            found.append(getattr(functional, name)(lambda x: (x**3).sum() + x.prod() ** 2, x, v))
        same(*found)


def test_gradcheck():
    x = engine.tensor([0.5, 2.0], dtype=engine.float64, requires_grad=True)
    assert engine.autograd.gradcheck(lambda a, b: (a.exp() * b, a.sum()), (x, engine.ones(2, dtype=engine.float64)))

    class Wrong(engine.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * x

        @staticmethod
        def backward(ctx, g):
            return g

    assert not engine.autograd.gradcheck(Wrong.apply, x, raise_exception=False)
    with pytest.raises(RuntimeError, match="Jacobian mismatch for output 0 with respect to input 0"):
        engine.autograd.gradcheck(Wrong.apply, x)
    with pytest.raises(ValueError, match="at least one input tensor to require gradient"):
        engine.autograd.gradcheck(lambda x: x, x.detach())

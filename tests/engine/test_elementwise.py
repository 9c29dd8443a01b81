"""Elementwise operations beyond the registry's test: far points, dtypes, in-place variants, names, operators, words."""

import checks
import mpmath
import numpy as np
import pytest

import engine
from engine.op import PUBLIC, REGISTRY, call
from engine.ops.functions import IN_PLACE
from engine.symbols import symbol
from engine.symbols.reading import reader
from engine.tape import pull

OPS = [op for op in REGISTRY.values() if op.elementwise and op.samples and not op.internal]
UNARY = [op for op in OPS if all(len(args) == 1 for args, _params in op.samples)]
FAR = [-1e4, -700.0, -100.0, -20.5, -3.5, -1e-3, -1e-20, 1e-20, 1e-3, 0.25, 3.5, 20.5, 100.0, 700.0, 1e4]

by_name = pytest.mark.parametrize


# Far out, PyTorch's own slopes have lost digits (log_ndtr at -1e4: 5e-9 in float64, six-fold in float32).
BETTER_THAN_PYTORCH = {
    "special_log_ndtr": lambda x: mpmath.npdf(x) / mpmath.ncdf(x),
    "sinc": lambda x: mpmath.diff(lambda t: mpmath.sincpi(t), x),
}


@by_name("dtype, rtol", [("float64", 1e-13), ("float32", 1e-5)])
@by_name("name", BETTER_THAN_PYTORCH)
def test_far_slopes_against_mpmath(name, dtype, rtol):
    points = np.array([-1e4, -700.0, -100.25, -20.5, -3.5, -0.24, -1e-3, 1e-20, 1e-3, 0.25, 3.5], dtype)
    x = engine.from_numpy(points).requires_grad_()
    REGISTRY[name](x).sum().backward()
    with mpmath.workdps(60):
        want = [float(BETTER_THAN_PYTORCH[name](mpmath.mpf(float(point)))) for point in points]
    np.testing.assert_allclose(x.grad.numpy(), want, rtol=rtol, atol=1e-7 if dtype == "float32" else 1e-15)


@by_name("dtype", ["float64", "float32"])
@by_name("op", [
    op for op in UNARY
    if op.vjp and set(op.domain) <= {"real", "nonzero", "positive"} and op.name not in BETTER_THAN_PYTORCH
], ids=repr)  # fmt: skip
def test_far_points_as_in_pytorch(op, dtype):
    pytest.importorskip("torch")
    points = [x for x in FAR if x > 0 or "positive" not in op.domain]
    if op.name in ("tan", "cos", "sin") and dtype == "float32":
        points = [x for x in points if abs(x) <= 100]  # beyond, float32 has no digits of the angle left
    for _args, params in op.samples[:1]:
        values = [np.array(points)]
        checks.check_torch(op, call(tuple(points), **params), dtype=dtype, values=values)


@by_name("kind", ["int64", "bool", "uint8", "float16"])
@by_name("op", UNARY, ids=repr)
def test_dtypes_as_in_pytorch(op, kind):
    torch = pytest.importorskip("torch")
    data = np.array([0, 1, 1, 0]).astype(kind)
    _args, params = op.samples[0]
    call_theirs = checks.torch_call(torch, op)
    try:
        want = call_theirs(torch.tensor(data), **params)
    except (RuntimeError, TypeError):
        return
    have = op(engine.from_numpy(data), **params)
    assert str(have.dtype) == str(want.dtype)
    rtol = 2e-3 if kind == "float16" else 1e-5
    np.testing.assert_allclose(have.numpy().astype(float), want.numpy().astype(float), rtol=rtol, atol=1e-6)


SUBSTITUTED = ("hardsigmoid", "digamma", "polygamma")  # tests/oracles has something more accurate than PyTorch's own


@by_name("op, number, sample", [
    pytest.param(op, number, sample, id=f"{op.name}-{number}")
    for op in OPS if op.vjp and op.name not in SUBSTITUTED for number, sample in enumerate(op.samples)
])  # fmt: skip
def test_backward_nodes_have_pytorchs_names(op, number, sample):
    torch = pytest.importorskip("torch")
    values = checks.arrays(op, sample, checks.generator(op, number))
    theirs = [torch.tensor(v, requires_grad=checks.differentiable(op, at, v)) if checks.is_array(v) else v
              for at, v in enumerate(values)]  # fmt: skip
    try:
        want = checks.torch_call(torch, op)(*theirs, **sample[1]).grad_fn
    except TypeError:
        return
    have = op(*checks.tensors(op, values), **sample[1])
    if have.requires_grad and want is not None and not want.name().endswith("NotImplemented"):
        assert have.grad_fn.name() == want.name()


# In place

ARGUMENTS = {
    "addcdiv": (0.3, 0.7), "addcmul": (0.3, 0.7), "clamp": (0.2, 0.4), "clip": (0.2, 0.4), "clamp_max": (0.3,),
    "clamp_min": (0.3,), "lerp": (0.3, 0.7), "mvlgamma": (1,), "polygamma": (1,), "ldexp": (2.0,),
}  # fmt: skip
TENSORS = ("addcdiv", "addcmul", "lerp", "arctan2", "atan2", "hypot", "copysign", "heaviside", "ldexp")


def arguments(name, lib):
    """What a method needs besides the tensor."""
    if name == "masked_fill":
        return lib.tensor([True, False]), 0.5
    if name.startswith(("logical_", "bitwise_")):
        return () if name.endswith("not") else (lib.tensor([True, False]),)
    two = name in TENSORS or name in ("xlogy", "fmod", "remainder", "floor_divide")
    numbers = ARGUMENTS.get(name, (0.3,) if two else ())
    if name in TENSORS:
        return tuple(lib.tensor([number], dtype=lib.float64) for number in numbers)
    return numbers


@by_name("name", sorted(IN_PLACE))
def test_in_place_variant(name):
    data = [1, 6] if name.startswith("bitwise") else [0.25, 0.75]
    dtype = engine.int64 if name.startswith("bitwise") else engine.float64
    leaf = engine.tensor(data, dtype=dtype, requires_grad=dtype is engine.float64)
    want = getattr(leaf * 1 if dtype is engine.float64 else leaf, name)(*arguments(name, engine))
    x = leaf * 1 if dtype is engine.float64 else leaf.clone()
    result = getattr(x, name + "_")(*arguments(name, engine))
    assert result is x
    np.testing.assert_array_equal(x.detach().numpy(), want.detach().to(x.dtype).numpy())
    if want.requires_grad and name not in ("floor_divide", "heaviside"):  # without derivative
        for y in (x, want):
            y.sum().backward()
        once = leaf.grad.numpy() / 2
        leaf.grad = None
        getattr(leaf * 1, name)(*arguments(name, engine)).sum().backward()
        np.testing.assert_allclose(leaf.grad.numpy(), once)
    if leaf.requires_grad:
        with pytest.raises(RuntimeError, match="leaf Variable"):
            getattr(leaf, name + "_")(*arguments(name, engine))


def test_in_place_variants_are_pytorchs():
    torch = pytest.importorskip("torch")
    assert [name for name in IN_PLACE if not hasattr(torch.Tensor, name + "_")] == []
    elementwise = {path.removeprefix("Tensor.") for path, made in PUBLIC.items()
                   if path.startswith("Tensor.") and getattr(made, "__name__", "") in REGISTRY}  # fmt: skip
    missing = [name for name in elementwise if REGISTRY.get(name) in UNARY and hasattr(torch.Tensor, name + "_")
               and not hasattr(engine.Tensor, name + "_")]  # fmt: skip
    assert missing == []


def test_functional_activations_in_place():
    x = engine.tensor([-1.0, 2.0])
    assert engine.nn.functional.relu(x, inplace=True) is x
    assert x.tolist() == [0.0, 2.0]
    with pytest.raises(TypeError, match="unexpected keyword argument 'slope'"):
        engine.nn.functional.leaky_relu(x, slope=1)
    with pytest.raises(TypeError, match="missing required argument 'value'"):
        engine.nn.functional.threshold(x, 1)


# Operators

CASES = [
    ("x // y", lambda x, y: x // y), ("x % y", lambda x, y: x % y), ("abs", lambda x, y: abs(x)),
    ("-x", lambda x, y: -x), ("+x", lambda x, y: +x), ("5 // x", lambda x, y: 5 // x), ("5 % x", lambda x, y: 5 % x),
    ("x // 2", lambda x, y: x // 2), ("x % 2", lambda x, y: x % 2), ("2 - x", lambda x, y: 2 - x),
    ("not", lambda x, y: ~(x > y)), ("and", lambda x, y: (x > 1) & (y > 1)), ("or", lambda x, y: (x > 1) | (y > 1)),
    ("xor", lambda x, y: (x > 1) ^ (y > 1)), ("True &", lambda x, y: True & (x > 1)), ("2 ** x", lambda x, y: 2 ** x),
]  # fmt: skip


@by_name("kind", ["float32", "int64"])
@by_name("apply", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_operators_as_in_pytorch(apply, kind):
    torch = pytest.importorskip("torch")
    data = [3, 1, 4], [2, 5, 3]
    have = apply(*(engine.tensor(x, dtype=getattr(engine, kind)) for x in data))
    want = apply(*(torch.tensor(x, dtype=getattr(torch, kind)) for x in data))
    assert str(have) == str(want) and str(have.dtype) == str(want.dtype)


def test_integer_division_by_zero():
    x = engine.tensor([1, 2])
    for divide in (lambda: x // 0, lambda: x % engine.tensor([0, 1]), lambda: engine.fmod(x, 0)):
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            divide()


# Errors


def test_floor_division_has_no_derivative():
    x = engine.ones(2, requires_grad=True)
    with pytest.raises(NotImplementedError, match="floor_divide has no derivative"):
        (x // 2).sum().backward()
    (engine.div(x, 2, rounding_mode="floor")).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_wrong_arguments():
    x = engine.ones(2)
    with pytest.raises(RuntimeError, match="At least one of 'min' or 'max'"):
        engine.clamp(x)
    with pytest.raises(RuntimeError, match="only supports boolean masks"):
        x.masked_fill(engine.tensor([1, 0]), 2)
    with pytest.raises(RuntimeError, match="0-dimensional value tensor"):
        x.masked_fill(x > 0, x)
    with pytest.raises(RuntimeError, match="rounding_mode"):
        engine.div(x, 2, rounding_mode="up")
    with pytest.raises(RuntimeError, match="Float did not match Double"):
        engine.allclose(x, x.double())


# Formulas


def pulled(op, *shapes, **params):
    """The formula of the first operand's cotangent, as text."""
    leaves = [engine.ones(*shape, requires_grad=True) for shape in shapes]
    node = op(*leaves, **params)._node
    stands = {leaf._node: symbol(name, leaf.shape) for leaf, name in zip(leaves, "xwz")}
    found = {}
    pull(node, symbol("g", node.output.shape), reader((stands | {node: symbol("y", node.output.shape)}).get), found)
    return str(found[leaves[0]._node].expr)


FORMULAS = [
    ("relu", {}, "g*gt(x, 0)"), ("sigmoid", {}, "g*y*(1 - y)"), ("abs", {}, "g*sign(x)"), ("floor", {}, "0"),
    ("leaky_relu", {"negative_slope": 0.5}, "g*where(gt(x, 0), 1, 1/2)"),
    ("elu", {"alpha": 2.0}, "g*where(gt(x, 0), 1, y + 2)"), ("erf", {}, "2*g*exp(-x**2)/sqrt(pi)"),
    ("rsqrt", {}, "-g*y**3/2"), ("log_sigmoid", {}, "g*sigmoid(-x)"), ("exp2", {}, "g*y*log(2)"),
]  # fmt: skip


@by_name("name, params, formula", FORMULAS)
def test_rules_read_as_in_a_textbook(name, params, formula):
    assert pulled(REGISTRY[name], (3,), **params) == formula


def test_no_warnings_at_far_points(recwarn):
    x = engine.tensor([-1e4, 0.0, 1e4], requires_grad=True)
    functional = engine.nn.functional
    for f in (engine.sigmoid, functional.softplus, functional.logsigmoid, functional.elu, functional.selu,
              functional.celu, functional.gelu, functional.silu, functional.mish, engine.erf, engine.erfc):  # fmt: skip
        f(x).sum().backward()
    assert [str(w.message) for w in recwarn.list] == []

"""The checks that every operation of the registry must pass, each a function of an operation and a sample.

None has the rule that it checks as its oracle. Imported by test_registry and test_sabotage.
"""

import numpy as np
import sympy
from oracles import torch_call
from samples import arrays, direction, generator

import engine
from engine import autograd
from engine.op import Sample
from engine.ops.fitting import fit_shape
from engine.symbols import Sym, evaluate, letter, symbol
from engine.symbols.reading import reader
from engine.symbols.sym import apply
from engine.tape import Node, Outputs, Parts, part, pull

close = np.testing.assert_allclose


def tensors(op, values):
    """The operands as tensors, those requiring grad that have a derivative."""
    return [
        engine.from_numpy(np.asarray(value)).requires_grad_(differentiable(op, at, value)) if is_array(value) else value
        for at, value in enumerate(values)
    ]


def is_array(value):
    return isinstance(value, np.ndarray)


def differentiable(op, at, value):
    return is_array(value) and value.dtype.kind == "f" and bool(op.vjp) and op.vjp[at] is not None


def wanted(op, values):
    """The positions of the operands that have a derivative."""
    return [at for at, value in enumerate(values) if differentiable(op, at, value)]


def several(result):
    return list(result) if isinstance(result, Outputs) else [result]


def numbers(op, values, params):
    """The outputs as ndarrays."""
    with np.errstate(all="ignore"):
        return [np.asarray(y) for y in several(op.forward(*values, **params))]


def floating(outputs):
    return [y for y in outputs if y.dtype.kind == "f"]


def seeds(outputs, rng):
    """A random cotangent for each floating output."""
    return [np.asarray(rng.standard_normal(y.shape)).astype(y.dtype) for y in floating(outputs)]


def gradients(op, values, params, cotangents, create_graph=False, leaves=None):
    """The tape's cotangents of the operands that have one, as tensors; None where nothing depends on it."""
    leaves = tensors(op, values) if leaves is None else leaves
    outputs = [y for y in several(op(*leaves, **params)) if y.requires_grad]
    cotangents = [g if isinstance(g, engine.Tensor) else engine.from_numpy(np.asarray(g)) for g in cotangents]
    return autograd.grad(
        outputs,
        [leaves[at] for at in wanted(op, values)],
        cotangents,
        create_graph=create_graph,
        allow_unused=True,
    )


def slope(f, h=1e-4):
    """f'(0) by central differences of fourth order."""
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def moved(values, at, d, t):
    return [np.asarray(value + t * d) if position == at else value for position, value in enumerate(values)]


def dot(many, others):
    return sum(float(np.sum(a * b)) for a, b in zip(many, others))


def check_gradient(op, sample, number=0):
    """The numeric pullback against finite differences along random directions."""
    args, params = sample
    rng = generator(op, number)
    values = arrays(op, sample, rng)
    cotangents = seeds(numbers(op, values, params), rng)
    found = gradients(op, values, params, cotangents)
    for at, grad in zip(wanted(op, values), found):
        assert grad.shape == values[at].shape
        for _ in range(3):
            d = direction(args[at], values[at], rng)

            def along(t, at=at, d=d):
                return dot(floating(numbers(op, moved(values, at, d, t), params)), cotangents)

            close(np.sum(grad.numpy() * d), slope(along), rtol=1e-8, atol=1e-8, err_msg=f"operand {at}")


def check_second(op, sample, number=0):
    """The derivative of the pullback, the tape run on tensors, against finite differences of the pullback."""
    args, params = sample
    rng = generator(op, number)
    values = arrays(op, sample, rng)
    cotangents = seeds(numbers(op, values, params), rng)
    positions = wanted(op, values)
    leaves = tensors(op, values)
    upstream = [engine.from_numpy(g).requires_grad_() for g in cotangents]
    first = gradients(op, values, params, upstream, create_graph=True, leaves=leaves)
    probes = [np.asarray(rng.standard_normal(values[at].shape)) for at in positions]

    def pulled(values, cotangents):
        return dot([g.numpy() for g in gradients(op, values, params, cotangents)], probes)

    asked = [leaves[at] for at in positions] + upstream
    recorded = [(g, probe) for g, probe in zip(first, probes) if g.requires_grad]
    second = autograd.grad(
        [g for g, _probe in recorded],
        asked,
        [engine.from_numpy(probe) for _g, probe in recorded],
        allow_unused=True,
    )
    assert len(second) == len(asked)
    for index, grad in enumerate(second):
        if index < len(positions):
            at = positions[index]
            d = direction(args[at], values[at], rng)

            def along(t, at=at, d=d):
                return pulled(moved(values, at, d, t), cotangents)
        else:
            at = index - len(positions)
            d = rng.standard_normal(asked[index].shape)

            def along(t, at=at, d=d):
                return pulled(values, moved(cotangents, at, d, t))

        have = 0.0 if grad is None else float(np.sum(grad.detach().numpy() * d))
        close(have, slope(along), rtol=1e-7, atol=1e-7, err_msg=f"second derivative, argument {index}")


def check_sympy(op, sample, number=0, points=4):
    """The rule, read on numbers, against sympy.diff of the operation's own expression."""
    _args, params = sample
    values = arrays(op, sample, generator(op, number), size=(points,))
    plain = [sympy.Symbol(f"x{at}", real=True) if is_array(value) else value for at, value in enumerate(values)]
    expr = expression(op, plain, params)
    y = op.forward(*values, **params)
    for rules in filter(None, (op.vjp, op.numeric)):
        for at in wanted(op, values):
            slopes = np.broadcast_to(rules[at](np.ones(points), y, *values, **params), (points,))
            formula = sympy.diff(expr, plain[at])
            for point in range(points):
                known = {x: sympy.Float(float(v[point]), 30) for x, v in zip(plain, values) if is_array(v)}
                close(slopes[point], float(formula.subs(known).evalf(20)), rtol=1e-11, err_msg=f"operand {at}")


def expression(op, plain, params):
    """The operation's SymPy expression in plain symbols, without our shapes."""
    if callable(op.sympy):
        return op.sympy(*(Sym(sympy.sympify(x), ()) for x in plain), **params).expr
    return getattr(sympy, op.sympy)(*plain)


def check_formula(op, sample, number=0):
    """Forward and pullback read on symbols and evaluated, against numbers; the shape rule with letters too."""
    _args, params = sample
    rng = generator(op, number)
    values = arrays(op, sample, rng)
    outputs = numbers(op, values, params)
    symbols = [symbol(f"x{at}", value.shape) if is_array(value) else value for at, value in enumerate(values)]
    known = {x.expr: value for x, value in zip(symbols, values) if is_array(value)}
    made = apply(op, symbols, params)
    if op.vjp or op.sympy is None:
        for at, output in enumerate(outputs):
            piece = apply(part, [made], {"index": at}) if made_of_several(op, values, params) else made
            assert tuple(piece.shape) == output.shape
            have = np.broadcast_to(evaluate(piece.expr, known), output.shape)
            close(have, output, rtol=1e-12, atol=1e-14, err_msg="forward")
    check_letters(op, values, params, outputs)
    if wanted(op, values):
        check_pulled_formula(op, values, params, symbols, known, rng)


def made_of_several(op, values, params):
    return isinstance(op.forward(*values, **params), Outputs)


def check_letters(op, values, params, outputs):
    """The shape rule with a letter for each size, and the sizes put in afterwards."""
    shapes = [np.shape(value) for value in values]
    sizes = {letter(f"n{size}"): size for shape in shapes for size in shape if size > 1}
    lettered = [tuple(letter(f"n{size}") if size > 1 else size for size in shape) for shape in shapes]
    shape = op.shape(*lettered, **params)
    found = shape if len(outputs) > 1 else [shape]
    for have, output in zip(found, outputs):
        assert tuple(int(sympy.sympify(size).subs(sizes)) for size in have) == output.shape


def check_pulled_formula(op, values, params, symbols, known, rng):
    leaves = tensors(op, values)
    result = several(op(*leaves, **params))
    outputs = [y.detach().numpy() for y in result]
    several_outputs = made_of_several(op, values, params)
    node = next(y for y in result if y.requires_grad)._node
    node = node.inputs[0] if several_outputs else node
    stands = {x: s for x, s in zip(node.inputs, symbols) if isinstance(x, Node)}
    ys = [symbol(f"y{at}", y.shape) for at, y in enumerate(outputs)]
    gs = [symbol(f"g{at}", y.shape) for at, y in enumerate(outputs)]
    stands[node] = Outputs(ys) if several_outputs else ys[0]
    cotangents = [rng.standard_normal(y.shape) for y in outputs]
    known = known | {s.expr: v for s, v in zip(ys + gs, outputs + cotangents)}
    float_at = [at for at, y in enumerate(outputs) if y.dtype.kind == "f"]
    seed = Parts({at: gs[at] for at in float_at}) if several_outputs else gs[0]
    formulas = {}
    pull(node, seed, reader(stands.get), formulas)
    found = gradients(op, values, params, [np.asarray(cotangents[at]) for at in float_at])
    for at, grad in zip(wanted(op, values), found):
        formula = formulas[node.inputs[at]]
        assert tuple(formula.shape) == grad.shape
        have = np.broadcast_to(evaluate(formula.expr, known), grad.shape)
        close(have, grad.numpy(), rtol=1e-10, atol=1e-12, err_msg=f"formula of operand {at}: {formula}")


def check_numeric(op, sample, number=0):
    """The rule for numbers against the rule for everything, at points where that one keeps its digits."""
    _args, params = sample
    rng = generator(op, number)
    values = arrays(op, sample, rng)
    result = op.forward(*values, **params)
    gs = [np.asarray(rng.standard_normal(y.shape)) for y in several(result)]
    g = Parts(enumerate(gs)) if isinstance(result, Outputs) else gs[0]
    for at in wanted(op, values):
        have, want = (fit_shape(rules[at](g, result, *values, **params), values[at].shape)
                      for rules in (op.numeric, op.vjp))  # fmt: skip
        close(have, want, rtol=1e-10, atol=1e-12, err_msg=f"operand {at}")


def check_torch(op, sample, number=0, dtype="float64", values=None):
    """Values, dtypes and gradients against PyTorch's."""
    import torch

    _args, params = sample
    rng = generator(op, number)
    values = arrays(op, sample, rng) if values is None else values
    values = [as_dtype(value, dtype) for value in values]
    tolerance = {"rtol": 1e-10, "atol": 1e-12} if dtype == "float64" else {"rtol": 1e-5, "atol": 1e-6}
    theirs = [torch.tensor(v, requires_grad=differentiable(op, at, v)) if is_array(v) else v
              for at, v in enumerate(values)]  # fmt: skip
    answer = torch_call(torch, op)(*theirs, **params)
    want = list(answer) if isinstance(answer, tuple) else [answer]
    have = several(op(*tensors(op, values), **params))
    assert len(want) == len(have)
    for mine, reference in zip(have, want):
        assert str(mine.dtype) == str(reference.dtype)
        assert mine.shape == tuple(reference.shape)
        close(mine.detach().numpy(), reference.detach().numpy(), **tolerance, err_msg="value")
    if not wanted(op, values):
        return
    recorded = [y for y in want if y.requires_grad]
    if not recorded:
        assert not any(y.requires_grad for y in have)
        return
    cotangents = seeds([y.detach().numpy() for y in recorded], rng)
    asked = [theirs[at] for at in wanted(op, values)]
    grads = torch.autograd.grad(recorded, asked, [torch.tensor(g) for g in cotangents], allow_unused=True)
    for at, mine, reference in zip(wanted(op, values), gradients(op, values, params, cotangents), grads):
        if reference is None:
            assert mine is None or not mine.numpy().any()
            continue
        close(mine.numpy(), reference.numpy(), **tolerance, err_msg=f"gradient of operand {at}")
        assert mine.dtype is engine.from_numpy(values[at]).dtype


def as_dtype(value, dtype):
    return value.astype(dtype) if is_array(value) and value.dtype.kind == "f" else value


def check_layouts(op, sample, number=0):
    """Transposed, strided and reversed memory gives what contiguous memory gives."""
    _args, params = sample
    rng = generator(op, number)
    values = arrays(op, sample, rng)
    want = numbers(op, values, params)
    cotangents = seeds(want, rng)
    grads = gradients(op, values, params, cotangents) if wanted(op, values) else ()
    for layout in (transposed, strided, reversed_):
        laid = [layout(value) if is_array(value) else value for value in values]
        for mine, reference in zip(numbers(op, laid, params), want):
            close(mine, reference, rtol=1e-13, atol=1e-15, err_msg=layout.__name__)
        again = gradients(op, laid, params, [layout(g) for g in cotangents]) if grads else ()
        for mine, reference in zip(again, grads):
            close(mine.numpy(), reference.numpy(), rtol=1e-12, atol=1e-14, err_msg=layout.__name__)


def transposed(value):
    return np.array(value, order="F")


def strided(value):
    wide = np.zeros((*value.shape, 2), value.dtype)
    wide[..., 0] = value
    return wide[..., 0]


def reversed_(value):
    turn = (slice(None, None, -1),) * value.ndim
    return np.asarray(np.array(value[turn])[turn])


def check_single(op, sample, number=0):
    """float32 in, float32 out, for values and gradients."""
    _args, params = sample
    rng = generator(op, number)
    values = [as_dtype(value, "float32") for value in arrays(op, sample, rng)]
    outputs = several(op(*tensors(op, values), **params))
    if "dtype" not in params and any(is_array(value) and value.dtype == np.float32 for value in values):
        assert {y.dtype for y in outputs} <= {engine.float32, engine.bool, engine.int64}
    if wanted(op, values):
        cotangents = seeds([y.detach().numpy() for y in outputs], rng)
        assert {g.dtype for g in gradients(op, values, params, cotangents)} == {engine.float32}


def check_sizes(op, sample, number=0):
    """An elementwise operation on arrays without entries and without axes."""
    _args, params = sample
    rng = generator(op, number)
    for size in ((), (0,), (2, 0), (1, 1)):
        values = arrays(op, sample, rng, size=size)
        outputs = numbers(op, values, params)
        assert all(y.shape == size for y in outputs)
        if wanted(op, values):
            for grad in gradients(op, values, params, seeds(outputs, rng)):
                assert grad.shape == size


def check_edge(op, edge):
    """At a point where mathematics and convention differ: PyTorch's value and gradient."""
    args, params = edge if isinstance(edge, Sample) else (edge, op.samples[0][1])
    values = [np.array(arg, dtype=float) for arg in args]
    check_torch(op, (args, params), values=values)

"""What must hold of a random program: right, or an honest refusal that names what isn't supported.

Oracles: finite differences of the program's source run again, and PyTorch where it is installed.
"""

import numpy as np

import engine
import engine.nn.functional
from engine.symbols import ArraySymbol, evaluate
from engine.tape import order
from explain import explain

REFUSALS = (NotImplementedError,)


class Refused(Exception):
    """The program asks for something that isn't supported, and was told so."""


def check(program, torch=None, thorough=True):
    """Check one program; AssertionError where something is wrong, Refused where it was honestly refused."""
    names = program.run(engine)
    out = names["out"]
    if not out.requires_grad:
        return
    leaves = {name: names[name] for name, _shape, grad in program.leaves if grad}
    used = {name: leaf for name, leaf in leaves.items() if leaf._node in set(order(out._node))}
    upstream = np.random.default_rng(3).standard_normal(out.shape) if out.shape else np.ones(())
    gradients = engine_gradients(out, used, upstream)
    compare_with_differences(program, used, gradients, upstream)
    if torch is not None and "digamma" not in program.source:  # PyTorch's trigamma has 9 digits; mpmath bears ours out
        compare_with_pytorch(program, torch, used, gradients, upstream)
    before = snapshot(out)
    for name, leaf in used.items():
        explained = explanation(out, leaf, names, upstream)
        compare_explanation(program, names, name, explained, gradients[name], upstream, thorough)
    assert snapshot(out) == before, "explain changed the graph"
    assert all(leaf.grad is None for leaf in leaves.values()), "explain touched .grad"


def engine_gradients(out, leaves, upstream):
    found = engine.autograd.grad(out, list(leaves.values()), engine.tensor(upstream), retain_graph=True)
    return {name: g.numpy() for name, g in zip(leaves, found)}


def compare_with_differences(program, leaves, gradients, upstream):
    """Along a random direction, where the two one-sided slopes agree (there is no kink between)."""
    values = program.values()
    generator = np.random.default_rng(11)
    for name in leaves:
        direction = generator.standard_normal(values[name].shape)

        def slope(step, name=name, direction=direction):
            ahead = objective(program, {**values, name: values[name] + step * direction}, upstream)
            return (ahead - objective(program, values, upstream)) / step

        h = 1e-6
        right, left = slope(h), slope(-h)
        exact = float(np.sum(gradients[name] * direction))
        scale = max(1.0, abs(exact), abs(right))
        if abs(right - left) < 1e-3 * scale:
            middle = (right + left) / 2
            assert abs(middle - exact) < 1e-4 * scale, f"{name}: {exact} by the tape, {middle} by differences"


def objective(program, values, upstream):
    with engine.no_grad():
        return float(np.sum(program.run(engine, values)["out"].numpy(force=True) * upstream))


def compare_with_pytorch(program, torch, leaves, gradients, upstream):
    try:
        theirs = program.run(torch)
    except RuntimeError:  # PyTorch refuses what we can do, such as kron of a view
        return
    found = torch.autograd.grad(theirs["out"], [theirs[name] for name in leaves], torch.tensor(upstream))
    for name, g in zip(leaves, found):
        np.testing.assert_allclose(gradients[name], g.numpy(), rtol=1e-8, atol=1e-10, err_msg=f"{name} against PyTorch")


def explanation(out, leaf, names, upstream):
    variables = {name: value for name, value in names.items() if name not in ("torch", "F", "__builtins__")}
    given = engine.tensor(upstream) if out.shape else None
    try:
        return explain(out, wrt=leaf, names=variables, gradient=given)
    except REFUSALS as refusal:
        raise Refused(str(refusal)) from refusal


def compare_explanation(program, names, name, explained, gradient, upstream, thorough):
    np.testing.assert_allclose(explained.value, gradient, rtol=1e-9, atol=1e-12, err_msg="value")
    moved = {leaf: value * 1.07 for leaf, value in program.values().items()}
    if thorough:
        for values in (program.values(), moved):
            truth = gradient_at(program, values, name, upstream)
            if truth is not None and np.all(np.isfinite(truth)):
                check_forms(explained, values, truth, upstream)
    for render in ("text", "markdown", "latex", "html", "json"):
        if hasattr(explained, render):
            page = getattr(explained, render)()
            assert isinstance(page, str) and page, f"{render} is empty"


def gradient_at(program, values, name, upstream):
    names = program.run(engine, values)
    if names["out"].shape != upstream.shape:
        return None
    (g,) = engine.autograd.grad(names["out"], names[name], engine.tensor(upstream), allow_unused=True)
    return None if g is None else g.numpy()


def check_forms(explained, values, truth, upstream):
    """The formula with its definitions and its expanded form, evaluated here, not by the certificate.

    It may meet a removable singularity, such as sinc's at 0: 0/0, never a wrong number.
    """
    for label, expr in (("formula", explained.formula), ("expanded", explained.expanded)):
        value = evaluated(expr, explained.definitions if label == "formula" else {}, explained, values, upstream)
        if value is not None:
            value = np.broadcast_to(value, truth.shape)
            known = ~np.isnan(value)
            np.testing.assert_allclose(value[known], truth[known], rtol=1e-6, atol=1e-8, err_msg=label)


def evaluated(expr, definitions, explained, values, upstream):
    """An expression at the leaves' values; None if it needs a constant array that no leaf is."""
    env = {}
    symbols = set(expr.atoms(ArraySymbol)).union(*(d.atoms(ArraySymbol) for d in definitions.values()))
    by_name = {symbol.name: symbol for symbol in symbols}
    for name, symbol in by_name.items():
        if name in values:
            env[symbol] = values[name]
        elif name == "G":
            env[symbol] = upstream
        elif name not in definitions:
            return None
    pending = dict(definitions)
    while pending:
        ready = [n for n, d in pending.items() if all(s in env for s in d.atoms(ArraySymbol))]
        if not ready:
            return None
        for n in ready:
            value = evaluate(pending.pop(n), env)
            if n in by_name:
                env[by_name[n]] = value
    return evaluate(expr, env)


def snapshot(out):
    """What must not change: the nodes, their inputs and their values."""
    return [(id(node), id(node.op), tuple(map(id, node.inputs)), np.asarray(node.output).tobytes())
            for node in order(out._node, needed=False)]  # fmt: skip

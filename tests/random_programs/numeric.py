"""The engine's second derivatives, and gradients of several outputs at once, of a random program.

Imported by random_programs.checks.
"""

import numpy as np

import engine
from engine.tape import order


def second(program, torch, names, leaves):
    """The derivative of <gradient, direction>: PyTorch's, or differences of the gradient where there is no PyTorch."""
    found = second_by(engine, names, leaves)
    if torch is None and ".detach()" not in program.source:
        second_by_differences(program, leaves, found)
    elif torch is not None and exact_in_pytorch(program):
        try:
            theirs = second_by(torch, program.run(torch), leaves)
        except (RuntimeError, ValueError):  # it lacks some second derivatives
            return
        try:
            for name, mine, other in zip(leaves, found, theirs):
                if np.all(np.isfinite(other)):
                    known = ~np.isnan(mine)  # 0/0 where PyTorch has a convention, as of the deviation of equal numbers
                    room, message = 1e-9 * max(1.0, np.max(np.abs(other), initial=0)), f"second of {name}"
                    np.testing.assert_allclose(mine[known], other[known], rtol=1e-7, atol=room, err_msg=message)
        except AssertionError:
            again = second_by(torch, program.run(torch, nudged(program, 1e-14)), leaves)
            if all(np.allclose(one, other, rtol=1e-8, atol=1e-10) for one, other in zip(theirs, again)):
                raise


def nudged(program, by):
    """The leaves' values, a few roundings away."""
    generator = np.random.default_rng(8)
    return {name: value * (1 + by * generator.standard_normal(value.shape)) for name, value in program.values().items()}


def pytorchs(program, torch, leaves, upstream, nudge=0.0):
    """PyTorch's gradients."""
    theirs = program.run(torch, nudged(program, nudge))
    found = torch.autograd.grad(theirs["out"], [theirs[name] for name in leaves], torch.tensor(upstream))
    return [g.numpy() for g in found]


def exact_in_pytorch(program):
    """PyTorch's trigamma has 9 digits, as mpmath bears out, and its hardsigmoid's slope is 1/6 in float32."""
    return not any(word in program.source for word in ("digamma", "polygamma", "hardsigmoid"))


def directions(shapes):
    generator = np.random.default_rng(5)
    return [generator.standard_normal(shape) for shape in shapes]


def second_by(lib, names, leaves):
    """The gradients of <gradient, direction> as arrays, by either library."""
    inputs = [names[name] for name in leaves]
    seed = lib.tensor(np.random.default_rng(3).standard_normal(tuple(names["out"].shape)), dtype=lib.float64)
    first = lib.autograd.grad(names["out"], inputs, seed, create_graph=True)
    ways = [lib.tensor(way, dtype=lib.float64) for way in directions([tuple(x.shape) for x in inputs])]
    inner = sum(((g * way).sum() for g, way in zip(first, ways)), lib.zeros((), dtype=lib.float64))
    if not inner.requires_grad:
        return [np.zeros(tuple(x.shape)) for x in inputs]
    again = lib.autograd.grad(inner, inputs, retain_graph=True, allow_unused=True)
    return [np.zeros(tuple(x.shape)) if g is None else g.detach().numpy() for x, g in zip(inputs, again)]


def second_by_differences(program, leaves, found):
    """Along one direction of all leaves together, where the slopes to either side agree."""
    values = program.values()
    ways = directions([values[name].shape for name in leaves])

    def slope(step):
        return (inner(step) - inner(0.0)) / step

    def inner(step):
        moved = {**values, **{name: values[name] + step * way for name, way in zip(leaves, ways)}}
        names = program.run(engine, moved)
        if not names["out"].requires_grad or any(names[x]._node not in set(order(names["out"]._node)) for x in leaves):
            return np.nan
        seed = engine.tensor(np.random.default_rng(3).standard_normal(names["out"].shape), dtype=engine.float64)
        first = engine.autograd.grad(names["out"], [names[name] for name in leaves], seed)
        return float(sum(np.sum(g.numpy() * way) for g, way in zip(first, ways)))

    exact = float(sum(np.sum(g * way) for g, way in zip(found, ways)))
    right, left = slope(1e-6), slope(-1e-6)
    scale = max(1.0, abs(exact), abs(right))
    if np.isfinite(exact) and abs(right - left) < 1e-3 * scale:
        assert abs((right + left) / 2 - exact) < 1e-3 * scale, f"second: {exact} by the tape, {right} by differences"


def together(program, torch, names, leaves):
    """Gradients of `out` and `also` in one sweep: the sum of those alone, and PyTorch's."""
    whole = both(engine, names, leaves, ["out", "also"])
    parts = [both(engine, names, leaves, [output]) for output in ("out", "also")]
    for at, name in enumerate(leaves):
        alone = parts[0][at] + parts[1][at]
        np.testing.assert_allclose(whole[at], alone, rtol=1e-10, atol=1e-12, err_msg=f"{name}: two outputs at once")
    if torch is not None and exact_in_pytorch(program):
        try:
            theirs = both(torch, program.run(torch), leaves, ["out", "also"])
        except (RuntimeError, ValueError):
            return
        for name, mine, other in zip(leaves, whole, theirs):
            np.testing.assert_allclose(mine, other, rtol=1e-8, atol=1e-10, err_msg=f"{name}: two outputs, PyTorch")


def both(lib, names, leaves, outputs):
    inputs, asked = [names[name] for name in leaves], [names[output] for output in outputs]
    seeds = [lib.ones_like(y) for y in asked]
    found = lib.autograd.grad(asked, inputs, seeds, retain_graph=True, allow_unused=True)
    return [np.zeros(tuple(x.shape)) if g is None else g.detach().numpy() for x, g in zip(inputs, found)]

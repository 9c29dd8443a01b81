"""A tape run again on other values, in float64: what formulas are checked against.

Nothing here uses a formula; the gradient comes from the numeric rules, the differences from forwards alone.
"""

import numpy as np

from engine.op import REGISTRY
from engine.tape import NO_PARAMS, NUMBERS, Node, sweep


def as_float64(value):
    """An output in float64 where it is a float of another width."""
    if isinstance(value, tuple):
        return value
    return np.asarray(value, dtype=np.float64) if value.dtype.kind == "f" else np.asarray(value)


def replay(nodes, leaves, params=NO_PARAMS, noise=None):
    """node -> output for all `nodes` (in recording order) from the given values of leaves.

    params  node -> parameters, where they aren't the recorded ones
    noise   what is done to every result, if anything
    """
    values = dict(leaves)
    called = calls([node for node in nodes if node not in values], params)
    with np.errstate(all="ignore"):
        for each in called if noise else ():
            run([each], values)
            values[each[0]] = noise(values[each[0]])
        run(() if noise else called, values)
    return values


def calls(nodes, params):
    """(node, function, its operands, its parameters) for each node: what `run` calls."""
    return [
        (node, as_float64, (node.output,), NO_PARAMS) if node.op is None
        else (node, widened if node.op.name == "cast" else node.op.forward, node.inputs, params.get(node, node.params))
        for node in nodes
    ]  # fmt: skip


def run(called, values):
    """Enter the outputs of nodes, as `calls` gives them, in values."""
    for node, function, operands, params in called:
        values[node] = function(*[values[x] if x.__class__ is Node else x for x in operands], **params)


def widened(x, dtype):
    """A cast where all is float64: to a narrower float it would only round."""
    return x if x.dtype.kind == np.dtype(dtype).kind == "f" else REGISTRY["cast"].forward(x, dtype=dtype)


def tape_gradients(nodes, values, out, seed, wanted, params=NO_PARAMS, noise=None):
    """The cotangents of `wanted` nodes by the numeric rules, at replayed values of all `nodes`."""
    copies = {}
    for node in nodes:
        inputs = tuple(copies[x] if x.__class__ is Node else x for x in node.inputs)
        copies[node] = Node(node.op, inputs, values[node], params.get(node, node.params), node.needs)
    live = [copies[node] for node in nodes if node in wanted]
    with np.errstate(all="ignore"):
        hooks = dict.fromkeys(live, noise) if noise else None
        found = sweep(live, {copies[out]: seed}, NUMBERS, set(live), hooks=hooks)
    asked = [node for node in nodes if node in wanted and not isinstance(values[node], tuple)]
    return {node: found.get(copies[node], np.zeros_like(values[node])) for node in asked}


def runner(nodes, outputs, node, out, params):
    """The function from one node's value to the output of `out` by way of `nodes`; all else stays as it is."""
    onward = [x for x in nodes if x is not node]
    inside = {node, *onward}
    fixed = {x: outputs[x] for y in onward for x in y.inputs if x.__class__ is Node and x not in inside}
    if out not in inside:
        fixed[out] = outputs[out]
    called = calls([x for x in onward if x not in fixed], params)

    def again(value):
        values = {**fixed, node: value}
        with np.errstate(all="ignore"):
            run(called, values)
        return values[out]

    return again


def difference_slope(nodes, outputs, node, direction, out, seed, params=NO_PARAMS, reach=2e-4):
    """The slope of <seed, out> along a direction of one node's values, by central differences of forwards.

    nodes    what is run again: the nodes from `node` to `out`
    outputs  node -> its output; what isn't run again stays as it is
    reach    the longer of two steps, in proportion to the values

    Richardson's extrapolation of two steps leaves an error of fourth order. Returns (slope, error estimate); at a
    kink, where the slopes to either side stay apart as the step shrinks, the estimate is as large as that gap.
    """
    again = runner(nodes, outputs, node, out, params)

    def moved(step):
        return again(base + step * direction)

    base = outputs[node]
    scale = max(1.0, float(np.abs(base).max())) / max(1.0, float(np.abs(direction).max())) if base.size else 1.0
    slopes, gaps = [], []
    middle = outputs[out] if out in outputs else moved(0)
    for step in (reach * scale, reach / 2 * scale):
        ahead, behind = moved(step), moved(-step)
        slopes.append(float(np.sum(weighed(seed, ahead - behind)) / (2 * step)))
        gaps.append(np.abs(weighed(seed, ahead - 2 * middle + behind)) / step)
    wide, narrow = slopes
    kink = float(np.sum(np.maximum(0.0, gaps[1] - 0.75 * gaps[0])))
    return narrow + (narrow - wide) / 3, abs(narrow - wide) / 3 + kink


def weighed(seed, value):
    """seed value, and 0 where the seed is, whatever the value."""
    return np.where(seed == 0, 0, seed * value)


def slope_beside(exact, scale, tolerance, *where):
    """A slope by differences, and how far it may err, to be compared with one by a formula.

    Where they disagree, the differences are looked into: whether a kink lies there, and whether the function changes
    within a step, as x/√(x² + ε) does near 0; a shorter step counts only if its rounding is small.
    """
    slope, estimate = difference_slope(*where)
    if abs(exact - slope) > tolerance * scale + 10 * estimate:
        estimate += kink_across(*where)
    if abs(exact - slope) > tolerance * scale + 10 * estimate:
        outputs, seed, out = where[1], where[5], where[4]
        size = float(np.sum(np.abs(weighed(seed, outputs[out])))) if out in outputs else 1.0
        for reach in SHORTER:
            found, doubt = difference_slope(*where, reach=reach)
            doubt += 1e-15 * size / reach
            if doubt <= tolerance * scale and abs(exact - found) <= 2 * tolerance * scale:
                return found, doubt
    return slope, estimate


def kink_across(nodes, outputs, node, direction, out, seed, params=NO_PARAMS):
    """How far the slopes along two parts of a direction are from making up that along the whole.

    At a tie of three, a median's slope is the same forward and backward and no gradient gives it.
    """
    again, found, base = runner(nodes, outputs, node, out, params), 0.0, 1e-6
    generator = np.random.default_rng(17)
    for _time in range(3):
        part = direction * generator.uniform(-1, 2, np.shape(direction))
        slopes = []
        for way in (direction, part, direction - part):
            ahead, behind = (again(outputs[node] + step * way) for step in (base, -base))
            slopes.append(float(np.sum(weighed(seed, ahead - behind)) / (2 * base)))
        found = max(found, abs(slopes[0] - slopes[1] - slopes[2]))
    return found


SHORTER = (2e-7, 2e-9, 2e-11)
# Operations whose forward takes complex numbers and is analytic on its domain.
ANALYTIC = {
    "add", "sub", "mul", "div", "neg", "exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh", "square",
    "reciprocal", "sum", "mean", "matmul", "outer", "permute", "unsqueeze", "squeeze", "reshape",
}  # fmt: skip
STEP = 1e-30  # a complex step subtracts nothing, so it may be as small as that


def complex_slope(nodes, outputs, node, direction, out, seed, params=NO_PARAMS):
    """The slope of <seed, out> along a direction by a complex step, exact to rounding; None if it doesn't apply."""
    if any(x.op.name not in ANALYTIC for x in nodes if x is not node):
        return None
    ahead = runner(nodes, outputs, node, out, params)(outputs[node] + 1j * STEP * direction)
    if not np.all(np.isfinite(ahead)):
        return None
    return float(np.sum(seed * np.imag(ahead)) / STEP)

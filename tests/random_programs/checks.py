"""What must hold of a random program: right, or an honest refusal that names what isn't supported.

Oracles: finite differences of the program's source run again, and PyTorch where it is installed.
"""

import numpy as np

import engine
from engine.tape import order
from random_programs import formats, numeric, variants
from random_programs.evaluation import (
    REFUSALS,
    Refused,
    check_forms,
    engine_gradients,
    explanation,
    gradient_at,
    overwriting_refused,
)

# The dearer checks.
TURNS = (
    formats.json_and_html, variants.by_entries, formats.latex_and_markdown, variants.as_code, variants.renamed,
    variants.reordered, variants.with_letters, formats.text_and_details,
)  # fmt: skip
__all__ = ["TURNS", "Refused", "check"]


def check(program, torch=None, turn=None, refusals=None):
    """Check one program; AssertionError where something is wrong, Refused where it was honestly refused.

    Always: the gradients, first and second, against differences and PyTorch; the explanation by its certificate and
    by evaluating its formula and expanded form here; the graph and the gradients untouched. The dearer checks of
    random_programs.variants and random_programs.formats: all of them, or the one whose `turn` it is. Forms that are
    refused, such as by entries, are counted in `refusals`.
    """
    names = program.run(engine)
    out = names["out"]
    if not out.requires_grad:
        return
    leaves = {name: names[name] for name, _shape, grad in program.leaves if grad}
    used = {name: leaf for name, leaf in leaves.items() if leaf._node in set(order(out._node))}
    upstream = np.random.default_rng(3).standard_normal(out.shape) if out.shape else np.ones(())
    gradients = engine_gradients(out, used, upstream)
    compare_with_differences(program, used, gradients, upstream)
    if torch is not None and numeric.exact_in_pytorch(program):
        compare_with_pytorch(program, torch, used, gradients, upstream)
    with overwriting_refused():
        numeric.second(program, torch, names, list(used))
        if "also" in names:
            numeric.together(program, torch, names, list(used))
    before = snapshot(out)
    asked = list(used) if turn is None else [list(used)[turn // len(TURNS) % len(used)]]
    for name in asked:
        explained = explanation(out, used[name], names, upstream)
        compare_explanation(program, name, explained, gradients[name], upstream)
        for extra in TURNS if turn is None else [TURNS[turn % len(TURNS)]]:
            try:
                extra(program, name, explained, gradients[name], upstream)
            except REFUSALS as refusal:
                if refusals is not None:
                    refusals[f"{extra.__name__}: {str(refusal)[:100]}"] += 1
    assert snapshot(out) == before, "explain changed the graph"
    assert all(leaf.grad is None for leaf in leaves.values()), "explain touched .grad"


def compare_with_differences(program, leaves, gradients, upstream):
    """Along a random direction, where the two one-sided slopes agree (there is no kink between)."""
    if ".detach()" in program.source:  # the source run again moves what the gradient holds fast
        return
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
        found = numeric.pytorchs(program, torch, leaves, upstream)
    except (RuntimeError, ValueError):  # PyTorch refuses what we can do, such as kron of a view, or squaring in place
        return
    try:
        for name, g in zip(leaves, found):
            np.testing.assert_allclose(gradients[name], g, rtol=1e-8, atol=1e-10, err_msg=f"{name} against PyTorch")
    except AssertionError:
        again = numeric.pytorchs(program, torch, leaves, upstream, nudge=1e-14)
        if all(np.allclose(one, other, rtol=1e-9, atol=1e-11) for one, other in zip(found, again)):
            raise
        # PyTorch's own answer hangs on rounding, as at a kink that a difference of equal numbers meets


def compare_explanation(program, name, explained, gradient, upstream):
    np.testing.assert_allclose(explained.value, gradient, rtol=1e-9, atol=1e-12, err_msg="value")
    moved = {leaf: value * 1.07 for leaf, value in program.values().items()}
    for values in (program.values(), moved):
        truth = gradient_at(program, values, name, upstream)
        if truth is not None and np.all(np.isfinite(truth)):
            check_forms(explained, values, truth, upstream)


def snapshot(out):
    """What must not change: the nodes, their inputs, parameters and values, and what was spent."""
    found = []
    for node in order(out._node, needed=False):
        parts = node.output if isinstance(node.output, tuple) else [node.output]
        values = [np.asarray(part).tobytes() for part in parts]
        found.append((id(node), id(node.op), tuple(map(id, node.inputs)), repr(node.params), node.spent, values))
    return found

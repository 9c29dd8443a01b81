"""Constants that the program computed are written as what they are, unless that no longer holds."""

import engine as torch
from explain import explain
from explain.render.notation import text


def test_computed_constants_are_written_out():
    y, w = torch.tensor([1.0, -1.0]), torch.tensor([0.5, 2.0], requires_grad=True)
    lam = torch.tensor(0.1)
    out = (-y * w).sum() + (0.5 * lam * (w * w)).sum()
    assert text(explain(out, wrt=w).formula) == "lam · w − y"


def test_a_named_constant_keeps_its_name():
    y, w = torch.tensor([1.0, -1.0]), torch.tensor([0.5, 2.0], requires_grad=True)
    minus_y = -y
    out = (minus_y * w).sum()
    assert text(explain(out, wrt=w).formula) == "minus_y"


def test_a_changed_operand_is_not_used():
    y, w = torch.tensor([1.0, -1.0]), torch.tensor([0.5, 2.0], requires_grad=True)
    out = ((1 - y) * w).sum()
    y.mul_(2)
    assert text(explain(out, wrt=w).formula) == "k"


def test_what_was_computed_without_recording_is_a_constant():
    w = torch.tensor([0.5, 2.0], requires_grad=True)
    with torch.no_grad():
        half = w / 2
    out = (w * (half + 1)).sum()
    del half
    assert text(explain(out, wrt=w).formula) == "k"


def test_recipes_hold_no_memory_and_do_not_grow():
    total = torch.tensor([0.0])
    for _step in range(100):
        total = total * 0.9 + 1
    depth, recipe = 0, total._node.owner
    while recipe is not None:
        depth += 1
        recipe = recipe.operands[0][1]
    assert depth <= 6

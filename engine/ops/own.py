"""Functions of the user's own: their forward and backward as operations; `call` is of engine.autograd.function."""

from engine.op import Every, op

user_function = op(
    "user_function",
    numpy=lambda *operands, call: call.forward(*operands),
    vjp=Every(lambda at, g, y, *operands, call: call.pull(at, g, y, operands)),
    shape=lambda *shapes, call: call.shapes[0] if len(call.shapes) == 1 else call.shapes,
    types=None,
    torch=lambda node: f"{node.params['call']!r}Backward",
    rule="the Function's own backward",
    says="The pullback is the one that the program's own backward gives.",
    law="y = what the Function's forward gives",
    internal="a user's own autograd.Function, tried in its own tests",
)

user_pullback = op(
    "user_pullback",
    numpy=lambda g, *operands, at, call: call.pull_numbers(at, g, operands),
    shape=lambda shape, *shapes, at, call: shapes[at],
    types=None,
    rule="the Function's own backward",
    says="The pullback is the one that the program's own backward gives.",
    law="y = what the Function's backward gives to operand `at`",
    internal="the backward of a user's own autograd.Function, tried in its own tests",
)

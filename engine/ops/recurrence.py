"""One step of an LSTM and of a GRU, and an array taken apart along its first axis. Imported by engine.nn.recurrent.

The gates are outputs too, so that the pullbacks read as in a textbook and nothing is computed twice.
"""

import numpy as np

from engine.op import call, op
from engine.ops.joining import cat, stack
from engine.tape import Outputs


def _sigmoid(x):
    """Stable, and quicker than through exp: σ(x) = (1 + tanh(x / 2)) / 2."""
    y = np.tanh(x * 0.5)
    y += 1
    y *= 0.5
    return y


def _also(cotangent, g, index):
    """A cotangent, and what comes to output `index` from elsewhere."""
    return cotangent + g[index] if index in g else cotangent


def _quarters(x, parts):
    width = x.shape[-1] // parts
    return [x[..., at * width : (at + 1) * width] for at in range(parts)]


def _part_shape(shape, parts):
    return (*shape[:-1], shape[-1] // parts)


# LSTM


def _lstm(a, c):
    i, f, n, o = _quarters(a, 4)
    i, f, n, o = _sigmoid(i), _sigmoid(f), np.tanh(n), _sigmoid(o)
    c = f * c + i * n
    t = np.tanh(c)
    return Outputs((o * t, c, i, f, n, o, t))


def _to_cell(g, y):
    """The cotangent of the new cell: its own, and what comes through h = o ⊙ tanh c."""
    h, c, _i, _f, _n, o, t = y
    return g.of(1, c) + _also(g.of(0, h) * o, g, 6) * (1 - t * t)


def lstm_gates_pullback(g, y, a, c):
    """ā: the cotangents of the four gates, through σ' = σ (1 - σ) and tanh' = 1 - tanh²."""
    h, _c, i, f, n, o, t = y
    cell = _to_cell(g, y)
    return cat(
        _also(cell * n, g, 2) * (i * (1 - i)),
        _also(cell * c, g, 3) * (f * (1 - f)),
        _also(cell * i, g, 4) * (1 - n * n),
        _also(g.of(0, h) * t, g, 5) * (o * (1 - o)),
        dim=len(a.shape) - 1,
    )


lstm_step = op(
    "lstm_step",
    numpy=_lstm,
    vjp=[lstm_gates_pullback, lambda g, y, a, c: _to_cell(g, y) * y[3]],
    shape=lambda a, c: (_part_shape(a, 4),) * 7,
    rule="one step of an LSTM",
    says="The cell's cotangent comes from h through tanh and from the next step, and goes on through the gates.",
    law="i, f, o = σ(a's parts 1, 2, 4), n = tanh(part 3);  c' = f ⊙ c + i ⊙ n,  h = o ⊙ tanh c'",
    source="Hochreiter and Schmidhuber, Long short-term memory, 1997; Gers and others, Learning to forget, 2000",
    samples=[call((2, 12), (2, 3)), call((4,), (1,)), call((0, 8), (0, 2))],
)


# GRU


def _gru(a, b, h):
    r, z, n = _quarters(a, 3)
    hr, hz, hn = _quarters(b, 3)
    r, z = _sigmoid(r + hr), _sigmoid(z + hz)
    n = np.tanh(n + r * hn)
    return Outputs((n + z * (h - n), r, z, n, np.array(hn)))


def _gru_cotangents(g, y, h):
    """The cotangents of what stands within σ and tanh: of r, of z, of n."""
    new, r, z, n, hn = y
    out = g.of(0, new)
    within = _also(out * (1 - z), g, 3) * (1 - n * n)
    return _also(within * hn, g, 1) * (r * (1 - r)), _also(out * (h - n), g, 2) * (z * (1 - z)), within


def gru_input_pullback(g, y, a, b, h):
    """ā: the cotangents of the three gates side by side."""
    return cat(*_gru_cotangents(g, y, h), dim=len(a.shape) - 1)


def gru_state_pullback(g, y, a, b, h):
    """b̄: as ā, the last part through r ⊙."""
    to_r, to_z, within = _gru_cotangents(g, y, h)
    return cat(to_r, to_z, _also(within * y[1], g, 4), dim=len(b.shape) - 1)


gru_step = op(
    "gru_step",
    numpy=_gru,
    vjp=[gru_input_pullback, gru_state_pullback, lambda g, y, a, b, h: g.of(0, y[0]) * y[2]],
    shape=lambda a, b, h: (_part_shape(a, 3),) * 5,
    rule="one step of a GRU",
    says="The new state is a mixture of the old one and a candidate, so its cotangent is shared out by the gate z.",
    law="r, z = σ(parts 1, 2 of a + b), n = tanh(a's part 3 + r ⊙ b's part 3);  h' = n + z ⊙ (h - n)",
    source="Cho and others, Learning phrase representations using RNN encoder-decoder, 2014",
    samples=[call((2, 9), (2, 9), (2, 3)), call((3,), (3,), (1,)), call((0, 6), (0, 6), (0, 2))],
)


# time


def _layers(g, y):
    return [g.of(at, layer) for at, layer in enumerate(y)]


unstack = op(
    "unstack",
    numpy=lambda x, count: Outputs(x),
    vjp=[lambda g, y, x, count: stack(*_layers(g, y), dim=0)],
    shape=lambda shape, count: (shape[1:],) * count,
    types=None,
    saves=False,
    torch="UnbindBackward0",
    rule="an array taken apart",
    says="Each layer's cotangent goes back to where the layer stood.",
    law="y_t = x[t], for each of the `count` layers of x",
    samples=[call((3, 2), count=3), call((2, 1, 2), count=2)],
)

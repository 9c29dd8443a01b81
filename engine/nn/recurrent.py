"""RNN, LSTM and GRU, and their cells: one recorded step a time step."""

import math

from engine.creation import zeros
from engine.nn import functional as F
from engine.nn import init
from engine.nn.layers import empty
from engine.nn.module import Module
from engine.ops.recurrence import gru_step, lstm_step, unstack
from engine.ops.shape import squeeze, unsqueeze


def _tanh_step(gates, recurrent, state):
    h = (gates + recurrent).tanh()
    return h, (h,)


def _relu_step(gates, recurrent, state):
    h = (gates + recurrent).relu()
    return h, (h,)


def _lstm_step(gates, recurrent, state):
    h, c, *_gates = lstm_step(gates + recurrent, state[1])
    return h, (h, c)


def _gru_step(gates, recurrent, state):
    h, *_gates = gru_step(gates, recurrent, state[0])
    return h, (h,)


class _Recurrent(Module):
    """What the three share; a subclass says how many gates, how many states, and one step."""

    gates = 1
    states = 1
    sums = True  # whether a step only needs the sum of both shares, so that both biases can be added at once

    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
        proj_size=0, device=None, dtype=None,
    ):  # fmt: skip
        super().__init__()
        if proj_size:
            raise NotImplementedError("proj_size isn't supported; put an nn.Linear after the layer instead")
        if not 0 <= dropout <= 1:
            raise ValueError("dropout should be a number in range [0, 1] representing the probability of an element "
                             "being zeroed")  # fmt: skip
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first = bias, batch_first
        self.dropout, self.bidirectional = float(dropout), bidirectional
        rows = self.gates * hidden_size
        for layer in range(num_layers):
            inputs = input_size if layer == 0 else hidden_size * self._directions
            for end in self._ends(layer):
                setattr(self, f"weight_ih{end}", empty(rows, inputs, dtype=dtype))
                setattr(self, f"weight_hh{end}", empty(rows, hidden_size, dtype=dtype))
                if bias:
                    setattr(self, f"bias_ih{end}", empty(rows, dtype=dtype))
                    setattr(self, f"bias_hh{end}", empty(rows, dtype=dtype))
        self.reset_parameters()

    @property
    def _directions(self):
        return 2 if self.bidirectional else 1

    def _ends(self, layer):
        """The ends of the names of a layer's parameters, one a direction."""
        return (f"_l{layer}", f"_l{layer}_reverse")[: self._directions]

    def reset_parameters(self):
        """Draw all parameters anew, uniform in ±1/√hidden_size."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for param in self.parameters():
            init.uniform_(param, -bound, bound)

    def step(self, gates, recurrent, state):
        """(output, next state) from the input's share of the gates, the state's share, and the state."""
        raise NotImplementedError

    def forward(self, input, hx=None):
        if input.ndim not in (2, 3):
            raise ValueError(f"{self._get_name()}: Expected input to be 2D or 3D, got {input.ndim}D instead")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.shape[-1]}"
            )
        alone = input.ndim == 2
        if input.shape[1 if self.batch_first and not alone else 0] == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        states = None if hx is None else (hx if self.states > 1 else (hx,))
        if alone:
            input = unsqueeze(input, dim=(1,))
            states = states and [unsqueeze(state, dim=(1,)) for state in states]
        elif self.batch_first:
            input = input.transpose(0, 1)
        y, last = self._layers(input, states or self._start(input))
        if alone:
            y = squeeze(y, dim=(1,))
            last = [squeeze(state, dim=(1,)) for state in last]
        elif self.batch_first:
            y = y.transpose(0, 1)
        return y, (last[0] if self.states == 1 else tuple(last))

    def _start(self, input):
        shape = (self.num_layers * self._directions, input.shape[1], self.hidden_size)
        return [zeros(shape, dtype=input.dtype)] * self.states

    def _layers(self, x, states):
        from engine.op import PUBLIC

        cat, stack = PUBLIC["cat"], PUBLIC["stack"]
        wanted = (self.num_layers * self._directions, x.shape[1], self.hidden_size)
        for state in states:
            if tuple(state.shape) != wanted:
                raise RuntimeError(f"Expected hidden size {wanted}, got {list(state.shape)}")
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for turn, end in enumerate(self._ends(layer)):
                state = tuple(state[layer * self._directions + turn] for state in states)
                y, state = self._run(x, state, end, backwards=turn == 1)
                outputs.append(y)
                last.append(state)
            x = outputs[0] if len(outputs) == 1 else cat(outputs, -1)
            if self.dropout and layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        return x, [stack([state[at] for state in last], 0) for at in range(self.states)]

    def _run(self, x, state, end, backwards):
        from engine.op import PUBLIC

        weight, bias = getattr(self, f"weight_hh{end}"), getattr(self, f"bias_hh{end}", None)
        shares = F.linear(x, getattr(self, f"weight_ih{end}"), getattr(self, f"bias_ih{end}", None))
        if self.sums and bias is not None:
            shares, bias = shares + bias, None
        gates = unstack(shares, count=x.shape[0])
        outputs = []
        for share in reversed(gates) if backwards else gates:
            y, state = self.step(share, F.linear(state[0], weight, bias), state)
            outputs.append(y)
        return PUBLIC["stack"](outputs[::-1] if backwards else outputs, 0), state

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        for name, value in usual.items():
            if getattr(self, name) != value:
                text += f", {name}={getattr(self, name)}"
        return text


class RNN(_Recurrent):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), or relu. Returns all h of the last layer, and each last h.

    input (L, N, H), or (N, L, H) with batch_first, or (L, H).
    """

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", *args, **kwargs):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(input_size, hidden_size, num_layers, *args, **kwargs)
        self.nonlinearity = nonlinearity

    def step(self, gates, recurrent, state):
        return (_tanh_step if self.nonlinearity == "tanh" else _relu_step)(gates, recurrent, state)


class LSTM(_Recurrent):
    """c_t = f ⊙ c + i ⊙ g, h_t = o ⊙ tanh c_t, the gates i, f, g, o from x_t and h. Returns all h, and the last (h, c).

    input (L, N, H), or (N, L, H) with batch_first, or (L, H).
    """

    gates = 4
    states = 2

    def step(self, gates, recurrent, state):
        return _lstm_step(gates, recurrent, state)


class GRU(_Recurrent):
    """h_t = (1 - z) ⊙ n + z ⊙ h, n = tanh(W x + r ⊙ W' h), the gates r, z from x_t and h. Returns all h, and the last.

    input (L, N, H), or (N, L, H) with batch_first, or (L, H).
    """

    gates = 3
    sums = False

    def step(self, gates, recurrent, state):
        return _gru_step(gates, recurrent, state)


class _Cell(Module):
    gates = 1
    states = 1

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = self.gates * hidden_size
        self.weight_ih = empty(rows, input_size, dtype=dtype)
        self.weight_hh = empty(rows, hidden_size, dtype=dtype)
        self.register_parameter("bias_ih", empty(rows, dtype=dtype) if bias else None)
        self.register_parameter("bias_hh", empty(rows, dtype=dtype) if bias else None)
        bound = 1 / math.sqrt(hidden_size) if hidden_size else 0
        for param in self.parameters():
            init.uniform_(param, -bound, bound)

    def _state(self, input, hx):
        if input.ndim not in (1, 2):
            raise ValueError(f"{self._get_name()}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        if hx is None:
            return (zeros((*input.shape[:-1], self.hidden_size), dtype=input.dtype),) * self.states
        return hx if self.states > 1 else (hx,)

    def _shares(self, input, h):
        return F.linear(input, self.weight_ih, self.bias_ih), F.linear(h, self.weight_hh, self.bias_hh)

    def extra_repr(self):
        bias = "" if self.bias else f", bias={self.bias}"
        return f"{self.input_size}, {self.hidden_size}{bias}"


class RNNCell(_Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu."""

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        if nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {nonlinearity}")
        super().__init__(input_size, hidden_size, bias, dtype=dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        state = self._state(input, hx)
        step = _tanh_step if self.nonlinearity == "tanh" else _relu_step
        return step(*self._shares(input, state[0]), state)[0]

    def extra_repr(self):
        shown = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + shown


class LSTMCell(_Cell):
    """(h', c') with c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh c'."""

    gates = 4
    states = 2

    def forward(self, input, hx=None):
        state = self._state(input, hx)
        return _lstm_step(*self._shares(input, state[0]), state)[1]


class GRUCell(_Cell):
    """h' = (1 - z) ⊙ n + z ⊙ h, n = tanh(W x + r ⊙ W' h)."""

    gates = 3

    def forward(self, input, hx=None):
        state = self._state(input, hx)
        return _gru_step(*self._shares(input, state[0]), state)[0]

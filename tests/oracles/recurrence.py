"""PyTorch's calls for the steps of recurrent layers."""


def _lstm(torch, a, c):
    i, f, n, o = a.chunk(4, -1)
    i, f, n, o = i.sigmoid(), f.sigmoid(), n.tanh(), o.sigmoid()
    cell = f * c + i * n
    t = cell.tanh()
    return o * t, cell, i, f, n, o, t


def _gru(torch, a, b, h):
    (r, z, n), (hr, hz, hn) = a.chunk(3, -1), b.chunk(3, -1)
    r, z = (r + hr).sigmoid(), (z + hz).sigmoid()
    n = (n + r * hn).tanh()
    return (1 - z) * n + z * h, r, z, n, hn


TORCH = {"lstm_step": _lstm, "gru_step": _gru, "unstack": lambda torch, x, count: x.unbind(0)}

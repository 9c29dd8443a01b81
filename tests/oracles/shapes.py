"""PyTorch's calls for shapes, joining, padding and indexing."""


def _key(key, arrays=()):
    return tuple(arrays[int(item[1:-1])] if isinstance(item, str) else item for item in key)


def _put_slice(torch, x, key, size):
    out = torch.zeros(size, dtype=x.dtype)
    out[tuple(key)] = x
    return out


def _set(torch, x, value, *arrays, key, counts=()):
    out = x.clone()
    out[_key(key, (x, value, *arrays))] = value
    return out


def _put(torch, x, *arrays, key, size, counts=()):
    full = tuple(torch.arange(size[at]) if isinstance(item, slice) else item for at, item in enumerate(key))
    assert full == tuple(key) or len(arrays) == 1
    places = _key(key, (x, *arrays))
    dim = next(at for at, item in enumerate(key) if isinstance(item, str))
    if len(arrays) == 1:
        return torch.zeros(size, dtype=x.dtype).index_add(dim, arrays[0], x)
    return torch.zeros(size, dtype=x.dtype).index_put(places, x, accumulate=True)


def _pad(torch, x, pads, mode, value):
    around = [width for pair in reversed(pads) for width in pair]
    pad = torch.nn.functional.pad
    if mode == "constant":
        return pad(x, around, mode, value)
    batches = 4 - x.ndim
    return pad(x.reshape((1,) * batches + x.shape), around + [0] * (4 - len(around)), mode).flatten(0, batches - 1)[0]


def _unpad(torch, x, pads, mode, size):
    primal = torch.zeros(size, dtype=x.dtype, requires_grad=True)
    return torch.autograd.grad(_pad(torch, primal, pads, mode, 0.0), primal, x, create_graph=True)[0]


def _diag_embed(torch, x, offset, size):
    out = torch.zeros(size, dtype=x.dtype)
    out.diagonal(offset, -2, -1)[...] = x
    return out


TORCH = {
    "squeeze": lambda torch, x, dim: torch.squeeze(x, dim),
    "permute": lambda torch, x, dims: torch.permute(x, dims),
    "repeat": lambda torch, x, repeats: x.repeat(repeats),
    "flip": lambda torch, x, dims: torch.flip(x, dims),
    "roll": lambda torch, x, shifts, dims: torch.roll(x, shifts, dims),
    "cat": lambda torch, *arrays, dim: torch.cat(arrays, dim),
    "stack": lambda torch, *arrays, dim: torch.stack(arrays, dim),
    "pad": _pad,
    "unpad": _unpad,
    "diagonal": lambda torch, x, offset: torch.diagonal(x, offset, -2, -1),
    "diag_embed": _diag_embed,
    "tril": lambda torch, x, diagonal: torch.tril(x, diagonal),
    "triu": lambda torch, x, diagonal: torch.triu(x, diagonal),
    "getitem": lambda torch, x, key: x[tuple(key)],
    "put_slice": _put_slice,
    "set_slice": _set,
    "index": lambda torch, x, *arrays, key, counts=(): x[_key(key, (x, *arrays))],
    "put": _put,
    "set_index": _set,
    "gather": lambda torch, x, index, dim: torch.gather(x, dim, index),
    "ungather": lambda torch, x, index, dim, size: torch.zeros(size, dtype=x.dtype).scatter_add(dim, index, x),
    "scatter": lambda torch, x, index, src, dim: torch.scatter(x, dim, index, src),
    "one_hot": lambda torch, ids, num_classes: torch.nn.functional.one_hot(ids, num_classes),
    "embedding": lambda torch, weight, ids: torch.nn.functional.embedding(ids, weight),
}

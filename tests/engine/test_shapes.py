"""Shapes, copies, diagonals, joining, cutting and padding as PyTorch's users call them."""

import numpy as np
import pytest
from agreement import agree, same_error

import engine

pytest.importorskip("torch")

RNG = np.random.default_rng(1)
CUBE = RNG.standard_normal((2, 3, 4))
FLAT = RNG.standard_normal((2, 3))
ROW = RNG.standard_normal((1, 3, 1))


def pad(t, *args, **kwargs):
    return t.nn.functional.pad(*args, **kwargs)


CALLS = {
    "reshape": lambda t, x: t.reshape(x, (4, -1)),
    "reshape-method": lambda t, x: x.reshape(3, -1, 2),
    "reshape-tuple": lambda t, x: x.reshape((2, 12)),
    "reshape-size": lambda t, x: x.reshape(t.zeros(6, 4).shape),
    "view": lambda t, x: x.view(-1),
    "view-list": lambda t, x: x.view([6, 4]),
    "view_as": lambda t, x: x.view_as(t.zeros(24)),
    "reshape_as": lambda t, x: x.reshape_as(t.zeros(8, 3)),
    "flatten": lambda t, x: x.flatten(),
    "flatten-start": lambda t, x: t.flatten(x, 1),
    "flatten-both": lambda t, x: x.flatten(start_dim=0, end_dim=1),
    "flatten-one": lambda t, x: x.flatten(1, 1),
    "unflatten": lambda t, x: x.unflatten(2, (2, -1)),
    "unflatten-first": lambda t, x: t.unflatten(x, 0, (1, 2)),
    "ravel": lambda t, x: x.ravel() + t.ravel(x),
    "unsqueeze": lambda t, x: x.unsqueeze(1),
    "unsqueeze-last": lambda t, x: t.unsqueeze(x, -1),
    "squeeze-none": lambda t, x: x.squeeze(0),
    "transpose": lambda t, x: x.transpose(0, -1),
    "swapaxes": lambda t, x: t.swapaxes(x, 0, 1) + x.swapdims(1, 0),
    "permute": lambda t, x: x.permute(2, 0, 1),
    "permute-function": lambda t, x: t.permute(x, (1, -1, 0)),
    "mT": lambda t, x: x.mT,
    "movedim": lambda t, x: x.movedim(0, -1),
    "movedim-several": lambda t, x: t.moveaxis(x, (0, 1), (2, 0)),
    "expand": lambda t, x: x.expand(5, -1, 3, 4),
    "expand_as": lambda t, x: x.expand_as(t.zeros(2, 2, 3, 4)),
    "broadcast_to": lambda t, x: t.broadcast_to(x, (2, 2, 3, 4)),
    "repeat": lambda t, x: x.repeat(2, 1, 3),
    "repeat-more": lambda t, x: x.repeat((2, 1, 1, 2)),
    "repeat-none": lambda t, x: x.repeat(1, 0, 1),
    "tile": lambda t, x: t.tile(x, (2,)),
    "tile-more": lambda t, x: x.tile(2, 1, 1, 2),
    "repeat_interleave": lambda t, x: x.repeat_interleave(2),
    "repeat_interleave-dim": lambda t, x: t.repeat_interleave(x, 3, dim=1),
    "repeat_interleave-each": lambda t, x: t.repeat_interleave(x, t.tensor([2, 0, 1]), dim=1),
    "flip": lambda t, x: x.flip(0, 2),
    "flip-list": lambda t, x: t.flip(x, [-1]),
    "fliplr": lambda t, x: t.fliplr(x) + x.flipud(),
    "roll": lambda t, x: x.roll(1),
    "roll-dims": lambda t, x: t.roll(x, (1, -2), (0, 2)),
    "roll-int": lambda t, x: x.roll(5, 1),
    "diagonal": lambda t, x: t.diagonal(x),
    "diagonal-dims": lambda t, x: x.diagonal(offset=1, dim1=2, dim2=0),
    "diagonal-low": lambda t, x: x.diagonal(-1, 1, 2),
    "diagonal-outside": lambda t, x: x.diagonal(7),
    "linalg.diagonal": lambda t, x: t.linalg.diagonal(x, offset=1),
    "diag_embed": lambda t, x: t.diag_embed(x),
    "diag_embed-dims": lambda t, x: x.diag_embed(offset=-1, dim1=1, dim2=0),
    "diag_embed-up": lambda t, x: x.diag_embed(2, 0, 2),
    "tril": lambda t, x: t.tril(x),
    "tril-up": lambda t, x: x.tril(1),
    "triu": lambda t, x: x.triu(diagonal=-1),
    "triu-far": lambda t, x: t.triu(x, 9),
    "split": lambda t, x: x.split(3, dim=2),
    "split-list": lambda t, x: t.split(x, [1, 0, 3], -1),
    "chunk": lambda t, x: x.chunk(2, dim=1),
    "chunk-many": lambda t, x: t.chunk(x, 9, 2),
    "tensor_split": lambda t, x: t.tensor_split(x, 3, dim=2),
    "tensor_split-at": lambda t, x: x.tensor_split((1, 7), dim=1),
    "tensor_split-back": lambda t, x: x.tensor_split([2, 1], dim=1),
    "unbind": lambda t, x: x.unbind(1),
    "unbind-first": lambda t, x: t.unbind(x)[1],
    "narrow": lambda t, x: x.narrow(2, 1, 2),
    "narrow-back": lambda t, x: t.narrow(x, -1, -3, 2),
    "select": lambda t, x: x.select(1, -1),
    "unfold": lambda t, x: x.unfold(2, 2, 1),
    "unfold-step": lambda t, x: x.unfold(1, 1, 2),
    "unfold-first": lambda t, x: x.unfold(0, 2, 1),
    "cat": lambda t, x: t.cat([x, 2 * x, x[:1]]),
    "cat-dim": lambda t, x: t.concat((x, x[:, :0], x[:, 1:]), dim=1),
    "cat-empty": lambda t, x: t.cat([t.zeros(0, dtype=x.dtype), x], dim=-1),
    "stack": lambda t, x: t.stack([x, x * 2]),
    "stack-last": lambda t, x: t.stack((x, x), dim=-1),
    "hstack": lambda t, x: t.hstack([x, x]),
    "vstack": lambda t, x: t.vstack([x, x[0:1]]),
    "dstack": lambda t, x: t.dstack([x, x]),
    "column_stack": lambda t, x: t.column_stack([x[0, 0], x[0].T, x[1, 1]]),
    "stacks-of-vectors": lambda t, x: (t.hstack([x[0, 0], x[1, 1]]), t.vstack([x[0, 0], x[1, 1]]),
                                       t.dstack([x[0, 0], x[1, 1]]), t.row_stack([x[0, 0], x[1, 1]])),
    "pad": lambda t, x: pad(t, x, (1, 2)),
    "pad-value": lambda t, x: pad(t, x, (0, 1, 2, 0), value=3.5),
    "pad-off": lambda t, x: pad(t, x, (-1, 2, 0, -2)),
    "pad-reflect": lambda t, x: pad(t, x, (2, 3), mode="reflect"),
    "pad-reflect-2d": lambda t, x: pad(t, x, (1, 0, 2, 1), mode="reflect"),
    "pad-replicate": lambda t, x: pad(t, x, (5, 0), mode="replicate"),
    "pad-circular": lambda t, x: pad(t, x, (4, 1), mode="circular"),
    "pad-circular-2d": lambda t, x: pad(t, x, (1, 2, 3, 0), mode="circular"),
    "meshgrid": lambda t, x: t.meshgrid(x[0, 0], x[1, 1], x[0, 1, 2], indexing="ij"),
    "meshgrid-xy": lambda t, x: t.meshgrid([x[0, 0], x[1, :, 1]], indexing="xy"),
    "broadcast_tensors": lambda t, x: t.broadcast_tensors(x[0], x[:, :1]),
    "atleast": lambda t, x: (t.atleast_1d(x), t.atleast_2d(x[0, 0]), t.atleast_3d(x[0]), t.atleast_3d(x[0, 0])),
    "atleast-number": lambda t, x: t.atleast_1d(x[0, 0, 0], x[0]) + (t.atleast_3d(x[0, 0, 0]),),
    "diagflat": lambda t, x: t.diagflat(x, 1),
    "contiguous": lambda t, x: x.transpose(0, 1).contiguous().view(3, 8),
    "broadcast-everywhere": lambda t, x: x + x[:1].expand(2, 3, 4) * x[0, 0],
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_as_in_pytorch(call):
    agree(call, CUBE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_float32(call):
    agree(call, CUBE, dtype="float32", rtol=1e-6, second=False)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in CALLS if "replicate" not in name and "reflect" not in name])
def test_integers(name):
    agree(CALLS[name], np.arange(24).reshape(2, 3, 4), second=False)


@pytest.mark.parametrize("call", [
    lambda t, x: x.squeeze(), lambda t, x: x.squeeze(0), lambda t, x: x.squeeze(1), lambda t, x: x.squeeze((0, 2)),
    lambda t, x: t.squeeze(x, (0, 1)), lambda t, x: x.expand(2, 3, 4), lambda t, x: x.expand(7, 1, -1, 2),
    lambda t, x: x.repeat(1, 2, 2), lambda t, x: x.flatten(), lambda t, x: x.mT,
])  # fmt: skip
def test_ones(call):
    agree(call, ROW)


@pytest.mark.parametrize("call", [
    lambda t, x: x.T, lambda t, x: x.t(), lambda t, x: t.diag(x), lambda t, x: t.diag(x, -1), lambda t, x: x.H,
    lambda t, x: x.T.reshape(-1), lambda t, x: x.T.flatten(), lambda t, x: x.T.flip(0), lambda t, x: x.T.repeat(2, 2),
    lambda t, x: t.cat([x.T, x.T]), lambda t, x: t.stack([x.T, x.T], 1), lambda t, x: x.T.tril(), lambda t, x: x.mH,
    lambda t, x: x.T.split(2), lambda t, x: x.T.roll(1), lambda t, x: pad(t, x.T, (1, 1)), lambda t, x: x.flip(0).T[1],
])  # fmt: skip
def test_matrices(call):
    agree(call, FLAT)


def test_promotion():
    agree(lambda t, x, n: t.cat([x, n]), FLAT, np.arange(6).reshape(2, 3), dtype="float32", rtol=1e-6, second=False)
    agree(lambda t, x, n: t.stack([n, x]), FLAT, np.arange(6).reshape(2, 3), dtype="float32", rtol=1e-6, second=False)


@pytest.mark.parametrize("call", [
    lambda t, x: x.reshape(1, 1), lambda t, x: x.view(-1), lambda t, x: x.flatten(), lambda t, x: x.unsqueeze(0),
    lambda t, x: x.squeeze(), lambda t, x: x.transpose(0, -1), lambda t, x: x.permute(()), lambda t, x: x.expand(2, 3),
    lambda t, x: x.repeat(3), lambda t, x: x.repeat_interleave(3), lambda t, x: x.flip(()), lambda t, x: x.roll(1),
    lambda t, x: t.stack([x, x]), lambda t, x: t.hstack([x, x]), lambda t, x: x.movedim(0, 0), lambda t, x: x.ravel(),
    lambda t, x: x.unfold(0, 1, 1), lambda t, x: x.squeeze(0), lambda t, x: x.tile(2, 2), lambda t, x: t.diagflat(x),
    lambda t, x: x.expand(()), lambda t, x: x.squeeze(-1), lambda t, x: x.repeat(2, 0),
])  # fmt: skip
def test_a_number(call):
    agree(call, np.array(1.5))


@pytest.mark.parametrize("call", [
    lambda t, x: x.reshape(3, 0), lambda t, x: x.reshape(-1), lambda t, x: x.flatten(), lambda t, x: x.unsqueeze(1),
    lambda t, x: x.T, lambda t, x: x.expand(2, 0, 3), lambda t, x: x.repeat(2, 2), lambda t, x: x.repeat_interleave(2),
    lambda t, x: x.flip(0), lambda t, x: x.roll(1), lambda t, x: x.roll(1, 0), lambda t, x: t.cat([x, x]),
    lambda t, x: t.stack([x, x], 1), lambda t, x: x.split(2), lambda t, x: x.chunk(2), lambda t, x: x.unbind(1),
    lambda t, x: x.chunk(2, 1), lambda t, x: t.diag(x), lambda t, x: t.tril(x), lambda t, x: x.unbind(),
    lambda t, x: t.diag_embed(x), lambda t, x: pad(t, x, (1, 1)), lambda t, x: pad(t, x, (0, 0, 1, 1), value=2.0),
    lambda t, x: x.narrow(0, 0, 0), lambda t, x: x.tensor_split(2), lambda t, x: x.diagonal(),
])  # fmt: skip
def test_no_entries(call):
    agree(call, np.zeros((0, 3)), second=False)


def test_what_a_tensor_says_of_its_shape():
    x = engine.zeros(2, 3)
    assert (x.numel(), x.nelement(), engine.numel(x), x.dim(), x.ndimension()) == (6, 6, 6, 2, 2)
    assert x.size() == (2, 3) and x.size(-1) == x.size(dim=1) == 3
    assert repr(x.size()) == "torch.Size([2, 3])"
    assert x.stride() == (3, 1) and x.T.stride() == (1, 3) and x.stride(0) == 3
    assert x.is_contiguous() and not x.T.is_contiguous() and x.T.contiguous().is_contiguous()
    assert engine.broadcast_shapes((2, 1), (3,)) == (2, 3)
    assert x.is_floating_point() and not x.is_complex() and x.element_size() == 4


def test_views_share_memory():
    x = engine.zeros(2, 3)
    x.view(-1)[1] = 5
    x.T[2, 1] = 7
    x.unsqueeze(0)[0, 0, 0] = 9
    assert x.tolist() == [[9, 5, 0], [0, 0, 7]]


def test_names_of_nodes():
    x = engine.ones(2, 3, requires_grad=True)
    names = {"Permute": x.permute(1, 0), "Unsqueeze": x.unsqueeze(0), "View": x.view(6), "Cat": engine.cat([x, x]),
             "Stack": engine.stack([x, x]), "Select": x[0], "Slice": x[1:], "Index": x[[0, 1]],
             "Expand": x.expand(2, 2, 3),
             "Repeat": x.repeat(2, 2), "Flip": x.flip(0), "Gather": x.gather(1, engine.tensor([[0], [1]]))}  # fmt: skip
    for name, y in names.items():
        assert y.grad_fn.name() == name + "Backward0"


ERRORS = {
    "reshape": lambda t, x: x.reshape(4, 2),
    "reshape-seven": lambda t, x: t.arange(7).reshape(3, 2),
    "reshape-two-free": lambda t, x: x.reshape(-1, -1),
    "reshape-free": lambda t, x: x.reshape(-1, 4),
    "reshape-negative": lambda t, x: x.reshape(-2, 3),
    "reshape-ambiguous": lambda t, x: t.zeros(0, 2).reshape(-1, 0),
    "reshape-number": lambda t, x: x.reshape(()),
    "view": lambda t, x: x.view(4, 2),
    "flatten-order": lambda t, x: x.flatten(1, 0),
    "flatten-range": lambda t, x: x.flatten(3),
    "unflatten": lambda t, x: x.unflatten(1, (2, 2)),
    "unsqueeze": lambda t, x: x.unsqueeze(3),
    "squeeze": lambda t, x: x.squeeze(3),
    "transpose": lambda t, x: x.transpose(0, 2),
    "swapaxes": lambda t, x: x.swapaxes(0, 4),
    "permute-twice": lambda t, x: x.permute(0, 0),
    "permute-length": lambda t, x: x.permute(0),
    "permute-range": lambda t, x: x.permute(0, 2),
    "expand": lambda t, x: x.expand(2, 4),
    "expand-fewer": lambda t, x: x.expand(3),
    "expand-leading": lambda t, x: x.expand(-1, 2, 3),
    "expand-negative": lambda t, x: x.expand(-2, 3),
    "broadcast_to": lambda t, x: t.broadcast_to(x, (2, 4)),
    "broadcast_tensors": lambda t, x: t.broadcast_tensors(x, x.T),
    "repeat": lambda t, x: x.repeat(2),
    "repeat-negative": lambda t, x: x.repeat(-1, 2),
    "flip-twice": lambda t, x: x.flip(0, 0),
    "flip-range": lambda t, x: x.flip(3),
    "fliplr": lambda t, x: t.fliplr(x[0]),
    "flipud": lambda t, x: t.flipud(t.tensor(1.0)),
    "roll": lambda t, x: x.roll((1, 2), 0),
    "roll-range": lambda t, x: x.roll(1, 5),
    "cat": lambda t, x: t.cat([x, x[:, :2]]),
    "cat-rank": lambda t, x: t.cat([x, x[0]]),
    "cat-nothing": lambda t, x: t.cat([]),
    "cat-range": lambda t, x: t.cat([x], 2),
    "cat-number": lambda t, x: t.cat([t.tensor(1.0)]),
    "cat-tensor": lambda t, x: t.cat(x),
    "cat-int": lambda t, x: t.cat([x, 3]),
    "stack": lambda t, x: t.stack([x, x[0]]),
    "stack-nothing": lambda t, x: t.stack([]),
    "stack-range": lambda t, x: t.stack([x], 4),
    "hstack": lambda t, x: t.hstack([x, x[0]]),
    "split-0": lambda t, x: x.split(0),
    "split-negative": lambda t, x: x.split(-1),
    "split-sum": lambda t, x: x.split([1, 2]),
    "split-sum-dim": lambda t, x: x.split([1, 3], 1),
    "split-list-negative": lambda t, x: x.split([1, -1, 3], 1),
    "split-number": lambda t, x: t.tensor(1.0).split(2),
    "chunk": lambda t, x: x.chunk(0),
    "chunk-number": lambda t, x: t.tensor(1.0).chunk(2),
    "tensor_split": lambda t, x: x.tensor_split(0),
    "unbind-number": lambda t, x: t.tensor(1.0).unbind(),
    "movedim": lambda t, x: x.movedim(0, 3),
    "movedim-lengths": lambda t, x: x.movedim((0, 1), (0,)),
    "movedim-twice": lambda t, x: x.movedim((0, 0), (0, 1)),
    "diag": lambda t, x: t.diag(x[None]),
    "diagonal": lambda t, x: x.diagonal(0, 0, 0),
    "diag_embed": lambda t, x: t.diag_embed(x, 0, 0, 0),
    "tril": lambda t, x: t.tril(x[0]),
    "narrow-long": lambda t, x: x.narrow(1, 2, 2),
    "narrow-start": lambda t, x: x.narrow(1, 4, 0),
    "narrow-negative": lambda t, x: x.narrow(1, 0, -1),
    "select": lambda t, x: x.select(1, 3),
    "select-number": lambda t, x: t.tensor(1.0).select(0, 0),
    "unfold": lambda t, x: x.unfold(1, 4, 1),
    "unfold-step": lambda t, x: x.unfold(1, 2, 0),
    "size": lambda t, x: x.size(2),
    "repeat_interleave": lambda t, x: x.repeat_interleave(-1),
    "repeat_interleave-each": lambda t, x: x.repeat_interleave(t.tensor([1, 2, 3]), 0),
    "mT": lambda t, x: x[0].mT,
    "pad-odd": lambda t, x: pad(t, x, (1,)),
    "pad-long": lambda t, x: pad(t, x, (1, 1, 1, 1, 1, 1)),
    "pad-reflect": lambda t, x: pad(t, x, (3, 3), mode="reflect"),
    "pad-circular": lambda t, x: pad(t, x[None], (4, 3), mode="circular"),
    "pad-rank": lambda t, x: pad(t, x, (1, 1, 1, 1), mode="reflect"),
    "pad-mode": lambda t, x: pad(t, x, (1, 1), mode="foo"),
    "pad-reflect-value": lambda t, x: pad(t, x, (1, 1), mode="reflect", value=2.0),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", ERRORS.values(), ids=ERRORS)
def test_error_as_in_pytorch(call):
    same_error(call, FLAT)

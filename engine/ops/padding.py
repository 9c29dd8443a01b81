"""nn.functional.pad: arrays with a border of one value, of reflections, of copies, or in a circle."""

import numpy as np

from engine.op import call, op, public
from engine.ops.indexing import Key, getitem
from engine.ops.joining import stretch

MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def _padded(x, pads, mode, value):
    if mode == "constant":
        return np.pad(x, pads, constant_values=value)
    return np.pad(x, pads, mode=MODES[mode])


def _padded_shape(shape, pads, **_params):
    return tuple(before + size + after for size, (before, after) in zip(shape, pads))


def _pad_pullback(g, y, x, pads, mode, value):
    """With a constant border the middle of g; else each border entry's cotangent goes to where it was copied from."""
    if mode == "constant":
        return getitem(g, key=Key(slice(before, before + size) for size, (before, _after) in zip(x.shape, pads)))
    return unpad(g, pads=pads, mode=mode, size=x.shape)


pad = op(
    "pad",
    numpy=_padded,
    vjp=[_pad_pullback],
    shape=_padded_shape,
    types=None,
    saves=False,
    torch=lambda node: {
        "constant": "ConstantPadNdBackward0", "circular": "CatBackward0",
    }.get(node.params["mode"], f"{node.params['mode'].capitalize()}ionPad1DBackward0"),
    rule="border",
    says="A constant border depends on nothing, so the middle of the cotangent comes back; a copied border's entries "
    "send theirs to where they were copied from.",
    law="y = x within a border of the given widths",
    source="the adjoint of copying is summing",
    samples=[
        call((2, 3), pads=((1, 0), (0, 2)), mode="constant", value=0.5),
        call((3,), pads=((2, 1),), mode="reflect", value=0.0),
        call((3, 2), pads=((1, 2), (0, 3)), mode="replicate", value=0.0),
        call((3, 2), pads=((0, 0), (2, 1)), mode="circular", value=0.0),
        call((0, 2), pads=((1, 0), (0, 0)), mode="constant", value=0.0),
    ],
)  # fmt: skip


def _unpadded(x, pads, mode, size):
    for at, (n, widths) in enumerate(zip(size, pads)):
        if widths != (0, 0):
            folded = np.zeros((n, *np.moveaxis(x, at, 0).shape[1:]), x.dtype)
            np.add.at(folded, np.pad(np.arange(n), widths, mode=MODES[mode]), np.moveaxis(x, at, 0))
            x = np.moveaxis(folded, 0, at)
    return x


unpad = op(
    "unpad",
    numpy=_unpadded,
    vjp=[lambda g, y, x, pads, mode, size: pad(g, pads=pads, mode=mode, value=0.0)],
    shape=lambda shape, pads, mode, size: size,
    types=None,
    saves=False,
    rule="a copied border folded back",
    says="Each border entry was added to the entry that it copies, so it gets that entry's cotangent.",
    law="y = the middle of x, each border entry added to the entry that it copies",
    source="the adjoint of summing is copying",
    samples=[call((6,), pads=((2, 1),), mode="reflect", size=(3,)),
             call((3, 5), pads=((0, 0), (2, 1)), mode="circular", size=(3, 2))],
    linear=(0,),
)  # fmt: skip


@public("nn.functional.pad")
def _pad(input, pad, mode="constant", value=None):
    """y = x within a border; `pad` = widths before and after, the last axis first;  x̄ = g without it.

    Modes: "constant" (of `value`), "reflect", "replicate", "circular": there each border entry's cotangent is
    added to that of the entry that it copies. A negative width with "constant" cuts off.

    >>> import engine as torch
    >>> torch.nn.functional.pad(torch.tensor([1., 2.]), (1, 2))
    tensor([0., 1., 2., 0., 0.])
    """
    widths = tuple(int(n) for n in pad)
    rank = input.ndim
    if len(widths) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(widths) > 2 * rank:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(widths)} and input of dimension {rank}"
        )
    pairs = [(0, 0)] * (rank - len(widths) // 2) + [
        (widths[at], widths[at + 1]) for at in range(len(widths) - 2, -1, -2)
    ]
    if mode == "constant":
        return _constant_border(input, pairs, 0.0 if value is None else value)
    if mode not in MODES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if value not in (None, 0):
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    _check_copied(input, pairs, widths, mode)
    if mode == "circular":  # what a negative width cuts off isn't there to be copied
        for at, (before, after) in enumerate(pairs):
            if before < 0 or after < 0:
                input = stretch(input, at, max(0, -before), input.shape[at] + min(0, after))
        pairs = [(max(0, before), max(0, after)) for before, after in pairs]
    return _cropped_after(input, pairs, mode)


def _constant_border(x, pairs, value):
    for at, (before, after) in enumerate(pairs):
        size = x.shape[at]
        if before + size + after < 0:
            raise RuntimeError(
                f"The input size {size}, plus negative padding {before} and {after}, resulted in a negative output "
                f"size, which is invalid. Check dimension {at} of your input."
            )
        if before < 0 or after < 0:
            start = min(max(0, -before), size)
            x = stretch(x, at, start, max(start, size + min(0, after)))
    border = tuple((max(0, before), max(0, after)) for before, after in pairs)
    return pad(x, pads=border, mode="constant", value=value)


def _check_copied(x, pairs, widths, mode):
    dims = len(widths) // 2
    if x.ndim not in (dims + 1, dims + 2) or dims > 3:
        raise NotImplementedError(
            f"Padding size {len(widths)} is not supported for {x.ndim}D input tensor.\n"
            "Supported combinations for non-constant padding:\n"
            "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
            "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
            "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    for at in range(x.ndim - 1, -1, -1):
        size, (before, after) = x.shape[at], pairs[at]
        if mode == "reflect" and (before >= size or after >= size) and (before, after) != (0, 0):
            argument = 4 if at == x.ndim - 1 else 6 if at == x.ndim - 2 else 8
            raise RuntimeError(
                f"Argument #{argument}: Padding size should be less than the corresponding input dimension, but got: "
                f"padding ({before}, {after}) at dimension {at} of input {list(x.shape)}"
            )
        if mode == "circular" and (before > size or after > size):
            raise RuntimeError("Padding value causes wrapping around more than once.")
        if mode == "replicate" and size == 0 and (before, after) != (0, 0):
            raise RuntimeError(f"a border can't copy entries of an axis without entries: {list(x.shape)}")


def _cropped_after(x, pairs, mode):
    """A negative width cuts off what the border would have started from, as in PyTorch."""
    border = tuple((max(0, before), max(0, after)) for before, after in pairs)
    y = pad(x, pads=border, mode=mode, value=0.0)
    for at, (before, after) in enumerate(pairs):
        if before < 0 or after < 0:
            y = stretch(y, at, max(0, -before), y.shape[at] + min(0, after))
    return y

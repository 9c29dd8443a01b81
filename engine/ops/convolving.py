"""PyTorch's conv1d to conv_transpose3d on the operations of engine.ops.convolution."""

from engine.op import PUBLIC, public
from engine.ops.convolution import convolution, convolution_bias, convolution_input, transposed_bias
from engine.ops.shape import squeeze, unsqueeze
from engine.ops.windows import ends, per_axis


def _sizes(shape):
    return "[" + ", ".join(map(str, shape)) + "]"


def batched(x, rank, name):
    """(x with a batch axis, whether it had none)."""
    if x.ndim == rank + 1:
        return unsqueeze(x, dim=(0,)), True
    if x.ndim != rank + 2:
        raise RuntimeError(
            f"Expected {rank + 1}D (unbatched) or {rank + 2}D (batched) input to {name}, "
            f"but got input of size: {_sizes(x.shape)}"
        )
    return x, False


def unbatched(y, alone):
    """y without the batch axis that `batched` added."""
    return squeeze(y, dim=(0,)) if alone else y


def _padding(padding, rank, kernel, stride, dilation):
    """'valid', 'same' or numbers, as one entry an axis."""
    if not isinstance(padding, str):
        given = per_axis(padding, rank, "padding")
        if min(given) < 0:
            raise RuntimeError("negative padding is not supported")
        return given
    if padding == "valid":
        return (0,) * rank
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}'; use 'valid' or 'same'")
    if any(step != 1 for step in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    totals = [apart * (length - 1) for length, apart in zip(kernel, dilation)]
    return tuple(total // 2 if total % 2 == 0 else (total // 2, total - total // 2) for total in totals)


def _check(x, w, b, out_channels, channels, groups, transposed):
    kind = "transposed=1, weight" if transposed else f"groups={groups}, weight"
    if x.shape[1] != channels:
        raise RuntimeError(
            f"Given {kind} of size {_sizes(w.shape)}, expected input{_sizes(x.shape)} to have {channels} channels, "
            f"but got {x.shape[1]} channels instead"
        )
    if groups < 1 or w.shape[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size {_sizes(w.shape)} instead"
        )
    if b is not None and b.shape != (out_channels,):
        kind = "transposed=1, weight" if transposed else "weight"
        raise RuntimeError(
            f"Given {kind} of size {_sizes(w.shape)}, expected bias to be 1-dimensional with {out_channels} elements, "
            f"but got bias of size {_sizes(b.shape)} instead"
        )


def _check_fits(sizes, kernel, padding, dilation):
    room = [size + sum(ends(amount)) for size, amount in zip(sizes, padding)]
    span = [apart * (length - 1) + 1 for length, apart in zip(kernel, dilation)]
    if any(need > have for need, have in zip(span, room)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({' x '.join(map(str, room))}). Kernel size: "
            f"({' x '.join(map(str, span))}). Kernel size can't be greater than actual input size"
        )


def convolve(input, weight, bias, stride, padding, dilation, groups, rank):
    """The convolution over the last `rank` axes, with PyTorch's checks."""
    x, alone = batched(input, rank, f"conv{rank}d")
    kernel = weight.shape[2:]
    stride = per_axis(stride, rank, "stride")
    if min(stride) < 1:
        raise RuntimeError("non-positive stride is not supported")
    dilation = per_axis(dilation, rank, "dilation")
    if min(dilation) < 1:
        raise RuntimeError("dilation should be greater than zero")
    padding = _padding(padding, rank, kernel, stride, dilation)
    _check(x, weight, bias, weight.shape[0], weight.shape[1] * groups, groups, False)
    _check_fits(x.shape[2:], kernel, padding, dilation)
    how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": int(groups)}
    y = convolution(x, weight, **how) if bias is None else convolution_bias(x, weight, bias, **how)
    return unbatched(y, alone)


def _check_output_padding(extra, stride, dilation):
    if any(more < 0 or more >= max(step, apart) for more, step, apart in zip(extra, stride, dilation)):
        raise RuntimeError(
            f"output padding must be smaller than either stride or dilation, but got output_padding {list(extra)}, "
            f"stride {list(stride)} and dilation {list(dilation)}"
        )


def _excess(extra, stride, padding):
    """(paddings, rows of zeros to append) where the output padding makes room for one more window than there is.

    The padding after the axis shrinks by as much; what it can't give stays beyond all windows, so it is zero.
    """
    over = [max(0, more - step + 1) for more, step in zip(extra, stride)]
    after = [max(0, pad - beyond) for pad, beyond in zip(padding, over)]
    zeros = [max(0, beyond - pad) for pad, beyond in zip(padding, over)]
    return tuple(pad if pad == end else (pad, end) for pad, end in zip(padding, after)), zeros


def transpose(input, weight, bias, stride, padding, output_padding, groups, dilation, rank):
    """The adjoint of the convolution over the last `rank` axes, with PyTorch's checks."""
    x, alone = batched(input, rank, f"conv_transpose{rank}d")
    stride = per_axis(stride, rank, "stride")
    padding = per_axis(padding, rank, "padding")
    extra = per_axis(output_padding, rank, "output_padding")
    dilation = per_axis(dilation, rank, "dilation")
    out_channels = weight.shape[1] * groups
    _check(x, weight, bias, out_channels, weight.shape[0], groups, True)
    _check_output_padding(extra, stride, dilation)
    settings = zip(x.shape[2:], weight.shape[2:], stride, padding, dilation, extra)
    size = tuple((n - 1) * step - 2 * pad + apart * (k - 1) + more + 1 for n, k, step, pad, apart, more in settings)
    if min(size) < 1:
        raise RuntimeError(
            f"Given input size per channel: ({' x '.join(map(str, x.shape[2:]))}). Calculated output size per "
            f"channel: ({' x '.join(map(str, size))}). Output size is too small"
        )
    padding, zeros = _excess(extra, stride, padding)
    how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": int(groups)}
    if any(zeros):
        inner = tuple(length - rows for length, rows in zip(size, zeros))
        y = convolution_input(x, weight, size=inner, **how)
        y = PUBLIC["nn.functional.pad"](y, [end for rows in reversed(zeros) for end in (0, rows)])
        y = y if bias is None else y + unsqueeze(bias, dim=tuple(range(1, rank + 1)))
    elif bias is None:
        y = convolution_input(x, weight, size=size, **how)
    else:
        y = transposed_bias(x, weight, bias, size=size, **how)
    return unbatched(y, alone)


@public("conv1d", "nn.functional.conv1d")
def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """y = x ⋆ w + b;  x̄ = g through the filters backwards, w̄ = x ⋆ g, b̄ = Σ g.

    input (N, C, L) or (C, L), weight (O, C / groups, K); padding a number, "valid" or "same".

    >>> import engine as torch
    >>> torch.conv1d(torch.tensor([[1., 2., 3.]]), torch.tensor([[[1., 1.]]]))
    tensor([[3., 5.]])
    """
    return convolve(input, weight, bias, stride, padding, dilation, groups, 1)


@public("conv2d", "nn.functional.conv2d")
def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """y = x ⋆ w + b;  x̄ = g through the filters backwards, w̄ = x ⋆ g, b̄ = Σ g.

    input (N, C, H, W) or (C, H, W), weight (O, C / groups, K, L); padding numbers, "valid" or "same".

    >>> import engine as torch
    >>> torch.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))
    tensor([[[[4., 4.],
              [4., 4.]]]])
    """
    return convolve(input, weight, bias, stride, padding, dilation, groups, 2)


@public("conv3d", "nn.functional.conv3d")
def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """y = x ⋆ w + b, over three axes;  x̄ = g through the filters backwards, w̄ = x ⋆ g, b̄ = Σ g.

    >>> import engine as torch
    >>> torch.conv3d(torch.ones(1, 1, 2, 2, 2), torch.ones(1, 1, 2, 2, 2)).item()
    8.0
    """
    return convolve(input, weight, bias, stride, padding, dilation, groups, 3)


@public("conv_transpose1d", "nn.functional.conv_transpose1d")
def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """y = the adjoint of conv1d at x, plus b;  x̄ = g ⋆ w, w̄ = g ⋆ x, b̄ = Σ g. weight (C, O / groups, K).

    >>> import engine as torch
    >>> torch.conv_transpose1d(torch.tensor([[1., 2.]]), torch.tensor([[[1., 10.]]]))
    tensor([[ 1., 12., 20.]])
    """
    return transpose(input, weight, bias, stride, padding, output_padding, groups, dilation, 1)


@public("conv_transpose2d", "nn.functional.conv_transpose2d")
def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """y = the adjoint of conv2d at x, plus b;  x̄ = g ⋆ w, w̄ = g ⋆ x, b̄ = Σ g. weight (C, O / groups, K, L).

    >>> import engine as torch
    >>> torch.conv_transpose2d(torch.ones(1, 1, 1, 1), torch.ones(1, 1, 2, 2), stride=2).shape
    torch.Size([1, 1, 2, 2])
    """
    return transpose(input, weight, bias, stride, padding, output_padding, groups, dilation, 2)


@public("conv_transpose3d", "nn.functional.conv_transpose3d")
def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """y = the adjoint of conv3d at x, plus b, over three axes;  x̄ = g ⋆ w, w̄ = g ⋆ x, b̄ = Σ g.

    >>> import engine as torch
    >>> torch.conv_transpose3d(torch.ones(1, 1, 1, 1, 1), torch.ones(1, 1, 2, 2, 2)).shape
    torch.Size([1, 1, 2, 2, 2])
    """
    return transpose(input, weight, bias, stride, padding, output_padding, groups, dilation, 3)

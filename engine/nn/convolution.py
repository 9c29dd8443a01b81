"""Convolution layers and transposed ones, over one, two or three axes."""

import math

from engine.nn import functional as F
from engine.nn import init
from engine.nn.layers import empty
from engine.nn.module import Module
from engine.ops.windows import per_axis


class _Conv(Module):
    rank = 2
    transposed = False

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode="zeros", device=None, dtype=None, output_padding=0,
    ):  # fmt: skip
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(
                "padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, "
                f"but got padding_mode='{padding_mode}'"
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = per_axis(kernel_size, self.rank, "kernel_size")
        self.stride = per_axis(stride, self.rank, "stride")
        self.padding = padding if isinstance(padding, str) else per_axis(padding, self.rank, "padding")
        self.dilation = per_axis(dilation, self.rank, "dilation")
        self.output_padding = per_axis(output_padding, self.rank, "output_padding")
        self.padding_mode = padding_mode
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = empty(first, second // groups, *self.kernel_size, dtype=dtype)
        self.register_parameter("bias", empty(out_channels, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew, both uniform in ±1/√(entries that an output sees)."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            seen = init.fans(self.weight)[0]
            bound = 1 / math.sqrt(seen) if seen else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input):
        function = getattr(F, f"conv{self.rank}d")
        padding = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._around(), mode=self.padding_mode)
            padding = 0
        return function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _around(self):
        """The padding as nn.functional.pad takes it: last axis first."""
        if self.padding == "same":
            totals = [apart * (length - 1) for apart, length in zip(self.dilation, self.kernel_size)]
            pairs = [(total // 2, total - total // 2) for total in totals]
        else:
            pairs = [(0, 0) if self.padding == "valid" else (pad, pad) for pad in self.padding]
        return [end for pair in reversed(pairs) for end in pair]

    def extra_repr(self):
        text = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        )
        zero, once = (0,) * self.rank, (1,) * self.rank
        for name, usual in (("padding", zero), ("dilation", once), ("output_padding", zero), ("groups", 1)):
            if getattr(self, name) != usual:
                text += f", {name}={getattr(self, name)}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class Conv1d(_Conv):
    """y = x ⋆ w + b of (N, C, L); see nn.functional.conv1d."""

    rank = 1


class Conv2d(_Conv):
    """y = x ⋆ w + b of (N, C, H, W); see nn.functional.conv2d.

    >>> import engine as torch
    >>> torch.nn.Conv2d(1, 4, 3, padding=1)
    Conv2d(1, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    """

    rank = 2


class Conv3d(_Conv):
    """y = x ⋆ w + b of (N, C, D, H, W); see nn.functional.conv3d."""

    rank = 3


class _ConvTranspose(_Conv):
    transposed = True

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True,
        dilation=1, padding_mode="zeros", device=None, dtype=None,
    ):  # fmt: skip
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, dtype=dtype,
            output_padding=output_padding,
        )  # fmt: skip

    def forward(self, input, output_size=None):
        extra = self.output_padding if output_size is None else self._extra(input, output_size)
        function = getattr(F, f"conv_transpose{self.rank}d")
        return function(
            input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation
        )

    def _extra(self, input, output_size):
        """The output padding that gives this output size."""
        wanted = tuple(output_size)[-self.rank :]
        settings = zip(input.shape[-self.rank :], self.kernel_size, self.stride, self.padding, self.dilation)
        least = [(n - 1) * step - 2 * pad + apart * (k - 1) + 1 for n, k, step, pad, apart in settings]
        extra = tuple(want - low for want, low in zip(wanted, least))
        if any(more < 0 or more >= step for more, step in zip(extra, self.stride)):
            most = [low + step - 1 for low, step in zip(least, self.stride)]
            raise ValueError(
                f"requested an output size of {list(wanted)}, but valid sizes range from {least} to {most} "
                f"(for an input of {list(input.shape[2:])})"
            )
        return extra


class ConvTranspose1d(_ConvTranspose):
    """y = the adjoint of Conv1d at x, plus b; see nn.functional.conv_transpose1d."""

    rank = 1


class ConvTranspose2d(_ConvTranspose):
    """y = the adjoint of Conv2d at x, plus b; see nn.functional.conv_transpose2d."""

    rank = 2


class ConvTranspose3d(_ConvTranspose):
    """y = the adjoint of Conv3d at x, plus b; see nn.functional.conv_transpose3d."""

    rank = 3

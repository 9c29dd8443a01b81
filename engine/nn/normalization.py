"""LayerNorm, RMSNorm, GroupNorm, and batch and instance normalisation with their running statistics."""

from engine.creation import ones, tensor, zeros
from engine.mode import no_grad
from engine.nn import functional as F
from engine.nn.module import Module
from engine.nn.parameter import Parameter


def _shape(value):
    return (value,) if isinstance(value, int) else tuple(value)


class LayerNorm(Module):
    """y = w ⊙ (x - mean) / √(var + ε) + b over the last axes, those of normalized_shape.

    >>> import engine as torch
    >>> torch.nn.LayerNorm(4)
    LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)
    """

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, device=None, dtype=None):
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        affine = elementwise_affine
        self.register_parameter("weight", Parameter(ones(self.normalized_shape, dtype=dtype)) if affine else None)
        has_bias = affine and bias
        self.register_parameter("bias", Parameter(zeros(self.normalized_shape, dtype=dtype)) if has_bias else None)

    def forward(self, input):
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """y = w ⊙ x / √(mean x² + ε) over the last axes, those of normalized_shape."""

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None):
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        weight = Parameter(ones(self.normalized_shape, dtype=dtype)) if elementwise_affine else None
        self.register_parameter("weight", weight)

    def forward(self, input):
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """y = w ⊙ (x - mean) / √(var + ε) + b over the entries of each of num_groups groups of channels."""

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, device=None, dtype=None, *, bias=True):
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.register_parameter("weight", Parameter(ones(num_channels, dtype=dtype)) if affine else None)
        self.register_parameter("bias", Parameter(zeros(num_channels, dtype=dtype)) if affine and bias else None)

    def forward(self, input):
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class _Tracking(Module):
    """What batch and instance normalisation share: affine parameters and running statistics."""

    ranks = (2,)
    defaults = (True, True)  # affine, track_running_stats

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=None, track_running_stats=None, device=None, dtype=None, *,
        bias=True,
    ):  # fmt: skip
        super().__init__()
        affine = self.defaults[0] if affine is None else affine
        track = self.defaults[1] if track_running_stats is None else track_running_stats
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track
        self.register_parameter("weight", Parameter(ones(num_features, dtype=dtype)) if affine else None)
        self.register_parameter("bias", Parameter(zeros(num_features, dtype=dtype)) if affine and bias else None)
        self.register_buffer("running_mean", zeros(num_features, dtype=dtype) if track else None)
        self.register_buffer("running_var", ones(num_features, dtype=dtype) if track else None)
        self.register_buffer("num_batches_tracked", tensor(0) if track else None)

    def _check(self, input):
        if input.ndim not in self.ranks:
            wanted = " or ".join(f"{rank}D" for rank in self.ranks)
            raise ValueError(f"expected {wanted} input (got {input.ndim}D input)")

    def extra_repr(self):
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_Tracking):
    def forward(self, input):
        self._check(input)
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.num_batches_tracked is not None:
            with no_grad():
                self.num_batches_tracked += 1
            if self.momentum is None:
                momentum = 1.0 / self.num_batches_tracked.item()
        by_batch = self.training or self.running_mean is None
        return F.batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, by_batch, momentum, self.eps
        )


class BatchNorm1d(_BatchNorm):
    """y = w ⊙ (x - mean) / √(var + ε) + b of each channel of (N, C) or (N, C, L), over the batch in training."""

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """y = w ⊙ (x - mean) / √(var + ε) + b of each channel of (N, C, H, W), over the batch in training."""

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """y = w ⊙ (x - mean) / √(var + ε) + b of each channel of (N, C, D, H, W), over the batch in training."""

    ranks = (5,)


class _InstanceNorm(_Tracking):
    defaults = (False, False)

    def forward(self, input):
        self._check(input)
        alone = input.ndim == self.ranks[0]
        y = F.instance_norm(
            input.unsqueeze(0) if alone else input, self.running_mean, self.running_var, self.weight, self.bias,
            self.training or not self.track_running_stats, self.momentum, self.eps,
        )  # fmt: skip
        return y.squeeze(0) if alone else y


class InstanceNorm1d(_InstanceNorm):
    """y = (x - mean) / √(var + ε) of each channel of each item of (N, C, L)."""

    ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """y = (x - mean) / √(var + ε) of each channel of each item of (N, C, H, W)."""

    ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """y = (x - mean) / √(var + ε) of each channel of each item of (N, C, D, H, W)."""

    ranks = (4, 5)

"""PyTorch's pooling functions on the operations of max_pooling, average_pooling and resampling."""

from engine.op import public
from engine.ops.average_pooling import avg_pool
from engine.ops.max_pooling import adaptive_max_pool, adaptive_max_positions, max_pool, max_positions
from engine.ops.reduction import mean
from engine.ops.resampling import adaptive_avg_pool
from engine.ops.windows import per_axis, window_counts


def _sizes(x, rank, name):
    """The sizes of the window axes of (N, C, ...) or (C, ...)."""
    if x.ndim not in (rank + 1, rank + 2):
        raise RuntimeError(
            f"{name}{rank}d(): Expected {rank + 1}D or {rank + 2}D tensor, but got {list(x.shape)}"
        )
    return tuple(x.shape[x.ndim - rank :])


def _settings(x, rank, name, kernel_size, stride, padding, dilation, ceil):
    """Kernel, stride, padding, dilation as tuples, after PyTorch's checks."""
    sizes = _sizes(x, rank, name)
    kernel = per_axis(kernel_size, rank, "kernel_size")
    stride = kernel if stride is None or stride == () else per_axis(stride, rank, "stride")
    padding = per_axis(padding, rank, "padding")
    dilation = per_axis(dilation, rank, "dilation")
    if min(kernel) < 1:
        raise RuntimeError(f"kernel size should be greater than zero, but got {list(kernel)}")
    if min(stride) < 1:
        raise RuntimeError("stride should not be zero")
    if min(dilation) < 1:
        raise RuntimeError(f"dilation should be greater than zero, but got {list(dilation)}")
    for length, pad, apart in zip(kernel, padding, dilation):
        if pad < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {pad}")
        if pad > ((length - 1) * apart + 1) // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={pad}, kernel_size={length} and "
                f"dilation={apart}"
            )
    counts = window_counts(sizes, kernel, stride, padding, dilation, ceil)
    if min(counts) < 1:
        channels = x.shape[x.ndim - rank - 1]
        raise RuntimeError(
            f"Given input size: ({'x'.join(map(str, (channels, *sizes)))}). Calculated output size: "
            f"({'x'.join(map(str, (channels, *(max(count, 0) for count in counts))))}). Output size is too small"
        )
    return kernel, stride, padding, dilation


def _max(x, rank, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    settings = _settings(x, rank, "max_pool", kernel_size, stride, padding, dilation, ceil_mode)
    how = dict(zip(("kernel", "stride", "padding", "dilation"), settings), ceil=bool(ceil_mode))
    y = max_pool(x, **how)
    return (y, max_positions(x, **how)) if return_indices else y


def _avg(x, rank, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override=None):
    once = (1,) * rank
    kernel, stride, padding, _ = _settings(x, rank, "avg_pool", kernel_size, stride, padding, once, ceil_mode)
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    return avg_pool(
        x, kernel=kernel, stride=stride, padding=padding, ceil=bool(ceil_mode),
        inside=not count_include_pad, divisor=divisor_override,
    )  # fmt: skip


@public("max_pool1d", "nn.functional.max_pool1d")
def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """y = the largest entry of each window of (N, C, L);  x̄ = g where that entry stands, the first of equals.

    >>> import engine as torch
    >>> torch.max_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[3., 2.]])
    """
    return _max(input, 1, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@public("max_pool2d", "nn.functional.max_pool2d")
def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """y = the largest entry of each window of (N, C, H, W);  x̄ = g where that entry stands, the first of equals.

    >>> import engine as torch
    >>> torch.max_pool2d(torch.tensor([[[1., 3.], [2., 0.]]]), 2)
    tensor([[[3.]]])
    """
    return _max(input, 2, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@public("max_pool3d", "nn.functional.max_pool3d")
def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """y = the largest entry of each window of (N, C, D, H, W);  x̄ = g where that entry stands, the first of equals.

    >>> import engine as torch
    >>> torch.max_pool3d(torch.ones(1, 2, 2, 2), 2).shape
    torch.Size([1, 1, 1, 1])
    """
    return _max(input, 3, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _with_indices(name, function):
    def pooled(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=True):
        return function(input, kernel_size, stride, padding, dilation, ceil_mode, True)

    pooled.__name__ = pooled.__qualname__ = name
    pooled.__doc__ = f"As {function.__name__}, with the positions of the largest entries."
    return public(f"nn.functional.{name}")(pooled)


for _function in (max_pool1d, max_pool2d, max_pool3d):
    _with_indices(f"{_function.__name__}_with_indices", _function)


@public("avg_pool1d", "nn.functional.avg_pool1d")
def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """y = the mean of each window of (N, C, L);  x̄ = an equal share of g for each entry, from every window.

    >>> import engine as torch
    >>> torch.avg_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[2., 1.]])
    """
    return _avg(input, 1, kernel_size, stride, padding, ceil_mode, count_include_pad)


@public("nn.functional.avg_pool2d")
def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """y = the mean of each window of (N, C, H, W);  x̄ = an equal share of g for each entry, from every window.

    >>> import engine as torch
    >>> torch.nn.functional.avg_pool2d(torch.tensor([[[1., 3.], [2., 0.]]]), 2)
    tensor([[[1.5000]]])
    """
    return _avg(input, 2, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


@public("nn.functional.avg_pool3d")
def avg_pool3d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """y = the mean of each window of (N, C, D, H, W);  x̄ = an equal share of g for each entry, from every window.

    >>> import engine as torch
    >>> torch.nn.functional.avg_pool3d(torch.ones(1, 2, 2, 2), 2).shape
    torch.Size([1, 1, 1, 1])
    """
    return _avg(input, 3, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def _output_size(x, rank, output_size, name):
    """An adaptive pooling's output sizes; None keeps an axis as it is."""
    sizes = _sizes(x, rank, f"adaptive_{name}_pool")
    given = (output_size,) * rank if isinstance(output_size, int) else tuple(output_size)
    if len(given) == 1:
        given *= rank
    if len(given) != rank:
        raise RuntimeError(f"adaptive_{name}_pool{rank}d: output_size must be {rank}")
    wanted = tuple(size if want is None else int(want) for size, want in zip(sizes, given))
    if min(wanted) < 0:
        raise RuntimeError(
            f"adaptive_{name}_pool{rank}d: elements of output_size must be greater than or equal to 0 "
            f"but received {list(wanted)}"
        )
    if 0 in sizes:
        raise RuntimeError(
            f"adaptive_{name}_pool{rank}d(): Expected input to have non-zero size for non-batch dimensions, "
            f"but input has sizes {list(x.shape)}"
        )
    return wanted


def _adaptive_average(x, rank, output_size):
    size = _output_size(x, rank, output_size, "avg")
    if all(length == 1 for length in size):
        return mean(x, dim=tuple(range(x.ndim - rank, x.ndim)), keepdim=True)
    return adaptive_avg_pool(x, size=size)


def _adaptive_largest(x, rank, output_size, return_indices):
    size = _output_size(x, rank, output_size, "max")
    y = adaptive_max_pool(x, size=size)
    return (y, adaptive_max_positions(x, size=size)) if return_indices else y


@public("adaptive_avg_pool1d", "nn.functional.adaptive_avg_pool1d")
def adaptive_avg_pool1d(input, output_size):
    """y = the means of `output_size` windows that cover (N, C, L) evenly;  x̄ = equal shares of g.

    >>> import engine as torch
    >>> torch.adaptive_avg_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[2., 1.]])
    """
    return _adaptive_average(input, 1, output_size)


@public("nn.functional.adaptive_avg_pool2d")
def adaptive_avg_pool2d(input, output_size):
    """y = the means of `output_size` windows that cover (N, C, H, W) evenly;  x̄ = equal shares of g.

    >>> import engine as torch
    >>> torch.nn.functional.adaptive_avg_pool2d(torch.ones(1, 5, 4), (2, None)).shape
    torch.Size([1, 2, 4])
    """
    return _adaptive_average(input, 2, output_size)


@public("nn.functional.adaptive_avg_pool3d")
def adaptive_avg_pool3d(input, output_size):
    """y = the means of `output_size` windows that cover (N, C, D, H, W) evenly;  x̄ = equal shares of g.

    >>> import engine as torch
    >>> torch.nn.functional.adaptive_avg_pool3d(torch.ones(1, 2, 2, 2), 1).shape
    torch.Size([1, 1, 1, 1])
    """
    return _adaptive_average(input, 3, output_size)


@public("nn.functional.adaptive_max_pool1d", "adaptive_max_pool1d")
def adaptive_max_pool1d(input, output_size, return_indices=False):
    """y = the largest of `output_size` windows that cover (N, C, L) evenly;  x̄ = g where that entry stands.

    >>> import engine as torch
    >>> torch.nn.functional.adaptive_max_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[3., 2.]])
    """
    return _adaptive_largest(input, 1, output_size, return_indices)


@public("nn.functional.adaptive_max_pool2d")
def adaptive_max_pool2d(input, output_size, return_indices=False):
    """y = the largest of `output_size` windows that cover (N, C, H, W) evenly;  x̄ = g where that entry stands.

    >>> import engine as torch
    >>> torch.nn.functional.adaptive_max_pool2d(torch.ones(1, 5, 4), (2, None)).shape
    torch.Size([1, 2, 4])
    """
    return _adaptive_largest(input, 2, output_size, return_indices)


@public("nn.functional.adaptive_max_pool3d")
def adaptive_max_pool3d(input, output_size, return_indices=False):
    """y = the largest of `output_size` windows that cover (N, C, D, H, W) evenly;  x̄ = g where that entry stands.

    >>> import engine as torch
    >>> torch.nn.functional.adaptive_max_pool3d(torch.ones(1, 2, 2, 2), 1).shape
    torch.Size([1, 1, 1, 1])
    """
    return _adaptive_largest(input, 3, output_size, return_indices)

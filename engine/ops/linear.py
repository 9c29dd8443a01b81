"""The affine layer x Wᵀ + b, and the bilinear one."""

import numpy as np

from engine.op import call, op, public
from engine.ops.matrix import matmul
from engine.ops.shape import permute, squeeze, swap_last, unsqueeze
from engine.ops.typing import dtype_name, dtype_of


def _linear(x, weight, bias=None):
    y = np.matmul(x, weight.T)
    if bias is not None:
        y = y + bias
    return y


def _affine_form(x, weight, bias=None):
    product = matmul(x, permute(weight, dims=(1, 0)))
    return product if bias is None else product + bias


def _weight_pullback(g, y, x, weight, bias=None):
    if len(x.shape) == 1:
        return unsqueeze(g, dim=(1,)) * x
    return matmul(swap_last(g), x)


def _weight_numbers(g, y, x, weight, bias=None):
    """As the plain rule, with the rows of all batches in one product."""
    return g.reshape(-1, g.shape[-1]).T @ x.reshape(-1, x.shape[-1])


def _backward_name(node):
    rank = len(node.inputs[0].shape)
    if rank == 2:
        return "AddmmBackward0" if len(node.inputs) == 3 else "MmBackward0"
    if len(node.inputs) == 3:
        return "ViewBackward0"
    return "SqueezeBackward4" if rank == 1 else "UnsafeViewBackward0"


linear = op(
    "linear",
    numpy=_linear,
    vjp=[lambda g, y, x, weight, bias=None: matmul(g, weight), _weight_pullback, lambda g, y, x, weight, bias: g],
    numeric=[lambda g, y, x, weight, bias=None: np.matmul(g, weight), _weight_numbers, lambda g, y, x, weight, bias: g],
    shape=lambda x, weight, bias=None: (*x[:-1], weight[0]),
    normal=_affine_form,
    types="alike",
    torch=_backward_name,
    rule="affine layer",
    says=(
        "The input's cotangent is the output's times the weights.",
        "The weights' cotangent is the output's transposed times the input, which sums over the batch.",
        "The bias is added in every row, so its cotangent is the sum over the rows.",
    ),
    law="y = x Wᵀ + b;  x̄ = g W,  W̄ = gᵀ x,  b̄ = Σ g over rows",
    samples=[
        call((2, 3), (4, 3), (4,)),
        call((2, 3), (4, 3)),
        call((3,), (4, 3), (4,)),
        call((5, 2, 3), (4, 3), (4,)),
        call((0, 3), (4, 3), (4,)),
    ],
)


@public("nn.functional.linear")
def _linear_layer(input, weight, bias=None):
    """y = x Wᵀ + b;  x̄ = g W, W̄ = gᵀ x, b̄ = Σ g over rows.

    x has shape [*, n], W [m, n] (or [n], for one number a row), b [m]. RuntimeError if the sizes differ.

    >>> import engine as torch
    >>> torch.nn.functional.linear(torch.tensor([[1., 2.]]), torch.tensor([[3., 4.]]), torch.tensor([1.]))
    tensor([[12.]])
    """
    if weight.ndim == 1:
        y = matmul(input, weight)
        return y if bias is None else y + bias
    if input.shape[-1:] != weight.shape[-1:]:
        rows = int(np.prod(input.shape[:-1]))
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.shape[-1] if input.ndim else 1} and "
            f"{weight.shape[1]}x{weight.shape[0]})"
        )
    if bias is not None and dtype_of(input) != dtype_of(weight):
        raise RuntimeError(
            f"mat1 and mat2 must have the same dtype, but got {dtype_name(input)} and {dtype_name(weight)}"
        )
    return linear(input, weight) if bias is None else linear(input, weight, bias)


@public("nn.functional.bilinear", "bilinear")
def _bilinear(input1, input2, weight, bias=None):
    """y_k = aᵀ W_k b + bias_k;  ā = Σ g_k W_k b, b̄ = Σ g_k W_kᵀ a, W̄_k = g_k a bᵀ.

    a has shape [*, m], b [*, n], W [o, m, n], the bias [o].

    >>> import engine as torch
    >>> torch.nn.functional.bilinear(torch.ones(1, 2), torch.ones(1, 3), torch.ones(1, 2, 3))
    tensor([[6.]])
    """
    if input1.shape[:-1] != input2.shape[:-1]:
        raise RuntimeError(
            f"bilinear(): input batch dimensions do not match: {list(input1.shape)} and {list(input2.shape)}"
        )
    rank = input1.ndim
    rows = unsqueeze(input1, dim=(rank - 1, rank))
    columns = unsqueeze(input2, dim=(rank - 1, rank + 1))
    y = squeeze(matmul(matmul(rows, weight), columns), dim=(rank, rank + 1))
    return y if bias is None else y + bias

"""A product added to an array: addmm, addmv, baddbmm, addbmm, addr."""

import numpy as np

from engine.op import call, op, public
from engine.ops.matrix import left_pullback, matmul, outer, require_batches, right_pullback
from engine.ops.reduction import sum_
from engine.ops.typing import dtype_name, dtype_of


def _addmm_numbers(c, a, b, beta, alpha):
    product = np.matmul(a, b)
    if alpha != 1:
        product = product * alpha
    if beta == 0:  # c isn't looked at: it may hold nan
        return product
    return product + (c if beta == 1 else c * beta)


addmm = op(
    "addmm",
    numpy=_addmm_numbers,
    vjp=[
        lambda g, y, c, a, b, beta, alpha: g * beta,
        lambda g, y, c, a, b, beta, alpha: left_pullback(g, y, a, b) * alpha,
        lambda g, y, c, a, b, beta, alpha: right_pullback(g, y, a, b) * alpha,
    ],
    shape=lambda c, a, b, beta, alpha: matmul.shape(a, b),
    normal=lambda c, a, b, beta, alpha: c * beta + matmul(a, b) * alpha,
    types="alike",
    torch=lambda node: {1: "AddmvBackward0", 2: "AddmmBackward0", 3: "BaddbmmBackward0"}[node.output.ndim],
    rule="matrix product with a summand",
    says=(
        "The summand passes the cotangent on, times its factor.",
        "The left factor's cotangent is the product's times the right factor transposed.",
        "The right factor's cotangent is the left factor transposed times the product's.",
    ),
    law="y = β c + α a b;  c̄ = β g,  ā = α g bᵀ,  b̄ = α aᵀ g",
    samples=[call((2, 4), (2, 3), (3, 4), beta=1, alpha=1), call((4,), (2, 3), (3, 4), beta=0.5, alpha=2),
             call((2,), (2, 3), (3,), beta=1, alpha=-1), call((), (5, 2, 3), (5, 3, 4), beta=1, alpha=1)],
)  # fmt: skip


def _same_dtypes(name, *operands):
    first, *others = operands
    for other in others:
        if dtype_of(other) != dtype_of(first):
            raise RuntimeError(
                f"self and {name} must have the same dtype, but got {dtype_name(first)} and {dtype_name(other)}"
            )


def _fits(summand, shape):
    """Refuse a summand that doesn't broadcast to a product's shape, in PyTorch's words."""
    have = tuple(summand.shape)
    if len(have) > len(shape):
        raise RuntimeError(
            f"expand(torch.{dtype_name(summand)}Tensor{{{list(have)}}}, size={list(shape)}): the number of sizes "
            f"provided ({len(shape)}) must be greater or equal to the number of dimensions in the tensor ({len(have)})"
        )
    for at in reversed(range(-len(have), 0)):
        if have[at] not in (1, shape[at]):
            raise RuntimeError(
                f"The expanded size of the tensor ({shape[at]}) must match the existing size ({have[at]}) at "
                f"non-singleton dimension {len(shape) + at}.  Target sizes: {list(shape)}.  Tensor sizes: {list(have)}"
            )


@public("addmm", "Tensor.addmm")
def _addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """y = β c + α a b for two matrices a and b;  c̄ = β g, ā = α g bᵀ, b̄ = α aᵀ g. Only c broadcasts.

    >>> import engine as torch
    >>> torch.addmm(torch.ones(2), torch.ones(2, 3), torch.ones(3, 2))
    tensor([[4., 4.],
            [4., 4.]])
    """
    for name, matrix in (("mat1", mat1), ("mat2", mat2)):
        if matrix.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix, got {matrix.ndim}-D tensor")
    if mat1.shape[1] != mat2.shape[0]:
        raise RuntimeError(
            "mat1 and mat2 shapes cannot be multiplied "
            f"({mat1.shape[0]}x{mat1.shape[1]} and {mat2.shape[0]}x{mat2.shape[1]})"
        )
    _same_dtypes("mat2", input, mat1, mat2)
    _fits(input, (mat1.shape[0], mat2.shape[1]))
    return addmm(input, mat1, mat2, beta=beta, alpha=alpha)


@public("addmv", "Tensor.addmv")
def _addmv(input, mat, vec, *, beta=1, alpha=1):
    """y = β c + α A v for a matrix and a vector;  c̄ = β g, Ā = α g vᵀ, v̄ = α Aᵀ g.

    >>> import engine as torch
    >>> torch.addmv(torch.ones(2), torch.ones(2, 3), torch.ones(3))
    tensor([4., 4.])
    """
    if (mat.ndim, vec.ndim) != (2, 1) or input.ndim > 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {input.ndim}, {mat.ndim}, {vec.ndim}")
    rows, columns = mat.shape
    if vec.shape[0] != columns or (input.ndim and input.shape[0] not in (1, rows)):
        size = input.shape[0] if input.ndim else 1
        raise RuntimeError(f"size mismatch, got input ({size}), mat ({rows}x{columns}), vec ({vec.shape[0]})")
    _same_dtypes("vec", input, mat, vec)
    return addmm(input, mat, vec, beta=beta, alpha=alpha)


@public("baddbmm", "Tensor.baddbmm")
def _baddbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """y = β c + α a b for two batches of matrices of equal length;  c̄ = β g, ā = α g bᵀ, b̄ = α aᵀ g.

    >>> import engine as torch
    >>> torch.baddbmm(torch.ones(2), torch.ones(5, 1, 3), torch.ones(5, 3, 2)).shape
    torch.Size([5, 1, 2])
    """
    require_batches(batch1, batch2)
    _same_dtypes("batch2", input, batch1, batch2)
    _fits(input, (batch1.shape[0], batch1.shape[1], batch2.shape[2]))
    return addmm(input, batch1, batch2, beta=beta, alpha=alpha)


@public("addbmm", "Tensor.addbmm")
def _addbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """y = β c + α Σ a_k b_k over a batch of products of matrices.

    >>> import engine as torch
    >>> torch.addbmm(torch.ones(2), torch.ones(5, 1, 3), torch.ones(5, 3, 2))
    tensor([[16., 16.]])
    """
    require_batches(batch1, batch2)
    _same_dtypes("batch2", input, batch1, batch2)
    product = sum_(matmul(batch1, batch2), dim=(0,), keepdim=False)
    _fits(input, tuple(product.shape))
    return _plus(input, product, beta, alpha)


@public("addr", "Tensor.addr")
def _addr(input, vec1, vec2, *, beta=1, alpha=1):
    """y = β c + α u vᵀ for two vectors;  c̄ = β g, ū = α g v, v̄ = α gᵀ u.

    >>> import engine as torch
    >>> torch.addr(torch.ones(2), torch.ones(2), torch.ones(2))
    tensor([[2., 2.],
            [2., 2.]])
    """
    for name, vector in (("vec1", vec1), ("vec2", vec2)):
        if vector.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument {name}, but got {vector.ndim}-D")
    _fits(input, (vec1.shape[0], vec2.shape[0]))
    return _plus(input, outer(vec1, vec2), beta, alpha)


def _plus(summand, product, beta, alpha):
    product = product if alpha == 1 else product * alpha
    if beta == 0:
        return product
    return (summand if beta == 1 else summand * beta) + product

"""The matrix product and the outer product: matmul, mm, mv, dot, inner, outer, bmm."""

import math

import numpy as np

from engine.op import ShapeError, broadcast_shapes, call, op, public
from engine.ops.product_forms import outer_transposed, product_form, product_transposed
from engine.ops.reduction import sum_
from engine.ops.shape import TRANSPOSED, squeeze, swap_last, unsqueeze
from engine.ops.typing import dtype_name, dtype_of, refuse_numbers


def _matmul_shape(a, b):
    if not a or not b:
        raise ShapeError("both arguments to matmul need to be at least 1D")
    inner = b[-2] if len(b) > 1 else b[0]
    if a[-1] != inner:
        raise ShapeError(f"the matrix product's inner sizes differ: {a[-1]} meets {inner}")
    batch = broadcast_shapes(a[:-2], b[:-2])
    return (*batch, *(a[-2:-1] if len(a) > 1 else ()), *(b[-1:] if len(b) > 1 else ()))


def column(v):
    """A vector as a matrix of one column."""
    return unsqueeze(v, dim=(len(v.shape),))


def row(v):
    """A vector as a matrix of one row."""
    return unsqueeze(v, dim=(len(v.shape) - 1,))


def sum_batch(x, rank):
    """x summed over all but its last `rank` axes."""
    batch = tuple(range(len(x.shape) - rank))
    return sum_(x, dim=batch, keepdim=False) if batch else x


def left_pullback(g, y, a, b):
    """ā = g bᵀ, with vectors as the rows or columns that they stand for."""
    if len(a.shape) == 1:
        if len(b.shape) == 1:
            return g * b
        if len(b.shape) == 2:
            return matmul(b, g)
        return sum_batch(squeeze(matmul(b, column(g)), dim=(len(b.shape) - 1,)), 1)
    if len(b.shape) == 1:
        return outer(g, b)
    return matmul(g, swap_last(b))


def right_pullback(g, y, a, b):
    """b̄ = aᵀ g, with vectors as the rows or columns that they stand for."""
    if len(b.shape) == 1:
        if len(a.shape) == 1:
            return g * a
        return matmul(swap_last(a), g) if len(a.shape) == 2 else sum_batch(column(g) * a, 1)
    if len(a.shape) == 1:
        return outer(a, g) if len(b.shape) == 2 else column(a) * row(g)
    return matmul(swap_last(a), g)


def _left_numbers(g, y, a, b):
    if a.ndim == b.ndim == 2:
        return np.matmul(g, b.T)
    if a.ndim == 2 and b.ndim > 2:  # one product instead of a batch of them that is summed afterwards
        return np.tensordot(g, b, axes=((*range(b.ndim - 2), b.ndim - 1),) * 2)
    return left_pullback(g, y, a, b)


def _right_numbers(g, y, a, b):
    if a.ndim == b.ndim == 2:
        return np.matmul(a.T, g)
    if a.ndim > 2 and b.ndim <= 2:
        rows = math.prod(a.shape[:-1])
        flat = a.reshape(rows, a.shape[-1])
        return flat.T @ g.reshape(rows, b.shape[1]) if b.ndim == 2 else g.reshape(rows) @ flat
    return right_pullback(g, y, a, b)


def _backward_name(node):
    """PyTorch's name of a @ b, which tells how it computes it."""
    a, b = (x.output.shape for x in node.inputs)
    if len(a) <= 2 and len(b) <= 2:
        return {(2, 2): "MmBackward0", (2, 1): "MvBackward0", (1, 2): "SqueezeBackward4", (1, 1): "DotBackward0"}[
            len(a), len(b)
        ]
    folds = len(a) == 2 or (len(a) > 2 and set(a[:-2]) == {1} and not set(b[:-2]) <= {1})
    return "CloneBackward0" if folds else "UnsafeViewBackward0"


matmul = op(
    "matmul",
    numpy=np.matmul,
    vjp=[left_pullback, right_pullback],
    numeric=[_left_numbers, _right_numbers],
    shape=_matmul_shape,
    normal=product_form,
    types="alike",
    text="{0} {1}",
    torch=_backward_name,
    rule="matrix product",
    says=(
        "The left factor's cotangent is the product's times the right factor transposed, on the right where it stood.",
        "The right factor's cotangent is the left factor transposed, on the left where it stood, times the product's.",
    ),
    law="y = a b;  ā = g bᵀ,  b̄ = aᵀ g",
    linear=(0, 1),
    samples=[call((2, 3), (3, 4)), call((2, 3), (3,)), call((3,), (3, 4)), call((3,), (3,)), call((5, 2, 3), (3, 4)),
             call((5, 2, 3), (5, 3, 4)), call((2, 3), (5, 3, 4)), call((5, 2, 3), (3,)), call((3,), (5, 3, 4)),
             call((6, 1, 2, 3), (5, 3, 4)), call((0, 3), (3, 2)), call((2, 0), (0,)), call((5, 2, 3), (1, 3, 2)),
             call((5, 2, 0), (0, 3)), call((0, 3), (5, 3, 2))],
)  # fmt: skip
TRANSPOSED["matmul"] = product_transposed

outer = op(
    "outer",
    numpy=np.multiply.outer,
    vjp=[
        lambda g, y, u, v: matmul(g, v),
        lambda g, y, u, v: right_pullback(u, None, g, v) if len(u.shape) else g * u,
    ],
    shape=lambda u, v: (*u, *v),
    normal=lambda u, v: None if not v.uniform else v.filled((u * v.expr).expr, (*u.shape, *v.shape))
    if u.uniform else None,
    text="{0} {1}ᵀ",
    torch="MulBackward0",
    rule="outer product",
    says=(
        "Each entry is a product of two: the column gets the cotangent times the row's vector.",
        "Each entry is a product of two: the row's vector gets the cotangent transposed times the column.",
    ),
    law="y_ij = u_i v_j;  ū = g v,  v̄ = gᵀ u",
    linear=(0, 1),
    samples=[call((2,), (3,)), call((4, 2), (3,)), call((0,), (3,)), call((5, 4, 2), (3,))],
)  # fmt: skip
TRANSPOSED["outer"] = outer_transposed


@public("matmul", "Tensor.matmul", "linalg.matmul")
def _matmul(input, other):
    """y = a b, the matrix product, over broadcast batches;  ā = g bᵀ, b̄ = aᵀ g.

    >>> import engine as torch
    >>> torch.matmul(torch.ones(2, 3), torch.ones(3))
    tensor([3., 3.])
    """
    refuse_numbers("matmul", input=input, other=other)
    return matmul(input, other)


@public("Tensor.__rmatmul__")
def _rmatmul(self, other):
    """y = b a, with the tensor on the right."""
    return matmul(other, self)


def _require_rank(x, rank, message):
    if x.ndim != rank:
        raise RuntimeError(message)


def _require_alike(a, b, message):
    """Refuse two dtypes; `message` has places for their names."""
    if dtype_of(a) != dtype_of(b):
        raise RuntimeError(message.format(dtype_name(a), dtype_name(b)))


@public("mm", "Tensor.mm")
def _mm(input, mat2):
    """y = a b of two matrices;  ā = g bᵀ, b̄ = aᵀ g. Nothing broadcasts.

    >>> import engine as torch
    >>> torch.mm(torch.ones(2, 3), torch.ones(3, 1))
    tensor([[3.],
            [3.]])
    """
    refuse_numbers("mm", input=input, mat2=mat2)
    _require_rank(input, 2, "self must be a matrix")
    _require_rank(mat2, 2, "mat2 must be a matrix")
    return matmul(input, mat2)


@public("mv", "Tensor.mv")
def _mv(input, vec):
    """y = A v of a matrix and a vector;  Ā = g vᵀ, v̄ = Aᵀ g.

    >>> import engine as torch
    >>> torch.mv(torch.ones(2, 3), torch.ones(3))
    tensor([3., 3.])
    """
    refuse_numbers("mv", input=input, vec=vec)
    if (input.ndim, vec.ndim) != (2, 1):
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {input.ndim}, {vec.ndim}")
    _require_alike(vec, input, "addmv input tensors must have the same dtype, but got {0}, {1}, and {0}")
    return matmul(input, vec)


@public("dot", "Tensor.dot")
def _dot(input, tensor):
    """y = Σ a_i b_i of two vectors;  ā = g b, b̄ = g a.

    >>> import engine as torch
    >>> torch.dot(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor(11.)
    """
    refuse_numbers("dot", input=input, tensor=tensor)
    if (input.ndim, tensor.ndim) != (1, 1):
        raise RuntimeError(f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors")
    _require_alike(input, tensor, "dot : expected both vectors to have same dtype, but found {0} and {1}")
    return matmul(input, tensor)


@public("vdot", "Tensor.vdot")
def _vdot(input, other):
    """y = Σ a_i b_i of two real vectors, as dot."""
    return _dot(input, other)


@public("inner", "Tensor.inner")
def _inner(input, other):
    """y = sums of products over the last axes of both;  a scalar multiplies.

    >>> import engine as torch
    >>> torch.inner(torch.ones(2, 3), torch.ones(4, 3)).shape
    torch.Size([2, 4])
    """
    if input.ndim == 0 or other.ndim == 0:
        return input * other
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(input.shape)} and {list(other.shape)}"
        )
    if other.ndim <= 2:
        return matmul(input, other if other.ndim == 1 else swap_last(other))
    from engine.ops.contraction import tensordot

    return tensordot(input, other, dims=((-1,), (-1,)))


@public("outer", "Tensor.outer", "ger", "Tensor.ger")
def _outer(input, vec2):
    """y_ij = u_i v_j of two vectors;  ū = g v, v̄ = gᵀ u.

    >>> import engine as torch
    >>> torch.outer(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    refuse_numbers("outer", input=input, vec2=vec2)
    _require_rank(input, 1, f"outer: Expected 1-D argument self, but got {input.ndim}-D")
    _require_rank(vec2, 1, f"outer: Expected 1-D argument vec2, but got {vec2.ndim}-D")
    return outer(input, vec2)


@public("bmm", "Tensor.bmm")
def _bmm(input, mat2):
    """y = a b of two batches of matrices of equal length;  ā = g bᵀ, b̄ = aᵀ g.

    >>> import engine as torch
    >>> torch.bmm(torch.ones(5, 2, 3), torch.ones(5, 3, 4)).shape
    torch.Size([5, 2, 4])
    """
    refuse_numbers("bmm", input=input, mat2=mat2)
    require_batches(input, mat2)
    return matmul(input, mat2)


def require_batches(a, b):
    """Refuse what isn't two batches of matrices that can be multiplied, in PyTorch's words."""
    _require_rank(a, 3, "batch1 must be a 3D tensor")
    _require_rank(b, 3, "batch2 must be a 3D tensor")
    expected = [a.shape[0], a.shape[2]]
    if [b.shape[0], b.shape[1]] != expected:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: {expected} "
            f"but got: [{b.shape[0]}, {b.shape[1]}]."
        )

"""Products built on the matrix product: kron, cross, trace, multi_dot, vecdot."""

import numpy as np

from engine.op import broadcast_shapes, call, op, public
from engine.ops.constants import identity_like
from engine.ops.contraction import einsum
from engine.ops.matrix import matmul
from engine.ops.product_forms import is_identity, made
from engine.ops.reduction import sum_
from engine.ops.shape import TRANSPOSED, axis, reshape, swap_last, unsqueeze
from engine.ops.subscripts import LETTERS
from engine.ops.typing import dtype_name, dtype_of, refuse_numbers

# Kronecker product


def _kron_numbers(a, b):
    spread = a.reshape([size for n in a.shape for size in (n, 1)])
    copies = b.reshape([size for n in b.shape for size in (1, n)])
    return (spread * copies).reshape([n * m for n, m in zip(a.shape, b.shape)])


def _blocks(g, a, b):
    """The cotangent with each axis split into the one of a and the one of b, and the names of these axes."""
    rank = len(a.shape)
    size = tuple(size for pair in zip(a.shape, b.shape) for size in pair)
    names = "".join(LETTERS[2 * at : 2 * at + 2] for at in range(rank))
    return reshape(g, size=size), names


def _kron_left(g, y, a, b):
    blocks, names = _blocks(g, a, b)
    return einsum(blocks, b, equation=f"{names},{names[1::2]}->{names[::2]}")


def _kron_right(g, y, a, b):
    blocks, names = _blocks(g, a, b)
    return einsum(blocks, a, equation=f"{names},{names[::2]}->{names[1::2]}")


kron = op(
    "kron",
    numpy=_kron_numbers,
    vjp=[_kron_left, _kron_right],
    shape=lambda a, b: tuple(n * m for n, m in zip(a, b)),
    text="{0} ⊗ {1}",
    latex=r"{0} \otimes {1}",
    torch="UnsafeViewBackward0",
    rule="Kronecker product",
    says=(
        "An entry of the left factor multiplies a copy of the right one: it gets that block's inner product with it.",
        "Every block is a multiple of the right factor, which gets the sum of them, each times its entry on the left.",
    ),
    law="y = a ⊗ b, blocks a_ij b",
    linear=(0, 1),
    samples=[call((2, 3), (4, 2)), call((2,), (3,)), call((2, 1, 2), (1, 3, 2)), call((0, 2), (2, 2))],
)  # fmt: skip
TRANSPOSED["kron"] = lambda x: kron(*map(swap_last, x.operands)) if len(x.shape) == 2 else None


@public("kron", "Tensor.kron")
def _kron(input, other):
    """y = a ⊗ b, the blocks a_ij b;  ā_ij is the inner product of g's block with b, b̄ = Σ a_ij g's blocks.

    >>> import engine as torch
    >>> torch.kron(torch.tensor([1., 2.]), torch.tensor([1., 1.]))
    tensor([1., 1., 2., 2.])
    """
    refuse_numbers("kron", input=input, other=other)
    rank = max(input.ndim, other.ndim)
    a, b = (unsqueeze(x, dim=tuple(range(rank - x.ndim))) if x.ndim < rank else x for x in (input, other))
    return kron(a, b)


# cross product

cross = op(
    "cross",
    numpy=lambda a, b, dim: (
        np.roll(a, -1, dim) * np.roll(b, -2, dim) - np.roll(a, -2, dim) * np.roll(b, -1, dim)
    ),
    vjp=[lambda g, y, a, b, dim: cross(b, g, dim=dim), lambda g, y, a, b, dim: cross(g, a, dim=dim)],
    shape=lambda a, b, dim: broadcast_shapes(a, b),
    normal=lambda a, b, dim: a.filled(0, broadcast_shapes(a.shape, b.shape)) if a.expr == b.expr else None,
    types="alike",
    text="{0} × {1}",
    latex=r"{0} \times {1}",
    torch="LinalgCrossBackward0",
    rule="cross product",
    says="The triple product g·(a × b) may be turned cyclically, so each vector gets a cross product of the others.",
    law="y = a × b along `dim`;  ā = b × g,  b̄ = g × a",
    linear=(0, 1),
    samples=[call((3,), (3,), dim=0), call((2, 3), (2, 3), dim=1), call((2, 3), (1, 3), dim=1),
             call((3, 2), (3, 2), dim=0), call((0, 3), (0, 3), dim=1)],
)  # fmt: skip


@public("linalg.cross")
def _linalg_cross(input, other, *, dim=-1):
    """y = a × b along an axis of size 3;  ā = b × g, b̄ = g × a. The other axes broadcast.

    >>> import engine as torch
    >>> torch.linalg.cross(torch.tensor([1., 0., 0.]), torch.tensor([0., 1., 0.]))
    tensor([0., 0., 1.])
    """
    if input.ndim != other.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    at = axis(dim, input.ndim)
    if input.shape[at] != 3 or other.shape[at] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {input.shape[at]} and {other.shape[at]}"
        )
    if dtype_of(input) != dtype_of(other):
        raise RuntimeError(f"expected scalar type {dtype_name(input)} but found {dtype_name(other)}")
    return cross(input, other, dim=at)


@public("cross", "Tensor.cross")
def _cross(input, other, dim=None):
    """y = a × b along `dim`, by default the first axis of size 3;  ā = b × g, b̄ = g × a.

    >>> import engine as torch
    >>> torch.cross(torch.tensor([1., 0., 0.]), torch.tensor([0., 1., 0.]), dim=0)
    tensor([0., 0., 1.])
    """
    refuse_numbers("cross", input=input, other=other)
    if dim is None:
        if 3 not in input.shape:
            raise RuntimeError("no dimension of size 3 in input")
        dim = tuple(input.shape).index(3)
    return _linalg_cross(input, other, dim=dim)


# trace


def _trace_form(x):
    if made(x, "permute"):
        return trace(x.operands[0])
    if made(x, "outer"):
        return matmul(*x.operands)
    return x.filled(x.shape[0], ()) if is_identity(x) else None


trace = op(
    "trace",
    numpy=lambda x: np.trace(x),
    vjp=[lambda g, y, x: g * identity_like(x)],
    shape=lambda shape: (),
    normal=_trace_form,
    types=None,
    text="tr({0})",
    latex=r"\operatorname{{tr}}\left({0}\right)",
    saves=False,
    rule="trace",
    says="Each entry of the diagonal counts once, all others not at all: a multiple of the identity.",
    law="y = Σ x_ii;  x̄ = g I",
    linear=(0,),
    samples=[call((3, 3)), call((2, 3)), call((0, 0))],
)


@public("trace", "Tensor.trace")
def _trace(input):
    """y = Σ x_ii, the sum of a matrix's diagonal;  x̄ = g I.

    >>> import engine as torch
    >>> torch.trace(torch.tensor([[1., 2.], [3., 4.]]))
    tensor(5.)
    """
    from engine.ops.typing import summable

    if input.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.ndim}")
    return trace(summable(input, None))


# products of several matrices


@public("linalg.multi_dot")
def _multi_dot(tensors):
    """y = a b c ..., multiplied in the cheapest order; the first and the last may be vectors.

    >>> import engine as torch
    >>> torch.linalg.multi_dot([torch.ones(2, 3), torch.ones(3, 3), torch.ones(3)])
    tensor([9., 9.])
    """
    if len(tensors) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    last = len(tensors) - 1
    for at, x in enumerate(tensors):
        if at in (0, last) and x.ndim not in (1, 2):
            place = "last" if at else "first"
            raise RuntimeError(f"multi_dot(): the {place} tensor must be 1D or 2D but got {x.ndim}D")
        if 0 < at < last and x.ndim != 2:
            raise RuntimeError(f"multi_dot(): tensor {at} must be 2D but got {x.ndim}D")
    for at in range(last):
        if tensors[at].shape[-1] != tensors[at + 1].shape[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {at} and {at + 1} with shapes {list(tensors[at].shape)} and "
                f"{list(tensors[at + 1].shape)} cannot be multiplied"
            )
    return _in_cheapest_order(list(tensors))


def _in_cheapest_order(matrices):
    """The product of a chain: the split of each stretch that costs the fewest multiplications."""
    first, last = matrices[0], matrices[-1]
    rows, columns = (1 if first.ndim == 1 else first.shape[0]), (1 if last.ndim == 1 else last.shape[1])
    sizes = [rows, *(x.shape[0] for x in matrices[1:]), columns]
    count = len(matrices)
    best = {(at, at): (0, at) for at in range(count)}  # a stretch -> (its cost, where to split it)
    for length in range(1, count):
        for start in range(count - length):
            end = start + length
            best[start, end] = min(
                (best[start, at][0] + best[at + 1, end][0] + sizes[start] * sizes[at + 1] * sizes[end + 1], at)
                for at in range(start, end)
            )

    def product(start, end):
        if start == end:
            return matrices[start]
        at = best[start, end][1]
        return matmul(product(start, at), product(at + 1, end))

    return product(0, count - 1)


@public("chain_matmul")
def _chain_matmul(*matrices):
    """y = a b c ... of matrices, multiplied in the cheapest order.

    >>> import engine as torch
    >>> torch.chain_matmul(torch.ones(1, 2), torch.ones(2, 3), torch.ones(3, 1))
    tensor([[6.]])
    """
    for x in matrices:
        if x.ndim != 2:
            raise RuntimeError(f"Tensor dimension is {x.ndim}, expected 2 instead.")
    return matrices[0] if len(matrices) == 1 else _multi_dot(matrices)


@public("linalg.vecdot")
def _vecdot(x, y, *, dim=-1):
    """z = Σ x ⊙ y along `dim`, over broadcast batches;  x̄ = g ⊙ y, ȳ = g ⊙ x.

    >>> import engine as torch
    >>> torch.linalg.vecdot(torch.ones(2, 3), torch.ones(3))
    tensor([3., 3.])
    """
    if dtype_of(x).kind != "f":
        raise RuntimeError(
            f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {dtype_name(x)}"
        )
    if dtype_of(x) != dtype_of(y):
        raise RuntimeError(
            f"linalg.vecdot: Expected x and y to have the same dtype, but found x of type {dtype_name(x)} "
            f"and y of type {dtype_name(y)} instead"
        )
    product = x * y
    return sum_(product, dim=(axis(dim, product.ndim),), keepdim=False)

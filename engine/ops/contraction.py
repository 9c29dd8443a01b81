"""Sums of products over named indices: einsum, tensordot. Specifications are read by engine.ops.subscripts."""

import math

import numpy as np

from engine.op import Every, ShapeError, call, op, public
from engine.ops import subscripts
from engine.ops.contraction_forms import contraction_form
from engine.ops.diagonals import diagonal
from engine.ops.fitting import expand
from engine.ops.reduction import sum_
from engine.ops.shape import permute, squeeze, unsqueeze
from engine.ops.typing import dtype_name, dtype_of


def _split(equation):
    """The indices of each operand and of the output: "ij,jk->ik" -> (["ij", "jk"], "ik")."""
    inputs, out = equation.split("->")
    return inputs.split(","), out


def _shape(*shapes, equation):
    inputs, out = _split(equation)
    sizes = {}
    for indices, shape in zip(inputs, shapes):
        for index, size in zip(indices, shape):
            if sizes.setdefault(index, size) != size:
                raise ShapeError(f"the index {index} of einsum has two sizes: {sizes[index]} meets {size}")
    return tuple(sizes[index] for index in out)


def _numbers(*arrays, equation):
    """The contraction, two operands at a time, the cheapest pair first, each pair as a matrix product."""
    inputs, out = _split(equation)
    left = list(zip(arrays, inputs))
    while len(left) > 2:
        one, other = min(_pairs(left), key=lambda pair: _cost(left, pair))
        (a, a_indices), (b, b_indices) = left[one], left[other]
        rest = [operand for at, operand in enumerate(left) if at not in (one, other)]
        needed = set(out).union(*(indices for _array, indices in rest))
        kept = "".join(index for index in dict.fromkeys(a_indices + b_indices) if index in needed)
        left = [*rest, (_product(a, a_indices, b, b_indices, kept), kept)]
    if len(left) == 1:
        ((a, indices),) = left
        return _ordered(*_reduced(a, indices, out), out)
    (a, a_indices), (b, b_indices) = left
    return _product(a, a_indices, b, b_indices, out)


def _pairs(operands):
    return [(one, other) for other in range(len(operands)) for one in range(other)]


def _cost(operands, pair):
    sizes = {index: size for at in pair for index, size in zip(operands[at][1], operands[at][0].shape)}
    return math.prod(sizes.values())


def _reduced(a, indices, kept):
    """An operand summed over the indices that nothing else has."""
    alone = tuple(at for at, index in enumerate(indices) if index not in kept)
    return (a.sum(axis=alone), "".join(index for index in indices if index in kept)) if alone else (a, indices)


def _ordered(a, indices, out):
    return a.transpose([indices.index(index) for index in out])


def _product(a, a_indices, b, b_indices, out):
    a, a_indices = _reduced(a, a_indices, b_indices + out)
    b, b_indices = _reduced(b, b_indices, a_indices + out)
    sizes = dict(zip(a_indices + b_indices, a.shape + b.shape))
    shared = [index for index in a_indices if index in b_indices]
    batch = [index for index in shared if index in out]
    summed = [index for index in shared if index not in out]
    rows = [index for index in a_indices if index not in b_indices]
    columns = [index for index in b_indices if index not in a_indices]
    size = [math.prod(sizes[index] for index in group) for group in (batch, rows, summed, columns)]
    left = _ordered(a, a_indices, batch + rows + summed).reshape(size[0], size[1], size[2])
    right = _ordered(b, b_indices, batch + summed + columns).reshape(size[0], size[2], size[3])
    made = np.matmul(left, right) if summed else left * right
    found = batch + rows + columns
    return _ordered(made.reshape([sizes[index] for index in found]), found, out)


def _pullback(at, g, y, *operands, equation):
    """x̄ of one operand: the cotangent contracted with the other operands, spread over x's own indices."""
    inputs, out = _split(equation)
    own = inputs[at]
    others = [operand for place, operand in enumerate(operands) if place != at]
    indices = [inputs[place] for place in range(len(inputs)) if place != at]
    known = set(out).union(*indices)
    found = "".join(index for index in own if index in known)
    made = einsum(g, *others, equation=f"{','.join([out, *indices])}->{found}")
    missing = tuple(place for place, index in enumerate(own) if index not in known)
    return expand(unsqueeze(made, dim=missing), size=operands[at].shape) if missing else made


einsum = op(
    "einsum",
    numpy=_numbers,
    vjp=Every(_pullback),
    shape=_shape,
    normal=lambda *operands, equation: contraction_form(operands, *_split(equation)),
    types="alike",
    text="einsum({equation})",
    torch="ViewBackward0",
    rule="sum of products over named indices",
    says="Each operand's cotangent is the same kind of sum: the output's cotangent takes that operand's place.",
    law="y = Σ over the indices that the output lacks of the product of the operands",
    samples=[
        call((2, 3), (3, 4), equation="ij,jk->ik"), call((2, 3), (2, 3), equation="ij,ij->"),
        call((5, 2, 3), (5, 3, 4), equation="bij,bjk->kbi"), call((2,), (3,), equation="i,j->ji"),
        call((2, 3), (4,), equation="ij,k->k"), call((2,), (2, 3), (3,), equation="i,ij,j->"),
        call((2, 3), (3, 4), (4, 2), equation="ij,jk,ki->j"), call((5, 2, 3), (5, 3), equation="bij,bj->bi"),
        call((2, 3, 4), (3, 4, 5), equation="ijk,jkl->li"), call((2, 3), equation="ij->j"),
        call((2, 3), (2, 3), equation="ij,ij->ji"), call((0, 3), (3, 2), equation="ij,jk->k"),
        call((), (2,), equation=",i->i"), call((2, 3, 4, 5), (2, 3, 6, 5), equation="bhqd,bhkd->bhqk"),
    ],
)  # fmt: skip


@public("einsum")
def _einsum(equation, *operands):
    """y = Σ over the indices that the output lacks of the product of the operands; each x̄ is such a sum too.

    An operand's indices are letters, one an axis; a letter that occurs twice in one operand takes its diagonal;
    `...` stands for the axes that aren't named, which broadcast. Without `->` the output has the indices that occur
    once, in the order of the alphabet, capitals first. Errors: RuntimeError where letters and shapes don't fit.

    >>> import engine as torch
    >>> A = torch.tensor([[1., 2.], [3., 4.]])
    >>> torch.einsum("ii", A)
    tensor(5.)
    >>> torch.einsum("ij,jk->ik", A, A)
    tensor([[ 7., 10.],
            [15., 22.]])
    """
    equation, operands = subscripts.arguments(equation, operands)
    inputs, out = subscripts.read(equation, [tuple(x.shape) for x in operands])
    for x in operands[1:]:
        if dtype_of(x) != dtype_of(operands[0]):
            raise RuntimeError(f"expected scalar type {dtype_name(operands[0])} but found {dtype_name(x)}")
    operands, inputs = zip(*map(_without_repeats, operands, inputs))
    operands, inputs = _without_ones(operands, inputs, out)
    if len(operands) == 1:
        return _rearranged(operands[0], inputs[0], out)
    return einsum(*operands, equation=f"{','.join(inputs)}->{out}")


def _without_repeats(x, indices):
    """Diagonals where an index occurs twice."""
    while len(set(indices)) < len(indices):
        repeated = next(index for index in indices if indices.count(index) > 1)
        first = indices.index(repeated)
        second = indices.index(repeated, first + 1)
        rest = [at for at in range(len(indices)) if at not in (first, second)]
        x = diagonal(permute(x, dims=(*rest, first, second)), offset=0)
        indices = "".join(indices[at] for at in rest) + repeated
    return x, indices


def _without_ones(operands, inputs, out):
    """Axes of size one that broadcast against a longer one of the same index are dropped."""
    sizes = {}
    for x, indices in zip(operands, inputs):
        for index, size in zip(indices, x.shape):
            if size != 1:
                sizes[index] = size
    found = []
    for x, indices in zip(operands, inputs):
        ones = tuple(at for at, index in enumerate(indices) if x.shape[at] == 1 and index in sizes)
        if ones:
            x = squeeze(x, dim=ones)
            indices = "".join(index for at, index in enumerate(indices) if at not in ones)
        found.append((x, indices))
    return zip(*found)


def _rearranged(x, indices, out):
    """One operand: sums, then another order of axes."""
    summed = tuple(at for at, index in enumerate(indices) if index not in out)
    if summed:
        x = sum_(x, dim=summed, keepdim=False)
        indices = "".join(index for index in indices if index in out)
    return permute(x, dims=tuple(indices.index(index) for index in out))


@public("tensordot")
def tensordot(a, b, dims=2, out=None):
    """y = sums of products over pairs of axes: the last `dims` of a with the first of b, or two lists of axes.

    >>> import engine as torch
    >>> torch.tensordot(torch.ones(2, 3), torch.ones(3, 4), dims=1).shape
    torch.Size([2, 4])
    """
    first, second = _paired(a, b, dims)
    for one, other in zip(first, second):
        if a.shape[one] != b.shape[other] and 1 not in (a.shape[one], b.shape[other]):
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {a.shape[one]} in dim {one} "
                f"and second has size {b.shape[other]} in dim {other}"
            )
    letters = subscripts.LETTERS
    first, second = ([at % x.ndim for at in axes] for x, axes in ((a, first), (b, second)))
    a_indices = letters[: a.ndim]
    fresh = iter(letters[a.ndim :])
    b_indices = "".join(a_indices[first[second.index(at)]] if at in second else next(fresh) for at in range(b.ndim))
    out = "".join(index for index in a_indices + b_indices if (index in a_indices) != (index in b_indices))
    (a, b), (a_indices, b_indices) = _without_ones((a, b), (a_indices, b_indices), out)
    return einsum(a, b, equation=f"{a_indices},{b_indices}->{out}")


def _paired(a, b, dims):
    """The axes of both operands that are summed, as given."""
    if hasattr(dims, "tolist"):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        return list(range(-dims, 0)), list(range(dims))
    first, second = ([axes] if isinstance(axes, int) else list(axes) for axes in dims)
    if len(first) != len(second):
        raise RuntimeError("both dimension lists should have same length")
    return first, second

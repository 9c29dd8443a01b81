"""Rows of a table by number: one_hot and embedding."""

import numpy as np

from engine.op import call, ints, op, public
from engine.ops.gathering import in_range
from engine.ops.indexing import Key, getitem, put, set_slice


def _classes(ids, num_classes):
    return (np.asarray(ids)[..., None] == np.arange(num_classes)).astype(np.int64)


one_hot = op(
    "one_hot",
    numpy=_classes,
    shape=lambda shape, num_classes: (*shape, num_classes),
    types=None,
    rule="indicator of a class",
    says="Whole numbers don't vary continuously: there is no derivative.",
    law="y_ik = 1 where k is the i-th class, else 0",
    samples=[call(ints((3,), high=4), num_classes=4), call(ints((2, 2), high=3), num_classes=3)],
)


@public("nn.functional.one_hot")
def _one_hot(tensor, num_classes=-1):
    """y_ik = 1 where k is the i-th entry, else 0; as many classes as asked for, or one more than the greatest entry.

    RuntimeError for negative entries and for entries that aren't int64.

    >>> import engine as torch
    >>> torch.nn.functional.one_hot(torch.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    values = tensor._node.output
    if values.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if values.size == 0 and num_classes <= 0:
        raise RuntimeError("Can not infer total number of classes from empty tensor.")
    if values.size and values.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        num_classes = int(values.max()) + 1
    elif num_classes < 1:
        raise RuntimeError("num_classes should be positive")
    elif values.size and values.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return one_hot(tensor, num_classes=num_classes)


embedding = op(
    "embedding",
    numpy=lambda weight, ids: weight[ids],
    vjp=[lambda g, y, weight, ids: put(g, ids, key=Key(("{1}",)), size=weight.shape, counts=()), None],
    shape=lambda weight, ids: (*ids, *weight[1:]),
    text="{0}[{1}]",
    types=None,
    rule="rows of a table",
    says="Each row of the table collects the cotangents of the places that use it.",
    law="y_i = the row of the table with number i",
    source="the adjoint of a selection adds entries back among zeros",
    samples=[call((4, 3), ints((5,), high=4)), call((4, 2), ints((2, 3), high=4)), call((4, 2), ints((0,), high=4))],
    linear=(0,),
)


@public("nn.functional.embedding")
def _embedding(
    input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False
):  # fmt: skip
    """y_i = the row of the table `weight` with number i;  each row's cotangent = the sum of g where it is used.

    The row `padding_idx` counts as constant: it gets no gradient. IndexError for a number without row.

    >>> import engine as torch
    >>> torch.nn.functional.embedding(torch.tensor([1, 1]), torch.tensor([[1., 2.], [3., 4.]]))
    tensor([[3., 4.],
            [3., 4.]])
    """
    if max_norm is not None or scale_grad_by_freq or sparse:
        raise NotImplementedError(
            "embedding() with max_norm, scale_grad_by_freq or sparse isn't supported; leave them at their defaults"
        )
    values = input._node.output
    if values.dtype.kind not in "iu":
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            "torch.FloatTensor instead (while checking arguments for embedding)"
        )
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    rows = weight.shape[0]
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise AssertionError("Padding_idx must be within num_embeddings")
    in_range(input, rows)
    if padding_idx is not None:
        row = Key((int(padding_idx) % rows,))
        weight = set_slice(weight, getitem(weight.detach(), key=row), key=row)
    return embedding(weight, input)

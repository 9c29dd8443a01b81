"""Attention: softmax(QKᵀ/√d) V, with masks."""

import math

import numpy as np

from engine.op import first_shape, op, public
from engine.ops.diagonals import tril
from engine.ops.elementwise import where
from engine.ops.gating import dropout
from engine.ops.matrix import matmul
from engine.ops.shape import swap_last
from engine.ops.softmax import softmax
from engine.tensor import wrap

causal = op(
    "causal",
    numpy=lambda x: np.where(np.tri(*x.shape[-2:], dtype=bool), x, np.array(-np.inf, x.dtype)),
    vjp=[lambda g, y, x: tril(g, diagonal=0)],
    shape=first_shape,
    types=None,
    rule="causal mask",
    says="What lies in the future was replaced by minus infinity, so no cotangent goes back to it.",
    law="y_ij = x_ij where j ≤ i, -∞ elsewhere",
    internal="its outputs are infinite; tried within scaled_dot_product_attention",
)


@public("nn.functional.scaled_dot_product_attention")
def _attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    """y = P V, P = softmax(QKᵀ/√d) by rows;  V̄ = PᵀG, dS = P ⊙ (dP - rowsum(P ⊙ dP)), dP = G Vᵀ, Q̄ = dS K/√d.

    Q has shape [.., l, d], K [.., s, d], V [.., s, v]. A boolean mask says which scores take part, a floating one is
    added to them; `is_causal` masks what lies in the future. A row without any score gives zeros.
    Source: Vaswani and others, Attention Is All You Need, equation 1.

    >>> import engine as torch
    >>> x = torch.tensor([[1., 0.], [0., 1.]])
    >>> torch.nn.functional.scaled_dot_product_attention(x, x, x, is_causal=True)
    tensor([[1.0000, 0.0000],
            [0.3302, 0.6698]])
    """
    if enable_gqa:
        raise NotImplementedError("enable_gqa isn't supported; repeat_interleave the keys and values over the heads")
    if is_causal and attn_mask is not None:
        raise RuntimeError("Explicit attn_mask should not be set when is_causal=True")
    for name, x in (("query", query), ("key", key), ("value", value)):
        if x.dtype != query.dtype:
            raise RuntimeError(
                f"Expected query, key, and value to have the same dtype, but got {name}.dtype: {x.dtype} instead."
            )
    scores = matmul(query, swap_last(key)) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    live = None
    if is_causal:
        scores = causal(scores)
    elif attn_mask is not None:
        scores, live = _masked(scores, attn_mask)
    shares = softmax(scores, dim=(scores.ndim - 1,))
    if live is not None:
        shares = shares * wrap(live.astype(scores.dtype.numpy))
    if dropout_p:
        shares = dropout(shares, dropout_p)
    return matmul(shares, value)


def _masked(scores, mask):
    """The masked scores, and which rows have any, None if all do."""
    values = mask._node.output
    seen = values if values.dtype.kind == "b" else values > -np.inf
    live = seen.any(axis=-1, keepdims=True)
    if live.all():
        live = None
    elif values.dtype.kind == "b":
        mask = wrap(values | ~live)
    else:
        mask = where(wrap(live), mask, 0.0)
    if values.dtype.kind == "b":
        return where(mask, scores, -math.inf), live
    return scores + mask, live

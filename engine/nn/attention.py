"""MultiheadAttention and the Transformer's encoder."""

import copy
import math

import numpy as np

from engine.nn import functional as F
from engine.nn import init
from engine.nn.containers import ModuleList
from engine.nn.layers import Dropout, Linear, empty
from engine.nn.module import Module
from engine.nn.normalization import LayerNorm
from engine.tensor import wrap


class NonDynamicallyQuantizableLinear(Linear):
    """Linear, under the name that PyTorch prints within MultiheadAttention."""


class MultiheadAttention(Module):
    """y = W_o [softmax(Q_h K_hᵀ / √d) V_h side by side for the heads h] + b_o; Q, K, V from query, key, value.

    Sequences come first, (L, N, E), unless batch_first or without a batch, (L, E). Returns (y, attention weights).
    """

    def __init__(
        self, embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None,
        vdim=None, batch_first=False, device=None, dtype=None,
    ):  # fmt: skip
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                f"num_heads={num_heads} instead"
            )
        if embed_dim % num_heads:
            raise AssertionError("embed_dim must be divisible by num_heads")
        if add_bias_kv or add_zero_attn:
            raise NotImplementedError("add_bias_kv and add_zero_attn aren't supported; append rows to key and value")
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = embed_dim, num_heads, dropout, batch_first
        self.head_dim = embed_dim // num_heads
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        alike = self.kdim == embed_dim and self.vdim == embed_dim
        if alike:
            self.in_proj_weight = empty(3 * embed_dim, embed_dim, dtype=dtype)
        else:
            self.q_proj_weight = empty(embed_dim, embed_dim, dtype=dtype)
            self.k_proj_weight = empty(embed_dim, self.kdim, dtype=dtype)
            self.v_proj_weight = empty(embed_dim, self.vdim, dtype=dtype)
        for name in ("q_proj_weight", "k_proj_weight", "v_proj_weight") if alike else ("in_proj_weight",):
            self.register_parameter(name, None)
        self.register_parameter("in_proj_bias", empty(3 * embed_dim, dtype=dtype) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, dtype=dtype)
        for param in self._parameters.values():
            if param is not None and param.ndim == 2:
                init.xavier_uniform_(param)
        if bias:
            init.zeros_(self.out_proj.bias)

    def _projected(self, query, key, value):
        width = self.embed_dim
        biases = (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.split(width)
        if self.in_proj_weight is not None:
            if query is key is value:
                return F.linear(query, self.in_proj_weight, self.in_proj_bias).chunk(3, -1)
            weights = self.in_proj_weight.split(width)
        else:
            weights = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        return [F.linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases)]

    def _heads(self, x):
        """(N, L, E) to (N, heads, L, E / heads)."""
        return x.reshape(x.shape[0], x.shape[1], self.num_heads, self.head_dim).transpose(1, 2)

    def forward(
        self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True,
        is_causal=False,
    ):  # fmt: skip
        if is_causal and attn_mask is None:
            raise RuntimeError("Need attn_mask if specifying the is_causal hint.")
        alone = query.ndim == 2
        same = query is key is value

        def first(x):
            return x.unsqueeze(0) if alone else x if self.batch_first else x.transpose(0, 1)

        query = first(query)
        key, value = (query, query) if same else (first(key), first(value))
        q, k, v = map(self._heads, self._projected(query, key, value))
        if alone and key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
        mask = self._mask(attn_mask, key_padding_mask, q)
        rate = self.dropout if self.training else 0.0
        weights = None
        if need_weights:
            scores = q * (1 / math.sqrt(self.head_dim)) @ k.transpose(-2, -1)
            weights = (scores if mask is None else scores + mask).softmax(-1)
            weights = F.dropout(weights, rate, self.training) if rate else weights
            y = weights @ v
            weights = weights.mean(1) if average_attn_weights else weights
        else:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=rate)
        y = self.out_proj(y.transpose(1, 2).reshape(query.shape[0], query.shape[1], self.embed_dim))
        if alone:
            return y.squeeze(0), None if weights is None else weights.squeeze(0)
        return (y if self.batch_first else y.transpose(0, 1)), weights

    def _mask(self, attn_mask, padding, q):
        """What is added to the scores: 0 or -inf where a mask is boolean."""
        total = None
        if attn_mask is not None:
            total = _added(attn_mask, q)
            if total.ndim == 3:
                total = total.reshape(q.shape[0], self.num_heads, *total.shape[1:])
        if padding is not None:
            rows = _added(padding, q).reshape(q.shape[0], 1, 1, padding.shape[-1])
            total = rows if total is None else total + rows
        return total


def _added(mask, like):
    array = mask._node.output
    if array.dtype != bool:
        return mask
    return wrap(np.where(array, -np.inf, 0.0).astype(like._node.output.dtype))


class TransformerEncoderLayer(Module):
    """y = norm(z + feed-forward z), z = norm(x + attention x); with norm_first, norms before instead."""

    def __init__(
        self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation="relu", layer_norm_eps=1e-5,
        batch_first=False, norm_first=False, bias=True, device=None, dtype=None,
    ):  # fmt: skip
        super().__init__()
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        if isinstance(activation, str) and activation not in ("relu", "gelu"):
            raise RuntimeError(f"activation should be relu/gelu, not {activation}")
        self.activation = getattr(F, activation) if isinstance(activation, str) else activation

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        def attended(x):
            y, _ = self.self_attn(
                x, x, x, key_padding_mask=src_key_padding_mask, need_weights=False, attn_mask=src_mask,
                is_causal=is_causal,
            )  # fmt: skip
            return self.dropout1(y)

        def fed(x):
            return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))

        if self.norm_first:
            x = src + attended(self.norm1(src))
            return x + fed(self.norm2(x))
        x = self.norm1(src + attended(src))
        return self.norm2(x + fed(x))


class TransformerEncoder(Module):
    """y = num_layers copies of a layer one after another, then norm."""

    def __init__(self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True):
        super().__init__()
        self.layers = ModuleList(copy.deepcopy(encoder_layer) for _ in range(num_layers))
        self.num_layers = num_layers
        self.norm = norm

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal=bool(is_causal) and mask is not None)
        return src if self.norm is None else self.norm(src)

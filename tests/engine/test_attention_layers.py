"""Attention and Transformer layers, and the layers with gates, against PyTorch's."""

import numpy as np
import pytest
from module_pairs import check, close, numbers, pair

import engine
from engine import nn

torch = pytest.importorskip("torch")

LAYERS = {
    "glu": (lambda nn: nn.GLU(), [(2, 6)]),
    "encoder layer": (lambda nn: nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0), [(3, 2, 4)]),
    "encoder layer norm first": (
        lambda nn: nn.TransformerEncoderLayer(4, 2, 8, 0.0, "gelu", batch_first=True, norm_first=True), [(3, 2, 4)]),
    "encoder": (lambda nn: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, 0.0), 2, nn.LayerNorm(4)),
                [(3, 2, 4)]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("name", LAYERS)
def test_layer_as_in_pytorch(name):
    make, shapes = LAYERS[name]
    check(*pair(make), shapes)


@pytest.mark.parametrize("settings", [{}, {"batch_first": True}, {"kdim": 3, "vdim": 5}, {"bias": False}], ids=str)
def test_attention_as_in_pytorch(settings):
    ours, theirs = pair(lambda nn: nn.MultiheadAttention(4, 2, **settings))
    assert repr(ours) == repr(theirs)
    q = numbers(3, 2, 4)
    k = numbers(*((3, 6) if "batch_first" in settings else (6, 2)), settings.get("kdim", 4), seed=1)
    v = numbers(*k.shape[:2], settings.get("vdim", 4), seed=2)
    length, keys = (2, 6) if "batch_first" in settings else (3, 6)
    batch = 3 if "batch_first" in settings else 2
    causal = np.triu(np.ones((length, keys), bool), 1)
    padding = np.zeros((batch, keys), bool)
    padding[0, 4:] = True
    for more in ({}, {"attn_mask": causal}, {"attn_mask": causal, "key_padding_mask": padding},
                 {"average_attn_weights": False}, {"need_weights": False}):  # fmt: skip
        given = [
            {name: lift(value) if isinstance(value, np.ndarray) else value for name, value in more.items()}
            for lift in (engine.from_numpy, torch.from_numpy)
        ]
        y, weights = ours(*map(engine.from_numpy, (q, k, v)), **given[0])
        z, others = theirs(*map(torch.from_numpy, (q, k, v)), **given[1])
        close(y, z)
        assert (weights is None) == (others is None)
        if weights is not None:
            close(weights, others)


def test_dropout_keeps_the_mean():
    engine.manual_seed(0)
    layer = nn.Dropout(0.25)
    x = engine.ones(10000, requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert set(np.unique(y.detach().numpy())) == {0, np.float32(4 / 3)}
    assert abs(y.mean().item() - 1) < 0.02
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())
    assert layer.eval()(x).tolist() == x.tolist()
    with pytest.raises(ValueError, match="between 0 and 1"):
        nn.Dropout(2)

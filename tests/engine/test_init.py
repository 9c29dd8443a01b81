"""Starting values as in PyTorch, and clipped gradients."""


import numpy as np
import pytest

import engine
from engine import nn

torch = pytest.importorskip("torch")


STARTS = {
    "linear": lambda nn: nn.Linear(40, 60),
    "conv": lambda nn: nn.Conv2d(8, 16, 5),
    "conv transpose": lambda nn: nn.ConvTranspose2d(8, 16, 5),
    "embedding": lambda nn: nn.Embedding(60, 40),
    "lstm": lambda nn: nn.LSTM(30, 40),
    "attention": lambda nn: nn.MultiheadAttention(32, 4),
    "bilinear": lambda nn: nn.Bilinear(10, 12, 14),
}


@pytest.mark.parametrize("name", STARTS)
def test_starting_values_are_distributed_as_in_pytorch(name):
    torch.manual_seed(0)
    engine.manual_seed(0)
    for mine, other in zip(STARTS[name](nn).parameters(), STARTS[name](torch.nn).parameters()):
        mine, other = mine.detach().numpy().ravel(), other.detach().numpy().ravel()
        if not other.any():
            assert not mine.any()
        elif len(mine) > 500:
            assert abs(mine.std() / other.std() - 1) < 0.1 and abs(mine.mean()) < 0.1 * mine.std()
            if name != "embedding":
                np.testing.assert_allclose(np.abs(mine).max(), np.abs(other).max(), rtol=0.02)


@pytest.mark.parametrize("name, settings", [
    ("kaiming_uniform_", {}), ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}),
    ("kaiming_normal_", {}), ("xavier_uniform_", {"gain": 2.0}), ("xavier_normal_", {}),
    ("uniform_", {"a": -2.0, "b": 1.0}), ("normal_", {"mean": 3.0, "std": 0.5}), ("trunc_normal_", {"std": 2.0}),
    ("ones_", {}), ("zeros_", {}),
    ("constant_", {"val": 4.0}), ("orthogonal_", {}), ("eye_", {}),
])  # fmt: skip
def test_init_as_in_pytorch(name, settings):
    torch.manual_seed(0)
    engine.manual_seed(0)
    ours = getattr(nn.init, name)(engine.ones(60, 50, requires_grad=True), **settings)
    theirs = getattr(torch.nn.init, name)(torch.ones(60, 50), **settings).numpy()
    assert ours.is_leaf and ours.requires_grad
    ours = ours.detach().numpy()
    bounds = () if "normal" in name else (np.min, np.max)
    for measure in (np.mean, np.std, *bounds):
        np.testing.assert_allclose(measure(ours), measure(theirs), atol=0.12 * max(theirs.std(), 1e-9), rtol=0.12)
    if name == "orthogonal_":
        np.testing.assert_allclose(ours.T @ ours, np.eye(50), atol=1e-5)


def test_gradients_are_clipped_as_in_pytorch():
    for p in (2.0, 1.0, float("inf")):
        grads = []
        for module in (engine, torch):
            params = [module.ones(2, 2, requires_grad=True), module.ones(3, requires_grad=True)]
            ((params[0] * 3).sum() + (params[1] * -4).sum()).backward()
            total = module.nn.utils.clip_grad_norm_(params, 1.5, p)
            module.nn.utils.clip_grad_value_(params, 0.4)
            grads.append([total.item(), *(x for param in params for x in param.grad.numpy().ravel())])
        np.testing.assert_allclose(*grads, rtol=1e-6)
    row = nn.utils.parameters_to_vector([engine.ones(2, 1), engine.zeros(1)])
    params = [engine.zeros(2, 1), engine.ones(1)]
    nn.utils.vector_to_parameters(row, params)
    assert params[0].tolist() == [[1], [1]] and params[1].tolist() == [0]

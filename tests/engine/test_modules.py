"""Modules: a PyTorch network's state_dict goes into ours; outputs, gradients and training steps must agree."""

import copy

import numpy as np
import pytest
from module_pairs import check, close, numbers, pair

import engine
from engine import nn

torch = pytest.importorskip("torch")


LAYERS = {
    "linear": (lambda nn: nn.Linear(4, 3), [(5, 4)]),
    "linear without bias": (lambda nn: nn.Linear(4, 3, bias=False), [(2, 5, 4)]),
    "bilinear": (lambda nn: nn.Bilinear(3, 4, 2), [(5, 3), (5, 4)]),
    "identity": (lambda nn: nn.Identity(7, unused=True), [(2, 3)]),
    "conv1d": (lambda nn: nn.Conv1d(2, 3, 3, padding="same", dilation=2), [(2, 2, 9)]),
    "conv2d": (lambda nn: nn.Conv2d(4, 6, (3, 2), stride=2, padding=1, groups=2), [(2, 4, 7, 8)]),
    "conv2d circular": (lambda nn: nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"), [(2, 2, 5, 5)]),
    "conv2d reflect same": (lambda nn: nn.Conv2d(2, 3, 3, padding="same", padding_mode="reflect"), [(2, 2, 5, 5)]),
    "conv3d": (lambda nn: nn.Conv3d(1, 2, 2, bias=False), [(1, 1, 3, 4, 3)]),
    "conv transpose 1d": (lambda nn: nn.ConvTranspose1d(2, 3, 3, 2, 1, 1), [(2, 2, 5)]),
    "conv transpose 2d": (lambda nn: nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1), [(1, 2, 4, 4)]),
    "layer norm": (lambda nn: nn.LayerNorm((3, 4)), [(2, 3, 4)]),
    "layer norm without bias": (lambda nn: nn.LayerNorm(4, bias=False), [(2, 3, 4)]),
    "rms norm": (lambda nn: nn.RMSNorm(4, eps=1e-5), [(2, 3, 4)]),
    "group norm": (lambda nn: nn.GroupNorm(2, 4), [(2, 4, 3, 3)]),
    "batch norm 1d": (lambda nn: nn.BatchNorm1d(4), [(6, 4)]),
    "batch norm 1d of sequences": (lambda nn: nn.BatchNorm1d(4, affine=False), [(6, 4, 3)]),
    "batch norm 2d": (lambda nn: nn.BatchNorm2d(3, momentum=None), [(4, 3, 2, 2)]),
    "batch norm untracked": (lambda nn: nn.BatchNorm2d(3, track_running_stats=False), [(4, 3, 2, 2)]),
    "instance norm": (lambda nn: nn.InstanceNorm2d(3, affine=True), [(4, 3, 5, 2)]),
    "instance norm tracked": (lambda nn: nn.InstanceNorm1d(3, track_running_stats=True), [(4, 3, 5)]),
    "flatten": (lambda nn: nn.Flatten(), [(2, 3, 4)]),
    "unflatten": (lambda nn: nn.Unflatten(1, (2, 3)), [(2, 6)]),
    "max pool": (lambda nn: nn.MaxPool2d(3, 2, 1), [(1, 2, 7, 7)]),
    "average pool 1d": (lambda nn: nn.AvgPool1d(2), [(1, 2, 7)]),
    "average pool": (lambda nn: nn.AvgPool2d(3, 2, 1, count_include_pad=False), [(1, 2, 7, 7)]),
    "adaptive average": (lambda nn: nn.AdaptiveAvgPool2d((2, None)), [(1, 2, 7, 7)]),
    "adaptive maximum": (lambda nn: nn.AdaptiveMaxPool2d(3), [(1, 2, 7, 7)]),
    "upsample": (lambda nn: nn.Upsample(scale_factor=2, mode="bilinear"), [(1, 2, 3, 4)]),
    "upsample size": (lambda nn: nn.Upsample(size=(5, 2)), [(1, 2, 3, 4)]),
    "upsampling bilinear": (lambda nn: nn.UpsamplingBilinear2d(scale_factor=2), [(1, 2, 3, 4)]),
    "pixel shuffle": (lambda nn: nn.PixelShuffle(2), [(1, 4, 3, 4)]),
    "unfold": (lambda nn: nn.Unfold(2, padding=1), [(1, 2, 3, 4)]),
    "fold": (lambda nn: nn.Fold((3, 3), 2), [(1, 8, 4)]),
    "zero pad": (lambda nn: nn.ZeroPad2d((1, 2, 0, 1)), [(1, 2, 3, 4)]),
    "constant pad": (lambda nn: nn.ConstantPad1d(2, 3.5), [(2, 3, 4)]),
    "reflection pad": (lambda nn: nn.ReflectionPad2d(1), [(1, 2, 3, 4)]),
    "replication pad": (lambda nn: nn.ReplicationPad1d(2), [(1, 2, 3)]),
    "prelu": (lambda nn: nn.PReLU(3), [(2, 3, 4)]),
    "softmax": (lambda nn: nn.Softmax(dim=1), [(2, 3)]),
    "log softmax": (lambda nn: nn.LogSoftmax(-1), [(2, 3)]),
    "softmax 2d": (lambda nn: nn.Softmax2d(), [(2, 3, 4, 4)]),
    "cosine": (lambda nn: nn.CosineSimilarity(), [(2, 6), (2, 6)]),
    **{
        name: (lambda nn, name=name: getattr(nn, name)(), [(3, 4)])
        for name in ("ReLU", "ReLU6", "LeakyReLU", "ELU", "CELU", "SELU", "GELU", "SiLU", "Mish", "Sigmoid", "Tanh",
                     "LogSigmoid", "Softplus", "Softsign", "Tanhshrink", "Hardsigmoid", "Hardswish", "Hardtanh",
                     "Softshrink", "Hardshrink")
    },
    "gelu tanh": (lambda nn: nn.GELU("tanh"), [(3, 4)]),
    "leaky relu": (lambda nn: nn.LeakyReLU(0.2, inplace=True), [(3, 4)]),
    "threshold": (lambda nn: nn.Threshold(0.1, 2.0), [(3, 4)]),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_layer_as_in_pytorch(name):
    make, shapes = LAYERS[name]
    check(*pair(make), shapes)


LOSSES = {
    "MSELoss": [numbers(3, 4), numbers(3, 4, seed=1)],
    "L1Loss": [numbers(3, 4), numbers(3, 4, seed=1)],
    "SmoothL1Loss": [numbers(3, 4), numbers(3, 4, seed=1)],
    "HuberLoss": [numbers(3, 4), numbers(3, 4, seed=1)],
    "SoftMarginLoss": [numbers(3, 4), np.sign(numbers(3, 4, seed=1))],
    "KLDivLoss": [numbers(3, 4), np.abs(numbers(3, 4, seed=1))],
    "CrossEntropyLoss": [numbers(3, 4), np.array([0, 3, 1])],
    "NLLLoss": [numbers(3, 4), np.array([0, 3, 1])],
    "BCELoss": [np.abs(np.tanh(numbers(3, 4))), np.abs(np.tanh(numbers(3, 4, seed=1)))],
    "BCEWithLogitsLoss": [numbers(3, 4), np.abs(np.tanh(numbers(3, 4, seed=1)))],
    "HingeEmbeddingLoss": [numbers(3, 4), np.sign(numbers(3, 4, seed=1))],
    "MarginRankingLoss": [numbers(3), numbers(3, seed=1), np.sign(numbers(3, seed=2))],
    "TripletMarginLoss": [numbers(3, 4), numbers(3, 4, seed=1), numbers(3, 4, seed=2)],
    "CosineEmbeddingLoss": [numbers(3, 4), numbers(3, 4, seed=1), np.sign(numbers(3, seed=2))],
    "GaussianNLLLoss": [numbers(3, 4), numbers(3, 4, seed=1), np.abs(numbers(3, 4, seed=2))],
    "PoissonNLLLoss": [numbers(3, 4), np.abs(numbers(3, 4, seed=1))],
}


@pytest.mark.filterwarnings("ignore:reduction")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", LOSSES)
def test_loss_as_in_pytorch(name, reduction):
    ours, theirs = (getattr(module, name)(reduction=reduction) for module in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    first, *others = LOSSES[name]
    x, z = engine.from_numpy(first).requires_grad_(), torch.from_numpy(first).requires_grad_()
    y = ours(x, *map(engine.from_numpy, others))
    w = theirs(z, *map(torch.from_numpy, others))
    close(y, w)
    y.sum().backward()
    w.sum().backward()
    close(x.grad, z.grad)


def test_loss_weights_are_buffers():
    weight = engine.tensor([1.0, 2.0])
    loss = nn.CrossEntropyLoss(weight=weight, ignore_index=1, label_smoothing=0.1)
    assert [name for name, _ in loss.named_buffers()] == ["weight"]
    assert loss.ignore_index == 1 and loss.label_smoothing == 0.1
    with pytest.raises(TypeError, match="reduction"):
        nn.MSELoss(size_average=False)


RECURRENT = {
    "RNN": lambda nn: nn.RNN(3, 4),
    "RNN relu": lambda nn: nn.RNN(3, 4, nonlinearity="relu", num_layers=2),
    "LSTM": lambda nn: nn.LSTM(3, 4, 2, batch_first=True),
    "LSTM both ways": lambda nn: nn.LSTM(3, 4, num_layers=2, bidirectional=True),
    "LSTM without bias": lambda nn: nn.LSTM(3, 4, bias=False),
    "GRU": lambda nn: nn.GRU(3, 4, 2),
    "GRU both ways": lambda nn: nn.GRU(3, 4, bidirectional=True, batch_first=True),
}


@pytest.mark.parametrize("shape", [(5, 2, 3), (5, 3)])
@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_layer_as_in_pytorch(name, shape):
    ours, theirs = pair(RECURRENT[name])
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    x, z = engine.from_numpy(numbers(*shape)), torch.from_numpy(numbers(*shape))
    outputs = [ours(x), theirs(z)]
    flat = [[y, *(state if isinstance(state, tuple) else (state,))] for y, state in outputs]
    for one, other in zip(*flat):
        close(one, other)
    for module, results in zip((ours, theirs), flat):
        sum((y * y).sum() for y in results).backward()
        assert all(param.grad is not None for param in module.parameters())
    for param, other in zip(ours.parameters(), theirs.parameters()):
        close(param.grad, other.grad, 1e-4)
    states = outputs[0][1], outputs[1][1]
    for one, other in zip(ours(x, states[0]), theirs(z, states[1])):
        for a, b in zip(one, other) if isinstance(one, tuple) else [(one, other)]:
            close(a, b)


@pytest.mark.parametrize("name", ["RNNCell", "LSTMCell", "GRUCell"])
def test_cell_as_in_pytorch(name):
    ours, theirs = pair(lambda nn: getattr(nn, name)(3, 4))
    assert repr(ours) == repr(theirs)
    state, other = None, None
    for at in range(3):
        state = ours(engine.from_numpy(numbers(2, 3, seed=at)), state)
        other = theirs(torch.from_numpy(numbers(2, 3, seed=at)), other)
    for a, b in zip(state, other) if isinstance(state, tuple) else [(state, other)]:
        close(a, b)


def test_embedding_as_in_pytorch():
    ours, theirs = pair(lambda nn: nn.Embedding(5, 3, padding_idx=-1))
    assert repr(ours) == repr(theirs) == "Embedding(5, 3, padding_idx=4)"
    at = np.array([[0, 4], [2, 0]])
    for module, lift in ((ours, engine.from_numpy), (theirs, torch.from_numpy)):
        (module(lift(at)) ** 2).sum().backward()
    close(ours.weight.grad, theirs.weight.grad)
    assert nn.Embedding(5, 3, padding_idx=2).weight[2].tolist() == [0, 0, 0]


def network(nn):
    """The network of many a tutorial."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 3, 3, bias=False)  # the normalisation undoes a bias
            self.bn = nn.BatchNorm2d(3)
            self.pool = nn.MaxPool2d(2)
            self.blocks = nn.ModuleList([nn.Linear(27, 8), nn.Linear(8, 8)])
            self.heads = nn.ModuleDict({"class": nn.Linear(8, 4)})
            self.scale = nn.Parameter(self.conv1.weight.detach().sum() * 0 + 1)

        def forward(self, x):
            x = self.pool(self.bn(self.conv1(x)).relu())
            x = x.flatten(1)
            for block in self.blocks:
                x = block(x).relu()
            return self.heads["class"](x) * self.scale

    return Net()


def test_names_of_parameters_and_modules():
    ours, theirs = pair(network)
    assert repr(ours) == repr(theirs)
    for attribute in ("named_parameters", "named_modules", "named_children", "named_buffers"):
        mine, others = (list(getattr(module, attribute)()) for module in (ours, theirs))
        assert [name for name, _ in mine] == [name for name, _ in others]
    assert len(list(ours.modules())) == len(list(theirs.modules()))
    assert len(list(ours.children())) == len(list(theirs.children()))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert ours.get_submodule("heads.class") is ours.heads["class"]
    assert ours.get_parameter("blocks.0.bias") is ours.blocks[0].bias


@pytest.mark.parametrize("method", ["SGD", "Adam"])
def test_twenty_training_steps(method):
    ours, theirs = pair(network)
    x, labels = numbers(16, 1, 8, 8), np.random.default_rng(3).integers(0, 4, 16)
    losses = []
    for module, package in ((ours, engine), (theirs, torch)):
        settings = {"momentum": 0.9, "weight_decay": 1e-3} if method == "SGD" else {}
        optimizer = getattr(package.optim, method)(module.parameters(), lr=0.01, **settings)
        criterion = package.nn.CrossEntropyLoss()
        history = []
        for _ in range(20):
            optimizer.zero_grad()
            loss = criterion(module(package.from_numpy(x)), package.from_numpy(labels))
            loss.backward()
            optimizer.step()
            history.append(loss.item())
        losses.append(history)
    np.testing.assert_allclose(*losses, rtol=1e-4)
    assert losses[0][-1] < losses[0][0]
    for mine, other in zip(ours.state_dict().values(), theirs.state_dict().values()):
        close(mine, other, 2e-3)


def test_state_dict_shares_memory_and_loads_into_another():
    one, other = network(nn), network(nn)
    state = one.state_dict()
    with engine.no_grad():
        one.conv1.weight.fill_(7.0)
    assert (state["conv1.weight"].numpy() == 7).all()
    assert not state["conv1.weight"].requires_grad
    other.load_state_dict(state)
    assert (other.conv1.weight.detach().numpy() == 7).all()
    one.conv1.weight.data.fill_(1.0)
    assert (other.conv1.weight.detach().numpy() == 7).all()


def test_wrong_state_dicts_are_refused():
    net = nn.Linear(2, 3)
    with pytest.raises(RuntimeError, match='Missing key.*"bias"'):
        net.load_state_dict({"weight": engine.ones(3, 2)})
    with pytest.raises(RuntimeError, match='Unexpected key.*"extra"'):
        net.load_state_dict({"weight": engine.ones(3, 2), "bias": engine.ones(3), "extra": engine.ones(1)})
    with pytest.raises(RuntimeError, match=r"size mismatch for weight.*\[2, 2\].*\[3, 2\]"):
        net.load_state_dict({"weight": engine.ones(2, 2), "bias": engine.ones(3)})
    keys = net.load_state_dict({"weight": engine.ones(3, 2)}, strict=False)
    assert keys.missing_keys == ["bias"] and keys.unexpected_keys == []


def test_attributes():
    net = nn.Module()
    net.w = nn.Parameter(engine.ones(2))
    net.register_buffer("b", engine.zeros(2))
    net.register_buffer("c", engine.zeros(2), persistent=False)
    net.plain = 3
    assert list(net.state_dict()) == ["w", "b"] and "plain" not in net._buffers
    net.b = engine.ones(2)
    assert net.state_dict()["b"].tolist() == [1, 1]
    with pytest.raises(TypeError, match="as parameter 'w'"):
        net.w = engine.ones(2)
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        net.missing  # noqa: B018
    with pytest.raises(KeyError, match="already exists"):
        net.register_buffer("plain", engine.ones(2))
    del net.w
    assert list(net.parameters()) == []

    class Hasty(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call"):
        Hasty()
    with pytest.raises(NotImplementedError, match="forward"):
        nn.Module()(1)


def test_modes_dtypes_and_application():
    net = network(nn)
    assert net.eval() is net and not net.bn.training
    assert net.train().bn.training
    net.double()
    assert {p.dtype for p in net.parameters()} == {engine.float64} and net.bn.running_mean.dtype is engine.float64
    assert net.bn.num_batches_tracked.dtype is engine.int64
    param = net.conv1.weight
    net.to(engine.float32)
    assert net.conv1.weight is param and param.dtype is engine.float32 and param.is_leaf and param.requires_grad
    net.to("cpu")
    seen = []
    net.apply(lambda module: seen.append(type(module).__name__))
    assert seen[-1] == "Net" and len(seen) == len(list(net.modules()))
    net.requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())


def test_gradients_are_forgotten():
    net = nn.Linear(2, 1)
    net(engine.ones(1, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.weight.grad.tolist() == [[0, 0]]
    net.zero_grad()
    assert net.weight.grad is None


def test_copies_are_independent():
    net = network(nn)
    twin = copy.deepcopy(net)
    assert repr(twin) == repr(net)
    with engine.no_grad():
        net.scale.fill_(5.0)
    assert twin.scale.item() == 1 and twin.scale is not net.scale
    assert len(list(twin.parameters())) == len(list(net.parameters()))


def test_shared_parameters_are_found_once():
    first = nn.Linear(2, 2)
    net = nn.Sequential(first, first)
    assert len(list(net.parameters())) == 2
    assert len(net.state_dict()) == 4


def test_containers():
    a, b, c = nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1)
    net = nn.Sequential(a, b).append(c)
    assert len(net) == 3 and net[-1] is c and list(net[:2]) == [a, b]
    net[1] = nn.Tanh()
    assert isinstance(net[1], nn.Tanh)
    several = nn.ModuleList([a])
    several.extend([b, c])
    several.insert(1, nn.Identity())
    assert [type(m).__name__ for m in several] == ["Linear", "Identity", "ReLU", "Linear"]
    with pytest.raises(IndexError):
        several[9]
    names = nn.ModuleDict({"a": a})
    names["b"] = b
    assert "b" in names and list(names.keys()) == ["a", "b"] and len(names) == 2
    params = nn.ParameterList([engine.ones(2), nn.Parameter(engine.zeros(1))])
    assert [name for name, _ in params.named_parameters()] == ["0", "1"]
    assert list(nn.ParameterDict({"w": engine.ones(1)}).named_parameters())[0][0] == "w"
    named = nn.Sequential({"first": a, "second": c})
    assert list(named.state_dict()) == ["first.weight", "first.bias", "second.weight", "second.bias"]


def test_forward_hooks():
    net = nn.Linear(1, 1)
    handle = net.register_forward_hook(lambda module, args, y: y * 0 + 5)
    assert net(engine.ones(1)).tolist() == [5]
    handle.remove()
    assert net(engine.ones(1)).tolist() != [5]


def test_parameters_print_as_in_pytorch():
    value = np.array([1.0, 2.5], "float32")
    theirs = torch.nn.Parameter(torch.from_numpy(value))
    assert repr(nn.Parameter(engine.from_numpy(value))) == repr(theirs)
    assert repr(nn.Parameter(engine.from_numpy(value), requires_grad=False)) == repr(
        torch.nn.Parameter(torch.from_numpy(value), requires_grad=False)
    )
    with pytest.raises(RuntimeError, match="floating point"):
        nn.Parameter(engine.tensor([1]))

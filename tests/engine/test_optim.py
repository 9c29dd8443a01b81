"""Optimisers and schedules step by step against PyTorch's."""

import numpy as np
import pytest

import engine
from engine.tensor import of_node

torch = pytest.importorskip("torch")

METHODS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "maximize": True}),
    ("SGD", {}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "maximize": True}),
    ("Adam", {"decoupled_weight_decay": True, "weight_decay": 0.3}),
    ("AdamW", {"lr": 0.1}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.5, "amsgrad": True}),
    ("RMSprop", {"lr": 0.1}),
    ("RMSprop", {"lr": 0.1, "alpha": 0.9, "centered": True, "momentum": 0.9, "weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.1}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.7, "weight_decay": 0.1, "maximize": True}),
    ("Adamax", {"lr": 0.1}),
    ("Adamax", {"lr": 0.1, "betas": (0.8, 0.95), "weight_decay": 0.1}),
    ("NAdam", {"lr": 0.1}),
    ("NAdam", {"lr": 0.1, "momentum_decay": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"lr": 0.1}),
    ("RAdam", {"lr": 0.1, "betas": (0.8, 0.95), "weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
]


def start(module, dtype="float64"):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in ((3, 4), (4,), ())]
    return [module.from_numpy(np.array(array)).requires_grad_() for array in arrays]


def run(module, name, settings, steps=12, dtype="float64"):
    """The parameters after each step down a crooked valley."""
    a, b, c = start(module, dtype)
    optimizer = getattr(module.optim, name)([{"params": [a, c]}, {"params": b, "lr": 0.05}], **settings)
    trace = []
    for _ in range(steps):
        optimizer.zero_grad()
        ((a * b).tanh().sum() * c + (a * a * a).sum() * 0.1 + (b - 1).exp().sum() + c * c).backward()
        optimizer.step()
        trace.append(np.concatenate([np.array(p.detach().numpy()).ravel() for p in (a, b, c)]))
    return np.array(trace)


@pytest.mark.parametrize("name, settings", METHODS)
def test_steps_as_in_pytorch(name, settings):
    np.testing.assert_allclose(run(engine, name, settings), run(torch, name, settings), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name, settings", METHODS)
def test_steps_in_float32(name, settings):
    ours, theirs = (run(module, name, settings, dtype="float32") for module in (engine, torch))
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name, settings", METHODS)
def test_going_on_from_a_state_dict(name, settings):
    def train(params, optimizer, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            sum((p * p * p).sum() for p in params).backward()
            optimizer.step()

    params = start(engine)
    optimizer = getattr(engine.optim, name)(params, **settings)
    train(params, optimizer, 3)
    again = [p.detach().clone().requires_grad_() for p in params]
    resumed = getattr(engine.optim, name)(again, lr=9.0)
    resumed.load_state_dict(optimizer.state_dict())
    train(params, optimizer, 3)
    train(again, resumed, 3)
    for one, other in zip(params, again):
        assert one.tolist() == other.tolist()


def test_the_tape_keeps_the_values_it_was_computed_from():
    """After a step, a recorded program still has the gradient at the old parameters."""
    w = engine.tensor([[1.0, 2.0]], requires_grad=True)
    y = (w.T * w.T).sum()
    optimizer = engine.optim.SGD([w], lr=0.5)
    node = w._node
    y.backward(retain_graph=True)
    optimizer.step()
    assert w.tolist() == [[0.0, 0.0]] and w.is_leaf and w.requires_grad
    (g,) = engine.autograd.grad(y, [of_node(node)])
    assert g.tolist() == [[2.0, 4.0]]


def test_parameters_without_gradient_stay():
    a, b = engine.ones(2, requires_grad=True), engine.ones(2, requires_grad=True)
    optimizer = engine.optim.Adam([a, b], lr=0.1)
    a.sum().backward()
    optimizer.step()
    assert b.tolist() == [1, 1] and a.tolist() != [1, 1]
    optimizer.zero_grad(set_to_none=False)
    assert a.grad.tolist() == [0, 0] and b.grad is None
    optimizer.zero_grad()
    assert a.grad is None


def test_closure():
    w = engine.tensor([1.0], requires_grad=True)
    optimizer = engine.optim.SGD([w], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with engine.no_grad():
        assert optimizer.step(closure).item() == 1
    assert w.item() == pytest.approx(0.8)


def test_groups():
    a, b = engine.ones(2, requires_grad=True), engine.ones(2, requires_grad=True)
    optimizer = engine.optim.SGD([a], lr=0.1, momentum=0.5)
    optimizer.add_param_group({"params": [b], "lr": 1.0})
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 1.0]
    assert optimizer.param_groups[1]["momentum"] == 0.5
    named = engine.optim.SGD([("a", a)], lr=0.1)
    assert named.param_groups[0]["params"][0] is a
    assert "Parameter Group 0" in repr(optimizer) and "lr: 0.1" in repr(optimizer)


@pytest.mark.parametrize("name, settings", [
    ("SGD", {"lr": -1.0}), ("SGD", {"lr": 0.1, "momentum": -1.0}), ("SGD", {"lr": 0.1, "nesterov": True}),
    ("Adam", {"lr": -1.0}), ("Adam", {"betas": (1.0, 0.9)}), ("Adam", {"eps": -1.0}), ("Adam", {"weight_decay": -1.0}),
    ("RMSprop", {"lr": -1.0}), ("Adagrad", {"lr": -1.0}),
])  # fmt: skip
def test_settings_are_refused_in_pytorchs_words(name, settings):
    with pytest.raises(ValueError) as theirs:
        getattr(torch.optim, name)([torch.ones(1, requires_grad=True)], **settings)
    with pytest.raises(ValueError) as ours:
        getattr(engine.optim, name)([engine.ones(1, requires_grad=True)], **settings)
    assert str(ours.value) == str(theirs.value)


def test_wrong_parameters_are_refused_in_pytorchs_words():
    for wrong in (lambda m: m.ones(1), lambda m: [], lambda m: [m.ones(1, requires_grad=True) * 2], lambda m: [3]):
        with pytest.raises((TypeError, ValueError)) as theirs:
            torch.optim.SGD(wrong(torch), lr=0.1)
        with pytest.raises(type(theirs.value)) as ours:
            engine.optim.SGD(wrong(engine), lr=0.1)
        assert str(ours.value) == str(theirs.value)


SCHEDULES = [
    ("StepLR", {"step_size": 3, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [2, 5, 5]}),
    ("ExponentialLR", {"gamma": 0.8}),
    ("CosineAnnealingLR", {"T_max": 8, "eta_min": 0.01}),
    ("LinearLR", {"start_factor": 0.5, "total_iters": 4}),
    ("ConstantLR", {"factor": 0.25, "total_iters": 3}),
    ("PolynomialLR", {"total_iters": 6, "power": 2.0}),
    ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.01}),
    ("LambdaLR", {"lr_lambda": lambda epoch: 1 / (1 + epoch)}),
]


@pytest.mark.filterwarnings("ignore:Detected call of")
@pytest.mark.parametrize("name, settings", SCHEDULES)
def test_schedules_as_in_pytorch(name, settings):
    traces = []
    for module in (engine, torch):
        groups = [{"params": [module.ones(1, requires_grad=True)], "lr": lr} for lr in (0.5, 0.1)]
        optimizer = module.optim.SGD(groups, lr=0.5)
        schedule = getattr(module.optim.lr_scheduler, name)(optimizer, **settings)
        trace = []
        for _ in range(12):
            trace.append([*schedule.get_last_lr(), *(group["lr"] for group in optimizer.param_groups)])
            optimizer.step()
            schedule.step()
        traces.append(trace)
    np.testing.assert_allclose(*traces, rtol=1e-12)


@pytest.mark.parametrize("settings", [{}, {"mode": "max", "threshold_mode": "abs", "cooldown": 1, "min_lr": 0.02}])
def test_plateaus_as_in_pytorch(settings):
    traces = []
    for module in (engine, torch):
        optimizer = module.optim.SGD([module.ones(1, requires_grad=True)], lr=0.5)
        schedule = module.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, **settings)
        trace = []
        for k in range(20):
            schedule.step(module.tensor(abs(k - 6.0) if k % 3 else 5.0))
            trace.append([optimizer.param_groups[0]["lr"], schedule.num_bad_epochs, schedule.best])
        traces.append(trace)
    np.testing.assert_allclose(*traces, rtol=1e-12)


@pytest.mark.parametrize("name", sorted({name for name, _settings in METHODS}))
def test_settings_and_state_read_as_in_pytorch(name):
    shown = []
    for library in (engine, torch):
        p = library.tensor([1.0, -2.0], requires_grad=True)
        optimizer = getattr(library.optim, name)([p], lr=0.125)
        (p * p).sum().backward()
        optimizer.step()
        shown.append((repr(optimizer), repr(optimizer.state_dict())))
    assert shown[0] == shown[1]

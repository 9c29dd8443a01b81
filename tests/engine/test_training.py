"""Whole training programs, run unchanged with our modules standing for PyTorch's: the same numbers at every step.

A program calls `begin(model)` once its model is made, which copies PyTorch's initial weights, and `tell(...)` with
what is compared. Both libraries compute in float64 here, so that agreement means something after many steps.
"""

import sys

import numpy as np
import pytest

import engine
import engine.func
import engine.nn
import engine.nn.functional
import engine.optim
import engine.utils.data
from engine.optim import lr_scheduler

MODULES = {
    "torch": engine, "torch.nn": engine.nn, "torch.nn.functional": engine.nn.functional, "torch.optim": engine.optim,
    "torch.optim.lr_scheduler": lr_scheduler, "torch.utils": engine.utils, "torch.utils.data": engine.utils.data,
    "torch.autograd": engine.autograd, "torch.func": engine.func,
}  # fmt: skip

BY_HAND = """
import torch

x = torch.linspace(-1, 1, 40)
y = 0.5 - 2 * x + 3 * x ** 2
a = torch.zeros((), requires_grad=True)
b = torch.zeros((), requires_grad=True)
c = torch.zeros((), requires_grad=True)
for step in range(200):
    guess = a + b * x + c * x ** 2
    loss = ((guess - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c):
            p -= 0.3 * p.grad
            p.grad.zero_()
    if step % 50 == 0:
        tell(loss.item())
tell(a, b, c)
"""

SINE = """
import torch
from torch import nn

class Curve(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(1, width), nn.Tanh(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1)
        )
        self.register_buffer("scale", torch.tensor(2.0))

    def forward(self, x):
        return self.scale * self.layers(x)

x = torch.linspace(-3, 3, 64).unsqueeze(1)
y = torch.sin(x)
model = Curve(16)
begin(model)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4, nesterov=True)
for epoch in range(30):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    tell(loss.item())
model.eval()
with torch.inference_mode():
    tell(model(x))
tell(sum(p.numel() for p in model.parameters() if p.requires_grad))
"""

IMAGES = """
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

class Stripes(Dataset):
    def __init__(self, data):
        self.images = torch.from_numpy(data)
        self.labels = (self.images.mean(dim=(1, 2, 3)) > 0).long()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, at):
        return self.images[at], self.labels[at]

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 6, kernel_size=3, padding=1, bias=False)  # the norm would take a bias away
        self.norm = nn.BatchNorm2d(6)
        self.conv2 = nn.Conv2d(6, 8, 3, stride=2)
        self.drop = nn.Dropout(0.0)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv1(x))), 2)
        x = F.relu(self.conv2(x))
        x = F.adaptive_avg_pool2d(x, 1)
        return self.fc(self.drop(torch.flatten(x, 1)))

device = "cuda" if torch.cuda.is_available() else "cpu"
loader = DataLoader(Stripes(numbers(24, 2, 9, 9)), batch_size=8)
model = Net().to(device)
begin(model)
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(3):
    model.train()
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        loss = loss_fn(model(images), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        tell(loss)
model.eval()
right = 0
with torch.no_grad():
    for images, labels in loader:
        right += (model(images).argmax(1) == labels).sum().item()
tell(right, model.norm.running_mean, model.norm.running_var, model.norm.num_batches_tracked)
"""

SEQUENCES = """
import torch
from torch import nn, optim
from torch.optim.lr_scheduler import StepLR

class Tagger(nn.Module):
    def __init__(self, letters, width, tags):
        super().__init__()
        self.embedding = nn.Embedding(letters, width)
        self.lstm = nn.LSTM(width, width, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * width, tags)

    def forward(self, ids):
        out, (h, c) = self.lstm(self.embedding(ids))
        return self.head(out), h

ids = (torch.arange(30).view(5, 6) * 7) % 10
tags = (ids % 3 == 0).long()
model = Tagger(10, 8, 2)
begin(model)
optimizer = optim.RMSprop(model.parameters(), lr=5e-3)
scheduler = StepLR(optimizer, step_size=3, gamma=0.5)
criterion = nn.NLLLoss()
for step in range(8):
    scores, hidden = model(ids)
    loss = criterion(torch.log_softmax(scores, dim=-1).view(-1, 2), tags.view(-1))
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.5)
    optimizer.step()
    scheduler.step()
    tell(loss.item(), norm, optimizer.param_groups[0]["lr"], hidden)
gru = nn.GRU(4, 3)
begin(gru)
cell = nn.LSTMCell(4, 3)
begin(cell)
x = torch.from_numpy(numbers(5, 2, 4)).requires_grad_()
out, h = gru(x)
state = (torch.zeros(2, 3), torch.zeros(2, 3))
for row in x:
    state = cell(row, state)
(out.sum() + state[0].pow(2).sum()).backward()
tell(out, state[1], x.grad)
"""

ATTENTION = """
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).chunk(3, dim=-1)
        q, k, v = (t.view(batch, length, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
        mask = torch.tril(torch.ones(length, length)).bool()
        weights = scores.masked_fill(~mask, float("-inf")).softmax(dim=-1)
        tell(torch.allclose(weights @ v, F.scaled_dot_product_attention(q, k, v, is_causal=True)))
        mixed = (weights @ v).transpose(1, 2).contiguous().view(batch, length, width)
        x = x + self.out(mixed)
        return x + self.mlp(self.norm2(x))

class Language(nn.Module):
    def __init__(self, letters=11, width=8, heads=2, depth=2, length=7):
        super().__init__()
        self.token = nn.Embedding(letters, width)
        self.place = nn.Parameter(torch.zeros(length, width))
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(depth)])
        self.head = nn.Linear(width, letters)

    def forward(self, ids):
        x = self.token(ids) + self.place[: ids.size(1)]
        for block in self.blocks:
            x = block(x)
        return self.head(x)

text = (torch.arange(24).reshape(3, 8) ** 2) % 11
model = Language()
begin(model)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.1)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)
for step in range(6):
    logits = model(text[:, :-1])
    loss = F.cross_entropy(logits.reshape(-1, 11), text[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    tell(loss, math.exp(loss.item()))
tell(logits.argmax(-1))
"""

OPPONENTS = """
import torch
from torch import nn

maker = nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(0.2), nn.Linear(8, 2))
judge = nn.Sequential(nn.Linear(2, 8), nn.ELU(), nn.Linear(8, 1))
begin(maker)
begin(judge)
bce = nn.BCEWithLogitsLoss()
for_maker = torch.optim.Adam(maker.parameters(), lr=0.01, betas=(0.5, 0.999))
for_judge = torch.optim.Adagrad(judge.parameters(), lr=0.05)
real = torch.from_numpy(numbers(16, 2)) + 3
ones, zeros = torch.ones(16, 1), torch.zeros(16, 1)
for step in range(5):
    noise = torch.from_numpy(numbers(16, 3, seed=step))
    fake = maker(noise)
    judge_loss = bce(judge(real), ones) + bce(judge(fake.detach()), zeros)
    for_judge.zero_grad()
    judge_loss.backward()
    for_judge.step()
    maker_loss = bce(judge(fake), ones)
    for_maker.zero_grad()
    maker_loss.backward()
    for_maker.step()
    tell(judge_loss, maker_loss, fake.detach().mean(0))
"""

SECOND_ORDER = """
import torch
from torch import nn

net = nn.Sequential(nn.Linear(1, 10), nn.Softplus(), nn.Linear(10, 1))
begin(net)
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
x = torch.linspace(0, 1, 12).reshape(-1, 1).requires_grad_(True)
for step in range(10):
    u = net(x)
    du, = torch.autograd.grad(u, x, torch.ones_like(u), create_graph=True)
    ddu = torch.autograd.grad(du.sum(), x, create_graph=True)[0]
    residual = ddu + u
    loss = residual.pow(2).mean() + (u[0] - 1).pow(2).sum() + du[0].pow(2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    tell(loss)
tell(u, du, ddu)
jacobian = torch.func.jacrev(lambda v: torch.stack([v.prod(), (v ** 2).sum()]))(torch.tensor([1.0, 2.0, 3.0]))
hessian = torch.func.hessian(lambda v: (v ** 3).sum())(torch.tensor([1.0, 2.0]))
tell(jacobian, hessian)
"""

FINE_TUNED = """
import torch
from torch import nn

body = nn.Sequential(nn.Linear(5, 6), nn.BatchNorm1d(6), nn.SiLU())
head = nn.Linear(6, 3)
begin(body)
begin(head)
for name, parameter in body.named_parameters():
    parameter.requires_grad = name.startswith("1")
optimizer = torch.optim.SGD([
    {"params": [p for p in body.parameters() if p.requires_grad], "lr": 0.1},
    {"params": head.parameters()},
], lr=0.01, momentum=0.5)
x = torch.from_numpy(numbers(20, 5))
y = torch.arange(20) % 3
weights = torch.tensor([1.0, 2.0, 0.5])
best = None
for step in range(6):
    out = head(body(x))
    loss = nn.functional.cross_entropy(out, y, weight=weights)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if best is None or loss.item() < best:
        best = loss.item()
        kept = {name: value.clone() for name, value in head.state_dict().items()}
    tell(loss, best)
again = nn.Linear(6, 3)
tell(str(again.load_state_dict(kept)), sorted(kept), again.weight)
tell([name for name, p in body.named_parameters() if p.grad is None], str(body), str(optimizer)[:3])
"""

PROGRAMS = {
    "by hand": BY_HAND, "sine": SINE, "images": IMAGES, "sequences": SEQUENCES, "attention": ATTENTION,
    "opponents": OPPONENTS, "second order": SECOND_ORDER, "fine-tuned": FINE_TUNED,
}  # fmt: skip


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def run(torch, program, weights):
    """What a program tells; its models get `weights`, or fill them if there are none."""
    told, given = [], iter(weights)
    fill = not weights

    def begin(model):
        if fill:
            weights.append({name: value.numpy().copy() for name, value in model.state_dict().items()})
        else:
            model.load_state_dict({name: torch.as_tensor(value) for name, value in next(given).items()})

    def tell(*values):
        for value in values:
            told.append(value.detach().numpy() if isinstance(value, torch.Tensor) else value)

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        exec(compile(program, "program", "exec"), {"begin": begin, "tell": tell, "numbers": numbers})
    finally:
        torch.set_default_dtype(before)
    return told


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_trains_as_with_pytorch(program, monkeypatch):
    torch = pytest.importorskip("torch")
    weights = []
    expected = run(torch, program, weights)
    for name, module in MODULES.items():
        monkeypatch.setitem(sys.modules, name, module)
    found = run(engine, program, weights or [{}])
    assert len(found) == len(expected) > 3
    for mine, theirs in zip(found, expected):
        if isinstance(theirs, (float, np.ndarray)):
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-11)
        else:
            assert mine == theirs

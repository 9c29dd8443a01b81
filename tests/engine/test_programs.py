"""Programs from tutorials, unchanged but for the library's name: they print with ours what they print with PyTorch."""

import contextlib
import io

import pytest

pytest.importorskip("torch")

CLASSIFIER = """
import engine as torch
import engine.nn as nn
import engine.nn.functional as F
from engine import optim
from engine.utils.data import TensorDataset, DataLoader
from engine.optim.lr_scheduler import StepLR

device = "cuda" if torch.cuda.is_available() else "cpu"
device = torch.device(device)
print(f"Using {device} device")
torch.manual_seed(1)

class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, 1)
        self.conv2 = nn.Conv2d(8, 16, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(16 * 16, 32)
        self.fc2 = nn.Linear(32, 4)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.max_pool2d(x, 2)
        x = self.dropout1(x)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = self.dropout2(x)
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)

def train(model, device, loader, optimizer, epoch):
    model.train()
    for batch_idx, (data, target) in enumerate(loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

def test(model, device, loader):
    model.eval()
    test_loss = 0
    correct = 0
    with torch.no_grad():
        for data, target in loader:
            data, target = data.to(device), target.to(device)
            output = model(data)
            test_loss += F.nll_loss(output, target, reduction='sum').item()
            pred = output.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
            assert correct >= (output.argmax(1) == target).type(torch.float).sum().item()
    return test_loss/len(loader.dataset), correct

X = torch.randn(64, 1, 12, 12)
y = torch.randint(0, 4, (64,))
X[torch.arange(64), 0, y, y] += 6.0
loader = DataLoader(TensorDataset(X, y), batch_size=16, shuffle=True)
model = Net().to(device)
optimizer = optim.Adam(model.parameters(), lr=1e-2)
scheduler = StepLR(optimizer, step_size=1, gamma=0.9)
for epoch in range(1, 9):
    train(model, device, loader, optimizer, epoch)
    l, c = test(model, device, loader)
    scheduler.step()
print(c > 32, l < 1.2)
print(model)
print(sum(p.numel() for p in model.parameters() if p.requires_grad))
for name, p in model.named_parameters():
    print(name, p.size(), p.dtype, p.device, p.grad is not None)
"""

SMALL = """
import math
import engine as torch
import engine.nn as nn

rnn = nn.LSTM(4, 8)
lin = nn.Linear(8, 2)
h = (torch.zeros(1, 3, 8), torch.zeros(1, 3, 8))
out, h = rnn(torch.randn(5, 3, 4), h)
loss = nn.CrossEntropyLoss()(lin(out).view(-1, 2), torch.zeros(15, dtype=torch.long))
loss.backward()
print(out.shape, rnn.weight_hh_l0.grad.shape)
x = torch.linspace(-math.pi, math.pi, 200)
yy = torch.sin(x)
p = torch.tensor([1, 2, 3])
xx = x.unsqueeze(-1).pow(p)
m = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Flatten(0, 1))
lf = torch.nn.MSELoss(reduction='sum')
opt = torch.optim.RMSprop(m.parameters(), lr=1e-3)
for t in range(300):
    pred = m(xx); loss = lf(pred, yy)
    opt.zero_grad(); loss.backward(); opt.step()
lr = 1e-6
for t in range(10):
    pred = m(xx); loss = lf(pred, yy); m.zero_grad(); loss.backward()
    with torch.no_grad():
        for param in m.parameters():
            param -= lr * param.grad
print(m[0].bias.shape, loss.item() < 200)
emb = nn.Embedding(10, 3); tensor = emb(torch.LongTensor([1,2])); print(tensor.shape)
print(torch.cuda.is_available(), x.device, torch.get_num_threads() > 0)
"""


def printed(program):
    """What a program prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "program", "exec"), {"__name__": "__main__"})
    return out.getvalue()


@pytest.mark.parametrize("program", [CLASSIFIER, SMALL], ids=["classifier", "small"])
def test_prints_what_it_prints_with_pytorch(program):
    assert printed(program) == printed(program.replace("engine", "torch"))

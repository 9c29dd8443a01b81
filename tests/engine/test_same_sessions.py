"""Short sessions with containers of modules and with data loaders, which print what they print with PyTorch."""

import contextlib
import io
import sys

import pytest

import engine
import engine.utils.data

CONTAINERS = """
s = nn.Sequential(nn.Linear(1, 1), nn.ReLU(), nn.Tanh(), nn.GELU())
del s[0]
print(s, list(s._modules))
del s[0:2]
print(s)
s.append(nn.ReLU())
print(s.pop(0), s)
s.insert(0, nn.Tanh())
print(s, s[0:2], s[-1])
l = nn.ModuleList([nn.ReLU(), nn.Tanh(), nn.GELU()])
del l[1]
print(l, l.pop(0), len(l))
l.insert(0, nn.ELU())
l[0] = nn.ReLU()
print(l, l[-1])
l += [nn.Tanh()]
print(len(l))
d = nn.ModuleDict({"a": nn.ReLU()})
d["b"] = nn.Tanh()
print(d, list(d.keys()), "a" in d, len(d), d.pop("a"))
del d["b"]
d.update({"c": nn.ReLU()})
print(list(d.items()))
d.clear()
print(len(d))
p = nn.ParameterList([nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(3))])
print(p, len(p), p[0], nn.ParameterList(p[:1]), nn.ParameterList())
p.append(nn.Parameter(torch.tensor(1.0)))
print([n for n, _ in p.named_parameters()], p)
q = nn.ParameterDict({"x": nn.Parameter(torch.ones(2))})
print(q, q["x"], list(q.keys()))
m = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
try:
    m.load_state_dict({"0.weight": torch.ones(3, 2), "x": torch.ones(3)})
except RuntimeError as error:
    print(error)
print(m.load_state_dict({"0.weight": torch.ones(3, 2)}, strict=False))
"""

LOADERS = """
from torch.utils.data import (
    BatchSampler, ConcatDataset, DataLoader, RandomSampler, SequentialSampler, Subset, SubsetRandomSampler,
    TensorDataset, WeightedRandomSampler, random_split)
a = TensorDataset(torch.arange(10), torch.arange(10) * 2)
b = TensorDataset(torch.arange(3), torch.arange(3))
both = ConcatDataset([a, b])
print(len(both), both[9], both[10], both[-1])
for x, y in DataLoader(both, 4, drop_last=True):
    print(x, y)
print(list(BatchSampler(SequentialSampler(range(7)), 3, False)))
print(len(BatchSampler(SequentialSampler(range(7)), 3, True)))
for batch in DataLoader(a, batch_sampler=BatchSampler(SequentialSampler(a), 4, False)):
    print(batch)
print(sorted(RandomSampler(range(5))), len(list(RandomSampler(range(5), replacement=True, num_samples=9))))
print(sorted(SubsetRandomSampler([4, 2])), list(WeightedRandomSampler([0.0, 1.0, 0.0], 3)))
print(sorted(int(v) for x, _y in DataLoader(a, 3, shuffle=True) for v in x), Subset(a, [1, 2])[0])
print([len(part) for part in random_split(a, [0.7, 0.3])], len(DataLoader(a, 3)))
state = torch.get_rng_state()
first = torch.rand(2)
torch.set_rng_state(state)
print(torch.equal(first, torch.rand(2)), state.dtype)
"""


def printed(torch, program):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(program, {"torch": torch, "nn": torch.nn})
    return said.getvalue()


@pytest.mark.parametrize("program", [CONTAINERS, LOADERS], ids=["containers", "loaders"])
def test_prints_what_it_prints_with_pytorch(program, monkeypatch):
    torch = pytest.importorskip("torch")
    expected = printed(torch, program)
    for name, module in {"torch": engine, "torch.utils": engine.utils, "torch.utils.data": engine.utils.data}.items():
        monkeypatch.setitem(sys.modules, name, module)
    assert printed(engine, program) == expected

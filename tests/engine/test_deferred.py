"""Operations that `import engine` leaves out: whoever asks for one finds it, however it is asked for."""

import os
import subprocess
import sys

import pytest

from engine.deferred import NAMES

FRESH = """
import sys
import engine as torch
from engine.op import PUBLIC, REGISTRY
from engine.tensor import Tensor
assert "engine.rest" not in sys.modules
"""


def fresh(program):
    """What a program prints in an interpreter that has just imported engine."""
    done = subprocess.run([sys.executable, "-c", FRESH + program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_deferred_names_are_those_that_the_rest_declares():
    real = "from engine.deferred import Deferred as D\nprint(*(n for n, m in vars(Tensor).items() if type(m) is not D))"
    declared = fresh("print(*(path.removeprefix('Tensor.') for path in PUBLIC if path.startswith('Tensor.')))")
    assert set(NAMES.split()) == set(declared.split()) - set(fresh(real).split())
    assert NAMES.split() == sorted(NAMES.split())


@pytest.mark.parametrize(
    "program",
    [
        "print(torch.det(torch.eye(2)))",
        "print(torch.eye(2).det())",
        "print(Tensor.det(torch.eye(2)))",
        "print(torch.linalg.det(torch.eye(2)))",
        "print(getattr(torch.eye(2), 'det')())",
        "from engine import det\nprint(det(torch.eye(2)))",
        "print(PUBLIC['det'](torch.eye(2)))",
        "print(PUBLIC.get('Tensor.det')(torch.eye(2)))",
        "print(dict(PUBLIC)['det'](torch.eye(2)))",
        "print({**PUBLIC}['det'](torch.eye(2)))",
        "print({path: made for path, made in PUBLIC.items()}['det'](torch.eye(2)))",
        "print(REGISTRY['det'](torch.eye(2)))",
        "print('det' in REGISTRY and 'det' in list(REGISTRY.keys()) and REGISTRY['det'](torch.eye(2)))",
        "print([op for op in REGISTRY.values() if op.name == 'det'][0](torch.eye(2)))",
        "class Own(Tensor):\n  def det(self):\n    return super().det()\nprint(Own([[1., 0.], [0., 1.]]).det())",
        "import numpy\nprint(numpy.linalg.det(torch.eye(2)))",
    ],
)
def test_whoever_asks_finds_them(program):
    assert fresh(program) == "tensor(1.)"


def test_methods_are_listed_before_they_are_there():
    listed = "print(hasattr(torch.eye(2), 'nothing'), 'cholesky' in dir(torch.eye(2)), 'engine.rest' in sys.modules)"
    assert fresh(listed) == "False True False"


def test_operators_among_them():
    assert fresh("print(~(torch.eye(2) > 0) & (torch.ones(2, 2) > 0))").split() == [
        "tensor([[False,", "True],", "[", "True,", "False]])"
    ]  # fmt: skip


def test_as_many_operations_whoever_asks_first():
    firsts = ("len(REGISTRY)", "torch.nn", "torch.eye(2).det", "import explain, engine.symbols", "torch.svd")
    counts = {fresh(f"{first}\nprint(len(REGISTRY), len(PUBLIC), len(dir(Tensor)))") for first in firsts}
    assert len(counts) == 1


def test_two_threads_may_ask_at_once():
    program = """
import threading
found = []
def ask():
    found.append(torch.eye(2).det().item() + torch.slogdet(torch.eye(2))[0].item())
threads = [threading.Thread(target=ask) for _ in range(8)]
sys.setswitchinterval(1e-6)
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(found == [2.0] * 8)
"""
    assert fresh(program) == "True"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each module is imported in a fork of one process")
def test_each_module_may_be_imported_first():
    program = """
import os, pathlib
home = pathlib.Path(torch.__path__[0])
files = [path.relative_to(home.parent).with_suffix("") for path in home.rglob("*.py") if path.stem != "__init__"]
names = [".".join(path.parts) for path in files]
for name in names:
    child = os.fork()
    if child == 0:
        try:
            __import__(name)
        except BaseException as error:
            print(name, error, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
print(len(names) > 100)
"""
    assert fresh(program) == "True"


INTERRUPTED = """
import gc
from importlib.machinery import PathFinder
from engine.op import WAITING

began, stop, after = [], 1, False


def find_spec(name, path, target=None):
    if not name.startswith("engine.ops."):
        return None
    spec = PathFinder.find_spec(name, path, target)
    if spec is not None:
        run = spec.loader.exec_module

        def exec_module(module):
            began.append(name)
            if len(began) != stop or after:
                run(module)
            if name in began[stop - 1 : stop]:
                raise KeyboardInterrupt

        spec.loader.exec_module = exec_module
    return spec


class Finder:
    find_spec = staticmethod(find_spec)


def state():
    tables = [{name: id(made) for name, made in dict.items(table)} for table in (REGISTRY, PUBLIC)]
    return *tables, {name: id(made) for name, made in vars(Tensor).items()}


sys.meta_path.insert(0, Finder)
before, moments = state(), 0
while True:
    stop, after = 1 + moments // 2, moments % 2 == 1
    began.clear()
    try:
        ask()
        break
    except KeyboardInterrupt:
        moments += 1
        assert state() == before or not WAITING, began
        assert gc.isenabled() and not {"engine.rest", "engine.ops.own"} & set(sys.modules) or not WAITING
stop = 0
print(moments, torch.eye(2).det(), torch.eye(2).t_().sigmoid_()[0, 0].item() > 0.7)
"""


@pytest.mark.parametrize("ask", ["REGISTRY.items", "lambda: torch.linalg",
                                 "lambda: __import__('explain')", "lambda: torch.autograd.Function"])  # fmt: skip
def test_what_is_interrupted_declares_nothing_and_is_done_when_next_asked(ask):
    moments, *rest = fresh(f"ask = {ask}\n{INTERRUPTED}").split()
    assert int(moments) > (4 if "explain" in ask else 90) and rest == ["tensor(1.)", "True"]

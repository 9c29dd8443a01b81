"""Another library's tensors: the sentence says whose they are, and what to import."""

import subprocess
import sys

import numpy as np
import pytest

import engine
from explain import explain

REMEDY = "run the program with `import engine as torch`"


def stranger(module, name):
    """An array as another library would make it, without that library."""
    return type(name, (), {"__module__": module, "shape": (2,)})()


@pytest.mark.parametrize("module, says", [("torch", "PyTorch's own Tensor"), ("torch.nn.parameter", "PyTorch's own"),
                                          ("jaxlib._jax", "JAX's own Tensor")])  # fmt: skip
def test_whose_it_is(module, says):
    other, x = stranger(module, "Tensor"), engine.ones(2, requires_grad=True)
    for ask in (lambda: explain(other), lambda: explain(lambda a: other, x), lambda: explain((x * x).sum(), wrt=other)):
        with pytest.raises(TypeError) as caught:
            ask()
        assert says in str(caught.value) and REMEDY in str(caught.value)


@pytest.mark.parametrize("value", [3.0, np.ones(2), None, "x"])
def test_what_is_nobodys(value):
    with pytest.raises(TypeError, match=f"not {type(value).__name__}; give it the tensor that your program computed"):
        explain(value)


def test_the_command_line(tmp_path):
    pytest.importorskip("torch")
    program = tmp_path / "program.py"
    program.write_text("import torch\nw = torch.ones(2, requires_grad=True)\nloss = (w * w).sum()\n", encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "explain", program], capture_output=True, text=True)
    assert done.returncode == 2 and "w is PyTorch's own Tensor; " + REMEDY in done.stderr
    program.write_text(program.read_text(encoding="utf-8").replace("import torch", "import engine as torch"), "utf-8")
    done = subprocess.run([sys.executable, "-m", "explain", program], capture_output=True, text=True)
    assert done.stdout.startswith("∂loss/∂w = 2w = [2, 2]")

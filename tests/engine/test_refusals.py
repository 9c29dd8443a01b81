"""What must fail fails well: with PyTorch's error, or with one sentence that names the remedy; log(0) is silent."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import engine
import explain  # noqa: F401

ROOT = Path(__file__).parents[2]
PARAMETER = "torch.ones(2, requires_grad=True)"

# PyTorch's own error, of the same type and text
SAME = [
    # a leaf in place
    f"{PARAMETER}.add_(1)",
    f"{PARAMETER}.mul_(2)",
    f"{PARAMETER}.zero_()",
    f"{PARAMETER}.fill_(3.)",
    f"{PARAMETER}.copy_(torch.zeros(2))",
    f"{PARAMETER}.exp_()",
    f"{PARAMETER}.clamp_(0, 1)",
    f"{PARAMETER}.index_add_(0, torch.tensor([0]), torch.ones(1))",
    f"{PARAMETER}.__iadd__(1)",
    f"{PARAMETER}.__setitem__(0, 1.)",
    f"torch.nn.functional.relu({PARAMETER}, inplace=True)",
    # two dtypes where one is needed
    "torch.ones(2, 2).double() @ torch.ones(2, 2)",
    "torch.mm(torch.ones(2, 2).double(), torch.ones(2, 2))",
    "torch.dot(torch.ones(2).double(), torch.ones(2))",
    "torch.nn.functional.linear(torch.ones(3, 2).double(), torch.ones(5, 2), torch.ones(5))",
    "torch.nn.functional.linear(torch.ones(3, 2).double(), torch.ones(5, 2))",
    "torch.nn.Linear(2, 3)(torch.ones(4, 2).double())",
    "torch.linalg.solve(torch.eye(2).double(), torch.ones(2))",
    "torch.lerp(torch.ones(2).double(), torch.ones(2), 0.5)",
    "torch.lerp(torch.ones(2), torch.ones(2), torch.ones(2).double())",
    # a dtype that the operation doesn't take
    "torch.mean(torch.tensor([1, 2]))",
    "torch.tensor([1, 2], requires_grad=True)",
    "torch.ones(2, dtype=torch.int64, requires_grad=True)",
    "torch.ones(2).long().requires_grad_()",
    "torch.where(torch.ones(2), 1, 2)",
    "torch.nn.functional.nll_loss(torch.ones(2, 3), torch.ones(2))",
    "torch.nn.functional.cross_entropy(torch.ones(2, 3), torch.ones(2))",
    "torch.nn.functional.embedding(torch.ones(2), torch.ones(2, 2))",
    # what isn't a tensor
    "torch.exp('a')",
    "torch.exp([1., 2.])",
    "torch.sigmoid(None)",
    "torch.ones(2) + 'a'",
    "torch.ones(2) @ 2",
    # shapes
    "torch.ones(2, 3) + torch.ones(4)",
    "torch.ones(2, 3).view(5)",
    "torch.ones(2).expand(3)",
    "torch.cat([torch.ones(2), torch.ones(2, 2)])",
    "torch.nn.Linear(2, 3)(torch.ones(4))",
    "torch.nn.functional.conv2d(torch.ones(2), torch.ones(1, 1, 1, 1))",
    "torch.einsum('ij,jk', torch.ones(2, 2), torch.ones(3, 3))",
    "torch.linalg.inv(torch.ones(2, 3))",
    "torch.ones(3)[5]",
    "torch.ones(2)[0, 0]",
    # backward
    "torch.ones(2).backward()",
    f"{PARAMETER}.mul(2).backward()",
    f"{PARAMETER}.numpy()",
    f"{PARAMETER}.mul(1).requires_grad_(False)",
    # values
    "torch.nn.functional.binary_cross_entropy(torch.ones(2) * 2, torch.ones(2))",
    "torch.nn.functional.dropout(torch.ones(2), p=2.)",
]

# What PyTorch has and we leave out: the error, and what it names as reason and remedy
LEFT_OUT = [
    ("torch.tensor([1j])", TypeError, "complex128"),
    ("torch.tensor(1 + 2j)", TypeError, "take its .real and .imag parts first"),
    ("torch.from_numpy(np.array([1j]))", TypeError, "take its .real and .imag parts first"),
    ("torch.ones(2) * 1j", TypeError, "'Tensor' and 'complex'"),
    ("torch.ones(2) ** 1j", TypeError, "'Tensor' and 'complex'"),
    ("torch.add(torch.ones(2), 1j)", TypeError, "must be Tensor, not complex"),
    ("torch.zeros(2, dtype=torch.complex64)", AttributeError, "the real and the imaginary part"),
    ("torch.complex(torch.ones(2), torch.ones(2))", AttributeError, "the real and the imaginary part"),
    ("torch.fft.fft(torch.ones(2))", AttributeError, "the real and the imaginary part"),
    ("torch.ones(2).cfloat()", NotImplementedError, "the real and the imaginary part"),
    ("torch.linalg.eig(torch.ones(2, 2))", NotImplementedError, "use linalg.eigh"),
    ("torch.sparse_coo_tensor([[0]], [1.], (2,))", AttributeError, "use a dense tensor"),
    ("torch.sparse.mm", AttributeError, "use a dense tensor"),
    ("torch.ones(2).to_sparse()", NotImplementedError, "use a dense tensor"),
    ("torch.ones(2, dtype=torch.bfloat16)", AttributeError, "use float32 or float16"),
    ("torch.compile(lambda x: x)", AttributeError, "leave this call out"),
    ("torch.ones(2, device='cuda')", RuntimeError, "use torch.device('cpu')"),
    ("torch.randn(2, device='cuda:0')", RuntimeError, "use torch.device('cpu')"),
    ("torch.ones(2).to('cuda')", RuntimeError, "leave the device out"),
    ("torch.ones(2).cuda()", NotImplementedError, "leave the device out"),
    ("torch.no_such_name", AttributeError, "has no attribute 'no_such_name'"),
]


def raised(torch, program):
    with pytest.raises(Exception) as caught:
        eval(program, {"torch": torch, "np": np})
    kinds = [kind.__name__.lstrip("_") for kind in type(caught.value).__mro__]
    return kinds[0], str(caught.value).splitlines()[0].rstrip(".")


@pytest.mark.parametrize("program", SAME)
def test_fails_as_in_pytorch(program):
    torch = pytest.importorskip("torch")
    assert raised(engine, program) == raised(torch, program)


@pytest.mark.parametrize("program, kind, words", LEFT_OUT)
def test_what_is_left_out_says_why(program, kind, words):
    with pytest.raises(kind) as caught:
        eval(program, {"torch": engine, "np": np})
    said = str(caught.value)
    assert words in said and "\n" not in said


SILENT = [
    "torch.log(torch.tensor([0., -1.]))",
    "1 / torch.zeros(2)",
    "torch.zeros(2) / 0",
    "torch.tensor([1e30]) ** 4",
    "torch.exp(torch.tensor(1e4))",
    "torch.sqrt(torch.tensor(-1.))",
    "torch.sinc(torch.tensor(float('inf')))",
    "torch.linalg.cross(torch.full((3,), float('inf')), torch.full((3,), float('inf')))",
    "torch.zeros(0).mean()",
    "torch.ones(1).var()",
    "torch.tensor([0., 2.], requires_grad=True).log().sum().backward()",
    "torch.tensor([0., 2.], requires_grad=True).sqrt().sum().backward()",
    "torch.tensor([0.], requires_grad=True).pow(-1.5).sum().backward()",
    "torch.tensor([-1., 2.], requires_grad=True).logit().sum().backward()",
    "torch.nn.functional.softplus(torch.tensor([float('inf'), -1e4], requires_grad=True)).sum().backward()",
    "torch.tensor([float('inf')]) - torch.tensor([float('inf')])",
    "torch.tensor([0., 0.], requires_grad=True).norm().backward()",
    "torch.tensor([1e300], dtype=torch.float64).float()",
    "torch.prod(torch.full((9,), 1e30))",
    "torch.full((2, 2), 1e30) @ torch.full((2, 2), 1e30)",
    "torch.nn.functional.softmax(torch.full((2,), float('-inf')), 0)",
    "torch.tensor([float('nan')]).long()",
]


def test_numpy_is_quiet_where_pytorch_is_and_warns_a_user_all_the_same():
    program = "\n".join(
        ["import warnings", "import numpy as np", "warnings.simplefilter('always')", "import engine as torch",
         f"for line in {SILENT!r}:", "    with warnings.catch_warnings(record=True) as said:",
         "        eval(line)", "    print(*(f'{line}: {one.message} at {one.filename}' for one in said), end='')",
         "with warnings.catch_warnings(record=True) as said:", "    np.log(np.zeros(1))", "print(len(said))"]
    )  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("1\n", "")

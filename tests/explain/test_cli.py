"""The command line, run as a user runs it."""

import subprocess
import sys
import time

import pytest

from explain.cli import main
from explain.progress import Progress


def test_expression(capsys):
    assert main(["mean(2*(a+5)**2)", "--let", "a=ones(2,2)"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("∂out/∂a = a + 5 = 6\n")
    assert "1 + 5 = 6" in page


def test_markdown_into_a_file(tmp_path, capsys):
    target = tmp_path / "out.md"
    assert main(["sum(x**2)", "--let", "x=[1,2,3]", "--format", "markdown", "-o", str(target)]) == 0
    assert capsys.readouterr().out == ""
    assert target.read_text(encoding="utf-8").startswith("### $")


def test_wrt_picks_one(capsys):
    assert main(["sum(x*y)", "--let", "x=[1,2]", "--let", "y=[3,4]", "--wrt", "y"]) == 0
    assert capsys.readouterr().out.startswith("∂out/∂y = x = [1, 2]")


def test_all_in_float64(capsys):
    assert main(["sum(A @ ones(2) * c)", "--let", "A=[[1,2],[3,4]]", "--let", "c=0.1", "--wrt", "c"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("= 10")
    assert main(["0.1 * a", "--let", "a=0.1", "--format", "json"]) == 0
    assert "00000149" not in capsys.readouterr().out


FILE = """
import engine as torch
a = torch.ones(2, 2, requires_grad=True)
b = a + 5
c = b * b * 2
out = c.mean()
other = b.sum()
print("printed")
"""


def test_file(tmp_path, capsys):
    path = tmp_path / "program.py"
    path.write_text(FILE)
    assert main([str(path), "--out", "out", "--wrt", "a"]) == 0
    captured = capsys.readouterr()
    assert "∂out/∂a = ∂out/∂c · ∂c/∂b · ∂b/∂a = 1/4 · 4b · 1 = b" in captured.out
    assert captured.err == "printed\n"
    assert main([str(path)]) == 0
    assert capsys.readouterr().out.startswith("∂other/∂a = 1")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["9**9**9 * a", "--let", "a=1"], "exponent"),
        (["sum(a)", "--let", "a=ones(10**9)"], "1000000000 elements"),
        (["__import__('os')"], "not"),
        (["a.__class__", "--let", "a=1"], "not a name"),
        (["sum(b)", "--let", "a=1"], "unknown name"),
        (["1 + 1"], "no variable"),
        (["sum(a)", "--let", "a"], "NAME=VALUE"),
        (["sum(a)", "--let", "a=[1,2]", "--wrt", "z"], "no variable named 'z' is part of this graph"),
        (["sum(a)", "--let", "a=[1,2]", "--out", "z"], "--out belongs to a file"),
        (["nowhere.py"], "can't be read"),
        (["sum(a + b)", "--let", "a=[1,2]", "--let", "b=[1,2,3]"], "must match the size"),
        (["sum(a) / 0", "--let", "a=[1,2]"], "divides by zero"),
        (["zzz + a", "--let", "a=1"], "known are a, pi, e, inf\n"),
        (["split(a, 1)", "--let", "a=[1,2]"], "several values"),
        (["sum(a).backward()", "--let", "a=[1,2]"], "unknown method 'backward'"),
        (["set_num_threads(2)"], "unknown function"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(arguments, words, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 1 and captured.err.startswith("explain: ")


def test_a_form_that_the_formula_has_not_is_one_sentence(capsys):
    """Found by the fuzzer: sums bind one another's brackets, so there are no entries."""
    inner = "(sqrt(p**2 + 1)[0] * where(p > 0, p / b, 1))"
    arguments = [f"sum({inner} @ {inner})", "--let", "p=[0.2,0.8]", "--let", "b=-0.5", "--detail", "entries"]
    assert main(arguments) in (0, 2)
    said = capsys.readouterr()
    assert said.out or said.err.startswith("explain: --detail entries: ")
    lets = ["--let", "a=[1e-3,1e3]", "--let", "b=[[1],[2]]"]
    assert main(["mean(hardswish(b)*softplus(a))", *lets, "--detail", "entries"]) in (0, 2)


def test_a_number_among_operands_has_no_corner(capsys):
    """Found by the fuzzer: NumPy's numbers aren't nodes."""
    assert main(["sum(maximum(tanh(a), sqrt(2**2 + 1)))", "--let", "a=[1,2]", "--format", "html"]) == 0


TRAINING = """
import engine as torch

torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _step in range(2):
    loss = (net(torch.ones(2, 3)) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def test_parameters_of_a_files_modules_have_their_names(tmp_path, capsys):
    path = tmp_path / "train.py"
    path.write_text(TRAINING, encoding="utf-8")
    assert main([str(path), "--wrt", "net.0.weight", "--detail", "short"]) == 0
    assert capsys.readouterr().out.startswith("∂loss/∂net.0.weight")
    assert main([str(path), "--wrt", "net.1.weight"]) == 2
    assert "the names in it are: loss, net.0.bias, net.0.weight, net.2.bias, net.2.weight" in capsys.readouterr().err


def test_a_failing_file_names_its_line(tmp_path, capsys):
    path = tmp_path / "broken.py"
    path.write_text("x = 1\ny = x / 0\n")
    assert main([str(path)]) == 1
    assert f"{path}, line 2: ZeroDivisionError" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_left_alone(tmp_path, capsys):
    assert main(["sum(a)", "--let", "a=[1,2]", "-o", str(tmp_path / "no" / "out.md")]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_help_has_examples():
    run = subprocess.run([sys.executable, "-m", "explain", "--help"], capture_output=True, text=True, check=True)
    assert 'explain "mean(2*(a+5)**2)" --let "a=ones(2,2)"' in run.stdout


def test_long_work_shows_progress(capsys):
    with Progress("deriving", after=0.01):
        time.sleep(0.1)
    assert capsys.readouterr().err.startswith("explain: deriving, 0 s\n")
    with Progress("deriving"):
        pass
    assert capsys.readouterr().err == ""

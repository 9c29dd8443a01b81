"""`explain check FILE`, run as a user runs it."""

import pytest

from explain.cli import main

PROGRAM = """
import engine as torch
from explain import explain

X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
y = torch.tensor([1.0, 0.0, 1.0])
w = torch.zeros(2, requires_grad=True)
r = X @ w - y
loss = (r ** 2).mean()
n = len(y)
text = "# check: this is a string"
"""


def run(tmp_path, capsys, more):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM + more)
    code = main(["check", str(path)])
    captured = capsys.readouterr()
    return code, captured.out.replace(str(path), "program.py"), captured.err.replace(str(path), "program.py")


def test_right_claims(tmp_path, capsys):
    more = "# check: d loss / d w = 2 * X.T @ r / n\n# check: ∂loss/∂w = 2/3 * r @ X\n"
    code, out, _err = run(tmp_path, capsys, more)
    assert code == 0
    assert out.splitlines()[0].startswith("program.py:12: Right: 2 * X.T @ r / n is ∂loss/∂w.")
    assert out.splitlines()[-1] == "2 checked, all right"


def test_a_wrong_claim_and_calls(tmp_path, capsys):
    more = "# check: d loss / d w = X.T @ r / n\nexplain(loss, wrt=w).check('2 * X.T @ r / n')\n"
    code, out, _err = run(tmp_path, capsys, more)
    assert code == 1
    assert "program.py:12: Wrong: X.T @ r / n is not ∂loss/∂w." in out and "a factor 2 is missing" in out
    assert "program.py:13: Right" in out and out.endswith("2 checked, 1 wrong\n")


def test_an_assertion_that_fails_is_a_wrong_claim(tmp_path, capsys):
    code, out, _err = run(tmp_path, capsys, "assert explain(loss, wrt=w).check('X.T @ r / n')\n")
    assert code == 1 and out.startswith("program.py:12: Wrong:")


def test_letters_latex_and_continued_comments(tmp_path, capsys):
    more = "# dims: X = m d, y = m\n# check: d loss / d w = \\frac{2}{m}\n#    X^\\top r\n"
    code, out, _err = run(tmp_path, capsys, more)
    assert code == 0, out


@pytest.mark.parametrize(
    "more, code, words",
    [
        ("", 2, "claims nothing"),
        ("# check: the derivative is right\n", 2, "write what is claimed as"),
        ("# check: d cost / d w = r\n", 2, "has no tensor cost"),
        ("# check: d loss / d q = r\n", 2, "no variable named 'q'"),
        ("# dims: nothing\n# check: d loss / d w = r\n", 2, "write letters for sizes"),
        ("# check: d loss / d w = r\n1 / 0\n", 1, "line 13: ZeroDivisionError"),
        ("print((\n", 1, "SyntaxError|TokenError"),
    ],
)
def test_complaints(tmp_path, capsys, more, code, words):
    found, out, err = run(tmp_path, capsys, more)
    assert found == code and out == ""
    assert any(word in err for word in words.split("|")) and err.count("\n") == 1


def test_help_and_a_missing_file(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["check", "--help"])
    assert stopped.value.code == 0 and "# check: d loss / d W" in capsys.readouterr().out
    assert main(["check", "nowhere.py"]) == 2
    assert "can't be read" in capsys.readouterr().err

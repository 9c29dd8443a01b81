"""`explain check FILE`: the derivatives that a program claims, in comments or by calls of `.check`, each checked.

Imported by explain.cli.
"""

import argparse
import io
import re
import sys
import tokenize

HELP = """\
Check the derivatives that a Python file claims. The file is run as a program; what it claims are

  comments        # check: d loss / d W = X.T @ (p - y) / n
  and calls       explain(loss, wrt=W).check("X.T @ (p - y) / n")

A comment is about the variables as they are when the program ends; the right side is NumPy text or LaTeX, and is
parsed, never run. A comment `# dims: X = n d, y = n` gives letters to sizes. Integers of the program that equal a
size, such as n = len(X), may be used too. A comment goes on in lines that begin with `#` and three spaces or more.

One line is printed for each claim. The exit code is 0 if all are right, 1 if one is wrong or the program fails, and
2 if there is nothing to check.
"""

CLAIM = re.compile(r"(?:d|∂)\s*(?P<out>[^\s/]+)\s*/\s*(?:d|∂)\s*(?P<wrt>[^\s=]+)\s*=(?!=)\s*(?P<what>.+)", re.DOTALL)
DIMS = re.compile(r"([^\s=,]+)\s*=\s*([^,=]+)(?:,|$)")


def main(argv):
    """Run the command; the exit code."""
    from explain.cli import Complaint, ProgramError

    parser = argparse.ArgumentParser(
        "explain check", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", metavar="FILE", help="the Python file")
    path = parser.parse_args(argv).file
    try:
        found = checked(path)
    except Complaint as complaint:
        print(f"explain: {complaint}", file=sys.stderr)
        return 2
    except ProgramError as error:
        print(f"explain: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("explain: interrupted", file=sys.stderr)
        return 130
    for line, verdict in found:
        print(f"{path}:{line}: {verdict}")
    wrong = sum(not verdict for _line, verdict in found)
    print(f"{len(found)} checked, {wrong} wrong" if wrong else f"{len(found)} checked, all right")
    return 1 if wrong else 0


def checked(path):
    """(line, Verdict) of every claim of a file, in the order of lines."""
    from explain.cli import Complaint, ProgramError, read, run_program
    from explain.verdict import HEARD

    source = read(path)
    claims, dims = claims_of(source, path)
    variables, heard, failure = {}, [], None
    token = HEARD.set(heard)
    try:
        run_program(path, source, variables)
    except ProgramError as error:
        failure = error
    finally:
        HEARD.reset(token)
    found = [(line, verdict) for file, line, verdict in heard if file == path]
    if failure is not None and all(verdict for _line, verdict in found):
        raise failure
    if failure is None:
        found += [(line, verdict_on(claim, variables, dims, f"{path}, line {line}")) for line, claim in claims]
    if not found:
        raise Complaint(f"{path} claims nothing: write a comment such as  # check: d loss / d W = X.T @ r")
    return sorted(found, key=lambda entry: entry[0])


def claims_of(source, path):
    """([(line, match of a claim)], {name: letters}) from a program's comments."""
    from explain.cli import Complaint

    claims, dims = [], {}
    for line, text in comments(source, path):
        kind, colon, rest = text.partition(":")
        if kind.strip() == "dims" and colon:
            given = dict(DIMS.findall(rest.strip()))
            if not given:
                raise Complaint(f"{path}, line {line}: write letters for sizes, such as  # dims: X = n d, y = n")
            dims.update({name: letters.strip() for name, letters in given.items()})
        elif kind.strip() == "check" and colon:
            match = CLAIM.fullmatch(rest.strip())
            if not match:
                raise Complaint(f"{path}, line {line}: write what is claimed as  # check: d loss / d W = X.T @ r")
            claims.append((line, match))
    return claims, dims


def comments(source, path):
    """(line, text) of each comment; lines of comment that begin with three spaces go on with the one before."""
    from explain.cli import ProgramError

    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type != tokenize.COMMENT:
                continue
            text = token.string[1:]
            goes_on = found and text.startswith("   ") and token.start[0] == found[-1][1] + 1
            if goes_on:
                first, _last, before = found[-1]
                found[-1] = (first, token.start[0], before + " " + text.strip())
            else:
                found.append((token.start[0], token.start[0], text.strip()))
    except (tokenize.TokenError, SyntaxError) as error:
        raise ProgramError(f"{path}: {type(error).__name__}: {error.args[0]}") from error
    return [(first, text) for first, _last, text in found]


def verdict_on(claim, variables, dims, where):
    """The Verdict on one comment's claim."""
    from engine.tensor import Tensor
    from explain.candidates import sizes_among
    from explain.cli import Complaint
    from explain.explanation import explanation_of
    from explain.verdict import check

    tensors = {name: value for name, value in variables.items() if isinstance(value, Tensor)}
    for name in (claim["out"], *dims):
        if name not in tensors:
            raise Complaint(f"{where}: the program has no tensor {name}; it has {', '.join(sorted(tensors)) or 'none'}")
    try:
        made = explanation_of(tensors[claim["out"]], claim["wrt"], None, tensors, dims=dims)
    except (RuntimeError, ValueError, TypeError, NotImplementedError, ArithmeticError) as error:
        raise Complaint(f"{where}: {error}") from error
    return check(made, claim["what"], sizes_among(variables, made))

"""The command line: explain an expression, or the last scalar of a Python file.

Expressions are parsed by explain.parse, never evaluated by Python; a file that the user names is run.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import traceback

from explain.progress import Progress

FORMATS = ("text", "markdown", "latex", "html", "json")
DETAILS = ("short", "steps", "ops", "rules", "entries")
SUFFIXES = {".md": "markdown", ".tex": "latex", ".html": "html", ".htm": "html", ".json": "json"}

DESCRIPTION = """\
Explain a derivative: the gradient, the formula behind it, and the chain rule that leads there.

The first argument is an expression in the names given by --let, or a Python file that you wrote
(FILE.py is run as a program; its last scalar is explained unless --out names another). Of a Markdown
file the blocks ```python are run, and after each ```python explain stands what it computed, explained.
"""

EXAMPLES = """\
examples:
  explain "mean(2*(a+5)**2)" --let "a=ones(2,2)"
  explain "sum((X @ w - y)**2)" --let "X=[[1,2],[3,4],[5,6]]" --let "w=[1,1]" --let "y=[1,0,1]" --wrt w
  explain train.py --out loss --wrt W -o derivation.md
  explain train.py --format html --detail rules -o derivation.html
  explain notes.md -o explained.md
  explain check homework.py     (derivatives that a program claims; see explain check --help)
"""


class Complaint(Exception):
    """What is wrong with the command, in one sentence."""


def main(argv=None):
    """Run the command; 0 if it explained, 2 if the input was wrong, 1 if the user's program failed."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["check"] and argv[1:2] and (not argv[1].startswith("-") or argv[1] in ("-h", "--help")):
        from explain.checking import main as check

        return check(argv[1:])
    options = arguments().parse_args(argv)
    try:
        from explain.parse import InputError

        try:
            page = explained(options)
            write(page, options.output)
        except InputError as error:
            raise Complaint(str(error)) from error
    except Complaint as complaint:
        print(f"explain: {complaint}", file=sys.stderr)
        return 2
    except ProgramError as error:
        print(f"explain: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("explain: interrupted; nothing was written", file=sys.stderr)
        return 130
    return 0


def arguments():
    """The parser of the command's own options."""
    parser = argparse.ArgumentParser(
        "explain", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("subject", metavar="EXPRESSION|FILE.py|FILE.md", help="what to explain")
    parser.add_argument("--let", action="append", default=[], metavar="NAME=VALUE", help="give a name a value")
    parser.add_argument("--wrt", action="append", default=[], metavar="NAME", help="differentiate with respect to NAME")
    parser.add_argument("--out", metavar="NAME", help="the variable of FILE.py to explain (default: its last scalar)")
    parser.add_argument("--format", choices=FORMATS, help="default: text, or what the name of -o says")
    parser.add_argument("--detail", choices=DETAILS, default="steps", help="how much is told (default: steps)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of printing")
    return parser


def explained(options):
    """The page that the command asks for."""
    if options.subject.endswith(".md"):
        return explained_document(options)
    if options.subject.endswith(".py"):
        if options.let:
            raise Complaint("--let belongs to an expression; a file sets its own variables")
        out, variables = run_file(options.subject, options.out)
    else:
        if options.out:
            raise Complaint("--out belongs to a file; an expression has one value")
        out, variables = evaluate_expression(options.subject, options.let)
    chosen = options.format or SUFFIXES.get(os.path.splitext(options.output or "")[1], "text")
    with Progress("deriving and checking"):
        made = explanation_of(out, variables, options.wrt)
        try:
            page = getattr(made, chosen)(options.detail)
        except (NotImplementedError, ArithmeticError) as error:  # a form that this formula hasn't, such as entries
            raise Complaint(f"--detail {options.detail}: {error}") from error
    return page if page.endswith("\n") else page + "\n"


def explained_document(options):
    """A Markdown file with what its blocks compute, explained."""
    from explain.document import BlockError, from_markdown

    if options.let or options.out or options.wrt or options.format not in (None, "markdown"):
        raise Complaint("a Markdown file is explained as Markdown, and its blocks' first lines say what they explain")
    try:
        with Progress("running and explaining"), contextlib.redirect_stdout(sys.stderr):
            return from_markdown(read(options.subject), options.subject)
    except BlockError as error:
        raise ProgramError(str(error)) from error


def read(path):
    """A file's text; a Complaint if it can't be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise Complaint(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from error


def explanation_of(out, variables, wrt):
    """The explanation, or several, of a tensor that `variables` name, themselves or in their modules and lists."""
    from explain.explanation import explanation_of as derive

    names = {name: value for name, value in variables.items() if not name.startswith("_")}
    try:
        return derive(out, (wrt[0] if len(wrt) == 1 else wrt) or None, None, names)
    except (RuntimeError, ValueError, TypeError, NotImplementedError, ArithmeticError) as error:
        raise Complaint(str(error)) from error


def evaluate_expression(text, lets):
    """(value, variables) of an expression in float64; floats given by --let require grad."""
    from engine import dtypes

    before = dtypes.get_default_dtype()
    dtypes.set_default_dtype(dtypes.float64)
    try:
        return computed(text, lets)
    finally:
        dtypes.set_default_dtype(before)


def computed(text, lets):
    """(value, variables) of an expression, in the default dtype."""
    from engine.tensor import Tensor
    from explain.parse import InputError, evaluate, parse, parse_let
    from explain.vocabulary import functions, methods

    table, allowed = functions(), methods()
    variables = {}
    for let in lets:
        name, tree = parse_let(let, table)
        variables[name] = leaf_of(evaluate(tree, variables, table, allowed), name)
    out = evaluate(parse(text), variables, table, allowed)
    if isinstance(out, (tuple, list)):
        raise InputError("the expression has several values; pick one by its index, such as split(a, 2)[0]")
    if not isinstance(out, Tensor):
        raise InputError("the expression has no variable in it, so there is nothing to differentiate; use --let")
    if not out.requires_grad:
        raise InputError(
            "the expression doesn't depend on a variable with a derivative; give one by --let, such as a=ones(2,2)"
        )
    return out, variables


def leaf_of(value, name):
    """A variable that --let gives: a float64 tensor that requires grad, or an integer one as it is."""
    import numpy as np

    from engine.creation import array_of
    from engine.tensor import tensor_of_leaf
    from explain.parse import InputError

    try:
        array = array_of(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"--let {name}: {error}") from error
    floating = array.dtype.kind == "f" or not array.ndim or isinstance(value, list)
    if floating and array.dtype.kind != "b":
        return tensor_of_leaf(array.astype(np.float64), True)
    return tensor_of_leaf(array, False)


class ProgramError(Exception):
    """The user's own file failed."""


def run_program(path, source, variables):
    """Run the user's file, whose variables are left in `variables`; what it prints goes to standard error."""
    variables.update({"__name__": "__main__", "__file__": path})
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(compile(source, path, "exec"), variables)
    except SystemExit:
        pass
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
        line = lines[-1] if lines else getattr(error, "lineno", None)
        raise ProgramError(f"{path}, line {line}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.pop(0)


def run_file(path, out_name):
    """(tensor, variables) after running the user's file."""
    from engine.tensor import Tensor
    from explain.naming import last_scalar
    from explain.strangers import REMEDY, among, called

    variables = {}
    run_program(path, read(path), variables)
    tensors = {name: value for name, value in variables.items() if isinstance(value, Tensor)}
    stranger = among(variables)
    if stranger and not tensors:
        raise Complaint(f"{path}: {stranger} is {called(variables[stranger])}; {REMEDY}")
    if out_name is not None:
        if out_name not in tensors:
            known = ", ".join(tensors) or "none"
            raise Complaint(f"--out {out_name}: the file has no such tensor; its tensors are: {known}")
        return tensors[out_name], variables
    scalar = last_scalar(tensors)
    if scalar is None:
        raise Complaint(f"{path} leaves no scalar with a derivative in a variable; name one by --out")
    return scalar, variables


def write(page, path):
    """Print a page, or put it whole into a file, which stays as it was if writing fails."""
    if path is None:
        sys.stdout.write(page)
        return
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".explain-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(page)
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):  # it may have its name already
                os.unlink(temporary)
            raise
    except OSError as error:
        raise Complaint(f"{path} can't be written: {error.strerror}") from error


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""What a reader may give to be checked: NumPy text, LaTeX, SymPy, a function, an array; each read into a Candidate.

Text is parsed, never handed to Python. What isn't understood is an InputError of one sentence.
Imported by explain.verdict.
"""

import ast
import difflib
import inspect
import numbers
from dataclasses import dataclass, replace

import numpy as np

from engine import dtypes
from engine.tensor import Tensor, tensor_of_leaf
from explain import wording
from explain.limits import LIMITS, Guard
from explain.parse import MODULES, Tree, evaluate, parse
from explain.spelling import spelled
from explain.tokens import InputError, first_line
from explain.vocabulary import functions, methods

RANDOM = ("rand", "bernoulli", "dropout", "multinomial", "normal", "seed", "initial_seed", "Generator", "linalg.Lin")
VALUES_ASKED = {"shape", "ndim"}
BOUNDS = replace(LIMITS, length=4000, nodes=600, elements=100_000, total=2_000_000, work=30_000_000, seconds=1.0)


@dataclass(frozen=True)
class Candidate:
    """A derivative as somebody wrote it.

    kind  text, latex, sympy, function or array
    shown how a message quotes it
    on    names -> value: it worked out on arrays or tensors; InputError where that can't be
    tree  of text, so that edits of it can be tried
    expr  of SymPy, in the explanation's symbols
    """

    kind: str
    shown: str
    on: object
    tree: Tree | None = None
    expr: object = None
    exact: bool = True  # not rounded to float32

    @property
    def movable(self):
        """Whether it can be tried at other values than the user's."""
        return self.kind != "array"


def read(given, explanation, sizes):
    """The Candidate; `sizes` are integer variables that may stand for sizes: name -> int."""
    if isinstance(given, str):
        text = given.strip()
        if is_latex(text):
            return of_latex(text, explanation, sizes)
        return of_text(text, explanation, "text", text)
    if isinstance(given, (Tensor, np.ndarray, np.generic, numbers.Real, list, tuple)):
        return of_array(given)
    if hasattr(given, "free_symbols") or type(given).__module__.startswith("sympy."):
        from explain.sympy_candidates import of_sympy

        return of_sympy(given, explanation, sizes)
    if callable(given):
        return of_function(given, explanation)
    raise InputError(
        f"a candidate is NumPy text, LaTeX, a SymPy expression, a function or an array, not {type(given).__name__}; "
        'write it as text, such as "2 * a"'
    )


# names


def names_at(explanation, point, sizes):
    """name -> array of every variable of the explanation at a point, its letters and G as well."""
    derivation = explanation._derivation
    program = derivation.program
    found = {name: value for name, value in sizes.items()}
    found.update({str(letter): size for letter, size in point.letters.items()})
    if derivation.seed.expr.is_Symbol:
        found[derivation.seed.expr.name] = point.seed
    for node, name in program.names.items():
        if not isinstance(point.outputs[node], tuple):
            found[name] = point.outputs[node]
    return found


def sizes_among(variables, explanation):
    """Integer variables that equal a size of the program, such as n = len(X): name -> int."""
    program = explanation._derivation.program
    if program.letters.sizes:
        return {}
    known = {size for node in program.nodes if not isinstance(node.output, tuple) for size in node.shape}
    return {name: value for name, value in variables.items() if type(value) is int and value in known and value > 1}


# text


def limits_for(explanation):
    """Bounds that leave room for the program's own arrays."""
    sizes = [node.output.size for node in explanation._derivation.program.nodes if not isinstance(node.output, tuple)]
    room = max(sizes, default=1)
    return replace(BOUNDS, elements=max(BOUNDS.elements, 8 * room), total=max(BOUNDS.total, 200 * room),
                   work=max(BOUNDS.work, 2000 * room))  # fmt: skip


def of_text(text, explanation, kind, shown):
    """A Candidate of NumPy text."""
    return of_tree(spelled(parse(text, limits_for(explanation))), kind, shown)


def of_tree(tree, kind, shown):
    """A Candidate of an expression's tree."""

    def on(names, seconds=None):
        return evaluated(tree, names, seconds)

    return Candidate(kind, shown, on, tree)


def evaluated(tree, names, seconds=None):
    """An expression's value, in float64, on arrays or tensors by name."""
    table, held = scope_of(names)
    check_names(tree, table, held)
    limits = tree.limits if seconds is None else replace(tree.limits, seconds=seconds)
    with dtypes.default_dtype(dtypes.float64):
        made = evaluate(tree, held, table, _METHODS(), guard=Guard(limits))
    if isinstance(made, (tuple, list)) or callable(made):
        raise InputError(f"this is a {type(made).__name__}, not an array; take a part of it, such as [0]")
    return made


def check_names(tree, table, held):
    """An InputError that lists the variables, where a name is none of them."""
    calls = {id(node.func) for node in ast.walk(tree.root) if isinstance(node, ast.Call)}
    roots = {id(node.value) for node in ast.walk(tree.root) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree.root):
        if not isinstance(node, ast.Name) or id(node) in calls or node.id in held or node.id in table:
            continue
        if id(node) in roots and (node.id in MODULES or any(name.startswith(node.id + ".") for name in table)):
            continue
        close = difflib.get_close_matches(node.id, held, n=1)
        remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(held))}"
        if not close and node.id.islower() and len(node.id) == 1:
            remedy += '; a size gets its letter by dims={"X": "n d"}, or write len(X)'
        raise InputError(f"{node.id}: unknown name; {remedy}")


def scope_of(names):
    """(functions and dotted names, plain names) for the evaluation; W[0] is an entry of W."""
    table, held = dict(_FUNCTIONS()), {}
    for name, value in names.items():
        made = tensor_of(value)
        root, bracket, rest = name.partition("[")
        if name.isidentifier():
            held[name] = made
        elif bracket and rest.endswith("]") and root.isidentifier() and rest[:-1].isdigit():
            held.setdefault(root, {})
            if isinstance(held[root], dict):
                held[root][int(rest[:-1])] = made
        else:
            table[name] = made
    return table, held


def tensor_of(value):
    """An array as a tensor that nothing can be written into; numbers and tensors as they are."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
        return tensor_of_leaf(value, False)
    return value


def _cached(make):
    made = []

    def get():
        if not made:
            made.append(make())
        return made[0]

    return get


def _allowed_functions():
    table = {name: made for name, made in functions().items() if not name.startswith(RANDOM)}
    table["len"] = _length
    table.setdefault("inv", table["linalg.inv"])
    return table


def _length(value):
    shape = getattr(value, "shape", ())
    if not shape:
        raise InputError("len(...) takes an array with an axis")
    return int(shape[0])


_FUNCTIONS = _cached(_allowed_functions)
_METHODS = _cached(lambda: {name for name in methods() | VALUES_ASKED if not name.startswith(("backward", *RANDOM))})


# other kinds


def is_latex(text):
    return "\\" in text or "^" in text or "{" in text


def of_latex(text, explanation, sizes):
    """A Candidate of LaTeX: read into NumPy text, which products depend on the shapes for."""
    from explain.reading_latex import numpy_text

    made = numpy_text(text, explanation, sizes)
    return of_text(made, explanation, "latex", text)


def of_array(given):
    """A Candidate that is numbers alone."""
    try:
        value = given.detach().numpy() if isinstance(given, Tensor) else np.asarray(given)
        exact = value.dtype != np.float32
        value = np.array(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"the array isn't one of real numbers: {first_line(error)}") from error
    shown = wording.array(value) if value.size <= wording.SHOWN else f"the array of shape {value.shape}"
    return Candidate("array", shown, lambda names, seconds=None: value, exact=exact)


def of_function(function, explanation):
    """A Candidate that is a function of the variables, by the names of its parameters or in the leaves' order."""
    shown = getattr(function, "__name__", type(function).__name__)
    shown = "the function" if shown == "<lambda>" else f"{shown}(...)"
    wanted = _parameters(function, explanation)

    def on(names, seconds=None):
        arguments = {parameter: names[name] for parameter, name in wanted.items()}
        try:
            with np.errstate(all="ignore"):
                made = _called(function, arguments)
        except Exception as error:  # the reader's own code
            raise InputError(f"{shown} failed: {type(error).__name__}: {first_line(error)}") from error
        if not isinstance(made, (Tensor, np.ndarray, np.generic, numbers.Real, list)):
            raise InputError(f"{shown} returned {type(made).__name__}; it should return an array")
        return made

    return Candidate("function", shown, on)


def _called(function, arguments):
    """With arrays; with tensors where arrays lack what the function asks for."""
    copies = {name: np.array(value) if isinstance(value, np.ndarray) else value for name, value in arguments.items()}
    try:
        return function(*copies.values())
    except (AttributeError, TypeError) as error:
        tensors = {name: tensor_of(value) for name, value in arguments.items()}
        try:
            with dtypes.default_dtype(dtypes.float64):
                return function(*tensors.values())
        except Exception:
            raise error from None


def _parameters(function, explanation):
    """parameter -> the variable that it gets."""
    program = explanation._derivation.program
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        raise InputError("the function's parameters can't be told; wrap it in a lambda of the leaves") from None
    required = [p.name for p in signature.parameters.values()
                if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty]  # fmt: skip
    everything = dict(names_at(explanation, _given(explanation), {}))
    if all(name in everything for name in required):
        return {name: name for name in required}
    leaves = [program.names[node] for node in program.nodes if node.op is None]
    seed = explanation._derivation.seed.expr
    orders = [leaves, [*leaves, seed.name] if seed.is_Symbol else leaves]
    moving = [program.names[node] for node in program.nodes if node.op is None and node in program.live]
    if not any(name in everything for name in required):
        for order in (*orders, moving):
            if len(order) == len(required):
                return dict(zip(required, order))
    unknown = [name for name in required if name not in everything]
    raise InputError(
        f"the function's parameters ({', '.join(required) or 'none'}) don't tell which variables they are: "
        f"{', '.join(unknown)} is none of {', '.join(sorted(everything))}; name them as these"
    )


def _given(explanation):
    from explain.trials import trials

    return trials(explanation)[0][1]


__all__ = ["Candidate", "names_at", "of_tree", "read", "sizes_among"]

"""docs/operations.md, generated from the registry; nothing in it is typed but headings."""

import inspect
from functools import cache

import numpy as np
from checks import differentiable, numbers, several, tensors
from oracles.op_db.counts import read
from oracles.op_db.exceptions import EXCEPTIONS
from oracles.op_db.names import COVERED

from engine import autograd
from engine.op import PUBLIC, REGISTRY, Every, Sample
from operations.naming import families, public_names
from operations.rules import rules_of

HEAD = """# Operations

{count} operations, each declared once in `engine/ops`, with its law, its pullback's rule, and the points where
mathematics and convention differ. The rule is the one that runs: read on symbols, as `explain` reads it, and printed.
g is the cotangent of the output y, x̄ that of the operand x; those of an operation with several outputs are numbered.
⊙ multiplies entry by entry, juxtaposed matrices are multiplied as matrices, [x > 0] is 1 where it holds, else 0.
Sums over the axes that broadcasting added are left out: the sweep takes them, for every operation alike. Letters are
sizes. A rule with parameters is shown for those that stand behind it. Methods whose names end in an underscore work in
place and have the same rules.

{samples}

This page is written by `python tests/operations`; a test holds it to what the code gives.
"""


def page():
    """The whole page."""
    out = HEAD.format(count=len([op for op in REGISTRY.values() if not op.internal]), samples=summary())
    told = set()
    for title, operations in families().items():
        shown = [op for op in operations if not op.internal]
        if shown:
            out += f"\n## {title}\n" + "".join(block(op, told) for op in shown)
    return out + made_of_several(told) + internals()


def block(op, told):
    """An operation."""
    paths = public_names(op)
    lines = [f"law: {op.law}"]
    lines.append(f"{rule_name(op)}: {rules(op)}" if differentiated(op) else NONE[bool(op.vjp)])
    lines += [f"in words: {sentence}" for sentence in dict.fromkeys([op.says] if isinstance(op.says, str) else op.says)]
    domain = [one for one in op.domain if one != "real"]
    lines += [f"domain: {', '.join(op.domain)}"] if domain else []
    lines += [f"by convention: {'; '.join(map(str, edges(op)))}"] if op.edges else []
    lines += [f"source: {op.source}"] if op.source else []
    lines += counts(paths, told)
    names = ", ".join(f"`{path}`" for path in paths) or "No public name: rules of other operations use it."
    return f"\n### {op.name}\n\n{names}\n\n" + "".join(f"- {line}\n" for line in lines)


NONE = {False: "no derivative: the result never requires grad", True: "no derivative: to ask for one is an error"}


def differentiated(op):
    return op.vjp.__class__ is Every or any(op.vjp)


def rule_name(op):
    return f"rule, {op.rule}" if op.rule != op.name else "rule"


def rules(op):
    """The rules of the operands; parameters and shapes where the formula is for them alone."""
    found = rules_of(op)
    params = [rule.params for rule in found]
    written = [f"`{cotangent(rule.operand)} = {rule.formula}`" for rule in found]
    if all(one == params[0] for one in params):
        return "; ".join(written) + given(params[0])
    return "; ".join(formula + given(one) for formula, one in zip(written, params))


def given(params):
    """The parameters that a rule is shown for."""
    return " for " + ", ".join(f"{name}={plain(value)}" for name, value in params.items()) if params else ""


def plain(value):
    return str(value) if not isinstance(value, str) else value


def cotangent(name):
    """The name of an operand's cotangent: x̄, x̄₁; a longer name is written out.

    >>> cotangent("x₁"), cotangent("weight")
    ('x̄₁', "weight's")
    """
    letters = name.rstrip("₀₁₂₃₄₅₆₇₈₉")
    return f"{letters}\u0304{name[len(letters):]}" if len(letters) == 1 else f"{name}'s"


# edges


def edges(op):
    """What the engine, and so PyTorch, gives at the points where a convention decides; equal answers are one line."""
    found = {}
    for edge in op.edges:
        args, params = edge if isinstance(edge, Sample) else (edge, op.samples[0][1])
        values = [np.array(arg, dtype=float) for arg in args]
        with np.errstate(all="ignore"):
            outputs = numbers(op, values, params)
            leaves = tensors(op, values)
            results = [y for y in several(op(*leaves, **params)) if y.requires_grad]
            asked = [leaf for at, leaf in enumerate(leaves) if differentiable(op, at, values[at])]
            grads = autograd.grad([y.sum() for y in results], asked, allow_unused=True) if results else ()
        at = ", ".join(number(arg) for arg in args)
        at = f"({at})" if len(args) > 1 else at
        gives = ", ".join(number(y) for y in outputs)
        slopes = ", ".join("0" if g is None else number(g.numpy()) for g in grads)
        answer = at, f"the value is {gives}" + (f", the slope {slopes}" if grads else "")
        found.setdefault(answer, []).append(params)
    listed = [params for group in found.values() for params in group]
    varied = [name for name in listed[0] if any(params[name] != listed[0][name] for params in listed)]
    for (at, answer), group in found.items():
        where = " or".join(given({name: params[name] for name in varied}).removeprefix(" for") for params in group)
        yield f"at {at}{f' for{where}' if varied else ''} {answer}"


def number(value):
    """A number, or a list of them, as a person writes it."""
    value = np.asarray(value)
    if value.ndim:
        return "[" + ", ".join(map(number, value)) + "]"
    return f"{float(value):.6g}".replace("inf", "∞").replace("nan", "NaN").replace("-", "−")


# samples


def summary():
    """How many of PyTorch's samples agree."""
    kept = read()
    entries = kept["entries"].values()
    total = sum(sum(kinds.values()) for kinds in entries)
    both, value, alike = (sum(kinds.get(kind, 0) for kinds in entries) for kind in ("agrees", "constant", "alike"))
    share = 100 * (both + value + alike) / total
    version = kept["torch"]
    return f"""PyTorch tests itself on sample inputs, of which {total:,} in float64 belong to the functions listed here.
Run through these functions, {both:,} agree in value and gradient with PyTorch {version} (relative 1e-10), {value:,}
more in value where nothing has a gradient, and {alike:,} draw random numbers and agree in shape and dtype:
{share:.2f} %. Each of the others is listed with its operation. `python tests/oracles/op_db` runs them."""


def counts(paths, told):
    """A line for each entry of PyTorch's table that tests one of these functions."""
    found = {}
    for title, kinds in read()["entries"].items():
        if title not in told and path_of(title) in paths:
            told.add(title)
            found[title] = kinds
    if not found:
        return []
    line = "PyTorch's samples: " + "; ".join(f"{title} {counted(kinds)}" for title, kinds in found.items())
    return [line, *(exception(title) for title in found if title in EXCEPTIONS)]


@cache
def path_of(title):
    """The public path that an entry of PyTorch's table tests."""
    name = max((name for name in COVERED if title == name or title.startswith(f"{name}.")), key=len)
    return next((path for path in (name, f"Tensor.{name}", f"special.{name}") if path in PUBLIC), None)


def counted(kinds):
    right = sum(kinds.get(kind, 0) for kind in ("agrees", "constant", "alike"))
    return f"{right} of {sum(kinds.values())}"


def exception(title):
    count, _kind, reason = EXCEPTIONS[title]
    return f"exception, {count} of {title}: {reason}"


def made_of_several(told):
    """The functions that are made of several operations, or of none that is shown."""
    out = "\n## Functions made of several operations\n\n"
    out += "| function | law | PyTorch's samples | exceptions |\n|---|---|---|---|\n"
    for title, kinds in read()["entries"].items():
        if title not in told:
            path = path_of(title)
            law = (inspect.getdoc(PUBLIC[path]) or "").splitlines()[0] if path else ""
            why = exception(title) if title in EXCEPTIONS else ""
            out += f"| `{title}` | {law.replace('|', chr(92) + '|')} | {counted(kinds)} | {why} |\n"
    return out


def internals():
    """The operations that users never call."""
    out = "\n## Operations that users never call\n\n| operation | law | why |\n|---|---|---|\n"
    for name, op in sorted(REGISTRY.items()):
        if op.internal:
            out += f"| {name} | {op.law.replace('|', chr(92) + '|')} | {op.internal} |\n"
    return out

"""What signs mean that not every reader knows, for those that a page uses. Imported by explain.render.outline."""

from engine.symbols import ArraySymbol, Structure, Sym
from explain.steps import Derivative, Form, Numbers

ALONG = {"sum": "Σ", "mean": "mean"}


def upstream(explanation):
    """What G and L stand for, where the output has an upstream gradient."""
    seed, name = explanation.seed, explanation.output_name
    if not seed.expr.is_Symbol:
        return ()
    target = explanation.target
    return (f"{target} is a scalar computed from {name}; {seed.expr} = ∂{target}/∂{name}, with one entry for each of "
            f"{name}'s.",)  # fmt: skip


def legend(*lines):
    """Sentences about the notation of a page's lines."""
    operations, hadamard = set(), False
    for expr in _expressions(lines):
        for part in _walk(expr):
            if isinstance(part, Structure):
                operations.add((part.operation, _reduced(part)))
            elif part.is_Mul and sum(map(_array, part.args)) > 1:
                hadamard = True
    out = []
    kinds = {kind for _name, kind in operations}
    along = {kind: ALONG.get(name, name) for name, kind in sorted(operations, key=str, reverse=True) if kind}
    if hadamard and any(name == "matmul" for name, _kind in operations):
        out.append("⊙ multiplies entry by entry; matrices side by side are multiplied as matrices.")
    if "dropped" in kinds:
        out.append(f"An index such as that of {along['dropped']}₁ tells along which axis, counted from 0.")
    if "kept" in kinds:
        out.append(f"{along['kept']}₍₁₎ is taken along axis 1 and keeps that axis, with size one.")
    return tuple(out)


def _array(factor):
    return isinstance(factor, ArraySymbol | Structure) and bool(factor.shape)


def _reduced(part):
    """Whether an operation along some of the axes keeps or drops them."""
    dim, shape = part.params.get("dim"), part.operand_shapes[0] if part.operand_shapes else ()
    if dim is None or not isinstance(dim, tuple) or part.operation in ("unsqueeze", "squeeze"):
        return ""
    if len(dim) == len(shape) and not (part.params.get("keepdim") and shape):
        return ""
    return "kept" if part.params.get("keepdim") else "dropped"


def _expressions(lines):
    stack = list(lines)
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(item)
        elif isinstance(item, Sym):
            yield item.expr
        elif isinstance(item, Form):
            stack.extend(item.terms)
        elif isinstance(item, Numbers):
            stack.append(item.form)
        elif isinstance(item, Derivative):
            stack.append(item.of)
        elif hasattr(item, "parts"):
            stack.append(item.parts)
        elif hasattr(item, "lines"):
            stack.append(item.lines)


def _walk(expr):
    seen, stack = set(), [expr]
    while stack:
        part = stack.pop()
        if part in seen:
            continue
        seen.add(part)
        yield part
        stack.extend(part.operands if isinstance(part, Structure) else part.args)

"""What signs mean that not every reader knows, for those that a page uses. Imported by explain.render.outline."""

import re

from engine.symbols import ArraySymbol, Structure, Sym
from explain.render.structures import NAMES, WRITERS
from explain.steps import Derivative, Form, Numbers

ALONG = {"sum": "Σ", "mean": "mean"}
COTANGENT = "The cotangent of a variable v is ∂{0}/∂v, which is passed back to it."
MEANS = {  # name of an operation -> what a call of it stands for
    "put_slice": "put(v, [i]) is zero but at the place i, where v stands.",
    "put_positions": "put(v, i) is zero but at the places i, where the entries of v are added.",
    "eigh": "eigenvalues(A), λ, and eigenvectors(A), the columns of V, are those of A = V diag(λ) Vᵀ.",
    "svd": "left_vectors(A), U, singular_values(A), S, and right_vectors(A), Vᵀ, are those of A = U diag(S) Vᵀ.",
    "qr": "qr_Q(A) has orthonormal columns and qr_R(A) is an upper triangle: A = Q R.",
    "slogdet": "log_abs_det(A) is log |det A|, and sign_det(A) the sign of det A.",
    "lstm_step": "input_gate(a), forget_gate(a), candidate(a), output_gate(a) are σ, σ, tanh, σ of the four parts of "
                 "a; next_cell(a, c) = forget_gate ⊙ c + input_gate ⊙ candidate, tanh_cell is its tanh, and "
                 "next_state(a, c) = output_gate ⊙ tanh_cell.",
    "gru_step": "reset_gate(a, b), update_gate(a, b) are σ of the first two parts of a + b; candidate(a, b) = tanh of "
                "a's third part + reset_gate ⊙ b's, which from_state(a, b) is; next_state(a, b, h) = candidate + "
                "update_gate ⊙ (h − candidate).",
    "put": "put(v, [i]) is zero but at the places i, where the entries of v are added.",
    "share": "share(x = m) is 1/k in the k entries that equal m, and 0 elsewhere.",
    "max_positions": "max_positions(x) tells for each window where its largest entry stands.",
    "where": "where(c, a, b) is a where c holds, and b elsewhere.",
    "convolution": "x ∗ k multiplies k with each stretch of x and adds up; k isn't turned around first.",
    "convolution_weight": "conv_weight(x, g) has an entry for each weight: the sum, over all places where it was "
                          "applied, of what stood in x there times what stands in g.",
    "convolution_input": "conv_input(g, k) gives each entry of x the sum, over all places that saw it, of what stands "
                         "in g times the weight that it met.",
}  # fmt: skip
KNOWN = {"mean", "sum", "softmax", "max_all", "min_all", "amax", "amin", "max_along", "min_along", "prod", "diagonal",
         "identity", "identity_like", "part", "unstack"}  # fmt: skip
COMPARISONS = {"lt": "<", "le": "≤", "gt": ">", "ge": "≥", "eq": "=", "ne": "≠"}
AXES = re.compile(r"(?:the )?(?:axis |axes )?`dim`")
MINUS = re.compile(r"(?<![^\W\d_])-|-(?![^\W\d_])")  # not the hyphen of n-th
SMALL = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def upstream(explanation):
    """What G and L stand for, where the output has an upstream gradient."""
    seed, name = explanation.seed, explanation.output_name
    if not seed.expr.is_Symbol:
        return ()
    target = explanation.target
    return (f"{target} is a scalar computed from {name}; {seed.expr} = ∂{target}/∂{name}, with one entry for each of "
            f"{name}'s.",)  # fmt: skip


def legend(target, *lines):
    """Sentences about the notation of a page's lines; target: what is differentiated."""
    operations, hadamard, compared = {}, False, set()
    for expr in _expressions(lines):
        for part in _walk(expr):
            if isinstance(part, Structure):
                operations.setdefault((part.operation, _reduced(part)), part)
                if part.operation in COMPARISONS:
                    compared.add(COMPARISONS[part.operation])
            elif part.is_Mul and sum(map(_array, part.args)) > 1:
                hadamard = True
    out = [COTANGENT.format(target)] if any("cotangent" in words for words in _words(lines)) else []
    names = {name for name, _kind in operations}
    along = {}
    for (name, kind), part in sorted(operations.items(), key=lambda item: str(item[0]), reverse=True):
        if kind:
            along[kind] = ALONG.get(name, name), part.params["dim"]
    if hadamard and "matmul" in names:
        out.append("⊙ multiplies entry by entry; matrices side by side are multiplied as matrices.")
    if "dropped" in along:
        name, dim = along["dropped"]
        out.append(f"{name}{_index(dim)} is taken along {_axes(dim)}; axes are counted from 0.")
    if "kept" in along:
        name, dim = along["kept"]
        out.append(f"{name}₍{_index(dim)}₎ is taken along {_axes(dim)} and keeps {_kept(dim)}, with size one.")
    if compared:
        out.append(f"[a {min(compared)} b] is 1 where that holds, and 0 where it doesn't.")
    shown = {part.operation: part for part in operations.values()}
    return (*out, *filter(None, (_meaning(part) for part in shown.values())))


def _meaning(part):
    """What a function that not every reader knows stands for, by its operation's law."""
    if part.operation in MEANS:
        return MEANS[part.operation]
    if part.operation in KNOWN or part.operation in WRITERS or not part.op.law:
        return ""
    if part.op.text and not re.match(r"[a-z_]{3,}\(", part.op.text):
        return ""
    name = part.op.text.partition("(")[0] if part.op.text else NAMES.get(part.operation, part.operation)
    law = AXES.sub(lambda found: _axes(_tuple(part.params.get("dim", found[0]))), part.op.law.partition(";")[0])
    law = re.sub(r"`(\w+)`", lambda found: _told(part.params.get(found[1], found[1])), law)
    return f"{name}: {MINUS.sub('−', law)}."


def _told(value):
    """A parameter's value in a sentence."""
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _tuple(value):
    return value if isinstance(value, tuple) else (value,)


def _index(dim):
    return ",".join(map(str, dim)).translate(SMALL)


def _axes(dim):
    return f"axis {dim[0]}" if len(dim) == 1 else "the axes " + " and ".join(map(str, dim))


def _kept(dim):
    return "it" if len(dim) == 1 else "them"


def _words(lines):
    """The sentences of lines, and of sections' lines."""
    for item in lines:
        if isinstance(item, tuple):
            yield from _words(item)
        elif hasattr(item, "lines"):
            yield from _words(item.lines)
        else:
            yield from item.words


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

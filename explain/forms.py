"""Other forms of an explanation's formula: in the leaves alone, by entries, as code. Each is certified when made.

Imported by explain.explanation.
"""

import itertools

import numpy as np

import explain.code as generated
import explain.entries as indexed
from engine.symbols import Structure, shape_of
from explain.certify import certify_form
from explain.cost import children, length

LONGEST = 200  # the length up to which an expression in the leaves is written by entries
LARGEST = 20_000  # numbers that an entry in the leaves may be made from
SAMPLED = 4  # entries that are evaluated at each point: each may be a sum over all others
CORNERS = 8  # more of them: the first and the last along each axis, where ranges end


def expanded(explanation):
    """The formula in the leaves alone, as a Sym."""
    derivation, wrt = explanation._derivation, explanation._wrt
    if "expanded" not in explanation.__dict__:
        sym = derivation.expanded(wrt)
        certify_form(derivation, wrt, "the expanded formula", lambda point: point.value(sym), explanation._cotangent)
        explanation.__dict__["expanded"] = sym
    return explanation.__dict__["expanded"]


def entry(explanation):
    """One entry of the expanded formula, or, where sums within sums would be very many, of the one in names."""
    if "_entry" not in explanation.__dict__:
        letters = explanation._derivation.program.letters.sizes
        sym = expanded(explanation)
        found = indexed.entry(sym) if length(sym.expr) <= LONGEST else None
        if found is None or indexed.work(found, letters) > LARGEST:
            found = indexed.entry(explanation.formula_sym)
        explanation.__dict__["_entry"] = found
    return explanation.__dict__["_entry"]


def entries(explanation):
    """The formula at one entry, in index notation; a few entries are checked at each point."""
    derivation, wrt = explanation._derivation, explanation._wrt
    found = entry(explanation)
    if "_entries" in explanation.__dict__:
        return found.expr
    generator = np.random.default_rng(3)

    def value(point):
        truth = point.gradients[wrt]
        out = np.full(truth.shape, np.nan)  # which isn't compared
        places = list(np.ndindex(truth.shape))
        ends = itertools.product(*(sorted({0, size - 1}) for size in truth.shape if size)) if places else ()
        drawn = (places[at] for at in generator.permutation(len(places))[:SAMPLED])
        for place in (*itertools.islice(ends, CORNERS), *drawn):
            out[place] = indexed.value_at(found, place, point.env, point.letters)
        return out

    certify_form(derivation, wrt, "the formula by entries", value, explanation._cotangent)
    explanation.__dict__["_entries"] = True
    return found.expr


def indices(explanation):
    """The names of the indices of `entries`."""
    return tuple(map(str, entry(explanation).indices))


def code(explanation, target="numpy"):
    """The source of grad_NAME."""
    if target != "numpy":
        raise ValueError(f"there is no target {target!r}; there is 'numpy'")
    derivation, wrt = explanation._derivation, explanation._wrt
    name = name_of(explanation)
    arguments = leaves(explanation)
    shapes = {label: sym.shape for label, sym in arguments}
    found = explanation._found
    where = [(atom.name, atom, sym) for atom, sym in found.where.items()]
    text = generated.source(name, found.main, where, [(label, sym.expr) for label, sym in arguments], shapes,
                            (explanation.name, derivation.program.shape(wrt)), truths(derivation.program),
                            explanation.certificate.zeroed)  # fmt: skip
    run = generated.compiled(text, name)

    def value(point):
        return run(*(unwritable(point.env[sym.expr]) for _label, sym in arguments))

    certify_form(derivation, wrt, "the generated code", value, explanation._cotangent, found.main)
    return text


def unwritable(value):
    """A view that code can't write into: what it is given stays as it is."""
    view = np.asarray(value).view()
    view.flags.writeable = False
    return view


def truths(program):
    """The symbols of the leaves that hold truth values."""
    return {program.value(node).expr for node in program.nodes if node.op is None and node.output.dtype.kind == "b"}


def function(explanation, target="numpy"):
    """grad_NAME, compiled."""
    return generated.compiled(code(explanation, target), name_of(explanation))


def name_of(explanation):
    """The name in `grad_NAME`: the variable's, as an identifier."""
    return "".join(c if c.isalnum() else "_" for c in explanation.name)


def sizes_in(exprs):
    """The sizes that are letters in the parameters of expressions, such as those of an identity matrix."""
    found, seen, stack = set(), set(), list(exprs)
    while stack:
        part = stack.pop()
        if part in seen:
            continue
        seen.add(part)
        stack.extend(children(part))
        if isinstance(part, Structure):
            for value in part.params.values():
                for item in value if isinstance(value, tuple) else (value,):
                    found |= getattr(item, "free_symbols", set())
    return found


def leaves(explanation):
    """(name, Sym) of the leaves that the formula uses, as recorded, then the upstream gradient."""
    derivation = explanation._derivation
    program, found = derivation.program, explanation._found
    exprs = [found.main.expr, *(sym.expr for sym in found.where.values())]
    used = set().union(*(expr.free_symbols for expr in exprs))
    kept = [(program.names[node], program.value(node)) for node in program.nodes
            if node.op is None and program.value(node).expr in used]  # fmt: skip
    if not kept or explanation.name not in dict(kept):
        # Sizes and the result's shape may be read off the variable itself.
        shape = program.shape(explanation._wrt)
        if explanation._wrt.op is None and (found.main.shape != shape_of(found.main.expr) or used & set(shape)):
            kept.insert(0, (explanation.name, program.value(explanation._wrt)))
    unread = (sizes_in(exprs) | used) & program.letters.sizes.keys()
    unread -= {size for _name, sym in kept for size in sym.shape}
    for node in (explanation._wrt, *program.nodes):
        if node.op is None and unread & set(program.shape(node)) and program.names[node] not in dict(kept):
            kept.insert(0, (program.names[node], program.value(node)))
            unread -= set(program.shape(node))
    if derivation.seed.expr in used:
        kept.append((derivation.seed.expr.name, derivation.seed))
    return kept

"""What is said of a step, in sentences: why a transpose, why ⊙, what broadcasting sums, where a convention holds.

The operations' own sentences come from their declarations; here are those that need the shapes and names at hand.
Imported by explain.backward.
"""

from engine.symbols import Sym, lift
from engine.tape import Node
from explain.conventions import corners
from explain.render.notation import short_number, text
from explain.steps import Said

SHORT = 14  # letters up to which an unnamed operand is called by its formula
SPECIAL = {}  # name of an operation -> what is said of its operand `at`
BATCH = "The sum over the rows i is the sum over the batch, where the rows are examples."


def said_on(program, node, parent):
    """(rule, sentences) about the operations between two variables, from the later to the earlier."""
    path = program.between(node, parent)
    inside = set(path)
    rules, found = [], []
    operations = [x for x in reversed(path) if x is not parent]
    for x in operations:
        if x.op.name in ("cast", "copied", "part"):
            continue
        rules.append(x.op.rule)
        for at, operand in enumerate(x.inputs):
            if operand.__class__ is Node and operand in inside:
                found += said_of(program, x, at)
    if any(x.op.name == "matmul" for x in operations):
        mixed = [x for x in operations if x.op.elementwise and x.shape and x.op.saves and len(x.inputs) == 1]
        if mixed:
            found.append(Said(
                f"{mixed[0].op.rule} acts on each entry by itself, so its slopes multiply entry by entry (⊙); a matrix "
                "product mixes entries, so its pullback is a matrix product.", "hadamard"))  # fmt: skip
    return ", ".join(dict.fromkeys(rules)), tuple(dict.fromkeys(found))


def said_of(program, node, at):
    """The sentences about one operand of one operation."""
    special = SPECIAL.get(node.op.name)
    found = special(program, node, at) if special is not None else None
    found = [Said(node.op.words(at), f"{node.op.name} {at}")] if found is None else found
    return [*found, *_broadcast(program, node, at), *_convention(program, node, at)]


def name_of(program, x, otherwise):
    """What an operand is called: its name, its short formula, or other words."""
    if x.__class__ is not Node:
        return short_number(float(x)) if isinstance(x, (int, float)) else otherwise
    if x in program.names:
        return program.names[x]
    sym = program.definition(x) if x.op is not None else program.value(x)
    shown = text(sym.expr) if isinstance(sym, Sym) else otherwise
    return shown if len(shown) <= SHORT and " " not in shown else otherwise


def letter(program, options):
    """The first of some letters that isn't a variable's name."""
    taken = set(program.names.values())
    return next((each for each in options if each not in taken), options[0] + "'")


def size(shape):
    """(4, 2) -> 4×2."""
    return "×".join(map(str, shape)) if shape else "one number"


def said_for(*names):
    def enter(function):
        for name in names:
            SPECIAL[name] = function
        return function

    return enter


@said_for("mean")
def _mean(program, node, at):
    count = _count(program.shape(node.inputs[0]), node.params["dim"])
    if count == 1:
        return None
    return [Said(f"Each of the {count} entries counts for 1/{count} of their mean.", f"mean {count}")]


@said_for("sum")
def _sum(program, node, at):
    shape, dim = program.shape(node.inputs[0]), node.params["dim"]
    along = "" if len(dim) == len(shape) else f" along {axes(dim)}"
    return [Said(f"Every entry counts once in the sum{along}, so its slope is 1: each gets the sum's cotangent.",
                 f"sum {dim}")]  # fmt: skip


def _count(shape, dim):
    count = 1
    for at in dim:
        count = count * shape[at]
    return count


def axes(dim):
    """(0,) -> axis 0."""
    return f"axis {dim[0]}" if len(dim) == 1 else "the axes " + " and ".join(map(str, dim))


@said_for("pow")
def _pow(program, node, at):
    if at == 0 and node.inputs[1].__class__ is not Node:
        n = short_number(float(node.inputs[1]))
        return [Said(f"Bring the exponent {n} down and lower it by one.", f"pow {n}", )]
    return None


@said_for("mul", "div")
def _product(program, node, at):
    other = node.inputs[1 - at]
    if other.__class__ is not Node and (at == 0 or node.op.name == "mul"):
        shown = text(lift(other).expr) if isinstance(other, (int, float)) else "the constant"
        what = "factor" if node.op.name == "mul" else "divisor"
        return [Said(f"The constant {what} {shown} stays.", f"constant {shown}")]
    return None


@said_for("add", "sub")
def _sum_of_two(program, node, at):
    if node.inputs[1 - at].__class__ is not Node and at == 0:
        return [Said("A constant that is added doesn't change the slope, which is 1.", "add constant")]
    return None


@said_for("softmax")
def _softmax(program, node, at):
    p, g = program.names.get(node) or letter(program, "psy"), letter(program, "gdc")
    z = name_of(program, node.inputs[0], letter(program, "zxs"))
    return [Said(
        f"Every {p}_j depends on every score: ∂{p}_j/∂{z}_k = {p}_j ([j = k] − {p}_k). Times the cotangent {g}_j and "
        f"summed over j that is {p}_k {g}_k − {p}_k Σ_j {g}_j {p}_j, hence {p} ⊙ ({g} − Σ {g} ⊙ {p}).",
        "softmax", "Again y ⊙ (g − Σ g ⊙ y), as for every softmax.")]  # fmt: skip


@said_for("matmul")
def _matmul(program, node, at):
    a, b = node.inputs
    if a.__class__ is not Node or b.__class__ is not Node:
        return None
    left, right = program.shape(a), program.shape(b)
    if len(left) > 2 or len(right) > 2:
        return None
    y, g = program.names.get(node) or letter(program, "yuoe"), letter(program, "gdc")
    names, letters = [], []
    for x, options, side in ((a, "AMP", "left"), (b, "BNQ", "right")):
        other = letter(program, options)
        names.append(name_of(program, x, other))
        if names[-1] == other:
            letters.append(f"{other} for the {side} factor")
    first, second = names
    with_letters = f"With {' and '.join(letters)}: " if letters else ""
    mine, shape = (first, left) if at == 0 else (second, right)
    if len(left) == len(right) == 1:
        other = second if at == 0 else first
        if a is b:
            why = f"{y} = Σ_i {first}_i², and the slope of a square is twice its base: 2 {first}_i."
            return [Said(why, "matmul 11 self")] if at == 0 else []
        return [Said(f"{with_letters}{y} = Σ_i {first}_i {second}_i, so {mine}_i acts on {y} with the weight "
                     f"{other}_i: its cotangent is that of {y} times {other}_i.", "matmul 11")]  # fmt: skip
    came = size(program.shape(node))
    if len(left) == 2 and len(right) == 2:
        turned = size(tuple(reversed(right if at == 0 else left)))
        fits = f"Shapes: {came} times {turned}" if at == 0 else f"Shapes: {turned} times {came}"
        fits += f" gives {size(shape)}, that of {mine}."
        other = second if at == 0 else first
        again = f"Again {other} transposed{_turned(other, '')} on the {'right' if at == 0 else 'left'}. {fits}"
        start = f"{with_letters}{y}_ik = Σ_j {first}_ij {second}_jk, so "
        if at == 0:
            why = (f"{first}_ij acts on {y}_ik with the weight {second}_jk, for every k. Its cotangent is Σ_k {g}_ik "
                   f"{second}_jk, with {g} that of {y}: rows of {g} times rows of {second}, hence {second} transposed"
                   f"{_turned(second)} on the right, where it stood.")  # fmt: skip
        else:
            why = (f"{second}_jk acts on {y}_ik with the weight {first}_ij, for every row i. Its cotangent is "
                   f"Σ_i {first}_ij {g}_ik, with {g} that of {y}: {first} transposed{_turned(first)} on the left, "
                   f"where it stood. {BATCH}")  # fmt: skip
        return [Said(f"{start}{why} {fits}", f"matmul 22 {at}", again)]
    if len(left) == 2 and at == 1:
        batch = "" if a.needs else f" {BATCH}"
        return [Said(
            f"{with_letters}{y}_i = Σ_j {first}_ij {second}_j, so {second}_j acts on every {y}_i with the weight "
            f"{first}_ij. Its cotangent is Σ_i {first}_ij {g}_i, with {g} that of {y}: {first} transposed times "
            f"{g}.{batch}",
            f"matmul 21 {at}", f"{first} transposed again sums over its rows.")]  # fmt: skip
    if len(left) == 2:
        return [Said(
            f"{with_letters}{y}_i = Σ_j {first}_ij {second}_j, so {first}_ij acts on {y}_i alone, with the weight "
            f"{second}_j. Its cotangent is {g}_i {second}_j, with {g} that of {y}: an outer product.",
            f"matmul 21 {at}")]  # fmt: skip
    if at == 0:
        return [Said(
            f"{with_letters}{y}_j = Σ_i {first}_i {second}_ij, so {first}_i acts on every {y}_j with the weight "
            f"{second}_ij. Its cotangent is Σ_j {second}_ij {g}_j, with {g} that of {y}: {second} times {g}.",
            f"matmul 12 {at}", f"{second} again sums over its columns.")]  # fmt: skip
    return [Said(
        f"{with_letters}{y}_j = Σ_i {first}_i {second}_ij, so {second}_ij acts on {y}_j alone, with the weight "
        f"{first}_i. Its cotangent is {first}_i {g}_j, with {g} that of {y}: an outer product.",
        f"matmul 12 {at}")]  # fmt: skip


@said_for("linear")
def _linear(program, node, at):
    """y = x Wᵀ + b, row by row."""
    rank = len(program.shape(node.inputs[0]))
    if rank > 2:
        return None
    i, batch = ("i", f" {BATCH}") if rank == 2 else ("", "")
    y, g = program.names.get(node) or letter(program, "yuoe"), letter(program, "gdc")
    x, weight = (name_of(program, operand, letter(program, options)) for operand, options in
                 zip(node.inputs, ("xzs", "WAM")))  # fmt: skip
    bias = name_of(program, node.inputs[2], letter(program, "bcd")) if len(node.inputs) > 2 else ""
    start = "" if x in program.names.values() else f"With {x} for the input: "
    start += f"{y}_{i}k = Σ_j {x}_{i}j {weight}_kj" + (f" + {bias}_k" if bias else "")
    if at == 0:
        return [Said(f"{start}, so {x}_{i}j acts on {y}_{i}k with the weight {weight}_kj, for every k. Its cotangent "
                     f"is Σ_k {g}_{i}k {weight}_kj, with {g} that of {y}: {g} times {weight}.",
                     "linear 0", f"Again the cotangent times {weight}.")]  # fmt: skip
    rows, total = (", for every row i", "Σ_i ") if i else ("", "")
    if at == 1:
        what = f"{g} transposed times {x}" if i else "an outer product"
        return [Said(f"{start}, so {weight}_kj acts on {y}_{i}k with the weight {x}_{i}j{rows}. Its cotangent is "
                     f"{total}{g}_{i}k {x}_{i}j, with {g} that of {y}: {what}.{batch}",
                     "linear 1", f"Again the cotangent transposed, times {x}." if i else "")]  # fmt: skip
    where = " in every row i" if i else ""
    return [Said(f"{start}, so {bias}_k is added{where}. Its cotangent is {total}{g}_{i}k, with {g} that of "
                 f"{y}.{batch}", "linear 2", f"{bias} again gets the sum over the rows." if i else "")]  # fmt: skip


def _turned(name, end=","):
    """What the transpose of a transpose is, up to a comma; `end` is what stands where there is nothing to say."""
    return f", which is {name[:-1]}," if name.endswith("ᵀ") else end


def _broadcast(program, node, at):
    """What was repeated on the way forward is summed on the way back."""
    operand = node.inputs[at]
    before, after = program.shape(operand), program.shape(node)
    if node.op.name == "expand":
        pass
    elif not node.op.elementwise or before == after or not all(isinstance(s, int) or s.is_Symbol for s in before):
        return []
    lead = len(after) - len(before)
    repeated = [*range(lead), *(lead + k for k, size in enumerate(before) if size == 1 and after[lead + k] != 1)]
    if not repeated:
        return []
    count = _count(after, repeated)
    if count == 1:
        return []
    name = name_of(program, operand, "The operand")
    if len(repeated) == len(after):
        words = f"{name}, one number, is used in all {count} entries"
    else:
        words = f"{name} ({size(before)}) is repeated {count} times along {axes(repeated)} to meet {size(after)}"
    return [Said(f"{words}; so the cotangents of the copies are summed, over {axes(repeated)}.",
                 f"broadcast {before} {after}")]  # fmt: skip


def _convention(program, node, at):
    """Where the data lies at a corner, a jump or a tie, which convention holds."""
    found = [corner for corner in corners(node) if corner.at == at]
    if not found:
        return []
    (corner,) = found
    name = name_of(program, node.inputs[at], "the operand")
    rule = node.op.rule
    if not corner.count:
        return [Said(f"At these values of {name} there is a corner or a tie, where no derivative exists; what is taken "
                     f"is PyTorch's convention.")]  # fmt: skip
    entries = "entry of " if corner.count == 1 else "entries of "
    verb = "is" if corner.count == 1 else "are"
    place = "0" if corner.point == 0 else short_number(corner.point)
    if max(abs(corner.left), abs(corner.right)) > 1e6:
        sides = "the function jumps"
    else:
        sides = f"the slope is {_near(corner.left)} from the left and {_near(corner.right)} from the right"
    return [Said(f"{corner.count} {entries}{name} {verb} at {place}, where {sides}: there is no derivative. PyTorch's "
                 f"convention for {rule} is {short_number(corner.taken)}.")]  # fmt: skip


def _near(slope):
    return short_number(round(slope, 6) + 0.0)

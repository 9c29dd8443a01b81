"""The specification of einsum, read and checked as PyTorch does. Imported by engine.ops.contraction."""

from engine.tensor import Tensor

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # PyTorch's order


def arguments(equation, operands):
    """(equation, operands) from any of the ways in which einsum is called."""
    if not isinstance(equation, str):
        return _from_lists([equation, *operands])
    if not operands:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand "
            "and its subscripts list"
        )
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = operands[0]
    for at, operand in enumerate(operands):
        if not isinstance(operand, Tensor):
            raise TypeError(f"expected Tensor as element {at} in argument 1, but got {type(operand).__name__}")
    return equation, operands


def _from_lists(args):
    """einsum(a, [0, 1], b, [1, 2], [0, 2]) as an equation."""
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand "
            "and its subscripts list"
        )
    pairs = len(args) // 2
    equation = ",".join(_written(indices) for indices in args[1 : 2 * pairs : 2])
    if len(args) % 2:
        equation += "->" + _written(args[-1])
    return equation, args[: 2 * pairs : 2]


def _written(indices):
    written = ""
    for index in indices:
        if index is Ellipsis:
            written += "..."
        elif 0 <= index < len(LETTERS):
            written += LETTERS[index]
        else:
            raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")
    return written


def read(equation, shapes):
    """The indices of each operand and of the output, `...` replaced by letters of their own.

    >>> read("...ij,jk", [(5, 2, 3), (3, 4)])
    (['Aij', 'jk'], 'Aik')
    """
    left, arrow, right = equation.partition("->")
    inputs, start = [], 0
    for at, part in enumerate(left.split(",")):
        inputs.append(_checked(part, f" for operand {at}", start))
        start += len(part) + 1
    if len(inputs) > len(shapes):
        raise RuntimeError("einsum(): fewer operands were provided than specified in the equation")
    if len(inputs) < len(shapes):
        raise RuntimeError("einsum(): more operands were provided than specified in the equation")
    out = _checked(right, " for output", len(left) + 2) if arrow else None
    used = set(equation)
    unnamed = [_unnamed(part, shape, at) for at, (part, shape) in enumerate(zip(inputs, shapes))]
    free = [letter for letter in LETTERS if letter not in used]
    rank = max(unnamed, default=0)
    if rank > len(free):
        raise RuntimeError("einsum(): the axes of `...` and the named indices are more than the 52 letters there are")
    stands = "".join(free[:rank])
    inputs = [part.replace("...", stands[rank - count :]) for part, count in zip(inputs, unnamed)]
    _check_sizes(inputs, shapes)
    return inputs, _output(out, inputs, stands)


def _checked(part, where, start):
    """One operand's indices without spaces, refused where they aren't letters and at most one `...`."""
    kept, at, dots = "", 0, False
    while at < len(part):
        character = part[at]
        if character == ".":
            if dots:
                found = "but an ellipsis (...)" if where == " for output" else "for which an ellipsis"
                raise RuntimeError(f"einsum(): found '.'{where} {found} was already found")
            if part[at : at + 3] != "...":
                dots = " (...)" if where == " for output" else ""
                raise RuntimeError(f"einsum(): found '.'{where} that is not part of any ellipsis{dots}")
            dots = True
            kept += "..."
            at += 3
            continue
        if character not in LETTERS and character != " ":
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {start + at} in the equation string, "
                "subscripts must be in [a-zA-Z]"
            )
        kept += character.strip()
        at += 1
    return kept


def _unnamed(part, shape, at):
    """How many axes `...` stands for in one operand."""
    named = len(part.replace("...", ""))
    if "..." in part:
        if named > len(shape):
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({named}) is more than the number of "
                f"dimensions ({len(shape)}) for operand {at}"
            )
        return len(shape) - named
    if named != len(shape):
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({named}) does not match the number of dimensions "
            f"({len(shape)}) for operand {at} and no ellipsis was given"
        )
    return 0


def _check_sizes(inputs, shapes):
    sizes = {}
    for at, (indices, shape) in enumerate(zip(inputs, shapes)):
        own = {}
        for index, size in zip(indices, shape):
            if own.setdefault(index, size) != size:
                raise RuntimeError(
                    f"einsum(): subscript {index} is repeated for operand {at} but the sizes don't match, "
                    f"{size} != {own[index]}"
                )
        for index, size in own.items():
            seen = sizes.get(index, 1)
            if size != seen and 1 not in (size, seen):
                raise RuntimeError(
                    f"einsum(): subscript {index} has size {size} for operand {at} which does not broadcast with "
                    f"previously seen size {seen}"
                )
            sizes[index] = size if seen == 1 else seen


def _output(out, inputs, stands):
    """The output's indices: as given, else those that occur once, `...` first."""
    every = "".join(inputs)
    if out is None:
        once = sorted((index for index in set(every) if every.count(index) == 1), key=LETTERS.index)
        return stands + "".join(index for index in once if index not in stands)
    out = out.replace("...", stands)
    for at, index in enumerate(out):
        if index not in every:
            raise RuntimeError(
                f"einsum(): output subscript {index} does not appear in the equation for any input operand"
            )
        if index in out[:at]:
            raise RuntimeError(f"einsum(): output subscript {index} appears more than once in the output")
    return out

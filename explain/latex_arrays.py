"""Entries and small arrays in LaTeX: x[0] and x[0, 1], counted from 0, and [a, b] entry by entry.

Imported by explain.reading_latex.
"""


def picked(reader, piece):
    """An array's entry or part, where integers in square brackets follow its name."""
    if piece.text not in reader.names or not piece.shape or reader.token() != "[":
        return piece
    index, at = [], 1
    while True:
        sign = "-" if reader.token(at) == "-" else ""
        at += len(sign)
        digits = reader.token(at)
        if digits is None or not digits.isdecimal():
            return piece  # a product with what stands in brackets
        index.append(sign + digits)
        if reader.token(at + 1) != ",":
            break
        at += 2
    if reader.token(at + 1) != "]" or len(index) > len(piece.shape):
        return piece
    reader.at += at + 2
    if reader.token() == "[":
        raise reader.wrong("brackets behind an entry could be an index or a factor; write x[0, 1], or \\cdot between")
    return reader.piece(f"{piece.text}[{', '.join(index)}]")


def listed(reader, first, depth):
    """The array [a, b, ...] of numbers, or of such arrays as rows; its first entry has been read."""
    parts = [first]
    while reader.take(","):
        parts.append(reader.expression(depth + 1, ("]",)))
    if any(part.shape for part in parts) and not all(part.text.startswith("stack([") for part in parts):
        raise reader.wrong("arrays between commas could be put end to end or become rows; write "
                           "\\operatorname{cat}(...) or \\operatorname{stack}(...)")  # fmt: skip
    return reader.piece(f"stack([{', '.join(_array(part) for part in parts)}])")


def _array(part):
    """A number alone is made a tensor, which is what can be stacked."""
    return part.text if any(map(str.isalpha, part.text)) else f"tensor({part.text} + 0.0)"

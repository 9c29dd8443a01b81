"""What a certificate says in words: its notes, and why something isn't shown. Imported by explain.certify."""

import numpy as np
import sympy

from engine.symbols.arrays import is_undefined


class CertificateError(ArithmeticError):
    """A formula or a step that its check refuted; it isn't shown."""


def corner_notes(cornered, count):
    """What the certificate says where the derivative is a convention."""
    if not cornered:
        return ()
    where = "every point" if cornered == count else f"{cornered} of {count} points"
    return (f"at {where} the derivative is a convention, between the slopes to either side",)


def undefined_notes(undefined, zeroed=0, steps=0):
    """What the certificate says where the formula as written, or the tape, meets 0/0; in `zeroed` entries it is 0.

    steps  how many steps meet it in every entry
    """
    found = ()
    if steps:
        found += (f"in {steps} of the steps 0/0 stands in every entry as written; it counts as 0, as on the tape",)
    if zeroed:
        found += (f"in {zeroed} entries 0/0 stands in the formula as written; it counts as 0, as on the tape",)
    if undefined:
        found += (f"at {undefined} entries 0/0 stands in the formula as written or on the tape",)
    return found


def refuse_undefined(program, point):
    """CertificateError where the program itself gives no number, so that neither side means anything."""
    if np.any(np.isnan(point.outputs[program.out])):
        raise CertificateError(
            f"{program.names[program.out]} is nan at these values, so it has no derivative there; ask at other values"
        )


def refuse_uncompared(program, compared, point):
    """CertificateError where no entry could be compared; `compared`: (label, variable) -> how many were.

    What is nan on one side, as 0/0, or on both proves nothing.
    """
    missing = [label for (label, node), entries in compared.items() if not entries and node.output.size]
    if missing:
        refuse_undefined(program, point)
        raise CertificateError(
            f"every entry of {missing[0]} or of the tape's gradient is 0/0 or nan, at these values and near them, so "
            "nothing could be compared; ask at other values"
        )


def refuse_infinite(left, exprs):
    """CertificateError where something has no formula, such as the slope of sinc at what is zero by construction."""
    if any(map(is_undefined, exprs)):
        raise CertificateError(
            f"{left} has no formula, since something in it is zero whatever the variables are, and is divided by; put "
            "what it comes to in its place"
        )


def empty_notes(compared):
    """What the certificate says where a gradient has no entries; `compared` as in refuse_uncompared."""
    if all(entries for entries in compared.values()):
        return ()
    return ("the gradient has no entries, so nothing of it could be compared",)


def outside_notes(outside, count):
    """What the certificate says where differences couldn't be taken."""
    if not outside:
        return ()
    where = "every point" if outside >= count else f"{outside} of {count} points"
    return (f"at {where} a step to one side leaves the domain, so finite differences say nothing there",)


def certificate_notes(letters, tried):
    """What the certificate says about sizes."""
    if not letters.sizes:
        return ()
    others = next((sizes for sizes in tried if sizes != letters.sizes), None)
    if others is None:
        return ("the program gave finite values at no other sizes", *letters.notes)
    return (f"also at the sizes {', '.join(f'{name} = {size}' for name, size in others.items())}", *letters.notes)


def failure(label, sym, oracle, error, count, own=()):
    if sym is not None and sym.expr.has(sympy.zoo):
        return f"{label} is infinite everywhere, since the program divides by zero; divide by something else"
    shown = f" ({sym.expr})" if sym is not None and len(str(sym.expr)) < 200 else ""
    remedy = f"check the backward of {' and '.join(own)}" if own else "please report the program as a bug"
    return (
        f"{label}{shown} disagrees with {oracle} at point {count} (relative error {error:.1e}), so it isn't shown; "
        f"{remedy}"
    )

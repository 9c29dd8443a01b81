"""Names of variables taken apart: stem, accent and index. Imported by the vocabularies."""

import re
from typing import NamedTuple

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "lam": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
_COMBINING = {mark: accent for accent, mark in ACCENTS.items()}


class Parted(NamedTuple):
    """A variable's name as a book sets it: what stands on the line, what above it, what below."""

    stem: str
    accent: str
    index: str


def parted(name):
    """A name's stem, accent and index.

    >>> parted("W1"), parted("x_hat"), parted("d_k"), parted("loss")
    (Parted(stem='W', accent='', index='1'), Parted(stem='x', accent='hat', index=''), \
Parted(stem='d', accent='', index='k'), Parted(stem='loss', accent='', index=''))
    """
    accent = ""
    stem, _line, index = name.partition("_")
    if index in ACCENTS and len(stem) == 1 or index in ACCENTS and stem in GREEK:
        stem, accent, index = stem, index, ""
    elif not stem or not index or not (index.isalnum()) or not stem.isalnum():
        stem, index = name, ""
    if stem[-1:] in _COMBINING and len(stem) == 2:
        stem, accent = stem[0], _COMBINING[stem[-1]]
    if not index:
        digits = re.fullmatch(r"(.*?[^\W\d])(\d+)", stem, re.DOTALL)
        if digits and digits[1].isalpha():
            stem, index = digits.groups()
    return Parted(stem, accent, index)


def slope_parts(name):
    """(of, wrt) of a symbol that stands for a derivative, such as ∂L/∂h; None for any other name."""
    found = re.fullmatch(r"∂(.+?)/∂(.+)", name)
    return found.groups() if found else None

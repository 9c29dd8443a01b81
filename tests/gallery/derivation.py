"""What a page of docs/gallery is made from. Imported by the programs of the gallery."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Derivation:
    """A program, what is differentiated by what, and how it is told."""

    name: str  # of the page's file
    title: str
    words: str
    code: str
    wrt: tuple
    out: str = "loss"
    detail: str = "steps"
    options: dict = field(default_factory=dict)

"""How much a page tells. Imported by explain.explanation, the notebook magic and explain.render.outline."""

DETAILS = ("short", "steps", "ops", "rules", "entries")


def known_detail(detail):
    """A level of detail; ValueError if there is no such level."""
    if detail not in DETAILS:
        raise ValueError(f"detail takes one of {', '.join(map(repr, DETAILS))}, not {detail!r}")
    return detail

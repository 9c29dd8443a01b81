"""An explanation as a doctest: the source of the derivative, and what it gives on the program's own numbers."""

import numpy as np

from explain.forms import leaves, name_of
from explain.render.equations import equation
from explain.render.vocabulary import TEXT

MOST = 200  # entries of an array that are written out


def render(explanation):
    """Lines with >>> and ... that pass when pasted into a docstring; they need NumPy alone."""
    if explanation.value is None:
        raise ValueError("there are no numbers without the upstream gradient; give explain() gradient=...")
    name = f"grad_{name_of(explanation)}"
    # A docstring within a docstring would end it.
    lines = [line for line in explanation.code().splitlines() if line.strip() and not line.lstrip().startswith('"""')]
    comment = f"# {equation(TEXT, explanation.page('short').headline)}".replace("\\", "").replace('"', "'")
    out = [f">>> {comment}"]
    inside = False
    for line in lines:
        begins = not line.startswith((" ", ")"))
        if begins and inside:
            out.append("...")
        out.append((">>> " if begins else "... ") + line)
        inside = line.startswith("def ") or not begins and inside
    if inside:
        out.append("...")
    env = explanation._env
    arguments = []
    for label, sym in leaves(explanation):
        value = np.asarray(env[sym.expr], dtype=float)
        if value.size > MOST:
            raise ValueError(f"{label} has {value.size} entries, too many for a doctest; explain a smaller example")
        spelled = "".join(c if c.isalnum() else "_" for c in label)
        out.append(f">>> {spelled} = np.array({value.tolist()!r})")
        arguments.append(spelled)
    call = f"{name}({', '.join(arguments)})"
    namespace = {}
    exec(compile("\n".join(lines), f"<gradient of {name}>", "exec"), namespace)  # noqa: S102  (our own source)
    result = namespace[name](*(np.asarray(env[sym.expr], dtype=float) for _label, sym in leaves(explanation)))
    out += [f">>> print(np.round({call}, 6) + 0.0)", str(np.round(result, 6) + 0.0)]
    return "\n".join(out) + "\n"

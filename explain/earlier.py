"""Earlier values of a variable that a loop binds again: h = tanh(w h) three times is h0, h1, h2, h.

The tape has no names for them; they are known by their pattern, which is the variable's own. Imported by
explain.program.
"""

from engine.symbols.structure import frozen
from engine.tape import Node, Outputs

FAR = 60  # operations of one step that are looked through


def earlier_values(names, layers):
    """node -> name for unnamed nodes that are what a named one was some steps before.

    `layers`, node -> the layer that returned it: what another layer returned is no earlier value.
    """
    found, taken, named = {}, set(names.values()), set(names)
    for node, name in names.items():
        if node.op is None or isinstance(node.output, Outputs):
            continue
        steps, base = _steps(node, named, layers)
        if base is not None and base not in names and base not in found:
            steps.append(base)
        elif steps:
            steps.append(None)  # its first value has a name
        for at, step in enumerate(reversed(steps)):
            if step is not None:
                made = f"{name}{at}"
                while made in taken:
                    made += "_"
                found[step] = made
                taken.add(made)
                named.add(step)
    return found


def _steps(node, named, layers):
    """(what it was one step before, two steps before, ...; what stands in its place before all steps)."""
    steps, base = [], None
    while True:
        for other in _behind(node, named):
            start = _start(node, other, named) if layers.get(node) == layers.get(other) else None
            if start is not None:
                break
        else:
            return steps, base
        steps.append(other)
        node, base = other, start


def _behind(node, named):
    """Unnamed results of the same operation, with something else in between, nearest first."""
    seen, level, direct = {node}, [node], set(node.inputs)
    while level and len(seen) < FAR:
        further = []
        for x in (x for y in level for x in y.inputs if x.__class__ is Node):
            if x in seen or x in named or x.op is None:
                continue
            seen.add(x)
            further.append(x)
            if _same_operation(x, node) and not (x in direct and _only_directly(node, x)):
                yield x
        level = further


def _only_directly(node, other):
    """Whether nothing but `node` itself leads from `other` to it, as in a sum of many terms."""
    seen, stack = {other}, list(node.inputs)
    while stack and len(seen) < FAR:
        x = stack.pop()
        if x.__class__ is not Node or x in seen:
            continue
        if other in x.inputs:
            return False
        seen.add(x)
        stack.extend(x.inputs)
    return True


def _same_operation(a, b):
    return (a.op is b.op and a.output.__class__ is b.output.__class__ and a.shape == b.shape
            and a.dtype == b.dtype and frozen(a.params) == frozen(b.params))  # fmt: skip


def _start(node, other, named):
    """What takes other's place in `other`, if `other` is computed as `node` is; None if it isn't."""
    start, pairs, seen = None, [(node, other)], set()
    while pairs:
        a, b = pairs.pop()
        if (a, b) in seen:
            continue
        seen.add((a, b))
        if len(a.inputs) != len(b.inputs):
            return None
        for x, y in zip(a.inputs, b.inputs):
            if x is other:
                if y.__class__ is not Node or y.shape != other.shape or start not in (None, y):
                    return None
                start = y
            elif x.__class__ is not Node or y.__class__ is not Node:
                if x.__class__ is y.__class__ and x == y:
                    continue
                return None
            elif x is y:
                continue
            elif x.op is None or y.op is None or x in named or y in named:
                if x.shape != y.shape or (x.op is None) != (y.op is None):
                    return None
            elif _same_operation(x, y) and len(seen) < FAR:
                pairs.append((x, y))
            else:
                return None
    return start

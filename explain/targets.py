"""What is differentiated by: the nodes that `wrt=` asks for. Imported by explain.explanation."""

from engine.tape import order
from engine.tensor import Tensor
from explain.strangers import called, remedy


def targets_of(wrt, out, nodes, names):
    """The nodes asked for, as a list, and whether several were."""
    if wrt is None:
        leaves = [node for node in order(out._node) if node.op is None]
        return leaves, len(leaves) > 1
    several = isinstance(wrt, (list, tuple))
    return [target_of(item, out, nodes, names) for item in (wrt if several else [wrt])], several


def target_of(item, out, nodes, names, needs=True):
    """The node of a tensor or a name."""
    if isinstance(item, str):
        for node, name in names.items():
            if name == item:
                return _needed(node, item) if needs else node
        known = ", ".join(sorted(set(names.values()))) or "none"
        raise ValueError(f"no variable named {item!r} is part of this graph; the names in it are: {known}")
    if not isinstance(item, Tensor):
        does = remedy(item, "pass one that the program used")
        raise TypeError(f"wrt takes a tensor or a name, not {called(item)}; {does}")
    node = nodes.of(item)
    if node is None:
        raise ValueError(
            "the tensor given as wrt is not part of this graph: the output doesn't depend on it, or only through "
            "operations without derivative, such as comparisons; pass the tensor that the program used, not a copy"
        )
    return _needed(node, names.get(node, "it")) if needs else node


def _needed(node, name):
    if not node.needs:
        raise RuntimeError(
            f"the tensor given as wrt ({name}) does not require grad; make it with requires_grad=True "
            "before the program runs"
        )
    return node

"""The computation as a graph: variables with values, local derivatives on the edges. Imported by renderers."""

from dataclasses import dataclass

import numpy as np

from engine.symbols import Sym
from explain.render.values import abridged, shape_words

WIDEST = 26  # letters of a value
DIGITS = 3
MOST = 40  # variables; a larger graph isn't drawn


@dataclass(frozen=True)
class Vertex:
    """A variable; `value` is empty where it would be long.

    kind is leaf, constant, inner or output; wrt tells whether the derivative with respect to it is asked for.
    """

    name: str
    value: str
    shape: str
    kind: str
    wrt: bool


@dataclass(frozen=True)
class Edge:
    """From a variable to one computed from it; `local` is the derivative, None where it isn't one number an entry."""

    start: str
    end: str
    local: Sym | None


@dataclass(frozen=True)
class Graph:
    vertices: tuple
    edges: tuple


def graph(explanation):
    """The Graph behind an explanation; None if it is too large to be drawn."""
    derivation, wrt = explanation.derivation, explanation.wrt
    program = derivation.program
    nodes = [node for node in program.nodes if node in program.names and isinstance(program.value(node), Sym)]
    if len(nodes) > MOST:
        return None
    vertices, edges = [], []
    for node in nodes:
        kind = "inner" if node.op is not None else "leaf" if node.needs else "constant"
        kind = "output" if node is program.out else kind
        vertices.append(Vertex(program.names[node], _shown(node.output), shape_words(np.shape(node.output)), kind,
                               node is wrt))
        if node.op is None:
            continue
        live = set(program.parents(node)) if node in program.live else set()
        for parent in named_operands(program, node):
            local = derivation.slope(node, parent) if parent in live else None
            edges.append(Edge(program.names[parent], program.names[node], local))
    return Graph(tuple(vertices), tuple(edges))


def _shown(output):
    """A value short enough for a vertex: the number or a small array, else nothing."""
    shown = abridged(output, DIGITS)
    return shown if len(shown) <= WIDEST else ""


def named_operands(program, node):
    """The named variables and constants that a node is computed from, through unnamed temporaries."""
    found, stack, seen = {}, [node], set()
    while stack:
        for x in stack.pop().inputs:
            if x.__class__ is not type(node) or x in seen:
                continue
            seen.add(x)
            if x in program.names:
                found.setdefault(x)
            else:
                stack.append(x)
    return sorted(found, key=lambda x: x.seq)

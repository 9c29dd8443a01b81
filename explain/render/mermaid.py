"""The graph of a computation in Mermaid's language, which GitHub draws. Imported by the Markdown renderer."""

from explain.render.notation import text

LONGEST = 40  # letters of a label


def mermaid(graph):
    """A Graph, from the leaves to the output; the local derivatives stand on its edges."""
    ids = {vertex.name: f"v{at}" for at, vertex in enumerate(graph.vertices)}
    lines = ["graph LR"]
    for vertex in graph.vertices:
        shape = {"leaf": '(["{}"])', "constant": '["{}"]', "inner": '("{}")', "output": '(("{}"))'}[vertex.kind]
        lines.append(f"  {ids[vertex.name]}{shape.format(quoted(label_of(vertex)))}")
    for edge in graph.edges:
        label = "" if edge.local is None else text(edge.local.expr)
        label = f'|"∂{quoted(edge.end)}/∂{quoted(edge.start)} = {quoted(label)}"|' if 0 < len(label) <= LONGEST else ""
        lines.append(f"  {ids[edge.start]} -->{label} {ids[edge.end]}")
    for vertex in graph.vertices:
        if vertex.wrt:
            lines.append(f"  style {ids[vertex.name]} stroke-width:3px")
    return "\n".join(lines)


def label_of(vertex):
    """What stands in a vertex: b = 6, or X (3×2)."""
    return f"{vertex.name} = {vertex.value}" if vertex.value else f"{vertex.name} ({vertex.shape})"


def quoted(label):
    """A label within quotes: Mermaid reads HTML's entities there, and Markdown marks that must not be read.

    >>> quoted('a"b')
    'a#quot;b'
    """
    for sign, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;"), ("\\", "#92;")):
        label = label.replace(sign, entity)
    return label

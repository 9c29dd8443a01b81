"""The graph of a computation as SVG, drawn from the leaves at the top to the output. Imported by the HTML renderer."""

from html import escape

from explain.render.notation import text

LETTER = 7.4  # width of a letter
HEIGHT, GAP, ROW, LANE = 44, 26, 104, 18
LONGEST = 26  # letters of a label


def svg(graph):
    """A Graph as one SVG element; variables carry their name in data-name, edges in data-from and data-to."""
    layers = layered(graph)
    boxes, width = _boxes(graph, layers)
    depths = {name: depth for depth, names in enumerate(layers) for name in names}
    lanes = 0
    edges = []
    for edge in graph.edges:
        if depths[edge.end] - depths[edge.start] > 1:  # past other variables: around them, at the right
            lanes += 1
            edges.append(_around(edge, boxes, width + lanes * LANE))
        else:
            edges.append(_edge(edge, boxes))
    width += lanes * LANE + (GAP if lanes else 0)
    height = GAP + (len(layers) - 1) * ROW + HEIGHT
    head = (f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img" '
            'aria-label="the computation as a graph">'
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>')  # fmt: skip
    return "\n".join([head, *edges, *(_box(vertex, boxes[vertex.name]) for vertex in graph.vertices), "</svg>"])


def _boxes(graph, layers):
    """name -> [x, y, width], each layer centred; and the width of all."""
    values = {vertex.name: _shown(vertex) for vertex in graph.vertices}
    boxes, width = {}, 0
    for depth, names in enumerate(layers):
        x = GAP / 2
        for name in names:
            size = max(64, LETTER * max(len(name), len(values[name])) + 24)
            boxes[name] = [x, GAP / 2 + depth * ROW, size]
            x += size + GAP
        width = max(width, x - GAP / 2)
    for names in layers:
        used = boxes[names[-1]][0] + boxes[names[-1]][2] + GAP / 2
        for name in names:
            boxes[name][0] += (width - used) / 2
    return boxes, width


def _shown(vertex):
    return vertex.value or vertex.shape


def layered(graph):
    """Names by their distance from the leaves; a leaf stands right above the first variable that uses it.

    Within a layer, those with edges past other variables, which go out to the right, stand at the right.
    """
    before, after = {}, {}
    for edge in graph.edges:
        before.setdefault(edge.end, []).append(edge.start)
        after.setdefault(edge.start, []).append(edge.end)
    depth = {}
    for vertex in graph.vertices:  # in the order of recording
        depth[vertex.name] = 1 + max((depth[name] for name in before.get(vertex.name, ())), default=-1)
    for vertex in graph.vertices:
        if vertex.name not in before and vertex.name in after:
            depth[vertex.name] = min(depth[name] for name in after[vertex.name]) - 1
    layers = [[] for _layer in range(max(depth.values()) + 1)]
    for vertex in graph.vertices:
        layers[depth[vertex.name]].append(vertex.name)
    far = {edge.start for edge in graph.edges if depth[edge.end] - depth[edge.start] > 1}
    return [sorted(names, key=far.__contains__) for names in layers]


def _edge(edge, boxes):
    x, y, size = boxes[edge.start]
    u, v, other = boxes[edge.end]
    x, y, u = x + size / 2, y + HEIGHT, u + other / 2
    middle = (y + v) / 2
    path = f"M{x:.1f} {y:.1f}C{x:.1f} {middle:.1f} {u:.1f} {middle:.1f} {u:.1f} {v:.1f}"
    return _drawn(edge, path, (x + u) / 2, middle)


def _around(edge, boxes, lane):
    """An edge out to the right, down a lane of its own, and back."""
    x, y, size = boxes[edge.start]
    u, v, other = boxes[edge.end]
    x, y, u, v = x + size, y + HEIGHT / 2, u + other, v + HEIGHT / 2
    path = (f"M{x:.1f} {y:.1f}C{lane:.1f} {y:.1f} {lane:.1f} {y:.1f} {lane:.1f} {y + ROW / 2:.1f}"
            f"L{lane:.1f} {v - ROW / 2:.1f}C{lane:.1f} {v:.1f} {lane:.1f} {v:.1f} {u:.1f} {v:.1f}")  # fmt: skip
    return _drawn(edge, path, lane, (y + v) / 2)


def _drawn(edge, path, x, y):
    label = "" if edge.local is None else text(edge.local.expr)
    shown = ""
    if 0 < len(label) <= LONGEST:
        size = LETTER * len(label) + 6
        shown = (f'<rect x="{x - size / 2:.1f}" y="{y - 9:.1f}" width="{size:.1f}" height="18"/>'
                 f'<text x="{x:.1f}" y="{y + 4:.1f}">{escape(label)}</text>')  # fmt: skip
    start, end = escape(edge.start, quote=True), escape(edge.end, quote=True)
    return (f'<g class="edge" data-from="{start}" data-to="{end}"><path d="{path}" marker-end="url(#tip)"/>{shown}</g>')


def _box(vertex, box):
    x, y, size = box
    middle = x + size / 2
    kind = vertex.kind + (" wrt" if vertex.wrt else "")
    return (f'<g class="vertex {kind}" data-name="{escape(vertex.name, quote=True)}">'
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" height="{HEIGHT}" rx="8"/>'
            f'<text class="name" x="{middle:.1f}" y="{y + 18:.1f}">{escape(vertex.name)}</text>'
            f'<text class="value" x="{middle:.1f}" y="{y + 35:.1f}">{escape(_shown(vertex))}</text></g>')  # fmt: skip

"""Explanations of several variables of one program. Imported by explain.explanation."""

from engine.tensor import Tensor
from explain.naming import Nodes


class Explanations(dict):
    """Explanations by tensor or by name."""

    def __init__(self, made):
        super().__init__({explanation.name: explanation for explanation in made.values()})
        self._by_node = made

    def __getitem__(self, key):
        if not isinstance(key, Tensor):
            return super().__getitem__(key)
        node = Nodes(self._by_node).of(key)
        if node is None:
            raise KeyError(f"no explanation by this tensor; there are those by {', '.join(self)}")
        return self._by_node[node]

    def text(self, detail=None):
        """The walkthroughs as plain text, one after the other."""
        return "\n\n\n".join(explanation.text(detail) for explanation in self.values())

    def markdown(self, detail=None):
        """The walkthroughs as one Markdown page."""
        return "\n".join(explanation.markdown(detail) for explanation in self.values())

    def latex(self, detail=None, document=True):
        """The walkthroughs as one LaTeX document, or fragment."""
        from explain.render.latex import documented

        body = "\n".join(explanation.latex(detail, document=False) for explanation in self.values())
        return documented(body) if document else body

    def html(self, detail=None):
        """The walkthroughs as one HTML file."""
        from explain.render.html import render

        return render(*(explanation.page(detail) for explanation in self.values()))

    def json(self, detail=None):
        """The walkthroughs as one JSON text."""
        from explain.render.data import dumps_all

        return dumps_all(explanation.page(detail) for explanation in self.values())

    def _repr_markdown_(self):
        return self.markdown()

    def __str__(self):
        return self.text()

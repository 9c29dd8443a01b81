"""One number of a gradient, followed back to the numbers that it comes from. Imported by explain.explanation."""

from explain.render.outline import Line, Page, Section, Value
from explain.render.values import abridged
from explain.steps import Slope


class Entry:
    """The explanation of one entry: `value`, the `steps` that lead to it, and the same formats as an explanation's."""

    def __init__(self, explanation, index, step, before):
        self.explanation, self.index = explanation, index
        self.steps = (*before, step)
        self.value = float(step.value)

    def page(self):
        """The page as data."""
        e = self.explanation
        title = Slope(e.target, e.name, "", self.index if e.value.shape else None)
        lines = tuple(_line(step) for step in self.steps)
        headline = Line((title, Value(abridged(self.value))), node=e.name)
        count = f"{len(lines)} number{'s' if len(lines) > 1 else ''}"
        checked = f"{count}, each computed as shown, and compared with the program's or the tape's"
        return Page(title, headline, (), (Section("Numbers", lines),), (), checked, None)

    def text(self):
        """As plain text."""
        from explain.render.text import render

        return render(self.page())

    def markdown(self):
        """As Markdown."""
        from explain.render.markdown import render

        return render(self.page())

    def _repr_markdown_(self):
        return self.markdown()

    def __str__(self):
        return self.text()

    def __repr__(self):
        return f"<Entry {list(self.index)} of {self.explanation!r}: {self.value:g}>"


def _line(step):
    forms = step.forms
    left = (step.left,) if step.left is not None else ()
    return Line((*left, *forms, Value(abridged(step.value))), "", "", tuple(said.text for said in step.words))

"""Arrays as text, byte for byte as PyTorch prints tensors.

`Tensor.__repr__` calls `format_tensor`. The text depends on the array, on what autograd
says of it (the suffix), on the default dtype and on the options set here.
"""

import math

import numpy as np

from engine import dtypes

_PREFIX = "tensor("
_INDENT = len(_PREFIX)

_PROFILES = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}
_options = {**_PROFILES["default"], "sci_mode": None}


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None):
    """Set how tensors print; as in PyTorch, what is left out keeps its value, except `sci_mode`, which is reset.

    `precision`: digits after the point. `threshold`: entries above which only the ends of each
    axis are shown. `edgeitems`: how many at each end. `linewidth`: in characters. `profile`:
    "default", "short" or "full", a starting point for the others. `sci_mode`: scientific
    notation always (True), never (False) or when the magnitudes ask for it (None).

    >>> set_printoptions(precision=2)
    >>> print(format_tensor(np.array([1.12345], np.float32)))
    tensor([1.12])
    >>> set_printoptions(profile="default")
    """
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    _options.update(_PROFILES.get(profile, {}))
    _options.update({name: value for name, value in given.items() if value is not None})
    _options["sci_mode"] = sci_mode


def format_tensor(array, suffix=""):
    """What PyTorch prints for an ndarray or NumPy scalar; `suffix` is such as "requires_grad=True".

    TypeError for an array whose dtype PyTorch's tensors, as they are here, cannot have.

    >>> print(format_tensor(np.full((2, 2), 6, np.float32), "grad_fn=<AddBackward0>"))
    tensor([[6., 6.],
            [6., 6.]], grad_fn=<AddBackward0>)
    >>> print(format_tensor(np.float64(0.5)))
    tensor(0.5000, dtype=torch.float64)
    >>> print(format_tensor(np.empty((0, 3), np.float32)))
    tensor([], size=(0, 3))
    """
    array = np.asarray(array)
    text = _PREFIX + (_entries_of(array) if array.size else "[]")
    return _with_remarks(text, _remarks(array, suffix)) + ")"


class _Column:
    """The one form in which every entry of a tensor is written: a format specification and a width.

    The width comes from the finite nonzero entries alone: PyTorch's rule, for all that
    nan, inf and -0. can stick out.
    """

    def __init__(self, array):
        self.width = 1
        self.spec = ""
        self.point = ""  # ends a whole number that is a float: "6."
        if dtypes.of(array).is_floating_point:
            array = array[np.isfinite(array) & (array != 0)]
            self._choose_notation(array)
        for entry in array.ravel().tolist():
            self.width = max(self.width, len(self.write(entry)))

    def _choose_notation(self, entries):
        precision, sci_mode = _options["precision"], _options["sci_mode"]
        if sci_mode is None:
            sci_mode = _needs_exponents(entries)
        if entries.size and sci_mode:
            self.spec = f".{precision}e"
        elif np.array_equal(entries, np.ceil(entries)):
            self.spec, self.point = ".0f", "."
        else:
            self.spec = f".{precision}f"

    def write(self, entry):
        """The text of one entry, a Python number, padded on its left."""
        text = format(entry, self.spec)
        if self.point and math.isfinite(entry):
            text += self.point
        return text.rjust(self.width)


def _needs_exponents(entries):
    if not entries.size:
        return False
    magnitudes = np.abs(entries)
    smallest, largest = float(magnitudes.min()), float(magnitudes.max())
    return largest / smallest > 1000 or largest > 1e8 or smallest < 1e-4


def _entries_of(array):
    """The entries in brackets, or above the threshold only those at the ends of each axis."""
    edge = _options["edgeitems"]
    shortened = [array.size > _options["threshold"] and size > 2 * edge for size in array.shape]
    for axis, size in enumerate(array.shape):
        if shortened[axis]:
            array = array.take([*range(edge), *range(size - edge, size)], axis)
    return _brackets(array, shortened, _Column(array), _INDENT)


def _brackets(array, shortened, column, indent):
    """The nested brackets; `indent` is how far the opening one stands from the left margin."""
    if array.ndim == 0:
        return column.write(array.item())

    edge = _options["edgeitems"]
    if array.ndim == 1:
        parts = [column.write(entry) for entry in array.tolist()]
        gap = " ..." if edge else "..."
        per_line = max(1, math.floor((_options["linewidth"] - indent) / (column.width + len(", "))))
    else:
        parts = [_brackets(part, shortened[1:], column, indent + 1) for part in array]
        gap = "..."
        per_line = 1
    if shortened[0]:
        parts.insert(edge, gap)

    lines = [", ".join(parts[i : i + per_line]) for i in range(0, len(parts), per_line)]
    line_break = ",\n" + "\n" * (array.ndim - 2) + " " * (indent + 1)  # blank lines from the third dimension on
    return "[" + line_break.join(lines) + "]"


def _remarks(array, suffix):
    """What follows the entries: whatever they do not tell by themselves."""
    d = dtypes.of(array)
    told_by_entries = array.size and d in (dtypes.int64, dtypes.bool)
    told_by_brackets = _options["edgeitems"] if array.size else array.ndim == 1
    if not told_by_brackets:
        yield f"size={array.shape}"
    if d is not dtypes.get_default_dtype() and not told_by_entries:
        yield f"dtype={d}"
    if suffix:
        yield suffix


def _with_remarks(text, remarks):
    """`text` followed by the remarks, each on a new line if it would not fit on the last one."""
    length = len(text) - text.rfind("\n") + 1  # PyTorch's count, which is 2 more than the line's length
    for remark in remarks:
        if length + len(", ") + len(remark) > _options["linewidth"]:
            text += ",\n" + " " * _INDENT + remark
            length = _INDENT + len(remark)
        else:
            text += ", " + remark
            length += len(", ") + len(remark)
    return text

"""x += 1 and its like: what they do to values, history and gradients. Imported by engine."""

from sys import getrefcount

import numpy as np

from engine.memory import unshared
from engine.mode import mode
from engine.op import PUBLIC, public
from engine.ops import arithmetic
from engine.ops.functions import IN_PLACE
from engine.recording import binary
from engine.tape import Node, constant
from engine.tensor import Tensor, leaf
from engine.views import ON_VIEW, base_of, note_write, refresh, replaced, views_of

C_TYPE = {
    "float64": "Double", "float32": "Float", "float16": "Half", "int64": "Long", "int32": "Int", "int16": "Short",
    "int8": "Char", "uint8": "Byte", "bool": "Bool",
}  # fmt: skip
ON_LEAF = "a leaf Variable that requires grad is being used in an in-place operation."


def assign(tensor, result, through=False):
    """Make `tensor` stand for `result`, keeping what the tape recorded before as it was.

    A constant's memory is written, so that its aliases see the change, as they do in PyTorch. A leaf
    under no_grad gets the result's memory, since recorded views of the old one (w.T, w[0]) must stay as
    they were; `through` writes its memory all the same, for aliases such as a state_dict. A tensor with
    history moves on to the new node.
    """
    node = tensor._node
    if node.needs and node.op is None and mode.enabled:
        raise RuntimeError(ON_LEAF)
    new = result._node.output
    old = node.output
    if new.shape != old.shape:
        raise RuntimeError(
            f"output with shape {list(old.shape)} doesn't match the broadcast shape {list(new.shape)}"
        )
    if new.dtype != old.dtype:
        if not np.can_cast(new.dtype, old.dtype, "same_kind"):
            have, want = C_TYPE[new.dtype.name], C_TYPE[old.dtype.name]
            raise RuntimeError(f"result type {have} can't be cast to the desired output type {want}")
        result = result.to(tensor.dtype)
        new = result._node.output
    if node.op is not None and result._node.op is None and mode.enabled:
        result = _unrelated(tensor, result)
    family = base_of(tensor)
    if family is not None and (result._node.op is not None or family[0]._node.needs):
        assign(family[0], replaced(*family, result))  # and the tensor is a view of it again
        return tensor
    if result._node.op is not None:
        refuse_views(tensor)
        tensor._node = result._node
        refresh(tensor, node)
        return tensor
    if node.op is not None:
        _shift(tensor, new)  # recording is off
        refresh(tensor, node)
        return tensor
    if node.needs and not through:
        tensor._node = leaf(tensor, new if unshared(new, holders=1) else np.array(new))
        refresh(tensor, node)
        return tensor
    replaceable = unshared(old, holders=1) and unshared(new, holders=1)
    if replaceable or not isinstance(old, np.ndarray) or not old.flags.writeable:
        tensor._node = leaf(tensor, new) if node.needs else constant(new)
        return tensor
    settle(tensor)
    note_write(old)
    old[...] = new
    return tensor


def _unrelated(tensor, result):
    """A constant in place of all entries, recorded: what was there before gets no cotangent."""
    from engine.ops.indexing import Key, set_slice

    return set_slice(tensor, result, key=Key((Ellipsis,)))


def _shift(tensor, new):
    """Other values for a tensor with history, though nothing is recorded: its gradient stays what it was."""
    node = tensor._node
    refuse_views(tensor)
    change = constant(np.subtract(new, node.output, dtype=new.dtype))
    tensor._node = Node(arithmetic.add, (node, change), np.array(new))


def settle(tensor):
    """Let the tape keep the values that it recorded, since the memory of a tensor's family is about to be written."""
    root, family = tensor, base_of(tensor)
    while family is not None:
        root = family[0]
        family = base_of(root)
    _settle_down(root)


def _settle_down(tensor):
    node = tensor._node
    for view, _op, _params in views_of(tensor, node):
        _settle_down(view)
    if getrefcount(node) > _UNSHARED and node.op is None:
        memory = node.output
        node.output = np.array(memory)
        tensor._node = leaf(tensor, memory) if node.needs else constant(memory)


class _Holder:
    __slots__ = ("_node",)


def _unshared():
    """What getrefcount says of a node that its tensor alone holds, besides a local name."""
    holder = _Holder()
    holder._node = Node(None, (), None)
    node = holder._node
    return getrefcount(node)


_UNSHARED = _unshared()


def already_replaced(tensor, value, key, arrays):
    """Whether tensor[key] is value already: Python ends x[key] += 1 with such an assignment."""
    node = value._node
    return (
        not arrays
        and node.op is not None
        and node.op.name == "getitem"
        and node.first is tensor._node
        and node.params["key"] == key
    )


def refuse_views(tensor):
    """Writing through a view whose base moved on would change that base behind the tape's back."""
    node = tensor._node
    if getattr(tensor, "_base", None) is None or node.op is None or not isinstance(node.first, Node):
        return
    base = node.first.output
    if isinstance(base, np.ndarray) and isinstance(node.output, np.ndarray) and np.may_share_memory(base, node.output):
        raise RuntimeError(ON_VIEW.format(node.op.name))


def _alone_and_alike(tensor, old, other):
    """Whether a leaf is neither a view nor has views, and what changes it has its shape and dtype: training's steps."""
    family = getattr(tensor, "_base", None) or getattr(tensor, "_views", None)
    return family is None and old.dtype is other.dtype and old.shape == other.shape


def _in_place(name, op, method):
    compute = binary(op)

    def apply(self, other):
        node = self._node
        if node.needs and node.op is None:
            if mode.enabled:
                raise RuntimeError(ON_LEAF)
            if other.__class__ is Tensor and _alone_and_alike(self, node.output, other._node.output):
                new = op.forward(node.output, other._node.output)
                self._node = leaf(self, new if unshared(new) else np.array(new))
                return self
        result = compute(self, other)
        return result if result is NotImplemented else assign(self, result)

    apply.__name__ = name
    apply.__doc__ = f"{op.name} in place; errs on a leaf that requires grad, as PyTorch does."
    return public(f"Tensor.{name}", f"Tensor.{method}")(apply)


iadd = _in_place("__iadd__", arithmetic.add, "_iadd")
isub = _in_place("__isub__", arithmetic.sub, "_isub")
imul = _in_place("__imul__", arithmetic.mul, "mul_")
itruediv = _in_place("__itruediv__", arithmetic.div, "_itruediv")
ipow = _in_place("__ipow__", arithmetic.pow_, "pow_")


@public("Tensor.add_")
def add_(self, other, *, alpha=1):
    """self += alpha other."""
    return iadd(self, other if alpha == 1 else other * alpha)


@public("Tensor.sub_")
def sub_(self, other, *, alpha=1):
    """self -= alpha other."""
    return isub(self, other if alpha == 1 else other * alpha)


def _filled(self, value):
    """One value that replaces all entries: what went before has no influence."""
    value = value.to(self.dtype).expand(self.shape) if isinstance(value, Tensor) else _constant(self, value)
    return assign(self, value, through=True)


def _constant(self, value):
    from engine.tensor import wrap

    return wrap(np.full(self._node.output.shape, value, dtype=self._node.output.dtype))


def _from(name, method):
    """The variant with an underscore of an elementwise method."""

    def apply(self, *args, **params):
        if self._node.needs and self._node.op is None and mode.enabled:
            raise RuntimeError(ON_LEAF)
        return assign(self, method(self, *args, **params))

    apply.__name__ = apply.__qualname__ = f"{name}_"
    apply.__doc__ = f"{name} in place; errs on a leaf that requires grad, as PyTorch does."
    return apply


ARITHMETIC = ("neg", "negative", "div", "multiply", "divide", "true_divide", "subtract")
OTHERS = (
    "eq", "ne", "lt", "le", "gt", "ge", "less", "less_equal", "greater", "greater_equal", "not_equal", "float_power",
    "cumsum", "cumprod", "tril", "triu", "index_add", "index_copy", "index_fill", "index_put", "scatter", "scatter_add",
    "addmm", "addmv", "addr", "addbmm", "baddbmm", "masked_scatter",
)  # fmt: skip


def declare():
    """Give each elementwise method its variant with an underscore; engine does so when all are declared."""
    for name in sorted(IN_PLACE.union(ARITHMETIC, OTHERS)):
        made = _from(name, PUBLIC[f"Tensor.{name}"])
        PUBLIC.setdefault(f"Tensor.{name}_", made)
        PUBLIC.setdefault(f"{name}_", made)


@public("Tensor.zero_", "zero_")
def zero_(self):
    """Set all entries to zero."""
    return _filled(self, 0)


@public("Tensor.fill_", "fill_")
def fill_(self, value):
    """Set all entries to one value."""
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions."
        )
    return _filled(self, value)


@public("fill", "Tensor.fill")
def fill(input, value):
    """y = one value in x's shape;  x̄ = 0 and the value's cotangent is Σ g.

    >>> import engine as torch
    >>> torch.fill(torch.zeros(2), 3.)
    tensor([3., 3.])
    """
    return fill_(input.clone(), value)


@public("Tensor.copy_")
def copy_(self, src):
    """Take the values of `src`."""
    other = src if isinstance(src, Tensor) else _constant(self, src)
    return assign(self, other.to(self.dtype).expand(self.shape), through=True)

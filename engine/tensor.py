"""Tensor: PyTorch's face on a node of the tape. Imported by everything that faces a user."""

import weakref

import numpy as np

from engine import dtypes
from engine.op import READERS
from engine.tape import constant

_new = object.__new__


class Size(tuple):
    """The shape of a tensor, printed as PyTorch does."""

    __slots__ = ()

    def __repr__(self):
        return f"torch.Size({list(self)})"

    def numel(self):
        """The number of entries."""
        return int(np.prod(self, dtype=int))

    def __add__(self, other):
        return Size(tuple.__add__(self, other))

    def __radd__(self, other):
        return Size((*other, *self))

    def __mul__(self, count):
        return Size(tuple.__mul__(self, count))

    __rmul__ = __mul__

    def __getitem__(self, key):
        got = tuple.__getitem__(self, key)
        return Size(got) if isinstance(key, slice) else got


class Tensor:
    """An array whose operations are recorded, with PyTorch's names and printed form.

    >>> import engine as torch
    >>> a = torch.ones(2, 2, requires_grad=True)
    >>> a + 5
    tensor([[6., 6.],
            [6., 6.]], grad_fn=<AddBackward0>)
    """

    __slots__ = ("_node", "_grad", "_base", "_views", "__weakref__")
    __array_priority__ = 1000

    def __init__(self, *data):
        """From numbers or lists, in the default dtype; from integers alone, a tensor of these sizes."""
        dtype = dtypes.as_numpy(None)
        if data and all(hasattr(size, "__index__") and not isinstance(size, Tensor) for size in data):
            output = np.zeros(data, dtype)
        else:
            output = np.array(data[0] if data else (), dtype=dtype)
        self._node = constant(output)

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        READERS[cls] = READERS[Tensor]

    # what it is

    @property
    def shape(self):
        return Size(self._node.output.shape)

    @property
    def dtype(self):
        return dtypes.of(self._node.output)

    @property
    def ndim(self):
        return self._node.output.ndim

    @property
    def requires_grad(self):
        return self._node.needs

    @requires_grad.setter
    def requires_grad(self, wanted):
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad=True):
        """Start or stop recording what is computed from this leaf."""
        node = self._node
        if node.op is not None:
            if not requires_grad:
                raise RuntimeError(
                    "you can only change requires_grad flags of leaf variables. If you want to use a computed "
                    "variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
                )
            return self
        if requires_grad and not node.needs:
            require_floating(node.output)
            self._node = leaf(self, node.output)
        elif not requires_grad and node.needs:
            self._node = constant(node.output)
        return self

    @property
    def is_leaf(self):
        return self._node.op is None

    @property
    def grad_fn(self):
        from engine.graph import grad_fn

        return grad_fn(self._node)

    @property
    def grad(self):
        """The gradient that backward() accumulated, None before."""
        try:
            return self._grad
        except AttributeError:
            return None

    @grad.setter
    def grad(self, value):
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(f"assigned grad expected to be a Tensor or None but got {type(value).__name__}")
            if value.shape != self.shape:
                raise RuntimeError(
                    f"assigned grad has data of a different size: expected {list(self.shape)}, "
                    f"got {list(value.shape)}"
                )
        self._grad = value

    @property
    def retains_grad(self):
        return self._node.op is not None and self._node.owner is not None

    def retain_grad(self):
        """Keep .grad of a non-leaf when backward() runs."""
        node = self._node
        if not node.needs:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if node.op is not None:
            node.owner = weakref.ref(self)

    @property
    def data(self):
        """The same memory, without history."""
        return wrap(self._node.output)

    @data.setter
    def data(self, value):
        output = value._node.output if isinstance(value, Tensor) else np.asarray(value)
        self._node = leaf(self, output) if self._node.needs else constant(output)

    def detach(self):
        """The same values without history; never requires grad."""
        return wrap(self._node.output)

    def numpy(self, *, force=False):
        """The values as an ndarray that shares memory."""
        node = self._node
        if node.needs and not force:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
            )
        if node.output.__class__ is not np.ndarray:
            node.output = np.asarray(node.output)
        return node.output

    def item(self):
        """The one entry as a Python number."""
        if self._node.output.size != 1:
            raise RuntimeError(
                f"a Tensor with {self._node.output.size} elements cannot be converted to Scalar"
            )
        return self._node.output.item()

    def tolist(self):
        """Nested lists of Python numbers."""
        return self._node.output.tolist()

    # Python's own protocols

    def __repr__(self):
        from engine.printing import format_tensor

        node = self._node
        suffix = ""
        if node.op is not None:
            suffix = f"grad_fn=<{self.grad_fn.name()}>"
        elif node.needs:
            suffix = "requires_grad=True"
        return format_tensor(node.output, suffix)

    def __format__(self, spec):
        """A number of no dimensions is written as that number, as in f"{loss:.3f}" and f"{loss}"."""
        if self.ndim == 0 and type(self) is Tensor:
            return format(self.item(), spec)
        return object.__format__(self, spec)

    def __hash__(self):
        return id(self)

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind())

    def __contains__(self, element):
        """Whether an entry equals `element`."""
        return bool((self == element).any())

    def __bool__(self):
        output = self._node.output
        if output.size != 1:
            raise RuntimeError(
                "Boolean value of Tensor with "
                + ("no values is ambiguous" if output.size == 0 else "more than one value is ambiguous")
            )
        return bool(output.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        item = self.item()
        if isinstance(item, float):
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(item)

    def __array__(self, dtype=None, copy=None):
        array = self.numpy()
        return array if dtype is None else array.astype(dtype)

    def __deepcopy__(self, memo):
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
                "moment. If you were attempting to deepcopy a module, this may be because of a parameter that "
                "isn't a leaf."
            )
        new = tensor_of_leaf(np.array(self._node.output), self.requires_grad, type(self))
        new._grad = None if self.grad is None else self.grad.detach().clone()
        memo[id(self)] = new
        return new


# making tensors


def wrap(output):
    """A tensor without history around an array."""
    new = _new(Tensor)
    new._node = constant(output)
    return new


def of_node(node):
    """A tensor whose history is `node`."""
    new = _new(Tensor)
    new._node = node
    return new


def leaf(tensor, output):
    """A leaf node that requires grad and fills tensor.grad."""
    node = constant(output)
    node.needs = True
    node.owner = weakref.ref(tensor)
    return node


def tensor_of_leaf(output, requires_grad, kind=Tensor):
    """A leaf tensor around an array."""
    new = kind.__new__(kind)
    if requires_grad:
        if output.dtype.kind != "f":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        new._node = leaf(new, output)
    else:
        new._node = constant(output)
    return new


def require_floating(output):
    if output.dtype.kind != "f":
        raise RuntimeError("only Tensors of floating point dtype can require gradients")

"""Parameter: a tensor that a module owns and an optimiser changes. Imported by engine.nn.module."""

from engine.creation import tensor
from engine.tape import constant
from engine.tensor import Tensor, leaf, require_floating


class Parameter(Tensor):
    """A leaf tensor that requires grad, found by Module.parameters() when it is an attribute of a module.

    >>> import engine as torch
    >>> torch.nn.Parameter(torch.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    __slots__ = ()

    def __new__(cls, data=None, requires_grad=True):
        new = object.__new__(cls)
        output = (tensor([]) if data is None else data)._node.output
        if requires_grad:
            require_floating(output)
            new._node = leaf(new, output)
        else:
            new._node = constant(output)
        return new

    def __init__(self, data=None, requires_grad=True):
        pass  # all is done by __new__, since Tensor's __init__ would copy

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()

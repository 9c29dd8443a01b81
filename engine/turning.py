"""Methods that give the tensor itself another shape, or another history: t_, unsqueeze_, detach_ and their like.

Imported by engine.
"""

import numpy as np

from engine.inplace import ON_LEAF, assign
from engine.mode import mode
from engine.op import PUBLIC, public
from engine.tape import constant
from engine.tensor import leaf
from engine.tensor import wrap as of_array


def _turned(name):
    method = PUBLIC[f"Tensor.{name}"]

    def apply(self, *args, **params):
        node = self._node
        if node.needs and node.op is None and mode.enabled:
            raise RuntimeError(ON_LEAF)
        made = method(self, *args, **params)._node
        if made.op is None:
            made = leaf(self, made.output) if node.needs else constant(made.output)
        self._node = made
        return self

    apply.__name__ = apply.__qualname__ = f"{name}_"
    apply.__doc__ = f"As {name}, of the tensor itself; errs on a leaf that requires grad, as PyTorch does."
    return public(f"Tensor.{name}_")(apply)


def declare():
    """Enter the methods; engine does so when all operations are declared."""
    for name in ("t", "transpose", "swapaxes", "swapdims", "unsqueeze", "squeeze"):
        _turned(name)


@public("Tensor.detach_")
def _detach_(self):
    """Cut the tensor from its history: from here on it is a constant.

    >>> import engine as torch
    >>> (torch.ones(2, requires_grad=True) * 2).detach_()
    tensor([2., 2.])
    """
    self._node = constant(self._node.output)
    return self


@public("Tensor.fill_diagonal_")
def _fill_diagonal_(self, fill_value, wrap=False):
    """Set the main diagonal to one value; with `wrap` it begins anew below in a tall matrix.

    >>> import engine as torch
    >>> torch.zeros(2, 2).fill_diagonal_(1)
    tensor([[1., 0.],
            [0., 1.]])
    """
    if self.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if self.ndim > 2 and len(set(self.shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    mask = np.zeros(tuple(self.shape), bool)
    np.fill_diagonal(mask, True, wrap=wrap)
    return assign(self, self.masked_fill(of_array(mask), fill_value))

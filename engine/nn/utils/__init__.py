"""PyTorch's torch.nn.utils: clipping gradients, parameters as one vector."""

import math

import numpy as np

from engine.op import PUBLIC
from engine.tensor import Tensor, wrap


def _gradients(parameters):
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [param.grad for param in parameters if param.grad is not None]


def get_total_norm(tensors, norm_type=2.0):
    """The norm of all entries of all tensors together."""
    arrays = [tensors._node.output] if isinstance(tensors, Tensor) else [t._node.output for t in tensors]
    if not arrays:
        return wrap(np.zeros((), np.float32))
    p = float(norm_type)
    if math.isinf(p):
        total = max(np.abs(array).max(initial=0.0) for array in arrays)
    else:
        total = sum(float(np.sum(np.abs(array.astype(float)) ** p)) for array in arrays) ** (1 / p)
    return wrap(np.asarray(total, arrays[0].dtype))


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Shrink all gradients alike so that their norm together is at most max_norm; returns what it was.

    >>> import engine as torch
    >>> w = torch.ones(4, requires_grad=True)
    >>> (3 * w).sum().backward()
    >>> clip_grad_norm_([w], 1.0), w.grad
    (tensor(6.), tensor([0.5000, 0.5000, 0.5000, 0.5000]))
    """
    gradients = _gradients(parameters)
    total = get_total_norm(gradients, norm_type)
    if error_if_nonfinite and not math.isfinite(total.item()):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it cannot be "
            "clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    factor = min(1.0, float(max_norm) / (total.item() + 1e-6))
    for grad in gradients:
        _write(grad, grad._node.output * grad._node.output.dtype.type(factor))
    return total


def clip_grad_value_(parameters, clip_value, foreach=None):
    """Cut each entry of the gradients to [-clip_value, clip_value]."""
    for grad in _gradients(parameters):
        _write(grad, np.clip(grad._node.output, -clip_value, clip_value))


def _write(tensor, values):
    from engine.inplace import assign
    from engine.mode import no_grad

    with no_grad():
        assign(tensor, wrap(np.asarray(values)))


def parameters_to_vector(parameters):
    """All parameters in a row.

    >>> import engine as torch
    >>> parameters_to_vector([torch.ones(1, 2), torch.zeros(1)])
    tensor([1., 1., 0.])
    """
    return PUBLIC["cat"]([param.reshape(-1) for param in parameters])


def vector_to_parameters(vec, parameters):
    """Give the parameters the values of a vector, in turn."""
    at = 0
    for param in parameters:
        count = param._node.output.size
        param.data = wrap(np.array(vec._node.output[at : at + count]).reshape(param.shape))
        at += count

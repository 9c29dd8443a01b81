"""A numeric check of gradients: the tape's against central differences. Imported by engine.autograd when asked for."""

import numpy as np

from engine.autograd import grad
from engine.tensor import Tensor, wrap


class GradcheckError(RuntimeError):
    """A gradient that isn't the slope of its function."""


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True):
    """Whether the gradients of `func` are its slopes by central differences, at these inputs.

    inputs    tensors of float64; those that require grad are varied
    eps       how far each entry is moved; atol, rtol: how closely the slopes must agree
    GradcheckError where they don't, or False without `raise_exception`.

    >>> import engine as torch
    >>> x = torch.tensor([1., 2.], dtype=torch.float64, requires_grad=True)
    >>> gradcheck(lambda x: x ** 2, x)
    True
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    varied = [at for at, x in enumerate(given) if isinstance(x, Tensor) and x.requires_grad]
    if not varied:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of the them have "
            "requires_grad=True."
        )
    for number, output in enumerate(_outputs(func, given)):
        slopes = _jacobian(output, [given[at] for at in varied])
        for at, ours in zip(varied, slopes):
            theirs = _differences(func, given, at, number, eps)
            if not np.allclose(ours, theirs, rtol=rtol, atol=atol):
                if not raise_exception:
                    return False
                raise GradcheckError(
                    f"Jacobian mismatch for output {number} with respect to input {at},\n"
                    f"numerical:{wrap(theirs)!r}\nanalytical:{wrap(ours)!r}\n"
                )
    return True


def _outputs(func, given):
    made = func(*given)
    return [y for y in (made if isinstance(made, (tuple, list)) else (made,)) if y.is_floating_point()]


def _jacobian(output, inputs):
    """For each input, the derivative of every entry of the output: a row an entry of the input."""
    size = output._node.output.size
    found = [np.zeros((x._node.output.size, size)) for x in inputs]
    if output.requires_grad:
        for k in range(size):
            seed = np.zeros(size)
            seed[k] = 1
            seed = wrap(seed.reshape(output._node.output.shape).astype(output._node.output.dtype))
            slopes = grad(output, inputs, seed, retain_graph=True, allow_unused=True)
            for matrix, g in zip(found, slopes):
                if g is not None:
                    matrix[:, k] = g._node.output.reshape(-1)
    return found


def _differences(func, given, at, number, eps):
    base = given[at]._node.output
    rows = []
    for k in range(base.size):
        ends = []
        for step in (eps, -eps):
            moved = np.array(base)
            moved.reshape(-1)[k] += step
            args = [wrap(moved) if place == at else x.detach() if isinstance(x, Tensor) else x
                    for place, x in enumerate(given)]  # fmt: skip
            ends.append(np.array(_outputs(func, args)[number]._node.output, dtype=float).reshape(-1))
        rows.append((ends[0] - ends[1]) / (2 * eps))
    return np.array(rows).reshape(base.size, -1)

"""PyTorch's torch.autograd.functional: derivatives of a function at given inputs. Imported when asked for."""

from engine import func as transforms
from engine.creation import ones_like
from engine.tensor import Tensor
from engine.tracing import mapped


def _apply(make, function, inputs, create_graph):
    """A derivative of `function` by all inputs, nested as PyTorch nests it: outputs first, then inputs."""
    single = isinstance(inputs, Tensor)
    given = (inputs,) if single else tuple(inputs)
    found = make(function, tuple(range(len(given))))(*given)
    if single:
        found = _first(found)
    return found if create_graph else _plain(found)


def _first(found):
    """The only entry of the innermost tuples."""
    if isinstance(found, tuple) and len(found) == 1 and isinstance(found[0], Tensor):
        return found[0]
    return tuple(map(_first, found))


def _plain(found):
    return mapped(lambda x: x.detach(), found)


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """∂ outputs / ∂ inputs, each of shape (*output.shape, *input.shape).

    >>> import engine as torch
    >>> jacobian(lambda x: x * x, torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    return _apply(transforms.jacrev, func, inputs, create_graph)


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """∂² output / ∂ inputs², of a function with one number as its output.

    >>> import engine as torch
    >>> hessian(lambda x: (x ** 3).sum(), torch.tensor([1., 2.]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    single = isinstance(inputs, Tensor)
    given = (inputs,) if single else tuple(inputs)
    found = transforms.hessian(_one_number(func), tuple(range(len(given))))(*given)
    found = found[0][0] if single else found
    return found if create_graph else _plain(found)


def _one_number(function):
    def checked(*inputs):
        y = function(*inputs)
        if y._node.output.size != 1:
            raise RuntimeError(
                "The Tensor returned by the function given to hessian should contain a single element"
            )
        return y.reshape(())

    return checked


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """(outputs, v J): the pullback of v, or of 1 for an output with one entry.

    >>> import engine as torch
    >>> vjp(lambda x: x * x, torch.tensor([1., 2.]), torch.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    single = isinstance(inputs, Tensor)
    y, pullback = transforms.vjp(func, *((inputs,) if single else tuple(inputs)))
    if v is None:
        if not isinstance(y, Tensor) or y._node.output.size != 1:
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single Tensor with a single "
                "element."
            )
        v = ones_like(y)
    found = pullback(v)
    found = found[0] if single else found
    return (y, found) if create_graph else (_plain(y), _plain(found))


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """(outputs, J v): the derivative in the direction v, or 1 for an input with one entry.

    >>> import engine as torch
    >>> jvp(lambda x: x * x, torch.tensor([1., 2.]), torch.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    if v is None:
        if len(given) != 1 or given[0]._node.output.size != 1:
            raise RuntimeError(
                "The vector v can only be None if the input to the user-provided function is a single Tensor with a "
                "single element."
            )
        v = ones_like(given[0])
    y, found = transforms.jvp(func, given, (v,) if isinstance(v, Tensor) else tuple(v))
    return (y, found) if create_graph else (_plain(y), _plain(found))


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """(output, v H), H the second derivatives of a function with one number as its output.

    >>> import engine as torch
    >>> vhp(lambda x: (x ** 3).sum(), torch.tensor([1., 2.]), torch.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    checked = _one_number(func)
    single = isinstance(inputs, Tensor)
    given = (inputs,) if single else tuple(inputs)
    if v is None:
        if len(given) != 1 or given[0]._node.output.size != 1:
            raise RuntimeError(
                "The vector v can only be None if the input to the user-provided function is a single Tensor with a "
                "single element."
            )
        v = ones_like(given[0])
    _gradient, pullback = transforms.vjp(transforms.grad(checked, tuple(range(len(given)))), *given)
    found = pullback((v,) if isinstance(v, Tensor) else tuple(v))
    found = found[0] if single else found
    y = checked(*given)
    return (y, found) if create_graph else (_plain(y), _plain(found))


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """(output, H v); H is symmetric, so it is v H."""
    return vhp(func, inputs, v, create_graph, strict)

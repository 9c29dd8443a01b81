"""PyTorch's torch.autograd.Function: an operation with the user's own forward and backward.

The tape keeps the call, so that it can be run again on other numbers: explain() checks the user's backward against
finite differences of the user's forward. Imported by engine.autograd.
"""

from functools import wraps

import numpy as np

import engine.rest  # noqa: F401  (all operations, or none, before one of them)
from engine.mode import mode, no_grad
from engine.ops.own import user_function, user_pullback
from engine.recording import record
from engine.tape import Outputs, Parts
from engine.tensor import Tensor, wrap


class Context:
    """What a forward leaves for its backward."""

    def __init__(self, needs):
        self.needs_input_grad = needs
        self.saved_tensors = ()
        self.non_differentiable = ()

    def save_for_backward(self, *tensors):
        """Keep tensors for backward, where they are `saved_tensors`."""
        self.saved_tensors = tensors

    def mark_non_differentiable(self, *outputs):
        """Say which outputs have no derivative."""
        self.non_differentiable = outputs

    def mark_dirty(self, *tensors):
        """Say which inputs were written in place; here nothing needs to know."""

    def set_materialize_grads(self, value):
        """Whether a missing cotangent comes as zeros; here it always does."""


class Call:
    """One use of a Function: its class, its arguments (None where a tensor stands), what came of it."""

    def __init__(self, function, args, needs):
        self.function = function
        self.args = args  # with tensors that hold a place
        self.needs = needs
        self.context = None
        self.operands = ()
        self.shapes = None
        self.latest = (None, None)

    def __repr__(self):
        return self.function.__name__

    def run(self, operands):
        """(context, outputs) of the user's forward on tensors."""
        context = Context(self.needs)
        tensors = iter(operands)
        args = [next(tensors) if isinstance(arg, Tensor) else arg for arg in self.args]
        if self.function.setup_context is Function.setup_context:
            return context, self.function.forward(context, *args)
        outputs = self.function.forward(*args)
        self.function.setup_context(context, tuple(args), outputs)
        return context, outputs

    def forward(self, *arrays):
        """The user's forward on arrays; the first run is the program's own, whose context is kept."""
        with no_grad():
            context, outputs = self.run([wrap(np.asarray(array)) for array in arrays])
        several = isinstance(outputs, (tuple, list))
        for output in outputs if several else [outputs]:
            if not isinstance(output, Tensor):
                raise TypeError(
                    f"{self!r}.forward returned {type(output).__name__}; return tensors, as PyTorch's Functions do"
                )
        found = [output._node.output for output in (outputs if several else [outputs])]
        if self.context is None:
            self.context, self.operands = context, arrays
            self.shapes = tuple(array.shape for array in found)
        return Outputs(found) if several else found[0]

    def backward(self, g, operands, differentiable):
        """The user's backward: the cotangents of the tensors among the arguments."""
        if self.latest[0] is g:
            return self.latest[1]
        if differentiable:
            context, _outputs = self.run(operands)
        elif len(operands) == len(self.operands) and all(map(_same, operands, self.operands)):
            context = self.context
        else:
            with no_grad():
                context, _outputs = self.run([wrap(np.asarray(array)) for array in operands])
        cotangents = g if isinstance(g, (list, tuple)) else [g]
        before, mode.enabled = mode.enabled, differentiable
        try:
            found = self.function.backward(context, *cotangents)
        finally:
            mode.enabled = before
        found = found if isinstance(found, tuple) else (found,)
        if len(found) < len(self.args) or any(d is not None for d in found[len(self.args) :]):
            raise RuntimeError(
                f"function {self!r}Backward returned an incorrect number of gradients (expected {len(self.args)}, "
                f"got {len(found)})"
            )
        found = [d for d, arg in zip(found, self.args) if isinstance(arg, Tensor)]
        for at, (d, x) in enumerate(zip(found, operands)):
            if d is not None and tuple(d.shape) != tuple(x.shape):
                raise RuntimeError(
                    f"Function {self!r}Backward returned an invalid gradient at index {at} - got {list(d.shape)} but "
                    f"expected shape compatible with {list(x.shape)}"
                )
        self.latest = (g, found)
        return found

    def pull(self, at, g, y, operands):
        """What the user's backward gives to one operand; as a formula it stands under its own name."""
        if isinstance(operands[at], Tensor):
            d = self.backward(_cotangents(g, y), operands, True)[at]
            return operands[at] * 0 if d is None else d
        if isinstance(operands[at], (np.ndarray, np.generic)):
            return self.pull_numbers(at, _cotangents(g, y), operands)
        if isinstance(g, Parts):
            raise NotImplementedError(
                f"the formula of {self!r}.backward isn't known, since it has several outputs; write it with the "
                "library's operations to see its formula"
            )
        return user_pullback(g, *operands, at=at, call=self)

    def pull_numbers(self, at, g, operands):
        """The same on arrays, whatever the cotangents: one, or a list of one for each output."""
        given = [wrap(np.asarray(part)) for part in g] if isinstance(g, list) else wrap(np.asarray(g))
        d = self.backward(given, operands, False)[at]
        return np.zeros_like(operands[at]) if d is None else np.asarray(d._node.output)


def _same(array, other):
    return array is other


def _cotangents(g, y):
    """The cotangent of each output, zeros where nothing depends on it."""
    if y.__class__ is not Outputs:
        return g
    parts = g if isinstance(g, Parts) else Parts({0: g})
    return [parts.of(index, output) for index, output in enumerate(y)]


class Function:
    """An operation of your own: define forward(ctx, ...) and backward(ctx, g) as static methods, call apply().

    >>> import engine as torch
    >>> class Cube(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x ** 3
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         x, = ctx.saved_tensors
    ...         return g * 3 * x ** 2
    >>> x = torch.tensor(2., requires_grad=True)
    >>> y = Cube.apply(x)
    >>> y.backward()
    >>> x.grad
    tensor(12.)
    """

    @staticmethod
    def forward(*args, **kwargs):
        """What the operation computes; to be overridden."""
        raise NotImplementedError(
            "You must implement the forward function for custom autograd.Function."
        )

    @staticmethod
    def setup_context(ctx, inputs, output):
        """Where forward has no ctx: what is kept for backward; to be overridden."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        """The pullback; to be overridden."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    @classmethod
    def apply(cls, *args):
        """Run forward on tensors and other values, and record the call."""
        tensors = [arg for arg in args if isinstance(arg, Tensor)]
        needs = tuple(isinstance(arg, Tensor) and arg.requires_grad for arg in args)
        call = Call(cls, [arg.detach() if isinstance(arg, Tensor) else arg for arg in args], needs)
        made = record(user_function, tensors, {"call": call})
        unwanted = {id(output._node.output) for output in call.context.non_differentiable}
        if isinstance(made, tuple):
            return tuple(part.detach() if id(part._node.output) in unwanted else part for part in made)
        return made.detach() if id(made._node.output) in unwanted else made


def once_differentiable(backward):
    """Say that a backward can't be differentiated again."""

    @wraps(backward)
    def once(ctx, *cotangents):
        with no_grad():
            return backward(ctx, *cotangents)

    return once

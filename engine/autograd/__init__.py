"""PyTorch's torch.autograd: backward and grad over the tape's one sweep."""

from threading import Lock

import numpy as np

from engine import hooks
from engine.memory import unshared
from engine.mode import enable_grad, inference_mode, mode, no_grad, set_grad_enabled
from engine.op import PUBLIC, public
from engine.ops.fitting import cast, expand
from engine.ops.typing import copied
from engine.origin import Recipe
from engine.recording import part_of
from engine.tape import NO_PARAMS, NUMBERS, Node, Outputs, Reader, constant, leading_to, order, sweep
from engine.tensor import Tensor, of_node, wrap
from engine.views import refuse_overwritten

__all__ = ["Function", "backward", "enable_grad", "grad", "inference_mode", "no_grad", "set_grad_enabled"]


def _as_tensor(node):
    """The tensor of a node; one tensor an output if it has several."""
    output = node.output
    if output.__class__ is Outputs:
        return Outputs(part_of(node, output, index) for index in range(len(output)))
    return of_node(node)


TENSORS = Reader(_as_tensor, lambda number: number, lambda op: op.vjp)

_accumulating = Lock()  # two threads may sweep to the same leaf

SPENT = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
    "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
    "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
    "saved tensors after calling backward."
)
NO_GRAPH = "element 0 of tensors does not require grad and does not have a grad_fn"
UNUSED = (
    "The differentiated Tensor at index {} appears to not have been used in the graph. Set allow_unused=True if this "
    "is the desired behavior."
)


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, *, inputs=None):
    """Add gradients to .grad of the leaves: Σ over `tensors` of the cotangent times the Jacobian.

    >>> import engine as torch
    >>> x = torch.tensor([1., 2.], requires_grad=True)
    >>> backward((x * x).sum())
    >>> x.grad
    tensor([2., 4.])
    """
    outputs = _several(tensors)
    seeds = _seeds(outputs, _several(grad_tensors, len(outputs)), create_graph)
    targets = None if inputs is None else [x._node for x in _several(inputs)]
    found, spent = _sweep(seeds, retain_graph, create_graph, targets)
    reached = []
    for node in list(found):
        owner = node.owner and node.owner()
        if owner is not None and (targets is None or node.op is not None or node in targets):
            reached.append((owner, node))
    _settle(spent, reached, found, create_graph)


@public("Tensor.backward")
def _backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
    """Add the gradient of this tensor to .grad of the leaves that it depends on.

    A non-scalar needs `gradient`, the cotangent of its shape. A second call through operations that
    saved tensors errs as PyTorch's does, unless the first had retain_graph=True.
    """
    backward(self, gradient, retain_graph, create_graph, inputs=inputs)


def grad(
    outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, allow_unused=None,
    is_grads_batched=False, materialize_grads=False,
):  # fmt: skip
    """The gradients of `outputs` with respect to `inputs`, as a tuple; no .grad is touched.

    >>> import engine as torch
    >>> x = torch.tensor(3., requires_grad=True)
    >>> grad(x ** 3, x)
    (tensor(27.),)
    """
    if is_grads_batched:
        raise NotImplementedError("is_grads_batched isn't supported; use engine.func.vmap over engine.func.vjp")
    outs = _several(outputs)
    wanted = _several(inputs)
    for x in wanted:
        if not x._node.needs:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    seeds = _seeds(outs, _several(grad_outputs, len(outs)), create_graph)
    targets = [x._node for x in wanted]
    found, spent = _sweep(seeds, retain_graph, create_graph, targets)
    missing = next((at for at, node in enumerate(targets) if node not in found), None)
    if missing is not None and not (allow_unused or materialize_grads):
        raise RuntimeError(UNUSED.format(missing))
    owners = [(node.op and node.owner and node.owner(), node) for node in found]
    _settle(spent, [pair for pair in owners if pair[0] is not None], dict(found), create_graph)
    return tuple(_result(x, found, materialize_grads) for x in wanted)


def _result(x, found, materialize):
    g = found.get(x._node)
    if g is None:
        return wrap(np.zeros_like(x._node.output)) if materialize else None
    return g if isinstance(g, Tensor) else wrap(g if unshared(g, holders=1) else np.array(g))


def _several(tensors, count=None):
    if isinstance(tensors, Tensor):
        return [tensors]
    if tensors is None:
        return [None] * (count or 0)
    if not hasattr(tensors, "__iter__"):
        raise TypeError(
            f"a gradient or variable must be a tensor, or a sequence of tensors, not {type(tensors).__name__}; make a "
            "tensor of it with torch.tensor(...)"
        )
    return list(tensors)


def _seeds(outputs, gradients, as_tensors):
    if len(gradients) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(gradients)} gradients")
    seeds = {}
    for at, (out, g) in enumerate(zip(outputs, gradients)):
        node = out._node
        if not node.needs:
            raise RuntimeError(NO_GRAPH.replace("element 0", f"element {at}"))
        if g is None:
            if node.output.size != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            value = np.array(1, node.output.dtype, ndmin=node.output.ndim)
            if as_tensors:
                value = wrap(value)
                value._node.owner = Recipe(expand, (1.0,), {"size": node.output.shape}, 1)  # a 1, where it is explained
        else:
            value = _given_seed(at, g, out)
            value = value if as_tensors else value._node.output
        seeds[node] = seeds[node] + value if node in seeds else value
    return seeds


def _given_seed(at, g, out):
    """The cotangent that the user gives for one output, as a tensor of its dtype."""
    if not isinstance(g, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    if g.shape != out._node.output.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{at}] has a shape of {g.shape} and output[{at}] has a shape of "
            f"{out.shape}."
        )
    dtype = out._node.output.dtype
    return g if g._node.output.dtype == dtype else cast(g, dtype=dtype)


def _sweep(seeds, retain_graph, create_graph, targets):
    roots = list(seeds)
    nodes = order(roots[0]) if len(roots) == 1 else order(Node(None, tuple(roots), None))[:-1]
    wanted = None
    if targets is not None:
        wanted = leading_to(nodes, targets)
        nodes = [node for node in nodes if node in wanted]
    refuse_overwritten(nodes)
    spent = _to_spend(nodes, create_graph if retain_graph is None else retain_graph, wanted)
    before = mode.enabled
    try:
        mode.enabled = create_graph
        reader = TENSORS if create_graph else NUMBERS
        return sweep(nodes, seeds, reader, wanted, targets or (), hooks.among(nodes)), spent
    finally:
        mode.enabled = before


def _to_spend(nodes, retain, wanted):
    """The nodes that PyTorch would free; err, before anything has changed, where what it freed is needed again."""
    fresh = []
    for node in nodes:
        if node.op is not None and (wanted is None or not wanted.isdisjoint(node.inputs)):
            if not node.spent:
                fresh.append(node)
            elif node.op.saves:
                raise RuntimeError(SPENT)
    return () if retain else fresh


def _settle(spent, reached, found, create_graph):
    """Mark nodes as spent and add what was `found` to .grad of tensors: all or, where something interrupts, nothing."""
    with _accumulating:
        changes = [_accumulated(owner, found.pop(node), create_graph) for owner, node in reached]
        done = []
        try:
            for node in spent:
                node.spent = True
            for change in changes:
                holder, slot, new = change
                done.append((holder, slot, getattr(holder, slot, None)))
                setattr(holder, slot, new)
        except BaseException:
            for holder, slot, old in done:
                setattr(holder, slot, old)
            for node in spent:
                node.spent = False
            raise


def _accumulated(tensor, g, create_graph):
    """tensor.grad += g as (holder, slot, new value); the array is the tensor's own."""
    before = tensor.grad
    if create_graph:
        return tensor, "_grad", copied(g) if before is None else before + g
    if before is None:
        return tensor, "_grad", wrap(g if unshared(g) else np.array(g))
    if before.requires_grad:
        return tensor, "_grad", before + wrap(g)
    return before, "_node", constant(before._node.output + g)


def Variable(data, requires_grad=False):
    """A tensor of the same memory; PyTorch's name from the time before tensors had gradients."""
    return data.detach().requires_grad_(requires_grad)


PUBLIC["autograd.backward"] = backward
PUBLIC["autograd.grad"] = grad


LATER = {"Function": "function", "gradcheck": "checking", "GradcheckError": "checking"}  # imported when first asked for


def __getattr__(name):
    from importlib import import_module

    if name == "functional":
        return import_module("engine.autograd.functional")
    if name in LATER:
        return getattr(import_module(f"engine.autograd.{LATER[name]}"), name)
    raise AttributeError(f"module 'engine.autograd' has no attribute '{name}'")

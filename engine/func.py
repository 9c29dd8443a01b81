"""PyTorch's torch.func: derivatives as functions of functions. Built on engine.autograd; imported when asked for.

Arguments and results may be tensors, or tuples, lists and dicts of them.
"""

from functools import wraps

import numpy as np

from engine import autograd
from engine.mode import enable_grad
from engine.op import PUBLIC
from engine.ops.shape import reshape
from engine.tensor import Tensor, wrap
from engine.tracing import freed, leaves, mapped, rebuilt, released, running, traced_copy, transform

__all__ = [
    "functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize", "vjp", "vmap",
]  # fmt: skip


def _gradients(y, inputs, cotangents):
    """The gradients as recorded tensors, zeros where y doesn't depend on an input."""
    pairs = [(out, g) for out, g in zip(y, cotangents) if out.requires_grad]
    if not pairs:
        return [wrap(np.zeros_like(x._node.output)) for x in inputs]
    outs, seeds = zip(*pairs)
    return autograd.grad(outs, inputs, seeds, retain_graph=True, create_graph=True, materialize_grads=True)


def _chosen(args, argnums):
    """The arguments at argnums, with negative ones counted from the end."""
    several = not isinstance(argnums, int)
    places = tuple(argnums) if several else (argnums,)
    for place in places:
        if not -len(args) <= place < len(args):
            raise RuntimeError(f"Got argnum={place}, but only {len(args)} positional inputs")
    return [place % len(args) for place in places], several


def _called(function, args, argnums):
    """(traced arguments, their tree, the result) of a call in which the arguments at argnums are traced.

    To be used while a transform runs.
    """
    places, several = _chosen(args, argnums)
    args = list(args)
    for place in places:
        args[place] = mapped(traced_copy, args[place])
    tree = tuple(args[place] for place in places) if several else args[places[0]]
    return leaves(tree), tree, function(*args)


def grad_and_value(func, argnums=0, has_aux=False):
    """The function args -> (gradient, value); func returns one number, or with has_aux (number, anything).

    >>> import engine as torch
    >>> grad_and_value(lambda x: x ** 3)(torch.tensor(2.))
    (tensor(12.), tensor(8.))
    """

    @wraps(func)
    def both(*args, **kwargs):
        with transform():
            traced, tree, y = _called(lambda *args: func(*args, **kwargs), args, argnums)
            y, aux = y if has_aux else (y, None)
            _check_number(y)
            found = _gradients([y], traced, [wrap(np.ones_like(y._node.output))])
            gradient = rebuilt(tree, [released(g, traced) for g in found])
            value = released(y, traced)
            return (gradient, (value, freed(aux, traced))) if has_aux else (gradient, value)

    return both


def _check_number(y):
    if not isinstance(y, Tensor):
        raise RuntimeError(f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(y)}")
    if y.ndim:
        raise RuntimeError(
            "grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
            f"{y.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
        )


def grad(func, argnums=0, has_aux=False):
    """The function args -> gradient of func, which returns one number, or with has_aux (number, anything).

    >>> import engine as torch
    >>> grad(grad(torch.sin))(torch.tensor(0.))
    tensor(-0.)
    """
    both = grad_and_value(func, argnums, has_aux)

    @wraps(func)
    def gradient(*args, **kwargs):
        found, value = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def vjp(func, *primals, has_aux=False):
    """(y, pullback): pullback(ȳ) is x̄, one for each primal.

    >>> import engine as torch
    >>> y, pullback = vjp(lambda x: x * x, torch.tensor([1., 2.]))
    >>> pullback(torch.ones(2))
    (tensor([2., 4.]),)
    """
    with transform():
        traced, tree, y = _called(func, primals, tuple(range(len(primals))))
        y, aux = y if has_aux else (y, None)
        outputs = leaves(y)
        value = mapped(lambda out: released(out, traced), y)
        aux = freed(aux, traced)

    def pullback(*cotangents):
        given = leaves(cotangents[0] if len(cotangents) == 1 else cotangents)
        if len(given) != len(outputs):
            raise RuntimeError(f"Expected {len(outputs)} cotangents, one an output, but got {len(given)}")
        with enable_grad():
            found = _gradients(outputs, traced, given)
        return rebuilt(tree, [released(g, traced, running[0] + 1) for g in found])

    return (value, pullback, aux) if has_aux else (value, pullback)


def _pushforward(func, primals):
    """(y, push, traced): push(tangents) is the directional derivative, by differentiating the pullback in ȳ."""
    with transform():
        traced, _tree, y = _called(func, primals, tuple(range(len(primals))))
        outputs = leaves(y)
        dummies = [wrap(np.zeros_like(out._node.output)).requires_grad_() for out in outputs]
        pulled = _gradients(outputs, traced, dummies)
        value = mapped(lambda out: released(out, traced), y)

    def push(tangents):
        with enable_grad():
            found = _gradients(pulled, dummies, tangents)
        return rebuilt(y, [released(tangent, [*traced, *dummies], running[0] + 1) for tangent in found])

    return value, push, traced


def jvp(func, primals, tangents):
    """(y, ẏ): the derivative of func at the primals in the direction of the tangents.

    >>> import engine as torch
    >>> jvp(lambda x: x * x, (torch.tensor([1., 2.]),), (torch.tensor([1., 0.]),))
    (tensor([1., 4.]), tensor([2., 0.]))
    """
    if not isinstance(primals, tuple) or not isinstance(tangents, tuple):
        raise RuntimeError("jvp expects primals and tangents as tuples, one entry an argument")
    given = leaves(tangents)
    for x, t in zip(leaves(primals), given):
        if x.shape != t.shape:
            raise RuntimeError(
                "Trying to set a forward gradient that has a different size than that of the original Tensor, this is "
                f"not supported. Tensor is of size {list(x.shape)} while the given forward gradient is of size "
                f"{list(t.shape)}."
            )
    if len(leaves(primals)) != len(given):
        raise RuntimeError("jvp expects as many tangents as primals")
    y, push, traced_copy = _pushforward(func, primals)
    return y, push(given)


def linearize(func, *primals):
    """(y, push): push(tangents...) is the derivative in their direction, as often as wanted."""
    y, push, traced_copy = _pushforward(func, primals)
    return y, lambda *tangents: push(leaves(tangents))


# Jacobians


def _units(x):
    """Each of the tensors of x's shape with a single one."""
    array = x._node.output
    for at in np.ndindex(array.shape):
        unit = np.zeros_like(array)
        unit[at] = 1
        yield wrap(unit)


def _stacked(rows, lead):
    """Tensors side by side along new leading axes."""
    stacked = PUBLIC["stack"](rows, 0)
    return reshape(stacked, size=(*lead, *rows[0].shape))


def jacrev(func, argnums=0, has_aux=False):
    """The function args -> Jacobian of func, of shape (*y.shape, *x.shape), a pullback a row.

    >>> import engine as torch
    >>> jacrev(lambda x: x * x)(torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """

    @wraps(func)
    def jacobian(*args, **kwargs):
        with transform():
            traced, tree, y = _called(lambda *args: func(*args, **kwargs), args, argnums)
            y, aux = y if has_aux else (y, None)
            found = mapped(lambda out: rebuilt(tree, _rows(out, traced)), y)
            return (found, freed(aux, traced)) if has_aux else found

    return jacobian


def _rows(out, traced):
    """The Jacobians of one output by the traced tensors."""
    rows = [_gradients([out], traced, [unit]) for unit in _units(out)]
    found = [
        _stacked([row[at] for row in rows], out.shape) if rows else _nothing(out, x) for at, x in enumerate(traced)
    ]
    return [released(jacobian, traced) for jacobian in found]


def _nothing(out, x):
    return wrap(np.zeros((*out.shape, *x.shape), out._node.output.dtype))


def jacfwd(func, argnums=0, has_aux=False):
    """The function args -> Jacobian of func, of shape (*y.shape, *x.shape), a direction a column.

    >>> import engine as torch
    >>> jacfwd(lambda x: x * x)(torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if has_aux:
        raise NotImplementedError("jacfwd(has_aux=True) isn't supported; use jacrev, which gives the same Jacobian")

    @wraps(func)
    def jacobian(*args, **kwargs):
        places, several = _chosen(args, argnums)

        def of_chosen(*chosen):
            full = list(args)
            for place, value in zip(places, chosen):
                full[place] = value
            return func(*full, **kwargs)

        chosen = tuple(args[place] for place in places)
        y, push, traced = _pushforward(of_chosen, chosen)
        tree = chosen if several else chosen[0]
        columns = [_directions(push, traced, at, y) for at in range(len(traced))]
        outputs = [
            rebuilt(tree, [column[number] for column in columns]) for number, _out in enumerate(leaves(y))
        ]
        places_of = iter(outputs)
        return mapped(lambda _out: next(places_of), y)

    return jacobian


def _directions(push, traced, at, y):
    """For each output, its derivatives by every entry of one input, input axes last."""
    x = traced[at]
    still = [wrap(np.zeros_like(other._node.output)) for other in traced]
    pushed = [leaves(push([*still[:at], unit, *still[at + 1 :]])) for unit in _units(x)]
    found = []
    for number, out in enumerate(leaves(y)):
        if not pushed:
            found.append(_nothing(out, x))
            continue
        stacked = PUBLIC["stack"]([tangents[number] for tangents in pushed], -1)
        found.append(reshape(stacked, size=(*out.shape, *x.shape)))
    return found


def hessian(func, argnums=0):
    """The function args -> second derivatives of func, of shape (*y.shape, *x.shape, *x.shape).

    >>> import engine as torch
    >>> hessian(lambda x: (x ** 3).sum())(torch.tensor([1., 2.]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacrev(jacrev(func, argnums), argnums)


# batches, modules


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """The function that calls func once for each entry along an axis of its arguments, and stacks the results.

    A loop, not one batched computation: the same values, at the price of as many calls.

    >>> import engine as torch
    >>> vmap(torch.dot)(torch.ones(3, 2), torch.ones(3, 2))
    tensor([2., 2., 2.])
    """

    @wraps(func)
    def batched(*args, **kwargs):
        axes = tuple(in_dims) if isinstance(in_dims, (tuple, list)) else (in_dims,) * len(args)
        if len(axes) != len(args):
            raise ValueError(
                f"vmap: in_dims is not compatible with the structure of inputs: {len(axes)} in_dims, {len(args)} inputs"
            )
        sizes = set()
        for arg, axis in zip(args, axes):
            for x in leaves(arg) if axis is not None else ():
                if not -x.ndim <= axis < x.ndim:
                    raise ValueError(
                        f"vmap({getattr(func, '__name__', func)}, in_dims={in_dims}, ...)(<inputs>): Got in_dim={axis} "
                        f"for some input, but that input is a Tensor of dimensionality {x.ndim} so expected in_dim to "
                        f"satisfy -{x.ndim} <= in_dim < {x.ndim}."
                    )
                sizes.add(x.shape[axis])
        if len(sizes) != 1:
            raise ValueError(
                "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
                f"{sorted(sizes)} for the mapped dimension"
                if sizes
                else "vmap: at least one input must be mapped over; give in_dims a number for it"
            )
        results = []
        for at in range(sizes.pop()):
            each = [
                arg if axis is None else mapped(lambda x, axis=axis, at=at: PUBLIC["select"](x, axis, at), arg)
                for arg, axis in zip(args, axes)
            ]
            results.append(func(*each, **kwargs))
        if not results:
            raise RuntimeError("vmap over an axis of size 0 isn't supported; give at least one entry")
        return _joined(results, out_dims)

    return batched


def _joined(results, out_dims):
    first = results[0]
    if isinstance(first, tuple):
        dims = out_dims if isinstance(out_dims, tuple) else (out_dims,) * len(first)
        return tuple(_joined([result[at] for result in results], dim) for at, dim in enumerate(dims))
    return mapped(lambda *entries: PUBLIC["stack"](list(entries), out_dims), *results)


def functional_call(module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, strict=False):
    """module(*args, **kwargs) with the given tensors, by dotted name, in place of its parameters and buffers.

    >>> import engine as torch
    >>> functional_call(torch.nn.Linear(1, 1), {"weight": torch.ones(1, 1), "bias": torch.ones(1)}, torch.ones(1))
    tensor([2.])
    """
    dicts = parameter_and_buffer_dicts
    given = dict(dicts) if isinstance(dicts, dict) else {name: x for each in dicts for name, x in each.items()}
    places = []
    for name, value in given.items():
        where, _, last = name.rpartition(".")
        owner = module.get_submodule(where)
        held = owner._parameters if last in owner._parameters else owner._buffers
        if last not in held:
            raise RuntimeError(f"Unexpected key(s): {name}; the module has no parameter or buffer of that name")
        places.append((held, last, value))
    if strict:
        missing = set(module.state_dict()) - set(given)
        if missing:
            raise RuntimeError(f"Missing key(s): {', '.join(sorted(missing))}.")
    before = [(held, last, held[last]) for held, last, _value in places]
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    try:
        for held, last, value in places:
            held[last] = value
        return module(*args, **(kwargs or {}))
    finally:
        for held, last, value in before:
            held[last] = value

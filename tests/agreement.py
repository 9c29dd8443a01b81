"""One call in both libraries, whose values, gradients and second derivatives must agree. Imported by tests."""

import numpy as np

import engine


def agree(call, *arrays, dtype="float64", rtol=1e-10, second=True, frozen=()):
    """`call(torch, *tensors)` gives the same in both: values, dtypes, gradients and their gradients.

    Arrays of integers, and those at the positions `frozen`, don't require grad. `second` may be a tolerance of
    its own for second derivatives.
    """
    import torch

    mine, theirs = (_run(module, call, arrays, dtype, second, frozen) for module in (engine, torch))
    assert len(mine) == len(theirs)
    first = len(mine) - (_leaves(arrays, frozen) if second else 0)
    for at, (a, b) in enumerate(zip(mine, theirs)):
        if b is None or a is None:
            assert a is b or not np.any(a if b is None else b)
            continue
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        tolerance = second if at >= first and second is not True else rtol
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance / 10)


def _leaves(arrays, frozen):
    return sum(np.asarray(a).dtype.kind == "f" and at not in frozen for at, a in enumerate(arrays))


def _tensor(module, array, dtype, frozen):
    array = np.asarray(array)
    if array.dtype.kind != "f":
        return module.from_numpy(array.copy())
    return module.from_numpy(array.astype(dtype)).requires_grad_(not frozen)


def _run(module, call, arrays, dtype, second, frozen):
    tensors = [_tensor(module, a, dtype, at in frozen) for at, a in enumerate(arrays)]
    leaves = [t for t in tensors if t.requires_grad]
    result = call(module, *tensors)
    outputs = [y for y in (result if isinstance(result, tuple) else (result,)) if isinstance(y, module.Tensor)]
    numbers = [y.detach().numpy() for y in outputs]
    recorded = [y for y in outputs if y.requires_grad]
    if not recorded:
        return numbers + [None] * len(leaves) * (2 if second else 1)
    upstream = [module.from_numpy(_direction(y.shape).astype(dtype)) for y in recorded]
    grads = module.autograd.grad(recorded, leaves, upstream, create_graph=bool(second), allow_unused=True)
    numbers += [None if g is None else g.detach().numpy(force=True) for g in grads]
    if second:
        again = [g for g in grads if g is not None and g.requires_grad]
        probes = [module.from_numpy(_direction(g.shape).astype(dtype)) for g in again]
        found = [None] * len(leaves)
        if again:
            found = module.autograd.grad(again, leaves, probes, allow_unused=True)
        numbers += [np.zeros(x.shape, dtype) if g is None else g.detach().numpy(force=True)
                    for g, x in zip(found, leaves)]  # fmt: skip
    return numbers


def _direction(shape):
    return np.asarray(np.random.default_rng(7).standard_normal(tuple(shape)))


def same_error(call, *arrays):
    """`call(torch, *tensors)` raises the same in both: type and first line of the text."""
    import pytest
    import torch

    said = []
    for module in (torch, engine):
        tensors = [_tensor(module, array, "float32", True) for array in arrays]
        with pytest.raises(Exception) as caught:
            call(module, *tensors)
        said.append((caught.type, str(caught.value).splitlines()[0].split(";")[0].rstrip(".")))
    assert said[1] == said[0]

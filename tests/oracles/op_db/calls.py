"""A call of PyTorch's as one of ours: functions by name, arguments one by one."""

import functools
import types

import pytest

import engine
from engine.op import PUBLIC
from engine.tensor import Size

torch = pytest.importorskip("torch")


class Missing(Exception):
    """There is no public function of this name."""


class Complex(Exception):
    """A sample with complex numbers, which the engine refuses by design."""


def theirs(info):
    """PyTorch's function for an entry of its table, as the table calls it."""
    return info.op


def ours(info):
    """The engine's function for an entry: the table's own lambda with our module for theirs, else by its name."""
    if isinstance(info.op, types.FunctionType) and info.op.__module__.startswith("torch.testing"):
        return with_engine(info.op)
    for path in (info.name, f"Tensor.{info.name}", f"special.{info.name}"):
        if path in PUBLIC:
            return PUBLIC[path]
    if hasattr(engine.Tensor, info.name):
        return getattr(engine.Tensor, info.name)
    found = engine
    for part in info.name.split("."):
        found = getattr(found, part, None)
    if found is None:
        raise Missing(info.name)
    return found


def method(info):
    """The engine's method of the same name, None where PyTorch has none."""
    if info.method_variant is None or info.name.startswith(("nn.", "linalg.", "special.", "__")):
        return None
    made = PUBLIC.get(f"Tensor.{info.name}")
    if made is None:
        made = getattr(engine.Tensor, info.name, None)
    if made is None:
        raise Missing(f"Tensor.{info.name}")
    return made


def with_engine(function):
    """A function of PyTorch's tests that reads the name `torch`, reading our module there."""
    if isinstance(function, functools.partial):
        args, params = translated((function.args, function.keywords), {})
        return functools.partial(with_engine(function.func), *args, **params)
    if not isinstance(function, types.FunctionType):
        return counterpart(function)
    names = {"torch": engine, "F": engine.nn.functional}
    inner = {
        name: with_engine(value)
        for name, value in function.__globals__.items()
        if name in function.__code__.co_names and isinstance(value, types.FunctionType)
        and value.__module__.startswith("torch")
    }  # fmt: skip
    copy = types.FunctionType(
        function.__code__, {**function.__globals__, **inner, **names}, function.__name__,
        function.__defaults__, function.__closure__,
    )  # fmt: skip
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def counterpart(made):
    """Our module or function for one of PyTorch's."""
    name = getattr(made, "__name__", type(made).__name__)
    for path in (name, f"nn.functional.{name}", f"Tensor.{name}"):
        if path in PUBLIC:
            return PUBLIC[path]
    if isinstance(made, torch.nn.Module):
        return getattr(engine.nn, type(made).__name__)()
    raise Missing(name)


def translated(value, made):
    """An argument with our tensors and dtypes for PyTorch's; `made` keeps one tensor one tensor."""
    if isinstance(value, torch.Tensor):
        if id(value) not in made:
            made[id(value)] = value, tensor(value)
        return made[id(value)][1]
    if isinstance(value, torch.Size):
        return Size(value)
    if isinstance(value, torch.dtype):
        return dtype(value)
    if isinstance(value, complex):
        raise Complex
    if isinstance(value, (torch.device, torch.layout, torch.memory_format)):
        return str(value).removeprefix("torch.")
    if isinstance(value, dict):
        return {key: translated(entry, made) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        entries = [translated(entry, made) for entry in value]
        return type(value)(entries) if type(value) in (list, tuple) else type(value)(*entries)
    if callable(value):
        return with_engine(value)
    return value


def tensor(value):
    if value.is_complex():
        raise Complex
    if value.layout is not torch.strided:
        raise Missing(f"a tensor of layout {value.layout}")
    dtype(value.dtype)
    array = value.detach().numpy(force=True).copy()
    return engine.from_numpy(array).requires_grad_(value.requires_grad)


def dtype(value):
    if value.is_complex:
        raise Complex
    name = str(value).removeprefix("torch.")
    if not hasattr(engine, name):
        raise Missing(f"the dtype {name}")
    return getattr(engine, name)


def tensors(value, kind, found=None):
    """All tensors in a nest of arguments or results, in order."""
    found = [] if found is None else found
    if isinstance(value, kind):
        found.append(value)
    elif isinstance(value, dict):
        for entry in value.values():
            tensors(entry, kind, found)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            tensors(entry, kind, found)
    return found


def plain(value, kind):
    """What a result holds beside tensors: numbers, truth values, sizes."""
    if isinstance(value, kind) or value is None:
        return None
    if isinstance(value, (list, tuple)):
        return [plain(entry, kind) for entry in value]
    return value

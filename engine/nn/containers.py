"""Modules that hold modules: Sequential, ModuleList, ModuleDict, and lists of Parameters."""

from itertools import islice

from engine.nn.module import Module
from engine.nn.parameter import Parameter


class Sequential(Module):
    """y = the modules applied one after another. Takes modules, or one dict of named modules.

    >>> import engine as torch
    >>> torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *args):
        super().__init__()
        named = args[0] if len(args) == 1 and isinstance(args[0], dict) else {str(at): m for at, m in enumerate(args)}
        for name, module in named.items():
            self.add_module(name, module)

    def forward(self, input):
        for module in self._modules.values():
            input = module(input)
        return input

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def __getitem__(self, at):
        if isinstance(at, slice):
            return type(self)(dict(list(self._modules.items())[at]))
        return list(self._modules.values())[_place(at, len(self))]

    def __setitem__(self, at, module):
        setattr(self, list(self._modules)[_place(at, len(self))], module)

    def __delitem__(self, at):
        _delete(self, at)

    def pop(self, at):
        """Take a module out, and return it."""
        module = self[at]
        _delete(self, at)
        return module

    def append(self, module):
        """Add a module at the end; returns the container."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        """Add several modules at the end; returns the container."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index, module):
        """Add a module before another; returns the container."""
        modules = list(self)
        modules.insert(index, module)
        self._modules.clear()
        return self.extend(modules)


def _delete(container, at):
    """Take modules out; the others are numbered again."""
    left = list(container._modules.values())
    del left[at if isinstance(at, slice) else _place(at, len(left))]
    container._modules.clear()
    for place, module in enumerate(left):
        container.add_module(str(place), module)


class ModuleList(Module):
    """A list of modules, whose parameters are found.

    >>> import engine as torch
    >>> len(torch.nn.ModuleList(torch.nn.Linear(2, 2) for _ in range(3)))
    3
    """

    def __init__(self, modules=None):
        super().__init__()
        self.extend(modules or ())

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def __getitem__(self, at):
        if isinstance(at, slice):
            return type(self)(list(self._modules.values())[at])
        return self._modules[str(_place(at, len(self)))]

    def __setitem__(self, at, module):
        setattr(self, str(_place(at, len(self))), module)

    def __add__(self, other):
        return ModuleList([*self, *other])

    def __delitem__(self, at):
        _delete(self, at)

    def pop(self, at):
        """Take a module out, and return it."""
        module = self[at]
        _delete(self, at)
        return module

    def append(self, module):
        """Add a module at the end; returns the container."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        """Add several modules at the end; returns the container."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index, module):
        """Add a module before another."""
        modules = list(self)
        modules.insert(index, module)
        self._modules.clear()
        self.extend(modules)

    def __repr__(self):
        """Runs of equal modules are written once, as PyTorch does."""
        runs = []
        for at, text in enumerate(map(repr, self)):
            if runs and runs[-1][2] == text:
                runs[-1][1] = at
            else:
                runs.append([at, at, text])
        if not runs:
            return f"{self._get_name()}()"
        lines = []
        for first, last, text in runs:
            label = f"({first})" if first == last else f"({first}-{last})"
            text = text if first == last else f"{last - first + 1} x {text}"
            lines.append(f"{label}: {text}".replace("\n", "\n  "))
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


class ModuleDict(Module):
    """A dict of modules, whose parameters are found.

    >>> import engine as torch
    >>> list(torch.nn.ModuleDict({"a": torch.nn.Identity()}))
    ['a']
    """

    def __init__(self, modules=None):
        super().__init__()
        self.update(modules or {})

    def __getitem__(self, name):
        return self._modules[name]

    def __setitem__(self, name, module):
        self.add_module(name, module)

    def __delitem__(self, name):
        del self._modules[name]

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def __contains__(self, name):
        return name in self._modules

    def keys(self):
        """The names."""
        return self._modules.keys()

    def values(self):
        """The modules."""
        return self._modules.values()

    def items(self):
        """(name, module)."""
        return self._modules.items()

    def pop(self, key):
        """Take a module out, and return it."""
        return self._modules.pop(key)

    def clear(self):
        """Take all modules out."""
        self._modules.clear()

    def update(self, modules):
        """Add or replace modules by name."""
        for name, module in dict(modules).items():
            self.add_module(name, module)


def _listing(container, kind):
    """Parameters by name, kind and size, as PyTorch prints them: several on lines of their own."""
    lines = [
        f"  ({name}): Parameter containing: [{kind(p)} of size {'x'.join(map(str, p.shape))}]"
        for name, p in container._parameters.items()
    ]
    inner = lines[0] if len(lines) == 1 else "".join(f"\n  {line}" for line in lines) + "\n" * bool(lines)
    return f"{type(container).__name__}({inner})"


class ParameterList(Module):
    """A list of Parameters, which are found.

    >>> import engine as torch
    >>> [p.shape for p in torch.nn.ParameterList([torch.ones(2)])]
    [torch.Size([2])]
    """

    def __init__(self, values=None):
        super().__init__()
        self.extend(values or ())

    def __len__(self):
        return len(self._parameters)

    def __iter__(self):
        return iter(self._parameters.values())

    def __getitem__(self, at):
        if isinstance(at, slice):
            return type(self)(islice(self, *at.indices(len(self))))
        return self._parameters[str(_place(at, len(self)))]

    def __repr__(self):
        return _listing(self, lambda p: str(p.dtype))

    def append(self, value):
        """Add a Parameter, or a tensor that becomes one; returns the container."""
        self.register_parameter(str(len(self)), value if isinstance(value, Parameter) else Parameter(value))
        return self

    def extend(self, values):
        """Add several; returns the container."""
        for value in values:
            self.append(value)
        return self


class ParameterDict(Module):
    """A dict of Parameters, which are found.

    >>> import engine as torch
    >>> list(torch.nn.ParameterDict({"w": torch.ones(2)}))
    ['w']
    """

    def __init__(self, parameters=None):
        super().__init__()
        for name, value in dict(parameters or {}).items():
            self[name] = value

    def __repr__(self):
        return _listing(self, lambda p: p.type())

    def __getitem__(self, name):
        return self._parameters[name]

    def __setitem__(self, name, value):
        self.register_parameter(name, value if isinstance(value, Parameter) else Parameter(value))

    def __len__(self):
        return len(self._parameters)

    def __iter__(self):
        return iter(self._parameters)

    def __contains__(self, name):
        return name in self._parameters

    def keys(self):
        """The names."""
        return self._parameters.keys()

    def values(self):
        """The Parameters."""
        return self._parameters.values()

    def items(self):
        """(name, Parameter)."""
        return self._parameters.items()


def _place(at, length):
    if not -length <= at < length:
        raise IndexError(f"index {at} is out of range")
    return at % length

"""Module: parameters, buffers and modules within modules, found by name. Imported by every layer."""

from collections import OrderedDict, namedtuple
from weakref import ref

import numpy as np

from engine import dtypes
from engine.mode import no_grad
from engine.nn.parameter import Parameter
from engine.origin import RETURNED_BY
from engine.tensor import Tensor

Keys = namedtuple("_IncompatibleKeys", "missing_keys unexpected_keys")


class IncompatibleKeys(Keys):
    """What load_state_dict didn't find, and what it didn't need."""

    __slots__ = ()

    def __repr__(self):
        return super().__repr__() if any(self) else "<All keys matched successfully>"


IncompatibleKeys.__name__ = "_IncompatibleKeys"  # as it prints


class Module:
    """A function with parameters: subclass it, set layers and Parameters as attributes, define forward.

    >>> import engine as torch
    >>> net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    >>> [name for name, _ in net.named_parameters()]
    ['0.weight', '0.bias']
    """

    training = True

    def __init__(self, *_args, **_kwargs):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "_passing_buffers", set())
        object.__setattr__(self, "_hooks", {})
        object.__setattr__(self, "training", True)

    def __call__(self, *args, **kwargs):
        y = self.forward(*args, **kwargs)
        for hook in list(self._hooks.values()) if self._hooks else ():
            changed = hook(self, args, y)
            y = y if changed is None else changed
        if (self._parameters or self._modules) and y.__class__ is Tensor and y._node.op is not None:
            RETURNED_BY.setdefault(y._node, ref(self))
        return y

    def forward(self, *args, **kwargs):
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function; define forward(self, ...)'
        )

    # attributes

    def __setattr__(self, name, value):
        held = self.__dict__
        if "_modules" not in held:
            if isinstance(value, (Parameter, Module)):
                kind = "parameters" if isinstance(value, Parameter) else "module"
                raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
            return object.__setattr__(self, name, value)
        if isinstance(value, Parameter):
            self._forget(name, self._parameters)
            self._parameters[name] = value
        elif isinstance(value, Module):
            self._forget(name, self._modules)
            self._modules[name] = value
        elif name in self._parameters:
            if value is not None:
                raise TypeError(
                    f"cannot assign '{type(value).__name__}' as parameter '{name}' "
                    "(torch.nn.Parameter or None expected)"
                )
            self._parameters[name] = None
        elif name in self._modules and value is None:
            self._modules[name] = None
        elif name in self._buffers and (value is None or isinstance(value, Tensor)):
            self._buffers[name] = value
        else:
            self._forget(name)
            object.__setattr__(self, name, value)
        return None

    def _forget(self, name, keeper=None):
        """Drop a name wherever it is, but keep its place in `keeper`."""
        for held in (self.__dict__, self._parameters, self._buffers, self._modules):
            if held is not keeper:
                held.pop(name, None)

    def __getattr__(self, name):
        for kind in ("_parameters", "_buffers", "_modules"):
            held = self.__dict__.get(kind, {})
            if name in held:
                return held[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name):
        for held in (self._parameters, self._buffers, self._modules):
            if name in held:
                del held[name]
                return
        object.__delattr__(self, name)

    def __dir__(self):
        return [*super().__dir__(), *self._parameters, *self._buffers, *self._modules]

    def register_parameter(self, name, param):
        """Enter a Parameter, or None, under a name."""
        self._checked(name)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{type(param).__name__}' object to parameter '{name}' "
                "(torch.nn.Parameter or None required)"
            )
        self._parameters[name] = param

    def register_buffer(self, name, tensor, persistent=True):
        """Enter a tensor that belongs to the module's state but isn't trained."""
        self._checked(name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{type(tensor).__name__}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        if not persistent:
            self._passing_buffers.add(name)

    def add_module(self, name, module):
        """Enter a module under a name."""
        self._checked(name)
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._modules[name] = module

    register_module = add_module

    def _checked(self, name):
        if "_modules" not in self.__dict__:
            raise AttributeError("cannot assign to a module before Module.__init__() call")
        if "." in name or not name:
            raise KeyError(f'a name can\'t {"contain" if name else "be empty string"} "{"." if name else ""}"')
        if hasattr(self, name) and not any(name in held for held in (self._parameters, self._buffers, self._modules)):
            raise KeyError(f"attribute '{name}' already exists")

    def register_forward_hook(self, hook):
        """Call hook(module, args, output) after each forward; what it returns, if anything, replaces the output."""
        handle = RemovableHandle(self._hooks)
        self._hooks[handle] = hook
        return handle

    # what is inside

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """(name, module) of this module and all within."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self):
        """This module and all within."""
        return (module for _name, module in self.named_modules())

    def named_children(self):
        """(name, module) of the modules directly within."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self):
        """The modules directly within."""
        return (module for _name, module in self.named_children())

    def _named(self, kind, prefix, recurse, remove_duplicate):
        seen = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        for where, module in modules:
            for name, value in getattr(module, kind).items():
                if value is not None and not (remove_duplicate and value in seen):
                    seen.add(value)
                    yield (f"{where}.{name}" if where else name), value

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """(name, Parameter), such as ("fc1.weight", ...), of this module and all within."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        """The Parameters of this module and all within."""
        return (param for _name, param in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """(name, buffer) of this module and all within."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """The buffers of this module and all within."""
        return (buffer for _name, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target):
        """The module at a dotted name."""
        module = self
        for name in filter(None, target.split(".")):
            module = getattr(module, name)
        return module

    def get_parameter(self, target):
        """The Parameter at a dotted name."""
        where, _, name = target.rpartition(".")
        return self.get_submodule(where)._parameters[name]

    def apply(self, fn):
        """Call fn on every module within, then on this one; returns the module."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # state

    def state_dict(self, *, prefix="", keep_vars=False):
        """Name -> tensor of all parameters and lasting buffers; the tensors share memory."""
        state = OrderedDict()
        for where, module in self.named_modules(prefix=prefix.removesuffix("."), remove_duplicate=False):
            held = {**module._parameters, **module._buffers}
            for name, value in held.items():
                if value is not None and name not in module._passing_buffers:
                    state[f"{where}.{name}" if where else name] = value if keep_vars else value.detach()
        return state

    def load_state_dict(self, state_dict, strict=True, assign=False):
        """Copy the values of a state_dict, of ours or of PyTorch's arrays, into parameters and buffers."""
        own = self.state_dict(keep_vars=True)
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        errors = []
        if strict and missing:
            errors.append(f"Missing key(s) in state_dict: {_quoted(missing)}. ")
        if strict and unexpected:
            errors.append(f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
        for name, value in own.items():
            if name in state_dict and tuple(state_dict[name].shape) != tuple(value.shape):
                errors.append(
                    f"size mismatch for {name}: copying a param with shape torch.Size({list(state_dict[name].shape)}) "
                    f"from checkpoint, the shape in current model is torch.Size({list(value.shape)})."
                )
        if errors:
            inner = "\n\t".join(errors)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{inner}")
        with no_grad():
            for name, value in own.items():
                if name in state_dict:
                    value.copy_(_tensor(state_dict[name]))
        return IncompatibleKeys(missing, unexpected)

    # what changes all

    def train(self, mode=True):
        """Set training mode, which dropout and batch normalisation ask for; returns the module."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        for module in self.modules():
            object.__setattr__(module, "training", mode)
        return self

    def eval(self):
        """Set evaluation mode; returns the module."""
        return self.train(False)

    def zero_grad(self, set_to_none=True):
        """Forget the gradients of all parameters, or set them to zero."""
        for param in self.parameters():
            if param.grad is not None:
                param.grad = None if set_to_none else param.grad.detach().zero_()

    def requires_grad_(self, requires_grad=True):
        """Start or stop recording for all parameters; returns the module."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def _apply(self, convert):
        for module in self.modules():
            for held in (module._parameters, module._buffers):
                for value in held.values():
                    if value is not None and value.dtype.is_floating_point:
                        grad = value.grad
                        value.grad = None
                        value.data = convert(value.detach())
                        value.grad = None if grad is None else convert(grad)
        return self

    def to(self, *args, dtype=None, device=None, non_blocking=False):
        """Floating parameters and buffers in another dtype; a device is accepted if it is the CPU."""
        for arg in args:
            if isinstance(arg, dtypes.dtype):
                dtype = arg
            elif isinstance(arg, Tensor):
                dtype = arg.dtype
            else:
                device = arg
        if dtype is not None and not dtype.is_floating_point:
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )
        return self._apply(lambda x: x.to(dtype=dtype, device=device))

    def float(self):
        """Parameters and buffers in float32."""
        return self.to(dtypes.float32)

    def double(self):
        """Parameters and buffers in float64."""
        return self.to(dtypes.float64)

    def half(self):
        """Parameters and buffers in float16."""
        return self.to(dtypes.float16)

    def cpu(self):
        """The module: it is on the CPU."""
        return self

    # printing

    def extra_repr(self):
        """What stands between the parentheses when the module is printed."""
        return ""

    def __repr__(self):
        extra = self.extra_repr()
        extra = extra.split("\n") if extra else []
        inner = [f"({name}): " + _indented(repr(module)) for name, module in self._modules.items()]
        lines = extra + inner
        if not lines:
            return f"{self._get_name()}()"
        if len(extra) == 1 and not inner:
            return f"{self._get_name()}({extra[0]})"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"

    def _get_name(self):
        return type(self).__name__


class RemovableHandle:
    """A hook's handle: remove() takes the hook away."""

    def __init__(self, hooks):
        self.hooks = hooks

    def remove(self):
        """Take the hook away."""
        self.hooks.pop(self, None)


def _indented(text):
    return text.replace("\n", "\n  ")


def _quoted(names):
    return ", ".join(f'"{name}"' for name in names)


def _tensor(value):
    if isinstance(value, Tensor):
        return value
    from engine.creation import from_numpy

    return from_numpy(np.asarray(value))

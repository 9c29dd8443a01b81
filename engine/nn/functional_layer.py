"""Layers that are a function of nn.functional with its settings fixed. Imported by activation, pooling and loss."""

from engine.nn import functional as F
from engine.nn.module import Module

NEEDED = object()  # a setting without a default
UNUSED = ("size_average", "reduce")  # PyTorch's old names of `reduction`


class FunctionalLayer(Module):
    """y = nn.functional.FUNCTION(inputs..., settings...).

    function  its name
    settings  name -> default, in PyTorch's order; NEEDED where there is none
    shown     the settings that are printed, as name=value
    """

    function = ""
    settings = {}
    shown = ()

    def __init__(self, *args, **kwargs):
        super().__init__()
        given = self._bound(args, kwargs)
        for name in UNUSED:
            if given.pop(name, None) is not None:
                raise TypeError(f"{self._get_name()}(): {name} is an old name; use reduction='mean', 'sum' or 'none'")
        for name, value in given.items():
            self._keep(name, value)

    def _bound(self, args, kwargs):
        title = f"{self._get_name()}.__init__()"
        if len(args) > len(self.settings):
            raise TypeError(f"{title} takes at most {len(self.settings)} arguments, but {len(args)} were given")
        given = dict(zip(self.settings, args))
        for name, value in kwargs.items():
            if name not in self.settings:
                raise TypeError(f"{title} got an unexpected keyword argument '{name}'")
            if name in given:
                raise TypeError(f"{title} got multiple values for argument '{name}'")
            given[name] = value
        found = {name: given.get(name, default) for name, default in self.settings.items()}
        missing = [name for name, value in found.items() if value is NEEDED]
        if missing:
            raise TypeError(f"{title} missing {len(missing)} required argument(s): {', '.join(map(repr, missing))}")
        return found

    def _keep(self, name, value):
        setattr(self, name, value)

    def forward(self, *inputs):
        passed = {name: getattr(self, name) for name in self.settings if name not in ("inplace", *UNUSED)}
        return getattr(F, self.function)(*inputs, **passed)

    def extra_repr(self):
        text = [f"{name}={getattr(self, name)!r}" for name in self.shown]
        if getattr(self, "inplace", False):
            text.append("inplace=True")
        return ", ".join(text)


def layer(module, name, function, says, kind=FunctionalLayer, shown=None, **settings):
    """Make a layer's class for `module`: layer(__name__, "ReLU", "relu", "y = max(x, 0).", inplace=False)."""
    shown = tuple(key for key in settings if key != "inplace") if shown is None else shown
    fields = {"function": function, "settings": settings, "shown": shown, "__doc__": says, "__module__": module}
    return type(name, (kind,), fields)

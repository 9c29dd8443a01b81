"""PyTorch's names and behaviour on NumPy: `import engine as torch` runs a PyTorch tutorial unchanged."""

import sys
import warnings
from math import e, inf, nan, pi

from engine.memory import uncollected

with uncollected():
    from engine import autograd, creation, dtypes, numpy_protocol, random, recording
    from engine.deferred import stand_in
    from engine.devices import accelerator, backends, cuda, mps
    from engine.dtypes import (
        bool,
        double,
        dtype,
        finfo,
        float,
        float16,
        float32,
        float64,
        get_default_dtype,
        half,
        iinfo,
        int,
        int8,
        int16,
        int32,
        int64,
        long,
        promote_types,
        set_default_dtype,
        short,
        uint8,
    )  # fmt: skip
    from engine.mode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
    from engine.op import WAITING, names_in, public_name
    from engine.ops import (
        activation,
        arithmetic,
        exponential,
        extremes,
        hyperbolic,
        indexing,
        joining,
        matrix,
        reduction,
        reshaping,
        rounding,
        selecting,
        shape,
        softmax,
        subscript,
        trigonometric,
        typing,
    )
    from engine.tensor import Size, Tensor

    recording.operators()
    recording.install()
    stand_in(Tensor)

# log(0) and 1/0 are silent, as in PyTorch: NumPy's warnings are muted where our own modules call it, and only there.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"engine(\.|$)")

globals().update(names_in(""))

LATER = ("distributions", "func", "linalg", "nn", "optim", "special", "utils")  # imported when first asked for
PLACES = {"vmap": "func", "set_printoptions": "printing"}
WAITING.append("engine.rest")


def __getattr__(name):
    """What few programs need, imported when first asked for."""
    from importlib import import_module
    from importlib.util import find_spec

    if name in PLACES:
        return getattr(import_module(f"engine.{PLACES[name]}"), name)
    if name == "__all__":
        return [each for each in __dir__() if not each.startswith("_")]
    if not name.startswith("__"):
        if find_spec(f"engine.{name}"):
            return import_module(f"engine.{name}")
        found = public_name(name)
        if found is not None:
            globals()[name] = found
            return found
    from engine.absent import reason

    unknown = f"module 'engine' has no attribute '{name}'{reason(name)}"
    raise AttributeError(unknown, name=name, obj=sys.modules[__name__])


def __dir__():
    return sorted({*globals(), *LATER, *PLACES, *names_in("")})

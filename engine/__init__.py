"""PyTorch's names and behaviour on NumPy: `import engine as torch` runs a PyTorch tutorial unchanged."""

import warnings
from math import e, inf, nan, pi

from engine.memory import uncollected

with uncollected():
    from engine import absent, autograd, creation, dtypes, inplace, legacy, numpy_protocol, random, recording, turning
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
    from engine.op import names_in
    from engine.ops import (
        activation,
        added_products,
        arithmetic,
        assembling,
        contraction,
        counting,
        cumulative,
        decompositions,
        diagonals,
        elementwise,
        exponential,
        extremes,
        fitting,
        gathering,
        hyperbolic,
        indexing,
        inverse,
        joining,
        logic,
        matrix,
        missing,
        norms,
        order,
        padding,
        powers,
        products,
        reduction,
        repeating,
        reshaping,
        rounding,
        searching,
        selecting,
        shape,
        singular,
        smooth_activation,
        softmax,
        solving,
        special_values,
        statistics,
        subscript,
        trigonometric,
        typing,
        variance,
    )
    from engine.tensor import Size, Tensor

    inplace.declare()
    turning.declare()
    recording.install()

# log(0) and 1/0 are silent, as in PyTorch: NumPy's warnings are muted where our own modules call it, and only there.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"engine(\.|$)")

globals().update(names_in(""))

LATER = ("distributions", "func", "linalg", "nn", "optim", "special", "utils")  # imported when first asked for
PLACES = {"vmap": "func", "set_printoptions": "printing"}


def __getattr__(name):
    """What few programs need, imported when first asked for."""
    from importlib import import_module

    if name in LATER:
        return import_module(f"engine.{name}")
    if name in PLACES:
        return getattr(import_module(f"engine.{PLACES[name]}"), name)
    if name == "__all__":
        return [each for each in __dir__() if not each.startswith("_")]
    if not name.startswith("__"):
        import_module("engine.layers")
        found = names_in("").get(name)
        if found is not None:
            globals()[name] = found
            return found
    raise AttributeError(f"module 'engine' has no attribute '{name}'{absent.reason(name)}")


def __dir__():
    from engine import layers

    return sorted({*globals(), *LATER, *PLACES, *names_in("")})

"""PyTorch's names and behaviour on NumPy: `import engine as torch` runs a PyTorch tutorial unchanged."""

import warnings
from math import e, inf, nan, pi  # noqa: F401

from engine import absent, autograd, creation, dtypes, inplace, legacy, numpy_protocol, random, turning  # noqa: F401
from engine.devices import accelerator, backends, cuda, mps  # noqa: F401
from engine.dtypes import (  # noqa: F401
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
from engine.mode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled  # noqa: F401
from engine.op import names_in
from engine.ops import (  # noqa: F401
    activation,
    arithmetic,
    assembling,
    attention,
    average_pooling,
    batch_normalization,
    binary_losses,
    contraction,
    convolution,
    convolving,
    counting,
    cross_entropy,
    cumulative,
    decompositions,
    diagonals,
    distances,
    elementwise,
    exponential,
    extremes,
    fitting,
    gathering,
    gating,
    hyperbolic,
    indexing,
    interpolation,
    inverse,
    joining,
    likelihood_losses,
    linear,
    logic,
    losses,
    margin_losses,
    matrix,
    max_pooling,
    missing,
    normalization,
    norms,
    order,
    own,
    padding,
    pooling,
    powers,
    products,
    recurrence,
    reduction,
    regression_losses,
    repeating,
    resampling,
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
    standardize,
    statistics,
    subscript,
    tables,
    trigonometric,
    typing,
    unfolding,
    variance,
)
from engine.printing import set_printoptions  # noqa: F401
from engine.recording import install
from engine.tensor import Size, Tensor  # noqa: F401

inplace.declare()
turning.declare()
install()

# log(0) and 1/0 are silent, as in PyTorch: NumPy's warnings are muted where our own modules call it, and only there.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"engine(\.|$)")

globals().update(names_in(""))

LATER = ("distributions", "func", "linalg", "nn", "optim", "special", "utils")  # imported when first asked for


def __getattr__(name):
    if name in LATER:
        from importlib import import_module

        return import_module(f"engine.{name}")
    if name == "vmap":
        from engine.func import vmap

        return vmap
    raise AttributeError(f"module 'engine' has no attribute '{name}'{absent.reason(name)}")

"""Special functions: error function, gamma function, the normal distribution, entropies."""

import math

import numpy as np

from engine import special_functions as special
from engine.op import call, op, public
from engine.ops.arithmetic import is_number
from engine.ops.exponential import exp, log, log1p
from engine.ops.functions import IN_PLACE, PAIRS, function, function_of_two

ROOT_PI = math.sqrt(math.pi)
NORMAL = 1 / math.sqrt(2 * math.pi)

erf = function(
    "erf",
    "special.erf",
    numpy=special.erf,
    sympy="erf",
    vjp=[lambda g, y, x: g * (2 / ROOT_PI) * exp(-x * x)],
    rule="error function",
    says="The error function is the integral of a Gaussian, so its slope is that Gaussian.",
    law="y = (2/√π) ∫₀ˣ exp(-t²) dt",
    edges=[(1e4,), (-1e4,)],
)

erfc = function(
    "erfc",
    "special.erfc",
    numpy=special.erfc,
    sympy="erfc",
    vjp=[lambda g, y, x: g * (-2 / ROOT_PI) * exp(-x * x)],
    rule="complementary error function",
    says="One minus the error function has minus its slope.",
    law="y = 1 - erf x",
    edges=[(1e4,), (-1e4,)],
)

erfcx = function(
    "special_erfcx",
    numpy=special.erfcx,
    vjp=[lambda g, y, x: g * (2 * x * y - 2 / ROOT_PI)],
    rule="scaled complementary error function",
    says="By the product rule the slope is twice x times the output, minus the Gaussian's constant.",
    law="y = exp(x²) erfc x",
)

erfinv = function(
    "erfinv",
    "special.erfinv",
    numpy=special.erfinv,
    sympy="erfinv",
    vjp=[lambda g, y, x: g * (ROOT_PI / 2) * exp(y * y)],
    rule="inverse error function",
    says="The slope of an inverse function is one over the function's slope at the output.",
    law="y: erf y = x",
    domain=("open unit",),
    edges=[(1.0,), (-1.0,), (0.0,)],
)

lgamma = function(
    "lgamma",
    "special.gammaln",
    numpy=special.lgamma,
    sympy="loggamma",
    vjp=[lambda g, y, x: g * digamma(x)],
    rule="logarithm of the gamma function",
    says="The slope of log Γ is by definition the digamma function.",
    law="y = log |Γ(x)|",
    domain=("positive",),
    edges=[(1.0,), (2.0,), (-0.5,), (1e4,)],
)

digamma = function(
    "digamma",
    "special.digamma",
    "special.psi",
    numpy=special.digamma,
    vjp=[lambda g, y, x: g * polygamma(x, n=1)],
    rule="digamma function",
    says="The slope of digamma is by definition the trigamma function.",
    law="y = d log Γ(x) / dx",
    domain=("positive",),
    edges=[(-0.5,), (1e4,)],
)

polygamma = op(
    "polygamma",
    numpy=special.polygamma,
    vjp=[lambda g, y, x, n: g * polygamma(x, n=n + 1)],
    types="float",
    rule="polygamma function",
    says="Each polygamma function is the slope of the one before it.",
    law="y = the n-th derivative of digamma at x",
    domain=("positive",),
    samples=[call((2, 3), n=1), call((), n=2), call((2,), n=4)],
)


@public("polygamma", "special.polygamma")
def _polygamma(n, input):
    """y = ψₙ(x), the n-th derivative of digamma;  x̄ = g ψₙ₊₁(x). Errs for a negative n.

    >>> import engine as torch
    >>> torch.polygamma(1, torch.tensor([1.]))
    tensor([1.6449])
    """
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return polygamma(input, n=int(n)) if n else digamma(input)


@public("Tensor.polygamma")
def _polygamma_of(self, n):
    """The n-th derivative of digamma at this tensor."""
    return _polygamma(n, self)


IN_PLACE.add("polygamma")


@public("mvlgamma", "Tensor.mvlgamma", "special.multigammaln")
def _mvlgamma(input, p):
    """y = log Γₚ(x) = (p (p - 1)/4) log π + Σ log Γ(x - i/2), i = 0 ... p - 1.

    >>> import engine as torch
    >>> torch.mvlgamma(torch.tensor([2.]), 2)
    tensor([0.4516])
    """
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    total = lgamma(input)
    for at in range(1, p):
        total = total + lgamma(input - at / 2)
    return total + p * (p - 1) / 4 * math.log(math.pi)


IN_PLACE.add("mvlgamma")

ndtr = function(
    "special_ndtr",
    numpy=lambda x: special.erfc(-np.asarray(x) * math.sqrt(0.5)) / 2,
    vjp=[lambda g, y, x: g * NORMAL * exp(-x * x / 2)],
    torch="MulBackward1",
    rule="normal distribution function",
    says="The slope of a distribution function is its density.",
    law="y = Φ(x), the normal distribution function",
    edges=[(1e4,), (-1e4,)],
)


def _log_ndtr_slope(g, y, x):
    """The density over the distribution function, its large factors cancelled by hand."""
    return g * (2 * NORMAL / special.erfcx(-np.asarray(x) * math.sqrt(0.5))).astype(y.dtype)


log_ndtr = function(
    "special_log_ndtr",
    numpy=special.log_ndtr,
    vjp=[lambda g, y, x: g * NORMAL * exp(-x * x / 2 - y)],
    numeric=[_log_ndtr_slope],
    rule="logarithm of the normal distribution function",
    says="The slope of a logarithm is the slope inside over the value: density over distribution function.",
    law="y = log Φ(x)",
    edges=[(0.0,), (-30.0,), (30.0,), (-1e3,)],
)


def _xlogy(x, y):
    with np.errstate(all="ignore"):
        return np.where((x == 0) & ~np.isnan(y), 0, x * np.log(y)).astype(np.result_type(x, y))


def _log_unless_absent(g, y, a, b):
    with np.errstate(all="ignore"):
        return np.where((a == 0) & (b <= 0), 0, g * np.log(b))


def _numbers(node):
    """PyTorch numbers the three cases: two tensors, a number first, a number second."""
    return 1 if is_number(node, 0) else 2 if is_number(node, 1) else 0


xlogy = function_of_two(
    "xlogy",
    "special.xlogy",
    numpy=_xlogy,
    sympy=lambda a, b: a * log(b),
    vjp=[lambda g, y, a, b: g * log(b), lambda g, y, a, b: g * a / b],
    numeric=[_log_unless_absent, lambda g, y, a, b: g * a / b],
    types="float",
    torch=lambda node: f"XlogyBackward{_numbers(node)}",
    rule="x times log y",
    says="It is a product with a logarithm; where x is zero it counts as zero whatever the logarithm.",
    law="y = a log b, 0 where a = 0",
    domain=("real", "positive"),
    edges=[(0.0, 0.0), (0.0, 2.0), (1.0, 0.0), (0.0, -1.0)],
)


def _xlog1py(x, y):
    with np.errstate(all="ignore"):
        return np.where((x == 0) & ~np.isnan(y), 0, x * np.log1p(y)).astype(np.result_type(x, y))


def _log1p_unless_absent(g, y, a, b):
    with np.errstate(all="ignore"):
        return np.where((a == 0) & (b <= -1), 0, g * np.log1p(b))


xlog1py = function_of_two(
    "special_xlog1py",
    numpy=_xlog1py,
    sympy=lambda a, b: a * log(1 + b),
    vjp=[lambda g, y, a, b: g * log1p(b), lambda g, y, a, b: g * a / (b + 1)],
    numeric=[_log1p_unless_absent, lambda g, y, a, b: g * a / (b + 1)],
    types="float",
    torch=lambda node: f"SpecialXlog1PyBackward{_numbers(node)}",
    rule="x times log(1 + y)",
    says="It is a product with a logarithm; where x is zero it counts as zero whatever the logarithm.",
    law="y = a log(1 + b), 0 where a = 0",
    domain=("real", "above minus one"),
    samples=PAIRS,
    edges=[(0.0, -1.0), (0.0, 2.0)],
)


def _entr(x):
    with np.errstate(all="ignore"):
        y = np.where(x == 0, 0, -x * np.log(x))
    return np.where(x < 0, -np.inf, y).astype(np.asarray(x).dtype)


entr = function(
    "special_entr",
    numpy=_entr,
    sympy=lambda x: -(x * log(x)),
    vjp=[lambda g, y, x: g * (-log(x) - 1)],
    rule="entropy of one entry",
    says="By the product rule the slope of -x log x is -log x minus one.",
    law="y = -x log x",
    domain=("positive",),
    edges=[(0.0,)],
)

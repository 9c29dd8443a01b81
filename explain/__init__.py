"""Derivatives explained: explain(out, wrt=a) gives the number, the formula, the words and the proof."""

import warnings

from engine.whole import whole

with whole("engine", "explain"):
    from explain.certify import CertificateError
    from explain.explanation import Explanation, Explanations, explain

__all__ = ["CertificateError", "Explanation", "Explanations", "explain"]

# What a derivation is tried on may divide by zero: NumPy's warnings are muted where our own modules call it.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"explain(\.|$)")


def load_ipython_extension(shell):
    """Jupyter's `%load_ext explain`: the cell magic %%explain."""
    from explain.notebook import load_ipython_extension as load

    load(shell)

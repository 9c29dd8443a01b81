"""Derivatives explained: explain(out, wrt=a) gives the number, the formula, the words and the proof."""

from explain.certify import CertificateError
from explain.explanation import Explanation, Explanations, explain

__all__ = ["CertificateError", "Explanation", "Explanations", "explain"]

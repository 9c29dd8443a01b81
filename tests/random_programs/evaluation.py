"""A random program's explanation, and its formulas evaluated here rather than by the certificate.

Imported by random_programs.checks and random_programs.variants.
"""

import contextlib

import numpy as np

import engine
import engine.nn.functional
from engine.symbols import ArraySymbol, evaluate
from explain import explain
from explain.certify import CertificateError

REFUSALS = (NotImplementedError,)


class Refused(Exception):
    """The program asks for something that isn't supported, and was told so."""


def engine_gradients(out, leaves, upstream):
    with overwriting_refused():
        found = engine.autograd.grad(out, list(leaves.values()), engine.tensor(upstream), retain_graph=True)
    return {name: g.numpy() for name, g in zip(leaves, found)}


@contextlib.contextmanager
def overwriting_refused():
    """A saved value that was overwritten, which PyTorch refuses too, and what has no derivative are refusals."""
    try:
        yield
    except NotImplementedError as error:
        raise Refused(str(error)) from error
    except RuntimeError as error:
        if "inplace operation" in str(error):
            raise Refused(str(error)[:70]) from error
        raise


@contextlib.contextmanager
def uncompared_refused():
    """What is nan at every point, or divides by zero whatever the values, isn't shown: an honest refusal."""
    try:
        yield
    except CertificateError as error:
        if any(words in str(error) for words in ("nothing could be compared", "has no formula, since")):
            raise Refused(str(error)) from error
        raise


def explanation(out, leaf, names, upstream, **options):
    variables = {name: value for name, value in names.items() if name not in ("torch", "F", "__builtins__")}
    given = engine.tensor(upstream) if out.shape else None
    try:
        with uncompared_refused():
            return explain(out, wrt=leaf, names=variables, gradient=given, **options)
    except REFUSALS as refusal:
        raise Refused(str(refusal)) from refusal


def gradient_at(program, values, name, upstream):
    names = program.run(engine, values)
    if names["out"].shape != upstream.shape:
        return None
    (g,) = engine.autograd.grad(names["out"], names[name], engine.tensor(upstream), allow_unused=True)
    return None if g is None else g.numpy()


def check_forms(explained, values, truth, upstream, sizes=None):
    """The formula with its definitions and its expanded form, evaluated here, not by the certificate.

    It may meet a removable singularity, such as sinc's at 0: 0/0, never a wrong number.
    """
    with uncompared_refused():
        explained.expanded  # noqa: B018 (made and certified here)
    for label, expr in (("formula", explained.formula), ("expanded", explained.expanded)):
        value = evaluated(expr, explained.definitions if label == "formula" else {}, explained, values, upstream, sizes)
        if value is not None:
            value = np.broadcast_to(value, truth.shape)
            known = ~np.isnan(value)
            np.testing.assert_allclose(value[known], truth[known], rtol=1e-6, atol=1e-8, err_msg=label)


def evaluated(expr, definitions, explained, values, upstream, sizes=None):
    """An expression at the leaves' values; None if it needs a constant array that no leaf is."""
    env = dict(sizes or {})
    symbols = set(expr.atoms(ArraySymbol)).union(*(d.atoms(ArraySymbol) for d in definitions.values()))
    by_name = {symbol.name: symbol for symbol in symbols}
    for name, symbol in by_name.items():
        if symbol == explained._derivation.seed.expr:
            env[symbol] = upstream
        elif name in values:
            env[symbol] = values[name]
        elif name not in definitions:
            return None
    pending = dict(definitions)
    while pending:
        ready = [n for n, d in pending.items() if all(s in env for s in d.atoms(ArraySymbol))]
        if not ready:
            return None
        for n in ready:
            value = evaluate(pending.pop(n), env)
            if n in by_name:
                env[by_name[n]] = value
    return evaluate(expr, env)

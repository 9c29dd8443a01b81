"""Divergences between two distributions of one kind. Imported by engine.distributions."""

from engine.distributions.base import Independent
from engine.distributions.continuous import Exponential, MultivariateNormal, Normal
from engine.distributions.discrete import Bernoulli, Categorical
from engine.op import PUBLIC


def kl_divergence(p, q):
    """KL(p ‖ q) = E_p[log p - log q].

    >>> import engine as torch
    >>> normal = torch.distributions.Normal
    >>> torch.distributions.kl_divergence(normal(1., 1.), normal(0., 1.))
    tensor(0.5000)
    """
    for kind, formula in FORMULAS:
        if isinstance(p, kind) and isinstance(q, kind):
            return formula(p, q)
    raise NotImplementedError(
        f"kl_divergence of {type(p).__name__} and {type(q).__name__} isn't supported; "
        "average log_prob differences over samples instead"
    )


def _normal(p, q):
    ratio = (p.scale / q.scale) ** 2
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - ratio.log())


def _categorical(p, q):
    return (p.probs * (p.logits - q.logits)).sum(-1)


def _bernoulli(p, q):
    softplus = PUBLIC["nn.functional.softplus"]
    one = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    return one + (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))


def _exponential(p, q):
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


def _multivariate(p, q):
    solve = PUBLIC["linalg.solve_triangular"]
    spread = solve(q.factor, p.factor, upper=False)
    moved = solve(q.factor, (q.loc - p.loc).unsqueeze(-1), upper=False)
    distances = (spread**2).sum((-2, -1)) + (moved**2).sum((-2, -1))
    return q._half_log_det() - p._half_log_det() + 0.5 * (distances - p.event_shape[0])


def _independent(p, q):
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("kl_divergence of Independents needs the same number of event axes")
    return p._added(kl_divergence(p.base_dist, q.base_dist))


FORMULAS = (
    (Normal, _normal), (Categorical, _categorical), (Bernoulli, _bernoulli), (Exponential, _exponential),
    (MultivariateNormal, _multivariate), (Independent, _independent),
)  # fmt: skip

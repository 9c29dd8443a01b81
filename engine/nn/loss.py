"""Losses as layers: loss(input, target), or what the function of the same name in nn.functional takes."""

from functools import partial

from engine.nn.functional_layer import FunctionalLayer, layer
from engine.tensor import Tensor

_OLD = {"size_average": None}
_OLDER = {"reduce": None, "reduction": "mean"}


class Loss(FunctionalLayer):
    """A loss; weights are buffers."""

    def _keep(self, name, value):
        if isinstance(value, Tensor) or (value is None and name in ("weight", "pos_weight")):
            self.register_buffer(name, value)
        else:
            setattr(self, name, value)


def _loss(name, function, says, **settings):
    return layer(__name__, name, function, says, Loss, (), **settings)


_loss_of_two = partial(_loss, **_OLD, **_OLDER)

MSELoss = _loss_of_two("MSELoss", "mse_loss", "y = mean (x - t)².")
L1Loss = _loss_of_two("L1Loss", "l1_loss", "y = mean |x - t|.")
SmoothL1Loss = _loss_of_two("SmoothL1Loss", "smooth_l1_loss", "y = mean of a square near 0 that goes on as |x - t|.",
                            beta=1.0)  # fmt: skip
HuberLoss = _loss("HuberLoss", "huber_loss", "y = mean of a square near 0 that goes on linearly.", reduction="mean",
                  delta=1.0)  # fmt: skip
KLDivLoss = _loss_of_two("KLDivLoss", "kl_div", "y = mean t (log t - x), x log-probabilities.", log_target=False)
CrossEntropyLoss = _loss(
    "CrossEntropyLoss", "cross_entropy", "y = mean of -log softmax(x) at the labels.", weight=None, **_OLD,
    ignore_index=-100, **_OLDER, label_smoothing=0.0,
)  # fmt: skip
NLLLoss = _loss(
    "NLLLoss", "nll_loss", "y = mean of -x at the labels.", weight=None, **_OLD, ignore_index=-100, **_OLDER
)
BCELoss = _loss(
    "BCELoss", "binary_cross_entropy", "y = -mean (t log x + (1 - t) log(1 - x)).", weight=None, **_OLD, **_OLDER
)
BCEWithLogitsLoss = _loss(
    "BCEWithLogitsLoss", "binary_cross_entropy_with_logits", "y = the binary cross-entropy of σ(x).", weight=None,
    **_OLD, **_OLDER, pos_weight=None,
)  # fmt: skip
HingeEmbeddingLoss = _loss(
    "HingeEmbeddingLoss", "hinge_embedding_loss", "y = mean of x where t = 1, max(0, margin - x) where t = -1.",
    margin=1.0, **_OLD, **_OLDER,
)  # fmt: skip
MarginRankingLoss = _loss(
    "MarginRankingLoss", "margin_ranking_loss", "y = mean max(0, -t (x1 - x2) + margin).", margin=0.0, **_OLD, **_OLDER
)
TripletMarginLoss = _loss(
    "TripletMarginLoss", "triplet_margin_loss", "y = mean max(0, |a - p| - |a - n| + margin).", margin=1.0, p=2.0,
    eps=1e-6, swap=False, **_OLD, **_OLDER,
)  # fmt: skip
CosineEmbeddingLoss = _loss(
    "CosineEmbeddingLoss", "cosine_embedding_loss", "y = mean of 1 - cos, or max(0, cos - margin) where t = -1.",
    margin=0.0, **_OLD, **_OLDER,
)  # fmt: skip
GaussianNLLLoss = _loss(
    "GaussianNLLLoss", "gaussian_nll_loss", "y = mean ½ (log v + (x - t)² / v), v the variances.", full=False,
    eps=1e-6, reduction="mean",
)  # fmt: skip
PoissonNLLLoss = _loss(
    "PoissonNLLLoss", "poisson_nll_loss", "y = mean exp x - t x.", log_input=True, full=False, **_OLD, eps=1e-8,
    **_OLDER,
)  # fmt: skip
SoftMarginLoss = _loss_of_two("SoftMarginLoss", "soft_margin_loss", "y = mean log(1 + exp(-t x)).")

"""Lengths, directions and distances as PyTorch's users call them, near zero too."""

import numpy as np
import pytest
from agreement import agree

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(6)
A, B, C = RNG.standard_normal((3, 4, 5))
CUBE = RNG.standard_normal((2, 3, 4))
SIGNS = np.array([1.0, -1.0, 1.0, -1.0])
SMALL = np.array([[0.0, 0.0, 0.0], [1e-3, 2e-3, 0.0], [3.0, 4.0, 1.0]])


def F(module):
    return module.nn.functional


CALLS = {
    "normalize": (lambda t, x: F(t).normalize(x), A),
    "normalize-dim": (lambda t, x: F(t).normalize(x, dim=-1), CUBE),
    "cosine_similarity": (lambda t, a, b: F(t).cosine_similarity(a, b), A, B),
    "cosine_similarity-dim": (lambda t, a, b: t.cosine_similarity(a, b, dim=0), A, B),
    "cosine_similarity-broadcast": (lambda t, a, b: F(t).cosine_similarity(a, b, dim=-1), CUBE, CUBE[0, :1]),
    "cosine_similarity-rank": (lambda t, a, b: F(t).cosine_similarity(a, b, dim=1), CUBE, CUBE[0]),
    "cosine_embedding": (lambda t, a, b, s: F(t).cosine_embedding_loss(a, b, s), A, B, SIGNS),
    "cosine_embedding-margin": (
        lambda t, a, b, s: F(t).cosine_embedding_loss(a, b, s, margin=-0.5, reduction="none"), A, B, SIGNS,
    ),
    "cosine_embedding-one": (lambda t, a, b, s: F(t).cosine_embedding_loss(a, b, s), A[0], B[0], np.array(-1.0)),
    "triplet-distance": (
        lambda t, a, p, n: F(t).triplet_margin_with_distance_loss(
            a, p, n, distance_function=lambda x, y: (x - y).abs().sum(1), swap=True
        ),
        A, B, C,
    ),
    "pairwise": (lambda t, a, b: F(t).pairwise_distance(a, b), A, B),
    "pairwise-keepdim": (lambda t, a, b: F(t).pairwise_distance(a, b, keepdim=True, eps=0.1), A, B),
    "triplet": (lambda t, a, p, n: F(t).triplet_margin_loss(a, p, n), A, B, C),
    "triplet-swap": (lambda t, a, p, n: F(t).triplet_margin_loss(a, p, n, 0.5, swap=True, reduction="none"), A, B, C),
    "normalize-one": (lambda t, x: F(t).normalize(x, p=1), A),
    "normalize-inf": (lambda t, x: F(t).normalize(x, float("inf"), -1), A),
    "normalize-three": (lambda t, x: F(t).normalize(x, p=3.0, dim=0), A),
    "pairwise-one": (lambda t, a, b: F(t).pairwise_distance(a, b, p=1.0), A, B),
    "triplet-three": (lambda t, a, p, n: F(t).triplet_margin_loss(a, p, n, p=3), A, B, C),
    "nansum": (lambda t, x: x.nansum(1), CUBE),
    "nanmean": (lambda t, x: t.nanmean(x, (0, 2), keepdim=True), CUBE),
}  # fmt: skip
FROZEN = {"cosine_embedding": (2,), "cosine_embedding-margin": (2,), "cosine_embedding-one": (2,)}


@pytest.mark.parametrize("name", CALLS)
def test_as_in_pytorch(name):
    call, *arrays = CALLS[name]
    agree(call, *arrays, frozen=FROZEN.get(name, ()), second=1e-8)


@pytest.mark.parametrize("name", CALLS)
def test_float32(name):
    call, *arrays = CALLS[name]
    agree(call, *arrays, frozen=FROZEN.get(name, ()), dtype="float32", rtol=1e-5, second=False)


@pytest.mark.parametrize("eps", [1e-12, 1e-2])
def test_short_rows_count_as_longer(eps):
    agree(lambda t, x: F(t).normalize(x, eps=eps), SMALL, second=False)
    agree(lambda t, a, b: F(t).cosine_similarity(a, b, eps=eps), SMALL, SMALL[::-1].copy() + 1, second=False)


@pytest.mark.parametrize("scale", [1e4, 1e-4])
def test_scales(scale):
    agree(lambda t, x: F(t).normalize(x), scale * A, rtol=1e-9, second=False)
    agree(lambda t, a, b: F(t).cosine_similarity(a, b), scale * A, B, rtol=1e-9, second=False)


def test_what_is_missing_counts_for_nothing():
    x = np.array([[1.0, np.nan, 2.0], [np.nan, 0.0, np.nan]])
    agree(lambda t, x: x.nansum(), x)
    agree(lambda t, x: x.nanmean(1), x, second=False)

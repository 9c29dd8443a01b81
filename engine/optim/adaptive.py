"""Adadelta, Adamax, NAdam, RAdam: relatives of RMSprop and Adam, with PyTorch's settings and numbers."""

import math

import numpy as np

from engine.optim.methods import _checked
from engine.optim.optimizer import Optimizer


def _checked_moments(lr, betas, eps, weight_decay):
    _checked(lr)
    if eps < 0.0:
        raise ValueError(f"Invalid epsilon value: {eps}")
    for at, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {at}: {beta}")
    if weight_decay < 0.0:
        raise ValueError(f"Invalid weight_decay value: {weight_decay}")


def _decayed(group, p, g):
    """Parameter and gradient after weight decay, of either kind."""
    decay = group["weight_decay"]
    if decay and group.get("decoupled_weight_decay"):
        return p * (1 - group["lr"] * decay), g
    return p, g + p * decay if decay else g


def _moments(group, state, p, g):
    """The running means of g and g², one step on."""
    beta1, beta2 = group["betas"]
    if "exp_avg" not in state:
        state["exp_avg"] = np.zeros_like(p)
        state["exp_avg_sq"] = np.zeros_like(p)
    m, v = state["exp_avg"], state["exp_avg_sq"]
    m += (g - m) * (1 - beta1)
    v *= beta2
    v += g * g * (1 - beta2)
    return m, v


class Adadelta(Optimizer):
    """p ← p - lr Δ, Δ = g √(u + ε) / √(v + ε), v and u the running means of g² and of Δ²."""

    def __init__(
        self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, foreach=None, *, capturable=False, maximize=False,
        differentiable=False,
    ):  # fmt: skip
        _checked(lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        _checked(0.0, weight_decay=weight_decay)
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay,
                                  "maximize": maximize, "capturable": capturable, "foreach": foreach,
                                  "differentiable": differentiable})  # fmt: skip

    def update(self, group, state, p, g):
        rho, eps = group["rho"], group["eps"]
        _p, g = _decayed(group, p, g)
        state["step"] = state.get("step", 0) + 1
        v = state.setdefault("square_avg", np.zeros_like(p))
        u = state.setdefault("acc_delta", np.zeros_like(p))
        v *= rho
        v += g * g * (1 - rho)
        delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        u *= rho
        u += delta * delta * (1 - rho)
        return p - delta * group["lr"]


class Adamax(Optimizer):
    """p ← p - lr m̂ / u, m the running mean of g, u the largest |g| of late, decaying by β₂."""

    def __init__(
        self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None, *, maximize=False,
        differentiable=False, capturable=False,
    ):  # fmt: skip
        _checked_moments(lr, betas, eps, weight_decay)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
                                  "capturable": capturable})  # fmt: skip

    def update(self, group, state, p, g):
        beta1, beta2 = group["betas"]
        _p, g = _decayed(group, p, g)
        state["step"] = state.get("step", 0) + 1
        m = state.setdefault("exp_avg", np.zeros_like(p))
        m += (g - m) * (1 - beta1)
        u = state["exp_inf"] = np.maximum(state.get("exp_inf", np.zeros_like(p)) * beta2, np.abs(g) + group["eps"])
        return p - m / u * (group["lr"] / (1 - beta1 ** state["step"]))


class NAdam(Optimizer):
    """Adam with Nesterov's momentum, whose weight grows with the steps."""

    def __init__(
        self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, momentum_decay=4e-3,
        decoupled_weight_decay=False, *, foreach=None, maximize=False, capturable=False, differentiable=False,
    ):  # fmt: skip
        _checked_moments(lr, betas, eps, weight_decay)
        if momentum_decay < 0.0:
            raise ValueError(f"Invalid momentum_decay value: {momentum_decay}")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay,
                                  "maximize": maximize, "foreach": foreach, "capturable": capturable,
                                  "differentiable": differentiable})  # fmt: skip

    def update(self, group, state, p, g):
        lr, (beta1, beta2), decay = group["lr"], group["betas"], group["momentum_decay"]
        p, g = _decayed(group, p, g)
        step = state["step"] = state.get("step", 0) + 1
        product = state.setdefault("mu_product", np.ones((), np.float32))
        now, after = (beta1 * (1 - 0.5 * 0.96 ** (k * decay)) for k in (step, step + 1))
        product *= now
        m, v = _moments(group, state, p, g)
        scale = np.sqrt(v / (1 - beta2**step)) + group["eps"]
        reached = float(product)
        p = p - g / scale * (lr * (1 - now) / (1 - reached))
        return p - m / scale * (lr * after / (1 - reached * after))


class RAdam(Optimizer):
    """Adam whose first steps, where the mean of g² says little, are plain momentum."""

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, decoupled_weight_decay=False, *,
        foreach=None, maximize=False, capturable=False, differentiable=False,
    ):  # fmt: skip
        _checked_moments(lr, betas, eps, weight_decay)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "maximize": maximize, "foreach": foreach, "capturable": capturable,
                                  "decoupled_weight_decay": decoupled_weight_decay,
                                  "differentiable": differentiable})  # fmt: skip

    def update(self, group, state, p, g):
        lr, (beta1, beta2) = group["lr"], group["betas"]
        p, g = _decayed(group, p, g)
        step = state["step"] = state.get("step", 0) + 1
        m, v = _moments(group, state, p, g)
        mean = m / (1 - beta1**step)
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * beta2**step / (1 - beta2**step)
        if length <= 5.0:
            return p - mean * lr
        ratio = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
        return p - mean * lr * (math.sqrt(1 - beta2**step) / (np.sqrt(v) + group["eps"])) * math.sqrt(ratio)

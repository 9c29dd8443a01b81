"""SGD, Adam, AdamW, RMSprop, Adagrad: PyTorch's settings and numbers."""

import math

import numpy as np

from engine.optim.optimizer import Optimizer


def _checked(lr, **others):
    if lr < 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")
    for name, value in others.items():
        if value < 0.0:
            raise ValueError(f"Invalid {name} value: {value}")


class SGD(Optimizer):
    """p ← p - lr b, b ← momentum b + (1 - dampening) g; with nesterov p ← p - lr (g + momentum b).

    >>> import engine as torch
    >>> p = torch.tensor([1.], requires_grad=True)
    >>> (p * p).sum().backward()
    >>> torch.optim.SGD([p], lr=0.1).step()
    >>> p
    tensor([0.8000], requires_grad=True)
    """

    def __init__(
        self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False,
        foreach=None, differentiable=False, fused=None,
    ):  # fmt: skip
        _checked(lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        settings = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
                    "nesterov": nesterov, "maximize": maximize, "foreach": foreach, "differentiable": differentiable,
                    "fused": fused}  # fmt: skip
        super().__init__(params, settings)

    def update(self, group, state, p, g):
        momentum = group["momentum"]
        if group["weight_decay"]:
            g = g + p * group["weight_decay"]
        if momentum:
            buffer = state.get("momentum_buffer")
            if buffer is None:
                buffer = state["momentum_buffer"] = np.array(g)
            else:
                buffer *= momentum
                buffer += g if not group["dampening"] else g * (1 - group["dampening"])
            g = g + buffer * momentum if group["nesterov"] else buffer
        return p - g * group["lr"]


class Adam(Optimizer):
    """p ← p - lr m̂ / (√v̂ + ε), m and v running means of g and g², hats the corrections of their start at 0.

    With weight_decay, g + weight_decay p stands for g.
    """

    decoupled = False

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *, foreach=None,
        maximize=False, capturable=False, differentiable=False, fused=None, decoupled_weight_decay=False,
    ):  # fmt: skip
        _checked(lr)
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        for at, beta in enumerate(betas):
            if not 0.0 <= beta < 1.0:
                raise ValueError(f"Invalid beta parameter at index {at}: {beta}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach,
                                  "capturable": capturable, "differentiable": differentiable, "fused": fused,
                                  "decoupled_weight_decay": decoupled_weight_decay or self.decoupled})  # fmt: skip

    def update(self, group, state, p, g):
        lr, (beta1, beta2) = group["lr"], group["betas"]
        if not state:
            state["step"] = 0
            state["exp_avg"] = np.zeros_like(p)
            state["exp_avg_sq"] = np.zeros_like(p)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = np.zeros_like(p)
        state["step"] += 1
        if group["weight_decay"]:
            if group["decoupled_weight_decay"]:
                p = p * (1 - lr * group["weight_decay"])
            else:
                g = g + p * group["weight_decay"]
        m, v = state["exp_avg"], state["exp_avg_sq"]
        m += (g - m) * (1 - beta1)
        v *= beta2
        v += g * g * (1 - beta2)
        if group["amsgrad"]:
            v = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        scale = np.sqrt(v, out=np.empty_like(v))
        scale /= math.sqrt(1 - beta2 ** state["step"])
        scale += group["eps"]
        np.divide(m, scale, out=scale)
        scale *= lr / (1 - beta1 ** state["step"])
        return p - scale


class AdamW(Adam):
    """As Adam; weight decay is apart from the gradient: p ← (1 - lr weight_decay) p first."""

    decoupled = True

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, **others):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **others)


class RMSprop(Optimizer):
    """p ← p - lr g / (√v + ε), v the running mean of g², or of its variance if centered."""

    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False, capturable=False,
        foreach=None, maximize=False, differentiable=False,
    ):  # fmt: skip
        _checked(lr)
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        _checked(0.0, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        super().__init__(params, {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
                                  "weight_decay": weight_decay, "capturable": capturable, "foreach": foreach,
                                  "maximize": maximize, "differentiable": differentiable})  # fmt: skip

    def update(self, group, state, p, g):
        alpha = group["alpha"]
        if group["weight_decay"]:
            g = g + p * group["weight_decay"]
        state["step"] = state.get("step", 0) + 1
        square = state.setdefault("square_avg", np.zeros_like(p))
        square *= alpha
        square += g * g * (1 - alpha)
        if group["centered"]:
            mean = state.setdefault("grad_avg", np.zeros_like(p))
            mean += (g - mean) * (1 - alpha)
            scale = np.sqrt(square - mean * mean)
        else:
            scale = np.sqrt(square)
        scale += group["eps"]
        step = g / scale
        if group["momentum"]:
            buffer = state.setdefault("momentum_buffer", np.zeros_like(p))
            buffer *= group["momentum"]
            buffer += step
            step = buffer
        return p - step * group["lr"]


class Adagrad(Optimizer):
    """p ← p - lr g / (√s + ε), s the sum of all g² so far."""

    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, foreach=None, *,
        maximize=False, differentiable=False, fused=None,
    ):  # fmt: skip
        _checked(lr, lr_decay=lr_decay, weight_decay=weight_decay, initial_accumulator_value=initial_accumulator_value)
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        settings = {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
                    "initial_accumulator_value": initial_accumulator_value, "foreach": foreach,
                    "maximize": maximize, "differentiable": differentiable, "fused": fused}  # fmt: skip
        super().__init__(params, settings)

    def update(self, group, state, p, g):
        if not state:
            state["step"] = 0
            state["sum"] = np.full_like(p, group["initial_accumulator_value"])
        state["step"] += 1
        if group["weight_decay"]:
            g = g + p * group["weight_decay"]
        total = state["sum"]
        total += g * g
        return p - g / (np.sqrt(total) + group["eps"]) * (group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"]))

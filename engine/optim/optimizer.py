"""Optimizer: groups of parameters with settings, and one step for all. Imported by every method of engine.optim.

A step gives a parameter a new array, so that whatever the tape recorded keeps the values that it was computed from.
"""

from collections import defaultdict

import numpy as np

from engine.mode import enable_grad
from engine.tensor import Tensor, leaf, wrap


class Optimizer:
    """What changes parameters after backward(): a subclass says how, in `update`.

    params    parameters, (name, parameter) pairs, or dicts of them with settings of their own
    defaults  the settings of every group
    """

    def __init__(self, params, defaults):
        if isinstance(params, Tensor):
            kind = {"float32": "Float", "float64": "Double", "float16": "Half"}.get(params.dtype.name, "")
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got torch.{kind}Tensor"
            )
        self.defaults = defaults
        self.state = defaultdict(dict)
        self.param_groups = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group):
        """Take more parameters, a dict with "params" and any settings of their own."""
        group = dict(param_group)
        given = group["params"]
        given = [given] if isinstance(given, Tensor) else list(given)
        if given and isinstance(given[0], tuple):
            group["param_names"] = [name for name, _param in given]
            given = [param for _name, param in given]
        taken = {id(param) for other in self.param_groups for param in other["params"]}
        for param in given:
            if not isinstance(param, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}")
            if not param.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
            if id(param) in taken:
                raise ValueError("some parameters appear in more than one parameter group")
        group["params"] = given
        self.param_groups.append({**self.defaults, **group})

    def zero_grad(self, set_to_none=True):
        """Forget the gradients of all parameters, or set them to zero."""
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    param.grad = None if set_to_none else param.grad.detach().zero_()

    def step(self, closure=None):
        """Change every parameter that has a gradient; closure() computes the loss anew and is called first."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            sign = -1 if group.get("maximize") else 1
            for param in group["params"]:
                grad = param.grad
                if grad is not None:
                    before = param._node.output
                    g = grad._node.output
                    after = self.update(group, self.state[param], before, g if sign == 1 else -g)
                    replace(param, after)
        return loss

    def update(self, group, state, p, g):
        """The parameter's next array, from its array p and its gradient g; state lasts from step to step."""
        raise NotImplementedError

    def state_dict(self):
        """Settings, and the state of each parameter by its number."""
        numbers = {}
        groups = []
        for group in self.param_groups:
            for param in group["params"]:
                numbers.setdefault(id(param), len(numbers))
            groups.append({**group, "params": [numbers[id(param)] for param in group["params"]]})
        state = {
            numbers[id(param)]: {name: _shown(name, value) for name, value in kept.items()}
            for param, kept in self.state.items()
            if kept
        }
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict):
        """Go on from a state_dict."""
        groups = state_dict["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        params = [param for group in self.param_groups for param in group["params"]]
        for group, saved in zip(self.param_groups, groups):
            if len(group["params"]) != len(saved["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
                )
            group.update({name: value for name, value in saved.items() if name != "params"})
        self.state.clear()
        for number, kept in state_dict["state"].items():
            self.state[params[number]] = {name: _kept(name, value) for name, value in kept.items()}

    def __repr__(self):
        text = type(self).__name__ + " ("
        for number, group in enumerate(self.param_groups):
            text += f"\nParameter Group {number}\n"
            text += "".join(f"    {name}: {group[name]}\n" for name in sorted(group) if name != "params")
        return text + ")"


def replace(param, after):
    """Give a parameter another array; what was recorded keeps the old one."""
    if after.dtype != param._node.output.dtype:
        after = after.astype(param._node.output.dtype)
    param._node = leaf(param, after)


def _shown(name, value):
    if name == "step":
        return wrap(np.array(value, np.float32))
    return wrap(np.array(value)) if isinstance(value, np.ndarray) else value


def _kept(name, value):
    if name == "step":
        return int(value)
    return np.array(value._node.output) if isinstance(value, Tensor) else value

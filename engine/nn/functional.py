"""PyTorch's torch.nn.functional: whatever engine.ops enters under that name."""

from engine.op import names_in

globals().update(names_in("nn.functional"))

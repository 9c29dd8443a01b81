"""PyTorch's torch.nn: the functions of nn.functional, and the modules over them."""

from engine.nn import functional  # noqa: F401

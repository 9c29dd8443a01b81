"""PyTorch's torch.utils, of which there is `data`."""

from engine.utils import data

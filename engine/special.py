"""torch.special: the special functions under PyTorch's names for them."""

from engine.op import names_in

globals().update(names_in("special"))

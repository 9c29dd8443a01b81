"""Samples of PyTorch's that don't agree: entry -> (how many, what they come to, why)."""

EXCEPTIONS = {
    "nanmedian": (13, "refused", "not offered; NotImplementedError names the remedy"),
    "nn.functional.batch_norm": (1, "raised", "an input of one axis has no channels; RuntimeError says so"),
    "nn.functional.hardsigmoid": (1, "gradient", "PyTorch's kernel takes the slope 1/6 in single precision"),
}

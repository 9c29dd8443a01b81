"""What PyTorch has and this library leaves out on purpose, each with the reason. Imported by engine."""

from engine.op import public

COMPLEX = (
    "complex numbers aren't supported, since their derivatives follow other conventions; compute with the real and "
    "the imaginary part"
)
SPARSE = "sparse tensors aren't supported, since NumPy's arrays are dense; use a dense tensor"
QUANTISED = "quantised tensors aren't supported; use float32"
COMPILED = "there is nothing to compile for, since NumPy runs each operation as it is; leave this call out"
DEVICES = "there is no other device than the CPU, where NumPy computes; leave the device out"
REASONS = {
    **dict.fromkeys(
        ["complex", "complex32", "complex64", "complex128", "cfloat", "cdouble", "chalf", "polar", "view_as_complex",
         "view_as_real", "fft", "stft", "istft"], COMPLEX),
    **dict.fromkeys(
        ["sparse", "sparse_coo", "sparse_csr", "sparse_coo_tensor", "sparse_csr_tensor", "sparse_compressed_tensor"],
        SPARSE),
    **dict.fromkeys(["quantize_per_tensor", "quantize_per_channel", "qint8", "quint8", "quantization"], QUANTISED),
    **dict.fromkeys(["compile", "jit", "export", "onnx", "fx"], COMPILED),
    **dict.fromkeys(["distributed", "xpu", "multiprocessing"], DEVICES),
    "bfloat16": "the dtype bfloat16 isn't supported, since NumPy has none; use float32 or float16",
}  # fmt: skip


def reason(name):
    """Why the library has no such name, to follow the usual words; empty for a name that it doesn't know.

    >>> reason("sparse")
    ": sparse tensors aren't supported, since NumPy's arrays are dense; use a dense tensor"
    """
    return f": {REASONS[name]}" if name in REASONS else ""


def _refusing(name, why):
    def refuse(self, *args, **params):
        raise NotImplementedError(f"Tensor.{name}: {why}")

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = "Not supported: NotImplementedError."
    public(f"Tensor.{name}")(refuse)


for _name, _why in {"to_sparse": SPARSE, "to_sparse_csr": SPARSE, "cfloat": COMPLEX, "cdouble": COMPLEX,
                    "cuda": DEVICES, "bfloat16": REASONS["bfloat16"]}.items():  # fmt: skip
    _refusing(_name, _why)

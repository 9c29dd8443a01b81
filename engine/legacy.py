"""PyTorch's old names for dtypes, which programs still use: LongTensor([1]), x.type(torch.float)."""

import numpy as np

from engine import dtypes
from engine.creation import tensor, zeros
from engine.op import public
from engine.ops.typing import converted

NAMES = {"FloatTensor": dtypes.float32, "DoubleTensor": dtypes.float64, "HalfTensor": dtypes.float16,
         "LongTensor": dtypes.int64, "IntTensor": dtypes.int32, "ShortTensor": dtypes.int16,
         "CharTensor": dtypes.int8, "ByteTensor": dtypes.uint8, "BoolTensor": dtypes.bool}  # fmt: skip


def _constructor(name, dtype):
    def make(*data):
        if data and all(isinstance(n, (int, np.integer)) for n in data):
            return zeros(*data, dtype=dtype)
        return tensor(data[0] if data else [], dtype=dtype)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"A tensor of {dtype!r} from numbers or lists; from integers alone, zeros of those sizes."
    return public(name)(make)


for _name, _dtype in NAMES.items():
    _constructor(_name, _dtype)


@public("Tensor.type")
def type_(self, dtype=None, non_blocking=False):
    """The tensor in another dtype, given as such or by its old name; without one, the old name.

    >>> import engine as torch
    >>> torch.ones(2).type(), torch.ones(2).type(torch.int64), torch.ones(1).type("torch.DoubleTensor").dtype
    ('torch.FloatTensor', tensor([1, 1]), torch.float64)
    """
    if dtype is None:
        return "torch." + next(name for name, known in NAMES.items() if known is self.dtype)
    if isinstance(dtype, str):
        name = dtype.removeprefix("torch.")
        if name not in NAMES:
            raise ValueError(f"invalid type: {dtype!r}")
        dtype = NAMES[name]
    return converted(self, dtype)

"""The one device that there is, the CPU, and what programs ask about others. Imported by engine."""

from types import SimpleNamespace

from engine.op import public


@public("device")
class device:
    """A device's name: "cpu". RuntimeError for any other, since NumPy computes on the CPU.

    >>> device("cpu")
    device(type='cpu')
    """

    __slots__ = ("index", "type")

    def __init__(self, type="cpu", index=None):
        name, _, number = str(type).partition(":")
        if name != "cpu":
            raise RuntimeError(
                f"there is no device {type!s} here, since NumPy computes on the CPU; use torch.device('cpu'), or ask "
                "torch.cuda.is_available() first"
            )
        self.type = name
        self.index = int(number) if number else index

    def __str__(self):
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self):
        return f"device(type='{self.type}'" + ("" if self.index is None else f", index={self.index}") + ")"

    def __eq__(self, other):
        return isinstance(other, device) and str(self) == str(other)

    def __hash__(self):
        return hash(str(self))


CPU = device("cpu")


def on_cpu(wanted):
    """RuntimeError if a program asks for another device than the CPU."""
    if wanted is not None and wanted.__class__ is not device:
        device(wanted)


@public("Tensor.device")
@property
def _device(self):
    """Where the tensor is: on the CPU."""
    return CPU


@public("Tensor.cpu")
def cpu(self):
    """The tensor: it is on the CPU."""
    return self


@public("get_num_threads")
def get_num_threads():
    """How many threads compute, as far as this library decides: one. NumPy's BLAS may use more.

    >>> get_num_threads()
    1
    """
    return 1


@public("set_num_threads")
def set_num_threads(int):
    """Does nothing: set OMP_NUM_THREADS before NumPy is imported."""


def _absent():
    """What a program asks of a kind of device that isn't there."""
    return SimpleNamespace(
        is_available=lambda: False,
        is_built=lambda: False,
        device_count=lambda: 0,
        manual_seed=lambda seed: None,
        manual_seed_all=lambda seed: None,
        empty_cache=lambda: None,
        synchronize=lambda: None,
    )


cuda, mps, accelerator = _absent(), _absent(), _absent()
backends = SimpleNamespace(mps=mps, cuda=_absent(), cudnn=SimpleNamespace(is_available=lambda: False))

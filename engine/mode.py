"""Whether operations are recorded, per thread: no_grad, enable_grad, set_grad_enabled."""

import threading
from contextlib import ContextDecorator


class _Mode(threading.local):
    enabled = True


mode = _Mode()


class set_grad_enabled(ContextDecorator):
    """Record operations or not, from here on or within a `with` block, in this thread.

    >>> with set_grad_enabled(False):
    ...     is_grad_enabled()
    False
    """

    def __init__(self, enabled):
        self._enabled = bool(enabled)
        self._before = [mode.enabled]
        mode.enabled = self._enabled

    def __enter__(self):
        mode.enabled = self._enabled
        return self

    def __exit__(self, *_error):
        mode.enabled = self._before[-1]

    def __call__(self, function):
        mode.enabled = self._before[-1]
        return super().__call__(function)

    def _recreate_cm(self):
        return type(self)(self._enabled)


class no_grad(ContextDecorator):
    """Record nothing within a `with` block or a decorated function, in this thread.

    >>> import engine as torch
    >>> x = torch.ones(2, requires_grad=True)
    >>> with no_grad():
    ...     (x * 2).requires_grad
    False
    """

    _enabled = False

    def __init__(self):
        self._before = []

    def __enter__(self):
        self._before.append(mode.enabled)
        mode.enabled = self._enabled
        return self

    def __exit__(self, *_error):
        mode.enabled = self._before.pop()

    def __call__(self, function=None):
        return super().__call__(function) if function is not None else self

    def _recreate_cm(self):
        return type(self)()


class enable_grad(no_grad):
    """Record again, within no_grad."""

    _enabled = True


class inference_mode(no_grad):
    """As no_grad."""

    def __init__(self, mode=True):
        super().__init__()
        self._enabled = not mode


def is_grad_enabled():
    """Whether operations are recorded in this thread."""
    return mode.enabled

"""Being told to stop: at once where that is safe, else as soon as it is."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_held = 0
_asked = False


def stop_on_signals() -> None:
    """From now on SIGTERM and SIGINT raise KeyboardInterrupt in the main thread; within `held`, at its end."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)


def _stop(number: int, frame: object) -> None:
    global _asked
    if _held:
        _asked = True
        return
    raise KeyboardInterrupt


@contextmanager
def held() -> Iterator[None]:
    """Not to be stopped within: a library in the middle of its work takes an interruption for a failure and says so.

    For what is short. Does nothing in other threads, which are not interrupted.
    """
    global _held, _asked
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        if _asked and not _held:
            _asked = False
            raise KeyboardInterrupt

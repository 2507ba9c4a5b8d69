"""Being told to stop: at once where that is safe, else as soon as it is."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_held = 0
_asked = False


AGAIN_SECONDS = 0.5


def stop_on_signals() -> None:
    """From now on SIGTERM and SIGINT raise KeyboardInterrupt in the main thread; within `held`, at its end.

    It is raised again and again until `stopped` says that it has arrived: Python drops what is raised while it
    frees an object.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, _stop)
    sys.unraisablehook = _dropped


def stopped() -> None:
    """The interruption has arrived, or is not wanted any more."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def _stop(number: int, frame: object) -> None:
    global _asked
    if _held:
        _asked = True
        return
    signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
    raise KeyboardInterrupt


def _dropped(what: sys.UnraisableHookArgs) -> None:
    if not isinstance(what.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(what)


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
            signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
            raise KeyboardInterrupt

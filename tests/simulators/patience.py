"""A client's time to wait for an answer is over when a test says so, and no second has passed."""

from __future__ import annotations

import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from tests.simulators.gate import SECONDS, soon
from tests.simulators.jira_wire import Answer, Asked, Wire


def gives_up(over: Callable[[], bool]) -> Callable[[int, FrameType | None], None]:
    """A signal's handler that ends a wait for an answer as its time-out does; elsewhere it does nothing.

    Args:
        over: says whether this wait is to end, and takes note that it has.
    """

    def handler(number: int, frame: FrameType | None) -> None:
        if frame and frame.f_code is socket.SocketIO.readinto.__code__ and over():
            raise TimeoutError("timed out")

    return handler


@contextmanager
def too_late(wire: Wire, method: str, path: str) -> Iterator[None]:
    """The answer to the next such request comes too late for the main thread of this process, which asks for it."""
    answer, given_up, noticed = wire.answer, threading.Event(), threading.Event()

    def over() -> bool:
        first = not given_up.is_set()
        given_up.set()
        return first

    def reported() -> bool:
        main = threading.main_thread().ident
        assert main
        signal.pthread_kill(main, signal.SIGUSR1)
        return given_up.is_set()

    def watched(asked: Asked) -> Answer | None:
        answered = answer(asked)
        if asked.method == method and re.search(path, asked.path) and not given_up.is_set():
            soon(reported, "that a client gives up waiting")
            noticed.set()
        return answered

    wire.answer = watched  # type: ignore[method-assign]
    before = signal.signal(signal.SIGUSR1, gives_up(over))
    try:
        yield
    finally:
        wire.answer = answer  # type: ignore[method-assign]
        # No signal may come any more: it would end this process.
        assert noticed.wait(SECONDS), "nobody asked for it"
        signal.signal(signal.SIGUSR1, before)

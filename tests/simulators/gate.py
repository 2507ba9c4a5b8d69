"""Requests are held until a test lets them through: what decides is not how busy the machine is."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.simulators.jira_wire import Answer, Asked, Wire

SECONDS = 50.0
"""How long anything is waited for: less than a client waits for an answer."""


def soon(true: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Wait until it is true. Raises AssertionError when that takes too long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.002)


class Gate:
    """Closed at first. Attributes: held: how many requests stand before it, or have stood."""

    def __init__(self) -> None:
        self._opened = threading.Event()
        self._lock = threading.Lock()
        self.held = 0

    def wait_for(self, requests: int) -> None:
        """Wait until so many stand before it."""
        soon(lambda: self.held >= requests, f"{requests} requests at once")

    def open(self) -> None:
        """Let all through, and all that come later."""
        self._opened.set()

    def pass_by(self) -> None:
        """What a request does that comes to it."""
        if not self._opened.is_set():
            with self._lock:
                self.held += 1
            self._opened.wait(2 * SECONDS)


@contextmanager
def gate(wire: Wire, method: str = "", path: str = "") -> Iterator[Gate]:
    """A gate before what a server does for such requests; open when the block has ended."""
    made, answer = Gate(), wire.answer

    def watched(asked: Asked) -> Answer | None:
        if method in ("", asked.method) and re.search(path, asked.path):
            made.pass_by()
        return answer(asked)

    wire.answer = watched  # type: ignore[method-assign]
    try:
        yield made
    finally:
        made.open()
        wire.answer = answer  # type: ignore[method-assign]

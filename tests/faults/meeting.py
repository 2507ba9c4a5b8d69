"""Runs that are to collide wait for each other, so that what decides is not how busy the machine is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.simulators.gate import soon
from tests.simulators.jira_wire import Answer, Asked, Wire

CREATES = r"/(issues|issue|issue/bulk)$"
"""Where tickets are made."""

LOCKS = (".gate.lock", ".run.lock")


class Meeting:
    """A place where runs are held right before their first create, until it is opened.

    Args:
        place: a folder, made here; processes meet in it as well as threads.
    """

    def __init__(self, place: Path) -> None:
        place.mkdir()
        self.place = place

    def held(self) -> int:
        """How many are held, or have been."""
        return len(list(self.place.glob("held-*")))

    def open(self) -> None:
        (self.place / "open").touch()

    @contextmanager
    def on(self, wire: Wire | None) -> Iterator[None]:
        """Hold each create that reaches this server; in the end the place is opened, whatever happened."""
        answer = wire.answer if wire else None

        def watched(asked: Asked) -> Answer | None:
            if asked.method == "POST" and re.search(CREATES, asked.path):
                hold(self.place)
            assert answer
            return answer(asked)

        if wire:
            wire.answer = watched  # type: ignore[method-assign]
        try:
            yield
        finally:
            self.open()
            if wire and answer:
                wire.answer = answer  # type: ignore[method-assign]


def hold(place: Path) -> None:
    """Be held in the place of a meeting until it is opened."""
    gate = place / "open"
    if gate.exists():
        return
    (place / f"held-{os.urandom(6).hex()}").touch()
    soon(gate.exists, "that a meeting is opened")


def at_lock(process: int) -> bool:
    """Whether a run holds, or waits for, the lock of its state store."""
    try:
        opened = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{process}/fd")]
    except OSError:
        return False
    return any(name.endswith(LOCKS) for name in opened)

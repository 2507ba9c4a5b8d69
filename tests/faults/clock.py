"""One virtual time for every process of a scenario, and for the server they talk to."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORM = struct.Struct("dd")


class SharedClock:
    """Seconds since noon of 1 March 2026, in a file. Every sleep moves it on, and takes no time.

    Args:
        ours: as the machine that runs the program has it, which may be set wrong; else as the world has it.
    """

    def __init__(self, place: Path, ours: bool = False) -> None:
        self._place = place
        self._ours = ours
        if not place.exists():
            place.write_bytes(FORM.pack(0.0, 0.0))

    def now(self) -> datetime:
        passed, wrong = FORM.unpack(self._place.read_bytes())
        return START + timedelta(seconds=passed + (wrong if self._ours else 0.0))

    def sleep(self, seconds: float) -> None:
        self._add(max(0.0, seconds), 0.0)

    def set_wrong(self, seconds: float) -> None:
        """Set our machine's clock forward, or back; the world's stays right."""
        self._add(0.0, seconds)

    def _add(self, passed: float, wrong: float) -> None:
        with self._place.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            before = FORM.unpack(file.read(FORM.size))
            os.pwrite(file.fileno(), FORM.pack(before[0] + passed, before[1] + wrong), 0)


def system_clock(place: Path) -> type:
    """A stand-in for the program's own clock, which reads the shared one."""

    class Clock(SharedClock):
        def __init__(self, left: Callable[[float], None] | None = None) -> None:
            super().__init__(place, ours=True)

    return Clock

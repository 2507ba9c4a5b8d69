"""A clock that tests move by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sync.process.clock import SystemClock


class VirtualClock:
    """Starts at noon of 1 March 2026; `sleep` moves it and takes no time."""

    def __init__(self, start: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=max(0.0, seconds))

    def set(self, moment: datetime) -> None:
        self._now = moment


def hurry(put: Callable[[type, str, object], object], kind: type = SystemClock) -> None:
    """Let the program's own waits take no time in this process; its clock says that they did.

    Args:
        put: sets an attribute: `setattr`, or that of monkeypatch.
        kind: the class of the clock.
    """
    passed = timedelta()

    def sleep(clock: object, seconds: float) -> None:
        nonlocal passed
        passed += timedelta(seconds=max(0.0, seconds))

    put(kind, "sleep", sleep)
    put(kind, "now", lambda clock: datetime.now(UTC) + passed)

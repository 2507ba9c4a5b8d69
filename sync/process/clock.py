"""The real time, and whether a server's clock and ours agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sync.model import Finding

NOTICED = 2.0
"""Seconds; shorter waits are not told."""

MOST_DRIFT = 60.0
"""Seconds between two clocks that nothing minds; an App's sign-in is refused soon after."""


def check_clock(stated: str, now: datetime) -> Iterator[Finding]:
    """Compare a server's time with ours; says nothing about a time that cannot be read.

    Args:
        stated: by HTTP (a Date header) or by ISO 8601 with a time zone.
        now: our own time, with a time zone.
    """
    there = _moment(stated)
    if there is None:
        return
    drift = (now - there).total_seconds()
    if abs(drift) <= MOST_DRIFT:
        yield Finding("clock", True, detail="agrees with the server's")
        return
    side = "ahead of" if drift > 0 else "behind"
    detail = f"this machine's clock is {abs(drift):.0f} s {side} the server's: changes may be seen late or twice"
    yield Finding("clock", False, False, detail, "Let the clock be set by NTP (timedatectl set-ntp true).")


def _moment(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(text.strip())
        except (TypeError, ValueError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


class SystemClock:
    """The real time.

    Args:
        left: told each second how many are left of a sleep that somebody might notice, and 0 at its end.
    """

    def __init__(self, left: Callable[[float], None] | None = None) -> None:
        self._left = left

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait, and tell each second how many are left."""
        import time

        if self._left is None or seconds <= NOTICED:
            time.sleep(max(0.0, seconds))
            return
        end = time.monotonic() + seconds
        try:
            while (left := end - time.monotonic()) > 0:
                self._left(left)
                time.sleep(min(1.0, left))
        finally:
            self._left(0.0)

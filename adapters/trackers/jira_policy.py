"""When a call to Jira is made, waited for, made again, and given up."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from sync.errors import OutcomeUnknown, Throttled, TrackerError
from sync.ports import Clock

T = TypeVar("T")
ATTEMPTS = 5
LONGEST_WAIT = 120.0
"""Seconds waited within a call; when asked for more, the caller is told instead."""

Waiting = Callable[[str, float], None]


class Passing(TrackerError):
    """An attempt failed in a way that may pass.

    Attributes:
        done: whether the call may have been carried out all the same.
        limit: whether the site asks to be left alone; `seconds` how long, where it says.
    """

    def __init__(self, message: str, *, done: bool, limit: bool = False, seconds: float | None = None) -> None:
        super().__init__(message)
        self.done = done
        self.limit = limit
        self.seconds = seconds


class Policy:
    """Args:
    requests_per_minute: calls are spread so that no minute has more; None for no such limit.
    waiting: told why, and how many seconds, before a wait.
    """

    def __init__(self, clock: Clock, requests_per_minute: int | None = None, waiting: Waiting | None = None) -> None:
        self._clock = clock
        self._interval = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._waiting = waiting
        self._next: datetime | None = None

    def run(self, attempt: Callable[[], T], repeat: bool) -> T:
        """Make a call until it succeeds or there is no hope.

        Args:
            attempt: one try; raises Passing for what may pass, anything else for what will not.
            repeat: whether it does no harm to carry the call out twice.

        Raises:
            OutcomeUnknown: it must not be repeated and may have been carried out.
            Throttled: the site asks for a wait longer than is waited here.
            TrackerError: it failed to the end.
        """

        def once() -> T:
            self._pace()
            try:
                return attempt()
            except Passing as failure:
                if failure.done and not repeat:
                    raise OutcomeUnknown(f"{failure.message} Whether it was carried out is not known.") from failure
                if failure.seconds is not None and failure.seconds > LONGEST_WAIT:
                    raise _throttled(failure) from failure
                raise

        tries = Retrying(
            retry=retry_if_exception_type(Passing),
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._seconds,
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            return tries(once)
        except Passing as failure:
            if failure.limit:
                raise _throttled(failure) from failure
            raise TrackerError(f"{failure.message} It was tried {ATTEMPTS} times.") from failure

    def _seconds(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        asked = failure.seconds if isinstance(failure, Passing) else None
        seconds = float(2 ** (state.attempt_number - 1)) if asked is None else max(asked, 0.5)
        if self._waiting and isinstance(failure, Passing):
            self._waiting(failure.message, seconds)
        return seconds

    def _pace(self) -> None:
        if not self._interval:
            return
        now = self._clock.now()
        if self._next is not None and now < self._next:
            self._clock.sleep((self._next - now).total_seconds())
            now = self._clock.now()
        self._next = datetime.fromtimestamp(now.timestamp() + self._interval, tz=UTC)


def _throttled(failure: Passing) -> Throttled:
    return Throttled(failure.message, seconds=failure.seconds)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by the headers; None when they do not say, or not in a way that can be read.

    Retry-After is a number, whole or not, or a date; X-RateLimit-Reset is a time by ISO 8601.
    """
    for name, read in (("Retry-After", _seconds), ("Retry-After", _date), ("X-RateLimit-Reset", _iso)):
        seconds = read(headers.get(name, "").strip(), now)
        if seconds is not None:
            return min(max(0.0, seconds), 86_400.0)
    return None


def _seconds(text: str, now: datetime) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def _date(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return (moment - now).total_seconds() if moment.tzinfo else None


def _iso(text: str, now: datetime) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment - now).total_seconds() if moment.tzinfo else None

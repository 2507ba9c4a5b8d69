"""How calls over HTTP are made: bounded, paced, waited for, made again, and given up. One policy for all systems.

A client's session gets a `Guard` as its transport: time-outs, bodies of a bounded size, no redirect followed.
Each call goes through a `Policy`: what may pass is repeated when that does no harm, and never otherwise.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception_type
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

from sync.errors import OutcomeUnknown, Throttled, TrackerError
from sync.ports import Clock

T = TypeVar("T")

ATTEMPTS = 5
LONGEST_WAIT = 120.0
"""Seconds waited within a call; when asked for more, the caller is told instead."""

LONGEST_CALL = 600.0
"""Seconds after which a call is not begun anew, waits included."""

MAX_BODY = 64 * 1024 * 1024
"""Bytes of an answer, decompressed."""

Waiting = Callable[[str, float], None]
"""Told why, and for how many seconds, before a wait."""


# --- what goes wrong -------------------------------------------------------------------------


class Passing(TrackerError):
    """An attempt failed in a way that may pass.

    Attributes:
        done: whether the call may have been carried out all the same.
        limit: whether the server asks to be left alone; `seconds` how long, where it says.
    """

    def __init__(self, message: str, *, done: bool, limit: bool = False, seconds: float | None = None) -> None:
        super().__init__(message)
        self.done = done
        self.limit = limit
        self.seconds = seconds


class Redirected(requests.RequestException):
    """The server points elsewhere. Nobody follows by itself: a token is shown to no other host.

    Attributes:
        status: 301, 302, 307 or 308; location: where to, as written.
    """

    def __init__(self, status: int, location: str) -> None:
        super().__init__(f"redirected ({status})")
        self.status = status
        self.location = location


class TooLarge(requests.RequestException):
    """The answer's body has no end in sight."""


def lost(error: Exception, who: str) -> TrackerError:
    """An error of the transport in our words: Passing for what may pass. Holds no address and no header.

    Args:
        who: the system's name as people know it.
    """
    kind = type(error).__name__
    if isinstance(error, TooLarge):
        return TrackerError(f"{who}'s answer is larger than {MAX_BODY // 1024**2} MB; it was not read to its end.")
    if isinstance(error, requests.exceptions.SSLError):
        return TrackerError(
            f"{who}'s certificate is not accepted ({kind}).",
            "Set REQUESTS_CA_BUNDLE to the certificates of your company, if it has its own.",
        )
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ConnectionError):
        return Passing(f"{who} cannot be reached ({kind}).", done=not _never_sent(error))
    return Passing(f"{who}'s answer did not arrive whole ({kind}).", done=True)


def _never_sent(error: Exception) -> bool:
    """Whether no connection came about, so that nothing can have been carried out."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    words = repr(error)
    return "NewConnectionError" in words or "NameResolutionError" in words


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by Retry-After, written as a number or as a date; None without one that can be read."""
    text = headers.get("Retry-After", "").strip()
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return None


def reset_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until X-RateLimit-Reset (seconds since the epoch), when X-RateLimit-Remaining is 0; else None."""
    if headers.get("X-RateLimit-Remaining", "").strip() != "0":
        return None
    try:
        return max(0.0, float(headers.get("X-RateLimit-Reset", "")) - now.timestamp())
    except ValueError:
        return None


# --- pace ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window:
    """No more than `calls` in any `seconds`."""

    calls: int
    seconds: float


@dataclass(slots=True)
class Pace:
    """Keeps calls of one kind apart.

    Args:
        interval: seconds between the beginnings of two calls.
        windows: limits over longer times.
    """

    interval: float = 0.0
    windows: Sequence[Window] = ()
    _past: deque[float] = field(default_factory=deque)

    def delay(self, now: float) -> float:
        """Seconds until the next call may begin; `now` and all times in seconds since the epoch."""
        wait = 0.0
        if self._past and self.interval:
            wait = self._past[-1] + self.interval - now
        for window in self.windows:
            if len(self._past) >= window.calls:
                wait = max(wait, self._past[-window.calls] + window.seconds - now)
        return max(0.0, wait)

    def began(self, now: float) -> None:
        """A call begins now."""
        self._past.append(now)
        longest = max((window.calls for window in self.windows), default=1)
        while len(self._past) > longest:
            self._past.popleft()


# --- the policy ------------------------------------------------------------------------------


class Policy:
    """When a call is made, waited for, made again, and given up. May be shared by threads.

    Args:
        requests_per_minute: calls are spread so that no minute has more; None for no such limit.
        waiting: told why, and how many seconds, before a wait that somebody might notice.
        writes: the pace of calls that change something; None for no other than that of all calls.
        creates: the pace of calls that make something, on top of that of writes.
    """

    def __init__(
        self,
        clock: Clock,
        requests_per_minute: int | None = None,
        waiting: Waiting | None = None,
        writes: Pace | None = None,
        creates: Pace | None = None,
    ) -> None:
        self._clock = clock
        self._waiting = waiting
        self._all = Pace(60.0 / requests_per_minute if requests_per_minute else 0.0)
        self._writes = writes or Pace()
        self._creates = creates or Pace()
        self._lock = threading.Lock()

    def run(self, attempt: Callable[[], T], repeat: bool, write: bool = False, create: bool = False) -> T:
        """Make a call until it succeeds or there is no hope.

        Args:
            attempt: one try; raises Passing for what may pass, anything else for what will not.
            repeat: whether it does no harm to carry the call out twice.
            write, create: whose pace it keeps.

        Raises:
            OutcomeUnknown: it must not be repeated and may have been carried out.
            Throttled: a wait longer than is waited here is asked for, by the server or by our own pace.
            TrackerError: it failed to the end.
        """
        begun = self._clock.now()

        def once() -> T:
            self._wait_for_turn(write or create, create)
            try:
                return attempt()
            except Passing as failure:
                if failure.done and not repeat:
                    raise OutcomeUnknown(f"{failure.message} Whether it was carried out is not known.") from failure
                if failure.seconds is not None and failure.seconds > LONGEST_WAIT:
                    raise _throttled(failure) from failure
                raise

        def enough(state: RetryCallState) -> bool:
            spent = (self._clock.now() - begun).total_seconds()
            return state.attempt_number >= ATTEMPTS or spent > LONGEST_CALL

        tries = Retrying(
            retry=retry_if_exception_type(Passing),
            stop=enough,
            wait=self._seconds,
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            return tries(once)
        except Passing as failure:
            if failure.limit:
                raise _throttled(failure) from failure
            raise TrackerError(f"{failure.message} It was tried several times.") from failure

    def before_writing(self) -> None:
        """Wait until a write may begin, so that a read just before it is as fresh as it can be."""
        with self._lock:
            self._sleep(self._writes.delay(self._clock.now().timestamp()))

    def _seconds(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        asked = failure.seconds if isinstance(failure, Passing) else None
        # Jitter keeps many runs, begun by cron at the same second, from coming back together.
        if asked is None:
            seconds = 2.0 ** (state.attempt_number - 1) * random.uniform(0.75, 1.25)
        else:
            seconds = max(asked, 0.5) + random.uniform(0.0, 0.5)
        if self._waiting and isinstance(failure, Passing):
            self._waiting(failure.message, seconds)
        return seconds

    def _wait_for_turn(self, write: bool, create: bool) -> None:
        paces = [self._all, *([self._writes] if write else []), *([self._creates] if create else [])]
        with self._lock:
            now = self._clock.now().timestamp()
            wait = max(pace.delay(now) for pace in paces)
            if wait > LONGEST_WAIT:
                raise Throttled(f"As many were made as is considerate; the next may follow in {wait:.0f} s.", "", wait)
            if wait > 2.0 and self._waiting:
                self._waiting("keeping to a considerate pace", wait)
            self._sleep(wait)
            now = self._clock.now().timestamp()
            for pace in paces:
                pace.began(now)

    def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._clock.sleep(seconds)


def _throttled(failure: Passing) -> Throttled:
    return Throttled(failure.message, seconds=failure.seconds)


# --- the transport ---------------------------------------------------------------------------


class Guard(HTTPAdapter):
    """A transport that cannot be held up: mount it on a client's session.

    Args:
        timeout: seconds to connect, and between two pieces of an answer; they win over what the client asks for.
        total: seconds for the whole body of an answer.
        max_body: bytes of an answer after decompression.
    """

    def __init__(
        self, timeout: tuple[float, float] = (10.0, 60.0), total: float = 180.0, max_body: int = MAX_BODY
    ) -> None:
        self._limits = timeout
        self._total = total
        self._max_body = max_body
        super().__init__(max_retries=0)

    def send(
        self, request: requests.PreparedRequest, stream: bool = False, timeout: Any = None, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """One exchange. Raises a RequestException for whatever is not a whole answer of the host itself."""
        end = time.monotonic() + self._total
        response = super().send(request, True, self._limits, *args, **kwargs)
        try:
            response._content = self._body(response, request, end)
            response._content_consumed = True  # type: ignore[attr-defined]
        finally:
            response.close()
        if response.status_code in (301, 302, 303, 307, 308):
            raise Redirected(response.status_code, response.headers.get("Location", ""))
        return response

    def _body(self, response: requests.Response, request: requests.PreparedRequest, end: float) -> bytes:
        pieces: list[bytes] = []
        size = 0
        try:
            while piece := response.raw.read1(65536, decode_content=True):
                size += len(piece)
                if size > self._max_body:
                    raise TooLarge("the answer is too large", request=request)
                if time.monotonic() > end:
                    raise requests.exceptions.ReadTimeout("the answer takes too long", request=request)
                pieces.append(piece)
        except requests.RequestException:
            raise  # it is an OSError as well
        except ReadTimeoutError as error:
            raise requests.exceptions.ReadTimeout("no more of the answer came", request=request) from error
        except DecodeError as error:
            raise requests.exceptions.ContentDecodingError("the answer cannot be unpacked", request=request) from error
        except (HTTPError, OSError) as error:
            raise requests.exceptions.ChunkedEncodingError("the answer ended early", request=request) from error
        return b"".join(pieces)

"""How calls over HTTP are paced, waited for, made again, and given up. One policy for all systems.

Each call goes through a `CallPolicy`: what may pass is repeated when that does no harm, and never otherwise. What its
client's session sends goes through `adapters.http.transport`.
"""

from __future__ import annotations

import math
import random
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from adapters.http.deadlines import causes, never_sent
from adapters.http.transport import MAX_BODY, ProxyRefused, TooLarge, WebPage
from sync.errors import OutcomeUnknown, Throttled, TrackerError
from sync.ports import Clock, Limit, RateLimiter

T = TypeVar("T")

ATTEMPTS = 5
LONGEST_WAIT = 120.0
"""Seconds waited within a call; when asked for more, the caller is told instead."""

LONGEST_CALL = 600.0
"""Seconds after which a call is not begun anew, waits included."""

LONGEST_ASKED = 86_400.0
"""Seconds: a server that asks for a longer wait is taken to ask for so long."""

MOST_PAGES = 2000
"""Pages of one answer: with a hundred tickets on each, more than any project has."""

Waiting = Callable[[str, float], None]
"""Told why, and for how many seconds, before a wait."""


# --- what goes wrong -------------------------------------------------------------------------


class Transient(TrackerError):
    """An attempt failed in a way that may pass.

    Attributes:
        done: whether the call may have been carried out all the same.
        limit: whether the server asks to be left alone; `seconds` how long, where it says.
        scope: which calls it means; "" for all of them.
        lasts: it would be the same in a moment, so that the call is not made again.
    """

    def __init__(
        self,
        message: str,
        cure: str = "",
        *,
        done: bool,
        limit: bool = False,
        seconds: float | None = None,
        scope: str = "",
        lasts: bool = False,
    ) -> None:
        super().__init__(message, cure)
        self.done = done
        self.limit = limit
        self.seconds = seconds
        self.scope = scope
        self.lasts = lasts


def lost(error: Exception, who: str, setting: str = "base_url") -> TrackerError:
    """An error of the transport in our words: Transient for what may pass. Holds no address and no header.

    Args:
        who: the system's name as people know it.
        setting: the key that holds its address.
    """
    kind = type(error).__name__
    inner = list(causes(error))
    if isinstance(error, TooLarge):
        return TrackerError(f"{who}'s answer is larger than {MAX_BODY // 1024**2} MB; it was not read to its end.")
    if isinstance(error, WebPage):
        return web_page(who, error.status, setting)
    if isinstance(error, ProxyRefused):
        return TrackerError(
            f"{who} cannot be reached: the proxy {error.proxy} wants a login (407).",
            "Write it into HTTPS_PROXY (and HTTP_PROXY) as http://NAME:PASSWORD@HOST:PORT.",
        )
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in inner):
        return TrackerError(
            f"{who}'s certificate is not accepted ({kind}).",
            "Set REQUESTS_CA_BUNDLE to the certificates of your company, if it has its own.",
        )
    if isinstance(error, requests.exceptions.ConnectionError):
        return Transient(f"{who} cannot be reached ({kind}).", done=not never_sent(error))
    return Transient(f"{who}'s answer did not arrive whole ({kind}).", done=not never_sent(error))


def web_page(who: str, status: int, setting: str) -> TrackerError:
    """What is told of a page for people; its call may have been carried out only where it is no error."""
    return Transient(
        f"{who} answers with a web page instead of data ({status}): to log in, of a proxy, or of another program.",
        f"See that {setting} is the API's own address, and that nothing on the way asks for a log-in.",
        done=status < 400,
        lasts=True,
    )


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by Retry-After, a number or a date, a day at most; None without one that can be read."""
    text = headers.get("Retry-After", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - now).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(0.0, seconds), LONGEST_ASKED) if math.isfinite(seconds) else None


def reset_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until X-RateLimit-Reset (seconds since the epoch), when X-RateLimit-Remaining is 0; else None."""
    if headers.get("X-RateLimit-Remaining", "").strip() != "0":
        return None
    try:
        return max(0.0, float(headers.get("X-RateLimit-Reset", "")) - now.timestamp())
    except ValueError:
        return None


def pages(who: str) -> Iterator[int]:
    """Numbers the turns of a loop over pages, which must not depend on the server for its end.

    Raises:
        TrackerError: there are more of them than MOST_PAGES.
    """
    yield from range(MOST_PAGES)
    raise TrackerError(f"{who} gives more than {MOST_PAGES} pages to one question; they were not read to their end.")


# --- rates -----------------------------------------------------------------------------------


class OwnRateLimiter:
    """The rate limits of one process. May be shared by threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._past: dict[str, deque[float]] = {}
        self._closed = 0.0
        self._lock = threading.Lock()

    def take(self, limits: Mapping[str, Limit], longest: float, reserve: bool = True) -> float:
        """Seconds until a call of these kinds may begin in this process; that moment is ours then."""
        with self._lock:
            now = self._clock.now().timestamp()
            waits = [limit.delay(self._past.get(kind, ()), now) for kind, limit in limits.items()]
            wait = max([0.0, self._closed - now, *waits])
            if wait <= longest and reserve:
                for kind, limit in limits.items():
                    past = self._past.setdefault(kind, deque())
                    past.append(now + wait)
                    while len(past) > max((calls for calls, _ in limit.windows), default=1):
                        past.popleft()
            return wait

    def close(self, seconds: float) -> None:
        """No call begins for so many seconds."""
        with self._lock:
            self._closed = max(self._closed, self._clock.now().timestamp() + seconds)


# --- the policy ------------------------------------------------------------------------------


class CallPolicy:
    """When a call is made, waited for, made again, and given up. May be shared by threads.

    Args:
        requests_per_minute: calls are spread so that no minute has more; None for no such limit.
        waiting: told why, and how many seconds, before a wait that somebody might notice.
        writes: how often calls that change something may begin; None for no other limit than that of all calls.
        creates: how often calls that make something may begin, on top of that of writes.
        rate_limiter: shared with others who use the same account; None when nobody does.
    """

    def __init__(
        self,
        clock: Clock,
        requests_per_minute: int | None = None,
        waiting: Waiting | None = None,
        writes: Limit | None = None,
        creates: Limit | None = None,
        rate_limiter: RateLimiter | None = None,
    ) -> None:
        self._clock = clock
        self._waiting = waiting
        self._all = Limit(60.0 / requests_per_minute if requests_per_minute else 0.0)
        self._writes = writes or Limit()
        self._creates = creates or Limit()
        self._rate_limiter = rate_limiter or OwnRateLimiter(clock)
        self._closed: dict[str, float] = {}

    def run(
        self,
        attempt: Callable[[], T],
        repeat: bool,
        write: bool = False,
        create: bool = False,
        scopes: Sequence[str] = (),
    ) -> T:
        """Make a call until it succeeds or there is no hope.

        Args:
            attempt: one try; raises Transient for what may pass, anything else for what will not.
            repeat: whether it does no harm to carry the call out twice.
            write, create: whose pace it keeps.
            scopes: names that a limit of some calls only may have for this one.

        Raises:
            OutcomeUnknown: it must not be repeated and may have been carried out.
            Throttled: a wait longer than is waited here is asked for, by the server or by our own pace.
            TrackerError: it failed to the end.
        """
        begun = self._clock.now()

        def once() -> T:
            self._wait_for_rate_limit(write or create, create, scopes)
            try:
                return attempt()
            except Transient as failure:
                self._keep_away(failure)
                if failure.done and not repeat:
                    stated = f"{failure.message} Whether it was carried out is not known."
                    raise OutcomeUnknown(stated, failure.cure) from failure
                if failure.lasts:
                    raise TrackerError(failure.message, failure.cure) from failure
                if failure.seconds is not None and failure.seconds > LONGEST_WAIT:
                    raise _throttled(failure) from failure
                raise

        def enough(state: RetryCallState) -> bool:
            spent = (self._clock.now() - begun).total_seconds()
            return state.attempt_number >= ATTEMPTS or spent > LONGEST_CALL

        tries = Retrying(
            retry=retry_if_exception_type(Transient),
            stop=enough,
            wait=self._seconds,
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            return tries(once)
        except Transient as failure:
            if failure.limit:
                raise _throttled(failure) from failure
            raise TrackerError(f"{failure.message} It was tried several times.", failure.cure) from failure

    def before_writing(self) -> None:
        """Wait until a write may begin, so that a read just before it is as fresh as it can be."""
        self._sleep(min(self._rate_limiter.take({"write": self._writes}, LONGEST_WAIT, reserve=False), LONGEST_WAIT))

    def _keep_away(self, failure: Transient) -> None:
        if not failure.limit or failure.seconds is None:
            return
        if failure.scope:
            self._closed[failure.scope] = self._clock.now().timestamp() + failure.seconds
        else:
            self._rate_limiter.close(failure.seconds)

    def _seconds(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        asked = failure.seconds if isinstance(failure, Transient) else None
        # Jitter keeps many runs, begun by cron at the same second, from coming back together.
        if asked is None:
            seconds = 2.0 ** (state.attempt_number - 1) * random.uniform(0.75, 1.25)
        else:
            seconds = max(asked, 0.5) + random.uniform(0.0, 0.5)
        if self._waiting and isinstance(failure, Transient):
            self._waiting(failure.message, seconds)
        return seconds

    def _wait_for_rate_limit(self, write: bool, create: bool, scopes: Sequence[str]) -> None:
        limits = {"all": self._all}
        if write:
            limits["write"] = self._writes
        if create:
            limits["create"] = self._creates
        now = self._clock.now().timestamp()
        closed = max((self._closed[scope] - now for scope in scopes if scope in self._closed), default=0.0)
        wait = closed if closed > LONGEST_WAIT else self._rate_limiter.take(limits, LONGEST_WAIT)
        wait = max(wait, closed)
        if wait > LONGEST_WAIT:
            asked = closed > LONGEST_WAIT or self._rate_limiter.take({}, LONGEST_WAIT, reserve=False) > LONGEST_WAIT
            why = "It asked to be left alone" if asked else "As many were made as is considerate"
            raise Throttled(f"{why}; the next call may follow in {wait:.0f} s.", "", wait)
        if wait > 2.0 and self._waiting:
            self._waiting("keeping to a considerate pace", wait)
        self._sleep(wait)

    def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._clock.sleep(seconds)


def _throttled(failure: Transient) -> Throttled:
    return Throttled(failure.message, seconds=failure.seconds)

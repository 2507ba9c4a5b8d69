"""The policy of calls and the guarded transport, over real HTTP on loopback; waits are those of a virtual clock."""

from __future__ import annotations

import gzip
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import pytest
import requests

from adapters.http.policy import ATTEMPTS, LONGEST_WAIT, CallPolicy, Transient, lost, reset_after, retry_after
from adapters.http.transport import BoundedAdapter, Redirected, TooLarge
from sync.errors import OutcomeUnknown, Throttled, TrackerError
from sync.ports import Exchange, Limit
from tests.clocks import VirtualClock


class Attempts:
    """Fails with each of these, then answers."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.made = 0

    def __call__(self) -> str:
        self.made += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def transient(**values: object) -> Transient:
    return Transient("it failed.", **({"done": False} | values))  # type: ignore[arg-type]


def test_what_may_pass_is_tried_again_after_growing_waits() -> None:
    clock, reported = VirtualClock(), list[float]()
    attempts = Attempts(transient(), transient(), transient())
    before = clock.now()
    assert (
        CallPolicy(clock, waiting=lambda why, seconds: reported.append(seconds)).run(attempts, repeat=True) == "answer"
    )
    assert attempts.made == 4
    assert reported == sorted(reported)
    assert (clock.now() - before).total_seconds() == pytest.approx(sum(reported))


def test_what_may_have_been_done_is_never_repeated_unless_that_does_no_harm() -> None:
    attempts = Attempts(transient(done=True))
    with pytest.raises(OutcomeUnknown):
        CallPolicy(VirtualClock()).run(attempts, repeat=False)
    assert attempts.made == 1
    assert CallPolicy(VirtualClock()).run(Attempts(transient(done=True)), repeat=True) == "answer"


def test_what_was_turned_away_is_sent_again_even_if_it_must_not_be_done_twice() -> None:
    attempts = Attempts(transient(limit=True, seconds=30.0))
    clock = VirtualClock()
    before = clock.now()
    assert CallPolicy(clock).run(attempts, repeat=False) == "answer"
    assert timedelta(seconds=30) <= clock.now() - before < timedelta(seconds=31)


def test_every_retry_has_an_end() -> None:
    attempts = Attempts(*(transient() for _ in range(1000)))
    with pytest.raises(TrackerError, match="several times"):
        CallPolicy(VirtualClock()).run(attempts, repeat=True)
    assert attempts.made == ATTEMPTS


def test_calls_that_take_long_are_not_begun_anew() -> None:
    clock = VirtualClock()

    def slow() -> str:
        clock.sleep(400)
        raise transient()

    before = clock.now()
    with pytest.raises(TrackerError):
        CallPolicy(clock).run(slow, repeat=True)
    assert clock.now() - before < timedelta(seconds=1300)


@pytest.mark.parametrize("seconds", [LONGEST_WAIT + 1, 3600.0])
def test_a_long_wait_is_told_and_not_waited(seconds: float) -> None:
    clock = VirtualClock()
    before = clock.now()
    with pytest.raises(Throttled) as caught:
        CallPolicy(clock).run(Attempts(transient(limit=True, seconds=seconds)), repeat=True)
    assert caught.value.seconds == seconds
    assert clock.now() == before


def test_what_will_not_pass_is_not_repeated() -> None:
    attempts = Attempts(TrackerError("no"))
    with pytest.raises(TrackerError, match="no"):
        CallPolicy(VirtualClock()).run(attempts, repeat=True)
    assert attempts.made == 1


def begun(policy: CallPolicy, clock: VirtualClock, count: int, **kind: Any) -> list[float]:
    """When each of so many calls began, in seconds."""
    times: list[float] = []
    for _ in range(count):
        policy.run(lambda: times.append(clock.now().timestamp()), repeat=True, **kind)
    return times


def test_calls_keep_to_a_rate_and_writes_to_their_own() -> None:
    clock = VirtualClock()
    times = begun(CallPolicy(clock, 30), clock, 5)
    assert [later - earlier for earlier, later in pairwise(times)] == [2.0] * 4
    policy = CallPolicy(clock, writes=Limit(1.0))
    assert len(set(begun(policy, clock, 5))) == 1
    times = begun(policy, clock, 5, write=True)
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(times))


def test_creates_keep_to_windows_and_a_long_wait_ends_the_run() -> None:
    clock = VirtualClock()
    windows = ((20, 60.0), (50, 3600.0))
    policy = CallPolicy(clock, creates=Limit(1.0, windows))
    times = begun(policy, clock, 50, create=True)
    for earlier, later in zip(times, times[20:], strict=False):
        assert later - earlier >= 60.0
    with pytest.raises(Throttled) as caught:
        begun(policy, clock, 1, create=True)
    assert caught.value.seconds == pytest.approx(3600 - (clock.now().timestamp() - times[0]), abs=1)


def test_a_read_right_before_a_write_waits_in_its_place() -> None:
    clock = VirtualClock()
    policy = CallPolicy(clock, writes=Limit(1.0))
    begun(policy, clock, 1, write=True)
    policy.before_writing()
    read = clock.now().timestamp()
    assert begun(policy, clock, 1, write=True) == [read]


def test_a_limit_for_all_keeps_the_next_calls_away_without_asking() -> None:
    clock = VirtualClock()
    policy = CallPolicy(clock)
    with pytest.raises(Throttled):
        policy.run(Attempts(transient(limit=True, seconds=3000.0)), repeat=True)
    attempts = Attempts()
    with pytest.raises(Throttled, match="asked to be left alone"):
        policy.run(attempts, repeat=True)
    assert attempts.made == 0
    clock.sleep(3000)
    assert policy.run(attempts, repeat=True) == "answer"


def test_a_limit_of_some_calls_lets_others_pass() -> None:
    clock = VirtualClock()
    policy = CallPolicy(clock)
    limited = Transient("wait", done=False, limit=True, seconds=3000.0, scope="OPS-1")
    with pytest.raises(Throttled):
        policy.run(Attempts(limited), repeat=True, scopes=("OPS-1",))
    with pytest.raises(Throttled):
        policy.run(Attempts(), repeat=True, scopes=("OPS-1",))
    assert policy.run(Attempts(), repeat=True, scopes=("OPS-2",)) == "answer"


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        (" 3 ", 3.0),
        ("-4", 0.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("1e12", 86_400.0),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("", None),
    ],
)
def test_retry_after_is_read_however_it_is_written(text: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": text}, NOW) == seconds


def test_a_spent_quota_is_waited_for_until_its_reset() -> None:
    reset = str(int(NOW.timestamp()) + 40)
    assert reset_after({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, NOW) == 40.0
    assert reset_after({"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": reset}, NOW) is None
    assert reset_after({"X-RateLimit-Remaining": "0"}, NOW) is None


# --- the transport ---------------------------------------------------------------------------

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            try:
                answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def bounded(**values: object) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount("http://", BoundedAdapter(**values))  # type: ignore[arg-type]
        yield session


def reply(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content-Length": str(len(body))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def test_an_answer_arrives_whole_and_the_connection_is_kept() -> None:
    peers: set[object] = set()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        peers.add(handler.client_address)
        reply(handler, gzip.compress(b"words " * 1000), Content_Encoding="gzip")

    with serving(answer) as url, bounded() as session:
        assert [session.get(url).text for _ in range(3)] == ["words " * 1000] * 3
    assert len(peers) == 1


def test_an_endless_body_is_left_alone() -> None:
    with serving(endless) as url, bounded(max_body=1_000_000) as session, pytest.raises(TooLarge):
        session.get(url)


def test_a_body_that_explodes_when_unpacked_is_left_alone() -> None:
    bomb = gzip.compress(bytes(50_000_000))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, bomb, Content_Encoding="gzip")

    with serving(answer) as url, bounded(max_body=1_000_000) as session, pytest.raises(TooLarge):
        session.get(url)


def test_a_body_in_drops_ends_by_the_total_time() -> None:
    stop = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.02):
            handler.wfile.write(b"x")

    with serving(answer) as url, bounded(total=0.1) as session, pytest.raises(requests.exceptions.ReadTimeout):
        session.get(url)
    stop.set()


def test_a_silent_server_ends_by_the_time_out() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as silent:
        url = f"http://127.0.0.1:{silent.server_address[1]}/"
        with bounded(timeout=(0.2, 0.1)) as session, pytest.raises(requests.exceptions.ReadTimeout):
            session.get(url, timeout=99)


def test_whoever_watches_is_told_of_each_call_however_it_ends() -> None:
    reported: list[Exchange] = []
    statuses = iter([200, 302, 404])

    def answer(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, b"words", next(statuses), Location="http://example.com/")

    with serving(answer) as url, bounded(watch=reported.append) as session:
        session.get(f"{url}path?token=secret")
        with pytest.raises(Redirected):
            session.get(url)
        session.get(url)
    with bounded(watch=reported.append, timeout=(1, 1)) as session, pytest.raises(requests.ConnectionError):
        session.get(url)
    assert [(one.status, one.error) for one in reported] == [(200, ""), (302, ""), (404, ""), (None, "ConnectionError")]
    assert {(one.method, f"http://{one.host}:{one.port}/") for one in reported} == {("GET", url)}
    assert all(one.began <= one.ended for one in reported)
    assert "secret" not in repr(reported)


def test_a_body_cut_short_is_no_answer() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"half")
        handler.close_connection = True

    with serving(answer) as url, bounded() as session, pytest.raises(requests.RequestException) as caught:
        session.get(url)
    failure = lost(caught.value, "The tracker")
    assert isinstance(failure, Transient)
    assert failure.done


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed_with_a_token(status: int) -> None:
    seen: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.path)
        reply(handler, b"", status, Location="http://127.0.0.1:9/elsewhere")

    with serving(answer) as url, bounded() as session, pytest.raises(Redirected) as caught:
        session.get(url, headers={"Authorization": "secret"})
    assert (caught.value.status, caught.value.location) == (status, "http://127.0.0.1:9/elsewhere")
    assert seen == ["/"]


def test_a_refused_connection_has_done_nothing_and_is_told_without_addresses() -> None:
    with bounded() as session, pytest.raises(requests.RequestException) as caught:
        session.get("http://127.0.0.1:9/secret-path", headers={"Authorization": "secret"})
    failure = lost(caught.value, "The tracker")
    assert isinstance(failure, Transient)
    assert not failure.done
    assert "secret" not in str(failure)

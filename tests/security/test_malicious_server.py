"""A server that means harm costs bounded time and memory, and ends in an error that says what is wrong."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from adapters.github.source import GitHubSource
from adapters.github.tracker import GitHubTracker
from adapters.http.policy import ATTEMPTS, MOST_PAGES
from adapters.http.schemas import ANYTHING
from adapters.http.transport import MAX_BODY
from adapters.jira.tracker import JiraTracker
from sync.errors import SyncError
from sync.model import TicketRef
from tests.canaries import MARK
from tests.clocks import VirtualClock
from tests.security import servers
from tests.security.servers import Answer, Server, reply

TIMEOUT = (5.0, 5.0)
SECRET = f"robot-{MARK}"


def github(url: str) -> Callable[[], Any]:
    tracker = GitHubTracker(url, VirtualClock(), token=SECRET, repository="Acme/Shop", timeout=TIMEOUT)
    return lambda: list(tracker.changed("Acme/Shop", "").tickets)


def source(url: str) -> Callable[[], Any]:
    return GitHubSource("docs", "Acme/Docs", VirtualClock(), base_url=url, token=SECRET, timeout=TIMEOUT).paths


def cloud(url: str) -> Callable[[], Any]:
    values: dict[str, Any] = {"email": "robot@example.org", "deployment": "cloud"}
    tracker = JiraTracker(url, SECRET, VirtualClock(), project="OPS", timeout=TIMEOUT, **values)
    return lambda: list(tracker.changed("OPS", "").tickets)


def datacenter(url: str) -> Callable[[], Any]:
    tracker = JiraTracker(url, SECRET, VirtualClock(), project="OPS", timeout=TIMEOUT)
    return lambda: list(tracker.changed("OPS", "").tickets)


CLIENTS = {"github": github, "source": source, "cloud": cloud, "datacenter": datacenter}
ANSWERS: dict[str, Answer] = {
    "endless body": servers.endless_body,
    "gzip bomb": servers.gzip_bomb,
    "deep nesting": servers.deep,
    "endless redirects": servers.circles,
    "endless headers": servers.endless_headers,
}


@pytest.fixture
def measured() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("way", ANSWERS)
def test_it_costs_a_bounded_time_and_memory(
    measured: None, monkeypatch: pytest.MonkeyPatch, client: str, way: str
) -> None:
    # The limits are made small, so that they are what ends it; how much they are is asserted below.
    monkeypatch.setattr(
        "adapters.http.transport.BoundedAdapter.__init__.__defaults__", ((10.0, 60.0), 1.0, 4 * 1024 * 1024)
    )
    with servers.serving(ANSWERS[way]) as server:
        call = CLIENTS[client](server.url)
        with pytest.raises(SyncError) as caught:
            call()
        assert not server.tired
        assert len(server.seen) <= 3 * ATTEMPTS
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    assert MARK not in str(caught.value)
    assert any(name in str(caught.value) for name in ("GitHub", "Jira", "127.0.0.1"))


def test_the_limits_of_a_real_run() -> None:
    assert MAX_BODY == 64 * 1024 * 1024
    assert MOST_PAGES == 2000


def issues_for_ever(handler: BaseHTTPRequestHandler, server: Server) -> None:
    """Every page is full and new, and promises another, in the words of each system."""
    number = len(server.seen) * 100
    if "/repos/" in handler.path or "page=" in handler.path:
        hour, minute = divmod(len(server.seen), 60)
        at = f"2026-01-01T{hour:02d}:{minute:02d}:00Z"
        fixed: dict[str, object] = {"updated_at": at, "created_at": at, "title": "x", "state": "open", "body": ""}
        fixed |= {"user": {"id": 7, "login": "x"}, "id": 1, "labels": [], "assignees": []}
        address = "https://example.org/Acme/Shop/issues"
        page: Any = [fixed | {"number": n, "html_url": f"{address}/{n}"} for n in range(number, number + 100)]
        reply(handler, 200, page, Link=f'<{server.url}/repos/Acme/Shop/x?page={number}>; rel="next"')
        return
    status = {"name": "To Do", "statusCategory": {"key": "new"}}
    reported: dict[str, object] = {"summary": "x", "created": "2026-03-20T09:15:00.000+0000", "creator": None}
    reported |= {"status": status, "labels": []}
    entries = [{"id": str(n), "key": f"OPS-{n}", "fields": reported} for n in range(number, number + 100)]
    more = {"nextPageToken": f"t{number}", "total": number + 1000, "startAt": number, "isLast": False}
    reply(handler, 200, more | {"issues": entries, "values": entries})


PAGED: dict[str, Callable[[str], Callable[[], Any]]] = {
    "github listing": github,
    "cloud listing by nextPageToken": cloud,
    "datacenter listing by key": datacenter,
}


@pytest.mark.parametrize("way", PAGED)
def test_pages_without_end_are_counted(measured: None, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr("adapters.http.policy.MOST_PAGES", 20)
    with servers.serving(issues_for_ever) as server:
        with pytest.raises(SyncError, match="more than 20 pages to one question"):
            PAGED[way](server.url)()
        assert len(server.seen) <= 21
    assert tracemalloc.get_traced_memory()[1] < 60_000_000


def test_a_listing_by_place_whose_end_moves_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.http.policy.MOST_PAGES", 20)
    clock = VirtualClock()
    with servers.serving(issues_for_ever) as server:
        tracker = JiraTracker(server.url, SECRET, clock, project="OPS", timeout=TIMEOUT)
        cursor = clock.now().isoformat()
        with pytest.raises(SyncError, match="more than 20 pages"):
            list(tracker.changed("OPS", cursor).tickets)
        assert len(server.seen) <= 21


def test_link_next_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.http.policy.MOST_PAGES", 20)
    with servers.serving(issues_for_ever) as server:
        tracker = GitHubTracker(server.url, VirtualClock(), token=SECRET, repository="Acme/Shop", timeout=TIMEOUT)
        with pytest.raises(SyncError, match="more than 20 pages"):
            list(tracker._session.pages("/repos/Acme/Shop/milestones", ANYTHING))
        assert len(server.seen) == 20


def test_keys_without_end_after_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.http.policy.MOST_PAGES", 20)
    with servers.serving(issues_for_ever) as server:
        call = JiraTracker(
            server.url,
            SECRET,
            VirtualClock(),
            project="OPS",
            email="r@example.org",
            deployment="cloud",
            timeout=TIMEOUT,
        )
        with pytest.raises(SyncError, match="more than 20 pages"):
            call.marked("OPS", ["path:a.md"], None)
        assert len(server.seen) <= 45


def test_an_issue_that_moves_in_circles_is_given_up() -> None:
    with servers.serving(servers.circles) as server:
        tracker = GitHubTracker(server.url, VirtualClock(), token=SECRET, repository="Acme/Shop", timeout=TIMEOUT)
        with pytest.raises(SyncError, match="circles"):
            tracker.lookup([TicketRef("github", "Acme/Shop", "Acme/Shop#1")])
        assert len(server.seen) <= 5


def test_waits_that_are_asked_for_are_not_waited() -> None:
    def busy(handler: BaseHTTPRequestHandler, server: Server) -> None:
        reply(handler, 429, {}, Retry_After=str(10**9))

    for client in CLIENTS.values():
        with servers.serving(busy) as server, pytest.raises(SyncError):
            client(server.url)()
        assert len(server.seen) == 1


@pytest.mark.parametrize("client", CLIENTS)
def test_errors_of_any_shape_are_told(client: str) -> None:
    for shape in (None, 1, "x", [], {}, [1], [None], {"errors": 1}, {"errors": [1]}, {"errorMessages": {"a": 1}}):

        def answer(handler: BaseHTTPRequestHandler, server: Server, shape: Any = shape) -> None:
            reply(handler, 400, shape)

        with servers.serving(answer) as server, pytest.raises(SyncError):
            CLIENTS[client](server.url)()

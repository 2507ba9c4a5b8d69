"""Behind a company's proxy: what was certainly never sent is told from what may have arrived."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from adapters.http.policy import Transient, lost
from adapters.http.transport import BoundedAdapter
from sync.errors import TrackerError
from tests.simulators.certificates import bundle
from tests.simulators.jira_wire import Answer, Asked, Fault, Wire
from tests.simulators.proxy import Proxy


class Echo(Wire):
    """Answers everything with well."""

    def handle(self, asked: Asked) -> Answer:
        return Answer(200, {"well": True})


WAYS = {"a plain proxy": False, "a CONNECT proxy": True}


@contextmanager
def behind(secure: bool, timeout: tuple[float, float] = (5, 5)) -> Iterator[tuple[Proxy, Echo, requests.Session]]:
    proxy, server = Proxy(), Echo()
    with proxy.serving(), server.serving(secure), requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": proxy.url, "https": proxy.url}
        session.verify = bundle()
        for scheme in ("http://", "https://"):
            session.mount(scheme, BoundedAdapter(timeout))
        yield proxy, server, session


def failure(session: requests.Session, url: str) -> TrackerError:
    with pytest.raises(requests.RequestException) as caught:
        session.post(f"{url}/issues?secret=1", json={})
    reported = lost(caught.value, "The tracker")
    assert "secret" not in str(reported)
    return reported


@pytest.mark.parametrize("way", WAYS)
def test_calls_pass(way: str) -> None:
    with behind(WAYS[way]) as (proxy, server, session):
        assert session.get(f"{server.base_url}/x").json() == {"well": True}
        assert len(proxy.tunnels) == WAYS[way]
        assert len(proxy.passed) == (not WAYS[way])


@pytest.mark.parametrize("kept", [False, True], ids=["fresh connection", "kept connection"])
@pytest.mark.parametrize("kind", ["drop_after", "truncate"])
@pytest.mark.parametrize("way", WAYS)
def test_a_connection_that_ends_after_the_request_may_have_carried_it_out(way: str, kind: str, kept: bool) -> None:
    with behind(WAYS[way]) as (_, server, session):
        if kept:
            session.get(f"{server.base_url}/x")
        server.faults.append(Fault(kind, "POST"))
        reported = failure(session, server.base_url)
        assert len(server.calls("POST")) == 1
    assert isinstance(reported, Transient)
    assert reported.done


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_takes_too_long_may_have_been_carried_out(way: str) -> None:
    with behind(WAYS[way], (5, 0.2)) as (_, server, session):
        server.faults.append(Fault("delay", "POST", seconds=0.5))
        reported = failure(session, server.base_url)
    assert isinstance(reported, Transient)
    assert reported.done


def refused(proxy: Proxy) -> None:
    proxy.refuse = 503


def dropped(proxy: Proxy) -> None:
    proxy.drop = True


@pytest.mark.parametrize("harm", [refused, dropped], ids=["CONNECT refused", "tunnel dropped"])
def test_a_tunnel_that_never_opened_carried_nothing(harm: Callable[[Proxy], None]) -> None:
    with behind(True) as (proxy, server, session):
        harm(proxy)
        reported = failure(session, server.base_url)
        assert server.log == []
    assert isinstance(reported, Transient)
    assert not reported.done


@pytest.mark.parametrize("way", WAYS)
def test_a_proxy_that_is_not_there_carried_nothing(way: str) -> None:
    with behind(WAYS[way]) as (_, server, session):
        session.proxies = {"http": "http://127.0.0.1:9", "https": "http://127.0.0.1:9"}
        reported = failure(session, server.base_url)
    assert isinstance(reported, Transient)
    assert not reported.done


@pytest.mark.parametrize("way", WAYS)
def test_a_proxy_that_wants_a_login_is_named_at_once(way: str) -> None:
    with behind(WAYS[way]) as (proxy, server, session):
        proxy.refuse = 407
        reported = failure(session, server.base_url)
        assert not isinstance(reported, Transient)
        assert proxy.url.removeprefix("http://") in reported.message
        assert "407" in reported.message
        assert "HTTPS_PROXY" in reported.cure
        assert "/issues" not in str(reported)


def test_a_connection_that_ends_during_the_handshake_carried_nothing() -> None:
    class HangUp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), HangUp) as server, requests.Session() as session:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        session.trust_env = False
        session.mount("https://", BoundedAdapter((5, 5)))
        reported = failure(session, f"https://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
        thread.join()
    assert isinstance(reported, Transient)
    assert not reported.done

"""A token goes to the host that the settings name, over https, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from adapters.github.tracker import GitHubTracker
from adapters.http.schemas import ANYTHING
from adapters.jira.tracker import JiraTracker
from sync.errors import SyncError
from tests.canaries import MARK
from tests.clocks import VirtualClock
from tests.config.worlds import load_text, refused
from tests.security.servers import Server, reply, serving
from tests.security.test_malicious_server import CLIENTS, SECRET, TIMEOUT


def jira_me(url: str) -> Callable[[], Any]:
    """A call that is made by the client's own method."""
    tracker = JiraTracker(url, SECRET, VirtualClock(), project="OPS", timeout=TIMEOUT)
    return lambda: [tracker._session.myself()]


def github_create(url: str) -> Callable[[], Any]:
    tracker = GitHubTracker(url, VirtualClock(), token=SECRET, repository="Acme/Shop", timeout=TIMEOUT)
    return lambda: tracker._session.create("/repos/Acme/Shop/issues", {"title": "x"}, ANYTHING)


EVERY = CLIENTS | {"jira's own account": jira_me, "a create on github": github_create}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("client", EVERY)
def test_another_host_is_never_asked(client: str, status: int) -> None:
    def other(handler: BaseHTTPRequestHandler, server: Server) -> None:
        reply(handler, 200, {})

    with serving(other) as elsewhere:

        def answer(handler: BaseHTTPRequestHandler, server: Server) -> None:
            # The same address under another name is another host as well.
            reply(handler, status, {}, Location=elsewhere.url.replace("127.0.0.1", "localhost") + handler.path)

        with serving(answer) as ours, pytest.raises(SyncError) as caught:
            EVERY[client](ours.url)()
        assert ours.seen
        assert elsewhere.seen == []
    assert MARK not in str(caught.value)


@pytest.mark.parametrize("client", EVERY)
def test_the_token_is_in_the_header_and_never_in_the_address(client: str) -> None:
    def answer(handler: BaseHTTPRequestHandler, server: Server) -> None:
        reply(handler, 404, {})

    with serving(answer) as ours:
        with pytest.raises(SyncError):
            EVERY[client](ours.url)()
        assert all("authorization" in headers for _, headers in ours.seen)
        assert not any(MARK in path for path, _ in ours.seen)


SIGNED_IN = {
    "github": '[github]\nrepository = "a/b"\nbase_url = "{url}"\n',
    "jira": '[jira]\nproject = "OPS"\nbase_url = "{url}"\n',
}
TOKENS = {"SYNC_GITHUB__TOKEN": SECRET, "SYNC_JIRA__TOKEN": SECRET}


@pytest.mark.parametrize("tracker", SIGNED_IN)
@pytest.mark.parametrize("host", ["ghe.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1"])
def test_an_address_without_https_is_refused(tmp_path: Path, tracker: str, host: str) -> None:
    text = f'tracker = "{tracker}"\n' + SIGNED_IN[tracker].format(url=f"http://{host}")
    assert "must begin with https://" in refused(tmp_path, text, **TOKENS)


@pytest.mark.parametrize("tracker", SIGNED_IN)
def test_an_account_in_the_address_does_not_make_it_look_like_loopback(tmp_path: Path, tracker: str) -> None:
    text = f'tracker = "{tracker}"\n' + SIGNED_IN[tracker].format(url="http://127.0.0.1@evil.example")
    assert "it holds an account" in refused(tmp_path, text, **TOKENS)


@pytest.mark.parametrize("tracker", SIGNED_IN)
@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:8080", "https://jira.example.org"])
def test_loopback_is_excused(tmp_path: Path, tracker: str, url: str) -> None:
    assert load_text(tmp_path, f'tracker = "{tracker}"\n' + SIGNED_IN[tracker].format(url=url), **TOKENS)

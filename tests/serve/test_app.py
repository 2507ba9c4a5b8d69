"""The receiver answers as it should, whatever comes; what it acknowledges is kept."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from adapters.jira.webhook import SENDER
from adapters.local.tracker import LocalTracker
from sync.errors import JournalError
from sync.journal.inbox import Inbox
from sync.journal.journal import Checkpoint, Journal
from sync.journal.open import open_journal
from sync.model import State, TicketRef
from sync.serve import app as app_module
from sync.serve.app import Place, application
from sync.serve.concerned import Concerned
from sync.serve.dispatcher import Dispatcher, QueueDispatcher
from sync.serve.intake import DeliveryCounts, Intake
from tests.canaries import MARK
from tests.clocks import VirtualClock
from tests.serve.asgi import Answered, call, called, run

SECRET = f"hook-{MARK}"


class Jira(LocalTracker):
    """Tickets that are named as Jira names them."""

    def resolve(self, reference: Any, repository: str, url: str) -> TicketRef | None:
        return TicketRef("jira", "OPS", reference.text)


class Rig:
    def __init__(self, folder: Path) -> None:
        self.journal: Journal = open_journal(f"sqlite:///{folder / 'journal.db'}")
        self.tracker = Jira(folder / "tickets.db", VirtualClock())
        self.put: list[tuple[str, str, int]] = []
        self.inbox = Inbox(self.journal)
        self.dispatcher: Dispatcher = QueueDispatcher("team", self.inbox, lambda *job: self.put.append(job))
        self.counts = DeliveryCounts()
        concerned = Concerned(self.journal, {"jira": self.tracker}, frozenset({"docs"}), {})
        intake = Intake("team", concerned, self.dispatcher, self.counts)
        places = [Place("/jira", SENDER, SECRET, intake, 2000)]
        self.app = application(places, {"team": intake}, self.counts)
        self.save("docs", "a.md", "OPS-1")

    def save(self, source: str, path: str, key: str) -> None:
        self.journal.save_checkpoint(source, path, Checkpoint(f"path:{source}/{path}", "v", "f", True, 0.0))
        self.journal.save_shown(f"path:{source}/{path}", {TicketRef("jira", "", key): State.OPEN})

    def post(self, key: str = "OPS-1", delivery: str = "d", parts: Any = None, **headers: str) -> Answered:
        return run(self.later(key, delivery, parts, **headers))

    async def later(self, key: str = "OPS-1", delivery: str = "d", parts: Any = None, **headers: str) -> Answered:
        body = json.dumps({"webhookEvent": "jira:issue_updated", "issue": {"key": key}}).encode()
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        named = {
            "content-type": "application/json",
            "x-hub-signature": f"sha256={digest}",
            "x-atlassian-webhook-identifier": delivery,
        }
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await called(self.app, "POST", "/jira", named, [body] if parts is None else parts)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.tracker.close()
    made.journal.close()


def test_what_concerns_a_document_is_kept_and_handed_on_once(rig: Rig) -> None:
    answered = rig.post()
    assert (answered.status, answered.json()) == (202, {"outcome": "accepted", "documents": 1})
    assert [delivery.names for delivery in rig.inbox.left()] == [(("docs", "a.md"),)]
    assert rig.post().json() == {"outcome": "repeated", "documents": 1}
    rig.dispatcher.step()
    assert rig.put == [("docs", "a.md", 2)]
    assert rig.inbox.left() == []
    assert rig.post().status == 200
    rig.dispatcher.step()
    assert len(rig.put) == 1
    assert rig.post(delivery="another").status == 202
    rig.dispatcher.step()
    assert len(rig.put) == 2


def test_every_document_that_shows_the_ticket_is_concerned_and_no_other(rig: Rig) -> None:
    rig.save("docs", "b.md", "OPS-1")
    rig.save("docs", "c.md", "OPS-11")
    rig.save("removed source", "d.md", "OPS-1")
    assert rig.post("ops-1").json()["documents"] == 2
    assert rig.post("OPS-99").json() == {"outcome": "ignored", "documents": 0}
    rig.dispatcher.step()
    assert [path for _, path, _ in rig.put] == ["a.md", "b.md"]


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40])
def test_what_is_not_signed_is_refused(rig: Rig, signature: str) -> None:
    answered = rig.post(x_hub_signature=signature)
    assert answered.status == 401
    assert "signature" in answered.json()["error"]
    assert MARK not in answered.body.decode()
    assert rig.inbox.left() == []


def test_what_is_too_long_is_not_read(rig: Rig) -> None:
    assert rig.post(content_length="2001").status == 413
    assert rig.post(parts=[b"x" * 1500, b"x" * 1500, b"x" * 1500]).status == 413
    assert rig.post(content_length="-5").status == 202
    assert rig.inbox.left()


def test_what_is_too_slow_or_breaks_off_is_refused(rig: Rig) -> None:
    assert rig.post(parts=[b"{", app_module.BODY_SECONDS + 0.1, b"}"]).status == 408
    assert rig.post(parts=[b"{", app_module.BODY_SECONDS - 0.1]).status == 400
    assert rig.inbox.left() == []


def test_only_so_many_large_bodies_are_held_at_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "SMALL", 500)

    async def together() -> list[int]:
        large = [rig.later(parts=[b"x" * 600, app_module.BODY_SECONDS * 0.6, b"x"]) for _ in range(8)]
        small = [rig.later(delivery=f"small {n}") for n in range(8)]
        return [answered.status for answered in await asyncio.gather(*large, *small)]

    # The first four are read whole, and refused for their signature; the others find no room in time.
    assert sorted(run(together())) == [202] * 8 + [401] * 4 + [408] * 4


def test_signed_nonsense_is_told(rig: Rig) -> None:
    body = b"payload=%7B%7D"
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    answered = rig.post(parts=[body], x_hub_signature=signature, content_type="application/x-www-form-urlencoded")
    assert answered.status == 400
    assert "application/json" in answered.json()["error"]


def test_what_cannot_be_kept_is_not_acknowledged(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise JournalError("the disk is full", "make room")

    monkeypatch.setattr(rig.dispatcher.inbox, "put", broken)
    assert rig.post().status == 503
    monkeypatch.undo()
    assert rig.post().status == 202
    assert 'outcome="failed",sender="jira",team="team"} 1' in call(rig.app, "GET", "/metrics").body.decode()


def test_it_says_how_it_is(rig: Rig) -> None:
    ill = call(rig.app, "GET", "/healthz")
    assert (ill.status, ill.json()["status"]) == (503, "failing")
    rig.dispatcher.start()
    well = call(rig.app, "GET", "/healthz")
    assert (well.status, well.json()) == (200, {"status": "ok", "troubles": []})
    rig.post(x_hub_signature="")
    rig.post()
    reported = call(rig.app, "GET", "/metrics")
    assert reported.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    figures = read(reported.body.decode(), text_string_to_metric_families)
    assert figures["postmortem_sync_deliveries_total", "team", "jira", "accepted"] == 1
    assert figures["postmortem_sync_deliveries_total", "team", "jira", "refused"] == 1
    assert figures["postmortem_sync_deliveries_documents_total", "team"] == 1
    assert figures["postmortem_sync_desk_up", "team"] == 1
    assert figures["process_open_fds",] > 0
    rig.dispatcher.stop()
    rig.dispatcher.join(60)
    assert not rig.dispatcher.alive


def read(text: str, parse: Callable[[str], Iterable[Any]]) -> dict[tuple[str, ...], float]:
    """The values by name and, in this order, team, sender and outcome."""
    names = ("team", "sender", "outcome")
    return {
        (one.name, *(one.labels[name] for name in names if name in one.labels)): one.value
        for family in parse(text)
        for one in family.samples
    }


def test_prometheus_gets_the_format_it_asks_for(rig: Rig) -> None:
    rig.post()
    accept = {"accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"}
    reported = asyncio.run(called(rig.app, "GET", "/metrics", accept, [b""]))
    assert reported.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    figures = read(reported.body.decode(), openmetrics)
    assert figures["postmortem_sync_deliveries_total", "team", "jira", "accepted"] == 1
    assert figures["postmortem_sync_deliveries_waiting", "team"] == 1


def test_figures_that_cannot_be_read_are_not_there(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.journal.close()
    monkeypatch.setattr(rig.dispatcher.inbox, "left", _unreadable)
    reported = call(rig.app, "GET", "/metrics")
    assert (reported.status, "the disk is gone" in reported.body.decode()) == (503, True)


def _unreadable(*_: object) -> None:
    raise JournalError("the disk is gone", "bring it back")


def test_other_addresses_and_methods_are_not_there(rig: Rig) -> None:
    assert call(rig.app, "GET", "/jira").status == 405
    assert call(rig.app, "POST", "/github").status == 404
    assert call(rig.app, "POST", "/healthz").status == 405

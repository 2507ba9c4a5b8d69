"""What came in is dealt with, whatever happens on the way; nothing is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sync.errors import JournalError, LimitReached, SyncError, TrackerError
from sync.journal.inbox import Inbox
from sync.journal.journal import Journal
from sync.journal.notes import Notes
from sync.journal.open import open_journal
from sync.run.summary import Summary
from sync.serve.dispatcher import OwnDispatcher, QueueDispatcher
from sync.telemetry.tracing import Telemetry
from sync.worker.team import FAILED, Team

Script = list[Exception | Summary | None]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Rig:
    """A dispatcher whose syncs end as `script` says, by document; then well."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.journal: Journal = open_journal(f"sqlite:///{folder / 'journal.db'}")
        self.clock = Clock()
        monkeypatch.setattr("sync.serve.dispatcher.time.monotonic", self.clock.monotonic)
        monkeypatch.setattr("sync.worker.team.random.uniform", lambda *_: 1.0)
        self.inbox = Inbox(self.journal)
        self.script: dict[str, Script] = {}
        self.synced: list[tuple[float, str]] = []
        self.dispatcher = self.open()

    def open(self) -> OwnDispatcher:
        team = Team("team", self._engine, Notes(self.journal), 25, Telemetry().work, self._carry_out)
        return OwnDispatcher(team, self.inbox)

    @contextmanager
    def _engine(self, watching: Any) -> Iterator[Any]:
        yield SimpleNamespace(sources={})

    def _carry_out(self, engine: Any, source: str, path: str) -> Summary:
        self.synced.append((self.clock.now - 1000, path))
        said = self.script.get(path, [])
        what = said.pop(0) if said else None
        if isinstance(what, Exception):
            raise what
        return what or Summary()

    def until_idle(self, dispatcher: OwnDispatcher | None = None) -> None:
        for _ in range(200):
            self.clock.now += (dispatcher or self.dispatcher).step()
            if not self.inbox.left():
                return
        raise AssertionError("it never ends")


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    made = Rig(tmp_path, monkeypatch)
    yield made
    made.journal.close()


def test_events_that_come_together_are_one_sync(rig: Rig) -> None:
    rig.inbox.put("1", [("docs", "a.md")])
    rig.inbox.put("2", [("docs", "a.md"), ("docs", "b.md")])
    rig.until_idle()
    assert rig.synced == [(2.0, "a.md"), (2.0, "b.md")]


def test_an_event_during_a_sync_leads_to_another_one(rig: Rig) -> None:
    rig.inbox.put("1", [("docs", "a.md")])
    rig.clock.now += rig.dispatcher.step()
    keep = rig._carry_out

    def during(engine: Any, source: str, path: str) -> Summary:
        rig.inbox.put("2", [("docs", "a.md")])
        return keep(engine, source, path)

    rig.dispatcher._team = Team("team", rig._engine, Notes(rig.journal), 25, Telemetry().work, during)
    rig.dispatcher.step()
    rig.dispatcher._team = Team("team", rig._engine, Notes(rig.journal), 25, Telemetry().work, keep)
    assert [delivery.delivery for delivery in rig.inbox.left()] == ["2"]
    rig.until_idle()
    assert [path for _, path in rig.synced] == ["a.md", "a.md"]


def test_what_fails_is_tried_again_and_keeps_nobody_waiting(rig: Rig) -> None:
    rig.script["a.md"] = [TrackerError("down"), Summary(failed=1), None]
    rig.inbox.put("1", [("docs", "a.md")])
    rig.inbox.put("2", [("docs", "b.md")])
    rig.until_idle()
    assert rig.synced == [(2.0, "a.md"), (2.0, "b.md"), (7.0, "a.md"), (22.0, "a.md")]
    assert Notes(rig.journal).under(FAILED) == []


@pytest.mark.parametrize(
    ("error", "tries"),
    [(TrackerError("down"), 4), (LimitReached("too many", "cure"), 1), (ZeroDivisionError("a mistake of ours"), 1)],
)
def test_what_fails_again_and_again_is_left_to_the_next_run(rig: Rig, error: Exception, tries: int) -> None:
    rig.script["a.md"] = [error] * 10
    rig.inbox.put("1", [("docs", "a.md"), ("docs", "b.md")])
    rig.until_idle()
    assert [path for _, path in rig.synced].count("a.md") == tries
    assert [path for _, path in rig.synced].count("b.md") == 1
    if isinstance(error, SyncError):
        assert "a.md" in Notes(rig.journal).under(FAILED)[0].name


def test_a_state_store_that_is_away_for_a_while_loses_nothing(rig: Rig) -> None:
    rig.script["a.md"] = [JournalError("held by another run", "wait")] * 6
    rig.inbox.put("1", [("docs", "a.md")])
    rig.until_idle()
    assert [path for _, path in rig.synced] == ["a.md"] * 7


def test_a_dispatcher_that_was_killed_is_followed_by_one_that_goes_on(rig: Rig) -> None:
    rig.script["b.md"] = [TrackerError("down")]
    rig.inbox.put("1", [("docs", "a.md"), ("docs", "b.md")])
    for _ in range(3):
        rig.clock.now += rig.dispatcher.step()
    assert {path for _, path in rig.synced} == {"a.md", "b.md"}
    assert rig.inbox.left()
    rig.until_idle(rig.open())
    assert [path for _, path in rig.synced][-2:] == ["a.md", "b.md"]


def test_the_queue_gets_everything_before_the_inbox_forgets_it(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path / 'journal.db'}")
    inbox = Inbox(journal)
    put: list[str] = []
    away: list[str] = []

    def hand(source: str, path: str, after: int) -> None:
        if path in away:
            raise JournalError("the queue cannot be reached", "cure")
        put.append(path)

    away.append("b.md")
    dispatcher = QueueDispatcher("team", inbox, hand)
    inbox.put("1", [("docs", "a.md"), ("docs", "b.md")])
    inbox.put("2", [("docs", "c.md")])
    with pytest.raises(JournalError):
        dispatcher.step()
    assert [delivery.delivery for delivery in inbox.left()] == ["1", "2"]
    away.clear()
    dispatcher.step()
    assert inbox.left() == []
    assert put == ["a.md", "a.md", "b.md", "c.md"]
    journal.close()

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.local.tracker import LocalTracker
from sync.model import Owner, OwnerKind, State, TicketRef
from sync.ports import Tracker
from tests.clocks import VirtualClock
from tests.contract.trackers import TrackerContract, TrackerWorld


class LocalWorld(TrackerWorld):
    def __init__(self, path: Path) -> None:
        self.clock = VirtualClock()
        self.path = path
        self.tracker: LocalTracker = LocalTracker(path, self.clock)
        self.project = ""
        self.owner = (Owner("Ana Lima", OwnerKind.NAME), "Ana Lima")
        self.opened = [self.tracker]

    def second_machine(self) -> Tracker:
        self.opened.append(LocalTracker(self.path, self.clock))
        return self.opened[-1]

    def person_creates(self, title: str, body: str = "") -> TicketRef:
        return self.tracker.add(title, body).ref

    def person_closes(self, ref: TicketRef, state: State) -> None:
        self.tracker.edit(ref.key, state=state.value)

    def person_reopens(self, ref: TicketRef) -> None:
        self.tracker.edit(ref.key, state="open")

    def person_retitles(self, ref: TicketRef, title: str) -> None:
        self.tracker.edit(ref.key, title=title)

    def person_deletes(self, ref: TicketRef) -> None:
        self.tracker.delete(ref.key)

    def comments(self, ref: TicketRef) -> list[tuple[str, tuple[str, ...]]]:
        reported = [c.new for c in self.tracker.details(ref.key).history if (c.who, c.field) == ("sync", "reminder")]
        return [(words, ("Ana Lima",) if words.startswith("Ana Lima: ") else ()) for words in reported]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LocalWorld]:
    world = LocalWorld(tmp_path / "tickets.db")
    yield world
    for tracker in world.opened:
        tracker.close()


class TestLocalTracker(TrackerContract):
    pass

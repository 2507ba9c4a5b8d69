"""A folder of postmortems, an embedded tracker and a journal, with a clock of their own: what a run needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from adapters.files.source import FilesSource
from adapters.local.tracker import LocalTracker
from sync.formats import FORMATS, Format
from sync.journal.open import copy_journal, open_journal
from sync.model import ParseOptions, Ticket
from sync.plan import Policy
from sync.ports import Source, Tracker
from sync.run.desired import Resolver
from sync.run.engine import Engine, Request
from sync.run.people import People, Person
from sync.run.routes import Destination
from sync.run.summary import DocumentReport, Summary
from tests.clocks import VirtualClock


class Watcher:
    """Keeps the reports of a run."""

    def __init__(self) -> None:
        self.reports: list[DocumentReport] = []

    def began(self, documents: int) -> None:
        return

    def advanced(self, documents: int) -> None:
        return

    def document(self, report: DocumentReport) -> None:
        self.reports.append(report)

    def waiting(self, why: str, seconds: float) -> None:
        return

    def left(self, seconds: float) -> None:
        return


class World:
    """One team's folder and tracker. Each run opens everything anew, as a process would."""

    def __init__(self, folder: Path, sleep: Callable[[float], None] | None = None) -> None:
        self.clock = VirtualClock()
        self.sleep = sleep or self.clock.sleep
        self.docs = folder / "docs"
        self.docs.mkdir(parents=True)
        self.state = folder / "state"
        self.tracker_file = folder / "tickets.db"
        self.watcher = Watcher()
        self.chunk = 200

    def write(self, path: str, text: str | bytes) -> Path:
        place = self.docs / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)
        return place

    def read(self, path: str) -> str:
        return (self.docs / path).read_bytes().decode()

    def tracker(self) -> LocalTracker:
        return LocalTracker(self.tracker_file, self.clock)

    def tickets(self) -> list[Ticket]:
        tracker = self.tracker()
        try:
            return tracker.tickets()
        finally:
            tracker.close()

    def person(self, key: str, **values: Any) -> None:
        """A person edits a ticket."""
        tracker = self.tracker()
        tracker.edit(key, **values)
        tracker.close()

    def run(
        self,
        *names: str,
        dry_run: bool = False,
        force: bool = False,
        machine: str = "one",
        policy: Mapping[str, Any] | None = None,
        new_tickets: int | None = 100,
        wrap: Any = lambda port: port,
        options: ParseOptions | None = None,
        fingerprint: str = "f",
        elsewhere: Tracker | None = None,
        formats: Mapping[str, Format] = FORMATS,
    ) -> Summary:
        """One run, of documents named by hand or of all.

        `wrap` may put faults between a port and its user; `elsewhere` is a tracker to use instead of ours.
        """
        self.watcher = Watcher()
        url = f"sqlite:///{self.state / machine}.db"
        journal = copy_journal(url) if dry_run else open_journal(url)
        tracker: Tracker = wrap(elsewhere or self.tracker())
        source: Source = wrap(FilesSource("docs", self.docs, sleep=self.sleep))
        rules: dict[str, Any] = {"today": date(2026, 3, 1), "explicit": bool(names)} | dict(policy or {})
        try:
            engine = Engine(
                sources={"docs": source},
                trackers={tracker.name: tracker},
                resolver=Resolver(
                    {tracker.name: tracker},
                    Destination(tracker.name, ""),
                    People([Person("Ana Lima", {"local": "ana"}, ("ana.l",))]),
                ),
                journal=wrap(journal),
                clock=self.clock,
                policy=Policy(**rules),
                options=options or ParseOptions(),
                fingerprint=fingerprint,
                new_tickets=new_tickets,
                lock_seconds=5,
                observer=self.watcher,
                chunk=self.chunk,
                formats=formats,
            )
            return engine.run(Request(tuple(("docs", name) for name in names), dry_run, force))
        finally:
            self.clock.sleep(1)
            if elsewhere is None:
                tracker.close()
            journal.close()

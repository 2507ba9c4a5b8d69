"""Settings of teams to what a worker works with."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sync.errors import SettingsError
from sync.journal.journal import Journal
from sync.journal.notes import Notes
from sync.journal.open import open_journal
from sync.journal.rate_limits import SharedRateLimiter
from sync.ports import Tracker
from sync.process.logs import log
from sync.run.summary import Observer, Silent
from sync.telemetry.tracing import Relay, Telemetry
from sync.wiring.engine import Call, make_engine, state_url, trackers
from sync.wiring.sources import configured_sources
from sync.wiring.systems import Host
from sync.worker.team import Interrupted, Team

if TYPE_CHECKING:
    from config.settings import Settings
    from sync.run.engine import Engine

FRESH_SECONDS = 600.0
"""How long what a tracker told once (labels, screens, who may be assigned) is believed."""

LOCK_SECONDS = 20.0
"""How long a job waits for another one at the same document; it is tried again later."""


class WorkerClock:
    """The real time; a wait ends with Interrupted when the worker is told to stop."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait. Raises Interrupted when the worker is told to stop."""
        if self._stopping.wait(max(0.0, seconds)):
            raise Interrupted("The worker was told to stop while it waited.")


def team_settings(settings: Settings) -> dict[str, Settings]:
    """The settings of every team by its name: those of `[worker] teams`, else these themselves.

    Raises:
        SettingsError: a file is missing or wrong, or two teams would get into each other's way.
    """
    from config.load import load

    if not settings.worker.teams:
        return {_name(settings.file): settings}
    found: dict[str, Settings] = {}
    for pattern in settings.worker.teams:
        paths = sorted(settings.root.glob(pattern))
        if not paths:
            raise SettingsError(
                f"worker.teams: no file is {settings.root / pattern}.", "Write it relative to the worker's sync.toml."
            )
        for path in paths:
            if path.stem in found:
                raise SettingsError(f"worker.teams: two files are called {path.stem}.", "Rename one of them.")
            found[path.stem] = load(path, os.environ, Path.cwd())
    _apart(found)
    return found


def shared(settings: Settings) -> bool:
    """Whether the state is where other machines can reach it."""
    return state_url(settings).startswith("postgresql")


def _name(file: Path | None) -> str:
    return file.stem if file else "sync"


def _apart(teams: dict[str, Settings]) -> None:
    """Teams share neither a state store nor, at one tracker, the name of a source: it is a part of marks."""
    stores: dict[str, str] = {}
    sources: dict[tuple[str, str], str] = {}
    for team, settings in teams.items():
        other = stores.setdefault(state_url(settings), team)
        if other != team:
            raise SettingsError(
                f"The teams {other} and {team} have the same state store.",
                f'Give each its own schema: [state] pg_schema = "{team.replace("-", "_")}".',
            )
        sites = [str(getattr(settings.section(one.name), key)) for one in settings.systems for key in one.addresses]
        for name in settings.sources:
            other = sources.setdefault((name, " ".join(sites)), team)
            if other != team:
                raise SettingsError(
                    f"The teams {other} and {team} both call a source {name}.",
                    "Call one of them otherwise: documents are recognised by it.",
                )


@dataclass(slots=True)
class _Open:
    """Trackers that are open, for one user at a time."""

    trackers: dict[str, Tracker]
    observer: Observer
    since: float = field(default_factory=time.monotonic)

    def close(self) -> None:
        """Close them all."""
        for tracker in self.trackers.values():
            tracker.close()


class TeamPool:
    """Engines of one team, for as many threads as ask; trackers are kept open between jobs.

    Args:
        shared_journal: the journal that holds the rate limits all teams share; None when this process is the only one.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        shared_journal: Journal | None,
        stopping: threading.Event,
        exported: Telemetry,
    ) -> None:
        self._settings = settings
        self._traced = exported.on
        self._lock_seconds = LOCK_SECONDS if shared_journal else settings.state.lock_seconds
        self._host = Host(
            WorkerClock(stopping),
            lambda account: SharedRateLimiter(shared_journal, account) if shared_journal else None,
        )
        self.journal = open_journal(state_url(settings))
        self._free: list[_Open] = []
        self._lock = threading.Lock()
        limit = settings.limits.new_tickets
        self.team = Team(name, self.engine, Notes(self.journal), limit, exported.work)

    def trackers(self) -> dict[str, Tracker]:
        """Trackers for one caller, who closes them."""
        return trackers(self._settings, _Telling(), self._host)

    @contextmanager
    def engine(self, observer: Observer) -> Iterator[Engine]:
        """An engine for one caller."""
        opened = self._take()
        if isinstance(opened.observer, Relay):
            opened.observer.now = observer
        sources = {}
        well = False
        try:
            sources = configured_sources(self._settings, observer, host=self._host)
            engine = make_engine(
                self._settings, sources, opened.trackers, self.journal, self._host.clock, observer, Call()
            )
            engine.lock_seconds = self._lock_seconds
            yield engine
            well = True
        finally:
            for source in sources.values():
                source.close()
            if isinstance(opened.observer, Relay):
                opened.observer.now = None
            self._give_back(opened, well)

    def _take(self) -> _Open:
        with self._lock:
            while self._free:
                opened = self._free.pop()
                if time.monotonic() - opened.since < FRESH_SECONDS:
                    return opened
                opened.close()
        observer: Observer = Relay(_waiting) if self._traced else _Telling()
        return _Open(trackers(self._settings, observer, self._host), observer)

    def _give_back(self, opened: _Open, well: bool) -> None:
        with self._lock:
            if well:
                self._free.append(opened)
                return
        opened.close()

    def close(self) -> None:
        """Close the trackers that nobody uses, and the state store."""
        for opened in self._free:
            opened.close()
        self.journal.close()


def _waiting(why: str, seconds: float) -> None:
    """Waits of a tracker go to the log: it serves many jobs."""
    log().info("waiting", why=why, seconds=round(seconds, 1))


class _Telling(Silent):
    waiting = staticmethod(_waiting)

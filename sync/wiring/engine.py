"""From settings to an engine, and to all that one run is made of."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync import __version__
from sync.model import ParseOptions
from sync.plan import Policy
from sync.ports import Clock, Source, Tracker
from sync.process.clock import SystemClock
from sync.run.people import People, Person
from sync.run.routes import Destination, Route
from sync.wiring.systems import Host, make_tracker, surroundings, used_trackers

if TYPE_CHECKING:
    from adapters.local.tracker import LocalTracker
    from config.settings import PersonSettings, Settings
    from sync.journal.journal import Journal
    from sync.run.engine import Engine
    from sync.run.summary import Observer
    from sync.wiring.sources import Selection


def load_settings(config: str | None, offline: bool = False) -> Settings:
    """The settings of this call; `offline` for a command that never signs in. Raises SettingsError."""
    from config.load import load

    return load(Path(config) if config else None, os.environ, Path.cwd(), offline)


def parse_options(settings: Settings) -> ParseOptions:
    """What settings change about how documents are understood."""
    items = settings.items
    known = tuple(called for name, entry in settings.people.items() for called in (name, *entry.aliases))
    return ParseOptions(tuple(items.sections), tuple(items.published), items.date_order, items.periods, known)


def local_tracker(settings: Settings) -> LocalTracker:
    """The embedded tracker, as people use it."""
    from adapters.local.settings import LocalSettings
    from adapters.local.system import open_tracker
    from sync.run.summary import Silent

    return open_tracker(settings.of(LocalSettings), surroundings(settings, "local", Silent(), Host(SystemClock())))


def trackers(settings: Settings, observer: Observer, host: Host | None = None) -> dict[str, Tracker]:
    """Every tracker the settings configure; the chosen one first."""
    return {name: tracker(settings, name, observer, host) for name in used_trackers(settings)}


def tracker(settings: Settings, name: str, observer: Observer, host: Host | None = None) -> Tracker:
    """One of them, by its name. Raises SettingsError when there is no such tracker."""
    return make_tracker(settings, name, observer, host or Host(SystemClock(observer.left)))


def people(settings: Settings) -> People:
    """Who the owners in documents are, by `[people]`."""
    systems = settings.systems

    def accounts(name: str, entry: PersonSettings) -> dict[str, str]:
        known = {tracker: entry.account(tracker) for tracker in systems.trackers}
        named = {tracker: name for tracker in systems.trackers if systems.tracker(tracker).by_name}
        return named | {tracker: account for tracker, account in known.items() if account}

    return People([Person(name, accounts(name, entry), entry.aliases) for name, entry in settings.people.items()])


def fingerprint(settings: Settings) -> str:
    """Digest of everything a plan depends on beside documents and tickets; secrets are left out."""
    from config.keys import is_secret

    included: dict[str, Any] = dict.fromkeys(_PLANNING, True)
    for system in settings.systems:
        keys = system.section.model_fields if system.section else {}
        included[system.name] = {key for key, info in keys.items() if not is_secret(info.annotation)}
    dump = settings.model_dump_json(include=included)
    return hashlib.sha256(f"{__version__}\n{dump}".encode()).hexdigest()[:32]


_PLANNING = ("tracker", "sources", "people", "routes", "items", "completion", "limits")


@dataclass(frozen=True, slots=True)
class Call:
    """How this run was called."""

    dry_run: bool = False
    force: bool = False
    explicit: bool = False


@contextmanager
def engine(
    settings: Settings, selection: Selection, call: Call, observer: Observer, journal: Journal | None = None
) -> Iterator[Engine]:
    """An engine with everything wired, given back at the end; `journal` instead of the one in the settings."""
    store = journal or open_state(settings, call.dry_run)
    chosen: dict[str, Tracker] = {}
    clock = SystemClock(observer.left)
    try:
        chosen = trackers(settings, observer)
        yield make_engine(settings, selection.sources, chosen, store, clock, observer, call)
    finally:
        for tracker in chosen.values():
            tracker.close()
        for source in selection.sources.values():
            source.close()
        store.close()


def make_engine(
    settings: Settings,
    sources: Mapping[str, Source],
    chosen: Mapping[str, Tracker],
    journal: Journal,
    clock: Clock,
    observer: Observer,
    call: Call,
) -> Engine:
    """An engine over what is open already; its caller closes that."""
    from sync.run.desired import Resolver
    from sync.run.engine import Engine

    limits = settings.limits
    overrides = {
        name: Destination(source.tracker or settings.tracker, source.project or "")
        for name, source in settings.sources.items()
        if source.tracker or source.project
    }
    routes = [Route(dict(r.match), r.project or "", r.tracker or "") for r in settings.routes]
    return Engine(
        sources=sources,
        trackers=chosen,
        resolver=Resolver(chosen, Destination(settings.tracker, ""), people(settings), routes, overrides),
        journal=journal,
        clock=clock,
        policy=Policy(
            today=clock.now().astimezone().date(),
            require=frozenset(settings.items.require),
            max_age_days=None if call.force else limits.max_age_days,
            explicit=call.explicit,
            unsure=settings.items.unsure,
            on_ticked=settings.completion.on_ticked,
            create_closed=settings.completion.create_closed,
        ),
        options=parse_options(settings),
        fingerprint=fingerprint(settings),
        new_tickets=limits.new_tickets,
        lock_seconds=settings.state.lock_seconds,
        observer=observer,
    )


def open_state(settings: Settings, dry_run: bool = False) -> Journal:
    """The state store of the settings, or for a dry run a copy of it. Raises JournalError."""
    from sync.journal.open import copy_journal, open_journal

    url = state_url(settings)
    return copy_journal(url) if dry_run else open_journal(url)


def state_url(settings: Settings) -> str:
    """Where the state store is; a relative path is relative to sync.toml."""
    url, schema = settings.state.url, settings.state.pg_schema
    if not url.startswith("sqlite:///"):
        return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}" if schema else url
    return f"sqlite:///{settings.root / url.removeprefix('sqlite:///')}"

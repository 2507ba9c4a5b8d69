"""Settings to adapters: the only module that knows both."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sync import __version__
from sync.model import ParseOptions
from sync.plan import Policy
from sync.ports import Clock, RateLimiter, Source, Tracker
from sync.run.people import People, Person
from sync.run.routes import Destination, Route
from sync.telemetry.tracing import watch

if TYPE_CHECKING:
    from adapters.local.tracker import LocalTracker
    from config.settings import Settings
    from sync.journal.journal import Journal
    from sync.run.engine import Engine
    from sync.run.summary import Observer
    from sync.wiring.sources import Selection


NOTICED = 2.0
"""Seconds; shorter waits are not told."""


class SystemClock:
    """The real time.

    Args:
        left: told each second how many are left of a sleep that somebody might notice, and 0 at its end.
    """

    def __init__(self, left: Callable[[float], None] | None = None) -> None:
        self._left = left

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait, and tell each second how many are left."""
        import time

        if self._left is None or seconds <= NOTICED:
            time.sleep(max(0.0, seconds))
            return
        end = time.monotonic() + seconds
        try:
            while (left := end - time.monotonic()) > 0:
                self._left(left)
                time.sleep(min(1.0, left))
        finally:
            self._left(0.0)


def load_settings(config: str | None, offline: bool = False) -> Settings:
    """The settings of this call; `offline` for a command that never signs in. Raises SettingsError."""
    from config.settings import load

    return load(Path(config) if config else None, os.environ, Path.cwd(), offline)


def parse_options(settings: Settings) -> ParseOptions:
    """What settings change about how documents are understood."""
    items = settings.items
    return ParseOptions(tuple(items.sections), tuple(items.published), items.date_order, items.periods)


def state_path(settings: Settings) -> Path:
    """The folder beside which the embedded tracker keeps its file."""
    url = settings.state.url
    if url.startswith("sqlite:///"):
        return (settings.root / url.removeprefix("sqlite:///")).parent
    return settings.root / ".postmortem-sync"


def local_tracker(settings: Settings) -> LocalTracker:
    """The embedded tracker of these settings."""
    from adapters.local.tracker import LocalTracker

    return LocalTracker(local_path(settings), SystemClock(), settings.local.prefix)


def local_path(settings: Settings) -> Path:
    """The embedded tracker's file."""
    path = settings.local.path
    return settings.root / path if path else state_path(settings) / "tickets.db"


def trackers(settings: Settings, observer: Observer, host: Host | None = None) -> dict[str, Tracker]:
    """Every tracker the settings configure; the chosen one first."""
    return {name: tracker(settings, name, observer, host) for name in used_trackers(settings)}


def used_trackers(settings: Settings) -> list[str]:
    """Their names, the chosen one first.

    One that is not chosen is still followed where documents link its tickets, when its credentials are there.
    """
    jira, github = settings.jira, settings.github
    ready = {
        "local": _wants(settings, "local"),
        "jira": _wants(settings, "jira") or bool(jira.base_url and jira.token),
        "github": _wants(settings, "github") or bool(github.token or github.app_id),
    }
    return sorted((name for name in ready if ready[name]), key=lambda name: (name != settings.tracker, name))


def tracker(settings: Settings, name: str, observer: Observer, host: Host | None = None) -> Tracker:
    """One of the configured trackers, by its name."""
    return _MAKERS[name](settings, observer, host or Host(SystemClock(observer.left)))


def _wants(settings: Settings, tracker: str) -> bool:
    named = [source.tracker for source in settings.sources.values()] + [route.tracker for route in settings.routes]
    return tracker == settings.tracker or tracker in named


def _local(settings: Settings, observer: Observer, host: Host) -> Tracker:
    return local_tracker(settings)


def _jira(settings: Settings, observer: Observer, host: Host) -> Tracker:
    from adapters.jira.tracker import JiraTracker

    jira = settings.jira
    return JiraTracker(
        jira.base_url,
        jira.token.get_secret_value() if jira.token else "",
        host.clock,
        email=jira.email,
        deployment=jira.deployment,
        project=jira.project,
        issue_type=jira.issue_type,
        labels=jira.labels,
        fields=jira.fields,
        components=jira.components,
        security_level=jira.security_level,
        wontdo_resolutions=jira.wontdo_resolutions,
        transition_fields=jira.transition_fields,
        mark_key=mark_key(settings, "jira"),
        requests_per_minute=settings.limits.requests_per_minute,
        waiting=observer.waiting,
        rate_limiter=host.rate_limiter(account(settings, "jira")),
        watch=watch(observer, "jira"),
    )


def _github(settings: Settings, observer: Observer, host: Host) -> Tracker:
    from adapters.github.tracker import GitHubTracker

    github = settings.github
    return GitHubTracker(
        github.base_url,
        host.clock,
        token=github.token.get_secret_value() if github.token else "",
        app_id=github.app_id,
        private_key=github.private_key.get_secret_value() if github.private_key else "",
        repository=github.repository,
        labels=github.labels,
        due=github.due,
        due_field=github.due_field,
        milestone=github.milestone,
        issue_type=github.type,
        mark_key=mark_key(settings, "github"),
        requests_per_minute=settings.limits.requests_per_minute,
        waiting=observer.waiting,
        rate_limiter=host.rate_limiter(account(settings, "github")),
        watch=watch(observer, "github"),
    )


_MAKERS = {"local": _local, "jira": _jira, "github": _github}


def account(settings: Settings, name: str) -> str:
    """A name for the account at GitHub or Jira that does not tell which."""
    github, jira = settings.github, settings.jira
    if name == "jira":
        who = (jira.base_url, jira.email, jira.token.get_secret_value() if jira.token else "")
    else:
        who = (github.base_url, github.app_id, github.token.get_secret_value() if github.token else "")
    return hashlib.sha256(f"{name} {' '.join(who)}".lower().encode()).hexdigest()[:32]


def mark_key(settings: Settings, tracker: str) -> str:
    """What signs the marks: state.mark_secret, else made from the tracker's own secret. Never the secret itself."""
    github, jira = settings.github, settings.jira
    secret = settings.state.mark_secret or (jira.token if tracker == "jira" else github.private_key or github.token)
    if secret is None:
        return ""
    return hashlib.sha256(b"postmortem-sync mark\0" + secret.get_secret_value().encode()).hexdigest()


def people(settings: Settings) -> People:
    """Everybody whom the settings name, with their accounts."""

    def accounts(entry: object) -> dict[str, str]:
        return {name: value for name in ("github", "jira", "local") if (value := getattr(entry, name, None))}

    return People([Person(name, accounts(entry), tuple(entry.aliases)) for name, entry in settings.people.items()])


def fingerprint(settings: Settings) -> str:
    """Digest of everything a plan depends on beside documents and tickets; secrets are left out."""
    dump = settings.model_dump_json(include=set(_PLANNING))
    return hashlib.sha256(f"{__version__}\n{dump}".encode()).hexdigest()[:32]


_PLANNING = ("tracker", "sources", "people", "routes", "items", "completion", "limits", "local")


@dataclass(frozen=True, slots=True)
class Host:
    """What the process gives the adapters that it has: the time, and rate limits shared with other processes."""

    clock: Clock
    rate_limiter: Callable[[str], RateLimiter | None] = lambda account: None


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
    store = journal or _journal(settings, call.dry_run)
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


def _journal(settings: Settings, dry_run: bool) -> Journal:
    from sync.journal.open import copy_journal, open_journal

    url = state_url(settings)
    return copy_journal(url) if dry_run else open_journal(url)


def state_url(settings: Settings) -> str:
    """Where the state store is; a relative path is relative to sync.toml."""
    url, schema = settings.state.url, settings.state.pg_schema
    if not url.startswith("sqlite:///"):
        return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}" if schema else url
    return f"sqlite:///{settings.root / url.removeprefix('sqlite:///')}"

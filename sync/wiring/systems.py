"""One tracker or one source, made from its settings by what the registry says of its system."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.system import Surroundings
from sync.marks import key_from
from sync.ports import Clock, RateLimiter, Source, Tracker
from sync.telemetry.tracing import watch

if TYPE_CHECKING:
    from config.settings import Settings, SourceSettings
    from sync.run.summary import Observer


@dataclass(frozen=True, slots=True)
class Host:
    """What the process gives the adapters that it has: the time, and rate limits shared with other processes."""

    clock: Clock
    rate_limiter: Callable[[str], RateLimiter | None] = lambda account: None


def make_tracker(settings: Settings, name: str, observer: Observer, host: Host) -> Tracker:
    """The tracker of that name. Raises SettingsError when there is none."""
    part = settings.systems.tracker(name)
    return part.make(settings.section(name), surroundings(settings, name, observer, host))


def make_source(
    settings: Settings, name: str, source: SourceSettings, observer: Observer, host: Host, commit: bool = False
) -> Source:
    """One source; `commit` as if its settings said so. Raises SettingsError when there is no such kind."""
    part = settings.systems.source(source.kind)
    around = surroundings(settings, source.kind, observer, host, f"source {name}", commit)
    return part.make(name, source.keys_of(part.keys), settings.section(source.kind), around)


def surroundings(
    settings: Settings, system: str, observer: Observer, host: Host, called: str = "", commit: bool = False
) -> Surroundings:
    """What an adapter of that system is given; `called` is its name in traces, that of the system unless given."""
    who = account(settings, system)
    return Surroundings(
        clock=host.clock,
        root=settings.root,
        state=state_path(settings),
        cache=cache_path(settings, os.environ),
        mark_key=mark_key(settings, system),
        requests_per_minute=settings.limits.requests_per_minute,
        waiting=observer.waiting,
        rate_limiter=host.rate_limiter(who) if who else None,
        watch=watch(observer, called or system),
        commit=commit,
    )


def used_trackers(settings: Settings) -> list[str]:
    """Their names, the chosen one first.

    One that is not chosen is still followed where documents link its tickets, when its credentials are there.
    """
    wanted = {settings.tracker, *(source.tracker for source in settings.sources.values())}
    wanted |= {route.tracker for route in settings.routes}
    systems = settings.systems
    ready = [n for n in systems.trackers if n in wanted or systems.tracker(n).ready(settings.section(n))]
    return sorted(ready, key=lambda name: (name != settings.tracker, name))


def folder_of(settings: Settings, source: SourceSettings) -> Path | None:
    """The folder on this machine that holds a source's documents; None when they are read over a network."""
    part = settings.systems.source(source.kind)
    return settings.root / part.folder(source.keys_of(part.keys)) if part.folder else None


def account(settings: Settings, name: str) -> str:
    """A name for the account at a system that does not tell which; "" where there are no accounts."""
    who = settings.systems.system(name).account(settings.section(name))
    return hashlib.sha256(f"{name} {' '.join(who)}".lower().encode()).hexdigest()[:32] if who else ""


def mark_key(settings: Settings, name: str) -> bytes:
    """What signs the marks: made from state.mark_secret, else from the tracker's own secret."""
    part = settings.systems.system(name).tracker
    own = part.signing(settings.section(name)) if part and part.signing else None
    secret = settings.state.mark_secret or own
    return key_from(secret.get_secret_value()) if secret else b""


def state_path(settings: Settings) -> Path:
    """The folder of the state, beside which an embedded tracker keeps its file."""
    url = settings.state.url
    if url.startswith("sqlite:///"):
        return (settings.root / url.removeprefix("sqlite:///")).parent
    return settings.root / ".postmortem-sync"


def cache_path(settings: Settings, environ: Mapping[str, str]) -> Path:
    """Where copies of what was read are kept: beside the journal, or where XDG says when that is no file."""
    home = environ.get("XDG_CACHE_HOME", "")
    if home and not settings.state.url.startswith("sqlite"):
        return Path(home) / "postmortem-sync"
    return state_path(settings) / "cache"

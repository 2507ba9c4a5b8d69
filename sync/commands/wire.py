"""Settings to adapters: the only module that knows both."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sync import __version__
from sync.errors import SettingsError, UsageError
from sync.model import ParseOptions
from sync.people import People, Person
from sync.plan import Policy
from sync.ports import Source, Tracker
from sync.routes import Destination, Route

if TYPE_CHECKING:
    from adapters.trackers.local import LocalTracker
    from config.settings import Settings, SourceSettings
    from sync.engine import Engine
    from sync.journal import Journal
    from sync.summary import Observer


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        import time

        time.sleep(max(0.0, seconds))


def load_settings(config: str | None) -> Settings:
    """The settings of this call. Raises SettingsError."""
    from config.settings import load

    return load(Path(config) if config else None, os.environ, Path.cwd())


def parse_options(settings: Settings) -> ParseOptions:
    items = settings.items
    return ParseOptions(tuple(items.sections), tuple(items.published), items.date_order, items.periods)


@dataclass(slots=True)
class Selection:
    """Documents named by hand: the sources that hold them, and their (source, path) names."""

    sources: dict[str, Source]
    names: list[tuple[str, str]] = field(default_factory=list)
    roots: dict[str, Path] = field(default_factory=dict)
    commit: bool = False


def configured_sources(settings: Settings, commit: bool = False) -> dict[str, Source]:
    """Every source of the settings; `commit` as if they all said so. Raises SettingsError when there is none."""
    if not settings.sources:
        where = str(settings.file) if settings.file else "sync.toml"
        raise SettingsError(
            f"{where}: no source is configured, so there is nothing to sync.",
            'Add one, such as: [sources.docs] kind = "files", path = "docs/postmortems" - or name a file with'
            " --postmortem.",
        )
    return {name: _source(settings, name, source, commit) for name, source in settings.sources.items()}


def _source(settings: Settings, name: str, source: SourceSettings, commit: bool) -> Source:
    if source.kind == "github":
        return _github_source(settings, name, source)
    from adapters.sources.files import FilesSource

    root = settings.root / (source.path or ".")
    return FilesSource(name, root, source.glob, source.exclude, commit=commit or source.commit, url=source.url)


def _github_source(settings: Settings, name: str, source: SourceSettings) -> Source:
    raise SettingsError(f"sources.{name}: kind = github is not wired yet.")


def select(settings: Settings, refs: list[str], commit: bool = False) -> Selection:
    """Find the documents that are named by hand.

    A path under a configured source belongs to it; any other belongs to a source made for it, whose root is the
    git work tree, else the folder of sync.toml, else its own folder.
    """
    configured = {name: _source(settings, name, source, commit) for name, source in settings.sources.items()}
    selection = Selection(dict(configured), commit=commit)
    for ref in refs:
        if urlsplit(ref).scheme in ("http", "https"):
            selection.names.append(_by_url(configured, ref))
        else:
            selection.names.extend(_by_path(settings, selection, Path(ref)))
    selection.names = list(dict.fromkeys(selection.names))
    return selection


def _by_url(configured: Mapping[str, Source], ref: str) -> tuple[str, str]:
    for name, source in configured.items():
        path_of = getattr(source, "path_of", None)
        path = path_of(ref) if path_of else None
        if path:
            return name, path
    raise UsageError(f"{ref}: no configured source holds this page.", "Add its repository as a source in sync.toml.")


def _by_path(settings: Settings, selection: Selection, ref: Path) -> list[tuple[str, str]]:
    if not ref.exists():
        raise UsageError(f"{ref}: there is no such file.", "Check the path; it is relative to the working directory.")
    real = Path(os.path.realpath(ref))
    for name, source in settings.sources.items():
        if source.kind != "files":
            continue
        root = Path(os.path.realpath(settings.root / (source.path or ".")))
        if real.is_relative_to(root):
            return _under(name, selection.sources[name], root, real)
    return _by_itself(settings, selection, real)


def _under(name: str, source: Source, root: Path, real: Path) -> list[tuple[str, str]]:
    inside = real.relative_to(root).as_posix()
    if not real.is_dir():
        return [(name, inside)]
    prefix = "" if inside == "." else inside + "/"
    paths = [path for path in source.paths() if path.startswith(prefix)]
    if not paths:
        raise UsageError(f"{real}: the folder holds no postmortem.", "Name a folder with Markdown files in it.")
    return [(name, path) for path in paths]


def _by_itself(settings: Settings, selection: Selection, real: Path) -> list[tuple[str, str]]:
    from adapters.sources.files import FilesSource, work_tree

    folder = real if real.is_dir() else real.parent
    home = settings.file.parent if settings.file else None
    root = work_tree(folder) or (home if home and real.is_relative_to(home) else folder)
    name = _name_for(selection, root)
    source = selection.sources.setdefault(name, FilesSource(name, root, commit=selection.commit))
    return _under(name, source, root, real)


def _name_for(selection: Selection, root: Path) -> str:
    """The made source's name: none, so that the document keeps its identity wherever the work tree lies."""
    for name, known in selection.roots.items():
        if known == root:
            return name
    name = "" if "" not in selection.roots else root.name
    selection.roots[name] = root
    return name


# --- trackers --------------------------------------------------------------------------------


def state_path(settings: Settings) -> Path:
    """The folder beside which the embedded tracker keeps its file."""
    url = settings.state.url
    if url.startswith("sqlite:///"):
        return (settings.root / url.removeprefix("sqlite:///")).parent
    return settings.root / ".postmortem-sync"


def local_tracker(settings: Settings) -> LocalTracker:
    from adapters.trackers.local import LocalTracker

    local = settings.local
    path = settings.root / local.path if local.path else state_path(settings) / "tickets.db"
    return LocalTracker(path, SystemClock(), local.prefix)


def trackers(settings: Settings, observer: Observer) -> dict[str, Tracker]:
    """Every tracker the settings configure; the chosen one first.

    One that is not chosen is still followed where documents link its tickets, when its credentials are there.
    """
    jira, github = settings.jira, settings.github
    ready = {
        "local": _wants(settings, "local"),
        "jira": _wants(settings, "jira") or bool(jira.base_url and jira.token),
        "github": _wants(settings, "github") or bool(github.token or github.app_id),
    }
    chosen: dict[str, Tracker] = {}
    for name in sorted(ready, key=lambda name: (name != settings.tracker, name)):
        if ready[name]:
            chosen[name] = _MAKERS[name](settings, observer)
    return chosen


def _wants(settings: Settings, tracker: str) -> bool:
    named = [source.tracker for source in settings.sources.values()] + [route.tracker for route in settings.routes]
    return tracker == settings.tracker or tracker in named


def _local(settings: Settings, observer: Observer) -> Tracker:
    return local_tracker(settings)


def _jira(settings: Settings, observer: Observer) -> Tracker:
    from adapters.trackers.jira import JiraTracker

    jira = settings.jira
    return JiraTracker(
        jira.base_url,
        jira.token.get_secret_value() if jira.token else "",
        SystemClock(),
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
    )


def _github(settings: Settings, observer: Observer) -> Tracker:
    from adapters.trackers.github import GitHubTracker

    github = settings.github
    return GitHubTracker(
        github.base_url,
        SystemClock(),
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
    )


_MAKERS = {"local": _local, "jira": _jira, "github": _github}


def mark_key(settings: Settings, tracker: str) -> str:
    """What signs the marks: state.mark_secret, else made from the tracker's own secret. Never the secret itself."""
    github, jira = settings.github, settings.jira
    secret = settings.state.mark_secret or (jira.token if tracker == "jira" else github.private_key or github.token)
    if secret is None:
        return ""
    return hashlib.sha256(b"postmortem-sync mark\0" + secret.get_secret_value().encode()).hexdigest()


def people(settings: Settings) -> People:
    def accounts(entry: object) -> dict[str, str]:
        return {name: value for name in ("github", "jira", "local") if (value := getattr(entry, name, None))}

    return People([Person(name, accounts(entry), tuple(entry.aliases)) for name, entry in settings.people.items()])


def fingerprint(settings: Settings) -> str:
    """Digest of everything a plan depends on beside documents and tickets; secrets are left out."""
    dump = settings.model_dump_json(include=set(_PLANNING))
    return hashlib.sha256(f"{__version__}\n{dump}".encode()).hexdigest()[:32]


_PLANNING = ("tracker", "sources", "people", "routes", "items", "completion", "limits", "local")


@dataclass(frozen=True, slots=True)
class Call:
    """How this run was called."""

    dry_run: bool = False
    force: bool = False
    by_hand: bool = False


@contextmanager
def engine(settings: Settings, selection: Selection, call: Call, observer: Observer) -> Iterator[Engine]:
    """An engine with everything wired, given back at the end."""
    from sync.engine import Engine
    from sync.survey import Surveyor

    store = _journal(settings, call.dry_run)
    chosen: dict[str, Tracker] = {}
    clock = SystemClock()
    try:
        chosen = trackers(settings, observer)
        limits = settings.limits
        yield Engine(
            sources=selection.sources,
            trackers=chosen,
            surveyor=Surveyor(
                chosen,
                Destination(settings.tracker, ""),
                people(settings),
                [Route(dict(r.match), r.project or "", r.tracker or "") for r in settings.routes],
                {
                    name: Destination(source.tracker or settings.tracker, source.project or "")
                    for name, source in settings.sources.items()
                    if source.tracker or source.project
                },
            ),
            journal=store,
            clock=clock,
            policy=Policy(
                today=clock.now().astimezone().date(),
                require=frozenset(settings.items.require),
                max_age_days=None if call.force else limits.max_age_days,
                by_hand=call.by_hand,
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
    finally:
        for tracker in chosen.values():
            tracker.close()
        for source in selection.sources.values():
            source.close()
        store.close()


def _journal(settings: Settings, dry_run: bool) -> Journal:
    from sync.journal import copy_journal, open_journal

    url = settings.state.url
    if url.startswith("sqlite:///"):
        url = f"sqlite:///{settings.root / url.removeprefix('sqlite:///')}"
    return copy_journal(url) if dry_run else open_journal(url)

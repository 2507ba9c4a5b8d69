"""`sync doctor`: is the configuration usable? Each finding with its cure. It writes nothing but seals, if asked to."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sync.commands.arguments import common, examples
from sync.errors import SettingsError, StopRun, SyncError
from sync.journal.doctor import examine_state
from sync.model import Finding, Owner, OwnerKind
from sync.ports import Tracker
from sync.process.clock import SystemClock
from sync.process.logs import configure
from sync.process.redaction import Redactor
from sync.process.terminal import Terminal, clean, plural
from sync.run.terminal import TerminalObserver
from sync.wiring.engine import open_state, people, state_url, tracker
from sync.wiring.systems import Host, surroundings, used_trackers

if TYPE_CHECKING:
    from config.settings import Settings
    from sync.run.summary import Observer

COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}
DEAD = frozenset({"credentials", "server", "repository", "project"})
"""Checks of a tracker without which nobody can be looked for."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A finding about one part of the configuration: the settings, the state, a source, a tracker."""

    part: str
    finding: Finding

    @property
    def status(self) -> str:
        """How it is called in `--json`: "ok", "warning" or "error"."""
        if self.finding.well:
            return "ok"
        return "error" if self.finding.serious else "warning"


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(
        f"{prog} doctor", f"{prog} doctor --json --quiet", f"{prog} doctor --seal    before the account is replaced"
    )
    parser.add_argument(
        "--seal",
        action="store_true",
        default=False,
        help="also seal every mark on a ticket, so that it counts for another account of ours as well",
    )
    common(parser)


def doctor(options: argparse.Namespace) -> int:
    """`sync doctor`: tell whether settings, state, sources, trackers and people can be used.

    Returns:
        0 when all is well, 1 when something is worth a look, 2 when something cannot work.
    """
    settings, findings = _settings(options.config)
    terminal = Terminal(as_json=options.json, quiet=options.quiet, verbose=options.verbose)
    hide = Redactor(settings.secrets() if settings else ())
    if settings:
        log = settings.log
        configure(log.level, log.format, settings.secrets(), verbose=options.verbose, quiet=options.quiet)
    counts = dict.fromkeys(COLOURS, 0)
    shown = ""
    observer = TerminalObserver(terminal, dry_run=True, bar=False)
    for examined in _everything(settings, findings, observer, options.seal):
        counts[examined.status] += 1
        if terminal.as_json or examined.status != "ok" or not terminal.quiet:
            shown = _show(terminal, examined, hide, shown)
    if terminal.as_json:
        terminal.json({"ok": counts["ok"], "warnings": counts["warning"], "errors": counts["error"]})
    elif not terminal.quiet:
        words = [f"{counts['ok']} ok", f"{counts['warning']} to look at", f"{counts['error']} to repair"]
        terminal.line(" · ".join(words))
    return 2 if counts["error"] else 1 if counts["warning"] else 0


def _show(terminal: Terminal, examined: Examined, hide: Redactor, shown: str) -> str:
    finding = examined.finding
    detail, cure = hide.text(finding.detail), hide.text(finding.cure)
    if terminal.as_json:
        value = {
            "part": examined.part,
            "check": finding.what,
            "status": examined.status,
            "detail": detail,
            "cure": cure,
        }
        terminal.json(value)
        return examined.part
    if examined.part != shown:
        terminal.line(terminal.paint(clean(examined.part), "bold"))
    status = terminal.paint(f"{examined.status:<8}", COLOURS[examined.status])
    terminal.line(f"  {status} {finding.what:<12} {clean(detail)}".rstrip())
    if cure:
        terminal.line(f"  {'':<8} {'':<12} → {clean(cure)}")
    return examined.part


# --- what is looked at -----------------------------------------------------------------------


def _everything(
    settings: Settings | None, findings: list[Finding], observer: Observer, seals: bool
) -> Iterator[Examined]:
    yield from (Examined("settings", finding) for finding in findings)
    if settings is None:
        return
    yield from _part("settings", partial(_secrets, settings))
    yield from _part("settings", partial(_aliases, settings))
    yield from _part("state", partial(examine_state, state_url(settings)))
    yield from _sources(settings, observer)
    for name in used_trackers(settings):
        usable = True
        for examined in _part(f"tracker {name}", partial(_tracker, settings, name, observer)):
            usable &= examined.status != "error"
            yield examined
        if seals and usable:
            yield from _part(f"tracker {name}", partial(_seal, settings, name, observer))


def _part(part: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Examined]:
    """Whatever breaks while one part is looked at is a finding about it, and no reason to leave out the others."""
    try:
        for finding in look():
            yield Examined(part, finding)
    except SyncError as error:
        yield Examined(part, Finding("usable", False, detail=error.message, cure=error.cure))
    except OSError as error:
        detail = f"{error.filename or 'it'}: {error.strerror or type(error).__name__}"
        yield Examined(
            part, Finding("usable", False, detail=detail, cure="Make it accessible to the account that runs sync.")
        )


def _settings(config: str | None) -> tuple[Settings | None, list[Finding]]:
    """The settings, without what is wrong where they can do without it, and a finding for each mistake."""
    from config.load import load

    mistakes: list[str] = []
    cure = "Correct it in sync.toml, the variable or the secret file; docs/configuration.md lists every key."
    try:
        settings = load(Path(config) if config else None, os.environ, Path.cwd(), mistakes=mistakes)
    except SettingsError as error:
        lines = error.message.splitlines()
        return None, [Finding("usable", False, detail=line, cure=error.cure or cure) for line in lines]
    where = str(settings.file) if settings.file else "no sync.toml here: the defaults, and SYNC_ variables"
    found = [Finding("usable", False, detail=line, cure=cure) for line in mistakes]
    return settings, [Finding("file", True, detail=where), *found]


def _secrets(settings: Settings) -> Iterator[Finding]:
    if settings.file and os.stat(settings.file).st_mode & 0o077:
        text = settings.file.read_text("utf-8", "replace")
        if any(secret in text for secret in settings.secrets()):
            detail = f"{settings.file} holds a secret, and others may read it"
            cure = f"chmod 600 {settings.file} - or better, keep it in a variable or in a file of secrets_dir."
            yield Finding("secrets", False, False, detail, cure)
    signed = [name for name in used_trackers(settings) if settings.systems.tracker(name).signing]
    if signed and not settings.state.mark_secret:
        detail = (
            "marks on tickets are signed with a key made from the token: after a new token, those on tickets that"
            " people created count no more, and for another account none counts on a ticket that no document links"
        )
        cure = "Set SYNC_STATE__MARK_SECRET, and call `sync doctor --seal` before the account is replaced."
        yield Finding("marks", True, detail=detail, cure=cure)
    elif signed:
        detail = "marks on tickets are signed with state.mark_secret: a new token changes nothing"
        yield Finding("marks", True, detail=f"{detail}; before the account is replaced, call `sync doctor --seal`")


def _aliases(settings: Settings) -> Iterator[Finding]:
    known = people(settings)
    for name, entry in settings.people.items():
        for words in (name, *entry.aliases):
            found = known.find(Owner(words, OwnerKind.NAME), settings.tracker)
            if found.owner is None and "may be" in found.why:
                yield Finding("people", False, False, found.why, "An owner written so is nobody until they do.")


def _sources(settings: Settings, observer: Observer) -> Iterator[Examined]:
    from sync.wiring.sources import configured_sources, make_source

    if not settings.sources:
        try:
            configured_sources(settings, observer)
        except SettingsError as error:
            yield Examined("sources", Finding("sources", False, False, error.message, error.cure))

    def look(name: str) -> Iterator[Finding]:
        source = make_source(settings, name, settings.sources[name], observer)
        try:
            yield from source.check()
        finally:
            source.close()

    for name in settings.sources:
        yield from _part(f"source {name}", partial(look, name))


def _tracker(settings: Settings, name: str, observer: Observer) -> Iterator[Finding]:
    part = settings.systems.tracker(name)
    if part.examine:
        around = surroundings(settings, name, observer, Host(SystemClock(observer.left)))
        yield from part.examine(settings.section(name), around)
        return
    opened = tracker(settings, name, observer)
    projects = list(dict.fromkeys(_canonical(opened, project) for project in _projects(settings, name)))
    seen: set[Finding] = set()
    try:
        if not projects and _canonical(opened, "") == "":
            detail = "no project is set: no tickets are made there, those that documents link are followed"
            yield Finding("project", True, detail=detail)
            return
        for project in projects or [""]:
            dead = False
            for finding in opened.check(project):
                if not projects:
                    # Nothing is created there; its tickets are only followed.
                    finding = replace(finding, serious=False)
                dead |= not finding.well and finding.what in DEAD
                if finding not in seen:
                    yield finding
                seen.add(finding)
            if projects and not dead:
                yield from _people(settings, opened, project)
    finally:
        opened.close()


def _seal(settings: Settings, name: str, observer: Observer) -> Iterator[Finding]:
    """Seal the marks in one tracker, alone at work on this state."""
    from sync.run.seal import seal

    if settings.systems.tracker(name).signing and not settings.state.mark_secret:
        detail = "nothing was sealed: without state.mark_secret a seal ends with the token that it was made with"
        cure = "Set SYNC_STATE__MARK_SECRET to a long random text, keep it for good, and call this again."
        yield Finding("seal", False, detail=detail, cure=cure)
        return
    opened = tracker(settings, name, observer)
    store = open_state(settings)
    try:
        projects = {_canonical(opened, project) for project in _projects(settings, name)} | {*store.projects(name)}
        with store.exclusive("run", settings.state.lock_seconds):
            done = seal(opened, sorted(projects), store)
    finally:
        store.close()
        opened.close()
    words = [f"{plural(done.sealed, 'mark')} sealed now", f"{done.before} sealed before"]
    if done.unmarked:
        words.append(f"{done.unmarked} under our label without a mark that counts, which runs write where a document")
        words[-1] += " links the ticket"
    yield Finding("seal", True, detail=", ".join(words))
    for why in done.failed:
        yield Finding("seal", False, False, why, "Call `sync doctor --seal` again before the account is replaced.")


def _projects(settings: Settings, name: str) -> list[str]:
    """The projects of a tracker in which tickets may be made; "" stands for the one configured with the tracker."""
    named = [(source.tracker or settings.tracker, source.project) for source in settings.sources.values()]
    trackers = {used for used, _ in named} or {settings.tracker}
    named = named or [(settings.tracker, "")]
    for route in settings.routes:
        named += [(used, route.project) for used in ([route.tracker] if route.tracker else sorted(trackers))]
    return sorted({project for used, project in named if used == name})


def _canonical(opened: Tracker, project: str) -> str:
    """A project's name as the tracker spells it; unchanged when it has none, which its check tells."""
    try:
        return opened.project_of(project)
    except SettingsError:
        return project


def _people(settings: Settings, opened: Tracker, project: str) -> Iterator[Finding]:
    """Whether everyone who is listed can be assigned."""
    known = people(settings)
    where = opened.project_of(project)
    able = 0
    for name in settings.people:
        wanted = known.find(Owner(name, OwnerKind.NAME), opened.name)
        if wanted.owner is None:
            if "may be" not in wanted.why:
                yield Finding("people", False, False, wanted.why, "Their items stay unassigned until then.")
            continue
        try:
            found = opened.accounts(wanted.owner, where)
        except StopRun:
            raise
        except SyncError as error:
            yield Finding("people", False, False, f"{name}: {error.message}", error.cure)
            continue
        able += found.one is not None
        if found.one is None:
            candidates = ", ".join(account.name or account.id for account in found.matches)
            detail = f"{name} ({wanted.owner.text}) cannot be assigned in {where}: {found.why or candidates}"
            cure = f"Correct people.{name}.{opened.name}, or let the account be assigned there."
            yield Finding("people", False, False, detail, cure)
    if settings.people:
        total = len(settings.people)
        yield Finding("people", True, detail=f"{able} of {total} can be assigned in {where}")

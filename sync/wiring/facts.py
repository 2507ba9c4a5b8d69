"""The facts that reports and reminders are made of: from the journal, or from documents and trackers as they are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sync.errors import SourceError
from sync.journal.journal import Journal
from sync.journal.open import copy_journal, open_journal
from sync.ports import Source
from sync.process.terminal import Terminal
from sync.report.facts import Facts
from sync.report.history import Look, Past, from_journal, past
from sync.run.engine import Request
from sync.run.summary import DocumentReport
from sync.run.terminal import TerminalObserver
from sync.wiring.engine import Call, engine, state_url
from sync.wiring.sources import Selection, configured_sources, make_source
from sync.wiring.systems import folder_of

if TYPE_CHECKING:
    from config.settings import Settings


def gather(settings: Settings, terminal: Terminal, now: bool) -> tuple[Facts, Past]:
    """Facts, and what happened before.

    Args:
        now: read documents and trackers, though there is a journal. Without one they are read anyway.
    """
    with_history, tickets = Past(), []
    if has_journal(settings):
        journal = reading_journal(settings)
        try:
            with_history = past(journal.history())
            tickets = [] if now else list(journal.every_ticket())
        finally:
            journal.close()
    names = called(settings)
    if with_history.records and not now:
        return from_journal(with_history, tickets, names, _present(settings, terminal)), with_history
    return _look(settings, terminal).facts(with_history, names), with_history


def facts_of_last_run(settings: Settings, terminal: Terminal, journal: Journal) -> Facts:
    """Facts as of the last run, out of an open journal."""
    return from_journal(past(journal.history()), journal.every_ticket(), called(settings), _present(settings, terminal))


def has_journal(settings: Settings) -> bool:
    """Whether there is a state store to read; none is made."""
    url = state_url(settings)
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).is_file()


def reading_journal(settings: Settings) -> Journal:
    """A journal that is only read: of a file, a copy, so that a run is neither waited for nor kept waiting."""
    url = state_url(settings)
    return copy_journal(url) if url.startswith("sqlite:///") else open_journal(url)


def called(settings: Settings) -> dict[tuple[str, str], str]:
    """What people are called, by (tracker, account), as `[people]` says."""
    names: dict[tuple[str, str], str] = {}
    for name, person in settings.people.items():
        for tracker in settings.systems.trackers:
            account = person.account(tracker).lstrip("@")
            if account:
                names[tracker, settings.systems.tracker(tracker).spelled(account)] = name
    return names


def _present(settings: Settings, terminal: Terminal) -> dict[str, frozenset[str]]:
    """The documents of the sources that can be listed without a network."""
    found: dict[str, frozenset[str]] = {}
    observer = TerminalObserver(terminal, True, bar=False)
    for name, wanted in settings.sources.items():
        if folder_of(settings, wanted) is None:
            continue
        source = make_source(settings, name, wanted, observer)
        try:
            found[name] = frozenset(source.paths())
        except SourceError as error:
            print(f"{error} What is remembered of its documents is counted.", file=sys.stderr)
        finally:
            source.close()
    return found


class _Watching(TerminalObserver):
    """Shows the progress of a dry run, and keeps what it finds instead of printing it."""

    def __init__(self, terminal: Terminal) -> None:
        bar = sys.stderr.isatty() and terminal.interactive and not (terminal.quiet or terminal.as_json)
        super().__init__(terminal, dry_run=True, bar=bar)
        self.look = Look()
        self.sources: dict[str, Source] = {}

    def document(self, report: DocumentReport) -> None:
        source = self.sources.get(report.source)
        self.look.add(report, source.url(report.path) if source else "")


def _look(settings: Settings, terminal: Terminal) -> Look:
    """Plan every document on an empty journal, and write nothing."""
    observer = _Watching(terminal)
    observer.sources = configured_sources(settings, observer)
    call = Call(dry_run=True, force=True)
    try:
        with engine(settings, Selection(observer.sources), call, observer, copy_journal("sqlite://")) as wired:
            wired.run(Request(dry_run=True, force=True))
    finally:
        observer.ended()
    return observer.look

"""`sync remind`: a comment on each overdue ticket, at most once in a period."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sync.commands.arguments import common, examples
from sync.digest.remind import Overdue, Reminding
from sync.errors import LimitReached, SettingsError
from sync.journal.open import open_journal
from sync.ports import Tracker
from sync.process.clock import SystemClock
from sync.process.logs import configure
from sync.process.terminal import Terminal, clean, plural
from sync.run.terminal import TerminalObserver
from sync.wiring.engine import load_settings, state_url, trackers
from sync.wiring.facts import gather

if TYPE_CHECKING:
    from config.settings import Settings


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(f"{prog} remind --dry-run", f"{prog} remind")
    common(parser)
    parser.add_argument("--dry-run", action="store_true", help="say which tickets, comment on none")
    parser.add_argument("--force", action="store_true", help="go past limits.new_tickets, which bounds comments too")


def remind(options: argparse.Namespace) -> int:
    """`sync remind`: leave a comment on each overdue ticket.

    Returns:
        0; 1 when a comment failed or something could not be read; 3 when a limit stopped it.
    """
    settings = load_settings(options.config)
    configure(settings.log.level, settings.log.format, settings.secrets(), verbose=options.verbose, quiet=options.quiet)
    terminal = Terminal(as_json=options.json, quiet=options.quiet, verbose=options.verbose)
    if not (settings.remind.enabled or options.dry_run):
        raise SettingsError(
            "Reminders are switched off.", "Set remind.enabled = true in sync.toml; --dry-run shows what they would do."
        )
    one = _Round(settings, terminal, options)
    try:
        return one.look() if options.dry_run else one.carry_out()
    finally:
        one.close()


class _Round:
    """One call, from the facts to the last comment."""

    def __init__(self, settings: Settings, terminal: Terminal, options: argparse.Namespace) -> None:
        self._settings = settings
        self._terminal = terminal
        self._options = options
        self._opened: list[Tracker] = []
        self._figures = {"overdue": 0, "reminded": 0, "before": 0, "failed": 0}

    def look(self) -> int:
        """Say what would be done."""
        _, entries = self._entries()
        for entry in entries:
            self._tell(entry, entry.error)
        return self._end()

    def carry_out(self) -> int:
        journal = open_journal(state_url(self._settings))
        try:
            # One at a time: two could both look before either has written.
            with journal.exclusive("remind", self._settings.state.lock_seconds):
                reminding, entries = self._entries()
                self._check_limit(entries)
                for entry in entries:
                    self._tell(entry, entry.error or (reminding.remind(entry, journal) if entry.wanted else ""))
        finally:
            journal.close()
        return self._end()

    def close(self) -> None:
        for tracker in self._opened:
            tracker.close()

    def _entries(self) -> tuple[Reminding, list[Overdue]]:
        observer = TerminalObserver(self._terminal, self._options.dry_run, bar=False)
        facts, past = gather(self._settings, self._terminal, now=False)
        for error in facts.failed:
            self._figures["failed"] += 1
            self._say(f"! not looked at: {error}", "red", {"error": error})
        chosen = trackers(self._settings, observer)
        self._opened = list(chosen.values())
        every = timedelta(days=self._settings.remind.every_days)
        reminding = Reminding(chosen, SystemClock(observer.left), every, date.today())
        entries = list(reminding.look(facts.items, past.reminded))
        self._figures["overdue"] = len(entries)
        return reminding, entries

    def _check_limit(self, entries: Sequence[Overdue]) -> None:
        wanted, limit = sum(entry.wanted for entry in entries), self._settings.limits.new_tickets
        if wanted > limit and not self._options.force:
            raise LimitReached(
                f"This would leave {wanted} comments, and limits.new_tickets is {limit}. Nothing was written.",
                "Look at them with --dry-run; then pass --force.",
            )

    def _tell(self, entry: Overdue, error: str) -> None:
        what = "failed" if error else "before" if entry.before else "reminded"
        self._figures[what] += 1
        late = f"due {entry.due}, {plural(entry.days, 'day')} late"
        name = f"{entry.ref.key}  {late}: {entry.title}"
        words, colour = {
            "failed": (f"! {entry.ref.key}: {error}", "red"),
            "before": (f"= {name} (reminded of within {plural(self._settings.remind.every_days, 'day')})", "dim"),
            "reminded": (f"+ {name}", "green"),
        }[what]
        if what != "before" or self._terminal.verbose or self._terminal.as_json:
            values: dict[str, object] = {
                "ticket": entry.ref.key,
                "title": entry.title,
                "due": entry.due,
                "days": entry.days,
            }
            self._say(words, colour, values | {"action": what, "error": error}, quiet=what != "failed")

    def _say(self, words: str, colour: str, values: dict[str, object], quiet: bool = False) -> None:
        if self._terminal.as_json:
            self._terminal.json(values)
        elif not (quiet and self._terminal.quiet):
            self._terminal.line(self._terminal.paint(clean(words), colour))

    def _end(self) -> int:
        figures = self._figures
        if self._terminal.as_json:
            self._terminal.json(figures)
        elif not self._terminal.quiet:
            verb = "would be reminded of" if self._options.dry_run else "reminded of"
            parts = [f"{figures['overdue']} overdue", f"{figures['reminded']} {verb}"]
            parts += [f"{figures['before']} reminded of before"] if figures["before"] else []
            parts += [f"{figures['failed']} failed"] if figures["failed"] else []
            self._terminal.line(" · ".join(parts))
        return 1 if figures["failed"] else 0

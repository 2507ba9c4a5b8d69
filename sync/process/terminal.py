"""What people read: lines, tables and progress on a terminal, plain and stable lines when piped."""

from __future__ import annotations

import difflib
import json
import re
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from sync.model import Action, ActionItem, Outcome, State, Ticket
from sync.process.logs import log
from sync.run.summary import DocumentReport, Summary

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MARKS = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.ADOPT: ("@", "cyan"),
    Action.UNCHANGED: ("=", "dim"),
    Action.FOLLOW: ("=", "dim"),
    Action.SKIP: ("-", "dim"),
    Action.FAIL: ("!", "red"),
}
_NEWS = {
    State.OPEN: ("o", "yellow", "reopened"),
    State.DONE: ("x", "green", "done"),
    State.WONTDO: ("x", "yellow", "won't do"),
}
_CODES = {"green": "32", "yellow": "33", "cyan": "36", "red": "31", "dim": "2", "bold": "1"}


def clean(text: str) -> str:
    """Text of a document or a tracker without anything that steers a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def plural(number: int, noun: str) -> str:
    """`1 item`, `2 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class Terminal:
    """Prints results. Colour, tables and progress only where a person looks.

    Args:
        as_json: one JSON document a line instead of words.
        quiet: only what needs a person.
        verbose: unchanged items too.
    """

    def __init__(
        self,
        out: TextIO | None = None,
        as_json: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        colour: bool | None = None,
    ) -> None:
        self._out = out
        self.as_json = as_json
        self.quiet = quiet
        self.verbose = verbose
        self.interactive = self.out.isatty()
        self.colour = self.interactive if colour is None else colour

    @property
    def out(self) -> TextIO:
        """Where results go. Looked up each time: a progress bar puts itself in between while it is shown."""
        return self._out or sys.stdout

    def paint(self, text: str, colour: str) -> str:
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.colour else text

    def line(self, text: str = "") -> None:
        print(text, file=self.out)

    def json(self, value: Any) -> None:
        print(json.dumps(value, ensure_ascii=False, default=str), file=self.out)

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table that fits the terminal; piped, one line a row with every word kept."""
        cells = [[clean(cell).replace("\n", " ") for cell in row] for row in rows]
        if not self.interactive:
            widths = [max(len(row[i]) for row in [list(headers), *cells]) for i in range(len(headers))]
            for row in [list(headers), *cells]:
                self.line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
            return
        from rich.box import SIMPLE
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        grid = Table(box=SIMPLE, header_style="bold", pad_edge=False)
        for header in headers:
            grid.add_column(header, overflow="fold", no_wrap=header in ("line", "due", "state", "ticket", "key"))
        for row in cells:
            grid.add_row(*(Text(cell) for cell in row))
        Console(file=self.out).print(grid)

    # runs

    def report(self, report: DocumentReport, dry_run: bool) -> None:
        """One document of a run."""
        if self.as_json:
            self.json(report_to_json(report, dry_run))
            return
        body = self._body(report, dry_run)
        if not body:
            return
        title = f"  {clean(report.title)}" if report.title else ""
        self.line(self.paint(clean(report.path) or report.source, "bold") + title)
        for text in body:
            self.line(text)
        self.line()

    def _body(self, report: DocumentReport, dry_run: bool) -> list[str]:
        lines = [self.paint(f"  ! {clean(error)}", "red") for error in report.errors]
        if report.skipped and not self.quiet:
            lines.append(self.paint(f"  - skipped: {clean(report.skipped)}", "dim"))
        for outcome in report.outcomes:
            lines += self._outcome(report, outcome)
        for ticket in report.plan.orphans if report.plan else ():
            words = f"  ? {ticket.ref.key} has no action item any more; the ticket stays: {clean(ticket.title)}"
            lines.append(self.paint(words, "yellow"))
        for twin in report.plan.twins if report.plan else ():
            words = f"  ~ {twin.younger.ref.key} is closed as a duplicate of {twin.older.ref.key}"
            lines.append(self.paint(words, "yellow"))
        for warning in report.postmortem.warnings if report.postmortem else ():
            where = f"line {warning.line}: " if warning.line else ""
            lines.append(self.paint(f"  ? {where}{clean(warning.message)}", "yellow"))
        remembered = report.remembered if self.verbose else [text for text in report.remembered if "conflict" in text]
        lines += [self.paint(f"  ? {clean(text)}", "yellow") for text in remembered]
        if report.after != report.before and not self.quiet:
            if dry_run or self.verbose:
                lines += [*self._diff(report)]
            if not dry_run:
                lines.append(f"  document written back{': ' + report.where if report.where else ''}")
        return lines

    def _outcome(self, report: DocumentReport, outcome: Outcome) -> list[str]:
        assert report.postmortem is not None
        item = report.postmortem.items[outcome.change.index]
        ticket = outcome.ticket
        news = ticket is not None and outcome.change.show_state and ticket.state is not item.state
        needs_eye = bool(outcome.change.conflicts or outcome.notes or outcome.error)
        quiet_action = outcome.action in (Action.UNCHANGED, Action.FOLLOW)
        if not needs_eye and (self.quiet or (quiet_action and not self.verbose and not news)):
            return []
        mark, colour = _MARKS[outcome.action]
        verb = outcome.action.value
        if ticket and news and quiet_action:
            mark, colour, verb = _NEWS[ticket.state]
        name = f" [{ticket.ref.key}]" if ticket else ""
        text = textwrap.shorten(clean(item.text), 90, placeholder="…")
        lines = [self.paint(f"  {mark} {verb:<9} line {item.line}: ", colour) + text + name]
        if outcome.action is Action.CREATE and outcome.change.wish:
            wish = outcome.change.wish
            facts = f"owner {', '.join(wish.assignees) or 'nobody'}, due {wish.due or 'not stated'}"
            lines.append(self.paint(f"      {clean(facts)}", "dim"))
        elif not outcome.error:
            lines += [self.paint(f"      {clean(reason)}", "dim") for reason in outcome.change.reasons]
        lines += [self.paint(f"      conflict: {clean(str(c))}", "red") for c in outcome.change.conflicts]
        lines += [self.paint(f"      {clean(note)}", "yellow") for note in outcome.notes]
        if outcome.error:
            lines.append(self.paint(f"      {clean(outcome.error)}", "red"))
        return lines

    def _diff(self, report: DocumentReport) -> list[str]:
        lines: list[str] = []
        for text in diff(report):
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(text[:1], "")
            shown = "    " + clean(text)
            lines.append(self.paint(shown, colour) if colour else shown)
        return lines

    def summary(self, summary: Summary, dry_run: bool, metrics: Mapping[str, object] | None = None) -> None:
        """The last thing a run prints; `metrics` go into its JSON only."""
        if self.as_json:
            self.json(summary.to_json() | ({"metrics": metrics} if metrics else {}))
            return
        needs_eye = summary.failed or summary.conflicts
        if self.quiet and not needs_eye:
            return
        words = [plural(summary.postmortems, "postmortem"), plural(summary.items, "item")]
        figures = (
            ("created", summary.created),
            ("updated", summary.updated),
            ("adopted", summary.adopted),
            ("unchanged", summary.unchanged),
            ("skipped", summary.skipped),
        )
        words += [f"{number} {name}" for name, number in figures if number]
        if summary.written_back:
            words.append(plural(summary.written_back, "document") + " written back")
        for name, number in (("conflicts", summary.conflicts), ("failed", summary.failed)):
            if number:
                words.append(self.paint(f"{number} {name}", "red"))
        prefix = "plan: " if dry_run else ""
        self.line(f"{prefix}{' · '.join(words)} · {summary.seconds:.1f} s")
        if dry_run:
            self.line(self.paint("nothing was written", "dim"))


def diff(report: DocumentReport) -> list[str]:
    """The write-back as a unified diff, line endings aside."""
    before = report.before.decode("utf-8", "replace").splitlines()
    after = report.after.decode("utf-8", "replace").splitlines()
    return list(difflib.unified_diff(before, after, report.path, report.path, lineterm="", n=1))


def report_to_json(report: DocumentReport, dry_run: bool) -> dict[str, Any]:
    """One document of a run as a JSON object."""
    value: dict[str, Any] = {"path": report.path, "source": report.source, "title": report.title}
    items = report.postmortem.items if report.postmortem else ()
    value["items"] = [_outcome_to_json(items[outcome.change.index], outcome) for outcome in report.outcomes]
    value["skipped"] = report.skipped
    value["errors"] = report.errors
    value["orphans"] = [ticket.ref.key for ticket in report.plan.orphans] if report.plan else []
    warnings = report.postmortem.warnings if report.postmortem else ()
    value["warnings"] = [{"line": warning.line, "message": warning.message} for warning in warnings]
    value["remembered"] = report.remembered
    value["written_back"] = report.after != report.before and not dry_run
    if dry_run:
        value["diff"] = "\n".join(diff(report))
    return value


def _outcome_to_json(item: ActionItem, outcome: Outcome) -> dict[str, Any]:
    ticket: Ticket | None = outcome.ticket
    return {
        "line": item.line,
        "text": item.text,
        "action": outcome.action.value,
        "ticket": ticket.ref.key if ticket else None,
        "url": ticket.url if ticket else None,
        "state": ticket.state.value if ticket else None,
        "reasons": list(outcome.change.reasons),
        "conflicts": [str(conflict) for conflict in outcome.change.conflicts],
        "notes": list(outcome.notes),
        "error": outcome.error,
    }


class TerminalObserver:
    """Shows a run as it goes: documents as they finish, a progress bar when it is long and somebody looks."""

    LONG = 50

    def __init__(self, terminal: Terminal, dry_run: bool, bar: bool) -> None:
        self._terminal = terminal
        self._dry_run = dry_run
        self._wanted = bar
        self._total = 0
        self._progress: Any = None
        self._task: Any = None
        self._why = "for its turn"
        self._counting = False
        self._counts = terminal.interactive and sys.stderr.isatty() and not terminal.quiet

    def began(self, documents: int) -> None:
        self._total += documents
        if not self._wanted or self._total < self.LONG:
            return
        if self._progress is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            words = TextColumn("{task.description}", markup=False)
            columns = (words, BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
            self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._progress.add_task("postmortems", total=self._total)
            self._progress.start()
        self._progress.update(self._task, total=self._total)

    def advanced(self, documents: int) -> None:
        if self._progress is not None:
            self._progress.advance(self._task, documents)

    def document(self, report: DocumentReport) -> None:
        self._terminal.report(report, self._dry_run)

    def waiting(self, why: str, seconds: float) -> None:
        self._why = clean(why).rstrip(".")
        if not self._counts:
            log().info("waiting", why=self._why, seconds=round(seconds, 1))
        elif not seconds:
            self._count(f"waiting: {self._why}")

    def left(self, seconds: float) -> None:
        if self._counts:
            words = f"waiting: {self._why}, {seconds // 60:.0f}:{seconds % 60:02.0f}" if seconds else ""
            self._count(words)

    def _count(self, words: str) -> None:
        if self._progress is not None:
            self._progress.update(self._task, description=words or "postmortems", refresh=True)
        elif words or self._counting:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[2K{words[:width]}", end="", file=sys.stderr, flush=True)
        self._counting = bool(words)

    def ended(self) -> None:
        if self._progress is not None:
            self._progress.stop()

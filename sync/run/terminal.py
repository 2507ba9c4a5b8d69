"""A run as people and scripts see it: a report of each document, progress, and the summary."""

from __future__ import annotations

import difflib
import shutil
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

from sync.journal.questions import Question
from sync.model import Action, ActionItem, Outcome, State, Ticket
from sync.process.logs import log
from sync.process.terminal import Terminal, clean, plural
from sync.run.questions import TICKET, choices, option, ways
from sync.run.summary import DocumentReport, Summary

_MARKS = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.ADOPT: ("@", "cyan"),
    Action.UNCHANGED: ("=", "dim"),
    Action.FOLLOW: ("=", "dim"),
    Action.HOLD: ("?", "yellow"),
    Action.SKIP: ("-", "dim"),
    Action.FAIL: ("!", "red"),
}
MOST_QUESTIONS = 20
"""At the end of a run so many are shown with their answers; `sync resolve` lists all."""

_NEWS = {
    State.OPEN: ("o", "yellow", "reopened"),
    State.DONE: ("x", "green", "done"),
    State.WONTDO: ("x", "yellow", "won't do"),
}


def print_report(terminal: Terminal, report: DocumentReport, dry_run: bool) -> None:
    """One document of a run."""
    if terminal.as_json:
        terminal.json(report_to_json(report, dry_run))
        return
    body = _body(terminal, report, dry_run)
    if not body:
        return
    title = f"  {clean(report.title)}" if report.title else ""
    terminal.line(terminal.paint(clean(report.path) or report.source, "bold") + title)
    for text in body:
        terminal.line(text)
    terminal.line()


def _body(terminal: Terminal, report: DocumentReport, dry_run: bool) -> list[str]:
    lines = [terminal.paint(f"  ! {clean(error)}", "red") for error in report.errors]
    if report.skipped and not terminal.quiet:
        lines.append(terminal.paint(f"  - skipped: {clean(report.skipped)}", "dim"))
    for outcome in report.outcomes:
        lines += _outcome(terminal, report, outcome)
    for ticket in report.plan.orphans if report.plan else ():
        words = f"  ? {ticket.ref.key} has no action item any more; the ticket stays: {clean(ticket.title)}"
        lines.append(terminal.paint(words, "yellow"))
    for twin in report.plan.twins if report.plan else ():
        closed = f"  ~ {twin.younger.ref.key} is closed as a duplicate of {twin.older.ref.key}"
        words, colour = (f"  ? {clean(str(twin))}", "red") if twin.kept else (closed, "yellow")
        lines.append(terminal.paint(words, colour))
    for ticket in report.plan.copies if report.plan else ():
        words = f"  ? {ticket.ref.key} carries a copy of another ticket's mark, which is ignored"
        lines.append(terminal.paint(f"{words}: {clean(ticket.title)}", "yellow"))
    for warning in report.postmortem.warnings if report.postmortem else ():
        where = f"line {warning.line}: " if warning.line else ""
        lines.append(terminal.paint(f"  ? {where}{clean(warning.message)}", "yellow"))
    earlier = report.earlier if terminal.verbose else [text for text in report.earlier if "conflict" in text]
    lines += [terminal.paint(f"  ? {clean(text)}", "yellow") for text in earlier]
    if report.after != report.before and not terminal.quiet:
        if dry_run or terminal.verbose:
            lines += [*_diff(terminal, report)]
        if not dry_run:
            lines.append(f"  document written back{': ' + report.where if report.where else ''}")
    elif report.where and not terminal.quiet:
        lines.append(f"  what an earlier run wrote is committed: {report.where}")
    lines += [terminal.paint(f"  ? {clean(note)}", "yellow") for note in report.notes]
    return lines


def _outcome(terminal: Terminal, report: DocumentReport, outcome: Outcome) -> list[str]:
    assert report.postmortem is not None
    item = report.postmortem.items[outcome.change.index]
    ticket = outcome.ticket
    news = ticket is not None and outcome.change.show_state and ticket.state is not item.state
    held = outcome.action is Action.HOLD
    needs_eye = bool(outcome.change.conflicts or outcome.notes or outcome.error or held)
    quiet_action = outcome.action in (Action.UNCHANGED, Action.FOLLOW)
    if not needs_eye and (terminal.quiet or (quiet_action and not terminal.verbose and not news)):
        return []
    mark, colour = _MARKS[outcome.action]
    verb = outcome.action.value
    if ticket and news and quiet_action:
        mark, colour, verb = _NEWS[ticket.state]
    name = f" [{ticket.ref.key}]" if ticket else ""
    text = textwrap.shorten(clean(item.text), 90, placeholder="…")
    lines = [terminal.paint(f"  {mark} {verb:<9} line {item.line}: ", colour) + text + name]
    if outcome.action is Action.CREATE and outcome.change.desired:
        desired = outcome.change.desired
        facts = f"owner {', '.join(desired.assignees) or 'nobody'}, due {desired.due or 'not stated'}"
        lines.append(terminal.paint(f"      {clean(facts)}", "dim"))
    elif not outcome.error:
        lines += [terminal.paint(f"      {clean(reason)}", "dim") for reason in outcome.change.reasons]
    lines += [terminal.paint(f"      conflict: {clean(str(c))}", "red") for c in outcome.change.conflicts]
    lines += [terminal.paint(f"      {clean(note)}", "yellow") for note in outcome.notes]
    if outcome.error:
        lines.append(terminal.paint(f"      {clean(outcome.error)}", "red"))
    return lines


def _diff(terminal: Terminal, report: DocumentReport) -> list[str]:
    lines: list[str] = []
    for text in diff(report):
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(text[:1], "")
        shown = "    " + clean(text)
        lines.append(terminal.paint(shown, colour) if colour else shown)
    return lines


def print_summary(
    terminal: Terminal, summary: Summary, dry_run: bool, metrics: Mapping[str, object] | None = None
) -> None:
    """The last thing a run prints; `metrics` go into its JSON only."""
    if terminal.as_json:
        terminal.json(summary.to_json() | ({"metrics": metrics} if metrics else {}))
        return
    needs_eye = summary.failed or summary.conflicts or summary.held
    if terminal.quiet and not needs_eye:
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
    for text, number in (
        (f"{summary.held} held", summary.held),
        (plural(summary.conflicts, "conflict"), summary.conflicts),
        (f"{summary.failed} failed", summary.failed),
    ):
        if number:
            words.append(terminal.paint(text, "red"))
    for question in summary.questions[:MOST_QUESTIONS]:
        terminal.line(terminal.paint(open_question(question), "red"))
    if len(summary.questions) > MOST_QUESTIONS:
        terminal.line(f"and {len(summary.questions) - MOST_QUESTIONS} more: `sync resolve` lists them")
    prefix = "plan: " if dry_run else ""
    terminal.line(f"{prefix}{' · '.join(words)} · {summary.seconds:.1f} s")
    if dry_run:
        terminal.line(terminal.paint("nothing was written", "dim"))


def open_question(question: Question) -> str:
    """What is held or in conflict on one line, with the ways out."""
    kind = "held" if question.what == TICKET else "conflict"
    where = f"{question.path} line {question.line}" if question.line else question.path
    how = ways(question)
    return clean(f"{kind}: {where}: {question.text}{'; ' if how else ''}{how}")


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
    value["remembered"] = report.earlier
    value["questions"] = [question_to_json(question) for question in report.questions]
    value["notes"] = report.notes
    value["written_back"] = report.after != report.before and not dry_run
    if dry_run:
        value["diff"] = "\n".join(diff(report))
    return value


def question_to_json(question: Question) -> dict[str, Any]:
    """What only a person can say, as a JSON object; `answers` are options of `sync resolve`."""
    return {
        "number": question.number,
        "what": question.what,
        "line": question.line,
        "text": question.text,
        "answers": [option(choice) for choice in choices(question.what)],
    }


def _outcome_to_json(item: ActionItem, outcome: Outcome) -> dict[str, Any]:
    ticket: Ticket | None = outcome.ticket
    return {
        "line": item.line,
        "text": item.text,
        "action": outcome.action.value,
        "ticket": ticket.ref.key if ticket else None,
        "url": ticket.url if ticket else None,
        "state": ticket.state.value if ticket else None,
        "started": ticket.started if ticket else False,
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
        """Count so many documents to come."""
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
        """Count so many as looked at."""
        if self._progress is not None:
            self._progress.advance(self._task, documents)

    def document(self, report: DocumentReport) -> None:
        """Show a document that is finished."""
        print_report(self._terminal, report, self._dry_run)

    def waiting(self, why: str, seconds: float) -> None:
        """Show why the run waits."""
        self._why = clean(why).rstrip(".")
        if not self._counts:
            log().info("waiting", why=self._why, seconds=round(seconds, 1))
        elif not seconds:
            self._count(f"waiting: {self._why}")

    def left(self, seconds: float) -> None:
        """Show how much of a wait is left."""
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
        """Take the progress away."""
        if self._progress is not None:
            self._progress.stop()

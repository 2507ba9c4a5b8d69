"""A report for a terminal: the figures, then what needs somebody; plain and stable lines when piped."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TypeVar

from sync.process.terminal import Terminal, clean, plural
from sync.report.figures import Group, LateItem, Report
from sync.report.report import WINDOWS
from sync.report.words import KIND_WORDS, POLICY_WORDS, broken, days, left_out, percent, rate, since_then, span

WIDE = 110
"""Columns from which on a list shows everything."""

T = TypeVar("T")
FEW = 15
"""Entries of a list that are shown unless --verbose asks for all."""


def show(terminal: Terminal, report: Report) -> None:
    """Print a report. With --quiet only what needs a person."""
    for words in report.failed:
        terminal.line(terminal.paint(f"! not counted: {clean(words)}", "red"))
    if not terminal.quiet:
        _figures(terminal, report)
        _in_time(terminal, report)
        _groups(terminal, report)
        _policies(terminal, report)
    _waiting(terminal, report)
    _breaches(terminal, report)
    _overdue(terminal, report)
    _unresolved(terminal, report)
    if not terminal.quiet:
        _rest(terminal, report)


def _figures(terminal: Terminal, report: Report) -> None:
    counts, within = report.counts, report.within
    terminal.line(terminal.paint("Follow-through", "bold") + f"  {report.today}, {span(report)}")
    terminal.line(f"{plural(report.postmortems, 'postmortem')}, {plural(counts.items, 'action item')}")
    late = terminal.paint(f"{counts.overdue} overdue", "red") if counts.overdue else "0 overdue"
    started = f", {report.started} in progress" if report.started else ""
    terminal.line(f"  {counts.open} open ({late}{started}) · {counts.done} done · {counts.wontdo} won't do")
    if changed := since_then(report):
        terminal.line(f"  {changed}")
    without = left_out(report.in_time)
    terminal.line(f"  finished in time: {rate(report.in_time.rate)}{f', {without}' if without else ''}")
    terminal.line("  completed within " + " · ".join(f"{n} days: {rate(within[n])}" for n in within))
    speed = report.speed
    undated = f", {speed.undated} more on an unknown day" if speed.undated else ""
    terminal.line(f"  days to done: median {days(speed.median)}, 90th percentile {days(speed.p90)}{undated}")
    ages = report.ages
    terminal.line(f"  age of open items: median {days(ages.median)} days, oldest {days(ages.oldest)} days")
    lacks = [
        f"{number} {words}"
        for number, words in (
            (report.no_owner, "without an owner"),
            (report.no_due, "without a due date"),
            (report.no_ticket, "without a ticket"),
            (report.elsewhere, "tracked elsewhere"),
        )
        if number
    ]
    if lacks:
        terminal.line(f"  open items: {', '.join(lacks)}")
    slips = report.slips
    if slips.items:
        moved = f"{plural(slips.moves, 'move')}, median {days(slips.days)} days"
        terminal.line(f"  due dates moved to later on {plural(slips.items, 'item')} ({moved})")
    terminal.line()


def _in_time(terminal: Terminal, report: Report) -> None:
    found = report.in_time
    months = found.months if terminal.verbose else found.months[-12:]
    rows = [[one.severity or one.month, rate(one.rate), str(one.unknown or "")] for one in (*found.severities, *months)]
    if rows:
        _titled(
            terminal, "Finished in time, by severity and by month of the due date", ["", "in time", "unknown"], rows
        )
        terminal.line(f"  {found.definition}")
        terminal.line()


def _groups(terminal: Terminal, report: Report) -> None:
    named: list[tuple[str, Sequence[Group]]] = [
        ("month", report.months if terminal.verbose else report.months[-12:]),
        ("team", report.teams),
        ("service", report.services),
        ("severity", report.severities),
        ("tracker", report.trackers),
    ]
    for title, groups in named:
        if title == "month" or len(groups) > 1:
            _table(terminal, title, groups)
    if report.owners:
        rows = [[load.owner, str(load.open), str(load.overdue), str(load.next_due or "")] for load in report.owners]
        _titled(terminal, "Open work by owner", ["owner", "open", "overdue", "next due"], rows)


def _table(terminal: Terminal, title: str, groups: Sequence[Group]) -> None:
    """Months have all rates, others that of 90 days: so it fits 80 columns."""
    windows = WINDOWS if title == "month" else WINDOWS[-1:]
    headers = [title, "items", "open", "overdue", "done", "won't", *(f"{n} d" for n in windows), "median"]
    rows = [
        [
            group.name,
            *(str(getattr(group.counts, name)) for name in ("items", "open", "overdue", "done", "wontdo")),
            *(percent(group.within[n]) for n in windows),
            days(group.speed.median),
        ]
        for group in groups
    ]
    if rows:
        _titled(terminal, "By month of the incident" if title == "month" else f"By {title}", headers, rows)


def _titled(terminal: Terminal, title: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    terminal.line(terminal.paint(title, "bold"))
    terminal.table(headers, rows)
    terminal.line()


def _policies(terminal: Terminal, report: Report) -> None:
    if report.policies:
        headers = ["policy", "asks", "kept", "still time", "unknown"]
        rows = [
            [one.policy, f"{POLICY_WORDS[one.kind]} {one.within}", rate(one.kept), str(one.running), str(one.unknown)]
            for one in report.policies
        ]
        _titled(terminal, "Policies", headers, rows)


def _breaches(terminal: Terminal, report: Report) -> None:
    shown = _some(terminal, report.breaches)
    if shown:
        headers = ["days", "policy", "what", "ticket", "owner", "action item"]
        rows = [[str(one.days), one.policy, broken(one), one.key, ", ".join(one.owners), one.text] for one in shown]
        _titled(terminal, f"Breaking a policy ({len(report.breaches)})", headers, rows)
        _more(terminal, len(report.breaches) - len(shown))


def _overdue(terminal: Terminal, report: Report) -> None:
    shown = _some(terminal, report.overdue)
    if shown:
        narrow = terminal.interactive and shutil.get_terminal_size().columns < WIDE
        headers = ["days late", "ticket", "owner", "action item", *([] if narrow else ["due", "postmortem"])]
        _titled(terminal, f"Overdue ({len(report.overdue)})", headers, [_late(line, narrow) for line in shown])
        _more(terminal, len(report.overdue) - len(shown))


def _late(line: LateItem, narrow: bool) -> list[str]:
    cells = [str(line.days), line.key, ", ".join(line.owners), line.text]
    return cells if narrow else [*cells, str(line.due), line.postmortem]


def _waiting(terminal: Terminal, report: Report) -> None:
    shown = _some(terminal, report.waiting)
    if shown:
        rows = [[KIND_WORDS[one.kind], one.key, one.text, one.postmortem] for one in shown]
        headers = ["what", "ticket", "why", "postmortem"]
        _titled(terminal, f"Waiting for a person ({len(report.waiting)})", headers, rows)
        _more(terminal, len(report.waiting) - len(shown))


def _unresolved(terminal: Terminal, report: Report) -> None:
    if report.unresolved:
        rows = [[one.owner, str(one.items), one.line] for one in report.unresolved]
        _titled(terminal, "Owners whom no tracker knows", ["owner", "items", "below [people] in sync.toml"], rows)


def _rest(terminal: Terminal, report: Report) -> None:
    quiet = _some(terminal, report.nothing_done)
    if quiet:
        rows = [[days(one.days), str(one.day or ""), str(one.open), str(one.items), one.title] for one in quiet]
        headers = ["days ago", "incident", "open", "items", "postmortem"]
        _titled(terminal, f"Postmortems with nothing done ({len(report.nothing_done)})", headers, rows)
        _more(terminal, len(report.nothing_done) - len(quiet))


def _some(terminal: Terminal, entries: Sequence[T]) -> Sequence[T]:
    return entries if terminal.verbose or not terminal.interactive else entries[:FEW]


def _more(terminal: Terminal, number: int) -> None:
    if number > 0:
        terminal.line(f"  … and {number} more (--verbose shows all)")
        terminal.line()

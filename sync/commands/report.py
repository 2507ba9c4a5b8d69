"""`sync report`: what became of the action items, for a terminal, a program, a channel, or a browser."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from sync.commands.arguments import common, examples
from sync.errors import UsageError
from sync.policies.days import Calendar, Unit, within
from sync.process.files import write_whole
from sync.process.logs import configure
from sync.process.terminal import Terminal, clean, write
from sync.report.report import report as count
from sync.report.select import select
from sync.wiring.engine import load_settings
from sync.wiring.facts import gather
from sync.wiring.policies import policies


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(
        f"{prog} report",
        f"{prog} report --html follow-through.html",
        f"{prog} report --markdown",
        f"{prog} report --team payments --since 90d",
        f"{prog} report --csv > items.csv",
        f"{prog} report --quiet --fail-on breach",
    )
    common(parser)
    parser.add_argument("--html", metavar="FILE", help="write one page with plots and tables, complete in itself")
    parser.add_argument("--markdown", action="store_true", help="print a digest to post")
    parser.add_argument("--csv", action="store_true", help="print every item as a row for a spreadsheet")
    parser.add_argument(
        "--team", metavar="NAME", action="append", help="only postmortems of this team; may be given again; * and ?"
    )
    parser.add_argument("--since", metavar="DAY", help="only incidents since a day (YYYY-MM-DD), or a time ago (90d)")
    parser.add_argument("--baseline", metavar="DAY", help="the day to compare with (default: a month ago)")
    parser.add_argument(
        "--fail-on", choices=["breach"], help="exit with 1 when an open item breaks one of [[policies]]"
    )
    parser.add_argument("--now", action="store_true", help="read documents and trackers now, not what a run remembered")


def report(options: argparse.Namespace) -> int:
    """`sync report`: tell what became of the items.

    Returns:
        0; 1 when a document or a tracker could not be read, and so is missing from the figures, or with
        `--fail-on breach` an open item breaks a policy.
    """
    settings = load_settings(options.config)
    configure(settings.log.level, settings.log.format, settings.secrets(), verbose=options.verbose, quiet=options.quiet)
    given = vars(options)
    forms = [name for name in ("json", "markdown", "csv") if given.get(name)]
    if len(forms) > 1:
        raise UsageError(
            f"{' and '.join(f'--{name}' for name in forms)} were both given.",
            "Choose one; --html FILE may go with either.",
        )
    today = date.today()
    since, baseline = (_day(given.get(name), f"--{name}", today) for name in ("since", "baseline"))
    terminal = Terminal(as_json=options.json, quiet=options.quiet, verbose=options.verbose)
    facts, _ = gather(settings, terminal, bool(given.get("now")))
    facts = select(facts, given.get("team") or (), since)
    found = count(facts, today, policies(settings), baseline)
    place = given.get("html")
    if place:
        from sync.report.html import page

        _write(Path(place), page(found))
    if options.json:
        terminal.json(found.to_json())
    elif given.get("csv"):
        from sync.report.spreadsheet import rows

        write(rows(found), terminal.out)
    elif given.get("markdown"):
        from sync.report.markdown import digest

        terminal.line(digest(found))
    elif place:
        if not options.quiet:
            terminal.line(clean(f"written: {place}"))
    else:
        from sync.report.terminal import show

        show(terminal, found)
    return 1 if facts.failed or (given.get("fail_on") == "breach" and found.breaches) else 0


def _day(text: str | None, option: str, today: date) -> date | None:
    """The day that an option names: a date, or a time before today."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        period = within(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: this is no day.", "Write YYYY-MM-DD, or a time such as 90d.") from error
    if period.unit is Unit.WORKING_DAYS:
        raise UsageError(f"{option} {text}: working days have no end in the past.", "Write days or weeks.")
    return today - (Calendar().after(today, period) - today)


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise UsageError(f"--html {path}: it cannot be written ({error.strerror}).", "Name another file.") from error

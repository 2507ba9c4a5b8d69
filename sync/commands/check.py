"""`sync check REF`: is each item specific, owned and dated; without writing anything, and of files without network."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from sync.check import formats as check_formats
from sync.check import terminal as check_terminal
from sync.check.check import CheckOptions, Diagnostic
from sync.check.check import check as check_document
from sync.check.formats import Checked
from sync.check.rules import Severity
from sync.commands.arguments import common, examples, refs
from sync.commands.parse import Documents, understood
from sync.errors import SyncError, UsageError
from sync.ports import SourceReader
from sync.process.terminal import Terminal, plural, write
from sync.wiring.engine import load_settings
from sync.wiring.policies import policies
from sync.wiring.sources import is_address

if TYPE_CHECKING:
    from config.settings import Settings

_PIPED = 110
"""Columns of a line where no terminal says how wide it is."""


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(f"{prog} check docs/postmortems", f"{prog} check --format github docs/postmortems")
    common(parser)
    refs(parser)
    choices = ["text", "json", "github", "sarif"]
    parser.add_argument("--format", choices=choices, help="how to tell it (default: text)")


def check(options: argparse.Namespace) -> int:
    """`sync check`: tell what a postmortem lacks before it is published.

    Returns:
        1 when there is a finding of severity error, or a document could not be understood; else 0.
    """
    given = vars(options).get("format")
    if options.json and given not in (None, "json"):
        raise UsageError(f"--json and --format {given} were both given.", "Give one of them.")
    form = "json" if options.json else given or "text"
    settings = load_settings(options.config, offline=not any(map(is_address, options.refs)))
    terminal = Terminal(as_json=form == "json", quiet=options.quiet, verbose=options.verbose)
    everything = []
    for one in _checked(options.refs, settings):
        if one.error and form != "github":
            print(f"error: {one.error}", file=sys.stderr)
        shown = replace(one, findings=tuple(f for f in one.findings if _is_shown(f, options, form)))
        _show(terminal, shown, form)
        everything.append(one if form == "text" else shown)
    if form == "sarif":
        write(json.dumps(check_formats.to_sarif(everything), indent=2) + "\n", terminal.out)
    if form == "text" and not options.quiet:
        _sum_up(terminal, everything)
    found = {finding.severity for one in everything for finding in one.findings}
    return 1 if Severity.ERROR in found or any(one.error for one in everything) else 0


def check_options(settings: Settings) -> CheckOptions:
    """The rules as the settings have them."""
    return CheckOptions(
        disable=frozenset(settings.check.disable),
        severity={rule: Severity(value) for rule, value in settings.check.severity.items()},
        max_items=settings.check.max_items,
        sections=settings.items.sections,
        policies=policies(settings),
    )


def _checked(refs: list[str], settings: Settings) -> Iterator[Checked]:
    today = date.today()
    with Documents(settings) as found:
        documents = [one for ref in refs for one in found.of(ref)]
        for shown, source, path in documents:
            yield _check_one(shown, source, path, settings, today)


def _check_one(shown: str, source: SourceReader, path: str, settings: Settings, today: date) -> Checked:
    try:
        postmortem = understood(source, path, settings)
        return Checked(shown, postmortem, check_document(postmortem, today, check_options(settings)))
    except SyncError as error:
        return Checked(shown, error=str(error))


def _is_shown(finding: Diagnostic, options: argparse.Namespace, form: str) -> bool:
    if options.quiet:
        return finding.severity is Severity.ERROR
    return form != "text" or options.verbose or finding.severity is not Severity.NOTE


def _show(terminal: Terminal, checked: Checked, form: str) -> None:
    if form == "github":
        for line in check_formats.to_github(checked):
            terminal.command(line)
    elif form == "json" and not checked.error:
        terminal.json(check_formats.to_json(checked))
    elif form == "text" and checked.findings:
        width = shutil.get_terminal_size().columns if terminal.interactive else _PIPED
        for line in check_terminal.lines(checked, terminal.paint, width):
            terminal.line(line)


def _sum_up(terminal: Terminal, everything: list[Checked]) -> None:
    found = [finding.severity for one in everything for finding in one.findings]
    words = [plural(len(everything), "document")]
    words.append(plural(sum(len(one.postmortem.items) for one in everything if one.postmortem), "item"))
    for severity, colour in ((Severity.ERROR, "red"), (Severity.WARNING, "yellow"), (Severity.NOTE, "cyan")):
        if number := found.count(severity):
            hint = " (--verbose)" if severity is Severity.NOTE and not terminal.verbose else ""
            words.append(terminal.paint(plural(number, severity.value), colour) + hint)
    if failed := sum(bool(one.error) for one in everything):
        words.append(terminal.paint(f"{failed} failed", "red"))
    elif not found:
        words.append(terminal.paint("nothing to change", "green"))
    terminal.line(" · ".join(words))

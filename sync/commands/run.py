"""`sync run` and `sync --postmortem REF`: one run, told as it goes, with a summary at the end."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from sync.commands.arguments import common, examples, planning
from sync.commands.figures import Figures
from sync.errors import LimitReached, SettingsError, StopRun
from sync.process.logs import configure, log
from sync.process.terminal import Terminal
from sync.run.engine import Request
from sync.run.terminal import TerminalObserver, print_summary
from sync.telemetry.tracing import Run
from sync.wiring.engine import Call, engine, load_settings
from sync.wiring.sources import Selection, configured_sources, select
from sync.wiring.telemetry import telemetry

if TYPE_CHECKING:
    from config.settings import Settings


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(f"{prog} run --dry-run", f"{prog} run --json --quiet")
    planning(parser)
    common(parser)
    parser.add_argument(
        "--conflicts",
        choices=("fail", "ok"),
        help="ok, for cron: what is held or in conflict is status 1 when it is new, and 0 from the next run on",
    )
    parser.add_argument("--metrics", metavar="FILE", help="leave the run's figures there, for a Prometheus collector")


def run(options: argparse.Namespace) -> int:
    """`sync run` and `sync --postmortem`: sync postmortems.

    Returns:
        0; 1 when an item failed or conflicts; 3 when a limit stopped the run.
    """
    settings = load_settings(options.config)
    configure(settings.log.level, settings.log.format, settings.secrets(), verbose=options.verbose, quiet=options.quiet)
    terminal = Terminal(as_json=options.json, quiet=options.quiet, verbose=options.verbose)
    bar = sys.stderr.isatty() and terminal.interactive and not (options.quiet or options.json)
    shown = TerminalObserver(terminal, options.dry_run, bar)
    with telemetry(settings) as exported, exported.run(shown, options.dry_run) as traced:
        return _run(settings, terminal, shown, traced, options)


def _run(
    settings: Settings, terminal: Terminal, shown: TerminalObserver, traced: Run, options: argparse.Namespace
) -> int:
    observer = traced.observer
    explicit = bool(options.postmortem)
    commit = options.commit
    selection = (
        select(settings, options.postmortem, observer, commit)
        if explicit
        else Selection(configured_sources(settings, observer, commit))
    )
    call = Call(options.dry_run, options.force, explicit)
    request = Request(tuple(selection.names), options.dry_run, options.force)
    figures = Figures(settings, terminal, options, traced.figures)
    log().debug("run began", documents=len(selection.names) or "all", dry_run=options.dry_run)
    try:
        with engine(settings, selection, call, observer) as wired:
            summary = wired.run(request)
    except LimitReached as error:
        if options.json:
            terminal.json({"error": str(error), "exit_status": error.exit_status})
        figures.stopped()
        raise
    except StopRun:
        figures.stopped()
        raise
    finally:
        shown.ended()
    traced.ended(summary)
    log().info("run ended", **summary.to_json())
    try:
        metrics = figures.ended(summary)
    except SettingsError:
        print_summary(terminal, summary, options.dry_run)
        raise
    print_summary(terminal, summary, options.dry_run, metrics)
    return summary.status_of_news if options.conflicts == "ok" else summary.exit_status

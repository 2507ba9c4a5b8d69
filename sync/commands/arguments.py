"""The command line's grammar. Options mean the same before and after a command's name."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from sync import __version__
from sync.errors import UsageError

COMMON = ("config", "json", "verbose", "quiet")
DEFAULTS: dict[str, Any] = {
    "command": None,
    "postmortem": None,
    "config": None,
    "json": False,
    "verbose": False,
    "quiet": False,
    "dry_run": False,
    "force": False,
    "commit": False,
    "status": False,
    "drain": False,
    "jobs": None,
    "host": None,
    "port": None,
}


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are ours, and whose abbreviations are off: scripts must not depend on them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        kwargs |= {"allow_abbrev": False, "argument_default": argparse.SUPPRESS}
        super().__init__(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError, with where to read on."""
        raise UsageError(f"{message[:1].upper()}{message[1:].rstrip('.')}.", f"See: {self.prog} --help")


def _common(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("settings and output")
    group.add_argument("--config", metavar="FILE", help="settings file (default: sync.toml in the working directory)")
    group.add_argument("--json", action="store_true", help="print one JSON document per line")
    group.add_argument(
        "--verbose", "-v", action="store_true", help="say more; show a traceback for an unexpected error"
    )
    group.add_argument("--quiet", "-q", action="store_true", help="print only what needs a person")


def _planning(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="print the plan and the document diffs, write nothing")
    parser.add_argument("--force", action="store_true", help="go past limits.new_tickets and limits.max_age_days")
    parser.add_argument("--commit", action="store_true", help="commit what is written back to files, through git")


def _examples(*lines: str) -> str:
    return "examples:\n" + textwrap.indent("\n".join(lines), "  ")


def build(prog: str = "sync") -> Parser:
    """The whole grammar. Every default is in DEFAULTS, so that a parsed namespace holds only what was given."""
    parser = Parser(
        prog=prog,
        description="Keeps the action items of published postmortems and their tickets in step.",
        epilog=_examples(
            f"{prog} run --dry-run            what would be done, and the document diffs",
            f"{prog} run                      do it (from cron)",
            f"{prog} --postmortem docs/x.md   one postmortem, now",
            f"{prog} parse docs/postmortems   what is understood, without any network",
            f"{prog} check docs/postmortems   whether its items can be followed through",
        ),
    )
    parser.add_argument("--version", action="version", version=f"postmortem-sync {__version__}")
    named = parser.add_argument(
        "--postmortem",
        metavar="REF",
        nargs="+",
        action="extend",
        help="sync these now: paths, or URLs of a configured source",
    )
    named.completer = _files  # type: ignore[attr-defined]
    _planning(parser)
    _common(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)

    def add(name: str, help: str, *examples: str, planning: bool = False) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=help, description=help[:1].upper() + help[1:] + ".", epilog=_examples(*examples)
        )
        if planning:
            _planning(sub)
        _common(sub)
        return sub

    run = add(
        "run",
        "sync every published postmortem of the configured sources",
        f"{prog} run --dry-run",
        f"{prog} run --json --quiet",
        planning=True,
    )
    run.add_argument("--metrics", metavar="FILE", help="leave the run's figures there, for a Prometheus collector")
    parse = add(
        "parse",
        "show what is understood of postmortems, without any network",
        f"{prog} parse docs/postmortems",
        f"{prog} parse --json outage.md",
        f"{prog} parse --explain outage.md",
    )
    _refs(parse)
    parse.add_argument("--explain", action="store_true", help="say which rule found what, and why lists were left out")
    check = add(
        "check",
        "tell whether each item is specific, owned and dated, and the wording blameless, without any network",
        f"{prog} check docs/postmortems",
        f"{prog} check --format github docs/postmortems",
    )
    _refs(check)
    check.add_argument("--format", choices=["text", "json", "github", "sarif"], help="how to tell it (default: text)")
    new = add(
        "new",
        "write a postmortem from the template",
        f'{prog} new "Checkout returned errors" --folder docs/postmortems',
    )
    new.add_argument("title", metavar="TITLE", help="of the incident, in a few words")
    new.add_argument("--folder", metavar="DIR", help="where to write it (default: the first files source, else here)")
    new.add_argument("--stdout", action="store_true", help="print it, write nothing")
    add(
        "doctor",
        "check whether the configuration is usable, before anything is written",
        f"{prog} doctor",
        f"{prog} doctor --json --quiet",
    )
    _follow_through(add, prog)
    _many_machines(add, prog)
    _tickets(commands, prog)
    return parser


def _follow_through(add: Callable[..., argparse.ArgumentParser], prog: str) -> None:
    report = add(
        "report",
        "show what became of the action items",
        f"{prog} report",
        f"{prog} report --html follow-through.html",
        f"{prog} report --markdown",
    )
    report.add_argument("--html", metavar="FILE", help="write one page with plots and tables, complete in itself")
    report.add_argument("--markdown", action="store_true", help="print a digest to post")
    report.add_argument("--now", action="store_true", help="read documents and trackers now, not what a run remembered")
    remind = add(
        "remind",
        "leave a comment on overdue tickets ([remind] in sync.toml switches it on)",
        f"{prog} remind --dry-run",
        f"{prog} remind",
    )
    remind.add_argument("--dry-run", action="store_true", help="say which tickets, comment on none")
    remind.add_argument("--force", action="store_true", help="go past limits.new_tickets, which bounds comments too")


def _many_machines(add: Callable[..., argparse.ArgumentParser], prog: str) -> None:
    worker = add(
        "worker",
        "sync as one of many machines, from a queue on PostgreSQL",
        f"{prog} worker",
        f"{prog} worker --status",
    )
    worker.add_argument("--status", action="store_true", help="say what waits, for how long, and what failed")
    worker.add_argument("--drain", action="store_true", help="end when nothing is left to do now")
    worker.add_argument("--jobs", metavar="N", type=int, help="postmortems at the same time (default: worker.jobs)")
    serve = add(
        "serve",
        "receive webhooks of GitHub and Jira, so that a status is back in seconds",
        f"{prog} serve",
        f"{prog} serve --host 0.0.0.0 --port 8080",
    )
    serve.add_argument("--host", metavar="ADDRESS", help="where to listen (default: serve.host)")
    serve.add_argument("--port", metavar="N", type=int, help="which port, 0 for any (default: serve.port)")


def _refs(parser: argparse.ArgumentParser) -> None:
    action = parser.add_argument("refs", metavar="REF", nargs="+", help="a path, or a folder")
    action.completer = _files  # type: ignore[attr-defined]


def _tickets(commands: Any, prog: str) -> None:
    text = "the embedded tracker: list, show, close, reopen, edit"
    tickets = commands.add_parser(
        "tickets",
        help=text,
        description=text[:1].upper() + text[1:] + ".",
        epilog=_examples(f"{prog} tickets list", f"{prog} tickets close LOCAL-1 --as done"),
    )
    _common(tickets)
    actions = tickets.add_subparsers(dest="tickets_command", metavar="ACTION", title="actions", parser_class=Parser)

    def add(name: str, help: str, *examples: str, keys: str | None = "+") -> argparse.ArgumentParser:
        sub: argparse.ArgumentParser = actions.add_parser(
            name, help=help, description=help[:1].upper() + help[1:] + ".", epilog=_examples(*examples)
        )
        if keys:
            sub.add_argument("keys", metavar="KEY", nargs=keys, help="of a ticket, such as LOCAL-1")
        _common(sub)
        return sub

    listing = add("list", "list tickets", f"{prog} tickets list --state open", keys=None)
    listing.add_argument("--state", choices=["open", "done", "wontdo", "all"], help="only these (default: all)")
    add("show", "show tickets with their history", f"{prog} tickets show LOCAL-1")
    closing = add("close", "close tickets", f"{prog} tickets close LOCAL-1 LOCAL-2 --as wontdo")
    closing.add_argument("--as", dest="close_as", choices=["done", "wontdo"], help="how (default: done)")
    add("reopen", "open closed tickets again", f"{prog} tickets reopen LOCAL-1")
    edit = add("edit", "change tickets", f'{prog} tickets edit LOCAL-1 --title "Page on a full disk" --due 2026-04-03')
    edit.add_argument("--title", metavar="WORDS", help="new title")
    edit.add_argument("--owner", metavar="NAME", action="append", help="new owner; may be given again; '' for nobody")
    edit.add_argument("--due", metavar="DATE", help="new due date, YYYY-MM-DD; '' for none")
    edit.add_argument("--label", metavar="LABEL", action="append", help="new labels; may be given again; '' for none")


def _files(prefix: str, **_: Any) -> list[str]:
    from glob import glob

    return [path for path in glob(prefix + "*") if not path.startswith(".")]


def parse_arguments(argv: Sequence[str], prog: str = "sync") -> argparse.Namespace:
    """Understand a command line. Raises UsageError; prints and exits for --help and --version."""
    parser = build(prog)
    _complete(parser)
    given = parser.parse_args(list(argv))
    options = argparse.Namespace(**{**DEFAULTS, **vars(given)})
    _check(options, set(vars(given)), prog)
    return options


def _complete(parser: Parser) -> None:
    """Shell completion, through argcomplete, only while a shell asks for it."""
    import os

    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(parser)


def _check(options: argparse.Namespace, given: set[str], prog: str) -> None:
    """What argparse cannot see: options that stand before a command which does not have them."""
    command = options.command
    if command and options.postmortem:
        raise UsageError(
            f"--postmortem and the command {command} were both given.",
            f"Write either: {prog} --postmortem REF, or: {prog} {command}",
        )
    if command in (None, "run"):
        return
    for name in ("dry_run", "force", "commit"):
        if name in given and not (command == "remind" and name != "commit"):
            option = "--" + name.replace("_", "-")
            raise UsageError(f"The command {command} has no option {option}.", f"See: {prog} {command} --help")

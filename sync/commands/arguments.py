"""The command line's common grammar. Each command's module adds its own arguments (`arguments`).

Options mean the same before and after a command's name.
"""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NoReturn

from sync import __version__
from sync.errors import UsageError
from sync.process.terminal import write

COMMANDS = {
    "run": "sync every published postmortem of the configured sources",
    "parse": "show what is understood of postmortems; of files without any network",
    "check": ("tell whether each item is specific, owned and dated, and the wording blameless"),
    "new": "write a postmortem from the template",
    "doctor": "check whether the configuration is usable, before anything is written",
    "resolve": "list what is held or in conflict, and settle it",
    "report": "show what became of the action items",
    "remind": "leave a comment on overdue tickets ([remind] in sync.toml switches it on)",
    "worker": "sync as one of many machines, from a queue on PostgreSQL",
    "serve": "receive webhooks, so that a status is back in seconds, and show the report",
    "tickets": "the embedded tracker: list, show, close, reopen, edit",
}
"""Every command, and its line of help. Each is a module of this folder with a function of that name; `arguments` adds
to its parser. It is loaded only when it is called."""

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
    "conflicts": "fail",
}
"""Of the options that may stand before a command."""


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are ours, and whose abbreviations are off: scripts must not depend on them.

    Args:
        fill: adds the arguments when the parser is used for the first time.
    """

    def __init__(self, *args: Any, fill: Callable[[Parser], None] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        kwargs |= {"allow_abbrev": False, "argument_default": argparse.SUPPRESS}
        super().__init__(*args, **kwargs)
        self._fill = fill

    def fill(self) -> None:
        """Add the arguments now, if they are not there yet."""
        fill, self._fill = self._fill, None
        if fill:
            fill(self)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does it."""
        self.fill()
        return super().parse_known_args(args, namespace)

    def has(self, option: str) -> bool:
        """Whether it has an option, such as `--force`."""
        return option in self._option_string_actions

    def _print_message(self, message: str, file: Any = None) -> None:
        """Help that cannot be printed is an error, where argparse would pass over it."""
        write(message, file or sys.stderr)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does it; what is not known raises UsageError, with what was probably meant."""
        given, unknown = self.parse_known_args(args, namespace)
        if unknown:
            command = getattr(given, "command", None)
            parser = self._commands()[command] if command else self
            self._not_known(unknown, command, parser)
        return given

    def _commands(self) -> dict[str, Parser]:
        found = [action.choices for action in self._actions if isinstance(action.choices, dict)]
        return found[0] if found else {}

    def _not_known(self, unknown: list[str], command: str | None, parser: Parser) -> NoReturn:
        words = f"{self.prog} {command}" if command else self.prog
        first = unknown[0].partition("=")[0]
        message = f"{'The command ' + command if command else self.prog} does not know {' '.join(unknown)}."
        rest = [one for one in unknown if not one.startswith("-")]
        if command == "run" and rest and first in ("--postmortem", rest[0]):
            raise UsageError(message, f"Write: {self.prog} --postmortem {' '.join(rest)}")
        near = _near(first, parser._option_string_actions) if first.startswith("-") else ""
        raise UsageError(message, f"Did you mean: {near}? See: {words} --help" if near else f"See: {words} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Name the choice that was probably meant."""
        if not isinstance(action.choices, dict) or value in action.choices:
            super()._check_value(action, value)
            return
        message = f"There is no command {value}."
        if near := _near(value, action.choices):
            raise UsageError(message, f"Did you mean: {self.prog} {near}? See: {self.prog} --help")
        if "run" in action.choices and os.path.exists(value):
            raise UsageError(message, f"Write: {self.prog} --postmortem {value}")
        raise UsageError(message, f"There are {', '.join(action.choices)}. See: {self.prog} --help")

    def error(self, message: str) -> NoReturn:
        """Raise UsageError, with where to read on."""
        raise UsageError(f"{message[:1].upper()}{message[1:].rstrip('.')}.", f"See: {self.prog} --help")


def _near(given: str, known: Iterable[str]) -> str:
    """The word that was probably meant; "" where none is near."""
    words = [word for word in known if not word.startswith("-") or len(word) > 2]
    longer = [word for word in words if len(given) > 3 and word.startswith(given)]
    found = longer or get_close_matches(given, words, 1)
    return found[0] if found else ""


def common(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command has."""
    group = parser.add_argument_group("settings and output")
    group.add_argument("--config", metavar="FILE", help="settings file (default: sync.toml in the working directory)")
    group.add_argument("--json", action="store_true", help="print one JSON document per line")
    group.add_argument(
        "--verbose", "-v", action="store_true", help="say more; show a traceback for an unexpected error"
    )
    group.add_argument("--quiet", "-q", action="store_true", help="print only what needs a person")


def planning(parser: argparse.ArgumentParser) -> None:
    """Add the options of what plans and writes."""
    parser.add_argument("--dry-run", action="store_true", help="print the plan and the document diffs, write nothing")
    parser.add_argument("--force", action="store_true", help="go past limits.new_tickets and limits.max_age_days")
    parser.add_argument("--commit", action="store_true", help="commit what is written back to files, through git")


def refs(parser: argparse.ArgumentParser) -> None:
    """Add the names of documents."""
    action = parser.add_argument(
        "refs", metavar="REF", nargs="+", help="a path, a folder, or the URL of a page of a configured source"
    )
    action.completer = _files  # type: ignore[attr-defined]


def examples(*lines: str) -> str:
    """The end of a help page."""
    return "examples:\n" + textwrap.indent("\n".join(lines), "  ")


def sentence(help: str) -> str:
    """A line of help, as a command's own page says it."""
    return f"{help[:1].upper()}{help[1:]}."


def build(prog: str = "sync") -> Parser:
    """The whole grammar; a command's own arguments are added when it is called."""
    return _grammar(prog)[0]


def _grammar(prog: str) -> tuple[Parser, dict[str, Parser]]:
    parser = Parser(
        prog=prog,
        description="Keeps the action items of published postmortems and their tickets in step.",
        epilog=examples(
            f"{prog} run --dry-run            what would be done, and the document diffs",
            f"{prog} run                      do it (from cron)",
            f"{prog} --postmortem docs/x.md   one postmortem, now",
            f"{prog} parse docs/postmortems   what is understood of each document",
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
    planning(parser)
    common(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)
    found = {
        name: commands.add_parser(name, help=help, description=sentence(help), fill=_filler(name, prog))
        for name, help in COMMANDS.items()
    }
    return parser, found


def _filler(name: str, prog: str) -> Callable[[Parser], None]:
    def fill(parser: Parser) -> None:
        import_module(f"sync.commands.{name}").arguments(parser, prog)

    return fill


def _files(prefix: str, **_: Any) -> list[str]:
    from glob import glob

    return [path for path in glob(prefix + "*") if not path.startswith(".")]


def parse_arguments(argv: Sequence[str], prog: str = "sync") -> argparse.Namespace:
    """Understand a command line. Raises UsageError; prints and exits for --help and --version."""
    parser, commands = _grammar(prog)
    _complete(parser, commands)
    given = parser.parse_args(list(argv))
    options = argparse.Namespace(**{**DEFAULTS, **vars(given)})
    _check(options, set(vars(given)), prog, commands)
    return options


def _complete(parser: Parser, commands: dict[str, Parser]) -> None:
    """Shell completion, through argcomplete, only while a shell asks for it."""
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        for command in commands.values():
            command.fill()
        argcomplete.autocomplete(parser)


def _check(options: argparse.Namespace, given: set[str], prog: str, commands: dict[str, Parser]) -> None:
    """What argparse cannot see: options that stand before a command which does not have them."""
    command = options.command
    if command is None:
        return
    if options.postmortem:
        raise UsageError(
            f"--postmortem and the command {command} were both given.",
            f"Write either: {prog} --postmortem REF, or: {prog} {command}",
        )
    for name in ("dry_run", "force", "commit"):
        option = "--" + name.replace("_", "-")
        if name in given and not commands[command].has(option):
            raise UsageError(f"The command {command} has no option {option}.", f"See: {prog} {command} --help")

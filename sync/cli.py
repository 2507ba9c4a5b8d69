"""The command line: understands a call, runs the command, turns errors into sentences and exit statuses."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from sync.commands.arguments import parse_arguments
from sync.errors import OutputError, StopRun, SyncError, UsageError
from sync.process.signals import stop_on_signals, stopped
from sync.process.terminal import output_failed, show_what_can_be_shown


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 all well, 1 some item failed or conflicts, 2 the call or the configuration is wrong, 3 stopped by a limit.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    prog = Path(sys.argv[0]).name if Path(sys.argv[0]).name in ("sync", "postmortem-sync") else "sync"
    verbose = "--verbose" in arguments or "-v" in arguments
    show_what_can_be_shown()
    try:
        return _call(arguments, prog)
    except SyncError as error:
        if verbose and not isinstance(error, StopRun):
            raise
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        stopped()
        print("stopped: what was done is recorded, the next run goes on from here", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _print_nowhere()
        return 0


def _call(arguments: list[str], prog: str) -> int:
    if not arguments and "_ARGCOMPLETE" not in os.environ:
        arguments = ["--help"]
    try:
        options = parse_arguments(arguments, prog)
        stop_on_signals()
        return _command(options, prog)(options)
    except OutputError:
        _print_nowhere()
        raise
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            _print_nowhere()
            raise output_failed(error) from error


def _print_nowhere() -> None:
    """What could not be printed is not tried again when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def entry() -> None:
    """The console script."""
    status = main()
    # All is done and told: what comes now must not turn it into a failure.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    stopped()
    sys.exit(status)


def _command(options: argparse.Namespace, prog: str) -> Callable[[argparse.Namespace], int]:
    """The module of `sync.commands` that is named as the command is; only that one is loaded."""
    name = options.command or "run"
    if options.command is None and not options.postmortem:
        raise UsageError("No command was given.", f"Write for example: {prog} run --dry-run. See: {prog} --help")
    command: Callable[[argparse.Namespace], int] = getattr(import_module(f"sync.commands.{name}"), name)
    return command


if __name__ == "__main__":
    entry()

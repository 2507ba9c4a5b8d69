"""The command line: understands a call, runs the command, turns errors into sentences and exit statuses."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from sync.commands.arguments import build, parse_arguments
from sync.errors import StopRun, SyncError
from sync.process.signals import stop_on_signals, stopped


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 all well, 1 some item failed or conflicts, 2 the call or the configuration is wrong, 3 stopped by a limit.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    prog = Path(sys.argv[0]).name if Path(sys.argv[0]).name in ("sync", "postmortem-sync") else "sync"
    if not arguments and "_ARGCOMPLETE" not in os.environ:
        build(prog).print_help()
        return 0
    verbose = "--verbose" in arguments or "-v" in arguments
    try:
        options = parse_arguments(arguments, prog)
        stop_on_signals()
        return _command(options)(options)
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
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def entry() -> None:
    """The console script."""
    status = main()
    # All is done and told: what comes now must not turn it into a failure.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    stopped()
    sys.exit(status)


def _command(options: argparse.Namespace) -> Callable[[argparse.Namespace], int]:
    """The module of `sync.commands` that is named as the command is; only that one is loaded."""
    name = options.command or "run"
    if options.command is None and not options.postmortem:
        build().print_help()
        return lambda _: 0
    command: Callable[[argparse.Namespace], int] = getattr(import_module(f"sync.commands.{name}"), name)
    return command


if __name__ == "__main__":
    entry()

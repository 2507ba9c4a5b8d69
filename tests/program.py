"""The command line in processes of its own, forked from one that has every module loaded: starting takes no time."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        *("sync.cli", "sync.run.engine", "sync.journal.migrate", "config.settings", "config.found", "config.use"),
        *("sync.wiring.engine", "sync.wiring.sources", "sync.commands.run", "sync.commands.tickets"),
        *("sync.commands.check", "sync.commands.parse", "sync.commands.figures", "sqlalchemy.dialects.sqlite"),
        *("adapters.local.tracker", "adapters.files.source", "adapters.github.tracker", "adapters.jira.tracker"),
    ]
)
SECONDS = 60


def sync(folder: Path, *arguments: str, hurried: bool = False, **environ: str) -> subprocess.CompletedProcess[str]:
    """One call of the program in a folder, with these variables and none of ours.

    Args:
        hurried: its waits take no time; its clock says that they did.

    Raises:
        TimeoutExpired: it did not end.
    """
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith("SYNC_")}
    with tempfile.TemporaryDirectory(prefix="pms-call-") as outputs:
        values = (str(folder), arguments, environment | environ, outputs, hurried)
        process = _CONTEXT.Process(target=_work, args=values)
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["sync", *arguments], SECONDS)
        out, err = (Path(outputs, name).read_text("utf-8") for name in ("out", "err"))
        return subprocess.CompletedProcess(["sync", *arguments], process.exitcode, out, err)


def _work(folder: str, arguments: tuple[str, ...], environment: Mapping[str, str], outputs: str, hurried: bool) -> None:
    """In the child."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, place in ((0, os.devnull), (1, f"{outputs}/out"), (2, f"{outputs}/err")):
        handle = os.open(place, flags if number else os.O_RDONLY, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["sync", *arguments]
    from sync.cli import entry
    from tests.clocks import hurry

    if hurried:
        hurry(setattr)
    try:
        entry()
    finally:
        # A process of multiprocessing leaves these out at its end.
        atexit._run_exitfuncs()

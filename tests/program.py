"""The command line in processes of its own, forked from one that has every module loaded: starting takes no time."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import signal
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
        *("sync.commands.worker", "sync.worker.work", "sync.worker.status", "sync.wiring.teams"),
        *("sync.commands.serve", "sync.serve.app", "uvicorn", "sqlalchemy.dialects.postgresql.psycopg"),
        *("adapters.local.tracker", "adapters.files.source", "adapters.github.tracker", "adapters.jira.tracker"),
    ]
)
SECONDS = 90


class Started:
    """A call of the program that runs on, to be used as a `subprocess.Popen` is.

    Args:
        arguments: of the command line.
        environ: variables; none of ours are there beside them.
        hurried: its waits take no time; its clock says that they did.
        before: Python that is carried out before, in the same process.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        hurried: bool = False,
        before: str = "",
    ) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("SYNC_")}
        self.args = ["sync", *arguments]
        self._outputs = tempfile.mkdtemp(prefix="pms-call-")
        values = (str(folder), arguments, {**kept, **(environ or {})}, self._outputs, hurried, before)
        self._process = _CONTEXT.Process(target=_work, args=values)
        self._process.start()
        self._reported: tuple[str, str] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """The exit status, or minus the signal; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float = SECONDS) -> int:
        """Raises TimeoutExpired; it runs on."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self._process.exitcode

    def so_far(self) -> tuple[str, str]:
        """Stdout and stderr."""
        if self._reported:
            return self._reported
        places = [Path(self._outputs, name) for name in ("out", "err")]
        out, err = (place.read_text("utf-8") if place.exists() else "" for place in places)
        return out, err

    def communicate(self, timeout: float = SECONDS) -> tuple[str, str]:
        """Wait for the end; stdout and stderr. Raises TimeoutExpired; it runs on."""
        self.wait(timeout)
        self._reported = self.so_far()
        shutil.rmtree(self._outputs, ignore_errors=True)
        return self._reported


def sync(folder: Path, *arguments: str, hurried: bool = False, **environ: str) -> subprocess.CompletedProcess[str]:
    """One call of the program in a folder, with these variables and none of ours.

    Raises:
        TimeoutExpired: it did not end.
    """
    started = Started(folder, *arguments, environ=environ, hurried=hurried)
    try:
        out, err = started.communicate()
    except subprocess.TimeoutExpired:
        started.kill()
        started.communicate()
        raise
    return subprocess.CompletedProcess(started.args, started.wait(), out, err)


def _work(
    folder: str, arguments: tuple[str, ...], environment: Mapping[str, str], outputs: str, hurried: bool, before: str
) -> None:
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
    exec(before, {})
    try:
        entry()
    finally:
        # A process of multiprocessing leaves these out at its end.
        atexit._run_exitfuncs()

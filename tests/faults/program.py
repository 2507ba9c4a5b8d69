"""The program itself in processes of its own, with faults put into them.

A process without threads has every module loaded and forks one child for each job; the child runs the command
line as a user would call it, with a shared virtual clock, and may be told to kill itself, or to do something
else, at its n-th operation on the journal, the network or a file.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Job:
    """One call of the program.

    Attributes:
        at: the operation, counted from 1, before which `what` happens; 0 for never.
        every: count every call and return of any function, not only operations.
        count: tell how many operations it made.
        what: "kill"; "stop": SIGTERM; "append PATH", "save PATH" or "swap PATH": a person adds a line to that file, by
            another way of saving; "empty PATH", and "fill PATH NAME", which adds a line of that name in the middle: the
            two halves of one save, or the second alone; "clock SECONDS": the machine's clock is set.
        events: more of such, each after the operation that it is for.
        file_bytes: no file may grow beyond this (a full disk).
        mutate: a safeguard to switch off, by its name in tests.faults.switches.
        given_up: a file; at SIGUSR1 the time to wait for an answer is over, once, and the file is made; "" for never.
        patience: seconds to wait for an answer of a server, or for a database that somebody holds.
        obedient: to the modes of files and folders, also as root.
        meet: the place of a meeting, where it is held before its first write to the embedded tracker; "" for none.
    """

    folder: str
    clock: str
    arguments: tuple[str, ...] = ("run", "--json")
    environment: dict[str, str] = field(default_factory=dict)
    at: int = 0
    every: bool = False
    count: bool = False
    what: str = "kill"
    events: tuple[tuple[int, str], ...] = ()
    file_bytes: int = 0
    mutate: str = ""
    patience: float = 60.0
    obedient: bool = False
    meet: str = ""
    given_up: str = ""


@dataclass(frozen=True)
class Ended:
    """How it ended: exit status, or minus the signal; how many operations it made; what it printed."""

    status: int
    operations: int
    out: str
    err: str

    @property
    def killed(self) -> bool:
        return self.status == -signal.SIGKILL

    @property
    def unhandled(self) -> bool:
        """Whether anything but a documented end."""
        return "Traceback" in self.err or (not self.killed and self.status not in (0, 1, 2, 3, 130))


class Programs:
    """Starts jobs."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "tests.faults.program", str(theirs.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        theirs.close()

    def start(self, job: Job) -> int:
        """The number of the job's process, for `end`; it runs on."""
        _send(self._ours, ("start", job))
        started: int = _receive(self._ours)
        return started

    def end(self, number: int) -> Ended:
        """Wait until it has ended."""
        _send(self._ours, ("end", number))
        ended: Ended = _receive(self._ours)
        return ended

    def run(self, job: Job) -> Ended:
        return self.end(self.start(job))

    def signal(self, number: int, what: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, what)

    def runs(self, number: int) -> bool:
        """Whether the job has not ended yet."""
        try:
            return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def close(self) -> None:
        self._ours.close()
        self._process.wait()


def _send(connection: socket.socket, value: Any) -> None:
    data = pickle.dumps(value)
    connection.sendall(struct.pack("!I", len(data)) + data)


def _receive(connection: socket.socket) -> Any:
    size = struct.unpack("!I", _exactly(connection, 4))[0]
    return pickle.loads(_exactly(connection, size))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


# --- in the process that forks ---------------------------------------------------------------

MODULES = (
    *("sync.cli", "sync.commands.run", "sync.commands.tickets", "sync.wiring.engine", "sync.wiring.sources"),
    *(
        "sync.run.engine",
        "sync.journal.migrate",
        "config.found",
        "config.use",
        "config.settings",
        "sqlalchemy.dialects.sqlite",
    ),
    *("adapters.github.tracker", "adapters.jira.tracker", "adapters.local.tracker"),
    *(
        "adapters.github.source",
        "adapters.files.source",
        "adapters.confluence.source",
        "tests.faults.inside",
        "tests.faults.switches",
    ),
)
PIPE_BYTES = 1 << 20
F_SETPIPE_SZ = 1031

_outputs: dict[int, tuple[Path, list[int]]] = {}


def _serve(connection: socket.socket) -> None:
    for name in MODULES:
        importlib.import_module(name)
    try:
        while True:
            kind, value = _receive(connection)
            _send(connection, _start(value) if kind == "start" else _end(value))
    except EOFError:
        os._exit(0)


def _start(job: Job) -> int:
    outputs = Path(job.clock).parent / f"job-{os.urandom(6).hex()}"
    outputs.mkdir()
    # Pipes, not files: a full disk must not cut what the program says.
    pipes = [os.pipe(), os.pipe()]
    for _, writer in pipes:
        fcntl.fcntl(writer, F_SETPIPE_SZ, PIPE_BYTES)
    child = os.fork()
    if child == 0:
        _work(job, outputs, [writer for _, writer in pipes])
    for _, writer in pipes:
        os.close(writer)
    _outputs[child] = outputs, [reader for reader, _ in pipes]
    return child


def _end(child: int) -> Ended:
    _, status = os.waitpid(child, 0)
    outputs, readers = _outputs.pop(child)
    reported = [_all(reader) for reader in readers]
    counted = outputs / "operations"
    operations = int(counted.read_text()) if counted.exists() else 0
    return Ended(os.waitstatus_to_exitcode(status), operations, *reported)


def _all(reader: int) -> str:
    with os.fdopen(reader, "rb") as pipe:
        return pipe.read().decode(errors="replace")


def _work(job: Job, outputs: Path, writers: list[int]) -> None:
    """In the child; never returns."""
    from tests.faults import inside

    status = 70
    try:
        for number, writer in enumerate(writers, start=1):
            os.dup2(writer, number)
            os.close(writer)
        os.chdir(job.folder)
        os.environ.update(job.environment)
        status = inside.run(job, outputs)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - the child's end is the harness's to judge
        traceback.print_exception(error)
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    from tests.faults import program

    # Under its real name, so that what is pickled is the same here and there.
    program._serve(socket.socket(fileno=int(sys.argv[1])))

"""What is different for the program within a job: its clock, its patience, and what happens at an operation."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import adapters.files.source as files
import adapters.http.transport as http
import sync.wiring.engine as wire
import sync.wiring.sources as wire_sources
from sync.cli import entry
from tests.faults.clock import SharedClock, system_clock
from tests.faults.meeting import hold
from tests.faults.program import Job
from tests.faults.switches import switch_off
from tests.simulators.patience import gives_up

OPERATIONS = frozenset(
    {
        *("sendall", "send", "recv_into", "recv", "connect"),
        *("execute", "executemany", "commit", "rollback", "flock"),
        *("open", "write", "pwrite", "truncate", "fsync", "replace", "rename", "unlink", "mkdir", "fchmod"),
        "dlopen",  # right before a call of the system's own library: files that change places
    }
)
"""Functions of C libraries through which the journal, the network and files are reached."""

IN_MEMORY = frozenset({"str", "quoted_name", "StringIO", "BytesIO"})
"""Types whose methods have such names and reach nothing."""

HEADING = b"## Action items"
LATE = b"\nA person's last line.\n"
"""What a person adds to a document."""


def run(job: Job, outputs: Path) -> int:
    """Run the command line in this process; its exit status.

    Args:
        outputs: a folder; the file `operations` gets their number.
    """
    for module in (wire, wire_sources):
        module.SystemClock = system_clock(Path(job.clock))  # type: ignore[attr-defined]
    files.STEADY_SECONDS = 0.003
    http.BoundedAdapter.__init__ = _patient(http.BoundedAdapter.__init__, job.patience)  # type: ignore[method-assign]
    sqlite3.dbapi2.connect = _held(sqlite3.dbapi2.connect, job.patience)
    if job.given_up:
        signal.signal(signal.SIGUSR1, gives_up(_once(Path(job.given_up))))
    if job.meet:
        sqlite3.connect = _meeting(sqlite3.connect, Path(job.meet))
    switch_off(job.mutate)
    if job.file_bytes:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.file_bytes, job.file_bytes))
    if job.obedient:
        _obey_modes()
    sys.argv = ["sync", *job.arguments]
    with _watched(job, outputs):
        try:
            entry()
        except SystemExit as end:
            return int(end.code or 0)
    return 0


def _obey_modes() -> None:
    """Give up the rights of root to read and write what nobody may (capset, without any capability)."""
    version_3, itself = 0x20080522, 0
    head = (ctypes.c_uint32 * 2)(version_3, itself)
    if ctypes.CDLL(None, use_errno=True).capset(head, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")


def _patient(begin: Callable[..., None], seconds: float) -> Callable[..., None]:
    """A transport that gives up after so many seconds, whatever it is told."""

    def init(self: Any, timeout: Any = None, **values: Any) -> None:
        begin(self, (seconds, seconds), **values)

    return init


def _once(reported: Path) -> Callable[[], bool]:
    """True the first time, when the file is made."""

    def first() -> bool:
        known = reported.exists()
        reported.touch()
        return not known

    return first


def _held(connect: Callable[..., Any], seconds: float) -> Callable[..., Any]:
    """A database that is waited for no longer than that."""

    def opened(*arguments: Any, **values: Any) -> Any:
        if "timeout" in values:
            values["timeout"] = min(values["timeout"], seconds)
        return connect(*arguments, **values)

    return opened


def _meeting(connect: Callable[..., Any], place: Path) -> Callable[..., Any]:
    """A database of the embedded tracker that holds its user right before the first write."""

    def reported(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":
            hold(place)

    def opened(*arguments: Any, **values: Any) -> Any:
        made = connect(*arguments, **values)
        made.set_trace_callback(reported)
        return made

    return opened


@contextlib.contextmanager
def _watched(job: Job, outputs: Path) -> Iterator[None]:
    """Count operations, where that is asked for, and let happen what is to happen."""
    events = dict(job.events) | ({job.at: job.what} if job.at else {})
    if not (events or job.count):
        yield
        return
    number = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal number
        if job.every:
            number += event in ("c_call", "c_return")
        elif event == "c_call" and argument.__name__ in OPERATIONS:
            number += type(getattr(argument, "__self__", None)).__name__ not in IN_MEMORY
        else:
            return
        if what := events.pop(number, ""):
            if not events:
                sys.setprofile(None)
            happen(what, Path(job.clock))

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)
        with contextlib.suppress(OSError):
            (outputs / "operations").write_text(str(number))


def line_of(name: str) -> bytes:
    """A line that a person adds in the middle of a document."""
    return f"Line {name} of a person.\n\n".encode()


def happen(what: str, clock: Path) -> None:
    """Let something happen now, as `Job.what` names it."""
    kind, _, rest = what.partition(" ")
    match kind:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGTERM)
        case "clock":
            SharedClock(clock).set_wrong(float(rest))
        case "append":
            with open(rest, "ab") as file:
                file.write(LATE)
        case "save":
            text = Path(rest).read_bytes()
            Path(rest).write_bytes(text + LATE)
        case "empty":
            Path(f"{rest}~").write_bytes(Path(rest).read_bytes())
            Path(rest).write_bytes(b"")
        case "fill":
            path, name = rest.rsplit(" ", 1)
            kept = Path(f"{path}~")
            text = (kept if kept.exists() else Path(path)).read_bytes()
            Path(path).write_bytes(text.replace(HEADING, line_of(name) + HEADING))
            kept.unlink(missing_ok=True)
        case "swap":
            other = Path(f"{rest}~")
            other.write_bytes(Path(rest).read_bytes() + LATE)
            other.replace(rest)

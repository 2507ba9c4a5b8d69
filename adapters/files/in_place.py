"""Puts new bytes in the place of a file that somebody else may save at the same moment."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile

HOST = hashlib.sha256(os.uname().nodename.encode()).hexdigest()[:8]
"""This machine, in the names and contents of files that only a process of it may remove."""

_OWN = f".postmortem-sync-{HOST}-"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def put_in_place(place: str, before: bytes, after: bytes) -> bool:
    """Put `after` in the file's place, whole or not at all, with its mode and owner.

    Returns:
        False when the file is no longer `before`: what is there stays.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    status = os.stat(place)
    folder = os.path.dirname(place)
    clear_left_behind(folder)
    handle, temporary = tempfile.mkstemp(prefix=f"{_OWN}{os.getpid()}-", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode))
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            os.fsync(file.fileno())
        done = _exchanged(temporary, place, before, after)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)
    return done


def _exchanged(temporary: str, place: str, before: bytes, after: bytes) -> bool:
    """Put the temporary file in the place of what reads as `before`; afterwards it is gone.

    An edit between the last look and a rename would be lost. So the two files change places where the system can do
    that, and what was there is looked at afterwards: when it is not `before`, it goes back.
    """
    if _read(place) != before:
        os.unlink(temporary)
        return False
    if not _exchange(temporary, place):
        os.replace(temporary, place)
        return True
    done = _read(temporary) == before
    if not done:
        _exchange(temporary, place)
        if _read(temporary) != after:
            # Somebody saved what we had put there: the newest of the two edits stays.
            _exchange(temporary, place)
    os.unlink(temporary)
    return done


def _exchange(one: str, other: str) -> bool:
    """Let two files change places at once; False where the system or its file system cannot.

    Raises:
        FileNotFoundError: one of them is gone.
    """
    import ctypes  # only a run that writes needs it

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    done: int = call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if done and ctypes.get_errno() == errno.ENOENT:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), other)
    return done == 0


def _read(place: str) -> bytes:
    with open(place, "rb") as file:
        return file.read()


def is_left_behind(name: str) -> bool:
    """Whether a file of that name is one of a run on this machine that was killed while it wrote."""
    number = name.removeprefix(_OWN).partition("-")[0]
    return name.startswith(_OWN) and name.endswith(".tmp") and number.isdigit() and not is_alive(int(number))


def clear_left_behind(folder: str) -> None:
    """Remove such files. Raises OSError."""
    for entry in os.scandir(folder):
        if is_left_behind(entry.name):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(entry.path)


def is_alive(process: int) -> bool:
    """Whether a process of this machine with that number is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

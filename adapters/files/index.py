"""The index of a git work tree: held while a commit is made, and changed in a copy that takes its place at once."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from adapters.files.git import git
from adapters.files.in_place import HOST, is_alive
from sync.errors import SourceError

ATTEMPTS = 20
_PAUSE = 0.05
_OURS = f"postmortem-sync {HOST} "


class Index:
    """An index that nobody else changes.

    Args:
        place: of the file.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.copy = place.with_name("index.postmortem-sync")
        self.changed = False

    def put(self, top: Path, entries: Sequence[tuple[str, str, str]]) -> None:
        """Let these be its entries, by mode, blob and path; whatever else it has stays. Raises SourceError."""
        shutil.copy2(self.place, self.copy)
        variables = {"GIT_INDEX_FILE": str(self.copy)}
        lines = b"".join(f"{mode} {blob}\t".encode() + os.fsencode(path) + b"\0" for mode, blob, path in entries)
        git(top, "update-index", "-z", "--index-info", data=lines, variables=variables)
        with contextlib.suppress(SourceError):
            git(top, "update-index", "-q", "--refresh", variables=variables)
        self.changed = True


@contextmanager
def locked_index(folder: Path) -> Iterator[Index]:
    """Hold the index as git does, by `index.lock`; what was put into it counts once the block ends well.

    Args:
        folder: of git, with the index of one work tree.

    Raises:
        SourceError: somebody else holds it.
    """
    index = Index(folder / "index")
    lock = folder / "index.lock"
    _take(lock)
    with ExitStack() as undoing:
        undoing.callback(lock.unlink)
        undoing.callback(index.copy.unlink, missing_ok=True)
        yield index
        if index.changed:
            os.replace(index.copy, lock)
            os.replace(lock, index.place)
            undoing.pop_all()


def _take(lock: Path) -> None:
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE)
        try:
            handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except FileExistsError:
            if _is_left_behind(lock):
                lock.unlink(missing_ok=True)
            continue
        except OSError as error:
            raise SourceError(f"{lock}: it cannot be made ({error.strerror}).", "Make its folder writable.") from error
        with os.fdopen(handle, "w") as file:
            file.write(f"{_OURS}{os.getpid()}\n")
        return
    raise SourceError(
        f"{lock}: git is at work there, or was killed at it.", "The next run commits; delete the file if nothing runs."
    )


def _is_left_behind(lock: Path) -> bool:
    """Whether it is of a run of ours on this machine that was killed."""
    try:
        said = lock.read_text("utf-8", "replace")
    except OSError:
        return False
    number = said.removeprefix(_OURS).strip()
    return said.startswith(_OURS) and number.isdigit() and not is_alive(int(number))

"""What was written into documents of a work tree and is not committed yet, kept in the repository's own folder."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from adapters.files.git import merged
from sync.errors import SourceError

WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.05
_NAME = "postmortem-sync.json"


class Written(NamedTuple):
    """A document before our first edit that is not committed, and after our last."""

    before: bytes
    after: bytes


class Uncommitted:
    """Edits by the document's path within the work tree. May be deleted at any time: then they are not committed.

    Args:
        folder: of git.
    """

    def __init__(self, folder: Path) -> None:
        self._place = folder / _NAME
        self.edits: dict[str, Written] = {}

    def add(self, path: str, before: bytes, after: bytes) -> None:
        """A document is about to be written."""
        earlier = self.edits.get(path)
        if earlier and earlier.after == before:
            before = earlier.before
        elif earlier:
            # A person has edited it between the two: theirs is no part of ours.
            before = merged(before, earlier.after, earlier.before) or before
        self.edits[path] = Written(before, after)

    def put_back(self, path: str, earlier: Written | None) -> None:
        """It was not written after all."""
        if earlier:
            self.edits[path] = earlier
        else:
            self.edits.pop(path, None)

    @contextmanager
    def changed(self) -> Iterator[Uncommitted]:
        """Read it, and write at the end what became of it; nobody else does so meanwhile. Raises SourceError."""
        try:
            with _alone(self._place.with_suffix(".lock")):
                found = self.edits = self._read()
                before = dict(found)
                yield self
                if self.edits != before:
                    self._write()
        except OSError as error:
            raise SourceError(
                f"{self._place}: what is to be committed cannot be kept there ({error.strerror}).",
                "Make git's folder writable for the account that runs sync.",
            ) from error

    def _read(self) -> dict[str, Written]:
        try:
            values = json.loads(self._place.read_text("ascii"))
            return {path: Written(*map(_unpacked, pair)) for path, pair in values["edits"].items()}
        except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError, zlib.error):
            return {}

    def _write(self) -> None:
        if not self.edits:
            self._place.unlink(missing_ok=True)
            return
        values = {"version": 1, "edits": {path: list(map(_packed, pair)) for path, pair in self.edits.items()}}
        fresh = self._place.with_suffix(".tmp")
        with open(fresh, "w", encoding="ascii") as file:
            json.dump(values, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._place)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    with open(place, "ab") as file:
        end = time.monotonic() + WAIT_SECONDS
        while not _taken(file.fileno()):
            if time.monotonic() > end:
                raise SourceError(f"{place.parent}: another run is committing there.", "The next run tries again.")
            time.sleep(_POLL_SECONDS)
        yield


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks: git's own still keep two commits apart.
        return True
    return True


def _packed(data: bytes) -> str:
    return base64.b85encode(zlib.compress(data)).decode("ascii")


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))

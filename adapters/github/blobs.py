"""Contents of a repository by the ids that git gives them: read once, kept, and never believed unseen."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

from adapters.github import queries
from adapters.github.schemas import BLOB, OBJECTS, TREE
from adapters.github.session import GitHubSession
from adapters.http.policy import pages
from sync.errors import TrackerError

BATCH = 40
BATCH_BYTES = 2_000_000
"""Contents read in one query: so many, and no more bytes than these."""

Tree = dict[str, tuple[str, int]]
"""Blob id and size of every regular file, by path."""


def blob_id(data: bytes) -> str:
    """The id that git gives to these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class DiskCache(MutableMapping[str, bytes]):
    """Contents by id as files of one folder. Losing it costs calls and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _place(self, key: str) -> Path:
        if not re.fullmatch(r"[0-9a-z-]{1,80}", key):
            raise KeyError(key)
        return self._folder / key

    def __getitem__(self, key: str) -> bytes:
        try:
            return self._place(key).read_bytes()
        except OSError as error:
            raise KeyError(key) from error

    def __setitem__(self, key: str, value: bytes) -> None:
        place = self._place(key)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
            with os.fdopen(handle, "wb") as file:
                file.write(value)
            os.replace(temporary, place)
        except OSError:
            return  # a cache that cannot be written is slower, and no reason to fail

    def __delitem__(self, key: str) -> None:
        with contextlib.suppress(OSError):
            (self._folder / Path(key).name).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[str]:
        """Every key, and the names of what a run that was killed, or ran out of room, has left behind."""
        return iter([entry.name for entry in self._folder.iterdir()] if self._folder.is_dir() else [])

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Blobs:
    """The files of a repository, read by the ids of their contents.

    Args:
        cache: contents by id, trees by `tree-` and their id; shared by the runs of one source.
    """

    def __init__(self, session: GitHubSession, repository: str, cache: MutableMapping[str, bytes]) -> None:
        self._session = session
        self._repository = repository
        self._cache = cache

    def tree(self, oid: str) -> Tree:
        """Every regular file of a tree; read only if it is another than the last."""
        key = f"tree-{oid}"
        known = self._cache.get(key)
        if known is not None:
            try:
                return {path: (str(blob), int(size)) for path, (blob, size) in json.loads(known).items()}
            except (ValueError, TypeError, AttributeError):
                pass  # a damaged cache is read anew
        tree = self._read_tree(oid)
        wanted = {blob for blob, _ in tree.values()}
        for old in [name for name in self._cache if name not in wanted]:
            del self._cache[old]
        self._cache[key] = json.dumps(tree).encode()
        return tree

    def _read_tree(self, oid: str) -> Tree:
        body = self._session.get(f"/repos/{self._repository}/git/trees/{oid}", TREE, {"recursive": "1"}).body
        if not body["truncated"]:
            return _files(body["tree"], "")
        # Too many files for one answer: folder by folder, then.
        tree: Tree = {}
        left = [("", oid)]
        for _ in pages("GitHub"):
            if not left:
                break
            prefix, folder = left.pop()
            entries = self._session.get(f"/repos/{self._repository}/git/trees/{folder}", TREE).body["tree"]
            tree |= _files(entries, prefix)
            left += [(f"{prefix}{e['path']}/", e["sha"]) for e in entries if e["type"] == "tree"]
        return tree

    def get(self, oid: str, others: Iterable[tuple[str, int]] = ()) -> bytes:
        """The bytes of one blob.

        Args:
            others: (id, size) of blobs that are likely to be asked for next; as many as fit are read with it.
        """
        known = self._cache.get(oid)
        if known is None or blob_id(known) != oid:
            self._read_batch(oid, others)
            known = self._cache.get(oid)
        if known is None or blob_id(known) != oid:
            known = self._read_one(oid)
            self._cache[oid] = known
        return known

    def _read_batch(self, oid: str, others: Iterable[tuple[str, int]]) -> None:
        wanted = {oid: None}
        room = BATCH_BYTES
        for other, size in others:
            room -= size
            if room < 0 or len(wanted) >= BATCH:
                break
            if other not in self._cache:
                wanted[other] = None
        owner, _, name = self._repository.partition("/")
        data, _ = self._session.graphql(queries.contents(wanted), {"o": owner, "n": name}, OBJECTS, partial=True)
        found = data["repository"]
        for index, other in enumerate(wanted):
            text = (found.get(f"b{index}") or {}).get("text")
            # GraphQL gives text, not bytes: only what has the right id again is what was meant.
            for guess in (text, f"\ufeff{text}") if isinstance(text, str) else ():
                encoded = guess.encode("utf-8", "surrogatepass")
                if blob_id(encoded) == other:
                    self._cache[other] = encoded

    def _read_one(self, oid: str) -> bytes:
        body = self._session.get(f"/repos/{self._repository}/git/blobs/{oid}", BLOB).body
        try:
            data = base64.b64decode(body["content"]) if body["encoding"] == "base64" else body["content"].encode()
        except binascii.Error as error:
            raise TrackerError("GitHub shows a file in a shape that is not known.") from error
        if blob_id(data) != oid:
            raise TrackerError("GitHub gave other bytes than those that were asked for.")
        return data


def _files(entries: Iterable[dict[str, Any]], prefix: str) -> Tree:
    """Regular files; no symbolic links, no submodules."""
    return {
        f"{prefix}{entry['path']}": (entry["sha"], entry.get("size") or 0)
        for entry in entries
        if entry["type"] == "blob" and entry["mode"] in ("100644", "100755")
    }

"""Which documents of the sources need work: new ones, changed ones, and those of whose tickets something is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sync.errors import SourceError
from sync.journal.journal import Checkpoint, Journal
from sync.ports import Clock, DocumentName, Source, Tracker
from sync.run.checkpoint import watched
from sync.run.poll import digests
from sync.run.summary import Tally

RETRY_NOTES_SECONDS = 24 * 3600
"""An owner nobody could resolve is looked for again after this time, though nothing changed."""


class _Work(NamedTuple):
    """Documents that need work: those that were worked on before, and those that were not."""

    known: list[DocumentName]
    new: list[DocumentName]


@dataclass(frozen=True, slots=True)
class Selector:
    """Looks through the sources.

    Args:
        trackers: those that can be read.
        fingerprint: of the settings that a plan depends on, and of the program.
        force: what was skipped is looked at again.
        chunk: how many documents are looked at together.
    """

    sources: Mapping[str, Source]
    trackers: Mapping[str, Tracker]
    journal: Journal
    clock: Clock
    fingerprint: str
    force: bool
    chunk: int
    tally: Tally

    def select(self) -> list[DocumentName]:
        """First what was worked on before, so that new documents never keep news waiting."""
        work = _Work([], [])
        for name, source in self.sources.items():
            try:
                paths = list(source.paths())
            except SourceError as error:
                self.tally.failed(name, "", str(error))
                continue
            if not paths:
                self.tally.failed(name, "", f"No document was found. Look at what [sources.{name}] says.")
            self.tally.began(len(paths))
            for start in range(0, len(paths), self.chunk):
                some = paths[start : start + self.chunk]
                found = self._look_at(name, source, some)
                work.known.extend(found.known)
                work.new.extend(found.new)
                self.tally.looked_at(len(some))
        return work.known + work.new

    def _look_at(self, name: str, source: Source, paths: Sequence[str]) -> _Work:
        seen = self.journal.checkpoints(name, paths)
        quiet: dict[str, Checkpoint] = {}
        work = _Work([], [])
        for path in paths:
            known = seen.get(path)
            if known is None:
                work.new.append(DocumentName(name, path))
                continue
            if self._is_settled(known):
                try:
                    version = source.version(path) or source.read(path).version
                except SourceError as error:
                    self.tally.failed(name, path, str(error))
                    continue
                if version == known.version:
                    quiet[path] = known
                    continue
            work.known.append(DocumentName(name, path))
        now, down = digests(self.trackers, (ref for known in quiet.values() for ref in watched(known)))
        for tracker, why in down.items():
            self.tally.failed("", tracker, why)
        for path, known in quiet.items():
            if any(now.get(ref, digest) != digest for ref, digest in watched(known).items()):
                work.known.append(DocumentName(name, path))
            else:
                self.tally.idle(name, path, known.record)
        return work

    def _is_settled(self, known: Checkpoint) -> bool:
        if not known.settled or known.fingerprint != self.fingerprint:
            return False
        if self.force and known.record.get("skipped"):
            return False
        age = abs(self.clock.now().timestamp() - known.synced_at)
        return not (known.record.get("notes") and age > RETRY_NOTES_SECONDS)

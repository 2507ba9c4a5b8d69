"""Which pages a source has, and in which version: by the index, and now and then without it, since it lags."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.confluence.addresses import ID
from adapters.confluence.page import Api, Wanted
from sync.ports import Clock
from sync.process.files import write_whole

RELIST_SECONDS = 3600.0
"""A page that the index does not show yet is found within this time, where labels or descendants tell of it."""


@dataclass(slots=True)
class Memory:
    """What a machine remembers of a source between runs. Losing it costs calls, and nothing else.

    Attributes:
        versions: the highest version seen of each page.
        listed: when the pages were last listed without the index, in seconds since the epoch.
        drafts: since when the write to a page waits for somebody's draft.
    """

    versions: dict[str, int] = field(default_factory=dict)
    listed: float = 0.0
    drafts: dict[str, float] = field(default_factory=dict)


class MemoryFile:
    """The memory as a file; a file that cannot be read or written is as good as none."""

    def __init__(self, place: Path | None) -> None:
        self._place = place

    def load(self) -> Memory:
        """What was saved last."""
        try:
            found: Any = json.loads(self._place.read_text("utf-8")) if self._place else {}
            return Memory(_numbers(found["versions"], int), float(found["listed"]), _numbers(found["drafts"], float))
        except (OSError, ValueError, TypeError, LookupError, RecursionError):
            return Memory()

    def save(self, memory: Memory) -> None:
        """Keep it for the next run."""
        if self._place is None:
            return
        text = json.dumps({"versions": memory.versions, "listed": memory.listed, "drafts": memory.drafts})
        try:
            self._place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._place, text)
        except OSError:
            return  # a memory that cannot be written is slower, and no reason to fail


def _numbers(found: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    return {page: kind(number) for page, number in found.items() if ID.fullmatch(page)}


class Listing:
    """The pages of a source as of one look.

    Args:
        memory: of the runs before.
    """

    def __init__(self, api: Api, wanted: Wanted, clock: Clock, memory: MemoryFile) -> None:
        self._api = api
        self._wanted = wanted
        self.clock = clock
        self._file = memory
        self.memory = memory.load()

    def look(self) -> dict[str, int]:
        """Versions by id. One search; and within an hour's time a listing by label, descendants or space beside it."""
        memory, now = self.memory, self.clock.now().timestamp()
        found = {one.id: one.version for one in self._api.search(self._wanted.query())}
        if abs(now - memory.listed) < RELIST_SECONDS:
            # What the index shows no longer is none the less for that, until a listing without it says so too.
            found = memory.versions | found
        else:
            listed = self._api.listed(self._wanted, next(iter(found), ""))
            found |= {page: max(version, found.get(page, 0)) for page, version in (listed or {}).items()}
            memory.listed = now
        # The index may tell an older version than was seen already.
        found = {page: max(version, memory.versions.get(page, 0)) for page, version in found.items()}
        unknown = [page for page, version in found.items() if not version]
        if unknown:
            known = self._api.versions(unknown)
            found = {page: version or known.get(page, 0) for page, version in found.items()}
        found = {page: version for page, version in found.items() if version}
        memory.versions = dict(found)
        return found

    def save(self) -> None:
        """Keep what was learned for the next run."""
        self._file.save(self.memory)

"""What a worker is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Job:
    """One postmortem of a team to be synced; `attempt` counts from 0."""

    team: str
    source: str
    path: str
    attempt: int = 0

    @property
    def lock(self) -> str:
        """One at a time runs under it, and one at a time waits."""
        return lock(self.team, self.source, self.path)


def lock(*names: str) -> str:
    """A lock's name. Procrastinate reads it back out of PostgreSQL's messages, so it is of plain letters."""
    return "/".join(quote(name, safe="/ ") for name in names)

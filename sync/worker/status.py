"""What the queue and the teams' notes say: how much waits, for how long, what failed, and who is at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.journal.notes import Notes
from sync.worker.queue import POSTMORTEM, SCAN, reading
from sync.worker.team import FAILED, SCANNED

FAILURES = 20
_COUNTS = """
SELECT
  coalesce(args ->> 'team', ''),
  count(*) FILTER (WHERE status = 'todo'),
  count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()),
  count(*) FILTER (WHERE status = 'doing'),
  coalesce(extract(epoch FROM now() - min(made.at) FILTER (WHERE status = 'todo' AND
    (scheduled_at IS NULL OR scheduled_at <= now()))), 0)
FROM procrastinate_jobs job
LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id) made ON true
WHERE task_name = ANY(%s) GROUP BY 1
"""
_WORKERS = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)"


@dataclass(frozen=True, slots=True)
class TeamStatus:
    """How one team's work stands.

    Attributes:
        waiting: jobs that have not begun; `later` of them are to be tried again at a later time.
        running: jobs at work.
        lag_seconds: how long the oldest job has waited that could have begun.
        failed: postmortems whose last attempt failed: source, path, why, when (seconds since the epoch).
        scanned: what the last scan found; empty before the first. `scanned_at` is when.
    """

    team: str
    waiting: int = 0
    later: int = 0
    running: int = 0
    lag_seconds: float = 0.0
    failed: tuple[Mapping[str, Any], ...] = ()
    scanned: Mapping[str, Any] | None = None
    scanned_at: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The values that `sync worker --status --json` prints."""
        return {
            "team": self.team,
            "waiting": self.waiting,
            "later": self.later,
            "running": self.running,
            "lag_seconds": round(self.lag_seconds, 1),
            "failed": [dict(one) for one in self.failed],
            "scanned_at": round(self.scanned_at, 3) or None,
            "scan": dict(self.scanned) if self.scanned is not None else None,
        }


def status(url: str, notes: Mapping[str, Notes], takeover_seconds: float) -> tuple[int, list[TeamStatus]]:
    """How many workers are alive, and how each team stands.

    Raises:
        JournalError: the queue cannot be read.
    """
    with reading(url) as connection:
        rows = connection.execute(_COUNTS, [[SCAN, POSTMORTEM]]).fetchall()
        alive = connection.execute(_WORKERS, [takeover_seconds]).fetchone()
    counts: dict[str, Any] = {str(team): rest for team, *rest in rows}
    found = []
    for team, team_notes in notes.items():
        waiting, later, running, lag = counts.get(team, (0, 0, 0, 0.0))
        scan = next(iter(team_notes.under(SCANNED)), None)
        failed = tuple(
            {
                "source": note.name.split("\n")[1],
                "path": note.name.split("\n")[2],
                "why": note.facts.get("error", ""),
                "at": round(note.at, 3),
            }
            for note in team_notes.under(FAILED)
        )
        found.append(
            TeamStatus(
                team,
                int(waiting),
                int(later),
                int(running),
                float(lag),
                failed,
                scan.facts if scan else None,
                scan.at if scan else 0.0,
            )
        )
    # Each process has two: one for work and one for upkeep.
    return int(str(alive[0])) // 2 if alive else 0, found

"""What a worker does for one team: scan, and sync one postmortem; what went wrong is told in notes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from sync.errors import LimitReached, StopRun, SyncError, Throttled
from sync.journal.notes import Notes
from sync.model import Action
from sync.process.logs import log
from sync.run.engine import Engine, Scan, over_limit
from sync.run.summary import DocumentReport, Observer, Silent, Summary
from sync.worker.jobs import Job

ATTEMPTS = 4
"""How often a postmortem is tried before the next scan has to bring it again."""

FIRST_WAIT = 5.0
LONGEST_WAIT = 900.0
SCANNED = "scan"
FAILED = "failed\n"
AGAIN = "again"


class Interrupted(StopRun):
    """The worker is told to stop: what was done is recorded, another one goes on."""


@dataclass(slots=True)
class Watching(Silent):
    """An observer that keeps what failed."""

    errors: list[str] = field(default_factory=list)

    def document(self, report: DocumentReport) -> None:
        """Keep what failed of a document."""
        self.errors += report.errors
        self.errors += [o.error for o in report.outcomes if o.action is Action.FAIL and o.error]


class Traced(Protocol):
    """A scan or a job while it is traced, or not: `observer` is to be used instead of the one that was given."""

    observer: Observer

    def ended(self, summary: Summary) -> None:
        """What it did."""

    def came_to(self, outcome: str, failed: bool = False) -> None:
        """How it ended, in one word."""


class Putting(Protocol):
    """Where work is put."""

    def put(self, job: Job, after: int = 0) -> bool:
        """Put a job into the queue, to begin after so many seconds; False when it is waiting already."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team's settings, ready to work with. May be used by threads.

    Attributes:
        name: of the team; the name of its settings file.
        engine: gives an engine to one caller at a time, which tells the observer.
        notes: where it is told what a scan found, and what failed.
        new_tickets: how many a scan may lead to; None for any number.
        traced: traces a "scan" or a "job" while it lasts, where traces are wanted.
        carry_out: syncs one document, (source, path), with an engine.
    """

    name: str
    engine: Callable[[Observer], AbstractContextManager[Engine]]
    notes: Notes
    new_tickets: int | None
    traced: Callable[[str, Observer, Mapping[str, str | int]], AbstractContextManager[Traced]]
    carry_out: Callable[[Engine, str, str], Summary] = Engine.one

    def scan(self, queue: Putting) -> None:
        """Look through sources and trackers, and put into the queue what needs work."""
        watching = Watching()
        put = 0

        def ready(source: str, path: str) -> None:
            nonlocal put
            put += queue.put(Job(self.name, source, path))

        with self.traced("scan", watching, {"team": self.name}) as traced:
            try:
                with self.engine(traced.observer) as engine:
                    found = engine.scan(ready)
            except SyncError as error:
                self.notes.put(SCANNED, {"error": str(error)})
                raise
            held = self._over(found)
            for (source, path), creates in found.work.items():
                if creates and not held:
                    ready(source, path)
            traced.ended(found.summary)
            traced.came_to("held" if held else "done", failed=bool(held or found.summary.failed))
        facts = {
            "postmortems": found.summary.postmortems,
            "need_work": len(found.work),
            "enqueued": put,
            "error": held,
            "failed": watching.errors[:20],
        }
        self.notes.put(SCANNED, facts)
        log().info("scanned", team=self.name, **facts)

    def _over(self, found: Scan) -> str:
        creates = sum(found.work.values())
        if self.new_tickets is None or creates <= self.new_tickets:
            return ""
        return str(over_limit(creates, self.new_tickets))

    def sync(self, job: Job, queue: Putting) -> None:
        """Sync one postmortem. What may pass is put into the queue again, to be tried later.

        Raises:
            SyncError: it was tried often enough, or trying again is of no use.
        """
        watching = Watching()
        about: dict[str, str | int] = {"source": job.source, "path": job.path, "attempt": job.attempt}
        with self.traced("job", watching, {"team": self.name, **about}) as traced:
            outcome = self._sync(job, queue, watching, traced)
            traced.came_to(outcome, failed=outcome == AGAIN)

    def _sync(self, job: Job, queue: Putting, watching: Watching, traced: Traced) -> str:
        try:
            with self.engine(traced.observer) as engine:
                summary = self.carry_out(engine, job.source, job.path)
                if summary.failed and self._gone(engine, job):
                    self.notes.drop(_failed(job))
                    return "gone"
        except Interrupted:
            queue.put(job)
            return "interrupted"
        except SyncError as error:
            return self._later(job, queue, error)
        traced.ended(summary)
        log().info("synced", team=self.name, source=job.source, path=job.path, **summary.to_json())
        if summary.failed:
            return self._later(job, queue, SyncError("; ".join(watching.errors) or "an item failed"))
        self.notes.drop(_failed(job))
        return "done"

    def _later(self, job: Job, queue: Putting, error: SyncError) -> str:
        self.notes.put(_failed(job), {"error": str(error), "attempt": job.attempt + 1})
        if job.attempt + 1 >= ATTEMPTS or isinstance(error, LimitReached):
            raise error
        # Jitter keeps postmortems that failed together from coming back together.
        wait = min(FIRST_WAIT * 3**job.attempt * random.uniform(0.75, 1.25), LONGEST_WAIT)
        if isinstance(error, Throttled) and error.seconds:
            wait = max(wait, error.seconds)
        queue.put(Job(job.team, job.source, job.path, job.attempt + 1), after=max(1, round(wait)))
        log().warning("to be tried again", team=self.name, path=job.path, seconds=round(wait), why=str(error))
        return AGAIN

    @staticmethod
    def _gone(engine: Engine, job: Job) -> bool:
        """Whether the document was removed after it was put into the queue."""
        try:
            return job.path not in engine.sources[job.source].paths()
        except (SyncError, KeyError):
            return False


def _failed(job: Job) -> str:
    return f"{FAILED}{job.source}\n{job.path}"

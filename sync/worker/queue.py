"""The queue: what is waiting, for whom, and how it gets there. No task is carried out here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import procrastinate
import psycopg
from procrastinate import exceptions
from psycopg import sql

from sync.errors import JournalError
from sync.journal.locks import lock_number
from sync.worker.jobs import Job, lock

WORK = "work"
UPKEEP = "upkeep"
SCAN = "postmortem_sync.scan"
POSTMORTEM = "postmortem_sync.postmortem"
TAKEOVER = "postmortem_sync.takeover"
FIRST = 10
"""The priority of scans: a backlog of postmortems must not hold them up."""


class Queue:
    """Puts work into the queue. May be used by threads.

    Args:
        url: "postgresql://…", as in `[state] url`.
    """

    def __init__(self, url: str) -> None:
        self._app = procrastinate.App(
            connector=procrastinate.SyncPsycopgConnector(conninfo=url, min_size=0, max_size=4)
        )
        self._app.open()

    def close(self) -> None:
        """Close the connections to the queue."""
        self._app.close()

    def put(self, job: Job, after: int = 0) -> bool:
        """Let a postmortem be synced; False when it is waiting already.

        Args:
            after: seconds from now.
        """
        return self._defer(
            POSTMORTEM,
            job.lock,
            0,
            after,
            team=job.team,
            source=job.source,
            path=job.path,
            attempt=job.attempt,
        )

    def put_scan(self, team: str) -> bool:
        """Let a team's sources and trackers be looked through; False when that is waiting already."""
        return self._defer(SCAN, lock(team, "scan"), FIRST, 0, team=team, timestamp=0)

    def _defer(self, task: str, key: str, priority: int, after: int, **arguments: str | int) -> bool:
        configured = self._app.configure_task(
            task,
            queue=WORK,
            lock=key,
            queueing_lock=key,
            priority=priority,
            schedule_in={"seconds": after} if after else None,
        )
        try:
            configured.defer(**arguments)
        except exceptions.AlreadyEnqueued:
            return False
        except exceptions.ConnectorException as error:
            raise JournalError(f"The queue cannot be reached ({_said(error)}).", "See that PostgreSQL runs.") from error
        return True


def make_tables(url: str) -> None:
    """Make the queue's tables where they are missing. Raises JournalError."""
    try:
        with psycopg.connect(url) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number("queue")])
            row = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
            if row and row[0]:
                return
            connection.execute(sql.SQL(procrastinate.schema.SchemaManager.get_schema()))
    except psycopg.Error as error:
        raise JournalError(
            f"The queue's tables cannot be made ({_said(error)}).",
            "See that PostgreSQL runs, and that the account of state.url may make tables.",
        ) from error


@contextmanager
def reading(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection that only reads. Raises JournalError."""
    try:
        with psycopg.connect(url) as connection:
            connection.read_only = True
            yield connection
    except psycopg.Error as error:
        raise JournalError(f"The queue cannot be read ({_said(error)}).", "See that PostgreSQL runs.") from error


def _said(error: Exception) -> str:
    cause = error.__cause__ or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__

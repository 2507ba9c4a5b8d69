"""A worker process: takes scans and postmortems from the queue, and takes over what dead workers left."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import procrastinate
import psycopg
from procrastinate import exceptions
from procrastinate.jobs import Status

from sync.errors import JournalError
from sync.process.logs import log
from sync.worker.jobs import Job, lock
from sync.worker.queue import FIRST, POSTMORTEM, SCAN, TAKEOVER, UPKEEP, WORK, Queue, reading
from sync.worker.team import Team

POLL_SECONDS = 2.0
DRAIN_SECONDS = 0.5
"""How often a worker that is to drain the queue looks whether anything is left."""

KEPT_HOURS = 7 * 24
"""How long failed jobs are kept, to be looked at."""


class Worker:
    """One process of any number.

    Args:
        url: of the queue.
        teams: whom it works for, by name; every worker of a queue works for the same.
        jobs: how many postmortems at the same time.
        every_minutes: between two scans.
        takeover_seconds: a worker silent for so long is dead.
        stopping: set when it is told to stop, so that waits end.
    """

    def __init__(
        self,
        url: str,
        teams: Mapping[str, Team],
        jobs: int,
        every_minutes: int,
        takeover_seconds: float,
        stopping: threading.Event,
    ) -> None:
        self._url = url
        self._teams = teams
        self._jobs = jobs
        self._every = every_minutes
        self._takeover = takeover_seconds
        self._stopping = stopping
        self._queue = Queue(url)
        connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=jobs + 6)
        self._app = procrastinate.App(connector=connector)
        self._tasks()

    def _tasks(self) -> None:
        app = self._app

        @app.task(name=SCAN, queue=WORK)
        def scan(timestamp: int, team: str) -> None:
            if known := self._teams.get(team):
                known.scan(self._queue)

        @app.task(name=POSTMORTEM, queue=WORK)
        def postmortem(team: str, source: str, path: str, attempt: int) -> None:
            if known := self._teams.get(team):
                known.sync(Job(team, source, path, attempt), self._queue)

        @app.task(name=TAKEOVER, queue=UPKEEP, pass_context=True)
        async def takeover(context: procrastinate.JobContext, timestamp: int) -> None:
            await self._take_over()

        self._scan = scan
        pause = max(1, min(30, int(self._takeover / 2)))
        app.periodic(cron=f"* * * * * */{pause}", queueing_lock="takeover", lock="takeover")(takeover)

    def _scan_again_and_again(self) -> None:
        for name in self._teams:
            key = lock(name, "scan")
            self._app.periodic(
                cron=f"*/{self._every} * * * *",
                periodic_id=name,
                task_kwargs={"team": name},
                lock=key,
                queueing_lock=key,
                priority=FIRST,
            )(self._scan)

    async def _take_over(self) -> None:
        """Give back what workers had that are dead, and forget old failures."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=self._takeover):
            try:
                await manager.retry_job(job)
            except exceptions.ConnectorException:
                # The same postmortem waits already: one of the two is enough.
                await manager.finish_job(job, Status.FAILED, delete_job=True)
            log().warning("taken over from a worker that is gone", **_facts(job.task_kwargs))
        await manager.prune_stalled_workers(self._takeover)
        await manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True)

    def run(self, drain: bool = False) -> None:
        """Work until told to stop, by SIGTERM or SIGINT; then what is at work is finished first.

        Args:
            drain: end when nothing is left to do now.

        Raises:
            JournalError: the queue cannot be reached.
        """
        for name in self._teams:
            self._queue.put_scan(name)
        if not drain:
            self._scan_again_and_again()
        try:
            asyncio.run(self._main(drain))
        except (exceptions.ConnectorException, psycopg.Error) as error:
            raise JournalError(
                f"The queue cannot be reached ({str(error).strip() or type(error).__name__}).",
                "See that PostgreSQL runs; a worker that is started again goes on.",
            ) from error
        finally:
            self._queue.close()

    async def _main(self, drain: bool) -> None:
        loop = asyncio.get_running_loop()
        # Jobs are threads of the loop's own pool, which has six on a machine of two cores.
        loop.set_default_executor(ThreadPoolExecutor(self._jobs + 2))
        async with self._app.open_async():
            upkeep = asyncio.create_task(self._serve([UPKEEP], 1, wait=True))
            work = asyncio.create_task(self._drain() if drain else self._serve([WORK], self._jobs, wait=True))

            def stop() -> None:
                self._stopping.set()
                work.cancel()

            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop)
            try:
                await asyncio.wait({work, upkeep}, return_when=asyncio.FIRST_COMPLETED)
                wanted = self._stopping.is_set() or (drain and work.done())
            finally:
                self._stopping.set()
                for task in (work, upkeep):
                    task.cancel()
                ended = await asyncio.gather(work, upkeep, return_exceptions=True)
            for error in ended:
                if isinstance(error, Exception):
                    raise error
            if not wanted:
                raise JournalError("The worker lost its queue; the log says why.", "Start it again: it goes on.")

    async def _drain(self) -> None:
        # Not with wait=False: a worker that found nothing more would show no sign of life while it ends its last job.
        work = asyncio.create_task(self._serve([WORK], self._jobs, wait=True))
        try:
            while not work.done() and await asyncio.to_thread(self._left):
                await asyncio.wait({work}, timeout=DRAIN_SECONDS)
        finally:
            work.cancel()
            await asyncio.wait({work})
        if not work.cancelled():
            work.result()

    def _left(self) -> bool:
        query = (
            "SELECT 1 FROM procrastinate_jobs WHERE queue_name = %s AND"
            " (status = 'doing' OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))) LIMIT 1"
        )
        with reading(self._url) as connection:
            return connection.execute(query, [WORK]).fetchone() is not None

    async def _serve(self, queues: list[str], jobs: int, wait: bool) -> None:
        await self._app.run_worker_async(
            queues=queues,
            name=queues[0],
            concurrency=jobs,
            wait=wait,
            fetch_job_polling_interval=POLL_SECONDS,
            delete_jobs="successful",
            install_signal_handlers=False,
            update_heartbeat_interval=min(10.0, self._takeover / 3),
            stalled_worker_timeout=self._takeover,
        )


def _facts(arguments: Mapping[str, object]) -> dict[str, object]:
    return {name: arguments[name] for name in ("team", "source", "path") if name in arguments}

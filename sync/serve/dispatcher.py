"""Deals with what came in: hands it to the workers' queue, or syncs it here. Until then it stays in the inbox."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from sync.errors import JournalError, SyncError
from sync.journal.inbox import Inbox
from sync.process.logs import log
from sync.worker.jobs import Job
from sync.worker.team import Team

SOON = 2
"""Seconds until a document is synced: one act of a person sends several events, and answers can lag behind them."""

LOOK_SECONDS = 30.0
"""How often the inbox is looked into though nobody rang: another process may have left something."""


class Dispatcher(ABC):
    """A thread that empties an inbox."""

    def __init__(self, name: str, inbox: Inbox) -> None:
        self.inbox = inbox
        self._rung = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"dispatcher {name}", daemon=True)

    def start(self) -> None:
        """Begin, with what an earlier process left."""
        self._thread.start()

    def ring(self) -> None:
        """Something came in."""
        self._rung.set()

    def stop(self) -> None:
        """Take up nothing more."""
        self._stopping.set()
        self._rung.set()

    def join(self, seconds: float) -> None:
        """Wait until what is at work is finished, so long at most."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    @property
    def alive(self) -> bool:
        """Whether its thread is running."""
        return self._thread.is_alive()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                pause = self.step()
            except JournalError as error:
                log().warning("what came in cannot be dealt with now", why=str(error))
                pause = LOOK_SECONDS / 2
            self._rung.wait(pause)
            self._rung.clear()

    @abstractmethod
    def step(self) -> float:
        """Do what is to be done now; answers in how many seconds there may be more. Raises JournalError."""


class QueueDispatcher(Dispatcher):
    """Hands documents to the workers.

    Args:
        put: into their queue: source, path, and the seconds to wait.
    """

    def __init__(self, name: str, inbox: Inbox, put: Callable[[str, str, int], object]) -> None:
        super().__init__(name, inbox)
        self._put = put

    def step(self) -> float:
        """Put everything that came in into the queue, and only then take it off the inbox."""
        for delivery in self.inbox.left():
            for source, path in delivery.names:
                self._put(source, path, SOON)
            self.inbox.done([delivery.delivery])
        return LOOK_SECONDS


class OwnDispatcher(Dispatcher):
    """Syncs documents itself, one after the other; what fails is tried again as workers do."""

    def __init__(self, team: Team, inbox: Inbox) -> None:
        super().__init__(team.name, inbox)
        self._team = team
        self._waiting: dict[str, tuple[float, Job]] = {}
        self._open: dict[str, frozenset[str]] = {}

    def put(self, job: Job, after: int = 0) -> bool:
        """Let a document be synced in so many seconds; False when it is waiting already."""
        due, known = time.monotonic() + after, self._waiting.get(job.lock)
        self._waiting[job.lock] = (min(due, known[0]), known[1]) if known else (due, job)
        return known is None

    def step(self) -> float:
        """Sync one document that is due; answers in how many seconds to look again."""
        for delivery in self.inbox.left():
            if delivery.delivery not in self._open:
                jobs = [Job(self._team.name, source, path) for source, path in delivery.names]
                for job in jobs:
                    self.put(job, SOON)
                self._open[delivery.delivery] = frozenset(job.lock for job in jobs)
        now = time.monotonic()
        if ready := [key for key, (due, _) in self._waiting.items() if due <= now]:
            _, job = self._waiting.pop(min(ready, key=lambda key: self._waiting[key][0]))
            self._sync(job)
        self._conclude()
        return min([LOOK_SECONDS, *(max(0.0, due - time.monotonic()) for due, _ in self._waiting.values())])

    def _sync(self, job: Job) -> None:
        try:
            self._team.sync(job, self)
        except JournalError as error:
            log().warning("the state store cannot be used now", source=job.source, path=job.path, why=str(error))
            self.put(job, round(LOOK_SECONDS))
        except SyncError as error:
            log().error("could not be synced", source=job.source, path=job.path, why=str(error))
        except Exception as error:  # noqa: BLE001 - a mistake of ours with one document must not keep others waiting
            log().error("could not be synced", source=job.source, path=job.path, exc_info=error)

    def _conclude(self) -> None:
        finished = [name for name, locks in self._open.items() if not locks & self._waiting.keys()]
        if finished:
            self.inbox.done(finished)
            for name in finished:
                del self._open[name]

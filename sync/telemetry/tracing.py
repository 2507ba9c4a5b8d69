"""What a run and a worker's work tell of themselves, for whoever wants to trace them. Nothing of OpenTelemetry here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from sync.run.summary import Silent

if TYPE_CHECKING:
    from sync.ports import Exchange, Watch
    from sync.run.summary import DocumentReport, Observer, Summary
    from sync.telemetry.metrics import Metrics


class Run:
    """One run, which nobody traces.

    Attributes:
        observer: to be used instead of the one that was given: for the sources, the trackers and the engine.
        figures: is told the figures that go out as metrics; None when nobody wants them.
    """

    figures: Callable[[Metrics], None] | None = None

    def __init__(self, observer: Observer) -> None:
        self.observer = observer

    def ended(self, summary: Summary) -> None:
        """The run came to its end; not called when an error ends it."""
        return


class Work(Run):
    """A scan or a job of a worker, which nobody traces; several go on at a time, in threads of their own."""

    def came_to(self, outcome: str, failed: bool = False) -> None:
        """How it ended, in one word; not called when an error ends it."""
        return


class Telemetry:
    """Telemetry that is off.

    Attributes:
        on: whether anybody is told.
    """

    on = False

    @contextmanager
    def work(self, kind: str, observer: Observer, about: Mapping[str, str | int]) -> Iterator[Work]:
        """One piece of a worker's work.

        Args:
            kind: "scan" or "job".
            about: names of the team, the source and the document.
        """
        yield Work(observer)

    @contextmanager
    def run(self, observer: Observer, dry_run: bool = False) -> Iterator[Run]:
        """One run, from before its sources are made. Several may go on at a time, in threads of their own."""
        yield Run(observer)


class TracedObserver:
    """Passes on what a run tells, and tells it elsewhere too.

    Args:
        document: told of each document.
        call: told of each call over HTTP, with what it went to.
    """

    def __init__(
        self,
        observer: Observer,
        document: Callable[[DocumentReport], None],
        call: Callable[[str, Exchange], None],
    ) -> None:
        self.began = observer.began
        self.advanced = observer.advanced
        self.waiting = observer.waiting
        self.left = observer.left
        self._observer = observer
        self._document = document
        self._call = call

    def document(self, report: DocumentReport) -> None:
        """Tell of a document, here and there."""
        self._document(report)
        self._observer.document(report)

    def watch(self, to: str) -> Watch:
        """What is told of each call to that tracker or source."""
        return partial(self._call, to)


class Relay(Silent):
    """Stands in for the observer of a tracker that serves one piece of work after another.

    Args:
        waiting: told of waits.

    Attributes:
        now: whose calls they are at the moment; None for nobody's.
    """

    def __init__(self, waiting: Callable[[str, float], None]) -> None:
        self._waiting = waiting
        self.now: Observer | None = None

    def waiting(self, why: str, seconds: float) -> None:
        """Tell of a wait."""
        self._waiting(why, seconds)

    def watch(self, to: str) -> Watch:
        """What is told of each call to that tracker or source, for as long as somebody wants to know."""
        return partial(self._call, to)

    def _call(self, to: str, made: Exchange) -> None:
        if isinstance(self.now, TracedObserver):
            self.now.watch(to)(made)


def watch(observer: Observer, to: str) -> Watch | None:
    """What is told of each call to a tracker, or `source NAME`; None unless the run is traced."""
    return observer.watch(to) if isinstance(observer, TracedObserver | Relay) else None

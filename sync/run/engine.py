"""One run over many postmortems: poll, select, plan, check the limits, carry out, conclude."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from sync.errors import LimitReached, SourceError
from sync.formats import FORMATS, Format
from sync.journal.journal import Journal
from sync.journal.questions import Questions
from sync.model import ParseOptions
from sync.plan import Policy
from sync.ports import Clock, DocumentName, Finishing, Source, Tracker
from sync.run.apply import Applier
from sync.run.carry_out import Done, Executor
from sync.run.checkpoint import Terms, checkpoint
from sync.run.desired import Resolver
from sync.run.planner import Failed, Planned, Planner, Plans, Skipped, origin_at
from sync.run.poll import Poller, Unreadable
from sync.run.reports import concluded, preview
from sync.run.select import Selector
from sync.run.summary import DocumentReport, Observer, Silent, Summary, Tally

CHUNK = 200
"""Documents looked at, and planned, together: memory does not grow with their number."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked to do.

    Attributes:
        names: (source, path) of documents named by hand; empty for every document of every source.
        dry_run: plan, write nothing.
        force: past the limits.
    """

    names: Sequence[tuple[str, str]] = ()
    dry_run: bool = False
    force: bool = False


@dataclass(slots=True)
class Engine:
    """Everything one run needs, passed in. Not to be used by two threads.

    Args:
        journal: for a dry run a copy (`copy_journal`).
        fingerprint: of the settings that a plan depends on, and of the program.
        new_tickets: the limit; None for none.
        chunk: how many documents are looked at, and planned, together.
    """

    sources: Mapping[str, Source]
    trackers: Mapping[str, Tracker]
    resolver: Resolver
    journal: Journal
    clock: Clock
    policy: Policy
    options: ParseOptions = field(default_factory=ParseOptions)
    fingerprint: str = ""
    new_tickets: int | None = 25
    lock_seconds: float = 600.0
    observer: Observer = field(default_factory=Silent)
    formats: Mapping[str, Format] = field(default_factory=lambda: FORMATS)
    chunk: int = CHUNK

    def run(self, request: Request) -> Summary:
        """Carry a request out. One failing document or item never stops the others.

        Raises:
            LimitReached: more tickets would be created than the limit allows; nothing was written.
            StopRun: nothing further can work.
        """
        limit = None if request.force else self.new_tickets
        with self._alone():
            run = _Run(self, request)
            unreadable = run.poll()
            plans = run.plans(run.select(unreadable), unreadable)
            creates = 0 if limit is None else plans.creates()
            over = limit is not None and creates > limit
            if request.dry_run:
                run.preview(plans)
            elif not over:
                run.carry_out(plans, None if limit is None else limit - creates)
            if over:
                raise over_limit(creates, limit)
            return run.summary()

    @contextmanager
    def _alone(self, shared: bool = False) -> Iterator[None]:
        """Be the only one at work on this state store, or one of those who share it.

        Whoever waits stands in the gate, so that others who come later cannot pass by for ever.
        """
        waiting = partial(self.observer.waiting, "another run is at work", 0)
        with ExitStack() as held:
            with self.journal.exclusive("gate", self.lock_seconds, waiting, shared):
                held.enter_context(self.journal.exclusive("run", self.lock_seconds, waiting, shared))
            self.observer.left(0)
            yield

    def scan(self, ready: Callable[[str, str], None] = lambda source, path: None) -> Scan:
        """List the trackers and find the documents that need work; nothing is written outside the state store.

        Args:
            ready: told of each that would create nothing, as soon as it is found: no limit can concern it.

        Raises:
            StopRun: nothing further can work.
        """
        with self.journal.exclusive("scan", self.lock_seconds):
            run = _Run(self, Request())
            # A document that is concluded while a listing is read could miss what the listing tells.
            with self._alone():
                unreadable = run.poll(timed=True)
            plans = run.plans(run.select(unreadable), unreadable)
            return Scan(dict(run.work(plans, ready)), run.summary())

    def look(self, names: Sequence[tuple[str, str]] = ()) -> Summary:
        """See what only a person can say, as documents and tickets are now; the journal has it afterwards.

        Nothing is written outside the state store.

        Args:
            names: (source, path) of documents; without any every one is looked at that needs work, or asks something.

        Raises:
            StopRun: nothing further can work.
        """
        with self._alone():
            run = _Run(self, Request(names))
            unreadable = run.poll()
            known = [q for q in Questions(self.journal).all() if q.source in self.sources]
            named = {DocumentName(q.source, q.path) for q in known if q.named}
            found = run.select(unreadable) + ([] if names else [DocumentName(q.source, q.path) for q in known])
            run.look(run.plans([name for name in dict.fromkeys(found) if name not in named], unreadable))
            run.look(run.plans([name for name in dict.fromkeys(found) if name in named], unreadable, named=True))
            return run.summary()

    def one(self, source: str, path: str) -> Summary:
        """Carry out the work on one document, beside others at work on other documents. After a `scan`.

        Raises:
            LimitReached, StopRun: as `run` does; JournalError, too, while another is at work on the document.
        """
        with ExitStack() as held:
            held.enter_context(self._alone(shared=True))
            held.enter_context(self.journal.exclusive(f"document {source}/{path}", self.lock_seconds))
            run = _Run(self, Request([(source, path)]))
            origin = origin_at(self.sources[source], path, self.options, self.formats)
            for name in sorted({origin.name, origin.place}) if origin else ():
                # Two documents of one id, or two names of one file, must not both be found to be the first.
                digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:20]
                held.enter_context(self.journal.exclusive(f"postmortem {digest}", self.lock_seconds))
            listed = self.journal.listed_at()
            unreadable = run.poll() if listed is None else Unreadable({}, {})
            if listed is not None:
                # What others made since the last listing is looked for by its mark.
                run.began = datetime.fromtimestamp(listed, UTC)
            plans = run.plans(run.select(unreadable), unreadable)
            creates = plans.creates()
            if self.new_tickets is not None and creates > self.new_tickets:
                raise over_limit(creates, self.new_tickets)
            run.carry_out(plans, None if self.new_tickets is None else self.new_tickets - creates)
            return run.summary()


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found.

    Attributes:
        work: (source, path) of the documents that need work, and how many tickets each would create.
        summary: of what was looked at; its failures are documents and trackers that cannot be worked on now.
    """

    work: Mapping[tuple[str, str], int]
    summary: Summary


class _Run:
    """The stages of one run; what one finds is given to the next.

    Attributes:
        began: when the tickets that plans are based on were read.
    """

    def __init__(self, engine: Engine, request: Request) -> None:
        self._engine = engine
        self._request = request
        self._tally = Tally(engine.observer, named=bool(request.names))
        self._started = self.began = engine.clock.now()
        self._requests = {name: port.requests() for name, port in self._ports()}

    def poll(self, timed: bool = False) -> Unreadable:
        """List what changed on the trackers; answers what could not be read.

        Args:
            timed: the journal keeps when that was, for the work on single documents later.
        """
        engine = self._engine
        unreadable = Poller(engine.trackers, engine.resolver, engine.journal, engine.clock, timed).poll()
        for name, why in unreadable.trackers.items():
            self._tally.failed("", name, why)
        for (name, _), why in unreadable.projects.items():
            self._tally.failed("", name, why)
        return unreadable

    def select(self, unreadable: Unreadable) -> list[DocumentName]:
        """The documents that need work, or that were named."""
        engine, request = self._engine, self._request
        if request.names:
            self._tally.began(len(request.names))
            return [DocumentName(*name) for name in request.names]
        return Selector(
            engine.sources,
            {name: tracker for name, tracker in engine.trackers.items() if name not in unreadable.trackers},
            engine.journal,
            engine.clock,
            engine.fingerprint,
            request.force,
            engine.chunk,
            self._tally,
        ).select()

    def plans(self, names: Sequence[DocumentName], unreadable: Unreadable, named: bool = False) -> Plans:
        """Plans of these documents, none of which is made yet; `named` as if they were named by hand."""
        engine = self._engine
        planner = Planner(
            engine.sources,
            engine.trackers,
            engine.resolver,
            engine.journal,
            engine.clock,
            engine.options,
            replace(engine.policy, explicit=True) if named else engine.policy,
            unreadable,
            engine.formats,
        )
        return Plans(planner, names, engine.chunk)

    def work(self, plans: Plans, ready: Callable[[str, str], None]) -> Iterator[tuple[DocumentName, int]]:
        """How many tickets each document would create; `ready` is told of those that create none."""
        for names in plans.chunks():
            for result in plans.of(names):
                if isinstance(result, Failed):
                    self._tally.failed(*result.name, result.why)
                    continue
                creates = result.plan.creates if isinstance(result, Planned) else 0
                if not creates:
                    ready(*result.name)
                yield result.name, creates

    def look(self, plans: Plans) -> None:
        """Note what the documents ask."""
        questions = Questions(self._engine.journal)
        for names in plans.chunks():
            for result in plans.of(names):
                if not isinstance(result, Failed):
                    questions.settle(*result.name, _open(result))
                elif self._is_gone(result.name):
                    questions.settle(*result.name)
                else:
                    self._tally.failed(*result.name, result.why)

    def _is_gone(self, name: DocumentName) -> bool:
        try:
            return name.path not in self._engine.sources[name.source].paths()
        except SourceError:
            return False

    def preview(self, plans: Plans) -> None:
        """Tell what would be done."""
        for names in plans.chunks():
            for result in plans.of(names):
                self._finished(preview(result))

    def carry_out(self, plans: Plans, room: int | None) -> None:
        """Do it, and conclude each document as soon as its work ends.

        Args:
            room: how many more tickets may be made than the plans say; None for any number.
        """
        engine = self._engine
        applier = Applier(engine.trackers, engine.journal, engine.clock)
        executor = Executor(engine.sources, plans.planner, applier, self.began, engine.chunk, room)
        left = len(plans.names)
        for names in plans.chunks():
            if why := applier.stopped():
                why = f"{why} {left} documents are left to the next run."
                self._tally.failed("", engine.resolver.default.tracker, why)
                break
            left -= len(names)
            for done in executor.carry_out(plans.of(names)):
                self._conclude(done)
        for done in executor.rest():
            self._conclude(done)
        for name, source in engine.sources.items():
            for result in source.finish() if isinstance(source, Finishing) else ():
                self._tally.finished_late(name, result)

    def _conclude(self, done: Done) -> None:
        """A document is finished: keep what became of it for the next run, and tell it."""
        engine = self._engine
        report = concluded(done)
        if not isinstance(done.result, Failed):
            version = (done.written.version if done.written else "") or done.result.document.version
            proposed = done.written is not None and done.written.proposed
            terms = Terms(engine.fingerprint, engine.clock.now().timestamp(), not engine.policy.explicit, proposed)
            checkpoint(engine.journal, done.result, report, version, terms)
        self._finished(report)

    def _finished(self, report: DocumentReport) -> None:
        report.news = Questions(self._engine.journal).tell({question.number for question in report.questions})
        self._tally.finished(report)

    def summary(self) -> Summary:
        """The figures, at the end."""
        summary = self._tally.summary
        summary.seconds = (self._engine.clock.now() - self._started).total_seconds()
        for name, port in self._ports():
            made = port.requests() - self._requests[name]
            if made or name == self._engine.resolver.default.tracker:
                summary.requests[name] = made
        return summary

    def _ports(self) -> Iterator[tuple[str, Source | Tracker]]:
        """What makes calls, by tracker, or `source NAME`."""
        yield from self._engine.trackers.items()
        yield from ((f"source {name}", source) for name, source in self._engine.sources.items())


def _open(result: Planned | Skipped) -> set[int]:
    """The numbers of what a document asks, and of what was answered and is to be carried out."""
    if isinstance(result, Skipped):
        return set()
    answered = {number for change in result.plan.changes for number in change.settles}
    return {question.number for question in result.asked} | answered


def over_limit(creates: int, limit: int | None) -> LimitReached:
    """The error when more tickets would be created than the limit allows."""
    return LimitReached(
        f"This run would create {creates} tickets, and limits.new_tickets is {limit}. Nothing was written.",
        "Look at the plan with --dry-run; then pass --force, or raise limits.new_tickets.",
    )

"""One run over many postmortems: list, plan, check the limits, apply, write back, remember."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from sync.errors import LimitReached, SourceError
from sync.journal.journal import Journal, Seen
from sync.model import Action, Change, Edit, Outcome, ParseOptions, Status, TicketRef
from sync.plan import Policy
from sync.ports import Clock, Rewrite, Source, Tracker, WriteResult
from sync.postmortem import apply_edits, write_back
from sync.run.apply import Applied, Applier
from sync.run.checkpoint import Terms, remember, watched
from sync.run.desired import Surveyor
from sync.run.planner import Prepared, Preparer, label
from sync.run.poll import Listener
from sync.run.summary import DocumentReport, Observer, Silent, Summary

CHUNK = 200
"""Documents looked at, and planned, together: memory does not grow with their number."""

KEEP_BYTES = 32 * 1024 * 1024
"""Documents are kept together up to this size, and up to a chunk of them: plans between the count of creates and the
apply, else planned anew; new contents between the apply and the one write they belong into, else written by parts."""

ATTEMPTS = 5
"""How often a document that is edited under our hands is read and planned again."""

RETRY_NOTES_SECONDS = 24 * 3600
"""An owner nobody could resolve is looked for again after this time, though nothing changed."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked to do.

    Attributes:
        names: (source, path) of documents named by hand; empty for every document of every source.
        dry_run: plan, write nothing.
        force: past the limits.
    """

    names: tuple[tuple[str, str], ...] = ()
    dry_run: bool = False
    force: bool = False


@dataclass(slots=True)
class Engine:
    """Everything one run needs, passed in. Not to be used by two threads.

    Args:
        journal: for a dry run a copy (`copy_journal`).
        fingerprint: of the settings that a plan depends on, and of the program.
        new_tickets: the limit; None for none.
    """

    sources: Mapping[str, Source]
    trackers: Mapping[str, Tracker]
    surveyor: Surveyor
    journal: Journal
    clock: Clock
    policy: Policy
    options: ParseOptions = field(default_factory=ParseOptions)
    fingerprint: str = ""
    new_tickets: int | None = 25
    lock_seconds: float = 600.0
    observer: Observer = field(default_factory=Silent)

    def run(self, request: Request) -> Summary:
        """Carry a request out. One failing document or item never stops the others.

        Raises:
            LimitReached: more tickets would be created than the limit allows; nothing was written.
            StopRun: nothing further can work.
        """
        with self._turn():
            return _Run(self, request).go()

    @contextmanager
    def _turn(self, shared: bool = False) -> Iterator[None]:
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
            scan = _Run(self, Request(), timed=True)
            # A document that is concluded while a listing is read could miss what the listing tells.
            with self._turn():
                scan.listen()
            return scan.scan(ready)

    def one(self, source: str, path: str) -> Summary:
        """Carry out the work on one document, beside others at work on other documents. After a `scan`.

        Raises:
            LimitReached, StopRun: as `run` does; JournalError, too, while another is at work on the document.
        """
        request = Request(((source, path),))
        with ExitStack() as held:
            held.enter_context(self._turn(shared=True))
            held.enter_context(self.journal.exclusive(f"document {source}/{path}", self.lock_seconds))
            work = _Run(self, request)
            if identity := work.preparer.stated(source, path):
                # Two documents that state one id must not both be found to be the first.
                held.enter_context(self.journal.exclusive(f"postmortem {identity}", self.lock_seconds))
            return work.one()


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
    def __init__(self, engine: Engine, request: Request, timed: bool = False) -> None:
        self.engine = engine
        self.request = request
        self.journal = engine.journal
        self.clock = engine.clock
        self.summary = Summary()
        self.began = self.started = engine.clock.now()
        self.calls = {name: port.requests() for name, port in self._counted()}
        self.new: list[tuple[str, str]] = []
        self.preparer = Preparer(
            engine.sources,
            engine.trackers,
            engine.surveyor,
            engine.journal,
            engine.clock,
            engine.options,
            engine.policy,
        )
        self.applier = Applier(engine.trackers, engine.journal, engine.clock)
        self.listener = Listener(engine.trackers, engine.surveyor, engine.journal, engine.clock, timed)

    def go(self) -> Summary:
        self.listen()
        work = self._work()
        limit = None if self.request.force else self.engine.new_tickets
        kept, creates = self._count(work) if limit is not None else ({}, 0)
        over = limit is not None and creates > limit
        if self.request.dry_run:
            for entry in self._again(work, kept):
                self._preview(entry)
        elif not over:
            self._carry_out(work, kept)
        if over:
            raise LimitReached(*over_limit(creates, limit))
        return self._finished()

    def scan(self, ready: Callable[[str, str], None]) -> Scan:
        work = self._work()
        found: dict[tuple[str, str], int] = {}
        for start in range(0, len(work), CHUNK):
            for entry in self.preparer.prepare(work[start : start + CHUNK]):
                if entry.error:
                    self._lost(entry.source, entry.path, entry.error)
                    continue
                creates = found[entry.source, entry.path] = entry.plan.creates if entry.plan else 0
                if not creates:
                    ready(entry.source, entry.path)
        return Scan(found, self._finished())

    def one(self) -> Summary:
        listed = self.journal.listed_at()
        if listed is None:
            self.listen()
        else:
            # What others made since the last listing is looked for by its mark.
            self.began = datetime.fromtimestamp(listed, UTC)
        work = self._work()
        kept, creates = self._count(work)
        limit = self.engine.new_tickets
        if limit is not None and creates > limit:
            raise LimitReached(*over_limit(creates, limit))
        self._carry_out(work, kept)
        return self._finished()

    def listen(self) -> None:
        self.preparer.down = self.listener.listen()
        self.preparer.hidden = self.listener.hidden
        for name, why in self.preparer.down.items():
            self._lost("", name, why)
        for (name, _), why in self.listener.hidden.items():
            self._lost("", name, why)

    def _finished(self) -> Summary:
        self.summary.seconds = (self.clock.now() - self.started).total_seconds()
        for name, port in self._counted():
            made = port.requests() - self.calls[name]
            if made or name == self.engine.surveyor.default.tracker:
                self.summary.requests[name] = made
        return self.summary

    def _counted(self) -> Iterator[tuple[str, Source | Tracker]]:
        """What makes calls, by tracker, or `source NAME`."""
        yield from self.engine.trackers.items()
        yield from ((f"source {name}", source) for name, source in self.engine.sources.items())

    # which documents need work

    def _work(self) -> list[tuple[str, str]]:
        """What needs work: first what was worked on before, so that new documents never keep news waiting."""
        known = list(self._need_work())
        return known + self.new if self.new else known

    def _need_work(self) -> Iterator[tuple[str, str]]:
        if self.request.names:
            self.engine.observer.began(len(self.request.names))
            self.summary.postmortems += len(self.request.names)
            yield from self.request.names
            return
        for name, source in self.engine.sources.items():
            try:
                paths = list(source.paths())
            except SourceError as error:
                self._lost(name, "", str(error))
                continue
            self.engine.observer.began(len(paths))
            for start in range(0, len(paths), CHUNK):
                some = paths[start : start + CHUNK]
                yield from self._changed_documents(name, source, some)
                self.engine.observer.advanced(len(some))

    def _changed_documents(self, name: str, source: Source, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        seen = self.journal.seen(name, paths)
        quiet: list[tuple[str, Seen]] = []
        for path in paths:
            self.summary.postmortems += 1
            known = seen.get(path)
            if known and self._is_settled(known):
                try:
                    version = source.version(path) or source.read(path).version
                except SourceError as error:
                    self._lost(name, path, str(error))
                    continue
                if version == known.version:
                    quiet.append((path, known))
                    continue
            if known:
                yield name, path
            else:
                self.new.append((name, path))
        now = self._look([known for _, known in quiet])
        for path, known in quiet:
            if any(now.get(ref, digest) != digest for ref, digest in watched(known).items()):
                yield name, path
            else:
                self._remembered(name, path, known)

    def _is_settled(self, known: Seen) -> bool:
        if not known.settled or known.fingerprint != self.engine.fingerprint:
            return False
        if self.request.force and known.record.get("skipped"):
            return False
        return not (
            known.record.get("notes") and abs(self.clock.now().timestamp() - known.synced_at) > RETRY_NOTES_SECONDS
        )

    def _look(self, quiet: Sequence[Seen]) -> dict[TicketRef, str]:
        refs = list(dict.fromkeys(ref for known in quiet for ref in watched(known)))
        digests, failed = self.listener.look(refs)
        for name, why in failed.items():
            self._lost("", name, why)
        return digests

    def _remembered(self, source: str, path: str, known: Seen) -> None:
        record = known.record
        self.summary.items += int(record.get("items", 0))
        self.summary.unchanged += int(record.get("followed", 0))
        self.summary.skipped += int(record.get("skipped", 0))
        self.summary.conflicts += int(record.get("conflicts", 0))
        told = [str(line) for line in record.get("findings", [])]
        if told:
            self.engine.observer.document(DocumentReport(source, path, str(record.get("title", "")), remembered=told))

    def _lost(self, source: str, path: str, why: str) -> None:
        self.summary.failed += 1
        self.engine.observer.document(DocumentReport(source, path, errors=[why]))

    # planning

    def _count(self, work: Sequence[tuple[str, str]]) -> tuple[dict[tuple[str, str], Prepared], int]:
        """Plan everything once; what fits into memory is kept for the apply."""
        kept: dict[tuple[str, str], Prepared] = {}
        size = creates = 0
        for start in range(0, len(work), CHUNK):
            for entry in self.preparer.prepare(work[start : start + CHUNK]):
                creates += entry.plan.creates if entry.plan else 0
                size += len(entry.document.data) if entry.document else 0
                if size <= KEEP_BYTES and len(kept) < CHUNK:
                    kept[entry.source, entry.path] = entry
        return kept, creates

    def _again(self, work: Sequence[tuple[str, str]], kept: dict[tuple[str, str], Prepared]) -> Iterator[Prepared]:
        for start in range(0, len(work), CHUNK):
            yield from self._chunk(work[start : start + CHUNK], kept)

    def _chunk(self, names: Sequence[tuple[str, str]], kept: dict[tuple[str, str], Prepared]) -> list[Prepared]:
        missing = [name for name in names if name not in kept]
        fresh = {(e.source, e.path): e for e in self.preparer.prepare(missing)} if missing else {}
        return [kept.pop(name) if name in kept else fresh[name] for name in names]

    def _preview(self, entry: Prepared) -> None:
        report = _report(entry)
        if entry.plan and entry.postmortem and entry.document:
            outcomes = [
                Outcome(
                    c, c.action, c.ticket, error="; ".join(c.reasons) if c.action is Action.FAIL else "", notes=c.notes
                )
                for c in entry.plan.changes
            ]
            report.outcomes = outcomes
            edits = self._edits(entry, outcomes, preview=True)
            report.after = apply_edits(entry.document.data, edits)
            self.summary.written_back += report.after != report.before
        self._tally(entry, report)
        self.engine.observer.document(report)

    # carrying out

    def _carry_out(self, work: Sequence[tuple[str, str]], kept: dict[tuple[str, str], Prepared]) -> None:
        late: dict[str, list[tuple[Prepared, Applied, Rewrite]]] = {}
        for start in range(0, len(work), CHUNK):
            if why := self.applier.stopped():
                left = f"{len(work) - start} documents are left to the next run."
                self._lost("", self.engine.surveyor.default.tracker, f"{why} {left}")
                break
            chunk = self._chunk(work[start : start + CHUNK], kept)
            planned = [entry for entry in chunk if entry.plan]
            for entry in chunk:
                if not entry.plan:
                    self._conclude(entry, Applied([]), None)
            applied = self.applier.apply([entry.plan for entry in planned if entry.plan], self.began)
            for entry, result in zip(planned, applied, strict=True):
                rewrite = self._rewrite(entry, result.outcomes)
                source = self.engine.sources[entry.source]
                if rewrite is None:
                    self._conclude(entry, result, None)
                elif source.together:
                    late.setdefault(entry.source, []).append((entry, result, rewrite))
                    if _full(late[entry.source]):
                        self._write_together(entry.source, late.pop(entry.source))
                else:
                    self._write_one(entry, result, rewrite)
        for name, entries in late.items():
            self._write_together(name, entries)

    def _rewrite(self, entry: Prepared, outcomes: Sequence[Outcome]) -> Rewrite | None:
        assert entry.document is not None
        edits = self._edits(entry, outcomes)
        return Rewrite(entry.document, apply_edits(entry.document.data, edits)) if edits else None

    def _edits(self, entry: Prepared, outcomes: Sequence[Outcome], preview: bool = False) -> tuple[Edit, ...]:
        assert entry.postmortem is not None
        assert entry.document is not None
        statuses: dict[int, Status] = {}
        for outcome in outcomes:
            status = self._status(entry, outcome, preview)
            if status:
                statuses[outcome.change.index] = status
        return write_back(entry.postmortem, statuses)

    def _status(self, entry: Prepared, outcome: Outcome, preview: bool) -> Status | None:
        assert entry.postmortem is not None
        assert entry.document is not None
        change, ticket = outcome.change, outcome.ticket
        item = entry.postmortem.items[change.index]
        if preview and change.action is Action.CREATE:
            return Status("new", "#new", item.state)
        if ticket is None:
            return None
        if not change.show_state and change.reference and not change.relink:
            return None
        state = ticket.state if change.show_state else item.state
        closed_on = ticket.closed_on if change.show_state else None
        name = label(ticket, entry.document.repository)
        return Status(name, ticket.url, state, closed_on, change.reference, change.relink)

    def _write_one(self, entry: Prepared, applied: Applied, rewrite: Rewrite) -> None:
        source = self.engine.sources[entry.source]
        current: Rewrite | None = rewrite
        for _ in range(ATTEMPTS):
            if current is None:
                self._conclude(entry, applied, None)
                return
            result = source.write([current])[0]
            if not result.stale:
                self._conclude(entry, applied, result, current.data)
                return
            entry, applied, current = self._plan_again(entry, applied)
        self._conclude(entry, applied, WriteResult(entry.path, error=_BUSY.format(entry.path)))

    def _plan_again(self, entry: Prepared, applied: Applied) -> tuple[Prepared, Applied, Rewrite | None]:
        """The document was edited under our hands: read it, plan it and apply what is new in it."""
        fresh = self.preparer.prepare([(entry.source, entry.path)])[0]
        if not fresh.plan:
            return fresh, Applied([], applied.errors), None
        result = self.applier.apply([fresh.plan], self.began)[0]
        result.errors = [*applied.errors, *result.errors]
        _keep_actions(applied, result)
        return fresh, result, self._rewrite(fresh, result.outcomes)

    def _write_together(self, name: str, entries: list[tuple[Prepared, Applied, Rewrite]]) -> None:
        source = self.engine.sources[name]
        for _ in range(ATTEMPTS):
            results = source.write([rewrite for _, _, rewrite in entries])
            again: list[tuple[Prepared, Applied, Rewrite]] = []
            for (entry, applied, rewrite), result in zip(entries, results, strict=True):
                if not result.stale:
                    self._conclude(entry, applied, result, rewrite.data)
                    continue
                fresh, renewed, edited = self._plan_again(entry, applied)
                if edited is None:
                    self._conclude(fresh, renewed, None)
                else:
                    again.append((fresh, renewed, edited))
            if not again:
                return
            entries = again
        for entry, applied, _ in entries:
            self._conclude(entry, applied, WriteResult(entry.path, error=_BUSY.format(entry.path)))

    # remembering

    def _conclude(self, entry: Prepared, applied: Applied, written: WriteResult | None, after: bytes = b"") -> None:
        """A document is finished: tell it, count it, and remember it for the next run."""
        report = _report(entry)
        report.outcomes = applied.outcomes
        report.errors += applied.errors
        version = entry.document.version if entry.document else ""
        if written and written.written:
            report.after, report.where, version = after, written.where, written.version or version
            self.summary.written_back += 1
        elif written:
            report.errors.append(written.error)
        self._tally(entry, report)
        remember(self.journal, entry, report, version, self._terms())
        self.engine.observer.document(report)

    def _terms(self) -> Terms:
        return Terms(self.engine.fingerprint, self.clock.now().timestamp(), lasting=not self.engine.policy.by_hand)

    def _tally(self, entry: Prepared, report: DocumentReport) -> None:
        if self.request.names:
            self.engine.observer.advanced(1)
        self.summary.failed += len(report.errors)
        self.summary.skipped += bool(report.skipped)
        if entry.plan:
            self.summary.items += len(entry.plan.changes)
            self.summary.count(report.outcomes)


def _full(entries: Sequence[tuple[Prepared, Applied, Rewrite]]) -> bool:
    return len(entries) >= CHUNK or sum(len(rewrite.data) for _, _, rewrite in entries) > KEEP_BYTES


def over_limit(creates: int, limit: int | None) -> tuple[str, str]:
    """What is said, and the cure, when more tickets would be created than the limit allows."""
    return (
        f"This run would create {creates} tickets, and limits.new_tickets is {limit}. Nothing was written.",
        "Look at the plan with --dry-run; then pass --force, or raise limits.new_tickets.",
    )


_BUSY = "{}: it is being edited again and again; nothing was written, the next run tries again"


def _foreseen(change: Change) -> Outcome:
    error = "; ".join(change.reasons) if change.action is Action.FAIL else ""
    return Outcome(change, change.action, change.ticket, error=error, notes=change.notes)


def _keep_actions(first: Applied, second: Applied) -> None:
    """A ticket created before the document was read again counts as created, not as unchanged."""
    done = {
        o.ticket.ref: o for o in first.outcomes if o.ticket and o.action in (Action.CREATE, Action.ADOPT, Action.UPDATE)
    }
    for index, outcome in enumerate(second.outcomes):
        earlier = done.get(outcome.ticket.ref) if outcome.ticket else None
        if earlier and outcome.action in (Action.UNCHANGED, Action.UPDATE):
            second.outcomes[index] = Outcome(
                outcome.change, earlier.action, outcome.ticket, True, outcome.error, (*earlier.notes, *outcome.notes)
            )


def _report(entry: Prepared) -> DocumentReport:
    data = entry.document.data if entry.document else b""
    return DocumentReport(
        entry.source,
        entry.path,
        entry.postmortem.title if entry.postmortem else "",
        entry.postmortem,
        entry.plan,
        before=data,
        after=data,
        skipped=entry.skipped,
        errors=[entry.error] if entry.error else [],
        began=entry.began,
    )

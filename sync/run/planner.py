"""Reads documents, understands them and plans them: everything of a run that comes before a write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sync.errors import DocumentError, ItemError, SourceError, TrackerError
from sync.formats import FORMATS, Format, format_of, parse
from sync.identity import twin_groups
from sync.journal.identity import Documents
from sync.journal.journal import Journal
from sync.journal.questions import Question, Questions
from sync.model import ParseOptions, Plan, Postmortem, State, Ticket, TicketRef
from sync.model.names import Origin, home_of, print_of, stated_id
from sync.plan import Decisions, Policy, ResolvedItem, plan
from sync.ports import Clock, Document, DocumentName, Foresighted, Historied, Homed, Source, Tracker
from sync.run.desired import Resolver
from sync.run.evidence import gather, recall
from sync.run.links import Links
from sync.run.poll import Unreadable, keep
from sync.run.questions import resolved

KEEP_BYTES = 32 * 1024 * 1024
"""Documents are kept together up to this size, and up to a chunk of them: plans between the count of creates and the
apply, else planned anew; new contents between the apply and the one write they belong into, else written by parts."""

_MERGE = re.compile(rb"^<{7} .*?^={7}\r?$.*?^>{7} ", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Planned:
    """A document with its plan.

    Attributes:
        began: when its reading began.
        format: what the document is written in.
        origin: which postmortem it is.
        links: every ticket of a configured tracker that it links.
        asked: what only a person can say about it.
    """

    name: DocumentName
    began: datetime
    document: Document
    format: Format
    postmortem: Postmortem
    origin: Origin
    links: tuple[TicketRef, ...]
    plan: Plan
    asked: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document that is left out as a whole (a draft, another name of a file), and why."""

    name: DocumentName
    began: datetime
    document: Document
    postmortem: Postmortem
    origin: Origin
    links: tuple[TicketRef, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A document that could not be read, understood or planned, and why.

    Attributes:
        postmortem: what it says, where it got so far.
    """

    name: DocumentName
    began: datetime
    why: str
    postmortem: Postmortem | None = None


Result = Planned | Skipped | Failed
"""What planning a document came to."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A published document, and what the trackers know of its items; its linked tickets are to be fetched."""

    name: DocumentName
    began: datetime
    document: Document
    postmortem: Postmortem
    origin: Origin
    links: tuple[TicketRef, ...]
    resolved: tuple[ResolvedItem, ...]

    @property
    def followed(self) -> list[TicketRef]:
        """The one ticket of each item that links any."""
        return [one.link[1] for one in self.resolved if one.link]

    def failed(self, why: str) -> Failed:
        return Failed(self.name, self.began, why, self.postmortem)


class _Fetched(NamedTuple):
    """Linked tickets as they are now, None for one that is gone; and the trackers that failed, with the reason."""

    tickets: Mapping[TicketRef, Ticket | None]
    down: Mapping[str, str]


class Planner:
    """Plans documents of a run. Writes to no tracker and no source; tickets seen go into the journal's cache.

    Args:
        unreadable: trackers and projects that cannot be read in this run.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        trackers: Mapping[str, Tracker],
        resolver: Resolver,
        journal: Journal,
        clock: Clock,
        options: ParseOptions,
        policy: Policy,
        unreadable: Unreadable,
        formats: Mapping[str, Format] = FORMATS,
    ) -> None:
        self._sources = sources
        self._trackers = trackers
        self._resolver = resolver
        self._journal = journal
        self._clock = clock
        self._options = options
        self._policy = policy
        self._unreadable = unreadable
        self._formats = formats
        self._links = Links(sources, journal, self._understand)
        self._documents = Documents(journal)
        self._questions = Questions(journal)
        self._files: dict[str, DocumentName] = {}
        self._stated: dict[str, DocumentName] = {}
        self._looked_up: set[int] = set()

    def plan(self, names: Sequence[DocumentName]) -> list[Result]:
        """Plan these documents; one result a name, in order. Their linked tickets are fetched together."""
        read = [self._read(name) for name in names]
        fetched = self._fetch([entry for entry in read if isinstance(entry, _Ready)])
        return [self._plan(entry, fetched) if isinstance(entry, _Ready) else entry for entry in read]

    def _understand(self, document: Document) -> tuple[Origin, Sequence[TicketRef]]:
        postmortem = understood(document, self._options, self._formats)
        return origin_of(document, postmortem), self._resolver.linked(document, postmortem)

    def _read(self, name: DocumentName) -> _Ready | Skipped | Failed:
        began = self._clock.now()
        postmortem = None
        try:
            document = self._sources[name.source].read(name.path)
            if _MERGE.search(document.data):
                raise DocumentError(
                    f"{name.path}: it holds the marks of a merge that nobody has settled (<<<<<<<).", "Settle it first."
                )
            postmortem = understood(document, self._options, self._formats)
            origin = origin_of(document, postmortem)
            links = self._resolver.linked(document, postmortem)
            if first := self._first_name(document):
                where = f"{first.path} of source {first.source}" if first.source != name.source else first.path
                why = f"it is the same file as {where}, under whose name it is synced"
                return Skipped(name, began, document, postmortem, origin, links, why)
            self._links.note(name, origin, links)
            if document.unpublished or not postmortem.published:
                why = document.unpublished or postmortem.reason
                return Skipped(name, began, document, postmortem, origin, links, why)
            resolved = self._resolver.resolve(document, postmortem, origin)
        except ItemError as error:
            return Failed(name, began, str(error), postmortem)
        ready = _Ready(name, began, document, postmortem, origin, links, resolved)
        if down := {one.tracker for one in resolved} & self._unreadable.trackers.keys():
            return ready.failed(self._unreadable.trackers[min(down)])
        if hidden := {(one.tracker, one.desired.project) for one in resolved} & self._unreadable.projects.keys():
            return ready.failed(self._unreadable.projects[min(hidden)])
        return ready

    def _first_name(self, document: Document) -> DocumentName | None:
        """The name under which this file is synced, when that is another one; the first to come keeps it."""
        me = DocumentName(document.source, document.path)
        place = f"{document.home}#{document.inner}" if document.inner else ""
        for file in filter(None, (document.file, place)):
            first = self._files.setdefault(file, me)
            if first != me and first.path in self._links.paths(first.source):
                if file == place or self._is_still(first, file):
                    return first
                self._files[file] = me
        for known in self._documents.at(place) if place else []:
            other = DocumentName(known.source, known.path)
            if other != me and other.path in self._links.paths(other.source):
                return other
        return None

    def _is_still(self, name: DocumentName, file: str) -> bool:
        """Whether a document is in that file now: a file that is put in another's place leaves its number free."""
        try:
            return self._sources[name.source].read(name.path).file == file
        except ItemError:
            return False

    def _fetch(self, entries: Sequence[_Ready]) -> _Fetched:
        """Every linked ticket of these documents, and every other that may be an item's, in a batch a tracker.

        A document that is planned a second time in this run finds them in the journal's cache.
        """
        again = [ref for entry in entries if _version(entry) in self._looked_up for ref in entry.followed]
        known = self._journal.tickets_by_ref(again) if again else {}
        fetched = self._look_up([ref for entry in entries for ref in entry.followed if ref not in known])
        fresh = [entry for entry in entries if _version(entry) not in self._looked_up]
        # What nobody links is read again as well, before anything is concluded from it.
        cached = dict.fromkeys(t.ref for entry in fresh for t in self._journal.tickets_for(entry.origin))
        self._look_up([ref for ref in cached if ref not in fetched.tickets])
        return _Fetched({**fetched.tickets, **known}, fetched.down)

    def _look_up(self, refs: Sequence[TicketRef]) -> _Fetched:
        """Tickets as they are now, into the journal's cache as well."""
        wanted: dict[str, dict[TicketRef, None]] = {}
        for ref in refs:
            if ref.tracker in self._trackers and ref.tracker not in self._unreadable.trackers:
                wanted.setdefault(ref.tracker, {})[ref] = None
        found: dict[TicketRef, Ticket | None] = {}
        down: dict[str, str] = {}
        for tracker, some in wanted.items():
            try:
                found |= self._trackers[tracker].lookup(list(some))
            except TrackerError as error:
                down[tracker] = str(error)
        keep(self._journal, self._clock, [ticket for ticket in found.values() if ticket])
        for ref in (ref for ref, ticket in found.items() if ticket is None):
            self._journal.forget_ticket(ref)
        return _Fetched(found, down)

    def _plan(self, entry: _Ready, fetched: _Fetched) -> Planned | Failed:
        if down := {ref.tracker for ref in entry.followed} & fetched.down.keys():
            return entry.failed(fetched.down[min(down)])
        self._looked_up.add(_version(entry))
        linked = {ref: fetched.tickets.get(ref) for ref in entry.followed}
        try:
            made, asked = self._decide(entry, linked)
        except ItemError as error:
            return entry.failed(str(error))
        form = format_of(entry.document.format, self._formats)
        known = (entry.name, entry.began, entry.document, form, entry.postmortem, entry.origin, entry.links)
        return Planned(*known, made, asked)

    def _decide(self, entry: _Ready, linked: Mapping[TicketRef, Ticket | None]) -> tuple[Plan, tuple[Question, ...]]:
        name = entry.name
        seen = self._journal.checkpoints(name.source, [name.path]).get(name.path)
        fetched = [ticket for ticket in linked.values() if ticket]
        marked = {t.ref: t for t in (*self._journal.tickets_for(entry.origin), *fetched) if t.mark or t.copied}
        known = list(marked.values())
        origin = entry.origin.formerly_at(self._former_homes(entry, known))
        self._claim(entry, known)
        recalled = recall(self._journal, self._trackers, self._clock, origin, seen, [*known, *fetched])
        unlinked = any(not one.link for one in entry.resolved)
        evidence = gather(self._links, name, origin, fetched, known, unlinked, recalled, self._clock)
        twins = [t for group in twin_groups(known) for t in group.tickets if t.state is State.OPEN]
        touched = {t.ref for t in twins if self._is_touched(t)}

        def planned(decisions: Decisions) -> Plan:
            return plan(
                origin,
                entry.postmortem,
                entry.resolved,
                linked,
                known,
                recalled.memory,
                self._policy,
                evidence,
                decisions,
                touched,
            )

        made, asked = resolved(self._questions, name, entry.postmortem.items, planned, self._policy.explicit)
        source = self._sources[name.source]
        if made.creates and isinstance(source, Foresighted) and (why := source.obstacle(name.path)):
            raise SourceError(f"{why}. No ticket was made for it.")
        return made, asked

    def _former_homes(self, entry: _Ready, tickets: Sequence[Ticket]) -> set[str]:
        """What the document's home was called before, of the homes that marks on its tickets name."""
        source = self._sources[entry.name.source]
        homes = {home_of(ticket.mark.place) for ticket in tickets if ticket.mark and ticket.mark.version > 1}
        known = homes - {entry.origin.home, ""}
        return {home for home in known if isinstance(source, Homed) and source.was_called(home)}

    def _claim(self, entry: _Ready, marked: Sequence[Ticket]) -> None:
        """Two live documents that state one id would share their tickets: the second one fails.

        The first is the one whose place is on the marks; of two without any, the one that was read first.
        """
        origin, me = entry.origin, entry.name
        if not origin.id:
            return
        places = {t.mark.place for t in marked if t.mark and t.mark.id == origin.id}
        others = [self._stated.setdefault(origin.name, me), *self._journal.documents_of(origin.name)]
        others += [found for place in sorted(places) if (found := self._links.shown_at(place))]
        for other in map(DocumentName._make, dict.fromkeys(others)):
            if other == me or other.path not in self._links.paths(other.source) or not self._has_id_of(other, origin):
                continue
            if origin.place not in places:
                raise DocumentError(
                    f"{me.path}: its id {entry.postmortem.id[:80]!r} is also that of {other.path}.",
                    "Give one of the two another id in its front matter.",
                )
            self._stated[origin.name] = me

    def _has_id_of(self, other: DocumentName, mine: Origin) -> bool:
        theirs = origin_at(self._sources[other.source], other.path, self._options, self._formats)
        return theirs is not None and theirs.name == mine.name and theirs.place != mine.place

    def _is_touched(self, ticket: Ticket) -> bool:
        tracker: object = self._trackers.get(ticket.ref.tracker)
        try:
            return not isinstance(tracker, Historied) or tracker.touched(ticket)
        except TrackerError:
            return True


class Plans:
    """The plans of a run's documents: made once to count what they would create, and again to be carried out.

    What fits into memory is kept from the first time, and planned only once.

    Args:
        chunk: how many documents are planned together.
    """

    def __init__(self, planner: Planner, names: Sequence[DocumentName], chunk: int) -> None:
        self.planner = planner
        self.names = names
        self._chunk = chunk
        self._kept: dict[DocumentName, Result] = {}

    def chunks(self) -> Iterator[Sequence[DocumentName]]:
        """The documents' names, as many at once as are planned together."""
        for start in range(0, len(self.names), self._chunk):
            yield self.names[start : start + self._chunk]

    def creates(self) -> int:
        """Plan everything; how many tickets would be created."""
        size = creates = 0
        for names in self.chunks():
            for result in self.planner.plan(names):
                if isinstance(result, Planned):
                    creates += result.plan.creates
                    size += len(result.document.data)
                if size <= KEEP_BYTES and len(self._kept) < self._chunk:
                    self._kept[result.name] = result
        return creates

    def of(self, names: Sequence[DocumentName]) -> list[Result]:
        """The plans of these documents, in order: each as it was kept, which happens once, or made now."""
        missing = [name for name in names if name not in self._kept]
        made = {result.name: result for result in self.planner.plan(missing)} if missing else {}
        return [self._kept.pop(name) if name in self._kept else made[name] for name in names]


def understood(document: Document, options: ParseOptions, formats: Mapping[str, Format] = FORMATS) -> Postmortem:
    """What a document says, with all that its source knows of it. Raises DocumentError."""
    people = dict(document.people)
    return parse(document.data, document.path, options, document.format, formats, document.title, people)


def origin_of(document: Document, postmortem: Postmortem) -> Origin:
    """Which postmortem a document is."""
    former = (f"path:{document.source}/{document.path}",)
    return Origin(
        document.home,
        document.inner or document.path,
        print_of(postmortem.title, postmortem.date),
        stated_id(postmortem.id or document.lasting),
        postmortem.date,
        (f"id:{postmortem.id}", *former) if postmortem.id else former,
    )


def origin_at(
    source: Source, path: str, options: ParseOptions, formats: Mapping[str, Format] = FORMATS
) -> Origin | None:
    """Which postmortem stands at a path; None where it cannot be read."""
    try:
        document = source.read(path)
        return origin_of(document, understood(document, options, formats))
    except ItemError:
        return None


def _version(entry: _Ready) -> int:
    """A number for these bytes of this document: names of thousands of them would take room."""
    return hash((entry.name, entry.document.version))

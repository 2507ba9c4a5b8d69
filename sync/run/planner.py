"""Reads documents, understands them and plans them: everything of a run that comes before a write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sync.errors import DocumentError, ItemError, TrackerError
from sync.formats import FORMATS, Format, format_of, parse
from sync.identity import postmortem_id, text_digest
from sync.journal.journal import Journal
from sync.model import ParseOptions, Plan, Postmortem, Ticket, TicketRef
from sync.plan import Memory, Policy, ResolvedItem, plan
from sync.ports import Clock, Document, DocumentName, Source, Tracker
from sync.run.apply import held_back
from sync.run.desired import Resolver
from sync.run.poll import Unreadable, keep

KEEP_BYTES = 32 * 1024 * 1024
"""Documents are kept together up to this size, and up to a chunk of them: plans between the count of creates and the
apply, else planned anew; new contents between the apply and the one write they belong into, else written by parts."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A document with its plan.

    Attributes:
        began: when its reading began.
        format: what the document is written in.
        postmortem_id: as on the marks of its tickets.
    """

    name: DocumentName
    began: datetime
    document: Document
    format: Format
    postmortem: Postmortem
    postmortem_id: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document that is left out as a whole (a draft), and why."""

    name: DocumentName
    began: datetime
    document: Document
    postmortem: Postmortem
    postmortem_id: str
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
    postmortem_id: str
    resolved: tuple[ResolvedItem, ...]

    @property
    def links(self) -> list[TicketRef]:
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
        self._paths: dict[str, frozenset[str]] = {}
        self._stated: dict[str, DocumentName] = {}
        self._looked_up: set[int] = set()

    def plan(self, names: Sequence[DocumentName]) -> list[Result]:
        """Plan these documents; one result a name, in order. Their linked tickets are fetched together."""
        read = [self._read(name) for name in names]
        fetched = self._fetch([entry for entry in read if isinstance(entry, _Ready)])
        return [self._plan(entry, fetched) if isinstance(entry, _Ready) else entry for entry in read]

    def _read(self, name: DocumentName) -> _Ready | Skipped | Failed:
        began = self._clock.now()
        postmortem = None
        try:
            document = self._sources[name.source].read(name.path)
            postmortem = parse(document.data, name.path, self._options, document.format, self._formats)
            identity = postmortem_id(name.source, name.path, postmortem.id)
            if not postmortem.published:
                return Skipped(name, began, document, postmortem, identity, postmortem.reason)
            self._claim(name, postmortem.id, identity)
            resolved = self._resolver.resolve(document, postmortem, identity)
        except ItemError as error:
            return Failed(name, began, str(error), postmortem)
        ready = _Ready(name, began, document, postmortem, identity, resolved)
        if down := {one.tracker for one in resolved} & self._unreadable.trackers.keys():
            return ready.failed(self._unreadable.trackers[min(down)])
        if hidden := {(one.tracker, one.desired.project) for one in resolved} & self._unreadable.projects.keys():
            return ready.failed(self._unreadable.projects[min(hidden)])
        return ready

    def _claim(self, name: DocumentName, stated: str, identity: str) -> None:
        """Two documents that state one id would share their tickets: the second one fails."""
        if not stated:
            return
        others = [self._stated.get(identity), *self._journal.documents_of(identity)]
        for other in others:
            if other and other != name and other[1] in self._known_paths(other[0]):
                raise DocumentError(
                    f"{name.path}: its id {stated!r} is also that of {other[1]}.",
                    "Give one of the two another id in its front matter.",
                )
        self._stated[identity] = name

    def _known_paths(self, source: str) -> frozenset[str]:
        if source not in self._paths:
            reader = self._sources.get(source)
            self._paths[source] = frozenset(reader.paths()) if reader else frozenset()
        return self._paths[source]

    def _fetch(self, entries: Sequence[_Ready]) -> _Fetched:
        """Every linked ticket of these documents, in one batch a tracker.

        A document that is planned a second time in this run finds them in the journal's cache.
        """
        again = [ref for entry in entries if _version(entry) in self._looked_up for ref in entry.links]
        known = self._journal.tickets_by_ref(again) if again else {}
        wanted: dict[str, dict[TicketRef, None]] = {}
        for ref in (ref for entry in entries for ref in entry.links if ref not in known):
            wanted.setdefault(ref.tracker, {})[ref] = None
        found: dict[TicketRef, Ticket | None] = {}
        down: dict[str, str] = {}
        for tracker, refs in wanted.items():
            try:
                found |= self._trackers[tracker].lookup(list(refs))
            except TrackerError as error:
                down[tracker] = str(error)
        keep(self._journal, self._clock, [ticket for ticket in found.values() if ticket])
        return _Fetched({**found, **known}, down)

    def _plan(self, entry: _Ready, fetched: _Fetched) -> Planned | Failed:
        links = entry.links
        if down := {ref.tracker for ref in links} & fetched.down.keys():
            return entry.failed(fetched.down[min(down)])
        if links:
            self._looked_up.add(_version(entry))
        linked = {ref: fetched.tickets.get(ref) for ref in links}
        try:
            made = self._decide(entry, linked)
        except ItemError as error:
            return entry.failed(str(error))
        form = format_of(entry.document.format, self._formats)
        return Planned(entry.name, entry.began, entry.document, form, entry.postmortem, entry.postmortem_id, made)

    def _decide(self, entry: _Ready, linked: Mapping[TicketRef, Ticket | None]) -> Plan:
        postmortem, identity = entry.postmortem, entry.postmortem_id
        own = {identity, postmortem_id(*entry.name, "")}
        seen = self._journal.checkpoints(entry.name.source, [entry.name.path]).get(entry.name.path)
        if seen:
            own.add(seen.postmortem)
        texts = sorted({text_digest(item.text) for item in postmortem.items})
        cached = [t for name in sorted(own) for t in self._journal.tickets_for(name, texts if name == identity else [])]
        fetched = [ticket for ticket in linked.values() if ticket]
        marked = {ticket.ref: ticket for ticket in (*cached, *fetched) if ticket.mark}
        shown = {k: v for name in sorted(own) for k, v in self._journal.shown(name).items()}
        known = [*marked.values(), *fetched]
        intents = [intent for name in sorted(own) for intent in self._journal.intents(name)]
        made = {ref for name in sorted(own) for ref in self._journal.made_here(name)}
        begun = {intent.item for intent in intents}
        memory = Memory(
            {t.ref: shown[short(t.ref)] for t in known if short(t.ref) in shown},
            held_back(intents, self._trackers, self._clock.now()),
            {t.ref for t in marked.values() if (t.ref.tracker, t.ref.key) in made or (t.mark and t.mark.item in begun)},
            begun,
        )

        def moved_away(other: str) -> bool:
            return other in own or self._moved(other, entry.name.path)

        return plan(
            identity, postmortem, entry.resolved, linked, list(marked.values()), memory, self._policy, moved_away
        )

    def _moved(self, other: str, path: str) -> bool:
        """Whether the postmortem with that id, known by its path, is no longer there."""
        if not other.startswith("path:"):
            return False
        source, _, rest = other.removeprefix("path:").partition("/")
        if source not in self._sources:
            return rest == path
        return rest not in self._known_paths(source)


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


def stated_id(source: Source, path: str, options: ParseOptions, formats: Mapping[str, Format] = FORMATS) -> str | None:
    """The postmortem's id where the document states one itself; None where not, or where it cannot be read."""
    try:
        document = source.read(path)
        stated = parse(document.data, path, options, document.format, formats).id
    except ItemError:
        return None
    return postmortem_id(source.name, path, stated) if stated else None


def _version(entry: _Ready) -> int:
    """A number for these bytes of this document: names of thousands of them would take room."""
    return hash((entry.name, entry.document.version))


def short(ref: TicketRef) -> TicketRef:
    """A ticket's name without its project, as the journal's `shown` keeps it."""
    return replace(ref, project="")

"""Reads documents, understands them and plans them: everything of a run that comes before a write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sync.errors import DocumentError, ItemError, TrackerError
from sync.identity import postmortem_id, text_digest
from sync.journal.journal import Journal
from sync.model import ParseOptions, Plan, Postmortem, Ticket, TicketRef
from sync.plan import Memory, Policy, Surveyed, plan
from sync.ports import Clock, Document, Source, Tracker
from sync.postmortem import parse
from sync.run.apply import held_back
from sync.run.desired import Surveyor
from sync.run.poll import take_in


@dataclass(slots=True)
class Prepared:
    """A document as read, understood and planned.

    Attributes:
        began: when its reading began.
        skipped: why it is left out as a whole (a draft); `error` why it failed.
        fetched: its linked tickets as they were looked up.
    """

    source: str
    path: str
    began: datetime
    document: Document | None = None
    postmortem: Postmortem | None = None
    postmortem_id: str = ""
    surveyed: tuple[Surveyed, ...] = ()
    plan: Plan | None = None
    skipped: str = ""
    error: str = ""
    fetched: dict[TicketRef, Ticket | None] = field(default_factory=dict)


class Preparer:
    """Prepares documents of a run. Writes to no tracker and no source; tickets seen go into the journal's cache."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        trackers: Mapping[str, Tracker],
        surveyor: Surveyor,
        journal: Journal,
        clock: Clock,
        options: ParseOptions,
        policy: Policy,
    ) -> None:
        self._sources = sources
        self._trackers = trackers
        self._surveyor = surveyor
        self._journal = journal
        self._clock = clock
        self._options = options
        self._policy = policy
        self._paths: dict[str, frozenset[str]] = {}
        self._stated: dict[str, tuple[str, str]] = {}
        self._looked_up: set[int] = set()
        self.down: dict[str, str] = {}
        self.hidden: dict[tuple[str, str], str] = {}

    def prepare(self, names: Sequence[tuple[str, str]]) -> list[Prepared]:
        """Plan these documents, given as (source, path); their linked tickets are fetched together."""
        read = [self._read(source, path) for source, path in names]
        live = [entry for entry in read if entry.postmortem and not entry.error and not entry.skipped]
        self._fetch(live)
        for entry in live:
            if not entry.error:
                self._plan(entry)
        return read

    def stated(self, source: str, path: str) -> str:
        """The postmortem's id where the document states one itself; "" where not, or where it cannot be read."""
        entry = self._read(source, path)
        return entry.postmortem_id if entry.postmortem and entry.postmortem.id else ""

    def _read(self, source: str, path: str) -> Prepared:
        entry = Prepared(source, path, self._clock.now())
        try:
            entry.document = self._sources[source].read(path)
            entry.postmortem = parse(entry.document.data, path, self._options)
            entry.postmortem_id = postmortem_id(source, path, entry.postmortem.id)
            if not entry.postmortem.published:
                entry.skipped = entry.postmortem.reason
                return entry
            self._claim(entry)
            entry.surveyed = self._surveyor.survey(entry.document, entry.postmortem, entry.postmortem_id)
            down = {s.tracker for s in entry.surveyed} & self.down.keys()
            if down:
                entry.error = self.down[min(down)]
            elif hidden := {(s.tracker, s.wish.project) for s in entry.surveyed} & self.hidden.keys():
                entry.error = self.hidden[min(hidden)]
        except ItemError as error:
            entry.error = str(error)
        return entry

    def _claim(self, entry: Prepared) -> None:
        """Two documents that state one id would share their tickets: the second one fails."""
        assert entry.postmortem is not None
        if not entry.postmortem.id:
            return
        me = (entry.source, entry.path)
        others = [self._stated.get(entry.postmortem_id), *self._journal.documents_of(entry.postmortem_id)]
        for other in others:
            if other and other != me and other[1] in self._known_paths(other[0]):
                raise DocumentError(
                    f"{entry.path}: its id {entry.postmortem.id!r} is also that of {other[1]}.",
                    "Give one of the two another id in its front matter.",
                )
        self._stated[entry.postmortem_id] = me

    def _known_paths(self, source: str) -> frozenset[str]:
        if source not in self._paths:
            reader = self._sources.get(source)
            self._paths[source] = frozenset(reader.paths()) if reader else frozenset()
        return self._paths[source]

    def _fetch(self, entries: Sequence[Prepared]) -> None:
        """Every linked ticket of these documents, in one batch a tracker.

        A document that is prepared a second time in this run finds them in the journal's cache.
        """
        linked = {id(entry): [s.link[1] for s in entry.surveyed if s.link] for entry in entries}
        again = [ref for entry in entries if _version(entry) in self._looked_up for ref in linked[id(entry)]]
        known = self._journal.tickets_by_ref(again) if again else {}
        wanted: dict[str, dict[TicketRef, None]] = {}
        for ref in (ref for refs in linked.values() for ref in refs if ref not in known):
            wanted.setdefault(ref.tracker, {})[ref] = None
        found: dict[TicketRef, Ticket | None] = {}
        failed: dict[str, str] = {}
        for tracker, refs in wanted.items():
            try:
                found |= self._trackers[tracker].lookup(list(refs))
            except TrackerError as error:
                failed[tracker] = str(error)
        take_in(self._journal, self._clock, [ticket for ticket in found.values() if ticket])
        found |= known
        for entry in entries:
            links = linked[id(entry)]
            down = {ref.tracker for ref in links} & failed.keys()
            if down:
                entry.error = failed[min(down)]
            elif links:
                self._looked_up.add(_version(entry))
            entry.fetched = {ref: found.get(ref) for ref in links}

    def _plan(self, entry: Prepared) -> None:
        assert entry.postmortem is not None
        postmortem, identity = entry.postmortem, entry.postmortem_id
        own = {identity, postmortem_id(entry.source, entry.path, "")}
        seen = self._journal.seen(entry.source, [entry.path]).get(entry.path)
        if seen:
            own.add(seen.postmortem)
        texts = sorted({text_digest(item.text) for item in postmortem.items})
        cached = [t for name in sorted(own) for t in self._journal.tickets_for(name, texts if name == identity else [])]
        fetched = [ticket for ticket in entry.fetched.values() if ticket]
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

        def vanished(other: str) -> bool:
            return other in own or self._moved(other, entry.path)

        entry.plan = plan(
            identity, postmortem, entry.surveyed, entry.fetched, list(marked.values()), memory, self._policy, vanished
        )

    def _moved(self, other: str, path: str) -> bool:
        """Whether the postmortem with that id, known by its path, is no longer there."""
        if not other.startswith("path:"):
            return False
        source, _, rest = other.removeprefix("path:").partition("/")
        if source not in self._sources:
            return rest == path
        return rest not in self._known_paths(source)


def _version(entry: Prepared) -> int:
    """A number for these bytes of this document: names of thousands of them would take room."""
    return hash((entry.source, entry.path, entry.document.version if entry.document else ""))


def short(ref: TicketRef) -> TicketRef:
    """A ticket's name without its project, as the journal's `shown` keeps it."""
    return replace(ref, project="")


def label(ticket: Ticket, repository: str) -> str:
    """A ticket's name as a reader of a document in `repository` knows it: `#12` at home, else `o/r#12`."""
    key = ticket.ref.key
    return key.removeprefix(repository) if repository and key.startswith(f"{repository}#") else key

"""Which documents link which tickets: what this run has read, what the journal knows, and, where it matters, all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sync.errors import ItemError, SyncError
from sync.identity import Linker
from sync.journal.identity import Documents, Known, names_of
from sync.journal.journal import Journal
from sync.model import Mark, TicketRef
from sync.model.names import Origin
from sync.ports import Document, DocumentName, Homed, Sight, Source

Understood = tuple[Origin, Sequence[TicketRef]]
"""Which postmortem a document is, and the tickets that it links."""


@dataclass(frozen=True, slots=True)
class _Note:
    linker: Linker
    print: str
    links: frozenset[tuple[str, str]]


class Links:
    """Answers who links a ticket.

    Args:
        understand: reads a document's origin and links; raises ItemError.
    """

    def __init__(
        self, sources: Mapping[str, Source], journal: Journal, understand: Callable[[Document], Understood]
    ) -> None:
        self._sources = sources
        self._documents = Documents(journal)
        self._understand = understand
        self._notes: dict[DocumentName, _Note] = {}
        self._paths: dict[str, frozenset[str]] = {}
        self._complete: bool | None = None

    def note(self, name: DocumentName, origin: Origin, links: Iterable[TicketRef]) -> None:
        """A document that was just read."""
        names = names_of(origin.place, *name) | set(origin.former)
        found = frozenset((ref.tracker, ref.key) for ref in links)
        self._notes[name] = _Note(Linker(names, origin.day), origin.print, found)

    def others(self, me: DocumentName, refs: Sequence[TicketRef]) -> dict[TicketRef, tuple[Linker, ...]]:
        """Documents but this one that link these tickets, as far as is known."""
        found: dict[TicketRef, dict[str, Linker]] = {}
        mine = self._notes.get(me)
        for ref in refs:
            for name, note in self._notes.items():
                if name != me and (ref.tracker, ref.key) in note.links and not _same(mine, note.linker):
                    found.setdefault(ref, {})[note.linker.name] = note.linker
        for ref, documents in self._documents.linking(refs).items():
            for document in documents:
                if self._stands(me, document) and not _same(mine, document.linker):
                    found.setdefault(ref, {})[document.linker.name] = document.linker
        return {ref: tuple(linkers.values()) for ref, linkers in found.items()}

    def _stands(self, me: DocumentName, document: Known) -> bool:
        """Whether what the journal knows of a document is still all there is to know of it."""
        name = DocumentName(document.source, document.path)
        return name != me and name not in self._notes and document.path in self.paths(document.source)

    def prints(self, me: DocumentName) -> frozenset[str]:
        """Prints of the other documents that were read."""
        return frozenset(note.print for name, note in self._notes.items() if name != me)

    def paths(self, source: str) -> frozenset[str]:
        """The documents that a source shows; none for one that cannot be read, or is not known here."""
        if source not in self._paths:
            reader = self._sources.get(source)
            try:
                self._paths[source] = frozenset(reader.paths()) if reader else frozenset()
            except ItemError:
                self._paths[source] = frozenset()
                self._complete = False
        return self._paths[source]

    def complete(self) -> bool:
        """Look at every document that was not looked at yet; whether all of them could be read."""
        if self._complete is None:
            self._complete = True
            for source in self._sources:
                paths = self.paths(source)
                known = self._documents.known(source)
                for path in sorted(paths):
                    if (source, path) not in self._notes and not self._read(source, path, known.get(path)):
                        self._complete = False
        return self._complete

    def _read(self, source: str, path: str, known: Known | None) -> bool:
        try:
            version = self._sources[source].version(path)
            if known and known.place and version and version == known.version:
                return self._recall(known)
            document = self._sources[source].read(path)
            if known and known.place and document.version == known.version:
                return self._recall(known)
            origin, links = self._understand(document)
        except SyncError:
            return False
        self.note(DocumentName(source, path), origin, links)
        return True

    def _recall(self, known: Known) -> bool:
        links = self._documents.links_of(known.source, [known.path]).get(known.path, [])
        self._notes[DocumentName(known.source, known.path)] = _Note(known.linker, known.print, frozenset(links))
        return True

    def gone(self, place: str) -> bool:
        """Whether a place is certainly no longer there, in a home that one of the sources shows."""
        home, _, inner = place.partition("#")
        readers = [source for source in self._homed().values() if home and _home(source) == home]
        return bool(readers) and all(_lacks(reader, inner) for reader in readers)

    def owner_abroad(self, mark: Mark, me: Origin) -> Linker | None:
        """The document that a mark names, where it may link the ticket and nobody here can read it.

        One that the sources show is read, and then known like any other.
        """
        home, _, inner = mark.place.partition("#")
        found = {self._sight(name, source, inner) for name, source in self._homed().items() if _home(source) == home}
        if Sight.SHOWN in found:
            return None
        if Sight.HIDDEN not in found and Sight.ABSENT in found:
            return None
        same_name = inner.rpartition("/")[2] == me.path.rpartition("/")[2]
        if not home and same_name and mark.print == me.print and Sight.HIDDEN not in found:
            return None  # the folder was moved as a whole
        return Linker(frozenset({mark.place}), seen=False)

    def knows(self, source: str) -> bool:
        """Whether a source of that name is configured here."""
        return source in self._sources

    def shown_at(self, place: str) -> DocumentName | None:
        """The document at a place, where a source shows it."""
        home, _, inner = place.partition("#")
        for name, source in self._homed().items():
            try:
                if _home(source) == home and (path := source.path_at(inner)):
                    return DocumentName(name, path)
            except ItemError:
                continue
        return None

    def _homed(self) -> dict[str, Homed]:
        return {name: source for name, source in self._sources.items() if isinstance(source, Homed)}

    def _sight(self, name: str, source: Homed, inner: str) -> Sight:
        try:
            found = source.sight(inner)
            path = source.path_at(inner) if found is Sight.SHOWN else ""
        except ItemError:
            return Sight.OUTSIDE
        if path and (name, path) not in self._notes:
            self._read(name, path, self._documents.known(name).get(path))
        return found


def _same(mine: _Note | None, other: Linker) -> bool:
    """Whether a document is this one under another name."""
    return mine is not None and any("#" in name and name in other.names for name in mine.linker.names)


def _home(source: Homed) -> str:
    try:
        return source.home
    except ItemError:
        return "?"


def _lacks(source: Homed, inner: str) -> bool:
    try:
        return source.lacks(inner)
    except ItemError:
        return False

"""Which documents an event concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.journal.journal import Journal
from sync.model import Reference
from sync.ports import Pushed, SourceReader, TrackerReader, WebhookEvent


@dataclass(frozen=True, slots=True)
class Watched:
    """A source whose system tells when its documents change.

    Attributes:
        sender: who tells.
        repository: `owner/name` whose pushes change them, "" for none; branch: "" for the repository's own.
    """

    source: SourceReader
    sender: str
    repository: str = ""
    branch: str = ""

    def paths(self, sender: str, event: WebhookEvent) -> list[str]:
        """The documents of this source that an event is about."""
        if sender != self.sender:
            return []
        pages = [*event.pages, *(self._pushed(event.pushed) if event.pushed else ())]
        return [path for page in pages if (path := self.source.path_of(page))]

    def _pushed(self, pushed: Pushed) -> Sequence[str]:
        if pushed.repository.lower() != self.repository.lower():
            return []
        if not (pushed.branch == self.branch or (pushed.default and not self.branch)):
            return []
        return pushed.pages


@dataclass(frozen=True, slots=True)
class Concerned:
    """Finds the documents that an event concerns, in the state store and by the addresses of pages. Calls nobody.

    Attributes:
        sources: the names of all sources; watched: those whose systems tell of changes, by name.
    """

    journal: Journal
    trackers: Mapping[str, TrackerReader]
    sources: frozenset[str]
    watched: Mapping[str, Watched]

    def documents(self, sender: str, event: WebhookEvent) -> list[tuple[str, str]]:
        """(source, path) of each. Raises JournalError."""
        tracker = self.trackers.get(sender)
        found: dict[tuple[str, str], None] = {}
        if tracker and event.tickets:
            refs = [tracker.resolve(Reference(text, text), "", "") for text in event.tickets]
            shown = self.journal.documents_showing([ref for ref in refs if ref])
            found |= {name: None for name in shown if name[0] in self.sources}
        for name, watched in self.watched.items():
            found |= {(name, path): None for path in watched.paths(sender, event)}
        return list(found)

"""Which documents an event concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync.journal.journal import Journal
from sync.model import Reference
from sync.ports import Pushed, SourceReader, TrackerReader, WebhookEvent


@dataclass(frozen=True, slots=True)
class Watched:
    """A source that a push may change.

    Attributes:
        repository: `owner/name`; branch: "" for the repository's own.
    """

    source: SourceReader
    repository: str
    branch: str

    def paths(self, pushed: Pushed) -> list[str]:
        """The documents of this source that a push changed."""
        if pushed.repository.lower() != self.repository.lower():
            return []
        if not (pushed.branch == self.branch or (pushed.default and not self.branch)):
            return []
        return [path for page in pushed.pages if (path := self.source.path_of(page))]


@dataclass(frozen=True, slots=True)
class Concerned:
    """Finds the documents that an event concerns, in the state store and by the addresses of pages. Calls nobody.

    Attributes:
        sources: the names of all sources; watched: those that a push may change, by name.
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
        if event.pushed:
            for name, watched in self.watched.items():
                found |= {(name, path): None for path in watched.paths(event.pushed)}
        return list(found)

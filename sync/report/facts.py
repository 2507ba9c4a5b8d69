"""What a report counts: postmortems, their items, and what waits for a person. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sync.model import State
from sync.policies.policies import Standing, Subject


@dataclass(frozen=True, slots=True)
class PostmortemFact:
    """A published postmortem.

    Attributes:
        day: of the incident; None where the document states none.
        url: a page where people read it; "" when there is none.
    """

    id: str
    source: str
    path: str
    title: str = ""
    url: str = ""
    day: date | None = None
    service: str = ""
    team: str = ""
    severity: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemFact:
    """An action item as it stands today.

    Attributes:
        owners: people and teams as they are called; empty for nobody.
        due: the ticket's, else the document's where the ticket never had one.
        start: the day of the incident, else the day its ticket was made; None when neither is known.
        closed_on: None when the item is open, or nobody knows the day.
        tracker, key: of its ticket; "" when it has none.
        ours: whether the ticket carries our mark: only such tickets are reminded.
        slips: by how many days its due date was moved to a later one, each time.
        priority, type: as the document states them.
    """

    postmortem: PostmortemFact
    text: str
    line: int = 0
    owners: tuple[str, ...] = ()
    due: date | None = None
    state: State = State.OPEN
    start: date | None = None
    closed_on: date | None = None
    tracker: str = ""
    project: str = ""
    key: str = ""
    url: str = ""
    ours: bool = False
    slips: tuple[int, ...] = ()
    priority: str = ""
    type: str = ""

    @property
    def subject(self) -> Subject:
        """The item as policies look at it."""
        here = self.postmortem
        return Subject(here.severity, here.service, here.team, here.labels, self.priority, self.type)

    @property
    def standing(self) -> Standing:
        """The item as policies judge it."""
        return Standing(self.state, bool(self.owners), self.due, self.closed_on)


@dataclass(frozen=True, slots=True)
class WaitingFact:
    """Something that only a person can settle. `kind` is "conflict", "orphan" or "owner"."""

    kind: str
    postmortem: PostmortemFact
    line: int
    text: str
    key: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a report is made of.

    Attributes:
        since: the day of the first event in the journal; None without one.
        origin: "journal", or "documents" when documents and trackers were read as they are now.
        failed: documents and trackers that could not be read, in words.
    """

    postmortems: tuple[PostmortemFact, ...] = ()
    items: tuple[ItemFact, ...] = ()
    waiting: tuple[WaitingFact, ...] = ()
    since: date | None = None
    origin: str = "journal"
    failed: tuple[str, ...] = ()

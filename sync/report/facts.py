"""What a report counts: postmortems, their items, and what waits for a person. Values only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sync.model import State
from sync.policies.policies import Progress, Subject


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

    @property
    def name(self) -> str:
        """What it is called; its path where it has no title."""
        return self.title or self.path


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
        dues: (day of a change of its due date, the date before it), the oldest first.
        elsewhere: the ticket that it links in a tracker that is not configured.
        priority, type: as the document states them.
        started: whether its tracker says that somebody works on it.
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
    dues: tuple[tuple[date, date | None], ...] = ()
    elsewhere: str = ""
    priority: str = ""
    type: str = ""
    started: bool = False

    @property
    def first_due(self) -> date | None:
        """Its due date before anybody moved it."""
        known = [before for _, before in self.dues if before]
        if known or self.due is None:
            return known[0] if known else None
        return self.due - timedelta(days=sum(self.slips))

    def on(self, day: date) -> ItemFact | None:
        """The item at the end of an earlier day; None when it was not there yet.

        What nobody knows the day of counts as it is today.
        """
        if self.start and self.start > day:
            return None
        due = next((before for changed, before in self.dues if changed > day), self.due)
        if self.closed_on and self.closed_on > day:
            return replace(self, due=due, state=State.OPEN, closed_on=None)
        return replace(self, due=due)

    @property
    def subject(self) -> Subject:
        """The item as policies look at it."""
        here = self.postmortem
        return Subject(here.severity, here.service, here.team, here.labels, self.priority, self.type)

    @property
    def progress(self) -> Progress:
        """The item as policies judge it."""
        return Progress(self.state, bool(self.owners), self.due, self.closed_on)


@dataclass(frozen=True, slots=True)
class WaitingFact:
    """Something that only a person can settle.

    Attributes:
        kind: "conflict", "held", "orphan" or "owner".
        owner, tracker: of an owner whom nobody knows: the name, and where no account is found for it.
    """

    kind: str
    postmortem: PostmortemFact
    line: int
    text: str
    key: str = ""
    url: str = ""
    owner: str = ""
    tracker: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a report is made of.

    Attributes:
        since: the day of the first event in the journal; None without one.
        origin: "journal", or "documents" when documents and trackers were read as they are now.
        failed: documents and trackers that could not be read, in words.
        selection: which of them were chosen, in words; "" for all.
    """

    postmortems: tuple[PostmortemFact, ...] = ()
    items: tuple[ItemFact, ...] = ()
    waiting: tuple[WaitingFact, ...] = ()
    since: date | None = None
    origin: str = "journal"
    failed: tuple[str, ...] = ()
    selection: str = ""


def reported(item: ItemFact) -> dict[str, Any]:
    """What every list of the report tells of an item: the fields of a ReportedItem."""
    here = item.postmortem
    return {
        "text": item.text,
        "owners": item.owners,
        "due": item.due,
        "tracker": item.tracker,
        "key": item.key,
        "url": item.url,
        "postmortem": here.name,
        "postmortem_url": here.url,
        "team": here.team,
        "service": here.service,
        "severity": here.severity,
    }

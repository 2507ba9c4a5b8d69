"""A ticket: as a tracker has it, and as a document asks for it. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sync.model.document import State


@dataclass(frozen=True, slots=True)
class TicketRef:
    """A ticket's name: the tracker, the repository or project, and the key as people write it."""

    tracker: str
    project: str
    key: str

    def without_project(self) -> TicketRef:
        """As the journal keeps it where the project does not matter."""
        return TicketRef(self.tracker, "", self.key)


@dataclass(frozen=True, slots=True)
class Base:
    """What was last pushed to a ticket: the base of the three-way merge.

    Attributes:
        title, due: as pushed.
        owners: account ids as pushed; empty when none was.
        body: digest of the body as pushed.
    """

    title: str = ""
    owners: tuple[str, ...] = ()
    due: date | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a ticket carries to say which item it belongs to.

    Attributes:
        place, print, id: which postmortem it is of; item: which of its items (see identity.py).
        nonce: made for the create, and kept for the ticket's life: no two tickets were given the same.
        version: 1 for a mark of the first edition, which names no print, and as its place a source or an id.
    """

    place: str
    print: str
    item: str
    base: Base = Base()
    nonce: str = ""
    id: str = ""
    version: int = 2


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as the tracker has it now.

    Attributes:
        ref: its present name; `former` its name when asked for under an old one.
        assignees: account ids.
        created: order of age among tickets; the older of two twins stays.
        mark: only when it may be believed (our account, or our signature).
        id: the tracker's own, which nothing changes: neither a move nor a rename.
        sealed: whether the mark's signature names this very ticket.
        ours: whether our account created the ticket, as far as the mark tells.
        copied: what a mark on it says that is sealed for another ticket; it is never believed.
        duplicate_of: the key it was closed in favour of.
        pull_request: merged is done, closed unmerged is won't do.
        version: changes whenever the ticket does.
        started: whether the tracker says of an open one that somebody works on it.
    """

    ref: TicketRef
    url: str
    title: str
    created: datetime
    state: State = State.OPEN
    closed_on: date | None = None
    assignees: tuple[str, ...] = ()
    due: date | None = None
    labels: tuple[str, ...] = ()
    mark: Mark | None = None
    duplicate_of: str = ""
    pull_request: bool = False
    former: str = ""
    version: str = ""
    id: str = ""
    sealed: bool = False
    ours: bool = False
    copied: Mark | None = None
    started: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """What a ticket's description says, before an adapter renders it for its tracker.

    Every string is untrusted text of a document and must be made safe by the renderer.
    """

    text: str
    postmortem_title: str
    postmortem_url: str
    section: str = ""
    owners: tuple[str, ...] = ()
    due: str = ""
    priority: str = ""
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DesiredTicket:
    """A ticket as it should be: what a create is given, and what a tracker normalises.

    Attributes:
        assignees: account ids, the first the most important.
        incident: the incident's own ticket, to become the parent where the tracker has parents.
        values: the item's and the postmortem's plain values, for templates in settings.
    """

    project: str
    title: str
    body: Body
    mark: Mark
    assignees: tuple[str, ...] = ()
    due: date | None = None
    labels: tuple[str, ...] = ()
    priority: str = ""
    type: str = ""
    incident: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """What to change on a ticket; None leaves a field alone. `mark` is always written with it."""

    mark: Mark | None = None
    title: str | None = None
    body: Body | None = None
    assignees: tuple[str, ...] | None = None
    due: date | None = None
    state: State | None = None
    duplicate_of: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that a person would see change."""
        named = ("title", "body", "assignees", "due", "state")
        return tuple(name for name in named if getattr(self, name) is not None)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a tracker that may be assigned. `id` is what goes into `assignees`."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A write that the tracker confirmed, read back.

    Attributes:
        dropped: what the tracker left out without an error, in words ("assignee ana").
    """

    ticket: Ticket
    dropped: tuple[str, ...] = ()

"""The plan of a run, what became of it, and what the doctor finds. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sync.model.document import Reference
from sync.model.ticket import DesiredTicket, Patch, Ticket


class Action(StrEnum):
    """What the plan does about one item."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    UNCHANGED = "unchanged"
    FOLLOW = "follow"  # status only: a copied link, a pull request
    SKIP = "skip"  # held back, with the reason
    FAIL = "fail"  # cannot be done, with the reason


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed, or the base is unknown and they differ. Neither is overwritten."""

    what: str
    document: str
    ticket: str

    def __str__(self) -> str:
        return f"{self.what}: the document says {self.document}, the ticket says {self.ticket}"


@dataclass(frozen=True, slots=True)
class Change:
    """The decision about one item.

    Attributes:
        index: of the item in the postmortem.
        item_id: as on the mark; "" when the item has none.
        ticket: the one it has now; None for CREATE, SKIP and FAIL.
        desired: what a CREATE asks for.
        patch: what an UPDATE or ADOPT writes.
        reference: the link on the item that names the ticket.
        relink: whether that link must be rewritten.
        show_state: whether the ticket's state is to be written into the document.
        reasons: why, in words, for the plan's output.
        notes: what a person should look at (an owner nobody can resolve, candidates).
        waits: whether the next run must look again though nothing changes.
    """

    index: int
    action: Action
    tracker: str = ""
    project: str = ""
    item_id: str = ""
    ticket: Ticket | None = None
    desired: DesiredTicket | None = None
    patch: Patch | None = None
    reference: Reference | None = None
    relink: bool = False
    show_state: bool = True
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Twins:
    """Two live tickets of one item: the younger is to be closed as a duplicate of the older."""

    younger: Ticket
    older: Ticket


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one run would do about one postmortem; one change an item, in order."""

    postmortem: str
    changes: tuple[Change, ...] = ()
    twins: tuple[Twins, ...] = ()
    orphans: tuple[Ticket, ...] = ()

    @property
    def creates(self) -> int:
        """How many tickets it would create."""
        return sum(change.action is Action.CREATE for change in self.changes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    Attributes:
        action: what was done; FAIL when it could not be.
        ticket: as it is after the run; None when there is none.
        written: whether the tracker was written to.
        error: why it failed, in words with the cure.
        notes: what a person should look at, the plan's notes included.
    """

    change: Change
    action: Action
    ticket: Ticket | None = None
    written: bool = False
    error: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor looked at.

    Attributes:
        well: whether it is as it must be; `serious` whether nothing works when it is not.
        cure: what to do about it.
    """

    what: str
    well: bool
    serious: bool = True
    detail: str = ""
    cure: str = ""

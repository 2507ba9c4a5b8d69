"""The plan of a run, what became of it, and what the doctor finds. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sync.model.document import Reference
from sync.model.ticket import DesiredTicket, Patch, Ticket, TicketRef


class Action(StrEnum):
    """What the plan does about one item."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    UNCHANGED = "unchanged"
    FOLLOW = "follow"  # status only: a copied link, a pull request
    HOLD = "hold"  # a person must say which ticket it is, or an earlier create is still unknown
    SKIP = "skip"  # held back, with the reason
    FAIL = "fail"  # cannot be done, with the reason


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed, or the base is unknown and they differ. Neither is overwritten.

    Attributes:
        question: the number under which a person can settle it; 0 while it has none.
    """

    what: str
    document: str
    ticket: str
    question: int = 0

    def __str__(self) -> str:
        return f"{self.what}: the document says {self.document}, the ticket says {self.ticket}"


@dataclass(frozen=True, slots=True)
class Change:
    """The decision about one item.

    Attributes:
        index: of the item in the postmortem.
        item: its digest, as on the mark; item_id: its name among the items of all postmortems; "" for a copied link.
        ticket: the one it has now; None for CREATE, HOLD, SKIP and FAIL.
        desired: what a CREATE asks for.
        patch: what an UPDATE or ADOPT writes.
        reference: the link on the item that names the ticket.
        relink: whether that link must be rewritten.
        show_state: whether the ticket's state is to be written into the document.
        say_state: whether the state must stand there in words, though the document shows it already.
        reasons: why, in words, for the plan's output.
        notes: what a person should look at (an owner nobody can resolve, candidates).
        maybe: of a HOLD, the ticket that may be the item's.
        question: the number under which a person can say whether it is; 0 while it has none.
        waits: whether the next run must look again though nothing changes.
        settles: numbers of the questions whose answers it carries out.
    """

    index: int
    action: Action
    tracker: str = ""
    project: str = ""
    item: str = ""
    item_id: str = ""
    ticket: Ticket | None = None
    desired: DesiredTicket | None = None
    patch: Patch | None = None
    reference: Reference | None = None
    relink: bool = False
    show_state: bool = True
    say_state: bool = False
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    maybe: Ticket | None = None
    question: int = 0
    waits: bool = False
    settles: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Twins:
    """Two live tickets of one item: the younger is to be closed as a duplicate of the older.

    Attributes:
        kept: why the younger stays open all the same, so that a person must choose; "" when it is to be closed.
    """

    younger: Ticket
    older: Ticket
    kept: str = ""

    def __str__(self) -> str:
        return f"{self.older.ref.key} and {self.younger.ref.key} are tickets of one action item; {self.kept}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one run would do about one postmortem; one change an item, in order.

    Attributes:
        postmortem: its name in the journal.
        orphans: tickets made for items that are no longer there.
        copies: tickets that carry a copy of the mark of one of its tickets.
        known: every ticket that it was made from.
    """

    postmortem: str
    changes: tuple[Change, ...] = ()
    twins: tuple[Twins, ...] = ()
    orphans: tuple[Ticket, ...] = ()
    copies: tuple[Ticket, ...] = ()
    known: tuple[TicketRef, ...] = ()

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

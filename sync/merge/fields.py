"""Who wins, field by field: an item and its own ticket, against what was last pushed to it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from sync.identity import Relation, relation
from sync.model import (
    Action,
    ActionItem,
    Base,
    Change,
    Conflict,
    DesiredTicket,
    Mark,
    Notation,
    Patch,
    Postmortem,
    Reference,
    State,
    Ticket,
    TicketRef,
)
from sync.model.names import Origin, item_digest, similarity, words_in

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Policy:
    """What settings decide about planning (`[items]`, `[limits]`, `[completion]`).

    Attributes:
        today: the day of the run.
        require: "owner", "due": what an item must state to get a ticket.
        max_age_days: older postmortems get no new tickets; None for no limit.
        explicit: the postmortem was named, which lifts the age limit.
        unsure: whether lines that may be no item are synced.
        on_ticked: "report", "close" or "reopen": what a box ticked by hand means while the ticket is open.
        create_closed: whether an item already done gets a ticket.
    """

    today: date
    require: frozenset[str] = frozenset()
    max_age_days: int | None = 180
    explicit: bool = False
    unsure: bool = False
    on_ticked: str = "report"
    create_closed: bool = False


@dataclass(frozen=True, slots=True)
class ResolvedItem:
    """What was found out about one item before planning.

    Attributes:
        desired: the ticket the document asks for, normalised by its tracker; the mark's ids are filled in here.
        body: digest of its body as the tracker would show it.
        link: the first reference that names a ticket of a configured tracker, and that name.
        elsewhere: references that name no ticket of a configured tracker.
        notes: about owners who could not be resolved.
        error: why no ticket can be asked for (no project is configured for it).
    """

    tracker: str
    desired: DesiredTicket
    body: str
    link: tuple[Reference, TicketRef] | None = None
    elsewhere: tuple[Reference, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the journal remembers; empty after its loss, which costs nothing but caution.

    Attributes:
        shown: the state last written into the document, by ticket.
        held: items (their ids) whose create has an unknown outcome and whose tracker may not show it yet, with the
            words for a person; `titles` of those creates.
    """

    shown: Mapping[TicketRef, State]
    held: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)

    def awaited(self, item_id: str, text: str, seen: Collection[str]) -> str:
        """Why an item must wait for the outcome of a create; "" when it need not.

        It waits for its own, and for one that no ticket shows yet and that may have been this item in other words.
        """
        if item_id in self.held:
            return self.held[item_id]
        for other, words in sorted(self.held.items()):
            if other not in seen and similarity(text, self.titles.get(other, "")) > 0:
                return words
        return ""


FORGOTTEN = Memory(shown={}, held={})


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person said about items of one document, by the item's digest (`sync resolve`).

    Attributes:
        same: the ticket that is the item's; new: the ticket that is not, so that it gets one of its own.
        take: "document" or "ticket", by the item and what is in conflict.
    """

    same: Mapping[str, TicketRef] = field(default_factory=dict)
    new: Mapping[str, TicketRef] = field(default_factory=dict)
    take: Mapping[tuple[str, str], str] = field(default_factory=dict)


UNDECIDED = Decisions()


@dataclass(frozen=True, slots=True)
class About:
    """What all decisions about one document's items have in common.

    Attributes:
        seen: items (their ids) that have a ticket, or may have.
        copied: tickets whose mark is, or may be, a copy of another one's.
        completed: by the elder of two twins, the younger one that a person has completed.
    """

    origin: Origin
    postmortem: Postmortem
    memory: Memory
    policy: Policy
    decisions: Decisions
    seen: frozenset[str] = frozenset()
    copied: frozenset[TicketRef] = frozenset()
    completed: Mapping[TicketRef, Ticket] = field(default_factory=dict)


def mark_of(origin: Origin, item: str, base: Base, nonce: str) -> Mark:
    """The mark of an item's ticket; the nonce is made when the ticket is."""
    return Mark(origin.place, origin.print, item, base, nonce, origin.id)


def completion(
    about: About, change: Change, item: ActionItem, ticket: Ticket
) -> tuple[tuple[Conflict, ...], State | None, bool, bool]:
    """(conflicts, state to give the ticket, whether to write the ticket's state into the document, and in words)."""
    shown = about.memory.shown.get(ticket.ref)
    state = item.box_says or item.state
    itself = _tells_itself(item, ticket)
    written = _written(item, ticket, itself, shown)
    twin = about.completed.get(ticket.ref)
    if twin and ticket.state is State.OPEN and written in (None, State.OPEN):
        return (), twin.state, True, False
    if state is ticket.state or not item.state_stated:
        closed = item.notation is Notation.TASK and ticket.state is not State.OPEN and item.written is None
        return (), None, True, closed and (itself or shown is State.OPEN)
    taken = about.decisions.take.get((asked_as(change), "completion"))
    if taken == "ticket":
        return (), None, True, False
    if taken == "document":
        return (), state, True, state is not State.OPEN
    if state is State.OPEN:
        unticked = written is not None and written is not State.OPEN
        conflict = Conflict("completion", "open, changed by hand", _words(ticket.state))
        return ((conflict,), None, False, False) if unticked else ((), None, True, False)
    if ticket.state is not State.OPEN or written is state:
        return (), None, True, False
    if about.policy.on_ticked == "close" and written is State.OPEN and item.written is not State.DONE:
        return (), state, True, True
    if about.policy.on_ticked == "reopen" and written is State.OPEN:
        return (), None, True, False
    return (Conflict("completion", _words(state), "open"),), None, False, False


def asked_as(change: Change) -> str:
    """What questions about an item are kept under: its digest; for a copied link, its ticket's name."""
    ticket = change.ticket
    return change.item or (item_digest(f"{ticket.ref.tracker} {ticket.ref.key}") if ticket else "")


def _written(item: ActionItem, ticket: Ticket, itself: bool, shown: State | None) -> State | None:
    """What was last written into the document: it says so itself, or the journal does; None when nobody knows.

    Words with a day may be a person's as well, where no box stands beside them: there the journal is asked first.
    """
    if item.notation is Notation.TASK:
        return item.written or (State.OPEN if itself else shown)
    return shown or (item.written if ticket.mark else None)


def _tells_itself(item: ActionItem, ticket: Ticket) -> bool:
    """Whether the document alone says what was written into it: a box, and beside it words of ours as soon as we tick.

    Version 1 left no words there, and neither did whoever wrote a ticket's link by hand.
    """
    mark = ticket.mark
    return item.notation is Notation.TASK and bool(mark and mark.version > 1 and ticket.ours and not _is_first(mark))


def _is_first(mark: Mark) -> bool:
    return mark.nonce.startswith("v1:")


def _words(state: State) -> str:
    return {State.OPEN: "open", State.DONE: "done", State.WONTDO: "won't do"}[state]


def merge(
    about: About, change: Change, ticket: Ticket, item: ActionItem, resolved: ResolvedItem, state: State | None
) -> Change:
    """What is to be written to an item's own ticket.

    Args:
        state: that the ticket is to be given; None to leave it.
    """
    desired = resolved.desired
    mark, notes = _believable(about, change, ticket)
    base = mark.base if mark else Base(title=desired.title)
    frozen = ticket.state is not State.OPEN and state is None
    merger = _Merger(about, change, frozen)
    title, title_base = merger.title(desired.title, ticket.title, base.title)
    owners, owner_base = merger.field(
        "owner", frozenset(desired.assignees), frozenset(ticket.assignees), frozenset(base.owners), _names_of
    )
    due, due_base = merger.field("due date", desired.due, ticket.due, base.due, lambda day: str(day) if day else "none")
    body = not frozen and base.body not in ("", resolved.body) and not merger.is_in_conflict("title")
    new_base = Base(
        title_base,
        desired.assignees
        if owner_base == frozenset(desired.assignees) and owner_base
        else tuple(sorted(owner_base or ())),
        due_base,
        resolved.body if body else base.body,
    )
    fresh = mark_of(about.origin, change.item, new_base, mark.nonce if mark else "")
    patch = Patch(
        mark=fresh,
        title=desired.title if title else None,
        body=desired.body if body else None,
        assignees=desired.assignees if owners else None,
        due=desired.due if due else None,
        state=state,
    )
    twin = about.completed.get(ticket.ref)
    if twin and state is twin.state:
        notes += (f"its twin {twin.ref.key} was completed; {ticket.ref.key} takes that over",)
    change = replace(
        change,
        conflicts=(*change.conflicts, *merger.conflicts),
        reasons=_reasons(patch, ticket, mark is None),
        notes=(*change.notes, *notes),
    )
    if mark is None:
        return replace(change, action=Action.ADOPT, patch=patch, desired=desired)
    if patch.fields or not _same_mark(mark, fresh, about.origin):
        return replace(change, action=Action.UPDATE, patch=patch, desired=desired)
    return replace(change, action=Action.UNCHANGED, reasons=())


def _believable(about: About, change: Change, ticket: Ticket) -> tuple[Mark | None, tuple[str, ...]]:
    """The mark of an item's own ticket, where it can be this ticket's at all; and what is to be told of it."""
    mark = ticket.mark
    if ticket.copied:
        return mark, (f"the mark on {ticket.ref.key} is a copy of another ticket's; it is put right",)
    if mark is None:
        return None, ()
    if ticket.ref in about.copied and words_in(mark.item) != words_in(change.item):
        return None, (f"the mark on {ticket.ref.key} is also on another ticket; it is put right",)
    if mark.version > 1 and relation(mark, about.origin) is Relation.OTHER:
        return mark, (f"the mark on {ticket.ref.key} named {mark.place}; the link says otherwise, and it is put right",)
    return mark, ()


def _names_of(owners: frozenset[str]) -> str:
    return ", ".join(sorted(owners)) or "nobody"


def _same_mark(one: Mark, other: Mark, origin: Origin) -> bool:
    """Whether a mark need not be written anew: a newer print or version alone waits for a write that is needed."""

    def key(mark: Mark) -> tuple[object, ...]:
        # A name of version 1 is as good as the place; a former home's is put right.
        place = origin.place if "#" not in mark.place and mark.place in origin.former else mark.place
        # Version 1 knew no id of its own, and called items otherwise.
        names = (place, mark.id, mark.item) if min(one.version, other.version) > 1 else (place, words_in(mark.item))
        base = mark.base
        return *names, base.title, frozenset(base.owners), base.due, base.body

    return key(one) == key(other)


class _Merger:
    """Merges fields one by one, and collects the conflicts."""

    def __init__(self, about: About, change: Change, frozen: bool) -> None:
        self._take = about.decisions.take
        self._item = change.item
        self._frozen = frozen
        self.conflicts: list[Conflict] = []

    def is_in_conflict(self, what: str) -> bool:
        return any(conflict.what == what for conflict in self.conflicts)

    def title(self, document: str, ticket: str, base: str) -> tuple[bool, str]:
        """(whether to push it, the base afterwards). A ticket a person retitled keeps their title."""
        if self._frozen or document == base:
            return False, base
        if ticket in (base, document):
            return ticket != document, document
        return self._settle("title", document, repr(document), repr(ticket), base)

    def field(self, what: str, document: T, ticket: T, base: T, words: Callable[[T], str]) -> tuple[bool, T]:
        """Three-way merge of one field: (push, base afterwards). An empty value says nothing."""
        if self._frozen or not document:
            return False, base
        if document == ticket:
            return False, document
        if document == base:
            return False, base
        if ticket == base or (not ticket and not base):
            return True, document
        return self._settle(what, document, words(document), words(ticket), base)

    def _settle(self, what: str, document: T, says: str, ticket_says: str, base: T) -> tuple[bool, T]:
        """Both sides changed: as a person said, else a conflict that leaves everything as it is."""
        taken = self._take.get((self._item, what))
        if taken:
            return taken == "document", document
        self.conflicts.append(Conflict(what, says, ticket_says))
        return False, base


def _reasons(patch: Patch, ticket: Ticket, adopting: bool) -> tuple[str, ...]:
    words: list[str] = ["an existing ticket is taken over"] if adopting else []
    if patch.title is not None:
        words.append(f"title: {ticket.title!r} -> {patch.title!r}")
    if patch.assignees is not None:
        words.append(f"owner: {', '.join(ticket.assignees) or 'nobody'} -> {', '.join(patch.assignees)}")
    if patch.due is not None:
        words.append(f"due: {ticket.due or 'none'} -> {patch.due}")
    if patch.body is not None:
        words.append("description follows the document")
    if patch.state is not None:
        words.append(f"ticked by hand: {_words(patch.state)}")
    if not words:
        words.append("what was last pushed is noted anew")
    return tuple(words)

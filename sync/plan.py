"""(postmortem, tickets, base) -> Plan. Pure. All policy of who wins lives here.

item                                   ticket                    decision
------------------------------------   -----------------------   -----------------------------------------
links a ticket of a configured tracker  gone or invisible         FAIL, the link is left alone
                                        another item's            FOLLOW: its status, nothing pushed
                                        a pull request            FOLLOW
                                        no mark of ours           ADOPT: mark, and what the ticket lacks
                                        ours                      three-way merge: UPDATE or UNCHANGED
links one of an unknown tracker         -                         SKIP, tracked elsewhere
no link, recognised by its mark         ours                      three-way merge, the link is written again
no link, no ticket                      -                         CREATE, unless a rule of `_held` holds it back
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from sync.identity import Recognised, TwinGroup, recognise, text_digest, twin_groups
from sync.model import (
    Action,
    ActionItem,
    Base,
    Change,
    Conflict,
    DesiredTicket,
    Mark,
    Patch,
    Plan,
    Postmortem,
    Reference,
    State,
    Ticket,
    TicketRef,
    Twins,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Policy:
    """What settings decide about planning (`[items]`, `[limits]`, `[completion]`).

    Attributes:
        today: the day of the run.
        require: "owner", "due": what an item must state to get a ticket.
        max_age_days: older postmortems get no new tickets; None for no limit.
        explicit: the postmortem was named by hand, which lifts the age limit.
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
        body: digest of the desired ticket's body as the tracker would show it.
        link: the first reference that names a ticket of a configured tracker, and that name.
        elsewhere: references that name no ticket of a configured tracker.
        notes: about owners who could not be resolved.
        error: why no desired ticket could be made (no project is configured for it).
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
        unplaced: tickets we made whose link is not known to have reached the document.
        begun: item ids whose create was begun, and is not known to have ended.
        held: those whose tracker may not show it yet, with the words for a person.
    """

    shown: Mapping[TicketRef, State]
    held: Mapping[str, str]
    unplaced: Collection[TicketRef] = frozenset()
    begun: Collection[str] = frozenset()

    def missing(self, found: Sequence[Recognised], known: Sequence[Ticket]) -> str:
        """The words for a held create whose item is gone or reworded, and that no ticket shows yet."""
        seen = {entry.item_id for entry in found} | {ticket.mark.item for ticket in known if ticket.mark}
        return next((words for item, words in sorted(self.held.items()) if item not in seen), "")

    def placed(self, ref: TicketRef) -> bool | None:
        """Whether the ticket's link reached the document; None when that is forgotten."""
        return True if ref in self.shown else False if ref in self.unplaced else None


FORGOTTEN = Memory(shown={}, held={})

RECENT = timedelta(days=14)
"""Within this time of a ticket's creation a run writes its link, however seldom runs are."""


def plan(
    postmortem_id: str,
    postmortem: Postmortem,
    resolved: Sequence[ResolvedItem],
    tickets: Mapping[TicketRef, Ticket | None],
    marked: Sequence[Ticket],
    memory: Memory,
    policy: Policy,
    moved_away: Callable[[str], bool] = lambda postmortem: False,
) -> Plan:
    """Decide what is to be done about each item of a published postmortem.

    Args:
        resolved: one for each item, in order.
        tickets: every linked ticket as it is now; None where it is gone.
        marked: tickets under a mark of ours that may belong to this postmortem.
        moved_away: whether a postmortem id is no longer in its source.
    """
    linked = [tickets.get(s.link[1]) if s.link else None for s in resolved]
    pool = {ticket.ref: ticket for ticket in (*marked, *(t for t in linked if t and t.mark))}
    known = tuple(pool.values())
    gone = [bool(s.link) and ticket is None for s, ticket in zip(resolved, linked, strict=True)]
    found = recognise(
        postmortem_id,
        postmortem.items,
        linked,
        known,
        moved_away,
        memory.placed,
        lambda ticket: ticket.created.date() >= policy.today - RECENT,
        memory.begun,
    )
    if awaited := memory.missing(found, known):
        waiting = {entry.item_id: awaited for entry in found if not entry.ticket and entry.item_id not in memory.begun}
        memory = replace(memory, held={**waiting, **memory.held})
    changes = tuple(
        _decide(index, postmortem, one, entry, missing, postmortem_id, memory, policy)
        for index, (one, entry, missing) in enumerate(zip(resolved, found, gone, strict=True))
    )
    kept = {change.ticket.ref for change in changes if change.ticket}
    groups = [g for g in twin_groups(known) if _concerns(g, postmortem_id, kept)]
    younger = {ticket.ref for group in groups for ticket in group.tickets[1:]}
    return Plan(
        postmortem_id,
        changes,
        tuple(Twins(t, g.tickets[0]) for g in groups for t in g.tickets[1:] if t.state is State.OPEN),
        tuple(t for t in known if _orphan(t, postmortem_id) and t.ref not in kept and t.ref not in younger),
    )


def _concerns(group: TwinGroup, postmortem: str, kept: Collection[TicketRef]) -> bool:
    return any(ticket.ref in kept or (ticket.mark and ticket.mark.postmortem == postmortem) for ticket in group.tickets)


def _orphan(ticket: Ticket, postmortem: str) -> bool:
    return (
        ticket.mark is not None
        and ticket.mark.postmortem == postmortem
        and ticket.state is State.OPEN
        and not ticket.pull_request
    )


def _decide(
    index: int,
    postmortem: Postmortem,
    resolved: ResolvedItem,
    found: Recognised,
    gone: bool,
    postmortem_id: str,
    memory: Memory,
    policy: Policy,
) -> Change:
    item = postmortem.items[index]
    reference = resolved.link[0] if resolved.link else None
    change = Change(
        index,
        Action.SKIP,
        tracker=resolved.tracker,
        project=resolved.desired.project,
        item_id=found.item_id,
        reference=reference,
        notes=resolved.notes,
    )
    if gone and resolved.link:
        ref = resolved.link[1]
        why = f"links {ref.key}, which {ref.tracker} does not have or does not show us; correct or remove the link"
        return replace(change, action=Action.FAIL, reasons=(why,))
    if found.ticket is None:
        return _without_ticket(change, found, item, postmortem, postmortem_id, resolved, memory, policy)
    ticket = found.ticket
    relink = bool(reference) and _must_relink(found, resolved)
    change = replace(change, ticket=ticket, tracker=ticket.ref.tracker, project=ticket.ref.project, relink=relink)
    conflicts, wanted_state, show = _completion(item, ticket, memory, policy)
    change = replace(change, conflicts=conflicts, show_state=show)
    if found.copied_link:
        return replace(
            change,
            action=Action.FOLLOW,
            notes=(),
            reasons=("the ticket belongs to another action item; only its status is followed",),
        )
    if ticket.pull_request:
        return replace(change, action=Action.FOLLOW, notes=(), reasons=("a pull request; only its status is followed",))
    if ticket.ref.tracker != resolved.tracker:
        return replace(
            change,
            action=Action.FOLLOW,
            notes=(),
            reasons=(f"tracked in {ticket.ref.tracker}; its status is followed there",),
        )
    return _merge(change, ticket, postmortem_id, item, resolved, wanted_state)


def _must_relink(found: Recognised, resolved: ResolvedItem) -> bool:
    assert resolved.link is not None
    assert found.ticket is not None
    asked = resolved.link[1]
    return found.ticket.ref != asked


def _without_ticket(
    change: Change,
    found: Recognised,
    item: ActionItem,
    postmortem: Postmortem,
    postmortem_id: str,
    resolved: ResolvedItem,
    memory: Memory,
    policy: Policy,
) -> Change:
    if resolved.error:
        return replace(change, action=Action.FAIL, reasons=(resolved.error,))
    why = _held(change, item, postmortem, resolved, memory, policy) or _may_be(found)
    if why:
        return replace(change, reasons=(why,), waits=why == memory.held.get(change.item_id))
    desired = resolved.desired
    base = Base(desired.title, desired.assignees, desired.due, resolved.body)
    desired = replace(desired, mark=Mark(postmortem_id, change.item_id, text_digest(item.text), base))
    return replace(change, action=Action.CREATE, desired=desired, reasons=("no ticket yet",))


def _held(
    change: Change, item: ActionItem, postmortem: Postmortem, resolved: ResolvedItem, memory: Memory, policy: Policy
) -> str:
    """Why the item gets no ticket now; "" when nothing speaks against it."""
    if resolved.elsewhere:
        return f"tracked elsewhere: {resolved.elsewhere[0].text}"
    if change.item_id in memory.held:
        return memory.held[change.item_id]
    if item.state is not State.OPEN and not policy.create_closed:
        words = {State.DONE: "done", State.WONTDO: "won't do"}[item.state]
        return f"the document already says {words} (completion.create_closed = true to have a ticket all the same)"
    if item.unsure and not policy.unsure:
        return f"unsure whether it is an action item: {item.unsure} (items.unsure = true to sync such lines)"
    if "owner" in policy.require and not item.owners:
        return 'it names no owner (items.require contains "owner")'
    if "due" in policy.require and item.due_date is None:
        stated = f"; {item.due.text!r} is no certain date" if item.due and item.due.text else ""
        return f'it has no due date{stated} (items.require contains "due")'
    if postmortem.date and policy.max_age_days is not None and not policy.explicit:
        days = (policy.today - postmortem.date).days
        if days > policy.max_age_days:
            return (
                f"the postmortem is {days} days old and limits.max_age_days is {policy.max_age_days}; "
                "name it by hand with --postmortem, or pass --force"
            )
    return ""


def _may_be(found: Recognised) -> str:
    if found.maybe is None:
        return ""
    key, title = found.maybe.ref.key, found.maybe.title
    return f"it may be {key} ({title!r}) reworded; if it is, link {key} on its line, if it is not, close {key}"


def _completion(
    item: ActionItem, ticket: Ticket, memory: Memory, policy: Policy
) -> tuple[tuple[Conflict, ...], State | None, bool]:
    """(conflicts, state to give the ticket, whether to write the ticket's state into the document)."""
    if item.state is ticket.state or not item.state_stated:
        return (), None, True
    shown = memory.shown.get(ticket.ref)
    if item.state is State.OPEN:
        unticked = shown is ticket.state
        conflict = Conflict("completion", "open, changed by hand", _words(ticket.state))
        return ((conflict,), None, False) if unticked else ((), None, True)
    if ticket.state is not State.OPEN or shown is item.state:
        return (), None, True
    if policy.on_ticked == "close" and shown is State.OPEN:
        return (), item.state, True
    if policy.on_ticked == "reopen" and shown is State.OPEN:
        return (), None, True
    return (Conflict("completion", _words(item.state), "open"),), None, False


def _words(state: State) -> str:
    return {State.OPEN: "open", State.DONE: "done", State.WONTDO: "won't do"}[state]


def _merge(
    change: Change, ticket: Ticket, postmortem_id: str, item: ActionItem, resolved: ResolvedItem, state: State | None
) -> Change:
    desired = resolved.desired
    words = text_digest(item.text)
    adopting = ticket.mark is None
    base = ticket.mark.base if ticket.mark else Base(title=desired.title)
    frozen = ticket.state is not State.OPEN and state is None
    title, base_title = _title(desired, ticket, base, frozen)
    owners, owner_conflict, base_owners = _field(
        frozenset(desired.assignees), frozenset(ticket.assignees), frozenset(base.owners), frozen
    )
    due, due_conflict, base_due = _field(desired.due, ticket.due, base.due, frozen)
    body = not frozen and base.body not in ("", resolved.body)
    conflicts = list(change.conflicts)
    if owner_conflict:
        conflicts.append(Conflict("owner", ", ".join(desired.assignees), ", ".join(ticket.assignees) or "nobody"))
    if due_conflict:
        conflicts.append(Conflict("due date", str(desired.due), str(ticket.due) if ticket.due else "none"))
    new_base = Base(
        base_title,
        desired.assignees
        if base_owners == frozenset(desired.assignees) and base_owners
        else tuple(sorted(base_owners or ())),
        base_due,
        resolved.body if body else base.body,
    )
    mark = Mark(postmortem_id, change.item_id, words, new_base)
    if ticket.mark and _same_mark(ticket.mark, mark):
        mark = ticket.mark
    patch = Patch(
        mark=mark,
        title=desired.title if title else None,
        body=desired.body if body else None,
        assignees=desired.assignees if owners else None,
        due=desired.due if due else None,
        state=state,
    )
    reasons = _reasons(patch, ticket, adopting)
    change = replace(change, conflicts=tuple(conflicts), reasons=reasons)
    if adopting:
        return replace(change, action=Action.ADOPT, patch=patch, desired=desired)
    if patch.fields or mark != ticket.mark:
        return replace(change, action=Action.UPDATE, patch=patch, desired=desired)
    return replace(change, action=Action.UNCHANGED, reasons=())


def _same_mark(one: Mark, other: Mark) -> bool:
    def key(mark: Mark) -> tuple[object, ...]:
        base = mark.base
        return mark.postmortem, mark.item, mark.text, base.title, frozenset(base.owners), base.due, base.body

    return key(one) == key(other)


def _title(desired: DesiredTicket, ticket: Ticket, base: Base, frozen: bool) -> tuple[bool, str]:
    """(whether to push the title, the base's title afterwards). A ticket a person retitled keeps their title."""
    if frozen or desired.title == base.title:
        return False, base.title
    return ticket.title == base.title, desired.title


def _field(document: T, ticket: T, base: T, frozen: bool) -> tuple[bool, bool, T]:
    """Three-way merge of one field: (push, conflict, base afterwards). An empty value says nothing."""
    if frozen or not document:
        return False, False, base
    if document == ticket:
        return False, False, document
    if document == base:
        return False, False, base
    if ticket == base or (not ticket and not base):
        return True, False, document
    return False, True, base


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

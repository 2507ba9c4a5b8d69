"""(postmortem, tickets, base) -> Plan. Pure. All policy of who wins lives here; whose a ticket is says identity.py.

item                                   ticket                    decision
------------------------------------   -----------------------   -----------------------------------------
links a ticket of a configured tracker  gone or invisible         FAIL, the link is left alone
                                        another item's            FOLLOW: its status, nothing pushed
                                        a pull request            FOLLOW
                                        no mark of ours           ADOPT: mark, and what the ticket lacks
                                        ours                      three-way merge: UPDATE or UNCHANGED
links one of an unknown tracker         -                         SKIP, tracked elsewhere
no link, and a ticket is its own        ours                      three-way merge, the link is written again
no link, and a ticket may be its own    ours                      HOLD until a person has said
no link, no ticket                      -                         CREATE, unless a rule of `_held` holds it back
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sync.identity import (
    Doubt,
    Evidence,
    Held,
    Recognised,
    Relation,
    TwinGroup,
    copies,
    recognise,
    relation,
    twin_groups,
)
from sync.merge.fields import (
    FORGOTTEN,
    UNDECIDED,
    About,
    Decisions,
    Memory,
    Policy,
    ResolvedItem,
    completion,
    mark_of,
    merge,
)
from sync.model import (
    Action,
    ActionItem,
    Base,
    Change,
    Mark,
    Plan,
    Postmortem,
    State,
    Ticket,
    TicketRef,
    Twins,
)
from sync.model.names import Origin, item_id

__all__ = ["FORGOTTEN", "UNDECIDED", "Decisions", "Memory", "Policy", "ResolvedItem", "plan"]


def plan(
    origin: Origin,
    postmortem: Postmortem,
    resolved: Sequence[ResolvedItem],
    tickets: Mapping[TicketRef, Ticket | None],
    marked: Sequence[Ticket],
    memory: Memory,
    policy: Policy,
    evidence: Evidence | None = None,
    decisions: Decisions = UNDECIDED,
    touched: Collection[TicketRef] = frozenset(),
) -> Plan:
    """Decide what is to be done about each item of a published postmortem.

    Args:
        resolved: one for each item, in order.
        tickets: every linked ticket as it is now; None where it is gone.
        marked: tickets under a mark of ours that may belong to this postmortem.
        evidence: what is known of other documents; nobody else's, by default.
        touched: twins that people have commented on, edited or assigned.
    """
    linked = [tickets.get(s.link[1]) if s.link else None for s in resolved]
    pool = {ticket.ref: ticket for ticket in (*marked, *(t for t in linked if t and t.mark))}
    known = tuple(ticket for ticket in pool.values() if ticket.ref not in tickets or tickets[ticket.ref])
    evidence = evidence or Evidence()
    apart = {**evidence.apart, **{item: (ref,) for item, ref in decisions.new.items()}}
    evidence = replace(evidence, apart=apart, chosen={**evidence.chosen, **decisions.same})
    found = recognise(origin, [item.text for item in postmortem.items], linked, known, evidence)
    kept = {entry.ticket.ref for entry in found if entry.ticket}
    groups = [g for g in twin_groups(known) if _concerns(g, origin, kept)]
    twins = _sorted(groups, {t.ref for t in linked if t}, evidence.links.keys(), touched)
    found = tuple(
        replace(entry, ticket=twins.elder.get(entry.ticket.ref, entry.ticket))
        if entry.ticket and not entry.copied_link
        else entry
        for entry in found
    )
    kept |= {ticket.ref for ticket in twins.elder.values()}
    about = About(
        origin,
        postmortem,
        memory,
        policy,
        decisions,
        frozenset({item_id(origin, entry.item) for entry in found if entry.ticket or entry.held}),
        frozenset().union(*copies([*known, *(t for t in linked if t)])),
        twins.completed,
    )
    gone = [bool(s.link) and ticket is None for s, ticket in zip(resolved, linked, strict=True)]
    changes = tuple(
        _decide(about, index, one, entry, missing)
        for index, (one, entry, missing) in enumerate(zip(resolved, found, gone, strict=True))
    )
    # The younger is closed by the next run, when no document links it any more.
    elders = {ticket.ref for ticket in twins.elder.values()}
    changes = tuple(replace(c, waits=True) if c.ticket and c.ticket.ref in elders else c for c in changes)
    younger = {ticket.ref for group in groups for ticket in group.tickets[1:]}
    asked = {entry.held.ticket.ref for entry in found if entry.held}
    settled = kept | younger | asked | evidence.links.keys()
    return Plan(
        origin.name,
        changes,
        tuple(twins.twins),
        tuple(t for t in known if _orphan(t, origin) and t.ref not in settled),
        tuple(t for t in marked if t.copied and relation(t.copied, origin) is Relation.SAME and t.ref not in kept),
        tuple(pool),
    )


def _concerns(group: TwinGroup, origin: Origin, kept: Collection[TicketRef]) -> bool:
    return any(t.ref in kept or (t.mark and _is_of(t.mark, origin)) for t in group.tickets)


def _is_of(mark: Mark, origin: Origin) -> bool:
    """Whether a mark names this postmortem."""
    found = relation(mark, origin)
    return found is Relation.SAME or (mark.version < 2 and found is Relation.REUSED)


class _Sorted(NamedTuple):
    """What becomes of twins.

    Attributes:
        twins: to be closed, or to be told.
        completed: by the elder, the younger one that a person has completed.
        elder: by a younger one that only this document links, the one that it is to link instead.
    """

    twins: list[Twins]
    completed: dict[TicketRef, Ticket]
    elder: dict[TicketRef, Ticket]


def _sorted(
    groups: Sequence[TwinGroup],
    here: Collection[TicketRef],
    elsewhere: Collection[TicketRef],
    touched: Collection[TicketRef],
) -> _Sorted:
    """A younger twin is closed when no document links it and nobody has worked on it.

    One that this document links, because two runs that could not see each other wrote into it, gives its link to the
    elder first; a person's work on either of them leaves both to a person.
    """
    found = _Sorted([], {}, {})
    for group in groups:
        elder = group.tickets[0]
        for younger in group.tickets[1:]:
            if younger.state is not State.OPEN:
                found.completed.setdefault(elder.ref, younger)
            elif younger.ref in elsewhere or (younger.ref in here and {younger.ref, elder.ref} & set(touched)):
                why = f"a document links {younger.ref.key}; choose one, and close the other"
                found.twins.append(Twins(younger, elder, why))
            elif younger.ref in touched:
                why = f"somebody has worked on {younger.ref.key}; choose one, and close the other"
                found.twins.append(Twins(younger, elder, why))
            elif younger.ref in here:
                if elder.ref not in here and elder.ref not in elsewhere and elder.state is State.OPEN:
                    found.elder[younger.ref] = elder
                else:
                    why = "documents link both; choose one, and close the other"
                    found.twins.append(Twins(younger, elder, why))
            else:
                found.twins.append(Twins(younger, elder))
    return found


def _orphan(ticket: Ticket, origin: Origin) -> bool:
    return (
        ticket.mark is not None
        and _is_of(ticket.mark, origin)
        and ticket.state is State.OPEN
        and not ticket.pull_request
    )


def _decide(about: About, index: int, resolved: ResolvedItem, found: Recognised, gone: bool) -> Change:
    item = about.postmortem.items[index]
    reference = resolved.link[0] if resolved.link else None
    change = Change(
        index,
        Action.SKIP,
        tracker=resolved.tracker,
        project=resolved.desired.project,
        item=found.item,
        item_id=item_id(about.origin, found.item) if found.item else "",
        reference=reference,
        notes=resolved.notes,
    )
    if gone and resolved.link:
        ref = resolved.link[1]
        why = f"links {ref.key}, which {ref.tracker} does not have or does not show us; correct or remove the link"
        return replace(change, action=Action.FAIL, reasons=(why,))
    if found.ticket is None:
        return _without_ticket(about, change, found, item, resolved)
    ticket = found.ticket
    relink = bool(resolved.link) and resolved.link is not None and ticket.ref != resolved.link[1]
    change = replace(change, ticket=ticket, tracker=ticket.ref.tracker, project=ticket.ref.project, relink=relink)
    conflicts, wanted_state, show, say = completion(about, change, item, ticket)
    change = replace(change, conflicts=conflicts, show_state=show, say_state=say)
    if found.copied_link:
        why = "the ticket belongs to another action item; only its status is followed"
        return replace(change, action=Action.FOLLOW, notes=_whose(found), reasons=(why,))
    if ticket.pull_request:
        return replace(change, action=Action.FOLLOW, notes=(), reasons=("a pull request; only its status is followed",))
    if ticket.ref.tracker != resolved.tracker:
        return replace(
            change,
            action=Action.FOLLOW,
            notes=(),
            reasons=(f"tracked in {ticket.ref.tracker}; its status is followed there",),
        )
    return merge(about, change, ticket, item, resolved, wanted_state)


def _whose(found: Recognised) -> tuple[str, ...]:
    """What a person should know of a ticket that is only followed."""
    if found.owner is None or found.owner.seen or found.ticket is None:
        return ()
    key, name = found.ticket.ref.key, found.owner.name
    return (f"{key} was made for {name}, which cannot be read from here: only its status is followed",)


def _without_ticket(
    about: About, change: Change, found: Recognised, item: ActionItem, resolved: ResolvedItem
) -> Change:
    if resolved.error:
        return replace(change, action=Action.FAIL, reasons=(resolved.error,))
    if why := _held(item, about.postmortem, resolved, about.policy):
        return replace(change, reasons=(why,))
    if found.held:
        words = _may_be(found.held, about.origin)
        return replace(change, action=Action.HOLD, maybe=found.held.ticket, reasons=(words,))
    if why := about.memory.awaited(change.item_id, item.text, about.seen):
        return replace(change, action=Action.HOLD, reasons=(why,), waits=True)
    desired = resolved.desired
    base = Base(desired.title, desired.assignees, desired.due, resolved.body)
    desired = replace(desired, mark=mark_of(about.origin, change.item, base, ""))
    return replace(change, action=Action.CREATE, desired=desired, reasons=("no ticket yet",))


def _held(item: ActionItem, postmortem: Postmortem, resolved: ResolvedItem, policy: Policy) -> str:
    """Why the item gets no ticket now; "" when nothing speaks against it."""
    if resolved.elsewhere:
        return f"tracked elsewhere: {resolved.elsewhere[0].text}"
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


def _may_be(held: Held, origin: Origin) -> str:
    ticket = held.ticket
    place = ticket.mark.place if ticket.mark else ""
    why = {
        Doubt.REWORDED: "reworded",
        Doubt.REUSED: "of these words, which was made for a document of another title at this place",
        Doubt.MOVED: f"of these words, which was made for {place}; nobody can tell whether that was moved here",
        Doubt.LINKED: "of these words, which another document may link",
        Doubt.COPIED: "of these words, whose mark is on several tickets",
    }[held.doubt]
    return f"it may be {ticket.ref.key} ({ticket.title!r}) {why}"

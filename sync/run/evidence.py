"""What the journal and the other documents know about the tickets that may be a document's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from sync.identity import Evidence, Linker, Relation, relation
from sync.journal.journal import Checkpoint, Journal
from sync.model import Ticket, TicketRef
from sync.model.names import Origin
from sync.plan import Memory
from sync.ports import Clock, DocumentName, Tracker
from sync.run.apply import held_back
from sync.run.links import Links

RECENT = timedelta(days=14)
"""Within this time of a ticket's creation a run writes its link, however seldom runs are."""


class Recalled(NamedTuple):
    """What the journal knows of a document.

    Attributes:
        made: tickets that were made for it, and whose link is not known to have arrived.
    """

    memory: Memory
    made: frozenset[TicketRef]


def recall(
    journal: Journal,
    trackers: Mapping[str, Tracker],
    clock: Clock,
    origin: Origin,
    seen: Checkpoint | None,
    known: Sequence[Ticket],
) -> Recalled:
    """Ask the journal about a document, under every name that it may have been given there."""
    own = sorted({origin.name, origin.place, *origin.former} | ({seen.postmortem} if seen else set()))
    shown = {ref: state for name in own for ref, state in journal.shown(name).items()}
    intents = [intent for name in own for intent in journal.intents(name)]
    created = {ref for name in own for ref in journal.made_here(name)}
    nonces = {intent.nonce for intent in intents if intent.nonce}
    made = frozenset(
        ticket.ref
        for ticket in known
        if ticket.ref.without_project() not in shown
        and ((ticket.ref.tracker, ticket.ref.key) in created or (ticket.mark and ticket.mark.nonce in nonces))
    )
    memory = Memory(
        {t.ref: shown[t.ref.without_project()] for t in known if t.ref.without_project() in shown},
        held_back(intents, trackers, clock.now()),
        {intent.item: intent.title for intent in intents},
    )
    return Recalled(memory, made)


def gather(
    links: Links,
    name: DocumentName,
    origin: Origin,
    linked: Sequence[Ticket],
    marked: Sequence[Ticket],
    unlinked: bool,
    recalled: Recalled,
    now: Clock,
) -> Evidence:
    """What the other documents say; all of them are read where an item may get a ticket by it.

    Args:
        linked: tickets that this document links; marked: those whose mark names it.
        unlinked: whether it has items without a link.
    """
    mine = {ticket.ref for ticket in linked}
    free = [t for t in marked if t.mark and t.ref not in mine and relation(t.mark, origin) is not Relation.OTHER]
    complete = links.complete() if unlinked and free else True
    # Those whom a mark names are read first, so that their links count as well.
    abroad = {ticket.ref: owner for ticket in linked if (owner := _abroad(links, ticket, origin))}
    found = links.others(name, list(dict.fromkeys(ticket.ref for ticket in (*linked, *marked))))
    for ref, owner in abroad.items():
        found[ref] = (*found.get(ref, ()), owner)
    moved = {t.mark.place for t in free if t.mark and relation(t.mark, origin) is Relation.MOVED}
    return Evidence(
        links=found,
        complete=complete,
        gone={place for place in moved if links.gone(place)},
        made=recalled.made,
        recent={ticket.ref for ticket in marked if ticket.created >= now.now() - RECENT},
        prints=links.prints(name) if recalled.made else frozenset(),
    )


def _abroad(links: Links, ticket: Ticket, origin: Origin) -> Linker | None:
    mark = ticket.mark
    if mark is None or mark.place in (origin.place, *origin.former) or relation(mark, origin) is Relation.SAME:
        return None
    if mark.version > 1:
        return links.owner_abroad(mark, origin)
    source, _, rest = mark.place.removeprefix("path:").partition("/")
    known = not mark.place.startswith("path:") or links.knows(source) or rest == origin.path
    return None if known else Linker(frozenset({mark.place}), seen=False)

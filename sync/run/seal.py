"""Seals what marks on tickets are still unsealed, so that they count whichever account asks next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sync.errors import TrackerError
from sync.journal.journal import Journal
from sync.model import Patch, Ticket, TicketRef
from sync.ports import Tracker

BATCH = 50
"""Tickets that no listing shows are looked up by so many."""


@dataclass(slots=True)
class Seals:
    """What became of the marks in one tracker.

    Attributes:
        sealed: marks that were sealed now, those of version 1 among them; before: those that were sealed already.
        unmarked: tickets under our label without a mark that counts.
        failed: why a ticket, or a project, could not be done.
    """

    sealed: int = 0
    before: int = 0
    unmarked: int = 0
    failed: list[str] = field(default_factory=list)


def seal(tracker: Tracker, projects: Sequence[str], journal: Journal) -> Seals:
    """Seal every mark in these projects, and on whatever other tickets the journal knows. May be called again.

    A ticket is written as soon as it is read: what is interrupted is gone on with by the next call.
    """
    done = Seals()
    seen: set[TicketRef] = set()
    for project in projects:
        try:
            _seal(tracker, _listed(tracker, project, seen), done)
        except TrackerError as error:
            done.failed.append(f"{project or tracker.name}: {error}")
    known = [t.ref for t in journal.every_ticket() if t.ref.tracker == tracker.name and t.mark and t.ref not in seen]
    for start in range(0, len(known), BATCH):
        try:
            found = tracker.lookup(known[start : start + BATCH])
        except TrackerError as error:
            done.failed.append(str(error))
            continue
        _seal(tracker, [ticket for ticket in found.values() if ticket and ticket.ref not in seen], done)
    return done


def _listed(tracker: Tracker, project: str, seen: set[TicketRef]) -> Iterator[Ticket]:
    """Every ticket under our label, as it was when the listing began: what is written meanwhile may be shown again."""
    for ticket in list(tracker.changed(project, "").tickets):
        if ticket.ref not in seen:
            seen.add(ticket.ref)
            yield ticket


def _seal(tracker: Tracker, tickets: Iterable[Ticket], done: Seals) -> None:
    for ticket in tickets:
        if ticket.pull_request:
            continue
        if ticket.mark is None:
            done.unmarked += 1
        elif ticket.sealed:
            done.before += 1
        else:
            try:
                after = tracker.update(ticket, Patch(mark=ticket.mark)).ticket
            except TrackerError as error:
                done.failed.append(f"{ticket.ref.key}: {error}")
                continue
            if after.sealed:
                done.sealed += 1
            else:
                done.failed.append(f"{ticket.ref.key}: the mark was written, and does not read back as sealed")

"""Reminders: at most one comment on an overdue ticket in a period, whatever became of the journal.

Whether a ticket was reminded of is asked of the ticket; the journal only saves the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sync.errors import TrackerError
from sync.journal.journal import Event, Journal
from sync.model import State, Ticket, TicketRef
from sync.model.names import names_on
from sync.ports import Clock, Reminder, Tracker
from sync.report.facts import ItemFact

EVENT = "reminded"


@dataclass(frozen=True, slots=True)
class Overdue:
    """A ticket that is overdue as its tracker has it now, and what is to be done about it.

    Attributes:
        days: late.
        before: it was reminded of within the period, and is left alone.
        error: why nothing can be done.
    """

    ref: TicketRef
    title: str = ""
    due: date | None = None
    days: int = 0
    ticket: Ticket | None = None
    before: bool = False
    error: str = ""

    @property
    def wanted(self) -> bool:
        """Whether it is to be reminded of now."""
        return self.ticket is not None and not self.before and not self.error


class Reminding:
    """Reminders of one call: what is overdue, and a comment on each such ticket.

    Args:
        every: the period in which a ticket is reminded of at most once.
        today: decides what is overdue.
    """

    def __init__(self, trackers: Mapping[str, Tracker], clock: Clock, every: timedelta, today: date) -> None:
        self._trackers = trackers
        self._clock = clock
        self._every = every
        self._today = today

    def look(self, items: Iterable[ItemFact], reminded: Mapping[tuple[str, str], datetime]) -> Iterator[Overdue]:
        """What is overdue now among items that were overdue when they were last seen; nothing is written.

        Args:
            reminded: what the journal knows, by (tracker, key).
        """
        late: dict[str, dict[TicketRef, date]] = {}
        for item in items:
            if item.ours and item.state is State.OPEN and item.due and item.due < self._today:
                late.setdefault(item.tracker, {})[TicketRef(item.tracker, item.project, item.key)] = item.due
        for name, dues in sorted(late.items()):
            tracker = self._trackers.get(name)
            if tracker is None or not isinstance(tracker, Reminder):
                yield from (Overdue(ref, error=f"{name} is not configured") for ref in dues)
                continue
            try:
                found = tracker.lookup(list(dues))
            except TrackerError as error:
                yield from (Overdue(ref, error=str(error)) for ref in dues)
                continue
            for ref, due in sorted(dues.items(), key=lambda pair: (pair[1], pair[0].key)):
                if ticket := found.get(ref):
                    yield from self._one(tracker, ticket, due, reminded)

    def _one(
        self, tracker: Reminder, ticket: Ticket, recorded: date, reminded: Mapping[tuple[str, str], datetime]
    ) -> Iterator[Overdue]:
        base = ticket.mark.base.due if ticket.mark else None
        due = ticket.due or (None if base else recorded)
        if ticket.state is not State.OPEN or ticket.mark is None or due is None or due >= self._today:
            return
        since = self._clock.now() - self._every
        days = (self._today - due).days
        known = reminded.get((ticket.ref.tracker, ticket.ref.key))
        before, error = bool(known and known > since), ""
        try:
            before = before or tracker.reminded(ticket, since)
        except TrackerError as failure:
            error = str(failure)
        yield Overdue(ticket.ref, ticket.title, due, days, ticket, before, error)

    def remind(self, entry: Overdue, journal: Journal) -> str:
        """Leave the comment; answers why that failed, or "". Raises StopRun."""
        tracker = self._trackers[entry.ref.tracker]
        assert isinstance(tracker, Reminder)
        assert entry.ticket is not None
        try:
            tracker.remind(entry.ticket, words(entry, self._every))
        except TrackerError as error:
            return str(error)
        mark = entry.ticket.mark
        identity = names_on(mark)[-1] if mark else ""
        journal.record([Event(self._clock.now().timestamp(), EVENT, identity, entry.ref, {"due": str(entry.due)})])
        return ""


def words(entry: Overdue, every: timedelta) -> str:
    """What the comment says: nothing of it comes from a document."""
    ago = "yesterday" if entry.days == 1 else f"{entry.days} days ago"
    return (
        f"This action item of a postmortem was due on {entry.due}, {ago}. If it is done, close the ticket; if another"
        f" date is right, change the due date. This reminder comes at most once in {every.days} days."
    )

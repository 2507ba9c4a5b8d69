"""What changed on the trackers since the last run: one listing for each project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sync.errors import ProjectHidden, TrackerError
from sync.journal.codec import ticket_digest
from sync.journal.journal import Event, Journal
from sync.model import State, Ticket, TicketRef
from sync.model.names import names_on
from sync.ports import Clock, Tracker
from sync.run.desired import Resolver

PAGE = 200


class Unreadable(NamedTuple):
    """What cannot be read in a run, and why: trackers, and projects (tracker, name) that are hidden from us."""

    trackers: Mapping[str, str]
    projects: Mapping[tuple[str, str], str]


class Poller:
    """Reads listings into the journal's cache, and unsettles the documents whose tickets changed.

    Args:
        timed: whether the journal is to keep when each project was listed.
    """

    def __init__(
        self, trackers: Mapping[str, Tracker], resolver: Resolver, journal: Journal, clock: Clock, timed: bool = False
    ) -> None:
        self._trackers = trackers
        self._resolver = resolver
        self._journal = journal
        self._clock = clock
        self._timed = timed

    def poll(self) -> Unreadable:
        """List every project in use. Answers what could not be read."""
        down: dict[str, str] = {}
        hidden: dict[tuple[str, str], str] = {}
        for name, tracker in self._trackers.items():
            try:
                for project in self._projects(name, tracker):
                    try:
                        self._list(name, tracker, project)
                    except ProjectHidden as error:
                        hidden[name, project] = str(error)
            except TrackerError as error:
                down[name] = f"{name} could not be read: {error}"
        return Unreadable(down, hidden)

    def _projects(self, name: str, tracker: Tracker) -> list[str]:
        resolver = self._resolver
        places = [resolver.default, *resolver.overrides.values()]
        wanted = [place.project for place in places if place.tracker == name]
        default = resolver.default.tracker
        wanted += [route.project for route in resolver.routes if (route.tracker or default) == name]
        listed = [tracker.project_of(project) for project in wanted]
        return list(dict.fromkeys([*listed, *self._journal.projects(name)]))

    def _list(self, name: str, tracker: Tracker, project: str) -> None:
        began = self._clock.now().timestamp()
        listing = tracker.changed(project, self._journal.cursor(name, project))
        page: list[Ticket] = []
        for ticket in listing.tickets:
            page.append(ticket)
            if len(page) == PAGE:
                keep(self._journal, self._clock, page)
                page = []
        keep(self._journal, self._clock, page)
        self._journal.move_cursor(name, project, str(listing.cursor), began if self._timed else None)


class Digests(NamedTuple):
    """Digests of tickets as they are now, "" for one that is gone; and the trackers that failed, with the reason."""

    now: Mapping[TicketRef, str]
    down: Mapping[str, str]


def digests(trackers: Mapping[str, Tracker], refs: Iterable[TicketRef]) -> Digests:
    """Look up tickets that no listing of ours shows."""
    by_tracker: dict[str, dict[TicketRef, None]] = {}
    for ref in refs:
        if ref.tracker in trackers:
            by_tracker.setdefault(ref.tracker, {})[ref] = None
    now: dict[TicketRef, str] = {}
    down: dict[str, str] = {}
    for name, some in by_tracker.items():
        try:
            found = trackers[name].lookup(list(some))
        except TrackerError as error:
            down[name] = str(error)
            continue
        now |= {ref: ticket_digest(ticket) if (ticket := found.get(ref)) else "" for ref in some}
    return Digests(now, down)


def keep(journal: Journal, clock: Clock, tickets: Sequence[Ticket]) -> None:
    """Tickets as seen now, into the cache; what is new of them into the history, and their documents need work."""
    if not tickets:
        return
    before = journal.tickets_by_ref([ticket.ref for ticket in tickets])
    changed = [ticket for ticket in tickets if _differs(before.get(ticket.ref), ticket)]
    # The documents are unsettled before the cache is moved: a crash between must not lose the news.
    journal.unsettle(sorted({name for t in changed for name in _names(t)}), [t.ref for t in changed])
    journal.cache_tickets(changed)
    now = clock.now().timestamp()
    journal.record([event for ticket in changed for event in _news(now, before.get(ticket.ref), ticket)])


def _names(ticket: Ticket) -> tuple[str, ...]:
    mark = ticket.mark or ticket.copied
    return names_on(mark) if mark else ()


def name_of(ticket: Ticket) -> str:
    """The journal's name of the postmortem that a ticket is of, as its mark says; "" without one."""
    return names_on(ticket.mark)[-1] if ticket.mark else ""


def _news(at: float, before: Ticket | None, now: Ticket) -> list[Event]:
    found = [_completion(at, before, now)]
    if before and before.due != now.due:
        days = [str(due) if due else None for due in (before.due, now.due)]
        found.append(Event(at, "due", name_of(now), now.ref, {"due": days}))
    return [event for event in found if event]


def _completion(at: float, before: Ticket | None, now: Ticket) -> Event | None:
    if now.state is (before.state if before else State.OPEN):
        return None
    name = {State.OPEN: "reopened", State.DONE: "done", State.WONTDO: "wontdo"}[now.state]
    details = {"on": now.closed_on.isoformat() if now.closed_on else None}
    return Event(at, name, name_of(now), now.ref, details)


def _differs(before: Ticket | None, now: Ticket | None) -> bool:
    if before is None or now is None:
        return before is not now
    return ticket_digest(before) != ticket_digest(now)

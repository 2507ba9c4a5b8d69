"""Carries plans out: intent, look, create, confirm. One item's failure never stops another's."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sync.errors import OutcomeUnknown, StopRun, Throttled, TrackerError
from sync.journal.journal import Event, Intent, Journal
from sync.model import Action, Change, DesiredTicket, Mark, Outcome, Patch, Plan, State, Ticket, TicketRef
from sync.model.names import names_on
from sync.ports import Clock, Created, Tracker

CLOCK_SKEW = timedelta(minutes=10)
"""How far a tracker's clock may differ from ours when we look for what was created a moment ago."""

NONCE_BYTES = 8


@dataclass(slots=True)
class Applied:
    """What became of one plan: an outcome for each change, and what failed beside them.

    Attributes:
        stale: its document was edited, or a ticket of it came up, right before its tickets were to be made; none was.
    """

    outcomes: list[Outcome]
    errors: list[str] = field(default_factory=list)
    stale: bool = False


@dataclass(slots=True)
class _Wanted:
    """A create of one plan's change."""

    plan: int
    change: Change
    desired: DesiredTicket


@dataclass(frozen=True, slots=True)
class _Batch:
    """The creates of several plans in one project.

    Attributes:
        since: when the tickets that the plans are based on were read; known: those tickets, by the plan's number.
    """

    tracker: str
    project: str
    wanted: Sequence[_Wanted]
    since: datetime
    is_current: Callable[[int], bool]
    known: Sequence[frozenset[TicketRef]]


class Applier:
    """Writes to trackers what plans say, and to the journal what came of it, as it happens."""

    def __init__(self, trackers: Mapping[str, Tracker], journal: Journal, clock: Clock) -> None:
        self._trackers = trackers
        self._journal = journal
        self._clock = clock
        self._stopped: dict[str, str] = {}
        self._looked: dict[tuple[str, str], datetime] = {}

    def apply(
        self, plans: Sequence[Plan], since: datetime, is_current: Callable[[int], bool] = lambda number: True
    ) -> list[Applied]:
        """Carry out plans; one answer a plan, in order.

        Args:
            since: when the tickets that the plans are based on were read.
            is_current: whether the document of the plan with that number still is as it was read; asked right before
                its tickets are made.

        Raises:
            StopRun: nothing further can work; everything done so far is in the journal.
        """
        results = [Applied([]) for _ in plans]
        outcomes: list[dict[int, Outcome]] = [{} for _ in plans]
        wanted: dict[tuple[str, str], list[_Wanted]] = {}
        for number, plan in enumerate(plans):
            for change in plan.changes:
                if change.action is Action.CREATE and change.desired:
                    place = (change.tracker, change.project)
                    wanted.setdefault(place, []).append(_Wanted(number, change, change.desired))
                else:
                    outcomes[number][change.index] = self._existing(plan, change)
            for twin in plan.twins:
                error = "" if twin.kept else self._close_twin(twin.younger, twin.older)
                if error:
                    results[number].errors.append(error)
        known = [frozenset(plan.known) for plan in plans]
        for (tracker, project), some in wanted.items():
            for entry, outcome in self._create(_Batch(tracker, project, some, since, is_current, known)):
                outcomes[entry.plan][entry.change.index] = outcome
                results[entry.plan].stale |= outcome.action is Action.HOLD
        for result, found in zip(results, outcomes, strict=True):
            result.outcomes.extend(found[index] for index in sorted(found))
        return results

    def stopped(self) -> str:
        """Why no tracker makes another ticket in this run; "" while one of them does."""
        every = self._trackers.keys() <= self._stopped.keys()
        return next(iter(self._stopped.values()), "") if every else ""

    def _existing(self, plan: Plan, change: Change) -> Outcome:
        if change.patch is None or change.ticket is None:
            error = "; ".join(change.reasons) if change.action is Action.FAIL else ""
            return Outcome(change, change.action, change.ticket, error=error, notes=change.notes)
        patch = change.patch
        if patch.mark and not patch.mark.nonce:
            patch = replace(patch, mark=replace(patch.mark, nonce=secrets.token_hex(NONCE_BYTES)))
        try:
            written = self._trackers[change.tracker].update(change.ticket, patch)
        except TrackerError as error:
            return Outcome(change, Action.FAIL, change.ticket, error=str(error), notes=change.notes)
        self._journal.cache_tickets([written.ticket])
        self._note_update(plan.postmortem, change.ticket, change.patch, change.action)
        notes = (*change.notes, *_dropped(written.dropped))
        if change.patch.state not in (None, written.ticket.state):
            words = f"{written.ticket.ref.key} is ticked in the document, and the tracker did not close it."
            return Outcome(change, Action.FAIL, written.ticket, written=True, error=words, notes=notes)
        return Outcome(change, change.action, written.ticket, written=True, notes=notes)

    def _note_update(self, postmortem: str, before: Ticket, patch: Patch, action: Action) -> None:
        details: dict[str, object] = {"fields": list(patch.fields)}
        if patch.due is not None:
            details["due"] = [str(before.due) if before.due else None, str(patch.due)]
        name = "adopted" if action is Action.ADOPT else "updated"
        self._journal.record([Event(self._clock.now().timestamp(), name, postmortem, before.ref, details)])

    def _close_twin(self, younger: Ticket, older: Ticket) -> str:
        patch = Patch(state=State.WONTDO, duplicate_of=older.ref.key)
        try:
            written = self._trackers[younger.ref.tracker].update(younger, patch)
        except TrackerError as error:
            return f"{younger.ref.key} is a duplicate of {older.ref.key} and could not be closed: {error}"
        self._journal.cache_tickets([written.ticket])
        return ""

    def _create(self, batch: _Batch) -> list[tuple[_Wanted, Outcome]]:
        tracker_name, project, wanted = batch.tracker, batch.project, batch.wanted
        if why := self._stopped.get(tracker_name, ""):
            return [(entry, _failed(entry.change, why)) for entry in wanted]
        tracker = self._trackers[tracker_name]
        places = sorted({entry.desired.mark.place for entry in wanted})
        begun = self._clock.now()
        earliest = min([self._looked.get((tracker_name, project), batch.since), *self._earlier(wanted)])
        self._looked[tracker_name, project] = begun
        for entry in wanted:
            entry.desired = replace(
                entry.desired, mark=replace(entry.desired.mark, nonce=secrets.token_hex(NONCE_BYTES))
            )
        self._journal.intend([_intent(tracker_name, project, entry, begun) for entry in wanted])
        left = list(wanted)
        done: list[tuple[_Wanted, Outcome]] = []
        try:
            margin = CLOCK_SKEW + timedelta(seconds=tracker.settle_seconds)
            self._look(batch, tracker.marked(project, places, earliest - margin), left, done)
            self._drop_stale(batch, left, done, tracker.batch_size)
            while left and tracker_name not in self._stopped:
                some = left[: tracker.batch_size]
                answers = tracker.create([entry.desired for entry in some])
                left = left[len(some) :]
                done.extend(self._concluded(tracker_name, project, some, answers))
                self._drop_stale(batch, left, done, tracker.batch_size)
        except TrackerError as error:
            done.extend((entry, _failed(entry.change, str(error))) for entry in left)
        except StopRun:
            self._journal.conclude(tracker_name, project, [entry.change.item_id for entry in left])
            raise
        else:
            why = self._stopped.get(tracker_name, "")
            done.extend((entry, _failed(entry.change, why)) for entry in left)
        self._journal.conclude(tracker_name, project, [entry.change.item_id for entry in left])
        return done

    def _look(
        self, batch: _Batch, marked: Sequence[Ticket], left: list[_Wanted], done: list[tuple[_Wanted, Outcome]]
    ) -> None:
        """What somebody else has made since the plan: an item's ticket, or one that may be it under other words."""
        for ticket in marked:
            mark = ticket.mark
            if mark is None or ticket.duplicate_of:
                continue
            theirs = [e for e in left if e.desired.mark.place == mark.place and ticket.ref not in batch.known[e.plan]]
            exact = next((entry for entry in theirs if _is_for(mark, entry.desired.mark)), None)
            if exact:
                left.remove(exact)
                done.append((exact, self._found(exact, ticket)))
            elif theirs:
                # The document is planned anew with it.
                self._journal.cache_tickets([ticket])
                numbers = {entry.plan for entry in theirs if mark.print == entry.desired.mark.print}
                self._set_aside([entry for entry in left if entry.plan in numbers], batch, left, done)

    def _drop_stale(self, batch: _Batch, left: list[_Wanted], done: list[tuple[_Wanted, Outcome]], size: int) -> None:
        """No ticket for words that a person has changed since they were read: looks at what the next create carries."""
        checked: dict[int, bool] = {}
        while new := dict.fromkeys(entry.plan for entry in left[:size] if entry.plan not in checked):
            checked |= {number: batch.is_current(number) for number in new}
            self._set_aside([entry for entry in left if not checked.get(entry.plan, True)], batch, left, done)

    def _set_aside(
        self, entries: Sequence[_Wanted], batch: _Batch, left: list[_Wanted], done: list[tuple[_Wanted, Outcome]]
    ) -> None:
        if entries:
            self._journal.conclude(batch.tracker, batch.project, [entry.change.item_id for entry in entries])
        for entry in entries:
            left.remove(entry)
            why = "the document was edited, or a ticket of it came up, while it was being worked on"
            change = replace(entry.change, action=Action.HOLD, reasons=(why,), waits=True)
            done.append((entry, Outcome(change, Action.HOLD, None, notes=entry.change.notes)))

    def _earlier(self, wanted: Sequence[_Wanted]) -> list[datetime]:
        """When creates with an unknown outcome were begun, so that the look reaches back to them."""
        now = self._clock.now()
        names = sorted({names_on(entry.desired.mark)[-1] for entry in wanted})
        begun = [intent.begun_at for name in names for intent in self._journal.intents(name)]
        return [datetime.fromtimestamp(min(at, now.timestamp()), tz=now.tzinfo) for at in begun]

    def _found(self, entry: _Wanted, ticket: Ticket) -> Outcome:
        self._journal.cache_tickets([ticket])
        self._journal.conclude(entry.change.tracker, entry.change.project, [entry.change.item_id])
        return Outcome(entry.change, Action.UPDATE, ticket, notes=(*entry.change.notes, "its ticket was there already"))

    def _concluded(
        self, tracker: str, project: str, batch: Sequence[_Wanted], answers: Sequence[Created]
    ) -> list[tuple[_Wanted, Outcome]]:
        done: list[tuple[_Wanted, Outcome]] = []
        known: list[str] = []
        tickets: list[Ticket] = []
        for entry, answer in zip(batch, answers, strict=True):
            if answer.written:
                tickets.append(answer.written.ticket)
                notes = (*entry.change.notes, *_dropped(answer.written.dropped))
                outcome = Outcome(entry.change, Action.CREATE, answer.written.ticket, written=True, notes=notes)
            else:
                error = answer.error or OutcomeUnknown("the tracker did not answer")
                if isinstance(error, Throttled):
                    self._stopped[tracker] = f"{error} The next run goes on from here."
                outcome = _failed(entry.change, _explained(error))
            if not isinstance(answer.error, OutcomeUnknown):
                known.append(entry.change.item_id)
            done.append((entry, outcome))
        self._journal.cache_tickets(tickets)
        self._journal.conclude(tracker, project, known)
        self._journal.record([self._created(ticket) for ticket in tickets])
        return done

    def _created(self, ticket: Ticket) -> Event:
        mark = ticket.mark
        details = {
            "title": ticket.title,
            "owners": list(ticket.assignees),
            "due": str(ticket.due) if ticket.due else None,
        }
        return Event(self._clock.now().timestamp(), "created", names_on(mark)[-1] if mark else "", ticket.ref, details)


def held_back(intents: Sequence[Intent], trackers: Mapping[str, Tracker], now: datetime) -> dict[str, str]:
    """Items whose create has an unknown outcome and whose tracker may not show it yet, with the words for it."""
    held: dict[str, str] = {}
    for intent in intents:
        tracker = trackers.get(intent.tracker)
        left = tracker.settle_seconds - abs(now.timestamp() - intent.begun_at) if tracker else 0.0
        if left > 0:
            held[intent.item] = (
                f"an earlier create of {intent.title!r} has an unknown outcome; it is looked for in {intent.tracker}"
                f" for {left:.0f} more seconds before it is tried again"
            )
    return held


def _intent(tracker: str, project: str, entry: _Wanted, begun: datetime) -> Intent:
    mark = entry.desired.mark
    name, title = names_on(mark)[-1], entry.desired.title
    return Intent(tracker, project, entry.change.item_id, name, begun.timestamp(), title, mark.nonce)


def _is_for(mark: Mark, wanted: Mark) -> bool:
    return (mark.place, mark.print, mark.id, mark.item) == (wanted.place, wanted.print, wanted.id, wanted.item)


def _failed(change: Change, why: str) -> Outcome:
    return Outcome(change, Action.FAIL, None, error=why, notes=change.notes)


def _explained(error: TrackerError) -> str:
    if isinstance(error, OutcomeUnknown):
        return f"{error} The ticket may exist: it is looked for before anything is created again."
    return str(error)


def _dropped(dropped: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"the tracker left out: {words}" for words in dropped)

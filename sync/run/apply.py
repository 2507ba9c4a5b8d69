"""Carries plans out: intent, look, create, confirm. One item's failure never stops another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync.errors import OutcomeUnknown, StopRun, Throttled, TrackerError
from sync.journal.journal import Event, Intent, Journal
from sync.model import Action, Change, DesiredTicket, Outcome, Patch, Plan, State, Ticket
from sync.ports import Clock, Created, Tracker

CLOCK_SKEW = timedelta(minutes=10)
"""How far a tracker's clock may differ from ours when we look for what was created a moment ago."""


@dataclass(slots=True)
class Applied:
    """What became of one plan: an outcome for each change, and what failed beside them."""

    outcomes: list[Outcome]
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Wanted:
    """A create of one plan's change."""

    plan: int
    change: Change
    desired: DesiredTicket


class Applier:
    """Writes to trackers what plans say, and to the journal what came of it, as it happens."""

    def __init__(self, trackers: Mapping[str, Tracker], journal: Journal, clock: Clock) -> None:
        self._trackers = trackers
        self._journal = journal
        self._clock = clock
        self._stopped: dict[str, str] = {}
        self._looked: dict[tuple[str, str], datetime] = {}

    def apply(self, plans: Sequence[Plan], since: datetime) -> list[Applied]:
        """Carry out plans; one answer a plan, in order.

        Args:
            since: when the tickets that the plans are based on were read.

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
                error = self._close_twin(twin.younger, twin.older)
                if error:
                    results[number].errors.append(error)
        for (tracker, project), some in wanted.items():
            for entry, outcome in self._create(tracker, project, some, since):
                outcomes[entry.plan][entry.change.index] = outcome
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
        try:
            written = self._trackers[change.tracker].update(change.ticket, change.patch)
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

    def _create(
        self, tracker_name: str, project: str, wanted: Sequence[_Wanted], since: datetime
    ) -> list[tuple[_Wanted, Outcome]]:
        if why := self._stopped.get(tracker_name, ""):
            return [(entry, _failed(entry.change, why)) for entry in wanted]
        tracker = self._trackers[tracker_name]
        postmortems = sorted({entry.desired.mark.postmortem for entry in wanted})
        begun = self._clock.now()
        earliest = min([self._looked.get((tracker_name, project), since), *self._earlier(postmortems)])
        self._looked[tracker_name, project] = begun
        self._journal.intend([_intent(tracker_name, project, entry.desired, begun) for entry in wanted])
        left = list(wanted)
        done: list[tuple[_Wanted, Outcome]] = []
        try:
            margin = CLOCK_SKEW + timedelta(seconds=tracker.settle_seconds)
            known = {t.mark.item: t for t in tracker.marked(project, postmortems, earliest - margin) if t.mark}
            for entry in [e for e in wanted if e.desired.mark.item in known]:
                left.remove(entry)
                done.append((entry, self._found(entry, known[entry.desired.mark.item])))
            while left and tracker_name not in self._stopped:
                batch = left[: tracker.batch_size]
                answers = tracker.create([entry.desired for entry in batch])
                left = left[len(batch) :]
                done.extend(self._concluded(tracker_name, project, batch, answers))
        except TrackerError as error:
            done.extend((entry, _failed(entry.change, str(error))) for entry in left)
        except StopRun:
            self._journal.conclude(tracker_name, project, [entry.desired.mark.item for entry in left])
            raise
        else:
            why = self._stopped.get(tracker_name, "")
            done.extend((entry, _failed(entry.change, why)) for entry in left)
        self._journal.conclude(tracker_name, project, [entry.desired.mark.item for entry in left])
        return done

    def _earlier(self, postmortems: Sequence[str]) -> list[datetime]:
        """When creates with an unknown outcome were begun, so that the look reaches back to them."""
        now = self._clock.now()
        begun = [intent.begun_at for postmortem in postmortems for intent in self._journal.intents(postmortem)]
        return [datetime.fromtimestamp(min(at, now.timestamp()), tz=now.tzinfo) for at in begun]

    def _found(self, entry: _Wanted, ticket: Ticket) -> Outcome:
        self._journal.cache_tickets([ticket])
        self._journal.conclude(entry.change.tracker, entry.change.project, [entry.desired.mark.item])
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
                known.append(entry.desired.mark.item)
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
        return Event(self._clock.now().timestamp(), "created", mark.postmortem if mark else "", ticket.ref, details)


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


def _intent(tracker: str, project: str, desired: DesiredTicket, begun: datetime) -> Intent:
    return Intent(tracker, project, desired.mark.item, desired.mark.postmortem, begun.timestamp(), desired.title)


def _failed(change: Change, why: str) -> Outcome:
    return Outcome(change, Action.FAIL, None, error=why, notes=change.notes)


def _explained(error: TrackerError) -> str:
    if isinstance(error, OutcomeUnknown):
        return f"{error} The ticket may exist: it is looked for before anything is created again."
    return str(error)


def _dropped(dropped: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"the tracker left out: {words}" for words in dropped)

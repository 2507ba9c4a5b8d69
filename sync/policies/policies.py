"""How soon an action item has an owner, a due date and an end: the policies of a team, and what keeps to them. Pure.

Days count from the day of the postmortem, which itself is not counted. Of each kind of deadline an item has one: that
of the first policy that matches it and states one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase

from sync.model import State
from sync.policies.days import Calendar, Within
from sync.policies.severity import fold


class Kind(StrEnum):
    """What a deadline is for: that somebody owns the item, how late its due date may be, that it is done."""

    ASSIGNED = "assigned"
    DUE = "due"
    DONE = "done"


class Judgement(StrEnum):
    """How an item stands to a deadline. RUNNING: there is still time. UNKNOWN: a day is missing that would tell."""

    KEPT = "kept"
    BROKEN = "broken"
    RUNNING = "running"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Subject:
    """What policies look at in an item and its postmortem; "" for what is not stated."""

    severity: str = ""
    service: str = ""
    team: str = ""
    labels: tuple[str, ...] = ()
    priority: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Patterns (`*`, `?`) by field. Of a field one must fit, and every field that has patterns must fit.

    A severity fits however it is spelled: `1` fits SEV1, SEV-1, sev 1 and P1.
    """

    severity: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    type: tuple[str, ...] = ()

    def fits(self, subject: Subject) -> bool:
        """Whether the item is one that the policy is for."""
        return (
            _one(tuple(map(fold, self.severity)), [subject.severity, fold(subject.severity)])
            and _one(self.service, [subject.service])
            and _one(self.team, [subject.team])
            and _one(self.label, subject.labels)
            and _one(self.priority, [subject.priority])
            and _one(self.type, [subject.type])
        )


@dataclass(frozen=True, slots=True)
class DeadlinePolicy:
    """One of `[[policies]]`.

    Attributes:
        name: how reports call it.
        assigned, due, done: within which time; None where it states none.
        fills_due: whether an item without a due date gets that of `due`.
        calendar: which days are working days.
    """

    name: str
    match: Match = Match()
    assigned: Within | None = None
    due: Within | None = None
    done: Within | None = None
    fills_due: bool = False
    calendar: Calendar = field(default_factory=Calendar)

    def period(self, kind: Kind) -> Within | None:
        """The time that it gives for one kind of deadline."""
        return {Kind.ASSIGNED: self.assigned, Kind.DUE: self.due, Kind.DONE: self.done}[kind]


@dataclass(frozen=True, slots=True)
class Deadline:
    """What a policy asks of one item.

    Attributes:
        by: the last day; None where nobody knows the day to count from.
    """

    policy: DeadlinePolicy
    kind: Kind
    by: date | None

    @property
    def within(self) -> Within:
        """The time from the day of the postmortem."""
        period = self.policy.period(self.kind)
        assert period is not None
        return period


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of an item when it is judged.

    Attributes:
        owned: whether anybody owns it.
        due: its due date; closed_on None while it is open, or where nobody knows the day.
    """

    state: State
    owned: bool
    due: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies, in the order of the settings."""

    entries: tuple[DeadlinePolicy, ...] = ()

    def deadlines(self, subject: Subject, start: date | None) -> tuple[Deadline, ...]:
        """What is asked of an item: at most one deadline of each kind.

        Args:
            start: the day to count from.
        """
        mine = [policy for policy in self.entries if policy.match.fits(subject)]
        return tuple(one for kind in Kind for one in _first(mine, kind, start))

    def filled(self, subject: Subject, start: date | None) -> Deadline | None:
        """The due date that an item without one gets, and by which policy; None where no policy gives any."""
        for one in self.deadlines(subject, start):
            if one.kind is Kind.DUE and one.policy.fills_due and one.by:
                return one
        return None


def judge(deadline: Deadline, item: Progress, today: date) -> Judgement | None:
    """How an item stands to a deadline; None where there is nothing to judge: it won't be done."""
    by = deadline.by
    if item.state is State.WONTDO:
        return None
    if by is None:
        return Judgement.UNKNOWN
    is_open = item.state is State.OPEN
    if deadline.kind is Kind.ASSIGNED:
        if item.owned:
            return Judgement.KEPT
        return (Judgement.BROKEN if today > by else Judgement.RUNNING) if is_open else Judgement.UNKNOWN
    if item.closed_on and not is_open and item.closed_on <= by:
        return Judgement.KEPT
    if deadline.kind is Kind.DUE:
        if item.due:
            return Judgement.KEPT if item.due <= by else Judgement.BROKEN
        return Judgement.UNKNOWN if not is_open and item.closed_on is None else Judgement.BROKEN
    if is_open:
        return Judgement.BROKEN if today > by else Judgement.RUNNING
    return Judgement.BROKEN if item.closed_on else Judgement.UNKNOWN


def _first(policies: Iterable[DeadlinePolicy], kind: Kind, start: date | None) -> Iterable[Deadline]:
    for policy in policies:
        if period := policy.period(kind):
            yield Deadline(policy, kind, _end(policy.calendar, start, period))
            return


def _end(calendar: Calendar, start: date | None, period: Within) -> date | None:
    try:
        return calendar.after(start, period) if start else None
    except OverflowError:
        return None  # a document may state any year


def _one(patterns: tuple[str, ...], values: Iterable[str]) -> bool:
    said = [" ".join(value.split()).casefold() for value in values if value]
    return not patterns or any(fnmatchcase(value, pattern.casefold()) for value in said for pattern in patterns)
